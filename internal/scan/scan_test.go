package scan_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/clamd"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/flow"
	"frontdesk/internal/pg"
	"frontdesk/internal/scan"
	"frontdesk/internal/ticket"
)

// One clamd serves all tests of this package.
var (
	dir     string
	shared  *mailworld.Clamd
	failure error
	once    sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	shared.Stop()
	os.RemoveAll(dir)
	os.Exit(code)
}

func real(t *testing.T) clamd.Client {
	t.Helper()
	once.Do(func() {
		if dir, failure = os.MkdirTemp("", "clamd-"); failure == nil {
			shared, failure = mailworld.RunClamd(dir)
		}
	})
	if errors.Is(failure, mailworld.ErrNoClamd) {
		t.Skip(failure)
	}
	if failure != nil {
		t.Fatal(failure)
	}
	return clamd.Client{Network: "unix", Address: shared.Socket}
}

// desk is a company with a scanner.
type desk struct {
	*fixture.Desk
	scan *scan.Scanner
	said *bytes.Buffer
}

func open(t *testing.T, c clamd.Client) *desk {
	t.Helper()
	d := &desk{Desk: fixture.New(t), said: &bytes.Buffer{}}
	d.scan = &scan.Scanner{DB: d.DB, Clamd: c, Log: slog.New(slog.NewTextHandler(d.said, nil))}
	return d
}

// mail opens a ticket by a mail with these files, which wait for their check.
func (d *desk) mail(files ...[]byte) ticket.Landed {
	d.Helper()
	m := d.Mail("ann@customer.test", "Invoice", "See attachment")
	m.Unchecked = true
	var l ticket.Landed
	d.Tx(func(tx *pg.Tx) error {
		m.Files = nil
		for i, f := range files {
			id, err := blob.Put(d.Context(), tx, blob.Bytes(f))
			if err != nil {
				return err
			}
			m.Files = append(m.Files, ticket.IncomingFile{BlobID: id, Name: "file" + string(rune('1'+i)) + ".txt", Type: "text/plain", Size: int64(len(f))})
		}
		var err error
		l, err = ticket.Open(d.Context(), tx, m, ticket.Place{QueueID: d.Inbox})
		return err
	})
	return l
}

// pass checks until nothing more can be, and answers how many were in hand.
func (d *desk) pass() (all int) {
	d.Helper()
	for {
		n, err := d.scan.Once(d.Context())
		if err != nil {
			d.Fatal(err)
		}
		if all += n; n == 0 {
			return all
		}
	}
}

// found are the files of a ticket as an agent's card has them.
func (d *desk) found(l ticket.Landed) (all []ticket.Found) {
	d.Helper()
	for _, f := range d.Card(d.Agent, l.TicketID).Files {
		all = append(all, f.Found)
	}
	return all
}

func (d *desk) told(l ticket.Landed) (all []event.Row) {
	d.Helper()
	for _, e := range d.Card(d.Agent, l.TicketID).Events {
		if e.Kind == event.FileInfected || e.Kind == event.FileUnchecked {
			all = append(all, e)
		}
	}
	return all
}

func (d *desk) is(l ticket.Landed, want ...ticket.Found) {
	d.Helper()
	if got := d.found(l); !slices.Equal(got, want) {
		d.Errorf("files are %q, want %q", got, want)
	}
}

func TestAnInfectedFileIsKeptMarkedAndTold(t *testing.T) {
	t.Parallel()
	d := open(t, real(t))
	l := d.mail([]byte("Total: 12"), mailworld.EICAR)
	d.is(l, ticket.Waiting, ticket.Waiting)
	files := d.Card(d.Agent, l.TicketID).Files
	for _, f := range files {
		if _, err := ticket.FileOf(t.Context(), d.DB, d.Agent, f.ID); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s is handed out while it waits: %v", f.Name, err)
		}
	}
	if n := d.pass(); n != 2 {
		t.Errorf("%d were checked", n)
	}
	d.is(l, ticket.Nothing, mailworld.EICARName)
	if told := d.told(l); len(told) != 1 || told[0].Kind != event.FileInfected || told[0].Data.Name != "file2.txt" || told[0].Data.Text != mailworld.EICARName {
		t.Errorf("%+v", told)
	}
	var held ticket.Held
	if _, err := ticket.FileOf(t.Context(), d.DB, d.Agent, files[0].ID); err != nil {
		t.Errorf("the clean one: %v", err)
	}
	if _, err := ticket.FileOf(t.Context(), d.DB, d.Agent, files[1].ID); !errors.As(err, &held) || held.Name != "file2.txt" || held.Found != mailworld.EICARName {
		t.Errorf("the other, for an agent: %v", err)
	}
	f, err := ticket.FileOf(t.Context(), d.DB, d.Admin, files[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	r, err := blob.Open(t.Context(), d.DB, f.BlobID)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := io.ReadAll(r); err != nil || !bytes.Equal(kept, mailworld.EICAR) {
		t.Error("it was not kept as it came:", err)
	}
}

func TestWhatClamdDoesNotTakeIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	d := open(t, real(t))
	l := d.mail(make([]byte, mailworld.ClamdStreamMax+1), make([]byte, mailworld.ClamdStreamMax))
	d.pass()
	d.is(l, ticket.TooLargeToCheck, ticket.Nothing)
	if told := d.told(l); len(told) != 1 || told[0].Kind != event.FileUnchecked || told[0].Data.Reason != "too_large" {
		t.Errorf("%+v", told)
	}
	first := d.Card(d.Agent, l.TicketID).Files[0].ID
	if _, err := ticket.FileOf(t.Context(), d.DB, d.Agent, first); !errors.Is(err, fault.Forbidden) {
		t.Error("an agent gets it:", err)
	}
	if _, err := ticket.FileOf(t.Context(), d.DB, d.Admin, first); err != nil {
		t.Error("an administrator does not:", err)
	}
}

func TestFilesWaitWhileClamdIsAwayAndAreCheckedWhenItIsBack(t *testing.T) {
	t.Parallel()
	there := real(t)
	home, err := os.MkdirTemp("", "clamd-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	d := open(t, clamd.Client{Network: "unix", Address: filepath.Join(home, "sock")})
	if n, err := d.scan.Once(t.Context()); n != 0 || err != nil {
		t.Error("nothing waits, so nobody asks:", n, err)
	}
	l := d.mail(mailworld.EICAR, []byte("Total: 12"))
	var rests []time.Duration
	for range 8 {
		n, err := d.scan.Once(t.Context())
		pause, ok := errors.AsType[flow.Pause](err)
		if n != 0 || !ok {
			t.Fatal(n, err)
		}
		rests = append(rests, pause.For)
	}
	if !slices.IsSorted(rests) || rests[0] != time.Second || rests[7] != time.Minute {
		t.Error(rests)
	}
	d.is(l, ticket.Waiting, ticket.Waiting)
	if err := os.Symlink(there.Address, filepath.Join(home, "sock")); err != nil {
		t.Fatal(err)
	}
	d.pass()
	d.is(l, mailworld.EICARName, ticket.Nothing)
	for words, times := range map[string]int{"does not answer": 1, "answers again": 1} {
		if n := strings.Count(d.said.String(), words); n != times {
			t.Errorf("%q was logged %d times:\n%s", words, n, d.said)
		}
	}
}

func TestTheStatusOfTheFlowSaysThatClamdIsAway(t *testing.T) {
	t.Parallel()
	d := open(t, clamd.Client{Network: "unix", Address: filepath.Join(t.TempDir(), "none")})
	l := d.mail([]byte("Total: 12"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.scan.Run(ctx) }()
	var s []flow.Status
	for len(s) == 0 || s[0].Error == "" {
		select {
		case <-t.Context().Done():
			t.Fatalf("never told: %+v", s)
		case <-time.After(5 * time.Millisecond):
		}
		var err error
		if s, err = flow.StatusOf(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
	}
	if s[0].Flow != "scan" || !strings.Contains(s[0].Error, "reach clamd") || s[0].Oldest == nil {
		t.Errorf("%+v", s)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	d.is(l, ticket.Waiting)
}

// Two processes that die now and then check each file once.
func TestProcessesShareTheFiles(t *testing.T) {
	t.Parallel()
	d := open(t, real(t))
	var landed []ticket.Landed
	for i := range 20 {
		landed = append(landed, d.mail([]byte{byte(i)}, mailworld.EICAR))
	}
	// One of a process that died is taken when its lease is over, not before; the dead has no say any more.
	var dead ticket.Unchecked
	d.Tx(func(tx *pg.Tx) (err error) { dead, err = ticket.ClaimUnchecked(t.Context(), tx); return err })
	var wg sync.WaitGroup
	var n [3]int
	for i := range n {
		s := &scan.Scanner{DB: d.DB, Clamd: d.scan.Clamd, Log: slog.New(slog.DiscardHandler)}
		wg.Go(func() {
			for {
				one, err := s.Once(t.Context())
				if err != nil {
					t.Error(err)
				}
				if n[i] += one; one == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	if n[0]+n[1]+n[2] != 39 {
		t.Errorf("%v were checked, want 39 in all", n)
	}
	d.is(landed[0], ticket.Waiting, mailworld.EICARName)
	d.Clock.Advance(ticket.CheckLease + time.Second)
	d.pass()
	d.Tx(func(tx *pg.Tx) error { return ticket.Checked(t.Context(), tx, dead, "Late") })
	for _, l := range landed {
		d.is(l, ticket.Nothing, mailworld.EICARName)
		if told := d.told(l); len(told) != 1 {
			t.Errorf("told %d times: %+v", len(told), told)
		}
	}
}

// A file over which clamd breaks holds up no other, and in the end a person decides.
func TestAFileThatBreaksClamdHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	d := open(t, fragile(t, real(t)))
	bad, good := d.mail([]byte("break it")), d.mail([]byte("Total: 12"))
	for try := range 5 {
		if n, err := d.scan.Once(t.Context()); n != 1 || err == nil {
			t.Fatal(try, n, err)
		}
		if try == 0 {
			d.is(bad, ticket.Waiting)
			d.pass()
			d.is(good, ticket.Nothing)
		}
		d.Clock.Advance(10 * time.Minute)
	}
	d.is(bad, ticket.CheckFailed)
	if told := d.told(bad); len(told) != 1 || told[0].Data.Reason != "failed" {
		t.Errorf("%+v", told)
	}
	if n := d.pass(); n != 0 {
		t.Errorf("%d more were tried", n)
	}
}

func TestWhatIsStoppedIsNoFaultOfTheFile(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	d := open(t, listen(t, func(c net.Conn) {
		b := make([]byte, 10)
		if n, _ := io.ReadFull(c, b[:6]); string(b[:n]) == "zPING\x00" {
			_, _ = io.WriteString(c, "PONG\x00")
			return
		}
		stop()
		_, _ = io.Copy(io.Discard, c)
	}))
	l := d.mail([]byte("Total: 12"))
	if _, err := d.scan.Once(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	d.Tx(func(tx *pg.Tx) error {
		u, err := ticket.ClaimUnchecked(t.Context(), tx)
		if u.MessageID != l.MessageID || u.Checks != 1 {
			t.Errorf("%+v", u)
		}
		return err
	})
}

// A card that is open learns of each end of a check.
func TestEndsOfChecksAreRung(t *testing.T) {
	t.Parallel()
	d := open(t, real(t))
	b := event.NewBroker(d.DB)
	first := b.Watch()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.Run(ctx) }()
	<-first.Wake
	first.Close()
	tickets, files := b.Watch("t:"), b.Watch(ticket.UncheckedRing)
	l := d.mail([]byte("Total: 12"))
	<-files.Wake
	await(t, tickets, event.TicketKey(l.TicketID))
	d.pass()
	await(t, tickets, event.TicketKey(l.TicketID))
	stop()
	<-ended
}

func await(t *testing.T, w *event.Watcher, key string) {
	t.Helper()
	for {
		<-w.Wake
		if keys, _ := w.Take(); slices.Contains(keys, key) {
			return
		}
	}
}

// fragile is clamd behind a door that breaks over some bytes.
func fragile(t *testing.T, there clamd.Client) clamd.Client {
	t.Helper()
	return listen(t, func(c net.Conn) {
		to, err := net.Dial(there.Network, there.Address)
		if err != nil {
			return
		}
		defer to.Close()
		go func() { _, _ = io.Copy(c, to); c.Close() }()
		b := make([]byte, 1<<16)
		for {
			n, err := c.Read(b)
			if err != nil || bytes.Contains(b[:n], []byte("break it")) {
				return
			}
			_, _ = to.Write(b[:n])
		}
	})
}

func listen(t *testing.T, talk func(net.Conn)) clamd.Client {
	t.Helper()
	home, err := os.MkdirTemp("", "clamd-")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(home, "sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); os.RemoveAll(home) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); talk(c) }()
		}
	}()
	return clamd.Client{Network: "unix", Address: l.Addr().String()}
}
