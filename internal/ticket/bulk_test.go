package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// bulk does a deed to many and tells it, as the pages do.
func bulk(d *fixture.Desk, by agent.Agent, deed ticket.Deed, ids ...int64) ticket.Bulk {
	d.Helper()
	var b ticket.Bulk
	d.Tx(func(tx *pg.Tx) (err error) {
		if b, err = (ticket.Bulk{}).Do(d.Context(), tx, by, deed, ids); err != nil {
			return err
		}
		return b.Tell(d.Context(), tx, by, deed)
	})
	return b
}

func several(d *fixture.Desk, n int) []int64 {
	d.Helper()
	var ids []int64
	for i := range n {
		ids = append(ids, d.Open(ann, fmt.Sprintf("Question %d", i), "Why?").TicketID)
	}
	return ids
}

func TestATicketFullOfTagsIsCountedAndHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 2)
	var names []string
	for i := range ticket.MaxTags {
		names = append(names, fmt.Sprintf("tag %d", i))
	}
	bulk(d, d.Admin, ticket.Deed{Name: "tags", Change: ticket.Change{AddTags: names}}, ids[1])
	b := bulk(d, d.Admin, ticket.Deed{Name: "tags", Change: ticket.Change{AddTags: []string{"one more"}}}, ids...)
	if b.Tally.Done != 1 || b.Tally.Full != 1 {
		t.Errorf("of a full ticket and another: %+v", b.Tally)
	}
	if b = bulk(d, d.Admin, ticket.Deed{Name: "tags", Change: ticket.Change{AddTags: names[:1]}}, ids...); b.Tally.Done != 1 || b.Tally.Same != 1 || b.Tally.Full != 0 {
		t.Errorf("a tag the full ticket has already: %+v", b.Tally)
	}
}

// print is every byte of a ticket and of what hangs on it.
func print(d *fixture.Desk, id int64) string {
	d.Helper()
	s, err := pg.One[string](d.Context(), d.DB, `
		SELECT ticket::text || COALESCE((SELECT string_agg(e::text, '|' ORDER BY e.id) FROM event e WHERE subject_kind = 'ticket' AND subject_id = ticket.id), '')
			|| COALESCE((SELECT string_agg(k::text, '|' ORDER BY goal) FROM ticket_clock k WHERE ticket_id = ticket.id), '')
			|| (SELECT count(*) FROM ticket_star WHERE ticket_id = ticket.id) || (SELECT count(*) FROM ticket_observer WHERE ticket_id = ticket.id)
		FROM ticket WHERE id = $1`, id)
	if err != nil {
		d.Fatal(err)
	}
	return s
}

func TestForeignTicketsOfABulkDeedStayByteForByte(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	own := several(d, 3)
	foreign := d.OpenIn(d.Returns, d.Mail(ann, "Not yours", "Secret.")).TicketID
	before := print(d, foreign)
	yes := true
	for _, deed := range []ticket.Deed{{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("open"))}}, {Name: "assignee", Change: ticket.Change{Assignee: ticket.To(d.Agent.ID)}},
		{Name: "observe", Observe: &yes}, {Name: "star", Star: &yes}} {
		b := bulk(d, d.Agent, deed, append(slices.Clone(own), foreign, 999999)...)
		if want := (event.Tally{Done: 3, Missing: 2}); b.Tally != want {
			t.Errorf("%s: %+v, want %+v", deed.Name, b.Tally, want)
		}
		done, err := ticket.ReadBulk(t.Context(), d.DB, d.Agent, b.ID, time.Now())
		if err != nil || slices.Contains(done.Tickets, foreign) {
			t.Errorf("%s: told %+v, %v", deed.Name, done, err)
		}
	}
	if print(d, foreign) != before {
		t.Error("a foreign ticket was touched")
	}
	err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := ticket.Bulk{}.Do(t.Context(), tx, d.Agent, ticket.Deed{Name: "delete", Delete: true}, own)
		return err
	})
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("deleted many without the permission: %v", err)
	}
}

func TestBulkDeedRecordsOneEventForEachTicketAndIsUndone(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 4)
	if err := update(d, d.Admin, ids[0], ticket.Change{Assignee: ticket.To(d.Admin.ID)}); err != nil {
		t.Fatal(err)
	}
	if err := update(d, d.Admin, ids[3], ticket.Change{Assignee: ticket.To(d.Agent.ID)}); err != nil {
		t.Fatal(err)
	}
	b := bulk(d, d.Agent, ticket.Deed{Name: "assignee", Change: ticket.Change{Assignee: ticket.To(d.Agent.ID)}}, ids...)
	if want := (event.Tally{Done: 3, Same: 1}); b.Tally != want || b.Target != d.Agent.Name {
		t.Errorf("tally %+v, want %+v; to %q", b.Tally, want, b.Target)
	}
	n, err := pg.One[int](t.Context(), d.DB, `SELECT count(*) FROM event WHERE cause = $1`, b.ID)
	if err != nil || n != 3 {
		t.Errorf("%d events, %v; want one for each ticket that changed", n, err)
	}
	if err := update(d, d.Admin, ids[1], ticket.Change{Assignee: ticket.To(d.Admin.ID)}); err != nil { // somebody else, since
		t.Fatal(err)
	}
	if err := update(d, d.Admin, ids[2], ticket.Change{Priority: ticket.To(d.Priority("high"))}); err != nil { // another field
		t.Fatal(err)
	}
	if got, want := undo(d, d.Agent, b.ID), (event.Tally{Done: 2, Changed: 1}); got != want {
		t.Errorf("undone %+v, want %+v", got, want)
	}
	for i, want := range []string{d.Admin.Name, d.Admin.Name, "", d.Agent.Name} {
		c := d.Card(d.Admin, ids[i])
		if c.Ticket.Assignee != want {
			t.Errorf("ticket %d has %q, want %q", i, c.Ticket.Assignee, want)
		}
	}
	if c := d.Card(d.Admin, ids[2]); c.Ticket.Level != 2 {
		t.Error("undoing took another change along")
	}
	if done, err := ticket.ReadBulk(t.Context(), d.DB, d.Agent, b.ID, time.Now()); err != nil || done.Undone == nil {
		t.Errorf("does not say that it was undone: %+v, %v", done, err)
	}
	if _, err := ticket.ReadBulk(t.Context(), d.DB, d.Admin, b.ID, time.Now()); !errors.Is(err, fault.NotFound) {
		t.Errorf("somebody else's deed: %v", err)
	}
}

func TestClosedSinceTheyWereChosenStayAsTheyAre(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 2)
	var shown time.Time
	d.Tx(func(tx *pg.Tx) error { shown = tx.Now; return nil })
	if err := update(d, d.Admin, ids[1], ticket.Change{Status: ticket.To(d.Status("closed"))}); err != nil {
		t.Fatal(err)
	}
	b := bulk(d, d.Agent, ticket.Deed{Name: "priority", Change: ticket.Change{Priority: ticket.To(d.Priority("high"))}, AsOf: shown}, ids...)
	if want := (event.Tally{Done: 1, Closed: 1}); b.Tally != want {
		t.Errorf("%+v, want %+v", b.Tally, want)
	}
	b = bulk(d, d.Agent, ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("closed"))}, AsOf: shown}, ids...)
	if want := (event.Tally{Done: 1, Same: 1}); b.Tally != want {
		t.Errorf("closed once more: %+v, want %+v", b.Tally, want)
	}
}

func TestAMergedTicketStaysAsItIs(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ids := several(d, 2)
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE ticket SET kind = 'merged', status_id = $2 WHERE id = $1`, ids[0], d.Status("merged"))
		return err
	})
	b := bulk(d, d.Agent, ticket.Deed{Name: "priority", Change: ticket.Change{Priority: ticket.To(d.Priority("high"))}}, ids...)
	if want := (event.Tally{Done: 1, Merged: 1}); b.Tally != want {
		t.Errorf("%+v, want %+v", b.Tally, want)
	}
	err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := ticket.Postpone(t.Context(), tx, d.Agent, ids[0], ticket.To(tx.Now.Add(time.Hour).Unix()), nil)
		return err
	})
	if refusal(err, "until") != text.RefusalMerged {
		t.Errorf("postponed: %v", err)
	}
}

func TestADeedAndItsUndoAskForItsRight(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := d.Open(ann, "Lamp", "x").TicketID
	b := bulk(d, d.Agent, ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("closed"))}}, id)
	reader := d.Agent
	reader.Permissions = []agent.Permission{agent.TicketRead}
	for name, deed := range map[string]func(tx *pg.Tx) error{
		"does": func(tx *pg.Tx) error {
			_, err := ticket.Bulk{}.Do(t.Context(), tx, reader, ticket.Deed{Name: "status", Change: ticket.Change{Status: ticket.To(d.Status("open"))}}, []int64{id})
			return err
		},
		"takes back": func(tx *pg.Tx) error { _, err := ticket.TakeBack(t.Context(), tx, reader, b.ID); return err },
	} {
		if err := d.DB.InTx(t.Context(), deed); !errors.Is(err, fault.Forbidden) {
			t.Errorf("who may only read by now %s a deed: %v, want it forbidden", name, err)
		}
	}
	if tally := undo(d, d.Agent, b.ID); tally.Done != 1 {
		t.Errorf("who may write: %+v", tally)
	}
}
