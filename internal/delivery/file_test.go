package delivery

import (
	"bytes"
	"context"
	"io"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"frontdesk/internal/blob"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// file is an attachment of a letter; its bytes are n numbers in a row.
type file struct {
	name, kind string
	n          int
}

func (f file) reader() io.Reader {
	one := make([]byte, 251)
	for i := range one {
		one[i] = byte(i)
	}
	return io.LimitReader(&endless{one: one}, int64(f.n))
}

type endless struct {
	one []byte
	at  int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.one[e.at:])
	e.at = (e.at + n) % len(e.one)
	return n, nil
}

// attach gives the message of a letter its files.
func (d *desk) attach(letter int64, files ...file) {
	d.Helper()
	for i, f := range files {
		s, err := blob.Spool(d.TempDir(), f.reader())
		if err != nil {
			d.Fatal(err)
		}
		d.must(func(tx *pg.Tx) error {
			id, err := blob.Put(d.Context(), tx, s)
			if err == nil {
				d.exec(tx, `INSERT INTO message_file (message_id, blob_id, name, type, size, position) SELECT message_id, $2, $3, $4, $5, $6 FROM outbox WHERE id = $1`,
					letter, id, f.name, f.kind, f.n, i+1)
			}
			return err
		})
		s.Close()
	}
}

func TestFilesArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	files := []file{{"Zdjęcie stłuczonej lampy.jpg", "image/jpeg", 120_001}, {"Prüfbericht – März.pdf", "application/pdf", 3 << 20}, {"leer.txt", "text/plain", 0}, {`"odd"; name.bin`, "nonsense", 57}}
	check := func(t *testing.T, raw []byte) {
		t.Helper()
		e, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil || len(e.Attachments) != len(files) {
			t.Fatalf("%d files, %v", len(e.Attachments), err)
		}
		for i, f := range files {
			want, _ := io.ReadAll(f.reader())
			if a := e.Attachments[i]; a.FileName != f.name || !bytes.Equal(a.Content, want) {
				t.Errorf("%q came as %q with %d of %d bytes", f.name, a.FileName, len(a.Content), f.n)
			}
		}
		for _, line := range bytes.Split(raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsFunc(line, func(c rune) bool { return c > 126 }) {
				t.Fatalf("a line some server would refuse: %.100q", line)
			}
		}
	}
	t.Run("at the sink", func(t *testing.T) {
		t.Parallel()
		sink := mailworld.StartSink(t)
		d := atSink(t, sink)
		id := d.put(alice)
		d.attach(id, files...)
		d.once(d.sender())
		if v := d.delivery(id); v.State != outbox.Sent {
			t.Fatalf("%+v", v)
		}
		check(t, sink.Ledger()[0].Raw)
	})
	t.Run("in the customer's mailbox and in Sent", func(t *testing.T) {
		t.Parallel()
		w := mailworld.Start(t, mailworld.Options{})
		d := inWorld(t, w, mailbox.SentAppend)
		id := d.put(alice)
		d.attach(id, files...)
		d.once(d.sender())
		for account, folder := range map[string]string{alice: "INBOX", support: "Sent"} {
			check(t, bytes.ReplaceAll(bytes.ReplaceAll(d.inbox(w, account, folder, 1)[0].Raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n")))
		}
	})
}

// Not parallel, for it watches the memory of the whole process.
func TestALetterOfTwentyMegabytesIsNotHeld(t *testing.T) {
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	id := d.put(alice)
	d.attach(id, file{"film.mp4", "video/mp4", 20 << 20})
	s := d.sender()
	s.prepare()
	lease, err := s.claim(t.Context(), d.mailbox, 1)
	if err != nil || len(lease) != 1 {
		t.Fatal(lease, err)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	debug.FreeOSMemory()
	before := objects()
	peak := watched(func() {
		made, err := s.compose(t.Context(), lease)
		if err != nil || len(made) != 1 || made[0].size < 27<<20 {
			t.Error(made, err)
		}
		closeAll(made)
	})
	if most := before + before/2 + 8<<20; peak > most {
		t.Errorf("%d MB of memory were in use, %d MB before", peak>>20, before>>20)
	}
}

func objects() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// watched is the most memory in use while do ran.
func watched(do func()) (peak uint64) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			peak = max(peak, objects())
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	do()
	close(stop)
	wg.Wait()
	return peak
}

// A file that cannot be read now is no fault of its letter.
func TestALetterWaitsForADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	id := d.put(alice)
	d.attach(id, file{"a.bin", "", 3 << 20})
	s := d.sender()
	s.prepare()
	lease, err := s.claim(t.Context(), d.mailbox, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	source, err := ticket.Letters(ctx, d.db, []int64{id}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	x := letter{Lease: lease[0]}
	if err := s.make(&x, source[id]); !pg.Down(err) {
		t.Errorf("it is taken for the letter's fault: %v", err)
	}
	if _, err := s.compose(ctx, lease); err == nil {
		t.Error("it was made all the same")
	}
	if v := d.delivery(id); v.State != outbox.Leased {
		t.Errorf("%+v", v)
	}
	if err := s.release(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	d.once(s)
	if v := d.delivery(id); v.State != outbox.Sent || len(sink.Ledger()) != 1 {
		t.Errorf("%+v", v)
	}
}
