package alarm_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/alarm"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/text"
)

// ward is a database with the mailbox Support, looked after by one machine or more.
type ward struct {
	*testing.T
	db    *pg.DB
	clock *pgtest.Clock
	box   int64
}

func newWard(t *testing.T) *ward {
	t.Helper()
	w := &ward{T: t}
	w.db, w.clock = pgtest.NewWithClock(t)
	w.tx(func(tx *pg.Tx) (err error) {
		w.box, err = pg.One[int64](t.Context(), tx, `
			INSERT INTO mailbox (name, address, imap_host, imap_port, imap_tls, imap_user, smtp_host, smtp_port, smtp_tls, smtp_user, secret, queue_id, created_at)
			SELECT 'Support', 's@desk.test', 'h', 1, 'implicit', 'u', 'h', 1, 'implicit', 'u', '', id, $1 FROM queue RETURNING id`, tx.Now)
		return err
	})
	return w
}

func (w *ward) tx(fn func(tx *pg.Tx) error) {
	w.Helper()
	if err := w.db.InTx(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *ward) exec(sql string, args ...any) {
	w.Helper()
	w.tx(func(tx *pg.Tx) error { _, err := pg.Exec(w.Context(), tx, sql, args...); return err })
}

// keep has a machine look once and says what came (+) and went (-).
func (w *ward) keep(m alarm.Machine) string {
	w.Helper()
	here, err := m.Look(w.Context(), w.db)
	if err != nil {
		w.Fatal(err)
	}
	var c alarm.Change
	w.tx(func(tx *pg.Tx) (err error) { c, err = m.Keep(w.Context(), tx, here); return err })
	var said []string
	for _, a := range c.Began {
		said = append(said, fmt.Sprintf("+%s %s%s%s %d", a.Kind, a.Machine, a.Mailbox, a.Place, a.N))
	}
	for _, a := range c.Ended {
		said = append(said, fmt.Sprintf("-%s %s%s%s", a.Kind, a.Machine, a.Mailbox, a.Place))
	}
	return strings.Join(said, " ")
}

// looks expects what each of some looks says.
func (w *ward) looks(m alarm.Machine, want ...string) {
	w.Helper()
	for i, want := range want {
		if got := w.keep(m); got != want {
			w.Errorf("look %d said %q, want %q", i+1, got, want)
		}
	}
}

func TestAMailboxThatIsNotFetchedForThreeIntervalsIsAnAlarm(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := alarm.Machine{Name: "one"}
	worked := func() { w.tx(func(tx *pg.Tx) error { return mailbox.Worked(t.Context(), tx, w.box) }) }
	worked()
	w.clock.Advance(time.Minute)
	w.looks(m, "")
	w.tx(func(tx *pg.Tx) error {
		return mailbox.Troubled(t.Context(), tx, w.box, "the server hung up", time.Minute)
	})
	w.clock.Advance(31 * time.Second)
	w.looks(m, "+late Support 0", "")
	var list []alarm.Alarm
	var what, do string
	w.tx(func(tx *pg.Tx) (err error) {
		if list, err = alarm.Find(t.Context(), tx, tx.Now); err == nil {
			what, do = list[0].Words(text.For("en"), tx.Now)
		}
		return err
	})
	if len(list) != 1 || what != "Support: no mail has been fetched for 1\u00a0min" || !strings.HasPrefix(do, "Last error: the server hung up. The mailbox should be asked every 30\u00a0s.") {
		t.Errorf("%q %q", what, do)
	}
	worked()
	w.looks(m, "-late Support", "")
	w.clock.Advance(time.Hour)
	w.exec(`UPDATE mailbox SET active = false`)
	w.looks(m, "")
}

func TestAMailboxThatNeverWorkedIsAnAlarmToo(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	w.clock.Advance(91 * time.Second)
	w.looks(alarm.Machine{Name: "one"}, "+late Support 0")
}

// letters puts some of a ticket into the outbox.
func (w *ward) letters(n int) {
	w.Helper()
	w.exec(`
		WITH t AS (
			INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at, language)
			SELECT 'Lamp', q.id, s.id, s.kind, q.default_priority_id, now(), now(), 'en' FROM queue q, status s WHERE s.key = 'new' LIMIT 1 RETURNING id),
		m AS (
			INSERT INTO message (ticket_id, kind, at, mailbox_id, from_address, from_name, subject, rfc_id)
			SELECT id, 'out', now(), $1, 's@desk.test', '', 'Lamp', 'l' || i FROM t, generate_series(1, $2::int) i RETURNING id, ticket_id, rfc_id)
		INSERT INTO outbox (ticket_id, message_id, mailbox_id, rfc_id, send_after, created_at) SELECT ticket_id, id, $1, rfc_id, now(), now() FROM m`, w.box, n)
}

func TestLettersThatShouldHaveLeftLongAgoAreAnAlarm(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := alarm.Machine{Name: "one"}
	w.exec(`UPDATE mailbox SET last_success = now() + interval '1 day', active = false`) // letters leave all the same
	w.letters(2)
	w.exec(`UPDATE outbox SET send_after = now() + interval '1 year' WHERE rfc_id = 'l2'`)
	w.clock.Advance(29 * time.Minute)
	w.looks(m, "")
	w.tx(func(tx *pg.Tx) error { return outbox.ServerFailed(t.Context(), tx, w.box, "nobody answers", false) })
	w.clock.Advance(29 * time.Minute)
	w.looks(m, "") // it is told from the first failure on
	w.clock.Advance(2 * time.Minute)
	w.looks(m, "+unsent Support 1", "")
	w.tx(func(tx *pg.Tx) error { _, err := outbox.Claim(t.Context(), tx, w.box, 20, time.Minute); return err })
	w.looks(m, "") // a server that does not answer is waited for, again and again
	var list []alarm.Alarm
	w.tx(func(tx *pg.Tx) (err error) { list, err = alarm.Find(t.Context(), tx, tx.Now); return err })
	if len(list) != 1 {
		t.Fatal(list)
	}
	if what, do := list[0].Words(text.For("en"), list[0].Since.Add(31*time.Minute)); what != "Support: 1 message has been waiting to be sent for 31\u00a0min" ||
		!strings.HasPrefix(do, "Last error: nobody answers. They are tried again for three days") {
		t.Errorf("%q %q", what, do)
	}
	w.exec(`UPDATE outbox SET state = 'sent' WHERE rfc_id = 'l1'`)
	w.looks(m, "-unsent Support")
}

func TestCopiesThatTheSentFolderDoesNotTakeAreAnAlarm(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := alarm.Machine{Name: "one"}
	w.exec(`UPDATE mailbox SET last_success = now() + interval '1 day', sent_mode = 'append', sent_folder = 'Sent'`)
	w.letters(3)
	w.exec(`UPDATE outbox SET state = 'sent', settled_at = now(), sent_copy = 'pending', copy_after = now(), copy_attempts = 3`)
	w.looks(m, "")
	w.exec(`UPDATE outbox SET copy_attempts = 4 WHERE rfc_id <> 'l3'`)
	w.looks(m, "+uncopied Support 2", "")
	w.exec(`UPDATE outbox SET sent_copy = 'done'`)
	w.looks(m, "-uncopied Support")
}

func TestMailInQuarantineIsAnAlarmUntilItIsDealtWith(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := alarm.Machine{Name: "one"}
	w.exec(`UPDATE mailbox SET last_success = now() + interval '1 day'`)
	row := `INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, state, reason, try_at)
		VALUES ($1, 'INBOX', 1, 1, $2, 1, now(), now(), NULL, $3, 'quarantined', 'refused', now())`
	w.exec(row, w.box, 1, []byte("1"))
	w.looks(m, "+quarantine Support 1")
	w.exec(row, w.box, 2, []byte("2"))
	w.looks(m, "") // it grows, and is told once
	if n, err := pg.One[int](t.Context(), w.db, `SELECT n FROM alarm`); n != 2 || err != nil {
		t.Errorf("it counts %d, %v", n, err)
	}
	w.exec(`UPDATE inbound SET state = 'removed'`)
	w.looks(m, "-quarantine Support")
}

func TestMailThatWasNeverTakenIsAnAlarmUntilSomebodyAsksForIt(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := alarm.Machine{Name: "one"}
	var f inbound.Folder
	w.tx(func(tx *pg.Tx) (err error) {
		f, _, err = inbound.Enter(t.Context(), tx, w.box, "INBOX", 1, 1)
		return err
	})
	w.tx(func(tx *pg.Tx) error {
		return inbound.NoteMissed(t.Context(), tx, f, inbound.Look{Ledger: 2, Missed: 3})
	})
	w.looks(m, "+missed SupportINBOX 3", "")
	w.exec(`UPDATE inbound_folder SET missed = -missed`) // inbound.TakeMissed
	w.looks(m, "-missed SupportINBOX")
}

func TestAlarmsOfAFolderEndWhenNobodyLooksIntoItAnyMore(t *testing.T) {
	t.Parallel()
	for _, end := range []string{`UPDATE mailbox SET folders = '{Other}'`, `UPDATE mailbox SET active = false`} {
		w := newWard(t)
		m := alarm.Machine{Name: "one"}
		w.tx(func(tx *pg.Tx) error {
			f, _, err := inbound.Enter(t.Context(), tx, w.box, "INBOX", 1, 1)
			if err != nil {
				return err
			}
			if err := inbound.NoteMissed(t.Context(), tx, f, inbound.Look{Missed: 3}); err != nil {
				return err
			}
			return inbound.NoteRefusals(t.Context(), tx, f, inbound.Refusals{Withheld: inbound.Refusal{N: 2, Said: "NO"}, Unmarked: inbound.Refusal{N: 4, Said: "BAD"}})
		})
		w.looks(m, "+missed SupportINBOX 3 +withheld SupportINBOX 2 +unmarked SupportINBOX 4")
		w.exec(end)
		w.looks(m, "-missed SupportINBOX -withheld SupportINBOX -unmarked SupportINBOX")
	}
}

func TestANewNumberingIsShownForSevenDays(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := alarm.Machine{Name: "one"}
	enter := func(uidvalidity int64) {
		w.tx(func(tx *pg.Tx) error {
			_, _, err := inbound.Enter(t.Context(), tx, w.box, "INBOX", uidvalidity, 1)
			return err
		})
	}
	enter(1)
	w.looks(m, "")
	enter(2)
	w.looks(m, "+renumbered SupportINBOX 2")
	w.exec(`UPDATE mailbox SET active = false`)
	w.clock.Advance(7*24*time.Hour - time.Minute)
	w.looks(m, "")
	w.clock.Advance(2 * time.Minute)
	w.looks(m, "-renumbered SupportINBOX")
}

func TestTwoClocksThatGoApartAreAnAlarm(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	var by time.Duration
	m := alarm.Machine{Name: "one", Now: func() time.Time { return time.Now().Add(by) }}
	w.looks(m, "")
	for _, c := range []struct {
		by   time.Duration
		says string
	}{{time.Minute, "ahead of"}, {-2 * time.Minute, "behind"}} {
		by = c.by
		list, err := m.Look(t.Context(), w.db)
		if err != nil || len(list) != 1 || (time.Duration(list[0].N)*time.Millisecond-by).Abs() > 30*time.Second {
			t.Fatalf("%v, %v", list, err)
		}
		if what, _ := list[0].Words(text.For("en"), time.Now()); !strings.Contains(what, "The clock of one is") || !strings.Contains(what, c.says) {
			t.Error(what)
		}
		if got := w.keep(m); !strings.HasPrefix(got, "+clock one") {
			t.Errorf("%v apart: %q", by, got)
		}
		by = 0
		w.looks(m, "-clock one")
	}
}

func TestADiskThatFillsUpIsAnAlarm(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	below := filepath.Join(dir, "pg15")
	if err := os.Mkdir(below, 0o700); err != nil {
		t.Fatal(err)
	}
	w := newWard(t)
	m := alarm.Machine{Name: "one", Disks: []string{dir, below}} // one disk is told of once
	w.looks(m, "")
	full := filepath.Join(dir, "full")
	if err := os.WriteFile(full, make([]byte, 980<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := w.keep(m); !strings.HasPrefix(got, "+disk one"+dir+" ") || strings.Count(got, "disk") != 1 {
		t.Errorf("%q", got)
	}
	list, err := m.Look(t.Context(), w.db)
	if err != nil {
		t.Fatal(err)
	}
	if what, _ := list[0].Words(text.For("en"), time.Now()); !strings.Contains(what, "of 1\u00a0MB are free where "+dir+" lies") {
		t.Error(what)
	}
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	w.looks(m, "-disk one"+dir)
}

func TestOfManyProcessesOneTellsOfAnAlarm(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	w.clock.Advance(2 * time.Minute)
	here, there := alarm.Machine{Name: "here"}, alarm.Machine{Name: "there"}
	count := func() string {
		said := make(chan alarm.Change)
		for i := range 8 {
			m := here
			if i%2 == 1 {
				m = there
			}
			go func() {
				var c alarm.Change
				if err := w.db.InTx(t.Context(), func(tx *pg.Tx) (err error) { c, err = m.Keep(t.Context(), tx, nil); return err }); err != nil {
					t.Error(err)
				}
				said <- c
			}()
		}
		began, ended := 0, 0
		for range 8 {
			c := <-said
			began, ended = began+len(c.Began), ended+len(c.Ended)
		}
		return fmt.Sprint(began, " ", ended)
	}
	if got := count(); got != "1 0" {
		t.Errorf("began and ended %s times", got)
	}
	w.exec(`UPDATE mailbox SET active = false`)
	if got := count(); got != "0 1" {
		t.Errorf("began and ended %s times", got)
	}
}

func TestAMachineEndsItsOwnAlarmsAndThoseOfOneThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	w.exec(`UPDATE mailbox SET active = false`)
	wrong := func() time.Time { return time.Now().Add(time.Hour) }
	here, there := alarm.Machine{Name: "here"}, alarm.Machine{Name: "there", Now: wrong}
	if got := w.keep(there); !strings.HasPrefix(got, "+clock there") {
		t.Fatal(got)
	}
	w.looks(here, "")
	w.clock.Advance(9 * time.Minute)
	w.looks(here, "")
	w.looks(there, "") // it is heard of
	w.clock.Advance(9 * time.Minute)
	w.looks(here, "")
	now := func() (now time.Time) { w.tx(func(tx *pg.Tx) error { now = tx.Now; return nil }); return now }
	if list, err := alarm.Find(t.Context(), w.db, now()); len(list) != 1 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
	w.clock.Advance(2 * time.Minute)
	if list, err := alarm.Find(t.Context(), w.db, now()); len(list) != 0 || err != nil {
		t.Errorf("nobody has heard of it for ten minutes, and yet %v, %v", list, err)
	}
	w.looks(here, "-clock there")
}

func TestEveryAlarmHasWordsInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Languages {
		for _, kind := range alarm.Kinds {
			what, do := alarm.Alarm{Kind: kind, Machine: "m", Mailbox: "Support", Place: "INBOX", N: 2, Of: 30, Said: "no"}.Words(text.For(lang), time.Now())
			if what == "" || do == "" || strings.Contains(what+do, "alarm.") || strings.Contains(what+do, "{{") || strings.Contains(what+do, "..") {
				t.Errorf("%s, %s: %q %q", lang, kind, what, do)
			}
		}
	}
}
