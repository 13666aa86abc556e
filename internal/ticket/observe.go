package ticket

import (
	"context"

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
	return tell(tx, e, err)
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
