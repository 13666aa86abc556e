package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// Scope is whose trouble is asked for: that of some queues, or all.
type Scope struct {
	All    bool
	Queues []int64
}

// Trouble is one line under Undelivered: a letter that failed, is uncertain, was refused by some or bounced; or a delivery report that
// matches no letter (Report set, no ticket).
type Trouble struct {
	At         time.Time
	Report     bool
	ID         int64 // of the letter, or of the report
	TicketID   int64
	Subject    string
	Sender     string    // of a report
	Author     string    // of a letter: the agent, '' for one that wrote itself
	Came       time.Time // when the report reached the mailbox
	State      State     // '' for a report
	Code       int
	Text       string
	Twice      bool
	Restored   bool
	FirstTryAt *time.Time
	InboundID  int64 // of the report: its mail
	Mailbox    string
	Recipients []Recipient
}

// Undelivered lists the latest trouble, up to n lines; what is settled makes room for older.
func Undelivered(ctx context.Context, r pg.Reader, s Scope, n int) ([]Trouble, error) {
	out, err := pg.List[Trouble](ctx, r, `
		(SELECT o.trouble_at AS at, false AS report, o.id, o.ticket_id, t.subject, o.state, o.code, o.text, o.twice, o.restored, o.first_try_at, 0::bigint AS inbound_id,
			'' AS sender, COALESCE(a.name, '') AS author, o.trouble_at AS came, m.name AS mailbox, `+recipientsColumn+`
		FROM outbox o JOIN ticket t ON t.id = o.ticket_id JOIN mailbox m ON m.id = o.mailbox_id LEFT JOIN agent a ON a.id = o.agent_id
		WHERE o.trouble AND t.deleted_at IS NULL AND (@all OR t.queue_id = ANY(@queues))
		ORDER BY o.trouble_at DESC, o.id DESC LIMIT @n)
		UNION ALL
		(SELECT b.at, true, b.id, 0, b.subject, '', 0, '', false, false, NULL, b.inbound_id, b.sender, '', i.internaldate, m.name,
			(SELECT json_agg(json_build_object('address', x->>'address', 'text', x->>'diagnostic', 'bounced', x->>'status'))
				FROM jsonb_array_elements(b.recipients) x)
		FROM bounce b JOIN inbound i ON i.id = b.inbound_id JOIN mailbox m ON m.id = i.mailbox_id
		WHERE b.outbox_id IS NULL AND b.settled_at IS NULL AND (@all OR m.queue_id = ANY(@queues))
		ORDER BY b.at DESC, b.id DESC LIMIT @n)
		ORDER BY at DESC, report DESC, id DESC LIMIT @n`, pgx.NamedArgs{"all": s.All, "queues": s.Queues, "n": n})
	if err != nil {
		return nil, fmt.Errorf("list what was not delivered: %w", err)
	}
	return out, nil
}
