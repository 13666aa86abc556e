package mailbox

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
)

// Move points a mailbox at other servers and forgets its back-off. What it holds of mail is known by folder and UID, so the mails there must
// be the same or new ones; a server that reuses UIDs is noticed by the intake.
func Move(ctx context.Context, tx *pg.Tx, id int64, imap, smtp Server, caPEM string) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE mailbox SET imap_host = $2, imap_port = $3, imap_tls = $4, imap_user = $5, smtp_host = $6, smtp_port = $7, smtp_tls = $8, smtp_user = $9,
			ca_pem = $10, failures = 0, retry_at = NULL, last_error = ''
		WHERE id = $1`, id, imap.Host, imap.Port, imap.TLS, imap.User, smtp.Host, smtp.Port, smtp.TLS, smtp.User, caPEM)
	if err != nil {
		return fmt.Errorf("move mailbox %d: %w", id, err)
	}
	return nil
}
