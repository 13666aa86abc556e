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

// Why is what overtakes a letter.
type Why string

// The reasons.
const (
	Deleted       Why = "deleted"        // its ticket was
	CustomerWrote Why = "customer_wrote" // and it was to leave only if they stay silent
)

// overtakable are the letters that may still leave, and that nobody has.
const overtakable = `state IN ('queued', 'leased', 'dot', 'uncertain') AND NOT partly`

// AskIfSilent adds to a batch the question whether letters of a ticket are to leave only if the customer stays silent. Who asks holds its row.
func AskIfSilent(b *pg.Batch, ticketID int64) (answer func() bool) {
	var some []bool
	pg.Ask(b, &some, `SELECT EXISTS (SELECT FROM outbox WHERE ticket_id = $1 AND unless_answered AND `+overtakable+`)`, ticketID)
	return func() bool { return some[0] }
}

// Overtake keeps letters of a ticket here: those that wait are cancelled, and returned. Those under way are cancelled if they come back, which
// Answered, Release and ExpireLeases tell; the uncertain are not sent once more. The caller holds the ticket's row.
func Overtake(ctx context.Context, tx *pg.Tx, ticketID int64, why Why) ([]int64, error) {
	out, err := pg.List[int64](ctx, tx, `
		WITH overtaken AS (
			UPDATE outbox SET overtaken = $2, state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
				settled_at = CASE state WHEN 'queued' THEN $3 ELSE settled_at END, trouble = trouble AND state <> 'queued'
			WHERE ticket_id = $1 AND (unless_answered OR $2 <> 'customer_wrote') AND `+overtakable+`
			RETURNING id, state)
		SELECT id FROM overtaken WHERE state = 'cancelled' ORDER BY id`, ticketID, string(why), tx.Now)
	if err != nil {
		return nil, fmt.Errorf("keep the letters of ticket %d here: %w", ticketID, err)
	}
	return out, nil
}

// back is what becomes of a letter whose attempt came to nothing: it waits for another one, unless it was overtaken and nobody has it. $1 is now.
const back = `
	state = CASE WHEN overtaken <> '' AND NOT partly THEN 'cancelled' ELSE 'queued' END,
	settled_at = CASE WHEN overtaken <> '' AND NOT partly THEN $1::timestamptz END, lease = NULL, lease_until = NULL`

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
