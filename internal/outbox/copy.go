package outbox

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/pg"
)

// copyPauses stand between the attempts to file a copy; after the last one it is given up. Nobody misses a mail for it.
var copyPauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour}

// Copy is a sent letter that shall lie in its mailbox's Sent folder. Nothing here can make it leave again: its state is sent.
type Copy struct {
	ID        int64
	MailboxID int64
	RFCID     string
	RawBlobID int64
	SentAt    time.Time
	Attempts  int
	Provider  bool // only look: the provider files what it sent
}

// ClaimCopies takes up to n due copies; should this process die with them they are due again in ten minutes.
func ClaimCopies(ctx context.Context, tx *pg.Tx, n int) ([]Copy, error) {
	out, err := pg.List[Copy](ctx, tx, `
		WITH due AS (
			SELECT id FROM outbox WHERE sent_copy = 'pending' AND state = 'sent' AND copy_after <= $1 AND raw_blob_id IS NOT NULL
			ORDER BY copy_after, id LIMIT $2 FOR UPDATE SKIP LOCKED)
		UPDATE outbox SET copy_after = $3, copy_attempts = copy_attempts + 1
		FROM due, mailbox m WHERE outbox.id = due.id AND m.id = outbox.mailbox_id
		RETURNING outbox.id, mailbox_id, rfc_id, raw_blob_id, settled_at AS sent_at, copy_attempts AS attempts, m.sent_mode = 'provider' AS provider`,
		tx.Now, n, tx.Now.Add(10*time.Minute))
	if err != nil {
		return nil, fmt.Errorf("claim copies for Sent folders: %w", err)
	}
	return out, nil
}

// CopyDone notes that the letter lies in the Sent folder.
func CopyDone(ctx context.Context, tx *pg.Tx, id int64) error {
	_, err := pg.Exec(ctx, tx, `UPDATE outbox SET sent_copy = 'done' WHERE id = $1 AND sent_copy = 'pending'`, id)
	if err != nil {
		return fmt.Errorf("note the copy of letter %d: %w", id, err)
	}
	return nil
}

// CopyFailed plans the next attempt, or gives up after about three days.
func CopyFailed(ctx context.Context, tx *pg.Tx, c Copy) error {
	state, after := "pending", tx.Now
	if c.Attempts > len(copyPauses) {
		state = "failed"
	} else {
		after = after.Add(copyPauses[max(c.Attempts, 1)-1])
	}
	_, err := pg.Exec(ctx, tx, `UPDATE outbox SET sent_copy = $2, copy_after = $3 WHERE id = $1 AND sent_copy = 'pending'`, c.ID, state, after)
	if err != nil {
		return fmt.Errorf("note the missing copy of letter %d: %w", c.ID, err)
	}
	return nil
}

// CopiesRest notes that the server of the Sent folder refused the password: nobody signs in there again before the rest is over. It is not told by how
// fetching goes, which may do so over a connection from before.
func CopiesRest(ctx context.Context, tx *pg.Tx, mailboxID int64, rest time.Duration) error {
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO outbox_server (mailbox_id, copies_at) VALUES ($1, $2)
		ON CONFLICT (mailbox_id) DO UPDATE SET copies_at = excluded.copies_at`, mailboxID, tx.Now.Add(rest))
	if err != nil {
		return fmt.Errorf("let the Sent folder of mailbox %d rest: %w", mailboxID, err)
	}
	return nil
}

// CopiesRestUntil is when that rest is over; nil when there is none.
func CopiesRestUntil(ctx context.Context, r pg.Reader, mailboxID int64) (*time.Time, error) {
	at, err := pg.One[*time.Time](ctx, r, `SELECT max(copies_at) FROM outbox_server WHERE mailbox_id = $1`, mailboxID)
	if err != nil {
		return nil, fmt.Errorf("ask how long the Sent folder of mailbox %d rests: %w", mailboxID, err)
	}
	return at, nil
}
