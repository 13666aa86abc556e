package ticket_test

import (
	"testing"
	"time"

	"frontdesk/internal/fixture"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
	"frontdesk/internal/ticket"
)

// A letter that leaves in the moment of a save waits for it, without a deadlock, and meets the clock that the save has made anew.
func TestSentReplyWaitsForASaveAndMeetsTheClockItLeft(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "x")
	clicked := time.Now().Add(-time.Minute).UTC().Truncate(time.Microsecond)
	sent := make(chan error, 1)
	saves, settles := 0, 0
	d.Tx(func(tx *pg.Tx) error {
		saves++
		if err := ticket.Update(t.Context(), tx, d.Agent, l.TicketID, ticket.Change{Subject: ticket.To("Lamps")}); err != nil { // has the ticket
			return err
		}
		go func() {
			sent <- d.DB.InTxAsking(t.Context(), func(b *pg.Batch) { ticket.AskHeld(b, []int64{l.TicketID}) }, func(tx *pg.Tx) error {
				settles++
				return ticket.RepliesSent(t.Context(), tx, []outbox.Settled{{ID: 1, State: outbox.Sent, TicketID: l.TicketID, MessageID: l.MessageID, Kind: outbox.Reply, Clicked: clicked}})
			})
		}()
		awaitLock(d, sent)
		return ticket.Update(t.Context(), tx, d.Agent, l.TicketID, ticket.Change{Priority: ticket.To(d.Priority("high"))}) // its clocks too
	})
	if err := <-sent; err != nil || saves != 1 || settles != 1 {
		t.Errorf("%v, saved %d times, settled %d times", err, saves, settles)
	}
	if c := clockOf(d, l.TicketID, sla.Reaction); c.MetAt == nil || !c.MetAt.Equal(clicked) || c.Minutes != 60 {
		t.Errorf("the reaction %+v was met at %v, want %v", c, c.MetAt, clicked)
	}
	alarm := clockOf(d, l.TicketID, sla.Alarm)
	if due, err := pg.One[*time.Time](t.Context(), d.DB, `SELECT next_due FROM ticket WHERE id = $1`, l.TicketID); err != nil || !due.Equal(*alarm.DueAt) {
		t.Errorf("next due %v, want the alarm at %v: %v", due, alarm.DueAt, err)
	}
}

func TestTheEarliestReplyMeetsTheReactionOnceAndNoOtherGoal(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "x")
	first := time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)
	sent := func(clicked ...time.Time) {
		var list []outbox.Settled
		for _, at := range clicked {
			list = append(list, outbox.Settled{ID: 1, State: outbox.Sent, TicketID: l.TicketID, MessageID: l.MessageID, Kind: outbox.Reply, Clicked: at})
		}
		d.Tx(func(tx *pg.Tx) error { return ticket.RepliesSent(t.Context(), tx, list) })
	}
	sent(first.Add(time.Minute), first)
	sent(first.Add(2 * time.Minute))
	if c := clockOf(d, l.TicketID, sla.Reaction); c.MetAt == nil || !c.MetAt.Equal(first) {
		t.Errorf("the reaction was met at %v, want %v", c.MetAt, first)
	}
	if c := clockOf(d, l.TicketID, sla.Alarm); c.MetAt != nil {
		t.Errorf("the alarm was met at %v", c.MetAt)
	}
}
