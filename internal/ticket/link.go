package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// Why two tickets are linked.
const (
	ReopenedLate  = "reopened_late"  // an answer to a ticket closed long ago
	UnknownSender = "unknown_sender" // an answer by somebody who takes no part in the other
	SameMail      = "same_mail"      // one mail that came to two mailboxes
	ByHand        = "by_hand"
)

// link joins a new ticket to an older one and tells it in both histories. Linking twice is linking once.
func link(ctx context.Context, tx *pg.Tx, id int64, k Link) error {
	n, err := pg.Exec(ctx, tx, `
		INSERT INTO ticket_link (ticket_id, other_id, reason, at)
		SELECT least($1::bigint, $2), greatest($1, $2), $3, $4 WHERE $1 <> $2
		ON CONFLICT (ticket_id, other_id) DO NOTHING`, id, k.Other, k.Reason, tx.Now)
	if err != nil {
		return fmt.Errorf("link tickets %d and %d: %w", id, k.Other, err)
	}
	if n == 0 {
		return nil
	}
	kind := event.Linked
	if k.Reason == UnknownSender {
		kind = event.UnknownSender
	}
	if err := record(tx, id, 0, 0, kind, event.Data{Other: k.Other, Reason: k.Reason}); err != nil {
		return err
	}
	return record(tx, k.Other, 0, 0, event.Linked, event.Data{Other: id, Reason: k.Reason})
}
