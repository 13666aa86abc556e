package clerk_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/clerk"
	"frontdesk/internal/export"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
)

// office is a desk with tickets in its first queue, an export of all of them by its administrator, and a clerk.
type office struct {
	*fixture.Desk
	clerk clerk.Clerk
	id    int64
}

func open(t *testing.T, tickets int) *office {
	t.Helper()
	o := &office{Desk: fixture.New(t)}
	o.clerk = clerk.Clerk{DB: o.DB, TempDir: t.TempDir(), Tell: time.Nanosecond}
	o.exec(`
		INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
		SELECT 'Ticket ' || n, $1, s.id, s.kind, p.id, now(), now() FROM generate_series(1, $2::int) n, status s, priority p WHERE s.key = 'new' AND p.key = 'normal'`, o.Inbox, tickets)
	o.Tx(func(tx *pg.Tx) (err error) {
		o.id, err = export.Ask(t.Context(), tx, o.Admin, export.Export{Name: "All tickets", View: "all", Query: "status:new"})
		return err
	})
	return o
}

func (o *office) exec(sql string, args ...any) {
	o.Helper()
	o.Tx(func(tx *pg.Tx) error { _, err := pg.Exec(o.Context(), tx, sql, args...); return err })
}

func (o *office) pass() (n int, err error) {
	o.Helper()
	return o.clerk.Once(o.Context())
}

func (o *office) state() export.Export {
	o.Helper()
	list, err := export.Of(o.Context(), o.DB, o.Admin)
	if err != nil || len(list) != 1 {
		o.Fatal(list, err)
	}
	return list[0]
}

// present is the moment of the desk, whose clock the tests move.
func (o *office) present() (now time.Time) {
	o.Helper()
	o.Tx(func(tx *pg.Tx) error { now = tx.Now; return nil })
	return now
}

func (o *office) lines() int {
	o.Helper()
	return strings.Count(o.file(), "\r\n")
}

func (o *office) file() string {
	o.Helper()
	e, err := export.File(o.Context(), o.DB, o.Again(o.Admin), o.id, o.present())
	if err != nil {
		o.Fatal(err)
	}
	r, err := blob.Open(o.Context(), o.DB, *e.BlobID)
	if err != nil {
		o.Fatal(err)
	}
	all, err := io.ReadAll(r)
	if err != nil || int64(len(all)) != e.Size {
		o.Fatal(len(all), e.Size, err)
	}
	return string(all)
}

func TestALongListBecomesAFile(t *testing.T) {
	t.Parallel()
	o := open(t, 1200)
	o.exec(`UPDATE ticket SET status_id = s.id, kind = s.kind FROM status s WHERE s.key = 'closed' AND ticket.subject = 'Ticket 7'`)
	if n, err := o.pass(); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if e := o.state(); e.State != export.Ready || e.Done != 1199 || *e.Total != 1199 || len(e.Queues) != 1 {
		t.Errorf("%+v", e)
	}
	if n := o.lines(); n != 1200 {
		t.Errorf("%d lines", n)
	}
	if n, err := o.pass(); n != 0 || err != nil {
		t.Error("more to do:", n, err)
	}
}

func TestAFileIsTheListAsItWasWhenItWasAskedFor(t *testing.T) {
	t.Parallel()
	o := open(t, 3)
	o.exec(`UPDATE export SET query = 'newer:50min', ordered = 'created', asked_at = now() - interval '2 days'`)
	o.exec(`UPDATE ticket SET created_at = now() - interval '2 days' - right(subject, 1)::int * interval '20 minutes'`)
	if _, err := o.pass(); err != nil {
		t.Fatal(err)
	}
	file := o.file()
	if newer, older := strings.Index(file, "Ticket 1"), strings.Index(file, "Ticket 2"); newer < 0 || older < newer || strings.Contains(file, "Ticket 3") {
		t.Errorf("the file says\n%s", file)
	}
}

// A process dies over a file: the next one begins anew when the lease is over, not before, and whoever was slow hands nothing over.
func TestADeadProcessLosesNothing(t *testing.T) {
	t.Parallel()
	o := open(t, 30)
	var dead export.Job
	o.Tx(func(tx *pg.Tx) (err error) { dead, err = export.Claim(t.Context(), tx); return err })
	o.Tx(func(tx *pg.Tx) error { return export.Progress(t.Context(), tx, dead, 20, 30, []int64{o.Inbox}) })
	if n, err := o.pass(); n != 0 || err != nil {
		t.Fatal("taken from a living process:", n, err)
	}
	o.Clock.Advance(export.LeaseFor + time.Second)
	if n, err := o.pass(); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n := o.lines(); n != 31 {
		t.Errorf("%d lines", n)
	}
	for name, late := range map[string]func(tx *pg.Tx) error{
		"progress": func(tx *pg.Tx) error { return export.Progress(t.Context(), tx, dead, 30, 30, nil) },
		"finish":   func(tx *pg.Tx) error { return export.Finish(t.Context(), tx, dead, 1, 1, 1, nil) },
		"fail":     func(tx *pg.Tx) error { return export.Fail(t.Context(), tx, dead, export.Trouble) },
	} {
		if err := o.DB.InTx(t.Context(), late); !errors.Is(err, export.ErrLost) {
			t.Errorf("%s of the dead: %v", name, err)
		}
	}
	if e := o.state(); e.State != export.Ready {
		t.Errorf("%+v", e)
	}
}

// A file over which processes die again and again is given up, and can be tried anew.
func TestWhatKillsProcessesIsGivenUp(t *testing.T) {
	t.Parallel()
	o := open(t, 3)
	for range 3 {
		o.Tx(func(tx *pg.Tx) error { _, err := export.Claim(t.Context(), tx); return err })
		o.Clock.Advance(export.LeaseFor + time.Second)
	}
	if n, err := o.pass(); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if e := o.state(); e.State != export.Failed || e.Reason != export.Trouble {
		t.Errorf("%+v", e)
	}
	o.Tx(func(tx *pg.Tx) error { return export.Retry(t.Context(), tx, o.Admin, o.id) })
	if n, err := o.pass(); n != 1 || err != nil || o.lines() != 4 {
		t.Error("tried anew:", n, err, o.state())
	}
}

func TestTwoProcessesMakeEachFileOnce(t *testing.T) {
	t.Parallel()
	o := open(t, 40)
	for _, q := range []string{"older:1d", "newer:1d", "is:open"} {
		o.Tx(func(tx *pg.Tx) error {
			_, err := export.Ask(t.Context(), tx, o.Admin, export.Export{Name: q, View: "all", Query: q})
			return err
		})
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 2 {
		wg.Go(func() {
			for {
				n, err := o.clerk.Once(t.Context())
				if err != nil {
					t.Error(err)
				}
				if n == 0 {
					return
				}
				mu.Lock()
				made++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	n, err := pg.One[int](t.Context(), o.DB, `SELECT count(*)::int FROM export WHERE state = 'ready' AND attempts = 1`)
	if made != 4 || n != 4 || err != nil {
		t.Errorf("%d made, %d ready at the first try, %v", made, n, err)
	}
}

// A process that stops gives its file back at once.
func TestAStoppedProcessGivesBack(t *testing.T) {
	t.Parallel()
	o := open(t, 700)
	ctx, stop := context.WithCancel(t.Context())
	held, release := make(chan struct{}), make(chan struct{})
	go func() { // the row of progress is locked, so the file stands still
		defer close(release)
		_ = o.DB.InTx(context.Background(), func(tx *pg.Tx) error {
			_, err := pg.Exec(t.Context(), tx, `LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE`)
			close(held)
			for err == nil {
				waits, e := pg.One[bool](t.Context(), tx, `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database b ON b.oid = l.database WHERE NOT granted AND b.datname = current_database())`)
				if err = e; waits {
					stop()
					return nil
				}
			}
			return err
		})
	}()
	<-held
	if n, err := o.clerk.Once(ctx); n != 0 || err != nil {
		t.Error(n, err)
	}
	<-release
	if e := o.state(); e.State != export.Waiting {
		t.Errorf("%+v", e)
	}
	if n, err := o.pass(); n != 1 || err != nil || o.lines() != 701 {
		t.Error(n, err)
	}
}

func TestACancelledExportIsNotMade(t *testing.T) {
	t.Parallel()
	o := open(t, 10)
	var j export.Job
	o.Tx(func(tx *pg.Tx) (err error) { j, err = export.Claim(t.Context(), tx); return err })
	o.Tx(func(tx *pg.Tx) error { return export.Cancel(t.Context(), tx, o.Admin, o.id) })
	if err := o.DB.InTx(t.Context(), func(tx *pg.Tx) error { return export.Progress(t.Context(), tx, j, 1, 10, nil) }); !errors.Is(err, export.ErrLost) {
		t.Error(err)
	}
	o.Clock.Advance(export.LeaseFor + time.Second)
	if n, err := o.pass(); n != 0 || err != nil || o.state().State != export.Cancelled {
		t.Error(n, err, o.state())
	}
}

// What is taken away is taken away from files too: while they are made, and from those that lie there.
func TestLostAccessWithholdsFiles(t *testing.T) {
	t.Parallel()
	o := open(t, 5)
	if _, err := o.pass(); err != nil {
		t.Fatal(err)
	}
	refused := func(when string) {
		t.Helper()
		if _, err := export.File(t.Context(), o.DB, o.Again(o.Admin), o.id, o.present()); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", when, err)
		}
	}
	o.exec(`UPDATE profile SET permissions = array_remove(permissions, 'queue.all')`)
	o.lines() // the queue is still theirs
	o.exec(`DELETE FROM agent_queue WHERE agent_id = $1 AND queue_id = $2`, o.Admin.ID, o.Inbox)
	refused("without the queue")
	o.exec(`INSERT INTO agent_queue (agent_id, queue_id) VALUES ($1, $2)`, o.Admin.ID, o.Inbox)
	o.lines()
	for _, permission := range []string{"ticket.export", "ticket.read"} {
		o.exec(`UPDATE profile SET permissions = array_remove(permissions, $1)`, permission)
		refused("without " + permission)
		o.Tx(func(tx *pg.Tx) error { return export.Retry(t.Context(), tx, o.Admin, o.id) })
		if n, err := o.pass(); n != 1 || err != nil {
			t.Error(n, err)
		}
		if e := o.state(); e.State != export.Failed || e.Reason != export.Rights || e.BlobID != nil {
			t.Errorf("without %s: %+v", permission, e)
		}
		o.exec(`UPDATE profile SET permissions = permissions || ARRAY[$1]`, permission)
		o.Tx(func(tx *pg.Tx) error { return export.Retry(t.Context(), tx, o.Admin, o.id) })
		if _, err := o.pass(); err != nil {
			t.Fatal(err)
		}
		o.lines()
	}
}

// After a day a file cannot be fetched, and its bytes go.
func TestFilesExpireWithTheirBytes(t *testing.T) {
	t.Parallel()
	o := open(t, 5)
	if _, err := o.pass(); err != nil {
		t.Fatal(err)
	}
	tidy := func() (n int) {
		o.Tx(func(tx *pg.Tx) (err error) { n, _, err = blob.Collect(t.Context(), tx, 0); return err })
		return n
	}
	o.Clock.Advance(export.KeepFor - time.Minute)
	if n, err := o.clerk.Expire(t.Context()); n != 0 || err != nil {
		t.Error("too early:", n, err)
	}
	o.lines()
	o.Clock.Advance(2 * time.Minute)
	if _, err := export.File(t.Context(), o.DB, o.Admin, o.id, o.present()); !errors.Is(err, fault.NotFound) {
		t.Errorf("too old, not swept yet: %v", err)
	}
	if n := tidy(); n != 0 {
		t.Error("the bytes went before their row let go")
	}
	if n, err := o.clerk.Expire(t.Context()); n != 1 || err != nil || o.state().State != export.Expired || !o.state().Gone(o.present()) {
		t.Error(n, err, o.state())
	}
	if n := tidy(); n != 1 {
		t.Errorf("%d blobs went", n)
	}
	o.Clock.Advance(31 * 24 * time.Hour)
	if n, err := o.clerk.Expire(t.Context()); n != 1 || err != nil {
		t.Error("forgotten:", n, err)
	}
}

// The flow finds what was asked for by itself, and ends in order.
func TestRunMakesWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	o := open(t, 1500)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = o.clerk.Run(ctx) })
	for deadline := time.Now().Add(2 * time.Minute); o.state().State != export.Ready; {
		if time.Now().After(deadline) {
			t.Fatal(o.state())
		}
		<-time.After(10 * time.Millisecond)
	}
	stop()
	wg.Wait()
}
