package inbound

import (
	"context"

	"frontdesk/internal/pg"
)

// SameMail is the reason of a mail that is ignored because its ticket got it through another mailbox already.
const SameMail = "same_mail"

// TwinOf finds the ticket that the same mail, sent to another mailbox of ours too, went into; 0 when there is none.
func TwinOf(ctx context.Context, tx *pg.Tx, r Row) (ticketID int64, err error) {
	if r.RFCID == "" {
		return 0, nil
	}
	ids, err := pg.List[int64](ctx, tx, `
		SELECT ticket_id FROM inbound
		WHERE rfc_id = $1 AND content_fp = $2 AND mailbox_id <> $3 AND state IN ('ticket','reply') AND ticket_id IS NOT NULL
		ORDER BY id LIMIT 1`, r.RFCID, r.ContentFP, r.MailboxID)
	if err != nil || len(ids) == 0 {
		return 0, wrap(err, "look for the same mail in other mailboxes")
	}
	return ids[0], nil
}
