package ticket

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/desk"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// nextDue keeps the least running, unmet due time beside the ticket, for order and filter.
const nextDue = `
	UPDATE ticket SET next_due = (SELECT min(due_at) FROM ticket_clock WHERE ticket_id = $1 AND met_at IS NULL)
	WHERE id = $1`

type goal struct {
	goal    sla.Goal
	minutes int
}

func goalsOf(p desk.Promise) []goal {
	var out []goal
	for _, g := range []struct {
		goal    sla.Goal
		minutes *int
	}{{sla.Reaction, p.Reaction}, {sla.Alarm, p.Alarm}, {sla.Execution, p.Execution}} {
		if g.minutes != nil {
			out = append(out, goal{g.goal, *g.minutes})
		}
	}
	return out
}

// meetClosing stops the alarm and execution clocks at the first closing; they do not start again.
func meetClosing(ctx context.Context, tx *pg.Tx, ticketID int64) error {
	return meet(ctx, tx, ticketID, tx.Now, sla.Alarm, sla.Execution)
}

func meet(ctx context.Context, tx *pg.Tx, ticketID int64, at time.Time, goals ...sla.Goal) error {
	n, err := pg.Exec(ctx, tx, `UPDATE ticket_clock SET met_at = $2 WHERE ticket_id = $1 AND goal = ANY($3) AND met_at IS NULL`, ticketID, at, goals)
	if err == nil && n > 0 {
		_, err = pg.Exec(ctx, tx, nextDue, ticketID)
	}
	if err != nil {
		return fmt.Errorf("meet the goals of ticket %d: %w", ticketID, err)
	}
	return nil
}

type clockRow struct {
	Goal        sla.Goal
	Minutes     int
	DueAt       *time.Time
	LeftMinutes *int
	CrossedAt   *time.Time
}

// carryClocks takes the unmet clocks of r for some goals, which ran in a queue and for a priority, over to those it has now, and in or out of a pause:
// what was used stays used. They keep the times they were given unless the priority is another one (PRODUCT P1); a closed ticket is promised no more
// than a first answer.
func carryClocks(ctx context.Context, tx *pg.Tx, r *row, queueID, priorityID int64, goals ...sla.Goal) error {
	status, err := pg.One[struct{ Stops, Turned bool }](ctx, tx, `
		SELECT stops_clock AS stops, EXISTS (SELECT FROM ticket_clock
			WHERE ticket_id = $2 AND met_at IS NULL AND goal = ANY($3) AND (paused_at IS NOT NULL) <> stops_clock) AS turned
		FROM status WHERE id = $1`, r.StatusID, r.ID, goals)
	if err != nil {
		return fmt.Errorf("ask whether the clocks stop: %w", err)
	}
	if !status.Turned && r.QueueID == queueID && r.PriorityID == priorityID {
		return nil
	}
	old, err := desk.PromiseOf(ctx, tx, queueID, priorityID)
	if err != nil {
		return err
	}
	fresh := old
	if r.QueueID != queueID || r.PriorityID != priorityID {
		if fresh, err = desk.PromiseOf(ctx, tx, r.QueueID, r.PriorityID); err != nil {
			return err
		}
	}
	running, err := pg.List[clockRow](ctx, tx, `
		SELECT goal, minutes, due_at, left_minutes, crossed_at FROM ticket_clock WHERE ticket_id = $1 AND met_at IS NULL AND goal = ANY($2)`, r.ID, goals)
	if err != nil {
		return fmt.Errorf("read the clocks of ticket %d: %w", r.ID, err)
	}
	var promised []goal
	used, crossed := map[sla.Goal]time.Duration{}, map[sla.Goal]*time.Time{}
	for _, c := range running {
		promised = append(promised, goal{c.Goal, c.Minutes})
		crossed[c.Goal] = c.CrossedAt
		used[c.Goal] = time.Duration(c.Minutes)*time.Minute - leftOf(c, old.Calendar, tx.Now)
	}
	if r.PriorityID != priorityID {
		promised = goalsOf(fresh)
	}
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM ticket_clock WHERE ticket_id = $1 AND met_at IS NULL AND goal = ANY($2)`, r.ID, goals)
	for _, g := range promised {
		if r.Kind == "closed" && g.goal != sla.Reaction || !slices.Contains(goals, g.goal) {
			continue
		}
		left := time.Duration(g.minutes)*time.Minute - used[g.goal]
		var due, pausedAt *time.Time
		var leftMinutes *int
		if status.Stops {
			m := int(math.Round(left.Minutes())) // to the nearest, so that many pauses cost nothing
			leftMinutes, pausedAt = &m, &tx.Now
		} else {
			due = orNull(fresh.Calendar.Add(tx.Now, left))
		}
		b.Queue(`
			INSERT INTO ticket_clock (ticket_id, goal, minutes, due_at, paused_at, left_minutes, crossed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (ticket_id, goal) DO NOTHING`, r.ID, string(g.goal), g.minutes, due, pausedAt, leftMinutes, stillOver(crossed[g.goal], left))
	}
	b.Queue(nextDue, r.ID)
	if err := tx.Send(ctx, b); err != nil {
		return fmt.Errorf("carry the clocks of ticket %d over: %w", r.ID, err)
	}
	return nil
}

// leftOf is the business time a clock has left: stored while paused, counted while running, all of it in a calendar that never opens.
func leftOf(c clockRow, cal sla.Calendar, now time.Time) time.Duration {
	switch {
	case c.LeftMinutes != nil:
		return time.Duration(*c.LeftMinutes) * time.Minute
	case c.DueAt != nil:
		return cal.Between(now, *c.DueAt)
	}
	return time.Duration(c.Minutes) * time.Minute
}

// stillOver keeps the note that a crossing was told, as long as the time is over.
func stillOver(crossed *time.Time, left time.Duration) *time.Time {
	if left > 0 {
		return nil
	}
	return crossed
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
