package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
)

// Seen notes that the agent has read the ticket up to a message (DECISIONS, Unread). It never goes back, and a message beyond the newest
// counts as the newest.
func Seen(ctx context.Context, tx *pg.Tx, by agent.Agent, id, messageID int64) error {
	last, err := pg.One[int64](ctx, tx, `SELECT last_in_id FROM ticket WHERE id = @id AND `+visible, seeing(by, named("id", id)))
	if err != nil {
		return fmt.Errorf("ticket %d: %w", id, err)
	}
	return markSeen(ctx, tx, by.ID, id, min(messageID, last))
}

func markSeen(ctx context.Context, tx *pg.Tx, agentID, ticketID, messageID int64) error {
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO ticket_seen (agent_id, ticket_id, message_id) VALUES ($1, $2, $3)
		ON CONFLICT (agent_id, ticket_id) DO UPDATE SET message_id = excluded.message_id WHERE ticket_seen.message_id < excluded.message_id`,
		agentID, ticketID, messageID)
	if err != nil {
		return fmt.Errorf("mark as seen: %w", err)
	}
	return nil
}
