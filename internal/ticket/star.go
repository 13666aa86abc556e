package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// Star marks a ticket for the agent alone, or takes the mark off (PRODUCT C11). Like what an agent has seen it is no event; the agent's other
// pages hear of it.
func Star(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, on bool) error {
	if err := mustSee(ctx, tx, by, id); err != nil {
		return err
	}
	_, err := star(ctx, tx, by, id, on)
	return err
}

// star tells whether that changed anything.
func star(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, on bool) (bool, error) {
	sql := `DELETE FROM ticket_star WHERE agent_id = $1 AND ticket_id = $2`
	if on {
		sql = `INSERT INTO ticket_star (agent_id, ticket_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	}
	n, err := pg.Exec(ctx, tx, sql, by.ID, id)
	if err != nil {
		return false, fmt.Errorf("star ticket %d: %w", id, err)
	}
	if n == 0 {
		return false, nil
	}
	event.Ring(tx, event.TicketKey(id))
	return true, nil
}

// mustSee is fault.NotFound for a ticket that by may not see.
func mustSee(ctx context.Context, r pg.Reader, by agent.Agent, id int64) error {
	_, err := pg.One[int64](ctx, r, `SELECT id FROM ticket WHERE id = @id AND `+visible, seeing(by, named("id", id)))
	if err != nil {
		return fmt.Errorf("ticket %d: %w", id, err)
	}
	return nil
}
