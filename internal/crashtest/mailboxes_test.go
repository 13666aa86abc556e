package crashtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// simpleHouse is a house whose surroundings are well.
func simpleHouse(t *testing.T, row int) *house {
	t.Helper()
	url := pgtest.URL(t)
	return openHouse(t, matrix.Of(t, row), func() string { return url }, "FRONTDESK_DATABASE_URL="+url, "FRONTDESK_DATA_DIR="+t.TempDir())
}

// mailbox adds one more, like the first but for what change makes of it.
func (h *house) mailbox(name, password string, change func(m *mailbox.Mailbox)) (id int64) {
	h.Helper()
	h.tx(func(tx *pg.Tx) {
		m, err := mailbox.ByName(h.Context(), tx, "Support")
		h.ok(err)
		m.Name, m.Address = name, fmt.Sprintf("%x@desk.test", name)
		change(&m)
		id, err = mailbox.Add(h.Context(), tx, m, mailbox.Secret(password), h.seal)
		h.ok(err)
	})
	return id
}

// set changes a mailbox by the verb of the settings; an empty password stays as it is.
func (h *house) set(id int64, password string, change func(m *mailbox.Mailbox)) {
	h.Helper()
	h.tx(func(tx *pg.Tx) {
		m, err := mailbox.Get(h.Context(), tx, id)
		h.ok(err)
		change(&m)
		h.ok(mailbox.Change(h.Context(), tx, agent.Agent{}, m, mailbox.Secret(password), h.seal))
	})
}

func (h *house) standing(id int64) mailbox.Mailbox {
	h.Helper()
	m, err := mailbox.Get(h.Context(), h.db, id)
	h.ok(err)
	return m
}

// promptly delivers mails to the first mailbox, one after the other, each when the one before is a ticket, until enough; it tells how many, and how
// long the slowest took.
func (h *house) promptly(enough func(n int) bool) (n int, slowest time.Duration) {
	h.Helper()
	for ; !enough(n); n++ {
		began := time.Now()
		h.ok(h.world.Deliver(intakeAccount, fmt.Appendf(nil, "From: p%d@customer.test\r\nSubject: prompt %d\r\nMessage-ID: <prompt.%d@customer.test>\r\n\r\nHello\r\n", n, n, n)))
		h.until("a mail in the honest mailbox", func() bool {
			return h.ask(fmt.Sprintf(`SELECT count(*) FROM ticket WHERE subject = 'prompt %d'`, n)) == 1
		})
		slowest = max(slowest, time.Since(began))
	}
	return n, slowest
}

// onTime holds what promptly measured against three intervals of the poll.
func (h *house) onTime(slowest time.Duration) {
	h.Helper()
	if late(slowest, 3*5*time.Second) {
		h.Errorf("a mail in the honest mailbox took %s", slowest)
	}
}

// taken counts the mails of a mailbox that are messages, and checks that nothing else became of any.
func (h *house) taken(id int64) int {
	h.Helper()
	n := h.ask(fmt.Sprintf(`SELECT count(*) FROM inbound WHERE mailbox_id = %d AND state IN ('ticket', 'reply')`, id))
	if odd := h.ask(fmt.Sprintf(`SELECT count(*) FROM inbound WHERE mailbox_id = %d AND state NOT IN ('ticket', 'reply', 'pending')`, id)); odd > 0 {
		h.Fatalf("%d mails of mailbox %d are no messages", odd, id)
	}
	return n
}

// The most memory that may be resident, in MB (DECISIONS, Sizes).
const (
	mostOwn   = 300
	mostChild = 400
)

// footprint watches what a process and its children have resident.
type footprint struct {
	pid   string
	child atomic.Int64 // the largest of any child so far, in kB
}

// watchMemory looks at the house's process until the test ends.
func (h *house) watchMemory() *footprint {
	f := &footprint{pid: strconv.Itoa(h.cmd.Process.Pid)}
	ticker := time.NewTicker(50 * time.Millisecond)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				for _, pid := range parsersOf(f.pid) {
					f.child.Store(max(f.child.Load(), peak(pid)))
				}
			}
		}
	}()
	h.Cleanup(func() { ticker.Stop(); close(done) })
	return f
}

// check tells the most that was resident, in MB, and fails the test where it is too much.
func (f *footprint) check(h *house) (own, child int64) {
	h.Helper()
	own, child = peak(f.pid)/1000, f.child.Load()/1000
	if own == 0 || own > mostOwn || child > mostChild {
		h.Errorf("resident: %d MB, a child %d MB", own, child)
	}
	return own, child
}

// peak is the most a process had resident, in kB (VmHWM of proc(5)); 0 when it is gone.
func peak(pid string) int64 { return number("/proc/"+pid+"/status", "VmHWM:") }

// number is the one behind a name in a file of such lines.
func number(path, name string) int64 {
	b, _ := os.ReadFile(path)
	_, after, _ := strings.Cut(string(b), "\n"+name)
	f := strings.Fields(after)
	if len(f) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(f[0], 10, 64)
	return n
}

// parsersOf are the parse children of a process. One that has only just been forked still is a picture of its parent, and left out.
func parsersOf(pid string) (list []string) {
	tasks, _ := filepath.Glob("/proc/" + pid + "/task/*/children")
	for _, task := range tasks {
		b, _ := os.ReadFile(task)
		for _, child := range strings.Fields(string(b)) {
			if args, _ := os.ReadFile("/proc/" + child + "/cmdline"); strings.Contains(string(args), "parse-child") {
				list = append(list, child)
			}
		}
	}
	return list
}
