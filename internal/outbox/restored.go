package outbox

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
)

// Restored makes uncertain what a backup brought back on its way out: queued or under way when it was made, such a letter may have left since, been
// taken back, or neither. It is looked up where the mailbox keeps what it sent (SentAppend files only what has left, so that counts too); else, and
// when it is not found, a person decides. The mailbox's resend switch does not: it is for letters that somebody wants to leave.
func Restored(ctx context.Context, tx *pg.Tx) ([]Expired, error) {
	out, err := pg.List[Expired](ctx, tx, `
		UPDATE outbox SET state = 'uncertain', restored = true, lease = NULL, lease_until = NULL, settled_at = $1, code = 0, text = '', resolve_attempts = 0,
			resolve_at = CASE WHEN m.sent_mode <> 'none' THEN $1::timestamptz END, trouble = m.sent_mode = 'none', trouble_at = $1
		FROM mailbox m
		WHERE m.id = outbox.mailbox_id AND (state IN ('queued', 'leased', 'dot') OR state = 'uncertain' AND resolve_at IS NOT NULL)
		RETURNING outbox.id, ticket_id, message_id, trouble AS held`, tx.Now)
	if err == nil { // an attempt since may have reached those an earlier one did not
		_, err = pg.Exec(ctx, tx, `
			UPDATE outbox_recipient r SET state = 'pending' FROM outbox WHERE outbox.id = r.outbox_id AND restored AND outbox.state = 'uncertain' AND r.state = 'deferred'`)
	}
	if err != nil {
		return nil, fmt.Errorf("hold the letters of a restored desk: %w", err)
	}
	return out, nil
}
