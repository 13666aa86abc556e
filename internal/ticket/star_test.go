package ticket_test

import (
	"testing"
	"time"

	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// awaitLock returns when something waits for a lock; what waits must not have ended.
func awaitLock(d *fixture.Desk, ends <-chan error) {
	d.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		waits, err := pg.One[bool](d.Context(), d.DB, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
		if err != nil {
			d.Fatal(err)
		}
		if waits {
			return
		}
		if len(ends) > 0 || time.Now().After(deadline) {
			d.Fatal("it did not wait")
		}
	}
}

// A star put on a ticket that somebody moves at this moment waits for the move, and knows where the ticket went.
func TestAStarKnowsTheQueueOfATicketThatIsBeingMoved(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := d.Open(ann, "Lamp", "x").TicketID
	move, err := d.DB.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer move.Rollback(t.Context())
	if _, err := move.Exec(t.Context(), `UPDATE ticket SET queue_id = $2 WHERE id = $1`, id, d.Returns); err != nil {
		t.Fatal(err)
	}
	starred := make(chan error, 1)
	go func() {
		starred <- d.DB.InTx(t.Context(), func(tx *pg.Tx) error { return ticket.Star(t.Context(), tx, d.Admin, id, true) })
	}()
	awaitLock(d, starred)
	if err := move.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-starred; err != nil {
		t.Fatal(err)
	}
	if queue, err := pg.One[int64](t.Context(), d.DB, `SELECT queue_id FROM ticket_star WHERE ticket_id = $1`, id); err != nil || queue != d.Returns {
		t.Errorf("the star is counted in queue %d, the ticket is in %d: %v", queue, d.Returns, err)
	}
}
