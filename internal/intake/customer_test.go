package intake_test

import (
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/pg/pgtest"
)

// createCustomers switches the parameter on.
func (d *desk) createCustomers() {
	d.t.Helper()
	d.set(`UPDATE parameter SET value = 'true' WHERE name = 'create_customers'`)
}

func TestAnUnknownSenderBecomesACustomerWhenTheDeskWantsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.deliver(letter("Before <before@customer.test>", "0@c", "Off by default", ""))
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM customer`); n != 0 {
		t.Fatalf("%d customers, though nobody asked for them", n)
	}
	d.createCustomers()
	d.deliver(
		letter("=?utf-8?q?Zo=C3=AB_Lee?= <Zoe@Customer.test>", "1@c", "Lamp", ""), letter("nameless@customer.test", "2@c", "Chair", ""),
		letter("before@customer.test", "3@c", "Re: Off by default", "In-Reply-To: <0@c>\n")) // joins its ticket, which stays as it is
	d.once()
	d.deliver(letter("Somebody <zoe@customer.test>", "4@c", "Another matter", ""))
	d.once()
	const want = "Another matter: Zoë Lee, Chair: nameless@customer.test, Lamp: Zoë Lee, Off by default: nobody"
	if got := ask[string](d, `SELECT string_agg(subject || ': ' || COALESCE(c.name, 'nobody'), ', ' ORDER BY subject) FROM ticket t LEFT JOIN customer c ON c.id = t.customer_id`); got != want {
		t.Error(got)
	}
	if got := ask[string](d, `
		SELECT string_agg(t.subject || ': ' || (e.data->'changes'->0->>'field') || ' ' || (e.data->'changes'->0->>'new_name'), ', ' ORDER BY t.subject)
		FROM event e JOIN ticket t ON t.id = e.subject_id WHERE e.kind = 'changed' AND e.subject_kind = 'ticket'`); got != "Chair: customer nameless@customer.test, Lamp: customer Zoë Lee" {
		t.Error(got)
	}
	if n := ask[int](d, `SELECT count(*) FROM event WHERE kind = 'customer_added' AND subject_kind = 'customer' AND by_agent IS NULL`); n != 2 {
		t.Errorf("%d customers say how they came to be", n)
	}
}

func TestMachinesForgersAndSharedAddressesMakeNoCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.createCustomers()
	d.set(`WITH c AS (INSERT INTO customer (kind, name, created_at) SELECT 'person', x, now() FROM unnest(ARRAY['One','Two']) x RETURNING id)
		INSERT INTO customer_address (customer_id, kind, value) SELECT id, 'email', 'both@customer.test' FROM c`)
	for i, m := range []struct{ from, more string }{
		{"MAILER-DAEMON@mx.test", ""}, {"mail-daemon@mx.test", ""}, {"no-reply@shop.test", ""}, {"news@shop.test", "List-Unsubscribe: <mailto:off@shop.test>\n"},
		{"away@customer.test", "Auto-Submitted: auto-replied\n"}, {"bulk@shop.test", "Precedence: bulk\n"}, {"empty@customer.test", "Return-Path: <>\n"},
		{"two@customer.test", "From: other@customer.test\n"}, {"support@desk.test", ""}, {"both@customer.test", ""},
	} {
		d.deliver(letter(m.from, fmt.Sprint(i, "@c"), fmt.Sprint("mail ", i), m.more))
	}
	d.once()
	if got := ask[string](d, `SELECT count(*) || ' tickets, ' || count(customer_id) || ' with a customer, ' || (SELECT count(*) FROM customer) || ' customers' FROM ticket`); got != "10 tickets, 0 with a customer, 2 customers" {
		t.Error(got, ask[string](d, `SELECT string_agg(name, ', ') FROM customer`))
	}
}

func TestAFromThatReadsTwoWaysIsNobodysCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.set(`WITH c AS (INSERT INTO customer (kind, name, created_at) VALUES ('person', 'Ann', now()) RETURNING id)
		INSERT INTO customer_address (customer_id, kind, value) SELECT id, 'email', 'ann@bank.test' FROM c`)
	d.deliver(letter("ann@bank.test, eve@evil.test", "1@evil.test", "New account number", ""), letter("ann@ban\u212a.test", "2@evil.test", "New account number", ""))
	d.once()
	if got := ask[string](d, `SELECT count(*) || ' tickets, ' || count(customer_id) || ' under Ann' FROM ticket`); got != "2 tickets, 0 under Ann" {
		t.Error(got)
	}
}

func TestOneNewSenderInTwoProcessesIsOneCustomer(t *testing.T) {
	t.Parallel()
	const senders, each = 8, 6
	d := newDesk(t)
	d.mailbox("sales@desk.test")
	d.createCustomers()
	for n := range senders * each {
		from := fmt.Sprintf("Ann %d <ann%d@customer.test>", n%senders, n%senders)
		d.deliverTo([]string{"support@desk.test", "sales@desk.test"}[n/senders%2], letter(from, fmt.Sprint(n, "@c"), fmt.Sprint("matter ", n), ""))
	}
	other := d.intake(pgtest.Open(t, d.url, nil))
	g, ctx := errgroup.WithContext(t.Context())
	g.Go(func() error { _, err := d.in.Once(ctx); return err })
	g.Go(func() error { _, err := other.Once(ctx); return err })
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	d.once()
	if got := ask[string](d, `SELECT count(*) || ' tickets of ' || count(DISTINCT customer_id) || ' customers, ' || (SELECT count(*) FROM customer) || ' in all' FROM ticket WHERE customer_id IS NOT NULL`); got != "48 tickets of 8 customers, 8 in all" {
		t.Error(got)
	}
	if n := ask[int](d, `SELECT count(*) FROM inbound WHERE state <> 'ticket' OR attempts > 1`); n != 0 {
		t.Errorf("%d mails went another way", n)
	}
}
