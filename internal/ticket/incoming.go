package ticket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// AddIncoming writes a customer's mail into the ticket it belongs to. The ticket becomes New, whatever it waited for; a closed one is reopened
// when it was closed less than reopen_days ago, else the mail opens a new ticket at p, linked to the old (PRODUCT M6). A merged ticket hands
// over to the one it went into. An automatic reply joins and changes nothing.
func AddIncoming(ctx context.Context, tx *pg.Tx, id int64, m Incoming, p Place) (Landed, error) {
	var (
		drawn    []int64
		ifSilent func() bool
	)
	r, err := lockFollowing(ctx, tx, id, func(b *pg.Batch, id int64) {
		pg.Ask(b, &drawn, `SELECT nextval('message_id_seq')`)
		ifSilent = outbox.AskIfSilent(b, id)
	})
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
	addMessage(tx, r, drawn[0], m)
	changes, err := becomeNew(ctx, tx, &r, m, ifSilent())
	if err != nil {
		return Landed{}, err
	}
	return Landed{TicketID: r.ID, MessageID: drawn[0]}, record(tx, r.ID, 0, drawn[0], event.Received, event.Data{Changes: changes})
}

// becomeNew sets the status and takes back the letters that were not to leave once the customer wrote.
func becomeNew(ctx context.Context, tx *pg.Tx, r *row, m Incoming, ifSilent bool) ([]event.Change, error) {
	if m.AutoReply {
		return nil, nil
	}
	if ifSilent {
		kept, err := keepHere(ctx, tx, r, outbox.CustomerWrote)
		if err == nil {
			err = stayHere(ctx, tx, r, kept)
		}
		if err != nil {
			return nil, err
		}
	}
	if r.Kind == "new" {
		return nil, nil
	}
	status, err := statusByKey(ctx, tx, "new")
	if err != nil {
		return nil, err
	}
	return apply(ctx, tx, r, Change{Status: To(status)})
}

// lockFollowing locks the ticket, or the one it was merged into, at the end of the chain; ask may add questions about the one that is locked.
func lockFollowing(ctx context.Context, tx *pg.Tx, id int64, ask func(b *pg.Batch, id int64)) (row, error) {
	for range 20 {
		var (
			b    pg.Batch
			rows []row
		)
		pg.Ask(&b, &rows, lockSQL, id)
		ask(&b, id)
		if err := b.Run(ctx, tx); err != nil {
			return row{}, fmt.Errorf("lock ticket %d: %w", id, err)
		}
		if len(rows) == 0 {
			return row{}, fmt.Errorf("lock ticket %d: %w", id, fault.NotFound)
		}
		if rows[0].MergedInto == nil {
			return rows[0], nil
		}
		id = *rows[0].MergedInto
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
