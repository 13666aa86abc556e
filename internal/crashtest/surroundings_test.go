package crashtest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/internal/pg/pgtest"
)

// TestDatabaseAway is fault row 6 with minutes made seconds: the network before the database refuses, then swallows everything, then lets
// new connections through. Those from before stay mute for ever, as behind a firewall that forgot them.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	g := before(t, address, "statement_timeout=3000&idle_in_transaction_session_timeout=3000&connect_timeout=2")
	h := openHouse(t, matrix.Of(t, 6), func() string { return address }, "FRONTDESK_DATABASE_URL="+g.URL, "FRONTDESK_DATA_DIR="+t.TempDir())
	h.row.Injected("the network before the database refuses, then swallows everything")
	h.work(20)
	h.begun()
	g.set(refused)
	h.deliver(10)
	h.unwell(3 * time.Second)
	if h.unread() < 10 {
		t.Errorf("%d mails are unread, want the 10 that came meanwhile", h.unread())
	}
	g.set(through)
	h.ready("after refusals")
	h.work(20)
	g.set(swallow)
	h.deliver(10)
	var crowd sync.WaitGroup
	for range 8 { // more requests than there are connections
		crowd.Go(func() { h.unwell(15 * time.Second) })
	}
	crowd.Wait()
	if h.unread() < 10 {
		t.Errorf("%d mails are unread, want the 10 that came meanwhile", h.unread())
	}
	g.set(through)
	h.work(5)
	h.recovers()
}

// TestConnectionsUsedUp is fault row 7: others take every connection the database has. What the program had is gone too.
func TestConnectionsUsedUp(t *testing.T) {
	t.Parallel()
	const most = 30
	s := pgtest.Server(t, func(o *pgembed.Options) { o.MaxConnections = most })
	h := openHouse(t, matrix.Of(t, 7), func() string { return s.URL }, "FRONTDESK_DATABASE_URL="+s.URL, "FRONTDESK_DATA_DIR="+t.TempDir())
	h.row.Injected("others take every connection")
	h.work(20)
	h.begun()
	others := hog(t, s.URL, most)
	h.deliver(10)
	h.unwell(5 * time.Second)
	until(t, "the log saying why", func() bool { return strings.Contains(h.log(), "too many clients") })
	if h.unread() < 10 {
		t.Errorf("%d mails are unread, want the 10 that came meanwhile", h.unread())
	}
	for _, c := range others {
		h.ok(c.Close(t.Context()))
	}
	h.work(5)
	h.recovers()
}

// hog takes all connections, also from those who have some.
func hog(t *testing.T, url string, most int) (taken []*pgx.Conn) {
	t.Helper()
	u := strings.ReplaceAll(url, "sslmode", "application_name=hog&sslmode")
	for end := time.Now().Add(2 * time.Minute); len(taken) < most; {
		if c, err := pgx.Connect(t.Context(), u); err == nil {
			taken = append(taken, c)
			t.Cleanup(func() { _ = c.Close(context.Background()) })
		}
		if len(taken) > 0 {
			if _, err := taken[0].Exec(t.Context(), `
				SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'hog'`); err != nil {
				t.Fatal(err)
			}
		}
		if time.Now().After(end) {
			t.Fatalf("only %d connections could be had", len(taken))
		}
	}
	return taken
}

// TestLockHeldByOthers is fault row 7: somebody holds the tables that mail in and out pass through.
func TestLockHeldByOthers(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	h := openHouse(t, matrix.Of(t, 7), func() string { return url }, "FRONTDESK_DATABASE_URL="+url+"&lock_timeout=1000", "FRONTDESK_DATA_DIR="+t.TempDir())
	h.row.Injected("others hold the tables that mail passes through")
	h.work(20)
	h.begun()
	h.write(100) // some are left when the lock comes
	holder, err := pgx.Connect(t.Context(), url)
	h.ok(err)
	defer holder.Close(context.Background())
	// Whoever has one table and waits for another gives up after a second, when Postgres looks for rings too: it may end either of the two.
	until(t, "the lock", func() bool {
		_, err := holder.Exec(t.Context(), `ROLLBACK; BEGIN; LOCK TABLE inbound, outbox, ticket, session`)
		return err == nil
	})
	h.deliver(10)
	for _, path := range []string{"/tickets", "/tickets/100001"} {
		if code, body, took := h.get(path); code != http.StatusServiceUnavailable || late(took, 12*time.Second) {
			t.Errorf("%s answers %d after %s: %.300s", path, code, took, body)
		}
	}
	until(t, "time-outs of intake and outbox", func() bool {
		return strings.Count(h.log(), "mailbox trouble") > 1 && strings.Contains(h.log(), `"pass failed" flow=receive`) && strings.Contains(h.log(), `"pass failed" flow=delivery`)
	})
	if h.unread() < 10 {
		t.Errorf("%d mails are unread, want the 10 that came meanwhile", h.unread())
	}
	_, err = holder.Exec(t.Context(), `ROLLBACK`)
	h.ok(err)
	h.write(5)
	h.recovers()
}

// TestDiskFull is fault row 8: the disk with the private database and the spool fills up, until nothing can be stored and the database itself
// goes down, and has room again later.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 200)
	h := openHouse(t, matrix.Of(t, 8), func() string { return attach(t, disk) }, "FRONTDESK_DATA_DIR="+disk)
	h.row.Injected("a disk of 200 MB filled to the last byte")
	h.work(20)
	h.begun()
	ballast := fill(t, disk)
	h.deliver(40)
	until(t, "the process saying that it is not ready", func() bool { code, _, _ := h.get("/readyz"); return code == http.StatusServiceUnavailable })
	until(t, "the log saying why", func() bool { return strings.Contains(h.log(), "No space left on device") })
	for range 64 { // write-ahead log until there is none to be had
		if _, err := h.db.Pool().Exec(t.Context(), `SELECT pg_logical_emit_message(true, 'x', repeat('x', 1 << 20))`); err != nil {
			break
		}
	}
	h.unwell(12 * time.Second)
	if h.unread() == 0 {
		t.Error("every mail is marked as read, and nothing could be stored")
	}
	h.ok(os.Remove(ballast))
	h.ready("room")
	h.work(5)
	h.recovers()
}

// smallDisk mounts one of so many MiB. Only root can.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := pgtest.Dir(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0711", size)); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes what is left of a disk.
func fill(t *testing.T, disk string) (ballast string) {
	t.Helper()
	f, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for part := make([]byte, 64<<10); err == nil; {
		_, err = f.Write(part)
	}
	return f.Name()
}

// attach is the way of a command to the database of a running process.
func attach(t *testing.T, dataDir string) string {
	t.Helper()
	s, err := pgembed.Start(t.Context(), pgembed.Options{DataDir: dataDir})
	if err != nil {
		t.Fatal(err)
	}
	return s.URL
}
