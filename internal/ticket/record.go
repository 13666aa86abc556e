package ticket

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/pg"
)

// Record is what a file says of a ticket (PRODUCT L10). Names are as in a Line: ":" and the key for shipped things.
type Record struct {
	ID             int64
	QueueID        int64
	Queue          string `db:"-"`
	Subject        string
	StatusID       int64
	Status, Parent string `db:"-"`
	PriorityID     int64
	Priority       string `db:"-"`
	AssigneeID     *int64
	Assignee       string `db:"-"`
	Customer       string
	Company        string
	Requester      string
	RequesterName  string
	Tags           []string
	CategoryID     *int64
	Category       string `db:"-"` // with those above it
	Source         string
	CreatedAt      time.Time
	ChangedAt      time.Time
	ClosedAt       *time.Time
	NextDue        *time.Time
}

// Records reads tickets in the order of their numbers given, for a file. What by may not see at this moment, and what was deleted since, is left
// out.
func Records(ctx context.Context, r pg.Reader, by agent.Agent, ids []int64) ([]Record, error) {
	var list []Record
	var b pg.Batch
	pg.Ask(&b, &list, `
		SELECT ticket.id, ticket.queue_id, ticket.subject, ticket.status_id, ticket.priority_id, ticket.assignee_id, ticket.category_id,
			COALESCE(c.name, '') AS customer, COALESCE(co.name, '') AS company, ticket.requester, ticket.requester_name,
			CASE WHEN ticket.tag_ids <> '{}' THEN ARRAY(SELECT name FROM tag WHERE tag.id = ANY(ticket.tag_ids) ORDER BY name COLLATE "und-x-icu") END AS tags,
			ticket.source, ticket.created_at, ticket.changed_at, ticket.closed_at, ticket.next_due
		FROM unnest(@ids::bigint[]) WITH ORDINALITY AS wanted (id, at)
		JOIN ticket ON ticket.id = wanted.id
		LEFT JOIN customer c ON c.id = ticket.customer_id
		LEFT JOIN customer co ON co.id = c.company_id
		WHERE @reads AND `+visible+`
		ORDER BY wanted.at`, seeing(by, named("ids", ids, "reads", by.Can(agent.TicketRead))))
	directory := desk.AskDirectory(&b)
	err := b.Run(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("records of %d tickets: %w", len(ids), err)
	}
	d, err := directory(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("records of %d tickets: %w", len(ids), err)
	}
	for i := range list {
		t := &list[i]
		status := d.Status(t.StatusID)
		t.Queue, t.Status, t.Parent, t.Priority = d.Queue(t.QueueID).Name, status.Name, d.Status(deref(status.ParentID)).Name, d.Priority(t.PriorityID).Name
		t.Assignee, t.Category = d.Person(deref(t.AssigneeID)).Name, d.Category(deref(t.CategoryID)).Path
	}
	return list, nil
}
