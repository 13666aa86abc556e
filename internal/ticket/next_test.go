package ticket_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/ticket"
)

func next(d *fixture.Desk, db *pg.DB, by agent.Agent) (id int64) {
	err := db.InTx(d.Context(), func(tx *pg.Tx) (err error) {
		id, err = ticket.Next(d.Context(), tx, by)
		return err
	})
	if err != nil {
		d.Error(err)
	}
	return id
}

func TestNextFollowsTheQueueThenTheActionTimeThenArrival(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	open := func(queue int64, priority string) int64 {
		id := d.OpenIn(queue, d.Mail("ann@customer.test", "x", "x")).TicketID
		d.Tx(func(tx *pg.Tx) error {
			return ticket.Update(t.Context(), tx, d.Admin, id, ticket.Change{Priority: ticket.To(d.Priority(priority))})
		})
		return id
	}
	d.Tx(func(tx *pg.Tx) error { return agent.GiveQueue(t.Context(), tx, 0, d.Agent.ID, d.Returns, 2) })
	me := d.Again(d.Agent)
	pressing := open(d.Returns, "high") // a queue that presses less, however urgent
	late := open(d.Inbox, "normal")
	later := open(d.Inbox, "normal")
	urgent := open(d.Inbox, "high")
	for i, want := range []int64{urgent, late, later, pressing, 0} {
		if got := next(d, d.DB, me); got != want {
			t.Errorf("press %d gave %d, want %d", i+1, got, want)
		}
	}
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE priority SET execution_minutes = NULL WHERE key <> 'low'`)
		return err
	})
	normal, high, low := open(d.Inbox, "normal"), open(d.Inbox, "high"), open(d.Inbox, "low")
	for i, want := range []int64{low, high, normal} {
		if got := next(d, d.DB, me); got != want {
			t.Errorf("without action times press %d gave %d, want %d", i+1, got, want)
		}
	}
}

func TestNextPassesOverWhatIsTakenOrAsleepOrForeign(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	set := func(id int64, c ticket.Change) {
		d.Tx(func(tx *pg.Tx) error { return ticket.Update(t.Context(), tx, d.Admin, id, c) })
	}
	for _, c := range []ticket.Change{{Assignee: ticket.To(d.Admin.ID)}, {Status: ticket.To(d.Status("closed"))}, {Status: ticket.To(d.Status("postponed"))}} {
		set(d.Open("ann@customer.test", "not this", "x").TicketID, c)
	}
	d.OpenIn(d.Returns, d.Mail("ann@customer.test", "foreign", "x"))
	if got := next(d, d.DB, d.Agent); got != 0 {
		t.Errorf("got %d, want none", got)
	}
	waits := d.Open("ann@customer.test", "this", "x").TicketID
	set(waits, ticket.Change{Status: ticket.To(d.Status("waiting"))})
	if got := next(d, d.DB, d.Agent); got != waits {
		t.Errorf("got %d, want %d", got, waits)
	}
	free, own, asleep, err := ticket.Nearest(t.Context(), d.DB, d.Agent)
	if err != nil || free != 0 || len(own) != 1 || own[0].ID != waits || len(asleep) != 0 {
		t.Errorf("nearest: %d free, %v, %v, %v", free, own, asleep, err)
	}
}

func TestNextWaitsForASaveAndPassesOverWhatItTook(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	taken, free := d.Open("ann@customer.test", "first", "x").TicketID, d.Open("ann@customer.test", "second", "x").TicketID
	pressed := make(chan error, 1)
	var got int64
	d.Tx(func(tx *pg.Tx) error {
		err := ticket.Update(t.Context(), tx, d.Admin, taken, ticket.Change{Assignee: ticket.To(d.Admin.ID)})
		go func() {
			pressed <- d.DB.InTx(t.Context(), func(tx *pg.Tx) (err error) { got, err = ticket.Next(t.Context(), tx, d.Agent); return err })
		}()
		awaitLock(d, pressed)
		return err
	})
	if err := <-pressed; err != nil || got != free {
		t.Errorf("got %d, want %d: %v", got, free, err)
	}
}

// A press goes by the rights its request began with, as its lock does: what was given or taken since is for the next one.
func TestNextPassesOverQueuesGivenSinceTheRequestBegan(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	before := d.Agent
	d.Tx(func(tx *pg.Tx) error { return agent.GiveQueue(t.Context(), tx, 0, d.Agent.ID, d.Returns, 0) })
	given := d.OpenIn(d.Returns, d.Mail("ann@customer.test", "x", "x")).TicketID
	if got := next(d, d.DB, before); got != 0 {
		t.Errorf("got %d, want none", got)
	}
	own := d.Open("ann@customer.test", "x", "x").TicketID
	if got := next(d, d.DB, before); got != own {
		t.Errorf("got %d, want %d", got, own)
	}
	if got := next(d, d.DB, d.Again(before)); got != given {
		t.Errorf("the next request got %d, want %d", got, given)
	}
}

func TestNextIsNoneForWhoMayNotRead(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Open("ann@customer.test", "x", "x")
	blind := d.Agent
	blind.Permissions = nil
	if got := next(d, d.DB, blind); got != 0 {
		t.Errorf("got %d, want none", got)
	}
}

// 200 presses of four agents over the pools of two processes, for 150 tickets: each of them once, in order, and 50 are told that none is left.
func TestPressesAtOnceNeverShareATicket(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	other := pgtest.Open(t, d.DB.Pool().Config().ConnString(), d.Clock)
	agents := []agent.Agent{d.Agent}
	for i := range 3 {
		d.Tx(func(tx *pg.Tx) error {
			id, err := agent.Add(t.Context(), tx, agent.New{Email: fmt.Sprintf("a%d@desk.test", i), Name: fmt.Sprintf("Agent %d", i), Profile: "agent", Password: fixture.Password})
			if err != nil {
				return err
			}
			agents = append(agents, agent.Agent{ID: id})
			return agent.GiveQueue(t.Context(), tx, 0, id, d.Inbox, 1)
		})
		agents[i+1] = d.Again(agents[i+1])
	}
	for i := range 150 {
		d.Open("ann@customer.test", fmt.Sprintf("Lamp %d", i), "x")
	}
	d.Tx(func(tx *pg.Tx) error { // priorities without a pattern
		_, err := pg.Exec(t.Context(), tx, `UPDATE ticket SET priority_id = (SELECT id FROM priority ORDER BY md5(ticket.id::text || priority.id) LIMIT 1)`)
		return err
	})
	want, err := pg.List[int64](t.Context(), d.DB, `SELECT t.id FROM ticket t JOIN priority p ON p.id = t.priority_id ORDER BY p.execution_minutes, t.created_at, t.id`)
	if err != nil {
		t.Fatal(err)
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		told int
		got  []int64
	)
	for i := range 8 {
		wg.Go(func() {
			db := []*pg.DB{d.DB, other}[i%2]
			for range 25 {
				id := next(d, db, agents[i%4])
				mu.Lock()
				if id == 0 {
					told++
				} else {
					got = append(got, id)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if told != 50 || len(got) != 150 {
		t.Errorf("%d tickets given, %d times told that none is left", len(got), told)
	}
	given, err := pg.List[int64](t.Context(), d.DB, `SELECT subject_id FROM event WHERE kind = 'changed' ORDER BY id`)
	if err != nil || !slices.Equal(given, want) {
		t.Errorf("given in the order %v\nwant %v (%v)", given, want, err)
	}
}

func TestNextCostsTheSameHoweverMuchWaits(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	press := func() int {
		ctx, count := pg.CountQueries(t.Context())
		d.Tx(func(tx *pg.Tx) error {
			_, err := ticket.Next(ctx, tx, d.Agent)
			return err
		})
		return count()
	}
	d.Open("ann@customer.test", "x", "x")
	few := press()
	for range 20 {
		d.Open("ann@customer.test", "x", "x")
	}
	if many := press(); many != few {
		t.Errorf("%d queries with one free ticket, %d with twenty", few, many)
	}
}
