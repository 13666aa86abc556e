package mailbox

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/pg"
)

// Worked notes that a round of fetching came to its end: failures are over.
func Worked(ctx context.Context, tx *pg.Tx, id int64) error {
	_, err := pg.Exec(ctx, tx, `UPDATE mailbox SET last_success = $2, last_error = '', failures = 0, retry_at = NULL WHERE id = $1`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("note that mailbox %d works: %w", id, err)
	}
	return nil
}

// Troubled notes that a round failed, why (server words are safe already), and that the server is left alone for pause.
func Troubled(ctx context.Context, tx *pg.Tx, id int64, why string, pause time.Duration) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE mailbox SET last_error = $2, last_error_at = $3, failures = failures + 1, retry_at = $4 WHERE id = $1`,
		id, said(why, ""), tx.Now, tx.Now.Add(pause))
	if err != nil {
		return fmt.Errorf("note the trouble of mailbox %d: %w", id, err)
	}
	return nil
}
