package ticket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// AddIncoming writes a customer's mail into the ticket it belongs to. The ticket becomes New, whatever it waited for; a closed one is reopened
// when it was closed less than reopen_days ago, else the mail opens a new ticket at p, linked to the old (PRODUCT M6). A merged ticket hands
// over to the one it went into. An automatic reply joins and changes nothing.
func AddIncoming(ctx context.Context, tx *pg.Tx, id int64, m Incoming, p Place) (Landed, error) {
	r, err := lockFollowing(ctx, tx, id)
	if errors.Is(err, fault.NotFound) {
		return Open(ctx, tx, m, p) // deleted a moment ago
	}
	if err != nil {
		return Landed{}, err
	}
	late, err := closedTooLong(ctx, tx, r)
	if err != nil {
		return Landed{}, err
	}
	if late && !m.AutoReply {
		p.Links = append(p.Links, Link{Other: r.ID, Reason: ReopenedLate})
		return Open(ctx, tx, m, p)
	}
	l := Landed{TicketID: r.ID}
	if l.MessageID, err = addMessage(ctx, tx, &r, m); err != nil {
		return Landed{}, err
	}
	changes, err := becomeNew(ctx, tx, &r, m)
	if err != nil {
		return Landed{}, err
	}
	return l, record(tx, r.ID, 0, l.MessageID, event.Received, event.Data{Changes: changes})
}

// becomeNew sets the status and takes back the letters that were not to leave once the customer wrote.
func becomeNew(ctx context.Context, tx *pg.Tx, r *row, m Incoming) ([]event.Change, error) {
	if m.AutoReply {
		return nil, touch(ctx, tx, r)
	}
	if err := cancelAnswered(ctx, tx, r); err != nil {
		return nil, err
	}
	if r.Kind == "new" {
		return nil, touch(ctx, tx, r)
	}
	status, err := statusByKey(ctx, tx, "new")
	if err != nil {
		return nil, err
	}
	return apply(ctx, tx, r, Change{Status: To(status)})
}

// lockFollowing locks the ticket, or the one it was merged into, at the end of the chain.
func lockFollowing(ctx context.Context, tx *pg.Tx, id int64) (row, error) {
	for range 20 {
		r, err := lockRow(ctx, tx, id)
		if err != nil || r.MergedInto == nil {
			return r, err
		}
		id = *r.MergedInto
	}
	return row{}, errors.New("tickets are merged in a circle")
}

func closedTooLong(ctx context.Context, tx *pg.Tx, r row) (bool, error) {
	if r.Kind != "closed" || r.ClosedAt == nil {
		return false, nil
	}
	days, err := desk.Param[int](ctx, tx, "reopen_days")
	if err != nil {
		return false, fmt.Errorf("ask whether ticket %d reopens: %w", r.ID, err)
	}
	return !tx.Now.Before(r.ClosedAt.Add(time.Duration(days) * 24 * time.Hour)), nil
}
