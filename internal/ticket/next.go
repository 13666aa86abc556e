package ticket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// nextLock is the advisory lock that puts presses of "Handle next" in a row.
const nextLock = 7263_0001

// nextTries is how often the ticket that is next may be taken away by a save that came first.
const nextTries = 20

// nextSQL finds the first free ticket: the agent's own priority in the queue, then the shorter action time, then arrival (PRODUCT L8). The first of
// each queue and priority is one step in an index, so the cost does not grow with what waits. An action time that is not set comes last. A
// queue that the agent was given a moment ago does not count yet: lock asks the rights the request began with.
const nextSQL = `
	SELECT t.id FROM agent_queue mine CROSS JOIN priority p CROSS JOIN LATERAL (
		SELECT id, created_at FROM ticket
		WHERE deleted_at IS NULL AND kind IN ('new','open','waiting') AND assignee_id IS NULL AND queue_id = mine.queue_id AND priority_id = p.id
		ORDER BY created_at, id LIMIT 1) t
	WHERE mine.agent_id = @me AND (@see_all OR mine.queue_id = ANY(@see_queues))
	ORDER BY mine.priority, p.execution_minutes NULLS LAST, CASE WHEN p.execution_minutes IS NULL THEN p.level END, t.created_at, t.id LIMIT 1`

// freeSQL counts the tickets that Next could give, at most CountCap+1.
const freeSQL = `
	SELECT count(*) FROM (SELECT FROM agent_queue mine JOIN ticket t ON t.queue_id = mine.queue_id
		WHERE mine.agent_id = @me AND (@see_all OR mine.queue_id = ANY(@see_queues))
			AND t.deleted_at IS NULL AND t.kind IN ('new','open','waiting') AND t.assignee_id IS NULL LIMIT @most) free`

// Next gives the agent the next ticket to handle and answers its number; 0 when none is free in the agent's queues. Presses stand in a row, so two
// agents never get the same one and each gets the first of its moment. It gives up with a *fault.Conflict when others are quicker again and again.
func Next(ctx context.Context, tx *pg.Tx, by agent.Agent) (int64, error) {
	if !by.Can(agent.TicketRead) {
		return 0, nil
	}
	if _, err := pg.Exec(ctx, tx, `SELECT pg_advisory_xact_lock($1)`, nextLock); err != nil {
		return 0, fmt.Errorf("stand in the row for the next ticket: %w", err)
	}
	for range nextTries {
		id, err := pg.One[int64](ctx, tx, nextSQL, seeing(by, named("me", by.ID)))
		if errors.Is(err, fault.NotFound) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("find the next ticket: %w", err)
		}
		r, err := lock(ctx, tx, by, id) // waits for whoever saves it right now; then it may not be free any more
		if errors.Is(err, fault.NotFound) || err == nil && !r.free() {
			continue
		}
		if err != nil {
			return 0, err
		}
		changes, err := change(ctx, tx, by, &r, Change{Assignee: To(by.ID)})
		if err != nil {
			return 0, err
		}
		return id, record(tx, id, by.ID, 0, event.Changed, event.Data{Changes: changes})
	}
	return 0, fmt.Errorf("take the next ticket: %w", &fault.Conflict{Fields: []string{"assignee"}})
}

// free tells whether the ticket waits for somebody to take it.
func (r row) free() bool {
	return r.AssigneeID == nil && (r.Kind == "new" || r.Kind == "open" || r.Kind == "waiting")
}

// Near is a ticket to look at while none is free.
type Near struct {
	ID           int64
	Subject      string
	Customer     string
	Kind, Status string
	Due          *time.Time // the next promised time, of the agent's own
	Wakes        *time.Time // of a postponed one
}

// Nearest counts the tickets that are free for an agent, up to CountCap+1, and lists what comes next when none is: up to five of the agent's own open
// ones, the nearest promised time first, and up to five postponed ones, of the agent or of nobody, in the order they wake.
func Nearest(ctx context.Context, r pg.Reader, by agent.Agent) (free int, own, asleep []Near, err error) {
	var b pg.Batch
	var count []int
	pg.Ask(&b, &count, freeSQL, seeing(by, named("me", by.ID, "most", CountCap+1)))
	const columns = `t.id, t.subject, COALESCE(c.name, NULLIF(t.requester_name, ''), t.requester) AS customer, t.kind,
		COALESCE(NULLIF(s.name, ''), ':' || s.key) AS status, t.next_due AS due, t.postponed_until AS wakes
		FROM ticket t JOIN status s ON s.id = t.status_id LEFT JOIN customer c ON c.id = t.customer_id
		WHERE t.deleted_at IS NULL AND ($2 OR t.queue_id = ANY($3)) AND `
	pg.Ask(&b, &own, `SELECT `+columns+`t.assignee_id = $1 AND t.kind IN ('new','open','waiting') ORDER BY t.next_due NULLS LAST, t.changed_at, t.id LIMIT 5`,
		by.ID, by.Can(agent.QueueAll), by.Queues)
	pg.Ask(&b, &asleep, `SELECT `+columns+`(t.assignee_id = $1 OR t.assignee_id IS NULL AND t.queue_id = ANY($3)) AND t.kind = 'postponed' AND t.postponed_until IS NOT NULL
		ORDER BY t.postponed_until, t.id LIMIT 5`, by.ID, by.Can(agent.QueueAll), by.Queues)
	if err := b.Run(ctx, r); err != nil {
		return 0, nil, nil, fmt.Errorf("look what comes next: %w", err)
	}
	return count[0], own, asleep, nil
}
