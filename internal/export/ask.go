package export

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// Ask wants a list as a file, made in the background, and returns the export. Who asks again for what is still being made gets that.
func Ask(ctx context.Context, tx *pg.Tx, by agent.Agent, e Export) (int64, error) {
	if !by.Can(agent.TicketExport) || !by.Can(agent.TicketRead) {
		return 0, fmt.Errorf("export: %w", fault.Forbidden)
	}
	// Two clicks at once wait for each other.
	if _, err := pg.One[int64](ctx, tx, `SELECT id FROM agent WHERE id = $1 FOR NO KEY UPDATE`, by.ID); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	open, err := pg.List[Export](ctx, tx, `SELECT `+columns+` FROM export WHERE agent_id = $1 AND state IN ('waiting', 'running') ORDER BY id`, by.ID)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	for _, o := range open {
		if o.View == e.View && o.Query == e.Query && o.Order == e.Order {
			return o.ID, nil
		}
	}
	if len(open) >= mostAt {
		return 0, fault.Invalid{"export": fault.Because(text.ExportTooMany, "most", mostAt)}
	}
	id, err := pg.One[int64](ctx, tx, `
		INSERT INTO export (agent_id, name, view, query, ordered, asked_at, try_at) VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id`,
		by.ID, e.Name, e.View, e.Query, e.Order, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("export %q: %w", e.Name, err)
	}
	event.Ring(tx, RingTo(by.ID))
	return id, nil
}

// Cancel stops an export of by's, or throws its file away. One that has ended otherwise is fault.TooLate.
func Cancel(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	return change(ctx, tx, by, id, `
		UPDATE export SET state = 'cancelled', lease = NULL, lease_until = NULL, blob_id = NULL, size = 0, queues = '{}', finished_at = $3
		WHERE id = $1 AND agent_id = $2 AND state IN ('waiting', 'running', 'ready') RETURNING id`)
}

// Retry makes the file of an export of by's anew, of the list as it is now. One that is being made is fault.TooLate.
func Retry(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	return change(ctx, tx, by, id, `
		UPDATE export SET state = 'waiting', reason = '', asked_at = $3, try_at = $3, attempts = 0, total = NULL, done = 0, queues = '{}', blob_id = NULL, size = 0,
			lease = NULL, lease_until = NULL, finished_at = NULL
		WHERE id = $1 AND agent_id = $2 AND state NOT IN ('waiting', 'running') RETURNING id`)
}

func change(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, sql string) error {
	_, err := pg.One[int64](ctx, tx, sql, id, by.ID, tx.Now)
	if errors.Is(err, fault.NotFound) {
		if _, err := pg.One[int64](ctx, tx, `SELECT id FROM export WHERE id = $1 AND agent_id = $2`, id, by.ID); err != nil {
			return fmt.Errorf("export %d: %w", id, err)
		}
		return fmt.Errorf("export %d: %w", id, fault.TooLate)
	}
	if err != nil {
		return fmt.Errorf("change export %d: %w", id, err)
	}
	event.Ring(tx, RingTo(by.ID))
	return nil
}
