package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/alarm"
	"frontdesk/internal/fault"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// keeper is an administrator of the desk.
func (d *desk) keeper() agent.Agent {
	d.t.Helper()
	d.set(`INSERT INTO agent (email, name, password_hash, profile_id, created_at) SELECT 'k@desk.test', 'K', '', id, now() FROM profile WHERE key = 'admin'`)
	return agent.Agent{ID: ask[int64](d, `SELECT id FROM agent`), Permissions: []agent.Permission{agent.QuarantineManage}}
}

func (d *desk) tx(fn func(tx *pg.Tx) error) {
	d.t.Helper()
	pgtest.Tx(d.t, d.db, func(tx *pg.Tx) {
		if err := fn(tx); err != nil {
			d.t.Fatal(err)
		}
	})
}

// accountOf is how the only mailbox is reconciled.
func (d *desk) accountOf() inbound.Account {
	d.t.Helper()
	all, err := inbound.Accounts(d.t.Context(), d.db)
	if err != nil || len(all) != 1 {
		d.t.Fatalf("%+v, %v", all, err)
	}
	return all[0]
}

func sum(s inbound.States) int64 {
	return s.Pending + s.Ticket + s.Reply + s.Bounce + s.Ignored + s.Duplicate + s.Quarantined + s.Removed
}

// Of every kind of mail one or more: both lines of the page balance, and the folder's is what lies in the folder.
func TestTheEquationHoldsAfterAMixedBagOfMail(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	box := "support@desk.test"
	hostile := d.intakeWith(d.db, "parse-child-that-dies")
	same := letter("a@customer.test", "same@c", "Twice", "")
	d.deliver(letter("a@customer.test", "1@c", "Lamp", ""), letter("a@customer.test", "2@c", "Re: Lamp", "In-Reply-To: <1@c>\n"), same, same,
		"From: mailer-daemon@mx.test\nTo: support@desk.test\nSubject: Returned\nMessage-ID: <dsn@mx>\nMIME-Version: 1.0\n"+
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nno\n"+
			"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; gone@x.test\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
		letter("a@customer.test", "p1@c", "Poison", "X-Poison: yes\n"), letter("a@customer.test", "p2@c", "More poison", "X-Poison: yes\n"))
	for range 3 {
		if _, err := hostile.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.set(`UPDATE inbound SET try_at = now() WHERE state = 'pending'`)
	}
	for ask[bool](d, `SELECT EXISTS (SELECT FROM inbound WHERE state = 'pending')`) {
		if _, err := hostile.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.set(`UPDATE inbound SET try_at = now() WHERE state = 'pending'`)
	}
	keeper := d.keeper()
	d.tx(func(tx *pg.Tx) error {
		return inbound.Discard(t.Context(), tx, keeper, ask[int64](d, `SELECT id FROM inbound WHERE rfc_id = 'p1@c'`))
	})
	if p := d.accountOf().Folders[0]; p.Server() != 7 || p.Ledger != 7 { // all of them lay there before we came, and are ours all the same
		t.Errorf("the first look: %+v", p)
	}
	d.deliver(letter("b@customer.test", "read@c", "Read elsewhere", ""))
	d.read(box)
	d.set(`UPDATE inbound_folder SET missed_at = NULL, connected_at = connected_at - interval '1 minute'`)
	d.once()

	a := d.accountOf()
	if got := fmt.Sprintf("%+v", a.States); got != "{Pending:0 Ticket:2 Reply:1 Bounce:1 Ignored:0 Duplicate:1 Quarantined:1 Removed:1}" {
		t.Errorf("the bag is not mixed: %s", got)
	}
	if a.Received != sum(a.States) || a.Received != 7 || a.Lost != 0 || a.Doubled != 0 {
		t.Errorf("the ledger does not balance: %+v", a)
	}
	lies, err := d.world.Count(d.account[box], "INBOX")
	if p := a.Folders[0]; err != nil || len(a.Folders) != 1 || p.LookedAt == nil || p.Server() != int64(lies) || p.Missed != 1 || p.Unread != 0 || p.Ledger != a.Received {
		t.Errorf("%d lie in the folder: %+v, %v", lies, p, err)
	}
	// What no program should do.
	double := `INSERT INTO message (ticket_id, kind, at, mailbox_id, from_address, rfc_id, inbound_id)
		SELECT ticket_id, kind, at, mailbox_id, from_address, rfc_id, COALESCE($1, inbound_id) FROM message WHERE rfc_id = '1@c' LIMIT 1`
	d.set(double, nil)
	d.set(double, ask[int64](d, `SELECT id FROM inbound WHERE state = 'bounce'`))
	if a := d.accountOf(); a.Lost != 0 || a.Doubled != 2 {
		t.Errorf("two messages too many: %+v", a)
	}
	d.set(`DELETE FROM message WHERE rfc_id = '2@c'`)
	if a := d.accountOf(); a.Lost != 1 || a.Doubled != 2 {
		t.Errorf("and one is gone: %+v", a)
	}
}

// What is unread is not missed, and what came before the mailbox was connected belongs to no sum.
func TestUnreadMailAndMailFromBeforeAreNotMissed(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.Take = mailbox.TakeNew })
	d.deliver(letter("z@customer.test", "0@c", "Left unread", ""))
	d.once()
	d.deliver(letter("a@customer.test", "1@c", "Taken", ""))
	d.deliverRead("support@desk.test", letter("z@customer.test", "2@c", "From before", ""), time.Now().Add(-time.Hour))
	d.set(`UPDATE inbound_folder SET missed_at = NULL, connected_at = connected_at - interval '1 minute'`)
	d.once()
	if p := d.accountOf().Folders[0]; p.Server() != 2 || p.Unread != 1 || p.Missed != 0 || p.Ledger != 1 {
		t.Errorf("%+v", p)
	}
}

func TestANewNumberingIsAnAlarmUntilAPersonKnowsOfIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	numbered := func() string {
		t.Helper()
		list, err := alarm.Find(t.Context(), d.db, ask[time.Time](d, `SELECT now()`))
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, a := range list {
			said = append(said, fmt.Sprintf("%s %s %s %v", a.Kind, a.Mailbox, a.Place, a.N == ask[int64](d, `SELECT uidvalidity FROM inbound_folder`)))
		}
		return strings.Join(said, ", ")
	}
	d.deliver(letter("a@customer.test", "1@c", "Lamp", ""))
	d.once()
	if got := numbered(); got != "" {
		t.Fatalf("before: %s", got)
	}
	renumber := func() {
		was := ask[int64](d, `SELECT uidvalidity * 1000 + epoch FROM inbound_folder`)
		for ask[int64](d, `SELECT uidvalidity * 1000 + epoch FROM inbound_folder`) == was { // within one second Dovecot may come to the same number
			if err := d.world.Renumber(d.account["support@desk.test"]); err != nil {
				t.Fatal(err)
			}
			d.once()
		}
	}
	renumber()
	if got := numbered(); got != "renumbered support INBOX true" {
		t.Errorf("after: %s", got)
	}
	id := ask[int64](d, `SELECT id FROM mailbox`)
	if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { return inbound.Acknowledge(t.Context(), tx, agent.Agent{}, id) }); !strings.Contains(fmt.Sprint(err), fault.Forbidden.Error()) {
		t.Errorf("without the permission: %v", err)
	}
	keeper := d.keeper()
	for range 2 {
		d.tx(func(tx *pg.Tx) error { return inbound.Acknowledge(t.Context(), tx, keeper, id) })
	}
	if got := numbered(); got != "" {
		t.Errorf("acknowledged: %s", got)
	}
	if n := ask[int](d, `SELECT count(*) FROM event WHERE kind = 'renumbered_seen' AND subject_kind = 'mailbox' AND subject_id = $1 AND by_agent = $2`, id, keeper.ID); n != 1 {
		t.Errorf("%d events say who knew", n)
	}
	renumber()
	if got := numbered(); got != "renumbered support INBOX true" {
		t.Errorf("once more: %s", got)
	}
	if got := ask[string](d, `SELECT count(*) || ' ' || count(DISTINCT rfc_id) FROM message`); got != "1 1" {
		t.Errorf("messages: %s", got)
	}
}
