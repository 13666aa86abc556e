package ticket

import (
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// Why two tickets are linked.
const (
	ReopenedLate  = "reopened_late"  // an answer to a ticket closed long ago
	UnknownSender = "unknown_sender" // an answer by somebody who takes no part in the other
	SameMail      = "same_mail"      // one mail that came to two mailboxes
)

// link joins a ticket that this transaction makes to an older one and tells it in both histories.
func link(tx *pg.Tx, id int64, k Link) error {
	pg.Later(tx, `
		INSERT INTO ticket_link (ticket_id, other_id, reason, at) VALUES (least($1::bigint, $2), greatest($1, $2), $3, $4)`, id, k.Other, k.Reason, tx.Now)
	kind := event.Linked
	if k.Reason == UnknownSender {
		kind = event.UnknownSender
	}
	if err := record(tx, id, 0, 0, kind, event.Data{Other: k.Other, Reason: k.Reason}); err != nil {
		return err
	}
	return record(tx, k.Other, 0, 0, event.Linked, event.Data{Other: id, Reason: k.Reason})
}
