package intake

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// late is a reader or writer that stalls first.
type late struct {
	r     io.Reader
	w     io.Writer
	stall time.Duration
}

func (l late) Read(p []byte) (int, error)  { <-time.After(l.stall); return l.r.Read(p) }
func (l late) Write(p []byte) (int, error) { <-time.After(l.stall); return l.w.Write(p) }

// spared is a child that a watch has ended or not.
type spared struct{ ended bool }

func (s *spared) kill()       { s.ended = true }
func (*spared) memory() int64 { return 0 }

// In these the time is that of a bubble: nobody waits for it.

func TestASlowDatabaseIsNotTheMailsFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		database, child time.Duration
		want            error
	}{
		"database": {database: time.Hour},
		"child":    {child: maxParse + time.Second, want: errTimeout},
	} {
		synctest.Test(t, func(t *testing.T) {
			raw := []byte("From: a@b.test\r\n\r\nhello\r\n")
			toChild, fromUs := io.Pipe()
			toUs, fromChild := io.Pipe()
			p := &process{in: fromUs, out: bufio.NewReader(toUs)}
			p.heads = gob.NewDecoder(&p.head)
			go func() {
				got, err := readFrame(toChild, maxRequest)
				<-time.After(c.child)
				if err == nil {
					var head bytes.Buffer
					err = answer(bufio.NewWriter(fromChild), gob.NewEncoder(&head), &head, understand(got[1:], false))
				}
				fromChild.CloseWithError(err)
			}()
			child := &spared{}
			w := watchOver(t.Context(), child, maxParse)
			_, _, err := p.parse(t.TempDir(), late{r: bytes.NewReader(raw), stall: c.database}, int64(len(raw)), asMail, w)
			if why := w.stop(); err != nil || !errors.Is(why, c.want) || child.ended != (c.want != nil) {
				t.Errorf("a slow %s: %v, %v, ended %v", name, why, err, child.ended)
			}
		})
	}
}

func TestASlowDiskIsNotTheMailsFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		child := &spared{}
		w := watchOver(t.Context(), child, maxParse)
		for range 3 {
			if _, err := (sink{late{w: io.Discard, stall: maxParse}, w.pause}).Write([]byte("a file")); err != nil {
				t.Error(err)
			}
		}
		if why := w.stop(); why != nil || child.ended {
			t.Errorf("the file was slow to write, and the child was ended: %v", why)
		}
	})
}
