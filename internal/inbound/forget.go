package inbound

import (
	"context"

	"frontdesk/internal/pg"
)

// Forget takes the mails of purged tickets out of what is kept: the rows stay in the sum as removed, their bytes and what they said go. A later
// copy of such a mail is new.
func Forget(ctx context.Context, tx *pg.Tx, tickets []int64) error {
	_, err := pg.Exec(ctx, tx, `
		WITH gone AS (
			UPDATE inbound SET state = 'removed', reason = $2, ticket_id = NULL, message_id = NULL, raw_blob_id = NULL, seems_from = '', seems_subject = '',
				settled_at = $3
			WHERE ticket_id = ANY($1) RETURNING id),
		wholes AS (DELETE FROM inbound_whole WHERE inbound_id IN (SELECT id FROM gone))
		UPDATE inbound SET raw_blob_id = NULL WHERE dup_of IN (SELECT id FROM gone)`, tickets, TicketDeleted, tx.Now)
	return wrap(err, "forget the mails of %d purged tickets", len(tickets))
}
