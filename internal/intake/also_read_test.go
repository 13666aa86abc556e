package intake_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func alsoRead(m *mailbox.Mailbox) { m.AlsoRead = true }

const subjects = `SELECT COALESCE(string_agg(subject, ', ' ORDER BY subject), '') FROM ticket`

func TestMailReadElsewhereSinceTheConnectionIsTakenOnce(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	d.mailbox("support@desk.test", alsoRead)
	box := "support@desk.test"
	d.deliver(letter("a@customer.test", "0@c", "Before", ""))
	d.read(box)
	d.deliver(letter("a@customer.test", "1@c", "Unread at the connection", ""))
	d.once()
	d.deliver(letter("b@customer.test", "2@c", "Read elsewhere", ""))
	d.read(box)
	d.deliver(letter("b@customer.test", "3@c", "Unread", ""))
	d.once()
	d.once()
	d.deliverRead(box, letter("c@customer.test", "4@c", "Later", ""), time.Now())
	d.deliverRead(box, letter("d@customer.test", "5@c", "Of last month, moved here", ""), time.Now().AddDate(0, -1, 0))
	d.once()
	d.once()
	if got := ask[string](d, subjects); got != "Later, Read elsewhere, Unread, Unread at the connection" {
		t.Error(got)
	}
	if got := ask[string](d, `SELECT count(*) || ' in the ledger, looked up to ' || (SELECT looked_uid FROM inbound_folder) || ', missed ' || (SELECT missed FROM inbound_folder) FROM inbound`); got != "4 in the ledger, looked up to 5, missed 0" {
		t.Error(got)
	}
}

// What is unread when a poll looks and read before the next is taken all the same: nothing is passed over because it was unread.
func TestMailReadBetweenTwoPollsIsTaken(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	d.mailbox("support@desk.test", alsoRead, func(m *mailbox.Mailbox) { m.Take = mailbox.TakeNew })
	d.once()
	for i := range 5 {
		d.deliver(letter("a@customer.test", fmt.Sprint(i, "@c"), fmt.Sprint("mail ", i), ""))
		if i%2 == 0 {
			d.read("support@desk.test")
		}
	}
	d.once()
	if got := ask[string](d, subjects); got != "mail 0, mail 1, mail 2, mail 3, mail 4" {
		t.Error(got)
	}
}

func TestTheOptionSwitchedOnTakesWhatWasReadSinceTheConnection(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.deliver(letter("a@customer.test", "0@c", "Before", ""))
	d.read("support@desk.test")
	d.once()
	d.deliver(letter("b@customer.test", "1@c", "Read elsewhere", ""))
	d.read("support@desk.test")
	d.set(`UPDATE inbound_folder SET missed_at = missed_at - interval '1 day', connected_at = connected_at - interval '1 minute'`)
	d.once()
	if got := ask[string](d, subjects); got != "" || ask[int](d, `SELECT missed FROM inbound_folder`) != 2 { // the net goes by dates alone
		t.Fatalf("taken %q with the option off, %d missed", got, ask[int](d, `SELECT missed FROM inbound_folder`))
	}
	d.set(`UPDATE inbound_folder SET connected_at = connected_at + interval '1 minute'`)
	d.change(func(m *mailbox.Mailbox) { m.AlsoRead = true })
	d.once()
	d.once()
	if got := ask[string](d, subjects); got != "Read elsewhere" || ask[int](d, `SELECT missed FROM inbound_folder`) != 0 {
		t.Errorf("taken %q, %d missed", got, ask[int](d, `SELECT missed FROM inbound_folder`))
	}
	d.change(func(m *mailbox.Mailbox) { m.AlsoRead = false })
	d.deliver(letter("c@customer.test", "2@c", "Off again", ""))
	d.read("support@desk.test")
	d.once()
	if got := ask[string](d, subjects); got != "Read elsewhere" {
		t.Errorf("switched off, and yet %q", got)
	}
}

// A server that numbers its mails anew makes no second tickets of what was taken, and nothing that was read in between is lost.
func TestMailReadElsewhereIsTakenAcrossARenumbering(t *testing.T) {
	t.Parallel()
	// No two are of one size, so none is fetched again to be told apart from another.
	d := bareDesk(t)
	d.mailbox("support@desk.test", alsoRead)
	d.once()
	d.set(`UPDATE inbound_folder SET connected_at = connected_at - interval '1 minute'`)
	d.deliver(letter("a@customer.test", "0@c", "One", ""))
	d.read("support@desk.test")
	d.once()
	d.deliver(letter("a@customer.test", "1@c", "Two", "b"))
	d.read("support@desk.test")
	d.set(`UPDATE inbound_folder SET uidvalidity = uidvalidity + 1`)
	d.set(`UPDATE inbound SET uidvalidity = uidvalidity + 1`)
	d.once()
	d.deliver(letter("a@customer.test", "2@c", "Three", "see"))
	d.read("support@desk.test")
	d.once()
	if got := ask[string](d, subjects); got != "One, Three, Two" || ask[int](d, `SELECT count(*) FROM inbound`) != 3 {
		t.Errorf("%s; %d in the ledger", got, ask[int](d, `SELECT count(*) FROM inbound`))
	}
}

// Two mails of one size that came in one second look the same from outside: across a renumbering neither is lost for the other.
func TestOfTwoMailsAlikeNeitherIsLostAcrossARenumbering(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	d.mailbox("support@desk.test", alsoRead)
	d.once()
	d.set(`UPDATE inbound_folder SET connected_at = connected_at - interval '1 minute'`)
	at := time.Now()
	d.deliverRead("support@desk.test", letter("a@customer.test", "0@c", "One", ""), at)
	d.once()
	d.deliverRead("support@desk.test", letter("a@customer.test", "1@c", "Two", ""), at)
	d.set(`UPDATE inbound_folder SET uidvalidity = uidvalidity + 1`)
	d.set(`UPDATE inbound SET uidvalidity = uidvalidity + 1`)
	for range 2 {
		d.once()
		d.set(`UPDATE inbound_folder SET missed_at = NULL`)
	}
	if got := ask[string](d, subjects); got != "One, Two" || ask[int](d, `SELECT count(*) FROM inbound`) != 3 || ask[int](d, `SELECT count(*) FROM inbound WHERE state = 'duplicate'`) != 1 {
		t.Errorf("%s; %d in the ledger", got, ask[int](d, `SELECT count(*) FROM inbound`))
	}
}

// A withheld mail is asked for again and again; what came behind it is not.
func TestWhatCameBehindAWithheldMailIsLookedAtOnce(t *testing.T) {
	t.Parallel()
	var asked []int
	o := oddly(t, 6, &odd{seen: true, body: second}, alsoRead)
	o.sizes = func(uids []int) string { asked = append(asked, uids...); return "" }
	_ = o.passes(3) // together with the others, alone, alone once more
	if got := fmt.Sprint(asked); got != "[1 2 3 4 5 6 1 2 3 4 5 6 2]" {
		t.Errorf("its server was asked about %s", got)
	}
	looked := func() int { return ask[int](o.desk, `SELECT looked_uid FROM inbound_folder`) }
	if looked() != 1 || o.tickets() != 5 {
		t.Errorf("looked up to %d, %d tickets", looked(), o.tickets())
	}
	o.rested() // another process knows nothing of this
	asked = nil
	o.body = nil
	o.once()
	if got := fmt.Sprint(asked); got != "[2 3 4 5 6]" || looked() != 6 || o.tickets() != 6 {
		t.Errorf("asked about %s, looked up to %d, %d tickets", got, looked(), o.tickets())
	}
}

func TestALookEndsBehindAWithheldMailOnceItWasTaken(t *testing.T) {
	t.Parallel()
	o := oddly(t, 6, &odd{seen: true, body: second}, alsoRead)
	_ = o.passes(1)
	o.body = nil
	o.once()
	if looked := ask[int](o.desk, `SELECT looked_uid FROM inbound_folder`); looked != 6 || o.tickets() != 6 {
		t.Errorf("looked up to %d, %d tickets", looked, o.tickets())
	}
}

func TestARunningPollerPicksTheOptionUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.once()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.in.Run(ctx) }()
	d.change(func(m *mailbox.Mailbox) { m.AlsoRead = true })
	for i := range 3 {
		d.deliverRead("support@desk.test", letter("a@customer.test", fmt.Sprint(i, "@c"), fmt.Sprint("mail ", i), ""), time.Now())
		d.await(`SELECT count(*) = $1 FROM ticket`, i+1)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// change stores other settings for support@'s mailbox.
func (d *desk) change(how func(*mailbox.Mailbox)) {
	d.t.Helper()
	pgtest.Tx(d.t, d.db, func(tx *pg.Tx) {
		m, err := mailbox.ByName(d.t.Context(), tx, "support")
		if err != nil {
			d.t.Fatal(err)
		}
		how(&m)
		if err := mailbox.Change(d.t.Context(), tx, agent.Agent{}, m, "", sealer); err != nil {
			d.t.Fatal(err)
		}
	})
}
