package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fault"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
)

// Report is a delivery report that came back (RFC 3464).
type Report struct {
	InboundID  int64
	RFCID      string // Message-ID of the letter it reports on, without brackets; '' when it does not say
	Sender     string
	Subject    string
	Recipients []Reported
}

// Reported is what it says about one recipient.
type Reported struct {
	Address    string `json:"address"`
	Action     string `json:"action"`     // mail.Failed, mail.Delayed, or that it went on its way
	Status     string `json:"status"`     // 5.1.1
	Diagnostic string `json:"diagnostic"` // one line
}

// Bounced attaches a report to its letter and answers with the letter's ticket and message. A failure, whatever its status, puts the letter under
// Undelivered; a mere delay is only noted, and that a letter went on its way is no news. Unmatched reports are kept and listed there too.
func Bounced(ctx context.Context, tx *pg.Tx, r Report) (ticketID, messageID int64, matched bool, err error) {
	// The ticket is held first, as by all who touch its letters.
	letter, err := pg.One[struct{ ID, TicketID, MessageID int64 }](ctx, tx, `
		WITH held AS MATERIALIZED (SELECT id FROM ticket WHERE id = (SELECT ticket_id FROM outbox WHERE rfc_id = $1) FOR UPDATE)
		SELECT o.id, ticket_id, message_id FROM held, outbox o WHERE rfc_id = $1 AND ticket_id = held.id FOR UPDATE OF o`, r.RFCID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return 0, 0, false, fmt.Errorf("find the letter of a delivery report: %w", err)
	}
	matched = err == nil
	recipients, err := json.Marshal(append([]Reported{}, r.Recipients...))
	if err != nil {
		return 0, 0, false, fmt.Errorf("keep a delivery report: %w", err)
	}
	n, err := pg.Exec(ctx, tx, `
		INSERT INTO bounce (inbound_id, outbox_id, rfc_id, sender, subject, recipients, at) VALUES ($1, NULLIF($2::bigint, 0), $3, $4, $5, $6, $7)
		ON CONFLICT (inbound_id) DO NOTHING`, r.InboundID, letter.ID, r.RFCID, r.Sender, r.Subject, recipients, tx.Now)
	if err == nil && matched && n > 0 {
		err = markBounced(ctx, tx, letter.ID, r.Recipients)
	}
	if err != nil {
		return 0, 0, false, fmt.Errorf("keep a delivery report: %w", err)
	}
	return letter.TicketID, letter.MessageID, matched, nil
}

// markBounced notes the status of a failure beside its recipient, and the words of a delay. A report may name an address our letter was forwarded
// to: with one recipient there is no doubt whom it means.
func markBounced(ctx context.Context, tx *pg.Tx, id int64, to []Reported) error {
	b := &pgx.Batch{}
	failed := len(to) == 0
	for _, t := range to {
		status := ""
		switch t.Action {
		case mail.Failed:
			failed, status = true, cmp.Or(t.Status, "5.0.0")
		case mail.Delayed:
		default:
			continue
		}
		b.Queue(`
			UPDATE outbox_recipient SET bounced = COALESCE(NULLIF($3, ''), bounced), text = COALESCE(NULLIF($4, ''), text)
			WHERE outbox_id = $1 AND (lower(address) = lower($2) OR $5 AND 1 = (SELECT count(*) FROM outbox_recipient WHERE outbox_id = $1))`,
			id, t.Address, status, t.Diagnostic, len(to) == 1)
	}
	if failed {
		b.Queue(`UPDATE outbox SET trouble = true, trouble_at = $2 WHERE id = $1`, id, tx.Now)
	}
	return tx.Send(ctx, b)
}
