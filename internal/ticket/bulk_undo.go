package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// did is what a deed did to one ticket, and what happened there since.
type did struct {
	At      time.Time
	Ticket  int64
	Changes []event.Change
	Since   []since
	Wrote   bool // the customer
}

// since is a change behind a deed. Decided: somebody wanted it; nobody does what was taken back, or takes something back.
type since struct {
	event.Change
	Decided bool `json:"decided"`
}

// TakeBack takes a deed of the last day back for the next BulkBatch of its tickets and answers how many they were: fewer when no more are left, 0 when all
// were taken back before. What somebody changed since stays as it is and is counted; other changes since stay too, and the deed's own go. Who presses at
// the same time, or after a press that broke off, goes on from there.
func TakeBack(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) (int, error) {
	if _, err := pg.Exec(ctx, tx, `SELECT FROM event WHERE id = $1 FOR UPDATE`, id); err != nil {
		return 0, fmt.Errorf("lock deed %d: %w", id, err)
	}
	d, err := ReadBulk(ctx, tx, by, id, tx.Now)
	if err != nil {
		return 0, err
	}
	ids := d.Tickets[d.taken:]
	ids = ids[:min(len(ids), BulkBatch)]
	if len(ids) == 0 {
		return 0, nil
	}
	t, err := d.takeBack(ctx, tx, by, ids)
	if err != nil {
		return 0, err
	}
	return len(ids), event.Record(tx, event.Event{SubjectKind: event.OfAgent, SubjectID: by.ID, Kind: event.BulkUndone, ByAgent: by.ID, Cause: d.ID, Data: event.Data{Tally: &t}})
}

// takeBack undoes the deed for these tickets and counts on.
func (d Done) takeBack(ctx context.Context, tx *pg.Tx, by agent.Agent, ids []int64) (event.Tally, error) {
	t := d.tally
	rows, err := pg.List[row](ctx, tx, `SELECT `+rowColumns+` FROM ticket WHERE id = ANY($1) AND (deleted_at IS NULL OR $2) ORDER BY id FOR UPDATE`, ids, d.Deed == "delete")
	if err != nil {
		return t, fmt.Errorf("lock %d tickets: %w", len(ids), err)
	}
	past, err := d.past(ctx, tx, ids)
	if err != nil {
		return t, err
	}
	var events []event.Event
	for i := range rows {
		r := &rows[i]
		p := past[r.ID]
		if !by.Sees(r.QueueID) && !by.Sees(p.queue(r.QueueID)) {
			continue // gone from sight for another reason than the deed
		}
		e, done, err := d.back(ctx, tx, by, r, p)
		var clash *fault.Conflict
		var bad fault.Invalid
		switch {
		case errors.As(err, &clash), errors.As(err, &bad):
			t.Changed++
		case err != nil:
			return t, fmt.Errorf("undo %s of ticket %d: %w", d.Deed, r.ID, err)
		case !done:
			t.Same++
		default:
			t.Done++
		}
		if e != nil {
			e.Data.Undoes = d.ID
			t.Letters(e.Data.Tally)
			events = append(events, *e)
		}
	}
	t.Missing = d.taken + len(ids) - t.Done - t.Changed - t.Same
	return t, event.RecordAll(tx, events)
}

// past reads what the deed did to these tickets, which are locked: their events stand in the order in which they were. Another deed that was taken back
// there is nothing that somebody decided since.
func (d Done) past(ctx context.Context, tx *pg.Tx, ids []int64) (map[int64]did, error) {
	list, err := pg.List[did](ctx, tx, `
		SELECT deed.at, deed.subject_id AS ticket, COALESCE(deed.data -> 'changes', '[]') AS changes, COALESCE((
				SELECT jsonb_agg(change || jsonb_build_object('decided', later.data -> 'undoes' IS NULL AND NOT EXISTS (
					SELECT FROM event back WHERE back.subject_kind = 'ticket' AND back.subject_id = later.subject_id AND back.data -> 'undoes' = to_jsonb(later.cause))) ORDER BY later.id)
				FROM event later, jsonb_array_elements(later.data -> 'changes') AS change
				WHERE later.subject_kind = 'ticket' AND later.subject_id = deed.subject_id AND later.id > deed.id), '[]') AS since,
			EXISTS (SELECT FROM event mail JOIN ticket ON ticket.id = mail.subject_id AND ticket.last_in_id = mail.message_id
				WHERE mail.subject_kind = 'ticket' AND mail.subject_id = deed.subject_id AND mail.id > deed.id AND mail.kind = 'received') AS wrote
		FROM event deed WHERE cause = $1 AND subject_kind = 'ticket' AND subject_id = ANY($2)`, d.ID, ids)
	if err != nil {
		return nil, fmt.Errorf("read what deed %d did: %w", d.ID, err)
	}
	out := make(map[int64]did, len(list))
	for _, p := range list {
		out[p.Ticket] = p
	}
	return out, nil
}

// again are the fields that were changed since and then given once more what the deed gave them: that is a decision of its own. So is until when what the
// deed postponed stays so, and a mail of the customer, which makes a ticket New that was so already. Tags are told apart by their number, which stands in
// Old or in New.
func (p did) again() (fields []string) {
	for _, x := range p.Changes {
		if x.Field == "status" && p.Wrote {
			fields = append(fields, x.Field)
			continue
		}
		for _, s := range slices.Backward(p.Since) {
			if !s.Decided {
				continue
			}
			timed := x.Field == "status" && s.Field == "until"
			if timed || s.Field == x.Field && (x.Field != "tag" || s.Old+s.New == x.Old+x.New) {
				if timed || s.New == x.New {
					fields = append(fields, x.Field)
				}
				break
			}
		}
	}
	return fields
}

// queue is where the ticket was before the deed moved it to now.
func (p did) queue(now int64) int64 {
	for _, c := range p.Changes {
		if c.Field == "queue" && c.New == now {
			return c.Old
		}
	}
	return 0
}

// back undoes the deed for one locked ticket.
func (d Done) back(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row, p did) (e *event.Event, done bool, err error) {
	switch d.Deed {
	case "star", "unstar":
		done, err = star(ctx, tx, by, r.ID, d.Deed == "unstar")
		return nil, done, err
	case "observe", "unobserve":
		e, err = observe(ctx, tx, by, r, d.Deed == "unobserve")
	case "delete":
		if r.DeletedAt != nil && !r.DeletedAt.Equal(p.At) {
			return nil, false, &fault.Conflict{Fields: []string{"deleted"}}
		}
		e, err = restore(ctx, tx, by, r)
	default:
		if !by.Can(agent.TicketWrite) {
			return nil, false, fault.Forbidden
		}
		if fields := p.again(); len(fields) > 0 {
			return nil, false, &fault.Conflict{Fields: fields}
		}
		c, closed := p.reversed(r)
		if e, err = update(ctx, tx, by, r, c); err == nil && e != nil && closed {
			err = unmeetClosing(ctx, tx, r, p)
		}
	}
	return e, e != nil, err
}

// reversed is the change that puts back what there was, and whether the deed closed the ticket.
func (p did) reversed(r *row) (c Change, closed bool) {
	for _, x := range p.Changes {
		switch x.Field {
		case "status":
			c.Status, c.closedAt, c.wakesTo = From(x.New, x.Old), x.ClosedAt, x.WakesTo
			closed = r.Kind == "closed" && r.ClosedAt != nil && r.ClosedAt.Equal(p.At)
		case "queue":
			c.Queue = From(x.New, x.Old)
		case "priority":
			c.Priority = From(x.New, x.Old)
		case "assignee":
			c.Assignee = From(x.New, x.Old)
		case "category":
			c.Category = From(x.New, x.Old)
		case "until":
			c.Until = From(x.New, x.Old)
		case "tag":
			if x.New != 0 {
				c.drop = append(c.drop, desk.Tag{ID: x.New, Name: x.NewName})
			} else {
				c.add = append(c.add, desk.Tag{ID: x.Old, Name: x.OldName})
			}
		}
	}
	return c, closed
}

// unmeetClosing lets the goals run on that the closing met, since it was a mistake: for the priority and in the queue that the ticket has by now.
func unmeetClosing(ctx context.Context, tx *pg.Tx, r *row, p did) error {
	n, err := pg.Exec(ctx, tx, `UPDATE ticket_clock SET met_at = NULL WHERE ticket_id = $1 AND met_at = $2 AND goal IN ('alarm', 'execution')`, r.ID, p.At)
	if err == nil && n > 0 {
		_, err = pg.Exec(ctx, tx, nextDue, r.ID)
	}
	switch {
	case err != nil:
		return fmt.Errorf("let the clocks of ticket %d run on: %w", r.ID, err)
	case n == 0: // an earlier closing met them
		return nil
	}
	return carryClocks(ctx, tx, r, p.then("queue", r.QueueID), p.then("priority", r.PriorityID), sla.Alarm, sla.Execution)
}

// then is what a field held when the deed was done; it holds now by now.
func (p did) then(field string, now int64) int64 {
	for _, s := range p.Since {
		if s.Field == field {
			return s.Old
		}
	}
	return now
}
