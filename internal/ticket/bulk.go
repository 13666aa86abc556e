package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// BulkBatch is how many tickets of a deed to many one transaction touches, BulkMost how many the deed may touch.
const (
	BulkBatch = 200
	BulkMost  = 1000
)

// Deed is what is done to each of many tickets: exactly one thing.
type Deed struct {
	Name    string // of a closed list, for the line that tells what was done: status, queue, tag, observe, unstar, delete …
	Change  Change
	Observe *bool
	Star    *bool
	Delete  bool
	AsOf    time.Time // when the tickets were chosen: one that was closed since stays as it is
}

// Bulk is a deed to many on its way and what became of it (PRODUCT L7). It goes on from batch to batch, each a transaction of its own.
type Bulk struct {
	ID      int64 // of the event that tells it, and cause of the tickets' events
	Target  string
	Tally   event.Tally
	Tickets []int64 // those it changed
}

// Do does the deed to at most BulkBatch tickets, each with an event of its own. Tickets that by may not see are counted like ones that do not exist.
func (b Bulk) Do(ctx context.Context, tx *pg.Tx, by agent.Agent, d Deed, ids []int64) (_ Bulk, err error) {
	if b.ID == 0 {
		if b.ID, err = event.Reserve(ctx, tx); err != nil {
			return b, err
		}
	}
	rows, err := pg.List[row](ctx, tx, `SELECT `+rowColumns+` FROM ticket WHERE id = ANY(@ids) AND `+visible+` ORDER BY id FOR UPDATE`, seeing(by, named("ids", ids)))
	if err != nil {
		return b, fmt.Errorf("lock %d tickets: %w", len(ids), err)
	}
	b.Tickets = slices.Clone(b.Tickets)
	b.Tally.Missing += len(ids) - len(rows)
	var events []event.Event
	for i := range rows {
		r := &rows[i]
		if d.leaves(r, &b.Tally) {
			continue
		}
		e, done, err := d.to(ctx, tx, by, r)
		var bad fault.Invalid
		switch {
		case errors.As(err, &bad) && bad["assignee"].Key != "":
			b.Tally.NoAccess++
		case errors.As(err, &bad) && bad["tags"].Key == text.RefusalTooManyTags:
			b.Tally.Full++
		case err != nil:
			return b, fmt.Errorf("%s ticket %d: %w", d.Name, r.ID, err)
		case !done:
			b.Tally.Same++
		default:
			b.Tally.Done++
			b.Tickets = append(b.Tickets, r.ID)
		}
		if e != nil {
			e.Cause = b.ID
			b.Tally.Letters(e.Data.Tally)
			events = append(events, *e)
			b.Target = target(d, e.Data.Changes)
		}
	}
	return b, event.RecordAll(tx, events)
}

// Tell records the deed itself, after its last batch.
func (b Bulk) Tell(ctx context.Context, tx *pg.Tx, by agent.Agent, d Deed) error {
	return event.Record(tx, event.Event{ID: b.ID, SubjectKind: event.OfAgent, SubjectID: by.ID, Kind: event.BulkDone, ByAgent: by.ID,
		Data: event.Data{Reason: d.Name, Name: b.Target, Tickets: b.Tickets, Tally: &b.Tally}})
}

// leaves counts a ticket that the deed leaves as it is.
func (d Deed) leaves(r *row, t *event.Tally) bool {
	switch {
	case d.Observe != nil || d.Star != nil || d.Delete:
		return false
	case r.Kind == "merged":
		t.Merged++
		return true
	case !d.AsOf.IsZero() && r.ClosedAt != nil && r.ClosedAt.After(d.AsOf) && (d.Change.Status == nil || d.Change.Status.Is != r.StatusID):
		t.Closed++
		return true
	}
	return false
}

// to does the deed to one locked ticket: what to record, and whether anything was done.
func (d Deed) to(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row) (e *event.Event, done bool, err error) {
	switch {
	case d.Star != nil:
		done, err = star(ctx, tx, by, r.ID, *d.Star)
		return nil, done, err
	case d.Observe != nil:
		e, err = observe(ctx, tx, by, r, *d.Observe)
	case !by.Can(agent.TicketWrite):
		err = fault.Forbidden
	case d.Delete:
		e, err = remove(ctx, tx, by, r)
	default:
		e, err = update(ctx, tx, by, r, d.Change)
	}
	return e, e != nil, err
}

// target names what the tickets were given, as their events do.
func target(d Deed, changes []event.Change) string {
	for _, c := range changes {
		if c.Field == d.Name {
			return c.NewName
		}
	}
	return ""
}

// Done is a deed to many as it was told.
type Done struct {
	ID      int64
	Deed    string
	Target  string
	Tally   event.Tally
	Tickets []int64
	Undone  *event.Tally // nil: it stands, at least in part, and can be undone

	taken int         // how many of its tickets were taken back so far, the first ones
	tally event.Tally // what became of them
}

// UndoFor is how long a deed to many can be undone.
const UndoFor = 24 * time.Hour

// ReadBulk reads a deed that by did in the last day; those of others do not exist.
func ReadBulk(ctx context.Context, r pg.Reader, by agent.Agent, id int64, now time.Time) (Done, error) {
	list, err := pg.List[event.Row](ctx, r, `
		SELECT id, at, by_agent, by_rule, kind, data, message_id FROM event
		WHERE (id = $1 AND kind = 'bulk_done' OR cause = $1 AND kind = 'bulk_undone') AND by_agent = $2 AND at > $3 ORDER BY id`, id, by.ID, now.Add(-UndoFor))
	if err != nil {
		return Done{}, fmt.Errorf("deed %d: %w", id, err)
	}
	if len(list) == 0 || list[0].Data.Tally == nil || list[0].Kind != event.BulkDone {
		return Done{}, fmt.Errorf("deed %d: %w", id, fault.NotFound)
	}
	first := list[0].Data
	d := Done{ID: id, Deed: first.Reason, Target: first.Name, Tally: *first.Tally, Tickets: first.Tickets}
	if last := list[len(list)-1]; last.Kind == event.BulkUndone {
		t := *last.Data.Tally
		d.taken, d.tally = t.Done+t.Same+t.Changed+t.Missing, t
		if d.taken == len(d.Tickets) {
			d.Undone = &t
		}
	}
	return d, nil
}
