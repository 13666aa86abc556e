package ticket

import (
	"context"
	"errors"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// UpdateTold is Update told like a deed to many, by whose id it is undone; 0 when nothing differs, or when the change is none that a deed could be.
func UpdateTold(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, c Change) (deed int64, err error) {
	r, err := lock(ctx, tx, by, id)
	if err != nil {
		return 0, err
	}
	name := c.deed()
	e, err := update(ctx, tx, by, &r, c)
	if err != nil || e == nil || name == "" {
		return 0, tell(tx, e, err)
	}
	return tellAlone(ctx, tx, by, e, name)
}

// deed names the one thing a change wishes; "" when it wishes more, or what is not undone.
func (c Change) deed() (name string) {
	for _, wish := range []struct {
		name string
		is   bool
	}{{"status", c.Status != nil}, {"queue", c.Queue != nil}, {"priority", c.Priority != nil}, {"assignee", c.Assignee != nil}, {"category", c.Category != nil},
		{"tag", len(c.AddTags)+len(c.DropTags) > 0}, {"", c.Subject != nil || c.Cc != nil || c.Until != nil}} {
		switch {
		case !wish.is:
		case wish.name == "" || name != "":
			return ""
		default:
			name = wish.name
		}
	}
	return name
}

// tellAlone records what a deed did to one ticket, and the deed.
func tellAlone(ctx context.Context, tx *pg.Tx, by agent.Agent, e *event.Event, name string) (deed int64, err error) {
	if e.Cause, err = event.Reserve(ctx, tx); err != nil {
		return 0, err
	}
	d := Deed{Name: name}
	b := Bulk{ID: e.Cause, Target: target(d, e.Data.Changes), Tickets: []int64{e.SubjectID}, Tally: event.Tally{Done: 1}}
	return b.ID, errors.Join(event.Record(tx, *e), b.Tell(ctx, tx, by, d))
}
