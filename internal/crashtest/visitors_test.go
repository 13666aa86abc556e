package crashtest

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// TestSlowAndIdleVisitorsKeepNobodyWaiting is fault row 35: connections that send a header or a form drop by drop, and many that say nothing.
func TestSlowAndIdleVisitorsKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	h := openHouse(t, matrix.Of(t, 35), func() string { return url }, "FRONTDESK_DATABASE_URL="+url, "FRONTDESK_DATA_DIR="+t.TempDir())
	const slow = 50
	idle := 300
	begins := []string{"GET /tickets HTTP/1.1\r\nHost: desk\r\nX-Slow: "}
	if alone() { // a form may take half a minute
		idle = 10_000
		begins = append(begins, "POST /sign-in HTTP/1.1\r\nHost: desk\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nemail=")
	}
	for range idle {
		h.visitor("")
	}
	var cut sync.WaitGroup
	longest := make(chan time.Duration, slow*len(begins))
	for range slow {
		for _, begin := range begins {
			c := h.visitor(begin)
			cut.Go(func() { longest <- drip(c) })
		}
	}
	var took []time.Duration
	for range 200 {
		code, _, d := h.get("/tickets")
		if code != http.StatusOK {
			t.Errorf("the list answers %d", code)
		}
		took = append(took, d)
	}
	slices.Sort(took)
	cut.Wait()
	close(longest)
	var most time.Duration
	for d := range longest {
		most = max(most, d)
	}
	p99 := took[len(took)*99/100]
	h.row.Injected("%d visitors that send a header or a form byte by byte, %d that say nothing", slow*len(begins), idle)
	h.row.Counted("the slow are cut off after %s at the latest; the list meanwhile: half in %s, 99 of 100 in %s", most.Round(time.Second), took[100].Round(time.Millisecond), p99.Round(time.Millisecond))
	if late(p99, 300*time.Millisecond) {
		t.Error("pages were slow")
	}
	h.work(5)
	h.recovers()
}

// visitor is a connection that begins like this.
func (h *house) visitor(begin string) net.Conn {
	h.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.address, "http://"))
	h.ok(err)
	h.Cleanup(func() { c.Close() })
	_, err = io.WriteString(c, begin)
	h.ok(err)
	return c
}

// drip sends a byte now and then until the other side has had enough, and tells how long that took; five minutes at most.
func drip(c net.Conn) time.Duration {
	began := time.Now()
	gone := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, c); close(gone) }()
	for beat := time.Tick(200 * time.Millisecond); time.Since(began) < 5*time.Minute; {
		select {
		case <-gone:
			return time.Since(began)
		case <-beat:
			if _, err := c.Write([]byte("x")); err != nil {
				return time.Since(began)
			}
		}
	}
	return time.Since(began)
}

// spools tells whether the process has a file open that is still coming.
func (h *house) spools() bool {
	open, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", h.cmd.Process.Pid))
	return slices.ContainsFunc(open, func(fd string) bool {
		to, _ := os.Readlink(fd)
		return strings.Contains(to, "/spool-")
	})
}

// TestAnUploadUnderWayIsTakenBeforeTheEnd is fault row 30: the process is told to stop while a file arrives.
func TestAnUploadUnderWayIsTakenBeforeTheEnd(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	h := openHouse(t, matrix.Of(t, 30), func() string { return url }, "FRONTDESK_DATABASE_URL="+url, "FRONTDESK_DATA_DIR="+t.TempDir())
	ticket := h.ask(`SELECT min(id) FROM ticket`)
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, fmt.Sprintf("%s/tickets/%d/drafts/reply/files", h.address, ticket), read)
	h.ok(err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	answered := make(chan error, 1)
	go func() {
		a, err := h.browser.Do(req)
		if err == nil {
			a.Body.Close()
			if a.StatusCode >= 400 {
				err = errors.New(a.Status)
			}
		}
		answered <- err
	}()
	part, err := form.CreateFormFile("file", "photo.jpg")
	h.ok(err)
	chunk := make([]byte, 256<<10)
	const chunks = 8
	for i := range chunks {
		_, err := part.Write(chunk)
		h.ok(err)
		if i == chunks/2 {
			until(t, "the upload has begun to arrive", h.spools)
			h.ok(h.cmd.Process.Signal(syscall.SIGTERM))
			until(t, "the process says that it stops", func() bool { return strings.Contains(h.log(), "stopping") })
		}
	}
	h.ok(form.Close())
	h.ok(write.Close())
	h.ok(<-answered)
	h.stop()
	size, err := pg.List[int64](t.Context(), h.db, `SELECT size FROM draft_file`)
	h.ok(err)
	h.row.Injected("SIGTERM in the middle of an upload")
	h.row.Counted("answered, %d file of %d bytes of %d", len(size), append(size, 0)[0], chunks*len(chunk))
	if len(size) != 1 || size[0] != int64(chunks*len(chunk)) {
		t.Errorf("the draft has files of %v bytes, want one of %d", size, chunks*len(chunk))
	}
}
