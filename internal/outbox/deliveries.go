package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/internal/pg"
)

// Delivery is how a letter stands, as the card shows it.
type Delivery struct {
	ID             int64
	TicketID       int64
	MessageID      int64
	Kind           string
	State          State
	SendAfter      time.Time
	UnlessAnswered bool
	Attempts       int
	Code           int
	Text           string // the server's last words, safe to show
	Twice          bool   // a second copy may have arrived
	Restored       bool   // uncertain because it came back with a backup
	Trouble        bool   // stands under Undelivered
	Partly         bool   // a recipient has it already
	SentCopy       string // none, pending, done, failed
	CreatedAt      time.Time
	FirstTryAt     *time.Time
	SettledAt      *time.Time
	Recipients     []Recipient
}

// Cancellable tells whether Cancel would succeed as things stand.
func (d Delivery) Cancellable() bool { return d.State == Queued && !d.Partly && !d.Twice }

// Retryable tells whether Retry would.
func (d Delivery) Retryable() bool {
	if d.State == Sent {
		for _, r := range d.Recipients {
			if r.State == Refused {
				return true
			}
		}
	}
	return d.State == Failed || d.State == Uncertain
}

// GaveUp tells whether the letter failed at the end of its time, and not for a word of the server's.
func (d Delivery) GaveUp() bool {
	return d.State == Failed && d.FirstTryAt != nil && d.SettledAt != nil && d.SettledAt.Sub(*d.FirstTryAt) >= GiveUpAfter
}

// TooLarge tells whether a server did not take the letter for its size, at once or in a delivery report (RFC 3463, 3.3 and 3.4): to send it again as it
// is helps nobody.
func (d Delivery) TooLarge() bool {
	return slices.ContainsFunc(d.Recipients, func(r Recipient) bool {
		status, _, _ := strings.Cut(r.Text, " ")
		return tooLarge(r.Bounced) || r.State == Refused && tooLarge(status)
	})
}

func tooLarge(status string) bool { return status == "5.3.4" || status == "5.2.3" }

// Recipient is one address of a letter and what became of it.
type Recipient struct {
	Address string  `json:"address"`
	Display string  `json:"display"`
	Kind    string  `json:"kind"` // to, cc
	State   Verdict `json:"state"`
	Code    int     `json:"code"`
	Text    string  `json:"text"`
	Bounced string  `json:"bounced"` // status of a later delivery report, e.g. 5.1.1
}

const deliveryColumns = `
	o.id, o.ticket_id, o.message_id, o.kind, o.state, o.send_after, o.unless_answered, o.attempts, o.code, o.text, o.twice, o.restored, o.trouble, o.partly,
	o.sent_copy, o.created_at, o.first_try_at, o.settled_at, ` + recipientsColumn

const recipientsColumn = `
	(SELECT json_agg(json_build_object('address', r.address, 'display', r.display, 'kind', r.kind, 'state', r.state, 'code', r.code,
		'text', r.text, 'bounced', r.bounced) ORDER BY r.position) FROM outbox_recipient r WHERE r.outbox_id = o.id) AS recipients`

// Deliveries reads the letters of these messages, in one query whatever their number.
func Deliveries(ctx context.Context, r pg.Reader, messageIDs []int64) ([]Delivery, error) {
	out, err := pg.List[Delivery](ctx, r, `SELECT `+deliveryColumns+` FROM outbox o WHERE o.message_id = ANY($1) ORDER BY o.id`, messageIDs)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return out, nil
}

// AskDeliveries adds the letters among the newest n messages of a ticket, or those before one, to a page's batch, newest first.
func AskDeliveries(b *pg.Batch, into *[]Delivery, ticketID, before int64, n int) {
	pg.Ask(b, into, `
		SELECT `+deliveryColumns+`
		FROM (SELECT id FROM message WHERE ticket_id = $1 AND ($2::bigint = 0 OR id < $2) ORDER BY id DESC LIMIT $3) m JOIN outbox o ON o.message_id = m.id
		ORDER BY o.id DESC`, ticketID, before, n)
}

// DeliveryOf reads one letter; fault.NotFound when there is none.
func DeliveryOf(ctx context.Context, r pg.Reader, id int64) (Delivery, error) {
	d, err := pg.One[Delivery](ctx, r, `SELECT `+deliveryColumns+` FROM outbox o WHERE o.id = $1`, id)
	if err != nil {
		return d, fmt.Errorf("read letter %d: %w", id, err)
	}
	return d, nil
}
