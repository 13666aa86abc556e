package ticket_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// Whoever does what at the same time, in deeds to one or to many, told or taken back: every change begins where the one before it ended, and the last
// one is how the ticket stands.
func TestTheHistoryOfTicketsThatManyChangeAtOnceIsTrue(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `INSERT INTO agent_queue (agent_id, queue_id) SELECT a.id, q.id FROM agent a, queue q ON CONFLICT DO NOTHING`)
		return err
	})
	ids := several(d, 4)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	for i, by := range []agent.Agent{d.Again(d.Admin), d.Again(d.Admin), d.Again(d.Agent), d.Again(d.Agent), d.Again(d.Stranger)} {
		w := worker{d, rand.New(rand.NewPCG(seed, uint64(i))), by, ids, nil}
		wg.Go(func() {
			for range 60 {
				if err := w.does(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	all, err := pg.List[int64](t.Context(), d.DB, `SELECT id FROM ticket`)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range all {
		told := map[string]int64{"status": d.Status("new"), "queue": d.Inbox, "priority": d.Priority("normal"), "assignee": 0, "until": 0}
		events, err := pg.List[event.Row](t.Context(), d.DB, `
			SELECT id, at, by_agent, by_rule, kind, data, message_id FROM event WHERE subject_kind = 'ticket' AND subject_id = $1 ORDER BY id`, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			for _, c := range e.Data.Changes {
				if c.Old != told[c.Field] || c.New == c.Old {
					t.Errorf("ticket %d, event %d: %s from %d to %d, it was %d", id, e.ID, c.Field, c.Old, c.New, told[c.Field])
				}
				told[c.Field] = c.New
			}
		}
		is, err := pg.One[[]int64](t.Context(), d.DB, `
			SELECT ARRAY[status_id, queue_id, priority_id, COALESCE(assignee_id, 0), COALESCE(extract(epoch FROM postponed_until)::bigint, 0)] FROM ticket WHERE id = $1`, id)
		if want := []int64{told["status"], told["queue"], told["priority"], told["assignee"], told["until"]}; err != nil || !slices.Equal(is, want) {
			t.Errorf("ticket %d is %v, told %v, %v", id, is, want, err)
		}
	}
	for what, sql := range map[string]string{
		"letters that their message says nothing of": `SELECT count(*) FROM outbox o JOIN message m ON m.id = o.message_id WHERE (o.state = 'cancelled') <> (m.cancelled_at IS NOT NULL)`,
		"clocks that run or rest against the status": `SELECT count(*) FROM ticket_clock k JOIN ticket t ON t.id = k.ticket_id JOIN status s ON s.id = t.status_id
			WHERE met_at IS NULL AND ((paused_at IS NOT NULL) <> stops_clock OR goal <> 'reaction' AND t.kind = 'closed')`,
		"clocks of another priority": `SELECT count(*) FROM ticket_clock k JOIN ticket t ON t.id = k.ticket_id JOIN priority p ON p.id = t.priority_id
			WHERE met_at IS NULL AND minutes <> CASE goal WHEN 'reaction' THEN reaction_minutes WHEN 'alarm' THEN alarm_minutes ELSE execution_minutes END`,
		"tickets that do not know what is due next": `SELECT count(*) FROM ticket t WHERE next_due IS DISTINCT FROM (SELECT min(due_at) FROM ticket_clock WHERE ticket_id = t.id AND met_at IS NULL)`,
	} {
		if n, err := pg.One[int](t.Context(), d.DB, sql); err != nil || n != 0 {
			t.Errorf("%d %s, %v", n, what, err)
		}
	}
}

// worker does one thing after the other, and takes some of them back.
type worker struct {
	d     *fixture.Desk
	r     *rand.Rand
	by    agent.Agent
	ids   []int64
	deeds []int64
}

// does something, whatever it is. That somebody else was faster is no error.
func (w *worker) does() error {
	id, ctx := one(w.r, w.ids), w.d.Context()
	c, name := w.wish()
	var deed int64
	err := w.d.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		switch w.r.IntN(12) {
		case 0, 1, 2:
			deed, err = ticket.UpdateTold(ctx, tx, w.by, id, c)
		case 3, 4:
			deed, err = w.many(ctx, tx, ticket.Deed{Name: name, Change: c})
		case 5, 6, 7:
			if len(w.deeds) > 0 {
				_, err = ticket.TakeBack(ctx, tx, w.by, w.deeds[max(0, len(w.deeds)-1-w.r.IntN(3))])
			}
		case 8:
			deed, err = ticket.Postpone(ctx, tx, w.by, id, ticket.To(tx.Now.Unix()+1+w.r.Int64N(2)), nil)
		case 9:
			_, err = ticket.Wake(ctx, tx, 2)
		case 10:
			_, err = ticket.AddIncoming(ctx, tx, id, w.d.Mail(ann, "Re", "More"), ticket.Place{QueueID: w.d.Inbox})
		case 11:
			p := reply(1 << 40)
			p.Change, p.UnlessAnswered, p.Delay = c, true, time.Hour
			var letter ticket.Written
			if letter, err = ticket.CreateReply(ctx, tx, w.by, id, p); err == nil && w.r.IntN(2) == 0 {
				_, err = ticket.CancelReply(ctx, tx, w.by, letter.OutboxID)
			}
		}
		return err
	})
	if err == nil && deed != 0 {
		w.deeds = append(w.deeds, deed)
	}
	if errors.As(err, new(fault.Invalid)) || errors.As(err, new(*fault.Conflict)) || errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func (w *worker) many(ctx context.Context, tx *pg.Tx, deed ticket.Deed) (int64, error) {
	b, err := ticket.Bulk{}.Do(ctx, tx, w.by, deed, w.ids)
	return b.ID, errors.Join(err, b.Tell(ctx, tx, w.by, deed))
}

// wish is any one change.
func (w *worker) wish() (c ticket.Change, name string) {
	switch w.r.IntN(5) {
	case 0:
		c.Queue, name = ticket.To(one(w.r, []int64{w.d.Inbox, w.d.Returns})), "queue"
	case 1:
		c.Assignee, name = ticket.To(one(w.r, []int64{0, w.d.Admin.ID, w.d.Agent.ID, w.d.Stranger.ID})), "assignee"
	case 2:
		c.Priority, name = ticket.To(w.d.Priority(one(w.r, []string{"high", "normal", "low"}))), "priority"
	default:
		c.Status, name = ticket.To(w.d.Status(one(w.r, []string{"new", "open", "waiting", "postponed", "closed"}))), "status"
	}
	return c, name
}

func one[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
