package ticket

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/event"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// AskHeld adds to a batch that tickets are held, in one order, by whoever is about to touch their letters. This is the rule wherever both are locked:
// the ticket first, then its letters, so that nobody waits in a ring. Letters alone may be taken without it by who tells the ticket nothing.
func AskHeld(b *pg.Batch, ids []int64) {
	var held []int64
	pg.Ask(b, &held, `SELECT id FROM ticket WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`, ids)
}

// RepliesSent tells their tickets, which the caller holds, that letters left. The first reply of a ticket meets its reaction goal, at the moment of the
// click; an automatic reply is no reaction (DECISIONS, SLA). Recipients who refused a letter are a sending error all the same.
func RepliesSent(ctx context.Context, tx *pg.Tx, list []outbox.Settled) error {
	events := make([]event.Event, len(list))
	var replied []int64
	var clicked []time.Time
	for i, s := range list {
		events[i] = event.Event{SubjectKind: event.OfTicket, SubjectID: s.TicketID, Kind: event.Sent, MessageID: s.MessageID, Data: event.Data{Outbox: s.ID}}
		if s.Kind == outbox.Reply {
			replied, clicked = append(replied, s.TicketID), append(clicked, s.Clicked)
		}
	}
	if err := event.RecordAll(tx, events); err != nil {
		return err
	}
	if len(replied) > 0 {
		meetReactions(tx, replied, clicked)
	}
	for _, s := range list {
		if len(s.Refused) > 0 {
			if err := SendFailed(ctx, tx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// meetReactions stops the reaction clocks of tickets: of several letters of one ticket the earliest click counts. They are
// held, so the clocks are those that the last save left.
func meetReactions(tx *pg.Tx, tickets []int64, clicked []time.Time) {
	// The clocks are read as they were before this statement, so the one just met is left out by its goal.
	pg.Later(tx, `
		WITH met AS (
			UPDATE ticket_clock c SET met_at = (SELECT min(at) FROM unnest($1::bigint[], $2::timestamptz[]) AS x (id, at) WHERE x.id = c.ticket_id)
			WHERE ticket_id = ANY($1) AND goal = 'reaction' AND met_at IS NULL
			RETURNING ticket_id AS id),
		next AS MATERIALIZED (
			SELECT id, (SELECT min(due_at) FROM ticket_clock c WHERE c.ticket_id = met.id AND goal <> 'reaction' AND met_at IS NULL) AS due FROM met)
		UPDATE ticket SET next_due = next.due FROM next WHERE ticket.id = next.id AND next_due IS DISTINCT FROM next.due`, tickets, clicked)
}

// SendFailed is the sending error: who did not get the letter, and in which words of the server (PRODUCT S4).
func SendFailed(ctx context.Context, tx *pg.Tx, s outbox.Settled) error {
	d := event.Data{Outbox: s.ID}
	for _, r := range s.Refused {
		d.Recipients = append(d.Recipients, event.Recipient{Address: r.Address, Code: r.Code, Text: r.Text})
		d.Code, d.Text = r.Code, r.Text
	}
	if err := stir(ctx, tx, s.TicketID); err != nil {
		return err
	}
	return record(tx, s.TicketID, 0, s.MessageID, event.SendFailed, d)
}

// SendUncertain tells that nobody knows whether the letter was sent. reason is "held" when a person must decide, "resent" when the mailbox is
// set to send it once more.
func SendUncertain(ctx context.Context, tx *pg.Tx, outboxID, ticketID, messageID int64, reason string) error {
	if err := stir(ctx, tx, ticketID); err != nil {
		return err
	}
	return record(tx, ticketID, 0, messageID, event.SendUncertain, event.Data{Outbox: outboxID, Reason: reason})
}

// stir moves the ticket up in the lists: a sending error is news. A deleted ticket stays deleted.
func stir(ctx context.Context, tx *pg.Tx, id int64) error {
	if _, err := pg.Exec(ctx, tx, `UPDATE ticket SET version = version + 1, changed_at = $2 WHERE id = $1`, id, tx.Now); err != nil {
		return fmt.Errorf("note the sending error in ticket %d: %w", id, err)
	}
	return nil
}
