package intake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/pg/pgtest"
)

// conversation is a thread of n mails, each answering the one before and naming all earlier ones, by two people in turn.
func conversation(thread, n int) []string {
	var mails []string
	refs := ""
	for i := range n {
		id := fmt.Sprintf("%d.%d@customer.test", thread, i)
		more := fmt.Sprintf("Cc: boss%d@customer.test\n", thread)
		if i > 0 {
			more += "In-Reply-To: <" + fmt.Sprintf("%d.%d@customer.test", thread, i-1) + ">\nReferences:" + refs + "\n"
		}
		from := fmt.Sprintf("customer%d@customer.test", thread)
		mails = append(mails, letter(from, id, fmt.Sprintf("thread %d mail %d", thread, i), more))
		refs += "\n <" + id + ">"
	}
	return mails
}

func TestThreadsStayWholeOverMailboxesAndProcesses(t *testing.T) {
	t.Parallel()
	const threads, each = 20, 50
	d := newDesk(t)
	d.mailbox("sales@desk.test")
	var all []string
	for n := range threads {
		all = append(all, conversation(n, each)...)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i, m := range all {
		d.deliverTo([]string{"support@desk.test", "sales@desk.test"}[i%2], m)
	}
	other := d.intake(pgtest.Open(t, d.url, nil))
	g, ctx := errgroup.WithContext(t.Context())
	g.Go(func() error { _, err := d.in.Once(ctx); return err })
	g.Go(func() error { _, err := other.Once(ctx); return err })
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	d.once() // what the other process stored after one of them had looked
	if n := ask[int](d, `SELECT count(*) FROM ticket`); n != threads {
		t.Errorf("%d tickets", n)
	}
	if n := ask[int](d, `SELECT count(DISTINCT rfc_id) FROM message`); n != threads*each {
		t.Errorf("%d messages", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM inbound WHERE state NOT IN ('ticket','reply') OR attempts > 1`); n != 0 {
		t.Errorf("%d mails went another way", n)
	}
}

func TestRunTakesAMailAsItComes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.in.Run(ctx) }()
	for i := range 3 {
		d.deliver(letter("alice@customer.test", fmt.Sprint(i, "@customer.test"), fmt.Sprint("mail ", i), ""))
		d.await(`SELECT count(*) = $1 FROM ticket`, i+1)
	}
	d.mailbox("sales@desk.test") // is picked up while running
	d.deliverTo("sales@desk.test", letter("bob@customer.test", "s@customer.test", "to sales", ""))
	d.await(`SELECT count(*) = 4 FROM ticket`)
	d.await(`SELECT count(*) = 2 FROM mailbox WHERE last_success IS NOT NULL AND failures = 0`)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	// Postgres ends the session a moment after the connection closed.
	d.await(`SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
}
