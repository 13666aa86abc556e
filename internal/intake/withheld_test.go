package intake_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/alarm"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

// oddDesk reads its mail from a server that answers as on says.
func oddDesk(t *testing.T, mails [][]byte, on func(c *mailworld.OddConn, tag, cmd string) bool) *desk {
	t.Helper()
	d := bareDesk(t)
	s := mailworld.StartOddIMAP(t, mails, on)
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.IMAPPort, m.CAPEM = s.Port, s.CAPEM })
	return d
}

func fourLetters() (all [][]byte) {
	for i := range 4 {
		all = append(all, []byte(strings.ReplaceAll(letter("a@customer.test", fmt.Sprint(i, "@c"), fmt.Sprint("mail ", i), ""), "\n", "\r\n")))
	}
	return all
}

func TestAMailThatTheServerDoesNotHandOutHoldsUpNobodyAndIsTold(t *testing.T) {
	t.Parallel()
	broken := true
	d := oddDesk(t, fourLetters(), func(c *mailworld.OddConn, tag, cmd string) bool {
		if !broken || !strings.Contains(cmd, "BODY.PEEK") || !strings.HasPrefix(cmd, "UID FETCH 2") && !strings.HasPrefix(cmd, "UID FETCH 1:") {
			return false
		}
		c.Send("%s NO message 2 could not be read\r\n", tag)
		return true
	})
	for range 3 { // together with the others, alone, alone once more
		if _, err := d.in.Once(t.Context()); err == nil {
			t.Fatal("nobody learns that the server refused")
		}
	}
	if n := ask[int](d, `SELECT count(*) FROM ticket`); n != 3 {
		t.Fatalf("%d of the 3 mails that can be read have a ticket", n)
	}
	d.once() // it is left in peace: the mailbox works
	found, err := alarm.Find(t.Context(), d.db, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Kind != alarm.Withheld || found[0].N != 1 || found[0].Place != "INBOX" || !strings.Contains(found[0].Said, "message 2 could not be read") {
		t.Fatalf("alarms: %+v", found)
	}
	broken = false
	d.in = d.intake(d.db) // as after its rest
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM ticket`); n != 4 {
		t.Errorf("%d tickets once the server hands it out, want 4", n)
	}
	if found, err = alarm.Find(t.Context(), d.db, time.Now()); err != nil || len(found) != 0 {
		t.Errorf("the alarm stands after the mail was taken: %+v, %v", found, err)
	}
}

func TestWhoSavesAMailboxIsNotKeptWaitingForWhatRests(t *testing.T) {
	t.Parallel()
	var mended atomic.Bool
	d := oddDesk(t, fourLetters(), func(c *mailworld.OddConn, tag, cmd string) bool {
		if mended.Load() || !strings.Contains(cmd, "BODY.PEEK") {
			return false
		}
		c.Send("%s NO not now\r\n", tag)
		return true
	})
	if _, err := d.in.Once(t.Context()); err == nil {
		t.Fatal("nobody learns that the server refused")
	}
	d.in.RestLongest()
	mended.Store(true)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.in.Run(ctx) }()
	d.await(`SELECT count(*) > 0 FROM mailbox WHERE last_success IS NOT NULL`)
	if n := ask[int](d, `SELECT count(*) FROM ticket`); n != 0 {
		t.Errorf("%d tickets while the mails rest", n)
	}
	d.change(func(*mailbox.Mailbox) {})
	d.await(`SELECT count(*) = 4 FROM ticket`)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAMailLargerThanItsServerSaysIsTaken(t *testing.T) {
	t.Parallel()
	d := lyingDesk(t)
	if _, err := d.in.Once(t.Context()); err == nil {
		t.Fatal("the size was right")
	}
	d.once()
	if n, large := ask[int](d, `SELECT count(*) FROM ticket`), ask[int](d, `SELECT max(size) FROM blob`); n != 4 || large < 9_000_000 {
		t.Errorf("%d of 4 mails were taken, the largest with %d bytes", n, large)
	}
}

func TestAMailTooLargeWhoseServerSaysItIsNotIsTakenByItsHeader(t *testing.T) {
	t.Parallel()
	d := lyingDesk(t)
	d.set(`UPDATE parameter SET value = '6000000' WHERE name = 'max_message_bytes'`)
	for range 2 { // together with the others, alone
		if _, err := d.in.Once(t.Context()); err == nil {
			t.Fatal("more came than is taken")
		}
	}
	d.once()
	if n, flagged := ask[int](d, `SELECT count(*) FROM ticket`), ask[int](d, `SELECT count(*) FROM message WHERE 'oversize' = ANY(flags)`); n != 4 || flagged != 1 {
		t.Errorf("%d of 4 mails have a ticket, %d by its header", n, flagged)
	}
}

// lyingDesk reads from a server that says 5 MB of a mail of more than 9.
func lyingDesk(t *testing.T) *desk {
	t.Helper()
	all := fourLetters()
	all[1] = append(all[1], bytes.Repeat([]byte("0123456789012345678901234567890123456789012345678901234567890123456789\r\n"), 130_000)...)
	return oddDesk(t, all, func(c *mailworld.OddConn, tag, cmd string) bool {
		if !strings.HasPrefix(cmd, "UID FETCH") || !strings.Contains(cmd, "RFC822.SIZE") || !strings.Contains(cmd, "INTERNALDATE") {
			return false
		}
		for i, raw := range all {
			c.Send("* %d FETCH (UID %d FLAGS () INTERNALDATE \"02-Mar-2026 10:00:00 +0100\" RFC822.SIZE %d)\r\n", i+1, i+1, min(len(raw), 5_000_000))
		}
		c.Send("%s OK done\r\n", tag)
		return true
	})
}

func TestAFolderThatIsGoneDoesNotKeepTheOthersFromTheirTurn(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.Folders = []string{"Gone", "INBOX"} })
	d.deliver(letter("a@customer.test", "1@c", "x", ""))
	if _, err := d.in.Once(t.Context()); err == nil || !strings.Contains(err.Error(), "Gone") {
		t.Errorf("the error does not name the folder: %v", err)
	}
	if n := ask[int](d, `SELECT count(*) FROM ticket`); n != 1 {
		t.Errorf("%d tickets of the folder that is there, want 1", n)
	}
}

func TestAnUnreadMailHandedOutEmptyIsTold(t *testing.T) {
	t.Parallel()
	o := oddly(t, 4, &odd{empty: second})
	_ = o.passes(3) // together with the others, alone, alone once more
	o.once()
	if a := o.alarms(); o.tickets() != 3 || len(a) != 1 || a[0].Kind != alarm.Withheld || a[0].N != 1 {
		t.Errorf("%d tickets, alarms %+v", o.tickets(), a)
	}
}

func TestAReadMailHandedOutEmptyIsTakenOnceItCanBe(t *testing.T) {
	t.Parallel()
	o := oddly(t, 4, &odd{seen: true, empty: second}, alsoRead)
	o.once()
	o.empty = nil
	o.once()
	if o.tickets() != 4 {
		t.Errorf("%d tickets, want 4; looked up to %d, alarms %+v", o.tickets(), ask[int](o.desk, `SELECT looked_uid FROM inbound_folder`), o.alarms())
	}
}

func TestMailsThatAreWithheldKeepNoReadMailFromComingAndAreTold(t *testing.T) {
	t.Parallel()
	const bad = 12 // more than the times a pass connects anew
	o := oddly(t, bad+1, &odd{unseen: "1 2 3 4 5 6 7 8 9 10 11 12", body: func(uid int) bool { return uid <= bad }}, alsoRead)
	if err := o.passes(1); err == nil || o.tickets() != 1 {
		t.Errorf("%d tickets after the first pass: %v", o.tickets(), err)
	}
	if err := o.passes(3); err == nil { // the last that was refused a third time
		t.Error("nobody learns that the server refused")
	}
	if a := o.alarms(); len(a) != 1 || a[0].N != bad {
		t.Errorf("alarms: %+v", a)
	}
	o.once()
}

func TestAReadMailThatIsWithheldIsToldUntilItIsTaken(t *testing.T) {
	t.Parallel()
	o := oddly(t, 4, &odd{seen: true, body: second}, alsoRead)
	_ = o.passes(3)
	for range 2 { // it rests, and rests still
		o.once()
		if a := o.alarms(); o.tickets() != 3 || len(a) != 1 || a[0].N != 1 {
			t.Errorf("%d tickets, alarms %+v", o.tickets(), a)
		}
	}
	o.body = nil
	o.rested()
	o.once()
	if a := o.alarms(); o.tickets() != 4 || len(a) != 0 {
		t.Errorf("%d tickets once the server hands it out, looked up to %d, alarms %+v", o.tickets(), ask[int](o.desk, `SELECT looked_uid FROM inbound_folder`), a)
	}
}

func TestAWithheldMailIsCountedOnceHoweverItIsFound(t *testing.T) {
	t.Parallel()
	o := oddly(t, 4, &odd{body: second}, alsoRead)
	_ = o.passes(3)
	o.once()
	if n := ask[int](o.desk, `SELECT withheld FROM inbound_folder`); n != 1 {
		t.Errorf("one mail is counted as %d", n)
	}
}

func TestAWishForMissedMailStandsUntilTheServerHandsItOut(t *testing.T) {
	t.Parallel()
	o := oddly(t, 4, &odd{seen: true, body: second})
	o.netDue()
	o.once()
	o.set(`UPDATE inbound_folder SET missed = -missed`) // the button
	_ = o.passes(3)
	o.once()
	const how = `SELECT 'missed ' || missed || ', withheld ' || withheld || ', in the ledger ' || server_known || ', rows ' || (SELECT count(*) FROM inbound) FROM inbound_folder`
	if got := ask[string](o.desk, how); got != "missed -1, withheld 1, in the ledger 3, rows 3" {
		t.Error(got)
	}
	o.body = nil
	o.rested()
	o.once()
	if got := ask[string](o.desk, how); got != "missed 0, withheld 0, in the ledger 4, rows 4" {
		t.Error(got)
	}
}
