package ticket_test

import (
	"errors"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
	"frontdesk/internal/ticket"
)

func postpone(d *fixture.Desk, id int64, by time.Duration) time.Time {
	d.Helper()
	var until time.Time
	d.Tx(func(tx *pg.Tx) error {
		until = tx.Now.Add(by)
		_, err := ticket.Postpone(d.Context(), tx, d.Agent, id, ticket.To(until.Unix()), nil)
		return err
	})
	return until
}

func wake(d *fixture.Desk) (n int) {
	d.Helper()
	d.Tx(func(tx *pg.Tx) (err error) { n, err = ticket.Wake(d.Context(), tx, 10); return err })
	return n
}

type nap struct {
	Kind           string
	PostponedUntil *time.Time
	WakesTo        *int64
}

func napOf(d *fixture.Desk, id int64) nap {
	d.Helper()
	n, err := pg.One[nap](d.Context(), d.DB, `SELECT kind, postponed_until, wakes_to FROM ticket WHERE id = $1`, id)
	if err != nil {
		d.Fatal(err)
	}
	return n
}

func TestPostponedUntilNothingIsRefused(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Call me on Monday.")
	until := postpone(d, l.TicketID, 48*time.Hour)
	var bad fault.Invalid
	err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := ticket.Postpone(t.Context(), tx, d.Agent, l.TicketID, ticket.To[int64](0), nil)
		return err
	})
	if !errors.As(err, &bad) || bad["until"].Key == "" {
		t.Errorf("until 0: %v, want it refused beside the field", err)
	}
	if got := napOf(d, l.TicketID); got.PostponedUntil == nil || !got.PostponedUntil.Equal(until.Truncate(time.Second)) {
		t.Errorf("the ticket that was postponed: %+v", got)
	}
}

func TestTheSamePostponementTwiceIsOne(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Call me on Monday.")
	status, until := d.Card(d.Agent, l.TicketID).Ticket.StatusID, time.Now().Add(48*time.Hour).Unix()
	var deeds []int64
	for _, by := range []agent.Agent{d.Agent, d.Agent, d.Admin} {
		d.Tx(func(tx *pg.Tx) error {
			deed, err := ticket.Postpone(t.Context(), tx, by, l.TicketID, ticket.From(0, until), &status)
			deeds = append(deeds, deed)
			return err
		})
	}
	if deeds[0] == 0 || deeds[1] != deeds[0] || deeds[2] != 0 {
		t.Errorf("told as %v, want the first of who did it, and nothing of somebody else", deeds)
	}
}

func TestPostponedTicketWakesAtItsMinute(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Call me on Monday.")
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.To(d.Status("open")), Assignee: ticket.To(d.Agent.ID)}); err != nil {
		t.Fatal(err)
	}
	d.Tx(func(tx *pg.Tx) error { return ticket.Seen(t.Context(), tx, d.Agent, l.TicketID, l.MessageID) })
	running := clockOf(d, l.TicketID, sla.Execution)
	until := postpone(d, l.TicketID, 48*time.Hour)
	got := napOf(d, l.TicketID)
	if got.Kind != "postponed" || got.PostponedUntil == nil || !got.PostponedUntil.Equal(until.Truncate(time.Second)) || *got.WakesTo != d.Status("open") {
		t.Errorf("postponed: %+v", got)
	}
	if c := clockOf(d, l.TicketID, sla.Execution); c.DueAt != nil || c.Left == nil {
		t.Errorf("the clock runs on: %+v, was %+v", c, running)
	}
	d.Clock.Advance(47 * time.Hour)
	if n := wake(d); n != 0 {
		t.Errorf("%d woke an hour early", n)
	}
	d.Clock.Advance(time.Hour)
	d.Tx(func(tx *pg.Tx) error { return ticket.Delete(t.Context(), tx, d.Admin, l.TicketID) })
	if n := wake(d); n != 0 {
		t.Errorf("%d deleted ones woke", n)
	}
	d.Tx(func(tx *pg.Tx) error { return ticket.Restore(t.Context(), tx, d.Admin, l.TicketID) })
	if n := wake(d); n != 1 {
		t.Errorf("%d woke, want 1", n)
	}
	c := d.Card(d.Agent, l.TicketID)
	if c.Ticket.Kind != "open" || c.Ticket.Seen >= l.MessageID {
		t.Errorf("woken as %s, seen up to %d of %d: it should be unread", c.Ticket.Kind, c.Ticket.Seen, l.MessageID)
	}
	if got := napOf(d, l.TicketID); got.PostponedUntil != nil || got.WakesTo != nil {
		t.Errorf("left behind: %+v", got)
	}
	if c := clockOf(d, l.TicketID, sla.Execution); c.DueAt == nil {
		t.Errorf("the clock still stands: %+v", c)
	}
	last := c.Events[len(c.Events)-1]
	if last.Kind != event.Woken || last.ByAgent != nil {
		t.Errorf("the last event is %+v", last)
	}
	if n := wake(d); n != 0 {
		t.Errorf("%d woke twice", n)
	}
}

func TestCustomerWakesAPostponedTicket(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Call me on Monday.")
	postpone(d, l.TicketID, 48*time.Hour)
	d.Write(l.TicketID, ann, "Call me today.")
	if got := napOf(d, l.TicketID); got.Kind != "new" || got.PostponedUntil != nil {
		t.Errorf("after the customer wrote: %+v", got)
	}
	d.Clock.Advance(72 * time.Hour)
	if n := wake(d); n != 0 {
		t.Errorf("%d woke although the customer had done so", n)
	}
}

func TestPostponingAgainKeepsTheStatusToComeBackTo(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Call me on Monday.")
	postpone(d, l.TicketID, 24*time.Hour)
	postpone(d, l.TicketID, 48*time.Hour)
	if got := napOf(d, l.TicketID); *got.WakesTo != d.Status("new") {
		t.Errorf("would wake as status %d", *got.WakesTo)
	}
	d.Tx(func(tx *pg.Tx) error { return ticket.WakeNow(t.Context(), tx, d.Agent, l.TicketID) })
	if got := napOf(d, l.TicketID); got.Kind != "new" || got.PostponedUntil != nil {
		t.Errorf("woken by hand: %+v", got)
	}
}

func TestPostponingAClosedTicketBringsItBackOpen(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Call me on Monday.")
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.To(d.Status("closed"))}); err != nil {
		t.Fatal(err)
	}
	postpone(d, l.TicketID, time.Hour)
	d.Clock.Advance(time.Hour)
	wake(d)
	if got := napOf(d, l.TicketID); got.Kind != "open" {
		t.Errorf("woken as %s", got.Kind)
	}
}

func TestPostponingNeedsATimeToCome(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Call me on Monday.")
	for name, by := range map[string]time.Duration{"the past": -time.Minute, "two years": 2 * 366 * 24 * time.Hour} {
		err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
			_, err := ticket.Postpone(t.Context(), tx, d.Agent, l.TicketID, ticket.To(tx.Now.Add(by).Unix()), nil)
			return err
		})
		var bad fault.Invalid
		if !errors.As(err, &bad) || bad["until"].Key == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := napOf(d, l.TicketID); got.Kind != "new" {
		t.Errorf("postponed all the same: %+v", got)
	}
}
