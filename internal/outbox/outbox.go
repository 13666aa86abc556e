// Package outbox holds the letters that wait, are on their way, or have met their end. It knows rows and states, no network and no ticket:
// the flow delivery does the sending and tells the ticket (RELIABILITY, section 3; DECISIONS, Outgoing).
//
//	queued -> leased -> dot -> sent | failed | uncertain
//	queued -> cancelled        leased, dot -> queued after a passing failure, or cancelled when it was overtaken (see Overtake)
//	queued, leased, dot -> uncertain in place of cancelled, where an earlier copy may have arrived
//
// Every letter ends in sent, failed, cancelled or uncertain and is visible there. A second copy can exist only of a letter marked twice.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// State is where a letter stands. A person reads leased and dot as "sending".
type State string

// The states of DECISIONS, Outgoing.
const (
	Queued    State = "queued"
	Leased    State = "leased"
	Dot       State = "dot" // the final dot may have gone out
	Sent      State = "sent"
	Failed    State = "failed"
	Uncertain State = "uncertain"
	Cancelled State = "cancelled"
)

// Kinds of letters.
const (
	Reply     = "reply"
	AutoReply = "auto_reply" // leaves with an empty envelope sender (RFC 3834)
)

// Ring is the notification that wakes the sender: a letter became due, or will within RingAhead.
const Ring = "o:"

// RingAhead is how far ahead of its time a letter is announced. A sender looks by itself at least that often.
const RingAhead = 30 * time.Second

// MaxRecipients is the most To and Cc may hold together.
const MaxRecipients = 30

// ErrRecipients refuses a letter without recipients or with more than MaxRecipients.
var ErrRecipients = errors.New("a letter needs 1 to 30 recipients")

// Letter is what Put takes. The message row exists; its bytes are made at the first attempt and kept.
type Letter struct {
	TicketID       int64
	MessageID      int64 // row of the message it carries
	MailboxID      int64
	AgentID        int64 // 0: the system
	InboundID      int64 // an automatic reply answers this mail; one of each kind per mail
	Kind           string
	RFCID          string // Message-ID without brackets, fixed from now on
	SendAfter      time.Time
	UnlessAnswered bool        // taken back by itself when the customer writes first
	Recipients     []Recipient // Address, Display and Kind; addresses bare, their domains in punycode
}

// Put queues a letter and returns its id. A second automatic reply to the same mail is not queued: the first one's id comes back. An
// address named twice is kept once, where it stood first.
func Put(ctx context.Context, tx *pg.Tx, l Letter) (int64, error) {
	to := once(l.Recipients)
	if len(to) == 0 || len(to) > MaxRecipients {
		return 0, ErrRecipients
	}
	if l.Kind == "" {
		l.Kind = Reply
	}
	put, err := pg.One[struct {
		ID    int64
		Fresh bool
	}](ctx, tx, `
		WITH new AS (
			INSERT INTO outbox (ticket_id, message_id, mailbox_id, agent_id, inbound_id, kind, rfc_id, send_after, unless_answered, created_at)
			VALUES (@ticket, @message, @mailbox, NULLIF(@agent::bigint, 0), NULLIF(@inbound::bigint, 0), @kind, @rfc, @after, @unless, @now)
			ON CONFLICT (inbound_id, kind) DO NOTHING
			RETURNING id)
		SELECT id, true AS fresh FROM new
		UNION ALL
		SELECT id, false FROM outbox WHERE inbound_id = NULLIF(@inbound::bigint, 0) AND kind = @kind`,
		pgx.NamedArgs{"ticket": l.TicketID, "message": l.MessageID, "mailbox": l.MailboxID, "agent": l.AgentID, "inbound": l.InboundID,
			"kind": l.Kind, "rfc": l.RFCID, "after": l.SendAfter, "unless": l.UnlessAnswered, "now": tx.Now})
	if err != nil {
		return 0, fmt.Errorf("queue the letter of message %d: %w", l.MessageID, err)
	}
	if !put.Fresh {
		return put.ID, nil
	}
	if err := putRecipients(ctx, tx, put.ID, to); err != nil {
		return 0, err
	}
	ringAt(tx, l.SendAfter)
	return put.ID, nil
}

func putRecipients(ctx context.Context, tx *pg.Tx, id int64, to []Recipient) error {
	address, display, kind := make([]string, len(to)), make([]string, len(to)), make([]string, len(to))
	for i, t := range to {
		address[i], display[i], kind[i] = t.Address, t.Display, t.Kind
	}
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO outbox_recipient (outbox_id, address, display, kind, position)
		SELECT $1, address, display, kind, position
		FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS r (address, display, kind, position)`, id, address, display, kind)
	if err != nil {
		return fmt.Errorf("queue the recipients of letter %d: %w", id, err)
	}
	return nil
}

func once(to []Recipient) []Recipient {
	seen := map[string]bool{}
	var out []Recipient
	for _, t := range to {
		if t.Address != "" && !seen[t.Address] {
			seen[t.Address] = true
			out = append(out, t)
		}
	}
	return out
}

// ringAt wakes the senders when at comes before they would look by themselves.
func ringAt(tx *pg.Tx, at time.Time) {
	if !at.After(tx.Now.Add(RingAhead)) {
		event.Ring(tx, Ring)
	}
}
