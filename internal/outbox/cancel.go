package outbox

import (
	"context"
	"fmt"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Cancel takes a letter back while it waits, also between retries as long as no recipient has it. fault.TooLate when the sender was
// faster: Cancel and Claim meet on one row and exactly one of them wins.
func Cancel(ctx context.Context, tx *pg.Tx, id int64) error {
	n, err := pg.Exec(ctx, tx, `
		UPDATE outbox SET state = 'cancelled', settled_at = $2, trouble = false
		WHERE id = $1 AND state = 'queued' AND NOT partly`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("cancel letter %d: %w", id, err)
	}
	return orTooLate(ctx, tx, id, n)
}

// AskIfSilent adds to a batch the question whether letters of a ticket are to leave only if the customer stays silent. Who asks holds its row.
func AskIfSilent(b *pg.Batch, ticketID int64) (answer func() bool) {
	var some []bool
	pg.Ask(b, &some, `SELECT EXISTS (SELECT FROM outbox WHERE ticket_id = $1 AND unless_answered AND state = 'queued' AND NOT partly)`, ticketID)
	return func() bool { return some[0] }
}

// CancelUnlessAnswered takes back those letters, for the customer has written, and returns their ids. The caller holds the ticket's row.
func CancelUnlessAnswered(ctx context.Context, tx *pg.Tx, ticketID int64) ([]int64, error) {
	out, err := pg.List[int64](ctx, tx, `
		UPDATE outbox SET state = 'cancelled', settled_at = $2, trouble = false
		WHERE ticket_id = $1 AND unless_answered AND state = 'queued' AND NOT partly
		RETURNING id`, ticketID, tx.Now)
	if err != nil {
		return nil, fmt.Errorf("cancel what ticket %d no longer needs: %w", ticketID, err)
	}
	return out, nil
}

// SendNow makes a waiting letter due at once. fault.TooLate when it waits no longer.
func SendNow(ctx context.Context, tx *pg.Tx, id int64) error {
	n, err := pg.Exec(ctx, tx, `UPDATE outbox SET send_after = $2 WHERE id = $1 AND state = 'queued'`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("send letter %d now: %w", id, err)
	}
	ringAt(tx, tx.Now)
	return orTooLate(ctx, tx, id, n)
}

// orTooLate tells a letter that moved on from one that never was.
func orTooLate(ctx context.Context, tx *pg.Tx, id, touched int64) error {
	if touched > 0 {
		return nil
	}
	if _, err := pg.One[int64](ctx, tx, `SELECT id FROM outbox WHERE id = $1`, id); err != nil {
		return fmt.Errorf("letter %d: %w", id, err)
	}
	return fmt.Errorf("letter %d: %w", id, fault.TooLate)
}
