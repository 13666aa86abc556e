package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
)

// SkipNumbers has new tickets begin ten thousand numbers behind the highest: those that a lost desk gave out stand in letters and are never given again.
func SkipNumbers(ctx context.Context, tx *pg.Tx) error {
	_, err := pg.One[int64](ctx, tx, `SELECT setval('ticket_id_seq', (SELECT GREATEST(last_value, (SELECT COALESCE(max(id), 0) FROM ticket)) + 10000 FROM ticket_id_seq))`)
	if err != nil {
		return fmt.Errorf("skip ticket numbers: %w", err)
	}
	return nil
}
