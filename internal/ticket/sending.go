package ticket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// letter is an outbox row with its ticket, found by the id that stands in an address.
type letter struct {
	ID        int64
	TicketID  int64
	MessageID int64
	AgentID   *int64
}

// lockLetter locks the ticket of a letter; who may reply there may deal with its letters. A letter of a foreign ticket is not there from the first
// question on.
func lockLetter(ctx context.Context, tx *pg.Tx, by agent.Agent, outboxID int64) (letter, row, error) {
	l, err := pg.One[letter](ctx, tx, `
		SELECT o.id, o.ticket_id, o.message_id, o.agent_id FROM outbox o JOIN ticket ON ticket.id = o.ticket_id
		WHERE o.id = @letter AND `+visible, seeing(by, named("letter", outboxID)))
	if err != nil {
		return letter{}, row{}, fmt.Errorf("letter %d: %w", outboxID, err)
	}
	r, err := lock(ctx, tx, by, l.TicketID)
	return l, r, err
}

// lockOwnLetter is lockLetter for who wrote it, wherever the ticket went since, and though it is deleted.
func lockOwnLetter(ctx context.Context, tx *pg.Tx, by agent.Agent, outboxID int64) (letter, row, error) {
	l, err := pg.One[letter](ctx, tx, `SELECT id, ticket_id, message_id, agent_id FROM outbox WHERE id = $1 AND agent_id = $2`, outboxID, by.ID)
	if err == nil && !by.Can(agent.TicketWrite) {
		err = fault.Forbidden
	}
	if err != nil {
		return letter{}, row{}, fmt.Errorf("own letter %d: %w", outboxID, err)
	}
	r, err := lockAny(ctx, tx, l.TicketID)
	return l, r, err
}

// CancelReply takes a letter back before it leaves: an outbox.Past when the sender has it already, or had, or somebody took it back. Text and files return
// to its author as a draft unless they are writing another one; what was changed with it stays (DECISIONS, Draft). Its author may always do that
// (PRODUCT S1), also when the ticket is deleted, or stands in a queue they do not see any more: then ticketID is 0.
func CancelReply(ctx context.Context, tx *pg.Tx, by agent.Agent, outboxID int64) (ticketID int64, err error) {
	l, r, err := lockLetter(ctx, tx, by, outboxID)
	if ticketID = l.TicketID; errors.Is(err, fault.NotFound) {
		ticketID = 0
		l, r, err = lockOwnLetter(ctx, tx, by, outboxID)
	}
	if err != nil {
		return 0, err
	}
	if err := outbox.Cancel(ctx, tx, l.ID); err != nil {
		return ticketID, err
	}
	return ticketID, takenBack(ctx, tx, &r, l, by.ID, "by_agent")
}

// WhoTookBack names the agent who took a letter back; "" when nobody did, the customer's own words did, or its ticket is not for by to see.
func WhoTookBack(ctx context.Context, r pg.Reader, by agent.Agent, outboxID int64) (string, error) {
	names, err := pg.List[string](ctx, r, `
		SELECT a.name FROM outbox o JOIN ticket ON ticket.id = o.ticket_id
		JOIN event e ON e.message_id = o.message_id AND e.kind = @kind JOIN agent a ON a.id = e.by_agent
		WHERE o.id = @letter AND `+visible+` ORDER BY e.id DESC LIMIT 1`, seeing(by, named("letter", outboxID, "kind", event.SendCancelled)))
	if err != nil {
		return "", fmt.Errorf("who took letter %d back: %w", outboxID, err)
	}
	return strings.Join(names, ""), nil
}

// takenBack marks the message, gives the text back to its author, for whom and what it answered, and tells it. The form it came from may be sent again, mended or not.
func takenBack(ctx context.Context, tx *pg.Tx, r *row, l letter, byAgent int64, reason string) error {
	m, err := pg.One[struct {
		Text           string
		ToList, CcList []string
		Answer         string
	}](ctx, tx, `
		UPDATE message SET cancelled_at = $2, form_key = NULL FROM message_body b WHERE message.id = $1 AND b.message_id = message.id
		RETURNING b.text, message.to_list, message.cc_list, COALESCE((SELECT a.id FROM message a
			WHERE a.ticket_id = message.ticket_id AND a.kind = 'in' AND a.rfc_id = message.rfc_refs[cardinality(message.rfc_refs)] ORDER BY a.id DESC LIMIT 1)::text, '') AS answer`, l.MessageID, tx.Now)
	if err != nil {
		return fmt.Errorf("mark the letter as cancelled: %w", err)
	}
	if err := search.Forget(ctx, tx, l.MessageID); err != nil {
		return err
	}
	if l.AgentID != nil {
		fields, err := json.Marshal(map[string]string{"text": m.Text, "to": strings.Join(m.ToList, ", "), "cc": strings.Join(m.CcList, ", "), "answer": m.Answer})
		if err != nil {
			return err
		}
		if _, err := pg.Exec(ctx, tx, `
			WITH given AS (
				INSERT INTO draft AS d (agent_id, ticket_id, kind, fields, changed_at) VALUES ($1, $2, 'reply', $3, $4)
				ON CONFLICT (agent_id, ticket_id, kind) DO UPDATE SET fields = excluded.fields, version = d.version + 1, changed_at = excluded.changed_at
				WHERE COALESCE(d.fields ->> 'text', '') = ''
				RETURNING agent_id, ticket_id, kind)
			INSERT INTO draft_file (agent_id, ticket_id, kind, blob_id, name, type, size, created_at)
			SELECT given.agent_id, given.ticket_id, given.kind, f.blob_id, f.name, f.type, f.size, $4
			FROM given, message_file f WHERE f.message_id = $5 ORDER BY f.position`, *l.AgentID, l.TicketID, fields, tx.Now, l.MessageID); err != nil {
			return fmt.Errorf("give the text back: %w", err)
		}
	}
	if err := touch(ctx, tx, r); err != nil {
		return err
	}
	return record(tx, l.TicketID, byAgent, l.MessageID, event.SendCancelled, event.Data{Outbox: l.ID, Reason: reason})
}

// keepHere takes back the letters of a locked ticket that are not to leave any more, and leaves to a person those that may have arrived: those the
// sender has are told later, by StayedHere and SendUncertain. What becomes of those that it answers is the caller's.
func keepHere(ctx context.Context, tx *pg.Tx, r *row, why outbox.Why) (cancelled []int64, err error) {
	cancelled, doubts, err := outbox.Overtake(ctx, tx, r.ID, why)
	if err != nil {
		return nil, err
	}
	for _, x := range doubts {
		if err := touch(ctx, tx, r); err != nil {
			return nil, err
		}
		if err := record(tx, r.ID, 0, x.MessageID, event.SendUncertain, event.Data{Outbox: x.ID, Reason: "held"}); err != nil {
			return nil, err
		}
	}
	return cancelled, nil
}

// stayHere gives the texts of letters of a locked ticket back.
func stayHere(ctx context.Context, tx *pg.Tx, r *row, letters []int64) error {
	for _, id := range letters {
		l, err := pg.One[struct {
			letter
			Overtaken string
		}](ctx, tx, `SELECT id, ticket_id, message_id, agent_id, overtaken FROM outbox WHERE id = $1`, id)
		if err != nil {
			return fmt.Errorf("letter %d: %w", id, err)
		}
		if err := takenBack(ctx, tx, r, l.letter, 0, l.Overtaken); err != nil {
			return err
		}
	}
	return nil
}

// StayedHere tells their tickets, deleted ones too, that letters were cancelled when they came back to the outbox: they had been overtaken.
func StayedHere(ctx context.Context, tx *pg.Tx, letters []int64) error {
	for _, id := range letters {
		r, err := pg.One[row](ctx, tx, `SELECT `+rowColumns+` FROM ticket WHERE id = (SELECT ticket_id FROM outbox WHERE id = $1) FOR NO KEY UPDATE`, id)
		if err != nil {
			return fmt.Errorf("lock the ticket of letter %d: %w", id, err)
		}
		if err := stayHere(ctx, tx, &r, []int64{id}); err != nil {
			return err
		}
	}
	return nil
}

// SendNow lets a queued or scheduled letter leave at once.
func SendNow(ctx context.Context, tx *pg.Tx, by agent.Agent, outboxID int64) (ticketID int64, err error) {
	l, _, err := lockLetter(ctx, tx, by, outboxID)
	if err != nil {
		return 0, err
	}
	if err := outbox.SendNow(ctx, tx, l.ID); err != nil {
		return l.TicketID, err
	}
	event.Ring(tx, event.TicketKey(l.TicketID))
	return l.TicketID, nil
}

// RetryLetter sends a failed or uncertain letter again: the same bytes, the same Message-ID, to those who do not have it.
func RetryLetter(ctx context.Context, tx *pg.Tx, by agent.Agent, outboxID int64) (ticketID int64, err error) {
	l, _, err := lockLetter(ctx, tx, by, outboxID)
	if err != nil {
		return 0, err
	}
	if err := outbox.Retry(ctx, tx, l.ID); err != nil {
		return l.TicketID, err
	}
	return l.TicketID, record(tx, l.TicketID, by.ID, l.MessageID, event.SendRetried, event.Data{Outbox: l.ID})
}

// SettleLetter takes a sending error off the list: a person dealt with it.
func SettleLetter(ctx context.Context, tx *pg.Tx, by agent.Agent, outboxID int64) (ticketID int64, err error) {
	l, _, err := lockLetter(ctx, tx, by, outboxID)
	if err != nil {
		return 0, err
	}
	if err := outbox.Dismiss(ctx, tx, l.ID); err != nil {
		return l.TicketID, err
	}
	return l.TicketID, record(tx, l.TicketID, by.ID, l.MessageID, event.SendSettled, event.Data{Outbox: l.ID})
}
