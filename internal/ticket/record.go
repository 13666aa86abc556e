package ticket

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
)

// Record is what a file says of a ticket (PRODUCT L10). Names are as in a Line: ":" and the key for shipped things.
type Record struct {
	ID             int64
	QueueID        int64
	Subject        string
	Status, Parent string
	Priority       string
	Queue          string
	Assignee       string
	Customer       string
	Company        string
	Requester      string
	RequesterName  string
	Tags           []string
	Category       string // with those above it
	Source         string
	CreatedAt      time.Time
	ChangedAt      time.Time
	ClosedAt       *time.Time
	NextDue        *time.Time
}

// Records reads tickets in the order of their numbers given, for a file. What by may not see at this moment, and what was deleted since, is left
// out.
func Records(ctx context.Context, r pg.Reader, by agent.Agent, ids []int64) ([]Record, error) {
	list, err := pg.List[Record](ctx, r, `
		WITH RECURSIVE path AS (
			SELECT id, name FROM category WHERE parent_id IS NULL
			UNION ALL
			SELECT c.id, path.name || ' › ' || c.name FROM category c JOIN path ON path.id = c.parent_id)
		SELECT ticket.id, ticket.queue_id, ticket.subject, COALESCE(NULLIF(s.name, ''), ':' || s.key) AS status, COALESCE(NULLIF(up.name, ''), ':' || up.key, '') AS parent,
			COALESCE(NULLIF(p.name, ''), ':' || p.key) AS priority, COALESCE(NULLIF(q.name, ''), ':' || q.key) AS queue, COALESCE(a.name, '') AS assignee,
			COALESCE(c.name, '') AS customer, COALESCE(co.name, '') AS company, ticket.requester, ticket.requester_name,
			CASE WHEN ticket.tag_ids <> '{}' THEN ARRAY(SELECT name FROM tag WHERE tag.id = ANY(ticket.tag_ids) ORDER BY name COLLATE "und-x-icu") END AS tags,
			COALESCE(path.name, '') AS category, ticket.source, ticket.created_at, ticket.changed_at, ticket.closed_at, ticket.next_due
		FROM unnest(@ids::bigint[]) WITH ORDINALITY AS wanted (id, at)
		JOIN ticket ON ticket.id = wanted.id
		JOIN status s ON s.id = ticket.status_id
		LEFT JOIN status up ON up.id = s.parent_id
		JOIN priority p ON p.id = ticket.priority_id
		JOIN queue q ON q.id = ticket.queue_id
		LEFT JOIN agent a ON a.id = ticket.assignee_id
		LEFT JOIN path ON path.id = ticket.category_id
		LEFT JOIN customer c ON c.id = ticket.customer_id
		LEFT JOIN customer co ON co.id = c.company_id
		WHERE @reads AND `+visible+`
		ORDER BY wanted.at`, seeing(by, named("ids", ids, "reads", by.Can(agent.TicketRead))))
	if err != nil {
		return nil, fmt.Errorf("records of %d tickets: %w", len(ids), err)
	}
	return list, nil
}
