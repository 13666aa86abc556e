package outbox

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/pg"
)

// rests of a sending server after the first, second ... failure in a row; the last one repeats. A refused password keeps to six attempts
// an hour, so that no account gets locked (RELIABILITY, section 6, row 16).
var (
	restsUnreachable = []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
	restsCredentials = []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute}
)

// ServerFailed notes that the sending server of a mailbox could not be used. Its letters stay queued and rest; none of them is to blame.
// Their 72 hours begin with the first failure that kept them from leaving.
func ServerFailed(ctx context.Context, tx *pg.Tx, mailboxID int64, text string, credentials bool) error {
	rests := restsUnreachable
	if credentials {
		rests = restsCredentials
	}
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO outbox_server AS s (mailbox_id, failures, retry_at, error, error_at) VALUES ($1, 1, $2::timestamptz + ($4::interval[])[1], $3, $2)
		ON CONFLICT (mailbox_id) DO UPDATE SET failures = s.failures + 1, error = $3, error_at = $2,
			retry_at = $2::timestamptz + ($4::interval[])[LEAST(s.failures + 1, cardinality($4::interval[]))]
		WHERE s.retry_at IS NULL OR s.retry_at <= $2 -- several connections fail at once: one failure`, mailboxID, tx.Now, text, rests)
	if err == nil {
		_, err = pg.Exec(ctx, tx, `
			UPDATE outbox SET first_try_at = $2, text = $3 WHERE mailbox_id = $1 AND state = 'queued' AND send_after <= $2 AND first_try_at IS NULL`,
			mailboxID, tx.Now, text)
	}
	if err != nil {
		return fmt.Errorf("note that the server of mailbox %d failed: %w", mailboxID, err)
	}
	return nil
}

// ServerAnswers notes that the server took our sign-in, and the largest letter it accepts (0 = it does not say).
func ServerAnswers(ctx context.Context, tx *pg.Tx, mailboxID, maxSize int64) error {
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO outbox_server AS s (mailbox_id, success_at, max_size) VALUES ($1, $2, $3)
		ON CONFLICT (mailbox_id) DO UPDATE SET failures = 0, retry_at = NULL, error = '', success_at = $2, max_size = $3`, mailboxID, tx.Now, maxSize)
	if err != nil {
		return fmt.Errorf("note that the server of mailbox %d answers: %w", mailboxID, err)
	}
	return nil
}

// TryServerNow ends the rest of a mailbox's server: its settings were changed.
func TryServerNow(ctx context.Context, tx *pg.Tx, mailboxID int64) error {
	_, err := pg.Exec(ctx, tx, `UPDATE outbox_server SET retry_at = NULL, failures = 0, copies_at = NULL WHERE mailbox_id = $1`, mailboxID)
	if err != nil {
		return fmt.Errorf("try the server of mailbox %d now: %w", mailboxID, err)
	}
	ringAt(tx, tx.Now)
	return nil
}

// Overdue gives up on letters that could not even be tried for 72 hours because their server could not be used (at most 100 a call). Nobody
// without the letter gets it.
func Overdue(ctx context.Context, tx *pg.Tx, mailboxID int64) ([]Lease, error) {
	out, err := pg.List[Lease](ctx, tx, `
		WITH due AS (
			SELECT id FROM outbox
			WHERE mailbox_id = $1 AND state = 'queued' AND send_after <= $2 AND first_try_at < $3
			ORDER BY send_after, id LIMIT 100
			FOR UPDATE SKIP LOCKED)
		UPDATE outbox SET state = 'leased', lease = $4, lease_until = $5, attempts = attempts + 1
		FROM due WHERE outbox.id = due.id
		RETURNING outbox.id, lease AS token, ticket_id, message_id, mailbox_id, kind, rfc_id, raw_blob_id, attempts, twice,
			ARRAY(SELECT address FROM outbox_recipient WHERE outbox_id = outbox.id AND state IN ('pending', 'deferred') ORDER BY position) AS "to"`,
		mailboxID, tx.Now, tx.Now.Add(-GiveUpAfter), newToken(), tx.Now.Add(LeaseFor))
	if err != nil {
		return nil, fmt.Errorf("look for letters waiting too long: %w", err)
	}
	return out, nil
}
