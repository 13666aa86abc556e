package inbound

import (
	"context"
	"time"

	"frontdesk/internal/pg"
)

// States counts the rows of a mailbox by state.
type States struct {
	Pending     int64 `json:"pending"`
	Ticket      int64 `json:"ticket"`
	Reply       int64 `json:"reply"`
	Bounce      int64 `json:"bounce"`
	Ignored     int64 `json:"ignored"`
	Duplicate   int64 `json:"duplicate"`
	Quarantined int64 `json:"quarantined"`
	Removed     int64 `json:"removed"`
}

// Standing is how a mailbox stands: the JSON of `mailbox status`. Received is the sum of the states in every read, for both come from one
// statement.
type Standing struct {
	MailboxID   int64      `json:"-"`
	Mailbox     string     `json:"mailbox"`
	Received    int64      `json:"received"`
	States      States     `json:"states"`
	LastSuccess *time.Time `json:"last_success"`
	LagSeconds  float64    `json:"lag_seconds"` // how long the oldest mail has been waiting; 0 when none waits
	LastError   string     `json:"last_error"`
	AlsoRead    bool       `json:"also_read"` // what another program has read becomes tickets too
	Missed      int64      `json:"missed"`    // read by another program first and still at the server: in no state, for it was never received
	TakesMissed bool       `json:"-"`         // a person asked for those; the next poll takes them
}

// Status reads the standing of every mailbox, by name.
func Status(ctx context.Context, r pg.Reader) ([]Standing, error) {
	rows, err := pg.List[standing](ctx, r, standings)
	if err != nil {
		return nil, wrap(err, "count the ledger")
	}
	list := make([]Standing, len(rows))
	for i, s := range rows {
		list[i] = s.plain()
	}
	return list, nil
}

// standing is a row of standings.
type standing struct {
	States
	MailboxID             int64
	Mailbox               string
	Received              int64
	LastSuccess           *time.Time
	LagSeconds            float64
	LastError             string
	AlsoRead, TakesMissed bool
	Missed                int64
}

func (s standing) plain() Standing {
	return Standing{s.MailboxID, s.Mailbox, s.Received, s.States, s.LastSuccess, s.LagSeconds, s.LastError, s.AlsoRead, s.Missed, s.TakesMissed}
}

const standings = `
	SELECT m.id AS mailbox_id, m.name AS mailbox, COALESCE(sum(s.n), 0)::bigint AS received,
		COALESCE(sum(s.n) FILTER (WHERE s.state = 'pending'), 0)::bigint AS pending,
		COALESCE(sum(s.n) FILTER (WHERE s.state = 'ticket'), 0)::bigint AS ticket,
		COALESCE(sum(s.n) FILTER (WHERE s.state = 'reply'), 0)::bigint AS reply,
		COALESCE(sum(s.n) FILTER (WHERE s.state = 'bounce'), 0)::bigint AS bounce,
		COALESCE(sum(s.n) FILTER (WHERE s.state = 'ignored'), 0)::bigint AS ignored,
		COALESCE(sum(s.n) FILTER (WHERE s.state = 'duplicate'), 0)::bigint AS duplicate,
		COALESCE(sum(s.n) FILTER (WHERE s.state = 'quarantined'), 0)::bigint AS quarantined,
		COALESCE(sum(s.n) FILTER (WHERE s.state = 'removed'), 0)::bigint AS removed,
		m.last_success, m.last_error, m.also_read,
		(SELECT COALESCE(sum(abs(f.missed)), 0) FROM inbound_folder f WHERE f.mailbox_id = m.id) AS missed,
		EXISTS (SELECT FROM inbound_folder f WHERE f.mailbox_id = m.id AND f.missed < 0) AS takes_missed,
		COALESCE((SELECT round(GREATEST(0, extract(epoch FROM now() - min(p.stored_at)))::numeric, 1)
			FROM inbound p WHERE p.mailbox_id = m.id AND p.state = 'pending'), 0)::float8 AS lag_seconds
	FROM mailbox m LEFT JOIN (SELECT mailbox_id, state, count(*) AS n FROM inbound GROUP BY mailbox_id, state) s ON s.mailbox_id = m.id
	GROUP BY m.id ORDER BY m.name COLLATE "und-x-icu"`
