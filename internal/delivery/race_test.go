package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

type tx = pg.Tx

// second is the same desk seen by another process: a pool of its own.
func (d *desk) second() *Sender {
	s := d.sender()
	s.DB = pgtest.Open(d, d.url, d.clock)
	return s
}

// start runs a sender until the returned function is called, which waits for its end.
func (d *desk) start(s *Sender) (stop func()) {
	ctx, cancel := context.WithCancel(d.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() {
		d.Helper()
		cancel()
		select {
		case err := <-done:
			if err != nil {
				d.Error(err)
			}
		case <-time.After(2 * time.Minute):
			d.Fatal("the sender does not stop")
		}
	}
}

func (d *desk) waitFor(state outbox.State, n int) {
	d.Helper()
	d.eventually(fmt.Sprintf("%d %s", n, state), func() bool {
		return one[int](d, d.db, `SELECT count(*) FROM outbox WHERE state = $1`, string(state)) >= n
	})
}

func TestTwoProcessesSendEachLetterOnce(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 4)
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	const n = 300
	for range n {
		d.put(alice)
	}
	for _, s := range []*Sender{d.sender(), d.second()} {
		defer d.start(s)()
	}
	d.waitFor(outbox.Sent, n)
	got := arrivals(sink.Ledger())
	row.Injected("two processes and %d letters", n)
	row.Counted("%d at the server, %d distinct", len(sink.Ledger()), len(got))
	if len(got) != n || len(sink.Ledger()) != n {
		t.Errorf("%d letters, %d distinct, want %d", len(sink.Ledger()), len(got), n)
	}
	if s := sink.Sessions(); s > 40 {
		t.Errorf("%d connections for %d letters", s, n)
	}
}

// TestCancelOrSentNeverBothNorNeither is fault row 28.
func TestCancelOrSentNeverBothNorNeither(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 28)
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	const n = 1000
	ids := make([]int64, n)
	at := make([]time.Time, n)
	for i := range n {
		after := 500*time.Millisecond + time.Duration(i)*time.Millisecond
		ids[i] = d.write(written{after: after, to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
		at[i] = one[time.Time](d, d.db, `SELECT send_after FROM outbox WHERE id = $1`, ids[i])
	}
	broker := event.NewBroker(d.db)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = broker.Run(ctx) }()
	s := d.sender()
	s.Broker = broker
	stop, stopSecond := d.start(s), d.start(d.second())
	var cancelled, late atomic.Int64
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w; i < n; i += 8 {
				jitter := time.Duration(rand.IntN(100)-50) * time.Millisecond
				select {
				case <-time.After(time.Until(at[i].Add(jitter))):
				case <-t.Context().Done():
					return
				}
				err := d.db.InTx(t.Context(), func(tx *tx) error { return outbox.Cancel(t.Context(), tx, ids[i]) })
				switch {
				case err == nil:
					cancelled.Add(1)
				case errors.Is(err, fault.TooLate):
					late.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	d.waitFor(outbox.Sent, int(late.Load()))
	stop()
	stopSecond()
	got := arrivals(sink.Ledger())
	row.Injected("%d letters taken back within 50 ms of leaving, two processes", n)
	row.Counted("%d taken back, %d too late, %d at the server", cancelled.Load(), late.Load(), len(got))
	if cancelled.Load()+late.Load() != n || int64(len(got)) != late.Load() || len(sink.Ledger()) != len(got) {
		t.Errorf("%d cancelled + %d too late of %d; %d at the server, %d distinct", cancelled.Load(), late.Load(), n, len(sink.Ledger()), len(got))
	}
	if cancelled.Load() == 0 || late.Load() == 0 {
		t.Error("no race took place")
	}
	for _, id := range ids {
		if v := d.delivery(id); v.State == outbox.Cancelled && got[d.rfc(id)] != 0 {
			t.Errorf("letter %d was cancelled and sent", id)
		}
	}
}

func TestProcessThatLostItsLeaseSendsNoDot(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	reached, goOn := make(chan struct{}), make(chan struct{})
	sink.Fail(mailworld.Fault{Phase: "data", While: func() { close(reached); <-goOn }, Times: 1})
	d := atSink(t, sink)
	id := d.put(alice)
	slow := d.sender()
	slow.prepare()
	if _, err := slow.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-reached
	d.clock.Advance(outbox.LeaseFor + time.Second) // its heartbeat is late
	fast := d.second()
	d.expireLeases(fast)
	d.once(fast)
	close(goOn)
	slow.all.Wait()
	if l := sink.Ledger(); len(l) != 1 || d.delivery(id).State != outbox.Sent || d.events(id, event.Sent) != 1 {
		t.Errorf("%d at the server, %+v", len(l), d.delivery(id))
	}
}

func TestSlowServerDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 27)
	slow, quick := mailworld.StartSink(t), mailworld.StartSink(t)
	slow.Fail(mailworld.Fault{Phase: "data", Hang: true})
	d := atSink(t, quick)
	for i := range 10 {
		box := d.addSink(fmt.Sprintf("Slow %d", i), fmt.Sprintf("slow%d@desk.test", i), slow)
		for range 10 {
			d.write(written{mailbox: box, to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
		}
	}
	s := d.sender()
	s.Grace = 100 * time.Millisecond
	stop := d.start(s)
	d.eventually("all slow ones hang", func() bool { return slow.Sessions() >= 10 })
	start := time.Now()
	for range 20 {
		d.put(alice)
	}
	s.Wake()
	d.waitFor(outbox.Sent, 20)
	row.Injected("10 mailboxes whose server hangs, 10 letters each")
	row.Counted("20 letters of another mailbox left in %s", time.Since(start).Round(time.Millisecond))
	stop()
	if n := one[int](d, d.db, `SELECT count(*) FROM outbox WHERE state IN ('leased', 'dot')`); n != 0 {
		t.Errorf("%d letters still held after the end", n)
	}
}

func TestStoppingFinishesTheLetterUnderWay(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 30)
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "dot", Delay: 400 * time.Millisecond})
	d := atSink(t, sink)
	const n = 60 // more than leave before it is stopped, however slow this machine
	for range n {
		d.put(alice)
	}
	s := d.sender()
	stop := d.start(s)
	d.waitFor(outbox.Dot, 1)
	stop()
	count := func(st outbox.State) int {
		return one[int](d, d.db, `SELECT count(*) FROM outbox WHERE state = $1`, string(st))
	}
	if sent := count(outbox.Sent); sent == 0 || sent == n || sent+count(outbox.Queued) != n || len(sink.Ledger()) != sent {
		t.Errorf("%d sent, %d queued, %d at the server", sent, count(outbox.Queued), len(sink.Ledger()))
	}
	sink.Heal()
	d.once(d.second())
	row.Injected("the end while letters leave")
	row.Counted("%d letters, %d at the server", n, len(sink.Ledger()))
	if got := arrivals(sink.Ledger()); len(got) != n || len(sink.Ledger()) != n {
		t.Errorf("in the end %d, %d distinct", len(sink.Ledger()), len(got))
	}
}

func TestDatabaseClockDecidesWhenAScheduledLetterLeaves(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 29)
	row.Injected("a database clock five minutes behind, moved on in steps of minutes and days")
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	d.clock.Advance(-5 * time.Minute) // another clock than this machine's
	id := d.write(written{after: 13 * 24 * time.Hour, to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	s := d.sender()
	for _, step := range []time.Duration{0, 5 * time.Minute, 12 * 24 * time.Hour, 24*time.Hour - 6*time.Minute} {
		d.clock.Advance(step)
		if d.once(s); len(sink.Ledger()) != 0 {
			t.Fatalf("left early, after %s", step)
		}
	}
	d.clock.Advance(time.Minute)
	row.Counted("not before its time, then at once")
	if d.once(s); d.delivery(id).State != outbox.Sent {
		t.Errorf("%+v", d.delivery(id))
	}
}

func TestClockThatJumpsSendsNothingEarlyAndHoldsNothing(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 29)
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	s := d.sender()
	due := func(after time.Duration) int64 {
		return d.write(written{after: after, to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	}
	after := func(jump time.Duration, what string, sent, held int) {
		d.clock.Advance(jump)
		d.once(s)
		states := one[string](d, d.db, `SELECT count(*) FILTER (WHERE state = 'sent') || ' ' || count(*) FILTER (WHERE state = 'queued') FROM outbox`)
		if want := fmt.Sprint(sent, " ", held); states != want || len(sink.Ledger()) != sent {
			t.Errorf("%s: sent and held %s, want %s; %d at the server", what, states, want, len(sink.Ledger()))
		}
	}
	due(30 * time.Minute)
	after(time.Hour, "an hour forward", 1, 0)
	due(30 * time.Minute)
	after(-time.Hour, "an hour back", 1, 1)
	sink.Fail(mailworld.Fault{Phase: "data", Code: 451, Text: "later", Times: 1})
	due(-time.Minute)
	after(0, "refused for now", 1, 2)
	after(-time.Hour, "back while it waits for another try", 1, 2)
	after(time.Hour+2*time.Minute, "the time of the other try", 2, 1)
	after(88*time.Minute, "the time of the first, as it was counted then", 3, 0)
	row.Injected("the database's clock an hour forward, an hour back twice, and on")
	row.Counted("%d letters, %d at the server, none before its time", 3, len(sink.Ledger()))
}

func TestLetterLeavesAtItsTimeByItself(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	broker := event.NewBroker(d.db)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = broker.Run(ctx) }()
	s := d.sender()
	s.Broker = broker
	defer d.start(s)()
	id := d.write(written{after: 700 * time.Millisecond, to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	d.waitFor(outbox.Sent, 1)
	late := one[time.Duration](d, d.db, `SELECT settled_at - send_after FROM outbox WHERE id = $1`, id)
	t.Logf("sent %s after it was due", late)
	if late < 0 || late > 10*time.Second {
		t.Errorf("sent %s after it was due", late)
	}
}

// Who deletes a ticket or adds a mail to it holds it, and then its letters. So does who tells it the end of a letter: else they would wait in a ring.
func TestTheTicketIsHeldBeforeItsLetter(t *testing.T) {
	t.Parallel()
	answered := func(o mailbox.Outcome, v mailbox.Verdict, code int) func(*desk, *Sender, outbox.Lease) error {
		return func(d *desk, s *Sender, l outbox.Lease) error {
			return s.settle(d.Context(), l, mailbox.Result{Outcome: o, Code: code, Recipients: []mailbox.Recipient{{Address: alice, Verdict: v, Code: code}}})
		}
	}
	for name, c := range map[string]struct {
		as  string // what the letter is, beyond claimed and overtaken
		end func(d *desk, s *Sender, l outbox.Lease) error
	}{
		"settled":    {end: answered(mailbox.Sent, mailbox.Accepted, 250)},
		"put off":    {end: answered(mailbox.Temporary, mailbox.Deferred, 451)},
		"given back": {end: func(d *desk, s *Sender, l outbox.Lease) error { return s.release(d.Context(), []outbox.Lease{l}) }},
		"given up": {`state = 'queued', first_try_at = now() - interval '73 hours'`,
			func(d *desk, s *Sender, _ outbox.Lease) error {
				return s.giveUp(d.Context(), d.mailbox, errors.New("away"))
			}},
		"unmakable": {end: func(d *desk, s *Sender, l outbox.Lease) error {
			d.must(func(tx *tx) error { d.exec(tx, `UPDATE message SET from_address = '' WHERE kind = 'out'`); return nil })
			_, err := s.compose(d.Context(), []outbox.Lease{l})
			return err
		}},
		"looked for": {`state = 'uncertain'`, func(d *desk, s *Sender, l outbox.Lease) error {
			_ = s.lookUp(d.Context(), outbox.Riddle{ID: l.ID, TicketID: l.TicketID, MessageID: l.MessageID, MailboxID: d.mailbox, Attempts: 9}) // no IMAP there
			return nil
		}},
		"held for a person": {`state = 'uncertain'`, func(d *desk, s *Sender, l outbox.Lease) error {
			return s.onceMore(d.Context(), outbox.Riddle{ID: l.ID, TicketID: l.TicketID, MessageID: l.MessageID})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, s, l := overtaken(t, c.as)
			done := make(chan error, 1)
			d.must(func(tx *tx) error {
				d.exec(tx, `SELECT FROM ticket WHERE id = $1 FOR UPDATE`, d.ticket)
				go func() { done <- c.end(d, s, l) }()
				d.eventually("it waits for the ticket", func() bool {
					return one[bool](d, d.db, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
				})
				_, err := pg.Exec(t.Context(), tx, `SELECT FROM outbox WHERE id = $1 FOR UPDATE NOWAIT`, l.ID)
				return err
			})
			if err := <-done; err != nil {
				t.Error(err)
			}
			if d.delivery(l.ID).State == outbox.Leased {
				t.Error("nothing came of it")
			}
		})
	}
}

// Nobody says beforehand which leases have run out: those whose ticket is held are left for the next look.
func TestALeaseThatRanOutWaitsForNoTicket(t *testing.T) {
	t.Parallel()
	for _, state := range []outbox.State{outbox.Leased, outbox.Dot} {
		d, s, l := overtaken(t, fmt.Sprintf(`lease_until = now() - interval '1 minute', state = '%s'`, state))
		d.must(func(tx *tx) error {
			d.exec(tx, `SELECT FROM ticket WHERE id = $1 FOR UPDATE`, d.ticket)
			d.expireLeases(s)
			return nil
		})
		if got := d.delivery(l.ID).State; got != state {
			t.Errorf("%s while the ticket was held, want %s", got, state)
		}
		d.expireLeases(s)
		if got := d.delivery(l.ID).State; got != outbox.Cancelled && got != outbox.Uncertain {
			t.Errorf("%s afterwards", got)
		}
	}
}

// overtaken is a desk with a letter that was claimed, was overtaken then, and is what as says.
func overtaken(t *testing.T, as string) (*desk, *Sender, outbox.Lease) {
	d := atSink(t, mailworld.StartSink(t))
	d.put(alice)
	s := d.sender()
	s.prepare()
	batch, err := s.claim(t.Context(), d.mailbox, 1)
	if err != nil {
		t.Fatal(err)
	}
	if as != "" {
		as = ", " + as
	}
	d.must(func(tx *tx) error { d.exec(tx, `UPDATE outbox SET overtaken = 'customer_wrote'`+as); return nil })
	return d, s, batch[0]
}
