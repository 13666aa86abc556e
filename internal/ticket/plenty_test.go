package ticket_test

import (
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// recounted are the counters of a reader that grow with a desk, counted anew: the agent's queues, what nobody has there, what nobody has, and closed ones.
func recounted(d *fixture.Desk, by agent.Agent) [4]int {
	d.Helper()
	n, err := pg.One[[]int](d.Context(), d.DB, `
		SELECT ARRAY[count(*) FILTER (WHERE mine AND open), count(*) FILTER (WHERE mine AND open AND assignee_id IS NULL),
			count(*) FILTER (WHERE open AND assignee_id IS NULL), count(*) FILTER (WHERE kind = 'closed')]
		FROM (SELECT *, queue_id = ANY($1) AS mine, kind IN ('new', 'open', 'waiting') AS open FROM ticket WHERE deleted_at IS NULL) t
		WHERE mine OR $2`, by.Queues, by.Can(agent.QueueAll))
	if err != nil {
		d.Fatal(err)
	}
	if !by.Can(agent.TicketRead) {
		return [4]int{}
	}
	for i := range n {
		n[i] = min(n[i], ticket.CountCap+1)
	}
	return [4]int(n)
}

// counts are the same as the frame tells them.
func counts(d *fixture.Desk, by agent.Agent) [4]int {
	d.Helper()
	f, err := ticket.ReadFrame(d.Context(), d.DB, by, false)
	if err != nil {
		d.Fatal(err)
	}
	v := f.Counters.Views
	return [4]int{v[ticket.MyQueues], v[ticket.Todo] - v[ticket.Mine], v[ticket.Unassigned], v[ticket.Closed]}
}

// busy is a desk with far more than is counted, all of it nobody's, so that nobody's own stand before them.
func busy(t *testing.T) *fixture.Desk {
	d := fixture.New(t)
	crowd(d, 9*ticket.CountCap)
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `UPDATE ticket SET assignee_id = NULL`)
		return err
	})
	return d
}

func TestPlentyIsToldAsLongAsThereIs(t *testing.T) {
	t.Parallel()
	d := busy(t)
	all := readers(d)
	plenty, few := 0, 0
	for round := range 14 {
		for name, by := range all {
			got, want := counts(d, by), recounted(d, by)
			if got != want {
				t.Fatalf("%s, round %d: counted %v, there are %v", name, round, got, want)
			}
			if got[0] > ticket.CountCap {
				plenty++
			} else if got[0] > 0 {
				few++
			}
		}
		d.Tx(func(tx *pg.Tx) error {
			_, err := pg.Exec(d.Context(), tx, `
				WITH gone AS (UPDATE ticket SET kind = 'closed', status_id = (SELECT id FROM status WHERE key = 'closed')
					WHERE id IN (SELECT id FROM ticket WHERE kind IN ('new', 'open', 'waiting') AND deleted_at IS NULL ORDER BY id LIMIT 300) RETURNING id)
				INSERT INTO event (at, subject_kind, subject_id, kind) SELECT now(), 'ticket', id, 'ticket.status' FROM gone`)
			return err
		})
	}
	if plenty == 0 || few == 0 {
		t.Errorf("%d times there were plenty, %d times a few", plenty, few)
	}
}

func TestWherePlentyIsKnownNothingIsCounted(t *testing.T) {
	t.Parallel()
	d := busy(t)
	before := counts(d, d.Admin)
	d.Tx(func(tx *pg.Tx) error { // by nobody's hand: no event tells of it, so only counting would see it
		_, err := pg.Exec(d.Context(), tx, `UPDATE ticket SET deleted_at = now()`)
		return err
	})
	if got := counts(d, d.Admin); got != before {
		t.Errorf("counted %v, was %v", got, before)
	}
}
