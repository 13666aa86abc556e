package inbound

import (
	"context"

	"frontdesk/internal/pg"
)

// Restored has the safety net drawn at once: what was taken behind a backup is marked read at the server and in no ledger. The net reaches back to
// the day before the last poll the backup knows of, however old it is.
func Restored(ctx context.Context, tx *pg.Tx) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE inbound_folder f SET missed = 0, missed_at = NULL, net_from = COALESCE(m.last_success, f.connected_at) - interval '1 day'
		FROM mailbox m WHERE m.id = f.mailbox_id`)
	return wrap(err, "have the safety net drawn after a restore")
}
