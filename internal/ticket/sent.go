package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/event"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// ReplySent tells the ticket that a letter of it left. The first reply meets the reaction goal, at the moment of the click; an automatic
// reply is no reaction (DECISIONS, SLA). Recipients who refused it are a sending error all the same.
func ReplySent(ctx context.Context, tx *pg.Tx, outboxID int64, s outbox.Settled) error {
	if err := record(ctx, tx, s.TicketID, 0, s.MessageID, event.Sent, event.Data{Outbox: outboxID}); err != nil {
		return err
	}
	if s.Kind == outbox.Reply {
		if err := meetReaction(ctx, tx, s.TicketID, s.Clicked); err != nil {
			return err
		}
	}
	if len(s.Refused) == 0 {
		return nil
	}
	return SendFailed(ctx, tx, outboxID, s)
}

// SendFailed is the sending error: who did not get the letter, and in which words of the server (PRODUCT S4).
func SendFailed(ctx context.Context, tx *pg.Tx, outboxID int64, s outbox.Settled) error {
	d := event.Data{Outbox: outboxID}
	for _, r := range s.Refused {
		d.Recipients = append(d.Recipients, event.Recipient{Address: r.Address, Code: r.Code, Text: r.Text})
		d.Code, d.Text = r.Code, r.Text
	}
	if err := stir(ctx, tx, s.TicketID); err != nil {
		return err
	}
	return record(ctx, tx, s.TicketID, 0, s.MessageID, event.SendFailed, d)
}

// SendUncertain tells that nobody knows whether the letter was sent. reason is "held" when a person must decide, "resent" when the mailbox is
// set to send it once more.
func SendUncertain(ctx context.Context, tx *pg.Tx, outboxID, ticketID, messageID int64, reason string) error {
	if err := stir(ctx, tx, ticketID); err != nil {
		return err
	}
	return record(ctx, tx, ticketID, 0, messageID, event.SendUncertain, event.Data{Outbox: outboxID, Reason: reason})
}

// stir moves the ticket up in the lists: a sending error is news. A deleted ticket stays deleted.
func stir(ctx context.Context, tx *pg.Tx, id int64) error {
	if _, err := pg.Exec(ctx, tx, `UPDATE ticket SET version = version + 1, changed_at = $2 WHERE id = $1`, id, tx.Now); err != nil {
		return fmt.Errorf("note the sending error in ticket %d: %w", id, err)
	}
	return nil
}
