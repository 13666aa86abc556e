package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// Cross tells of promised times that passed unmet, at most limit, each once: an event and a ring for its ticket (PRODUCT P3). It answers how
// many there were.
func Cross(ctx context.Context, tx *pg.Tx, limit int) (int, error) {
	passed, err := pg.List[struct {
		TicketID int64
		Goal     sla.Goal
	}](ctx, tx, `
		UPDATE ticket_clock SET crossed_at = $1
		WHERE (ticket_id, goal) IN (
			SELECT k.ticket_id, k.goal FROM ticket_clock k
			WHERE k.met_at IS NULL AND k.crossed_at IS NULL AND k.due_at <= $1 ORDER BY k.due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
		RETURNING ticket_id, goal`, tx.Now, limit)
	if err != nil {
		return 0, fmt.Errorf("look for passed times: %w", err)
	}
	for _, p := range passed {
		if err := record(tx, p.TicketID, 0, 0, event.SLACrossed, event.Data{Reason: string(p.Goal)}); err != nil {
			return 0, err
		}
	}
	return len(passed), nil
}
