package ticket_test

import (
	"errors"
	"reflect"
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

// undo takes it back.
func undo(d *fixture.Desk, by agent.Agent, id int64) (t event.Tally) {
	d.Helper()
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.TakeBack(d.Context(), tx, by, id)
		return err
	})
	d.Tx(func(tx *pg.Tx) error {
		done, err := ticket.ReadBulk(d.Context(), tx, by, id, tx.Now)
		if done.Undone != nil {
			t = *done.Undone
		}
		return err
	})
	return t
}

func TestWhatSomebodyDecidedOnceMoreStaysWhenADeedIsUndone(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	vip := []string{"vip"}
	for name, c := range map[string]struct{ deed, other ticket.Change }{
		"status":   {ticket.Change{Status: ticket.To(d.Status("closed"))}, ticket.Change{Status: ticket.To(d.Status("open"))}},
		"queue":    {ticket.Change{Queue: ticket.To(d.Returns)}, ticket.Change{Queue: ticket.To(d.Inbox)}},
		"assignee": {ticket.Change{Assignee: ticket.To(d.Agent.ID)}, ticket.Change{Assignee: ticket.To(d.Admin.ID)}},
		"priority": {ticket.Change{Priority: ticket.To(d.Priority("high"))}, ticket.Change{Priority: ticket.To(d.Priority("low"))}},
		"tag":      {ticket.Change{AddTags: vip}, ticket.Change{DropTags: vip}},
	} {
		ids := several(d, 2)
		b := bulk(d, d.Admin, ticket.Deed{Name: name, Change: c.deed}, ids...)
		for _, since := range []ticket.Change{c.other, c.deed} {
			if err := update(d, d.Admin, ids[0], since); err != nil {
				t.Fatal(err)
			}
		}
		if name == "tag" {
			if err := update(d, d.Admin, ids[0], ticket.Change{AddTags: []string{"urgent"}}); err != nil {
				t.Fatal(err)
			}
		}
		before := print(d, ids[0])
		if got, want := undo(d, d.Admin, b.ID), (event.Tally{Done: 1, Changed: 1}); got != want || print(d, ids[0]) != before {
			t.Errorf("%s: undone %+v, want %+v with the ticket decided since as it was", name, got, want)
		}
	}
}

// A deed whose undo came too late for a ticket stands there, whatever became of its other tickets.
func TestADeedThatWasTakenBackElsewhereStillCountsWhereItStands(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 2)
	priority := func(key string, ids ...int64) ticket.Bulk {
		return bulk(d, d.Admin, ticket.Deed{Name: "priority", Change: ticket.Change{Priority: ticket.To(d.Priority(key))}}, ids...)
	}
	first := priority("high", ids[0])
	priority("low", ids[0])
	again := priority("high", ids...)
	later := priority("normal", ids[0])
	if got, want := undo(d, d.Admin, again.ID), (event.Tally{Done: 1, Changed: 1}); got != want {
		t.Fatalf("undone %+v, want %+v", got, want)
	}
	undo(d, d.Admin, later.ID) // high stands, as it was decided again
	if got, want := undo(d, d.Admin, first.ID), (event.Tally{Changed: 1}); got != want {
		t.Errorf("undone %+v, want %+v", got, want)
	}
}

func TestWhatWasPostponedUntilATimeSinceStaysWhenADeedIsUndone(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 2)
	b := bulk(d, d.Admin, ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("postponed"))}}, ids...)
	if err := update(d, d.Admin, ids[0], ticket.Change{Until: ticket.To(time.Now().Add(time.Hour).Unix())}); err != nil {
		t.Fatal(err)
	}
	before := print(d, ids[0])
	if got, want := undo(d, d.Admin, b.ID), (event.Tally{Done: 1, Changed: 1}); got != want || print(d, ids[0]) != before {
		t.Errorf("undone %+v, want %+v with the ticket that has a time now as it was", got, want)
	}
}

func TestDeedsAreUndoneOneAfterTheOther(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 2)
	var deeds []ticket.Bulk
	for _, key := range []string{"high", "low", "high"} {
		deeds = append(deeds, bulk(d, d.Admin, ticket.Deed{Name: "priority", Change: ticket.Change{Priority: ticket.To(d.Priority(key))}}, ids...))
	}
	for i := len(deeds) - 1; i >= 0; i-- {
		if got, want := undo(d, d.Admin, deeds[i].ID), (event.Tally{Done: 2}); got != want {
			t.Errorf("deed %d: %+v, want %+v", i, got, want)
		}
	}
	if n, err := pg.One[int](t.Context(), d.DB, `SELECT count(*) FROM ticket WHERE priority_id = $1`, d.Priority("normal")); err != nil || n != 2 {
		t.Errorf("%d of 2 tickets are as they were, %v", n, err)
	}
}

func TestUndoneClosingLetsTheClocksRunOn(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 1)
	due := clockOf(d, ids[0], sla.Execution)
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `DELETE FROM ticket_clock WHERE goal = 'reaction'`)
		return err
	})
	b := bulk(d, d.Agent, ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("closed"))}}, ids...)
	if c := clockOf(d, ids[0], sla.Execution); c.MetAt == nil {
		t.Fatal("closing met no goal")
	}
	undo(d, d.Agent, b.ID)
	if next, err := pg.One[*time.Time](t.Context(), d.DB, `SELECT next_due FROM ticket WHERE id = $1`, ids[0]); err != nil || next == nil || !next.Equal(*clockOf(d, ids[0], sla.Alarm).DueAt) {
		t.Errorf("the next promised time is %v, %v", next, err)
	}
	c := clockOf(d, ids[0], sla.Execution)
	if c.MetAt != nil || c.DueAt == nil || !c.DueAt.Equal(*due.DueAt) {
		t.Errorf("the clock is %+v, was %+v", c, due)
	}
	if got := d.Card(d.Agent, ids[0]).Ticket; got.Kind != "new" || got.ClosedAt != nil {
		t.Errorf("%s, closed %v", got.Kind, got.ClosedAt)
	}
	for _, key := range []string{"closed", "open"} {
		if err := update(d, d.Agent, ids[0], ticket.Change{Status: ticket.To(d.Status(key))}); err != nil {
			t.Fatal(err)
		}
	}
	undo(d, d.Agent, bulk(d, d.Agent, ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("closed"))}}, ids...).ID)
	if c := clockOf(d, ids[0], sla.Execution); c.MetAt == nil {
		t.Error("the goal that an earlier closing had met runs on")
	}
}

// What became of a ticket while it was closed by mistake counts: it is promised what its priority promises by now, in the hours of its queue.
func TestUndoneClosingGoesByThePriorityAndQueueOfNow(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Tx(func(tx *pg.Tx) error { // Returns never rests
		_, err := pg.Exec(d.Context(), tx, `
			WITH always AS (INSERT INTO calendar (name, hours) VALUES ('always', '[[[0,1440]],[[0,1440]],[[0,1440]],[[0,1440]],[[0,1440]],[[0,1440]],[[0,1440]]]') RETURNING id)
			UPDATE queue SET calendar_id = always.id FROM always WHERE queue.id = $1`, d.Returns)
		return err
	})
	ids := several(d, 3)
	closing := ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("closed"))}}
	hurry := ticket.Deed{Name: "priority", Change: ticket.Change{Priority: ticket.To(d.Priority("high"))}}
	earlier := bulk(d, d.Admin, hurry, ids[2])
	b := bulk(d, d.Admin, closing, ids...)
	bulk(d, d.Admin, hurry, ids[0])
	bulk(d, d.Admin, ticket.Deed{Name: "queue", Change: ticket.Change{Queue: ticket.To(d.Returns)}}, ids[1])
	undo(d, d.Admin, earlier.ID)
	if got := undo(d, d.Admin, b.ID); got.Done != 3 {
		t.Fatalf("undone: %+v", got)
	}
	for i, want := range []int{480, 1440, 1440} {
		c := clockOf(d, ids[i], sla.Execution)
		if c.MetAt != nil || c.DueAt == nil || c.Minutes != want {
			t.Fatalf("ticket %d: %+v, want it to run for %d minutes", i, c, want)
		}
		due, err := pg.One[time.Time](t.Context(), d.DB, `SELECT next_due FROM ticket WHERE id = $1`, ids[i])
		if err != nil || due.After(*c.DueAt) {
			t.Errorf("ticket %d: next due %v, execution %v, %v", i, due, c.DueAt, err)
		}
	}
	if c := clockOf(d, ids[1], sla.Execution); time.Until(*c.DueAt) > 24*time.Hour {
		t.Errorf("in a queue that never rests a day's work is due at %v", c.DueAt)
	}
}

// Whatever made a ticket New, the customer who wrote since is not hidden with what was before: such a mail makes it New that was so already.
func TestAMailSinceKeepsATicketNewWhoseStatusIsUndone(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 3)
	bulk(d, d.Admin, ticket.Deed{Name: "until", Change: ticket.Change{Until: ticket.To(time.Now().Add(48 * time.Hour).Unix())}}, ids...)
	b := bulk(d, d.Admin, ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("new"))}}, ids...)
	d.Write(ids[0], ann, "It burns.")
	away := d.Mail(ann, "Away", "I am out of office.")
	away.AutoReply = true
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.AddIncoming(d.Context(), tx, ids[1], away, ticket.Place{QueueID: d.Inbox})
		return err
	})
	if got, want := undo(d, d.Admin, b.ID), (event.Tally{Done: 2, Changed: 1}); got != want {
		t.Errorf("undone %+v, want %+v", got, want)
	}
	for i, want := range []string{"new", "postponed", "postponed"} {
		if c := d.Card(d.Admin, ids[i]); c.Ticket.Kind != want {
			t.Errorf("ticket %d is %s, want %s", i, c.Ticket.Kind, want)
		}
	}
}

func TestAClosedTicketThatADeedOpenedIsClosedSinceItWas(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := several(d, 1)[0]
	if err := update(d, d.Agent, id, ticket.Change{Status: ticket.To(d.Status("closed"))}); err != nil {
		t.Fatal(err)
	}
	was := d.Card(d.Agent, id).Ticket.ClosedAt
	d.Clock.Advance(20 * 24 * time.Hour)
	for name, c := range map[string]ticket.Change{"status": {Status: ticket.To(d.Status("open"))}, "until": {Until: ticket.To(time.Now().Add(30 * 24 * time.Hour).Unix())}} {
		undo(d, d.Agent, bulk(d, d.Agent, ticket.Deed{Name: name, Change: c}, id).ID)
		if got := d.Card(d.Agent, id).Ticket.ClosedAt; got == nil || !got.Equal(*was) {
			t.Errorf("%s undone: closed at %v, was at %v", name, got, was)
		}
	}
	if d.Write(id, ann, "Again?").TicketID == id {
		t.Error("a mail 20 days after the closing opens the ticket again, which it does for 14 days")
	}
}

func TestAPostponedTicketThatADeedClosedWakesAsItWould(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := several(d, 1)[0]
	if err := update(d, d.Agent, id, ticket.Change{Status: ticket.To(d.Status("waiting"))}); err != nil {
		t.Fatal(err)
	}
	postpone(d, id, 48*time.Hour)
	was := napOf(d, id)
	undo(d, d.Agent, bulk(d, d.Agent, ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("closed"))}}, id).ID)
	if got := napOf(d, id); !reflect.DeepEqual(got, was) {
		t.Errorf("%+v, was %+v", got, was)
	}
	d.Clock.Advance(72 * time.Hour)
	wake(d)
	if got := napOf(d, id); got.Kind != "waiting" {
		t.Errorf("wakes as %s", got.Kind)
	}
}

func TestADeletionUndoneLeavesALaterOne(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := several(d, 1)[0]
	b := bulk(d, d.Admin, ticket.Deed{Name: "delete", Delete: true}, id)
	d.Tx(func(tx *pg.Tx) error { return ticket.Restore(d.Context(), tx, d.Admin, id) })
	d.Tx(func(tx *pg.Tx) error { return ticket.Delete(d.Context(), tx, d.Admin, id) })
	if got, want := undo(d, d.Admin, b.ID), (event.Tally{Changed: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if _, err := ticket.Read(t.Context(), d.DB, d.Admin, id, ticket.Mark{}); !errors.Is(err, fault.NotFound) {
		t.Errorf("the ticket that was deleted again: %v", err)
	}
}

func TestEveryKindOfDeedIsUndone(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	yes := true
	for name, deed := range map[string]ticket.Deed{
		"queue":    {Change: ticket.Change{Queue: ticket.To(d.Returns)}},
		"until":    {Change: ticket.Change{Until: ticket.To(time.Now().Add(time.Hour).Unix())}},
		"tag":      {Change: ticket.Change{AddTags: []string{"vip", "spare part"}}},
		"star":     {Star: &yes},
		"observe":  {Observe: &yes},
		"delete":   {Delete: true},
		"priority": {Change: ticket.Change{Priority: ticket.To(d.Priority("low"))}},
	} {
		id := several(d, 1)[0]
		state := func() string {
			s, err := pg.One[string](t.Context(), d.DB, `
				SELECT concat_ws(' ', queue_id, kind, postponed_until, tag_ids, deleted_at, priority_id, (SELECT count(*) FROM ticket_star WHERE ticket_id = ticket.id),
					(SELECT count(*) FROM ticket_observer WHERE ticket_id = ticket.id)) FROM ticket WHERE id = $1`, id)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		before := state()
		deed.Name = name
		b := bulk(d, d.Admin, deed, id)
		if b.Tally.Done != 1 || state() == before {
			t.Errorf("%s: %+v", name, b.Tally)
		}
		if got := undo(d, d.Admin, b.ID); got.Done != 1 || state() != before {
			t.Errorf("%s undone: %+v, %s, was %s", name, got, state(), before)
		}
	}
}

func TestMoverTakesAMoveBackThatHidTheTickets(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 2)
	b := bulk(d, d.Agent, ticket.Deed{Name: "queue", Change: ticket.Change{Queue: ticket.To(d.Returns)}}, ids...)
	if _, err := ticket.Read(t.Context(), d.DB, d.Agent, ids[0], ticket.Mark{}); !errors.Is(err, fault.NotFound) {
		t.Fatalf("still seen: %v", err)
	}
	if got := undo(d, d.Agent, b.ID); got.Done != 2 {
		t.Errorf("undone %+v", got)
	}
	d.Card(d.Agent, ids[0])
}

func TestUndoLeavesWhatIsSeenNoMore(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := several(d, 1)[0]
	b := bulk(d, d.Agent, ticket.Deed{Name: "priority", Change: ticket.Change{Priority: ticket.To(d.Priority("high"))}}, id)
	if err := update(d, d.Admin, id, ticket.Change{Queue: ticket.To(d.Returns)}); err != nil {
		t.Fatal(err)
	}
	before := print(d, id)
	if got, want := undo(d, d.Agent, b.ID), (event.Tally{Missing: 1}); got != want || print(d, id) != before {
		t.Errorf("undone %+v, want %+v with the ticket as it was", got, want)
	}
}

func TestADeedUndoneTwiceAtOnceIsUndoneOnce(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	b := bulk(d, d.Admin, ticket.Deed{Name: "priority", Change: ticket.Change{Priority: ticket.To(d.Priority("high"))}}, several(d, 2)...)
	again := make(chan error, 1)
	var second int
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.TakeBack(t.Context(), tx, d.Admin, b.ID)
		go func() {
			again <- d.DB.InTx(t.Context(), func(tx *pg.Tx) (err error) { second, err = ticket.TakeBack(t.Context(), tx, d.Admin, b.ID); return err })
		}()
		awaitLock(d, again)
		return err
	})
	if err := <-again; err != nil || second != 0 {
		t.Errorf("the second press took %d tickets back, %v", second, err)
	}
}
