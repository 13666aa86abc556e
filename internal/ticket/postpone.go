package ticket

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// MaxPostpone is how far ahead a ticket may be postponed.
const MaxPostpone = 366 * 24 * time.Hour

// Postpone puts a ticket off: it leaves the open lists and comes back with the status it had, when the time has come or the customer writes. Its
// clocks pause if the status says so. It is told like a deed to many, by whose id it is undone: asked for twice it is
// the first one; 0 when somebody else had postponed it until then. What somebody decided since its form was made, which showed this status (nil:
// none did), is a *fault.Conflict: a ticket closed meanwhile stays closed.
func Postpone(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, until *Set[int64], shown *int64) (deed int64, err error) {
	if until.Is <= 0 { // which would say that it is not postponed
		return 0, fault.Invalid{"until": fault.Because(text.RefusalSchedulePast)}
	}
	r, err := lock(ctx, tx, by, id)
	if err != nil {
		return 0, err
	}
	if shown != nil && *shown != r.StatusID && r.Kind != "postponed" { // then until says whether it was
		return 0, &fault.Conflict{Fields: []string{"status"}}
	}
	e, err := update(ctx, tx, by, &r, Change{Until: until})
	if err != nil {
		return 0, err
	}
	if e == nil {
		return lastPostponement(ctx, tx, by, id)
	}
	return tellAlone(ctx, tx, by, e, "until")
}

// lastPostponement is the deed by which by put a ticket off, 0 when somebody else did so last.
func lastPostponement(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) (deed int64, err error) {
	list, err := pg.List[int64](ctx, tx, `
		SELECT CASE WHEN by_agent = $2 THEN COALESCE(cause, 0) ELSE 0 END FROM event
		WHERE subject_kind = 'ticket' AND subject_id = $1 AND kind = 'postponed' ORDER BY id DESC LIMIT 1`, id, by.ID)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0], nil
}

// WakeNow ends a postponement before its time.
func WakeNow(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	r, err := lock(ctx, tx, by, id)
	if err != nil || r.Kind != "postponed" {
		return err
	}
	status, err := wakesTo(ctx, tx, r)
	if err != nil {
		return err
	}
	e, err := update(ctx, tx, by, &r, Change{Status: To(status)})
	return tell(tx, e, err)
}

// sensibleUntil refuses a time that has passed or is too far away, and lets the status follow.
func sensibleUntil(ctx context.Context, tx *pg.Tx, r *row, c *Change, bad fault.Invalid) error {
	s := c.Until
	if s == nil || s.Is == 0 || s.Is == seconds(r.PostponedUntil) {
		return nil
	}
	switch at := time.Unix(s.Is, 0); {
	case !at.After(tx.Now):
		bad["until"] = fault.Because(text.RefusalSchedulePast)
	case at.After(tx.Now.Add(MaxPostpone)):
		bad["until"] = fault.Because(text.RefusalPostponeFar)
	case r.Kind == "merged":
		bad["until"] = fault.Because(text.RefusalMerged)
	}
	if c.Status != nil || r.Kind == "postponed" || len(bad) > 0 {
		return nil
	}
	status, err := statusByKey(ctx, tx, "postponed")
	c.Status = To(status)
	return err
}

// Wake brings postponed tickets back whose time has come, at most limit: the status they had, a new place in the lists, and unread for who has
// them, or for all when nobody does. It answers how many there were.
func Wake(ctx context.Context, tx *pg.Tx, limit int) (int, error) {
	ids, err := pg.List[int64](ctx, tx, `
		SELECT id FROM ticket WHERE deleted_at IS NULL AND kind = 'postponed' AND postponed_until <= $1
		ORDER BY postponed_until LIMIT $2 FOR UPDATE SKIP LOCKED`, tx.Now, limit)
	if err != nil {
		return 0, fmt.Errorf("look for tickets to wake: %w", err)
	}
	for _, id := range ids {
		if err := wake(ctx, tx, id); err != nil {
			return 0, fmt.Errorf("wake ticket %d: %w", id, err)
		}
	}
	return len(ids), nil
}

func wake(ctx context.Context, tx *pg.Tx, id int64) error {
	r, err := lockRow(ctx, tx, id)
	if err != nil {
		return err
	}
	status, err := wakesTo(ctx, tx, r)
	if err != nil {
		return err
	}
	changes, err := apply(ctx, tx, &r, Change{Status: To(status)})
	if err != nil {
		return err
	}
	if err := unsee(ctx, tx, r); err != nil {
		return err
	}
	return record(tx, id, 0, 0, event.Woken, event.Data{Changes: changes})
}

// wakesTo is the status a postponed ticket comes back to: the one it had, or In progress when that would hide it.
func wakesTo(ctx context.Context, r pg.Reader, t row) (int64, error) {
	return pg.One[int64](ctx, r, `
		SELECT COALESCE((SELECT id FROM status WHERE id = $1 AND kind IN ('new','open','waiting')), (SELECT id FROM status WHERE key = 'open'))`, t.WakesTo)
}

// unsee makes the newest message of the customer unread again for the one who has the ticket, or for all when nobody does.
func unsee(ctx context.Context, tx *pg.Tx, r row) error {
	_, err := pg.Exec(ctx, tx, `UPDATE ticket_seen SET message_id = $3 - 1 WHERE ticket_id = $1 AND ($2::bigint IS NULL OR agent_id = $2) AND message_id >= $3`,
		r.ID, r.AssigneeID, r.LastInID)
	return err
}

// seconds is a moment as changes hold it, 0 for none.
func seconds(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.Unix()
}

// moment is the other way round.
func moment(unix int64) *time.Time {
	if unix == 0 {
		return nil
	}
	t := time.Unix(unix, 0).UTC()
	return &t
}
