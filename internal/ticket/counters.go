package ticket

import (
	"context"
	"strconv"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
)

// CountCap is where counting stops: a counter beside a view says "1,000+" beyond it (DECISIONS, Counters).
const CountCap = 1000

// Counters are the numbers beside the views, each at most CountCap+1.
type Counters struct {
	Mine, Unassigned, Queues int
	MineUnread               int // unread ones among the newest 200 of the agent's own
	FreeUnread               int // the same of those in the agent's queues that nobody has
	Undelivered              int
	Quarantined              int // 0 for those who may not deal with it
}

// Undo is a letter of the agent that can still be taken back (PRODUCT S1).
type Undo struct {
	ID        int64
	TicketID  int64
	Customer  string
	CreatedAt time.Time
	SendAfter time.Time
}

// Frame is what stands around every page.
type Frame struct {
	Counters Counters
	Undos    []Undo
	Desk     string // its name
}

// ReadFrame reads the frame in one round trip of three queries. Counting stops at the cap, so the cost does not grow with the desk.
func ReadFrame(ctx context.Context, r pg.Reader, by agent.Agent) (Frame, error) {
	var b pg.Batch
	var f Frame
	var counters []Counters
	var name []string
	args := named("me", by.ID, "queues", by.Queues)
	pg.Ask(&b, &counters, countersSQL(by), args)
	pg.Ask(&b, &f.Undos, `
		SELECT o.id, o.ticket_id, COALESCE(NULLIF(t.requester_name, ''), t.requester) AS customer, o.created_at, o.send_after
		FROM outbox o JOIN ticket t ON t.id = o.ticket_id
		WHERE o.state = 'queued' AND o.agent_id = @me AND o.attempts = 0 AND o.send_after <= o.created_at + interval '1 hour'
		ORDER BY o.send_after LIMIT 4`, args)
	pg.Ask(&b, &name, `SELECT value #>> '{}' FROM parameter WHERE name = 'desk_name'`)
	if err := b.Run(ctx, r); err != nil {
		return Frame{}, err
	}
	f.Counters = counters[0]
	if len(name) > 0 {
		f.Desk = name[0]
	}
	return f, nil
}

// countersSQL writes out what does not depend on the moment, so that its plan is made once for each kind of reader.
func countersSQL(by agent.Agent) string {
	limit := ` LIMIT ` + strconv.Itoa(CountCap+1)
	seen := ` AND queue_id = ANY(@queues)`
	if by.Can(agent.QueueAll) {
		seen = ``
	}
	quarantined := `0`
	if by.Can(agent.QuarantineManage) {
		quarantined = `(SELECT count(*) FROM (SELECT FROM inbound WHERE state = 'quarantined'` + limit + `) x)`
	}
	count := func(where string) string {
		return `(SELECT count(*) FROM (SELECT FROM ticket WHERE deleted_at IS NULL AND kind IN ('new','open','waiting')` + where + limit + `) x)`
	}
	unread := func(where string) string {
		return `(SELECT count(*) FROM (SELECT last_in_id, id FROM ticket WHERE deleted_at IS NULL AND kind IN ('new','open','waiting')` + where + `
			ORDER BY changed_at DESC, id DESC LIMIT 200) t LEFT JOIN ticket_seen s ON s.agent_id = @me AND s.ticket_id = t.id
			WHERE t.last_in_id > COALESCE(s.message_id, 0))`
	}
	return `
		SELECT ` + count(` AND assignee_id = @me`+seen) + ` AS mine, ` +
		count(` AND assignee_id IS NULL`+seen) + ` AS unassigned, ` +
		count(` AND queue_id = ANY(@queues)`) + ` AS queues, ` +
		unread(` AND assignee_id = @me`+seen) + ` AS mine_unread, ` +
		unread(` AND assignee_id IS NULL AND queue_id = ANY(@queues)`) + ` AS free_unread, ` +
		`(SELECT count(*) FROM (SELECT FROM outbox JOIN ticket ON ticket.id = outbox.ticket_id WHERE outbox.trouble AND deleted_at IS NULL` + seen + limit + `) x)
			+ (SELECT count(*) FROM (SELECT FROM bounce b JOIN inbound i ON i.id = b.inbound_id JOIN mailbox ON mailbox.id = i.mailbox_id
				WHERE b.outbox_id IS NULL AND b.settled_at IS NULL` + seen + limit + `) x) AS undelivered, ` +
		quarantined + ` AS quarantined`
}
