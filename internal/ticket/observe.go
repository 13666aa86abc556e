package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// Observe lets the agent be told what happens in a ticket, or stops it (PRODUCT C11). It gives no access: who loses the queue loses sight of it.
func Observe(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, on bool) error {
	if err := mustSee(ctx, tx, by, id); err != nil {
		return err
	}
	e, err := observe(ctx, tx, by, &row{ID: id}, on)
	return tell(ctx, tx, e, err)
}

// observe is what to record, nil when it was so already.
func observe(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row, on bool) (*event.Event, error) {
	sql, kind := `DELETE FROM ticket_observer WHERE agent_id = $1 AND ticket_id = $2`, event.Unobserved
	if on {
		sql, kind = `INSERT INTO ticket_observer (agent_id, ticket_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, event.Observed
	}
	n, err := pg.Exec(ctx, tx, sql, by.ID, r.ID)
	if err != nil || n == 0 {
		return nil, err
	}
	return r.happened(by, kind, event.Data{}), nil
}

// Observers names who observes a ticket.
func Observers(ctx context.Context, r pg.Reader, id int64) ([]Choice, error) {
	list, err := pg.List[Choice](ctx, r, `
		SELECT a.id, a.name FROM ticket_observer o JOIN agent a ON a.id = o.agent_id WHERE o.ticket_id = $1 ORDER BY a.name COLLATE "und-x-icu", a.id`, id)
	if err != nil {
		return nil, fmt.Errorf("observers of ticket %d: %w", id, err)
	}
	return list, nil
}
