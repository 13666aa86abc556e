package outbox

import (
	"context"
	"fmt"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Retry queues a letter again that failed, is uncertain, or was refused by some: the same bytes, only to recipients that do not have it.
// After an uncertain end it is marked twice. A Past when there is nothing to retry.
func Retry(ctx context.Context, tx *pg.Tx, id int64) error {
	n, err := pg.Exec(ctx, tx, `
		UPDATE outbox SET state = 'queued', twice = twice OR state = 'uncertain', lease = NULL, lease_until = NULL, resolve_at = NULL,
			restored = false, overtaken = '', send_after = $2, attempts = 0, first_try_at = NULL, settled_at = NULL, trouble = false
		WHERE id = $1 AND (state IN ('failed', 'uncertain')
			OR state = 'sent' AND EXISTS (SELECT FROM outbox_recipient WHERE outbox_id = $1 AND state = 'refused'))`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("retry letter %d: %w", id, err)
	}
	if err := orTooLate(ctx, tx, id, n); err != nil {
		return err
	}
	_, err = pg.Exec(ctx, tx, `
		UPDATE outbox_recipient SET state = 'pending', code = 0, text = '', at = NULL WHERE outbox_id = $1 AND state IN ('refused', 'deferred')`, id)
	if err != nil {
		return fmt.Errorf("retry letter %d: %w", id, err)
	}
	ringAt(tx, tx.Now)
	return nil
}

// Dismiss takes a letter off the Undelivered list: a person has dealt with it. Its state stays; nothing is tried any more.
func Dismiss(ctx context.Context, tx *pg.Tx, id int64) error {
	n, err := pg.Exec(ctx, tx, `UPDATE outbox SET trouble = false, resolve_at = NULL WHERE id = $1 AND trouble`, id)
	if err != nil {
		return fmt.Errorf("dismiss letter %d: %w", id, err)
	}
	return orTooLate(ctx, tx, id, n)
}

// DismissReport takes an unmatched delivery report off the list. fault.NotFound when it is not there any more, or not in scope.
func DismissReport(ctx context.Context, tx *pg.Tx, s Scope, id int64) error {
	n, err := pg.Exec(ctx, tx, `
		UPDATE bounce SET settled_at = $2 WHERE id = $1 AND outbox_id IS NULL AND settled_at IS NULL AND ($3 OR EXISTS (
			SELECT FROM inbound i JOIN mailbox m ON m.id = i.mailbox_id WHERE i.id = bounce.inbound_id AND m.queue_id = ANY($4)))`, id, tx.Now, s.All, s.Queues)
	if err == nil && n == 0 {
		err = fault.NotFound
	}
	if err != nil {
		return fmt.Errorf("dismiss delivery report %d: %w", id, err)
	}
	return nil
}

// MaySeeReport is fault.NotFound unless the mail is an unmatched delivery report in scope.
func MaySeeReport(ctx context.Context, r pg.Reader, s Scope, inboundID int64) error {
	_, err := pg.One[int64](ctx, r, `
		SELECT b.id FROM bounce b JOIN inbound i ON i.id = b.inbound_id JOIN mailbox m ON m.id = i.mailbox_id
		WHERE b.inbound_id = $1 AND b.outbox_id IS NULL AND ($2 OR m.queue_id = ANY($3))`, inboundID, s.All, s.Queues)
	if err != nil {
		return fmt.Errorf("delivery report of mail %d: %w", inboundID, err)
	}
	return nil
}
