package intake_test

import (
	"testing"
)

func TestAMailBecomesATicketAndTheAnswerJoinsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.deliver(letter("Alice <alice@customer.test>", "1@customer.test", "Broken lamp", ""))
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM ticket WHERE requester = 'alice@customer.test' AND subject = 'Broken lamp' AND kind = 'new'`); n != 1 {
		t.Fatalf("%d tickets", n)
	}
	if n := d.unseen("support@desk.test"); n != 0 {
		t.Errorf("%d mails are unread at the server", n)
	}
	d.deliver(letter("alice@customer.test", "2@customer.test", "Re: Broken lamp", "In-Reply-To: <1@customer.test>\n"))
	d.once()
	if got := ask[string](d, `SELECT string_agg(state, ',' ORDER BY id) FROM inbound`); got != "ticket,reply" {
		t.Error(got)
	}
	if n := ask[int](d, `SELECT count(*) FROM message JOIN message_body ON message_id = id WHERE text LIKE 'Hello%' GROUP BY ticket_id`); n != 2 {
		t.Errorf("%d messages in the ticket", n)
	}
}
