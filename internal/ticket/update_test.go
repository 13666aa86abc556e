package ticket_test

import (
	"errors"
	"slices"
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

func update(d *fixture.Desk, by agent.Agent, id int64, c ticket.Change) error {
	return d.DB.InTx(d.Context(), func(tx *pg.Tx) error { return ticket.Update(d.Context(), tx, by, id, c) })
}

func TestChangesOfDifferentFieldsMergeAndOfTheSameFieldClash(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	was := d.Status("new")
	if err := update(d, d.Admin, l.TicketID, ticket.Change{Status: ticket.From(was, d.Status("open"))}); err != nil {
		t.Fatal(err)
	}
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Priority: ticket.From(d.Priority("normal"), d.Priority("high"))}); err != nil {
		t.Errorf("another field: %v, want it merged", err)
	}
	err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.From(was, d.Status("closed"))})
	var conflict *fault.Conflict
	if !errors.As(err, &conflict) || len(conflict.Fields) != 1 || conflict.Fields[0] != "status" {
		t.Errorf("same field: %v, want a conflict on status", err)
	}
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.From(was, d.Status("open"))}); err != nil {
		t.Errorf("same field, same wish: %v, want nothing to do", err)
	}
}

func TestSaveWithoutADifferenceLeavesNoTrace(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	before := d.Card(d.Agent, l.TicketID)
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.To(before.Ticket.StatusID), Subject: ticket.To("Printer")}); err != nil {
		t.Fatal(err)
	}
	after := d.Card(d.Agent, l.TicketID)
	if after.Ticket.Version != before.Ticket.Version || len(after.Events) != len(before.Events) {
		t.Errorf("version %d -> %d, events %d -> %d", before.Ticket.Version, after.Ticket.Version, len(before.Events), len(after.Events))
	}
}

func TestMoveToAQueueTakesOffAnAssigneeWithoutAccess(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Assignee: ticket.To(d.Agent.ID)}); err != nil {
		t.Fatal(err)
	}
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Queue: ticket.To(d.Returns)}); err != nil {
		t.Fatal(err)
	}
	c := d.Card(d.Stranger, l.TicketID)
	if c.Ticket.AssigneeID != nil {
		t.Errorf("still assigned to %q", c.Ticket.Assignee)
	}
	last := c.Events[len(c.Events)-1]
	if last.Kind != event.Changed || len(last.Data.Changes) != 2 {
		t.Errorf("event %+v, want queue and assignee", last)
	}
	if _, err := ticket.Read(t.Context(), d.DB, d.Agent, l.TicketID, ticket.Mark{}); !errors.Is(err, fault.NotFound) {
		t.Errorf("mover still sees it: %v", err)
	}
}

func clockOf(d *fixture.Desk, id int64, g sla.Goal) sla.Clock {
	d.Helper()
	for _, c := range d.Card(d.Admin, id).Clocks {
		if c.Goal == g {
			return c
		}
	}
	d.Fatalf("no clock %s", g)
	return sla.Clock{}
}

func TestPauseKeepsWhatWasUsed(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	began := clockOf(d, l.TicketID, sla.Execution)
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.To(d.Status("waiting"))}); err != nil {
		t.Fatal(err)
	}
	paused := clockOf(d, l.TicketID, sla.Execution)
	if paused.DueAt != nil || paused.Left == nil || *paused.Left > began.Minutes {
		t.Fatalf("paused clock %+v", paused)
	}
	d.Clock.Advance(14 * 24 * time.Hour)
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.To(d.Status("open"))}); err != nil {
		t.Fatal(err)
	}
	again := clockOf(d, l.TicketID, sla.Execution)
	if again.DueAt == nil || !again.DueAt.After(began.DueAt.Add(13*24*time.Hour)) {
		t.Errorf("due %v after a pause of two weeks, began with %v", again.DueAt, began.DueAt)
	}
}

// A ticket keeps the times that its priority had when it was given (PRODUCT P1): neither a pause nor a move brings those of today.
func TestTimesThatAPriorityGotLaterAreNotThoseOfItsTickets(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 3)
	began := clockOf(d, ids[0], sla.Execution)
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `UPDATE priority SET reaction_minutes = NULL, execution_minutes = execution_minutes * 3`)
		return err
	})
	for id, wishes := range map[int64][]ticket.Change{
		ids[0]: {{Status: ticket.To(d.Status("waiting"))}, {Status: ticket.To(d.Status("open"))}},
		ids[1]: {{Queue: ticket.To(d.Returns)}},
		ids[2]: {{Priority: ticket.To(d.Priority("low"))}, {Priority: ticket.To(d.Priority("normal"))}},
	} {
		for _, c := range wishes {
			if err := update(d, d.Admin, id, c); err != nil {
				t.Fatal(err)
			}
		}
		want, reaction := began.Minutes, true
		if id == ids[2] {
			want, reaction = began.Minutes*3, false // it was given them now
		}
		clocks := d.Card(d.Admin, id).Clocks
		if has := slices.ContainsFunc(clocks, func(c sla.Clock) bool { return c.Goal == sla.Reaction }); has != reaction {
			t.Errorf("ticket %d is promised a reaction: %v, want %v", id, has, reaction)
		}
		if got := clockOf(d, id, sla.Execution); got.Minutes != want || got.DueAt == nil {
			t.Errorf("ticket %d: %+v, want %d minutes", id, got, want)
		}
	}
}

func TestAStatusThatStopsNoClockAnyMoreLetsThemRunWithTheNextChange(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := d.Open(ann, "Printer", "It prints nothing.").TicketID
	if err := update(d, d.Agent, id, ticket.Change{Status: ticket.To(d.Status("waiting"))}); err != nil {
		t.Fatal(err)
	}
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `UPDATE status SET stops_clock = false WHERE key = 'waiting'`)
		return err
	})
	if err := update(d, d.Agent, id, ticket.Change{Status: ticket.To(d.Status("open"))}); err != nil {
		t.Fatal(err)
	}
	if c := clockOf(d, id, sla.Execution); c.DueAt == nil || c.Left != nil {
		t.Errorf("still paused: %+v", c)
	}
}

func TestFirstClosingMeetsTheGoalsForGood(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	for _, key := range []string{"closed", "open"} {
		if err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.To(d.Status(key))}); err != nil {
			t.Fatal(err)
		}
	}
	if c := clockOf(d, l.TicketID, sla.Execution); c.MetAt == nil {
		t.Error("the execution clock started again on reopening")
	}
	if c := clockOf(d, l.TicketID, sla.Reaction); c.MetAt != nil {
		t.Error("closing met the reaction, which only a letter to the customer does")
	}
	if c := d.Card(d.Agent, l.TicketID); c.Ticket.ClosedAt != nil {
		t.Error("an open ticket has a closing time")
	}
}

// A customer who waits for the first answer was not answered by a closing, however the ticket is closed and opened again.
func TestPausedReactionRunsOnBehindAClosing(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	set := func(c ticket.Change, ids ...int64) {
		d.Helper()
		for _, id := range ids {
			if err := update(d, d.Admin, id, c); err != nil {
				d.Fatal(err)
			}
		}
	}
	ids := several(d, 4)
	set(ticket.Change{Status: ticket.To(d.Status("waiting"))}, ids...)
	paused := clockOf(d, ids[0], sla.Reaction)
	if paused.DueAt != nil || paused.Left == nil {
		t.Fatalf("paused: %+v", paused)
	}
	d.Clock.Advance(7 * 24 * time.Hour)
	deed := ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("closed"))}}
	set(deed.Change, ids[0], ids[1])
	b := bulk(d, d.Admin, deed, ids[2])
	set(ticket.Change{Status: ticket.To(d.Status("closed")), Queue: ticket.To(d.Returns)}, ids[3])
	for _, id := range ids {
		if c := clockOf(d, id, sla.Reaction); c.DueAt == nil || c.Left != nil || c.MetAt != nil {
			t.Errorf("ticket %d closed: %+v", id, c)
		}
		if c := clockOf(d, id, sla.Execution); c.MetAt == nil {
			t.Errorf("ticket %d closed: execution %+v", id, c)
		}
	}
	if got := d.Write(ids[0], ann, "And?"); got.TicketID != ids[0] {
		t.Fatalf("reopened another ticket: %+v", got)
	}
	set(ticket.Change{Status: ticket.To(d.Status("open"))}, ids[1])
	for _, id := range ids[:2] {
		if c := clockOf(d, id, sla.Reaction); c.DueAt == nil || c.Left != nil {
			t.Errorf("ticket %d opened again: %+v", id, c)
		}
	}
	if got := undo(d, d.Admin, b.ID); got.Done != 1 {
		t.Fatalf("undone: %+v", got)
	}
	for _, goal := range []sla.Goal{sla.Reaction, sla.Execution} { // it waits again
		if c := clockOf(d, ids[2], goal); c.DueAt != nil || c.Left == nil || c.MetAt != nil {
			t.Errorf("closing undone: %s %+v", goal, c)
		}
	}
}

// Where a closed ticket is put, nothing begins to run that its closing would have met.
func TestClosedTicketIsPromisedNothingNew(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	low, high := d.Priority("low"), d.Priority("high")
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE priority SET alarm_minutes = NULL, execution_minutes = NULL WHERE id = $1`, low)
		return err
	})
	at, after := d.Open(ann, "Printer", "It prints nothing.").TicketID, d.Open(ann, "Printer", "Nor does the other.").TicketID
	closed := ticket.To(d.Status("closed"))
	for _, id := range []int64{at, after} {
		if err := update(d, d.Admin, id, ticket.Change{Priority: ticket.To(low)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, save := range []struct {
		id int64
		c  ticket.Change
	}{{at, ticket.Change{Status: closed, Priority: ticket.To(high)}}, {after, ticket.Change{Status: closed}}, {after, ticket.Change{Priority: ticket.To(high)}}} {
		if err := update(d, d.Admin, save.id, save.c); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []int64{at, after} {
		for _, c := range d.Card(d.Admin, id).Clocks {
			if c.Goal != sla.Reaction {
				t.Errorf("closed, and its %s runs: %+v", c.Goal, c)
			}
		}
	}
}

func TestPriorityChangeCountsFromOpening(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	normal := clockOf(d, l.TicketID, sla.Reaction)
	if err := update(d, d.Agent, l.TicketID, ticket.Change{Priority: ticket.To(d.Priority("high"))}); err != nil {
		t.Fatal(err)
	}
	high := clockOf(d, l.TicketID, sla.Reaction)
	if high.Minutes != 60 || !high.DueAt.Before(*normal.DueAt) {
		t.Errorf("high: %d minutes due %v, normal due %v", high.Minutes, high.DueAt, normal.DueAt)
	}
}

func TestCrossingIsToldOnce(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	d.Clock.Advance(30 * 24 * time.Hour)
	var first, second int
	d.Tx(func(tx *pg.Tx) (err error) { first, err = ticket.Cross(t.Context(), tx, 10); return err })
	d.Tx(func(tx *pg.Tx) (err error) { second, err = ticket.Cross(t.Context(), tx, 10); return err })
	if first != 3 || second != 0 {
		t.Errorf("told %d, then %d; want 3, then 0", first, second)
	}
	n := 0
	for _, e := range d.Card(d.Agent, l.TicketID).Events {
		if e.Kind == event.SLACrossed {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d events, want 3", n)
	}
}
