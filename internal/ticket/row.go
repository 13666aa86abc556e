// Package ticket is the ticket: what was said in it, where it stands, who may see it. One behaviour a file, its SQL inside.
package ticket

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// row is a ticket locked for change.
type row struct {
	ID         int64
	Subject    string
	QueueID    int64
	StatusID   int64
	Kind       string
	PriorityID int64
	AssigneeID *int64
	CategoryID *int64
	TagIDs     []int64
	CustomerID *int64
	Requester  string
	MailboxID  *int64
	MergedInto *int64
	Version    int
	LastInID   int64
	CreatedAt  time.Time
	ChangedAt  time.Time
	ClosedAt   *time.Time
	DeletedAt  *time.Time

	PostponedUntil *time.Time
	WakesTo        *int64 // the status it had before it was postponed
}

const rowColumns = `ticket.id, ticket.subject, ticket.queue_id, ticket.status_id, ticket.kind, ticket.priority_id, ticket.assignee_id, ticket.category_id,
	ticket.tag_ids, ticket.customer_id, ticket.requester, ticket.mailbox_id, ticket.merged_into, ticket.version, ticket.last_in_id, ticket.created_at,
	ticket.changed_at, ticket.closed_at, ticket.deleted_at, ticket.postponed_until, ticket.wakes_to`

const lockSQL = `SELECT ` + rowColumns + ` FROM ticket WHERE id = $1 AND deleted_at IS NULL FOR UPDATE`

// lockRow takes the ticket for change, for the system itself: no access is asked. fault.NotFound when it is missing or deleted.
func lockRow(ctx context.Context, tx *pg.Tx, id int64) (row, error) {
	r, err := pg.One[row](ctx, tx, lockSQL, id)
	if err != nil {
		return row{}, fmt.Errorf("lock ticket %d: %w", id, err)
	}
	return r, nil
}

// lockAny is lockRow for a ticket that may be deleted.
func lockAny(ctx context.Context, tx *pg.Tx, id int64) (row, error) {
	return pg.One[row](ctx, tx, `SELECT `+rowColumns+` FROM ticket WHERE id = $1 FOR UPDATE`, id)
}

// lock takes the ticket for change by an agent. One that by may not see does not exist; one that by may only read is forbidden.
func lock(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) (row, error) {
	r, err := lockRow(ctx, tx, id)
	if err != nil {
		return row{}, err
	}
	if !by.Can(agent.TicketRead) || !by.Sees(r.QueueID) {
		return row{}, fmt.Errorf("lock ticket %d: %w", id, fault.NotFound)
	}
	if !by.Can(agent.TicketWrite) {
		return row{}, fmt.Errorf("change ticket %d: %w", id, fault.Forbidden)
	}
	return r, nil
}

// touch notes that the ticket changed now.
func touch(ctx context.Context, tx *pg.Tx, r *row) error {
	r.Version++
	r.ChangedAt = tx.Now
	_, err := pg.Exec(ctx, tx, `UPDATE ticket SET version = $2, changed_at = $3 WHERE id = $1`, r.ID, r.Version, tx.Now)
	if err != nil {
		return fmt.Errorf("touch ticket %d: %w", r.ID, err)
	}
	return nil
}

// happened is an event of this ticket by a person.
func (r *row) happened(by agent.Agent, kind event.Kind, data event.Data) *event.Event {
	return &event.Event{SubjectKind: event.OfTicket, SubjectID: r.ID, Kind: kind, ByAgent: by.ID, Data: data}
}

// tell records what happened, if anything did.
func tell(tx *pg.Tx, e *event.Event, err error) error {
	if err != nil || e == nil {
		return err
	}
	return event.Record(tx, *e)
}

// record writes an event of this ticket and rings.
func record(tx *pg.Tx, ticketID, byAgent, messageID int64, kind event.Kind, data event.Data) error {
	return event.Record(tx, event.Event{SubjectKind: event.OfTicket, SubjectID: ticketID, Kind: kind, ByAgent: byAgent, MessageID: messageID, Data: data})
}

// statusByKey finds a shipped status: new, open, waiting, postponed, merged, closed.
func statusByKey(ctx context.Context, r pg.Reader, key string) (int64, error) {
	return pg.One[int64](ctx, r, `SELECT id FROM status WHERE key = $1`, key)
}

// visible is the condition that keeps foreign tickets out of every reading query. It needs the named arguments of seeing.
const visible = `(@see_all OR ticket.queue_id = ANY(@see_queues)) AND ticket.deleted_at IS NULL`
