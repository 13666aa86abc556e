package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// Attach puts a ticket that this transaction opened under the customer its first mail made, and says so in its history: the system's own deed, so
// no access is asked.
func Attach(ctx context.Context, tx *pg.Tx, id, customerID int64) error {
	name, err := pg.One[string](ctx, tx, `SELECT name FROM customer WHERE id = $1`, customerID)
	if err != nil {
		return fmt.Errorf("attach customer %d to ticket %d: %w", customerID, id, err)
	}
	pg.Later(tx, `UPDATE ticket SET customer_id = $2 WHERE id = $1`, id, customerID)
	return record(tx, id, 0, 0, event.Changed, event.Data{Changes: []event.Change{{Field: "customer", New: customerID, NewName: name}}})
}
