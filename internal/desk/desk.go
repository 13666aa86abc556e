// Package desk is the furniture: queues, statuses, priorities, calendars and the desk's parameters.
package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// QueueByName finds a queue by its name or its shipped key, whatever the case.
func QueueByName(ctx context.Context, r pg.Reader, name string) (int64, error) {
	return pg.One[int64](ctx, r, `SELECT id FROM queue WHERE lower(name) = lower($1) OR (name = '' AND key = lower($1)) ORDER BY id LIMIT 1`, name)
}

// Param reads one parameter of the desk.
func Param[T any](ctx context.Context, r pg.Reader, name string) (T, error) {
	var v T
	raw, err := pg.One[[]byte](ctx, r, `SELECT value::text::bytea FROM parameter WHERE name = $1`, name)
	if err != nil {
		return v, fmt.Errorf("parameter %s: %w", name, err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("parameter %s: %w", name, err)
	}
	return v, nil
}

// SetParam writes one parameter.
func SetParam(ctx context.Context, tx *pg.Tx, name string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("parameter %s: %w", name, err)
	}
	_, err = pg.Exec(ctx, tx, `INSERT INTO parameter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, raw)
	if err != nil {
		return fmt.Errorf("parameter %s: %w", name, err)
	}
	return nil
}

// SetParamOnce writes a parameter that does not exist yet and returns the value that stands, whoever wrote it.
func SetParamOnce(ctx context.Context, tx *pg.Tx, name, value string) (string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("parameter %s: %w", name, err)
	}
	if _, err := pg.Exec(ctx, tx, `INSERT INTO parameter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, raw); err != nil {
		return "", fmt.Errorf("parameter %s: %w", name, err)
	}
	return Param[string](ctx, tx, name)
}

// HoldParam reads a parameter of text that stays what it is until tx ends.
func HoldParam(ctx context.Context, tx *pg.Tx, name string) (string, error) {
	v, err := pg.One[string](ctx, tx, `SELECT value #>> '{}' FROM parameter WHERE name = $1 FOR SHARE`, name)
	if err != nil {
		return "", fmt.Errorf("parameter %s: %w", name, err)
	}
	return v, nil
}

// ReplaceParam changes a parameter of text that is still what was says; ok is false when it is something else by now. Others who hold it are
// waited for.
func ReplaceParam(ctx context.Context, tx *pg.Tx, name, was, is string) (ok bool, err error) {
	n, err := pg.Exec(ctx, tx, `UPDATE parameter SET value = to_jsonb($3::text) WHERE name = $1 AND value = to_jsonb($2::text)`, name, was, is)
	if err != nil {
		return false, fmt.Errorf("parameter %s: %w", name, err)
	}
	return n > 0, nil
}

// SendVia makes a mailbox the one through which the queue's replies leave, unless the queue has one already.
func SendVia(ctx context.Context, tx *pg.Tx, queueID, mailboxID int64) error {
	_, err := pg.Exec(ctx, tx, `UPDATE queue SET mailbox_id = $2 WHERE id = $1 AND mailbox_id IS NULL`, queueID, mailboxID)
	return err
}

// Promise is what a ticket of a queue and priority is promised, in business minutes of the queue's calendar; nil = no such goal.
type Promise struct {
	Reaction, Alarm, Execution *int
	Calendar                   sla.Calendar
}

// PromiseOf reads the promise for a queue and a priority.
func PromiseOf(ctx context.Context, r pg.Reader, queueID, priorityID int64) (Promise, error) {
	row, err := pg.One[struct {
		Reaction, Alarm, Execution *int
		Zone                       string
		Hours, Special             []byte
	}](ctx, r, `
		SELECT p.reaction_minutes AS reaction, p.alarm_minutes AS alarm, p.execution_minutes AS execution,
			c.time_zone AS zone, c.hours::text::bytea AS hours, c.special::text::bytea AS special
		FROM queue q JOIN calendar c ON c.id = q.calendar_id, priority p
		WHERE q.id = $1 AND p.id = $2`, queueID, priorityID)
	if err != nil {
		return Promise{}, fmt.Errorf("promise of queue %d: %w", queueID, err)
	}
	cal, err := sla.ParseCalendar(row.Zone, row.Hours, row.Special)
	return Promise{row.Reaction, row.Alarm, row.Execution, cal}, err
}

// AddQueue makes a queue with the shipped calendar and the priority Normal and returns its id.
func AddQueue(ctx context.Context, tx *pg.Tx, name string) (int64, error) {
	id, err := pg.One[int64](ctx, tx, `
		INSERT INTO queue (name, calendar_id, default_priority_id, position)
		SELECT $1, calendar_id, default_priority_id, (SELECT max(position) + 1 FROM queue) FROM queue WHERE key = 'inbox' RETURNING id`, name)
	if err != nil {
		return 0, fmt.Errorf("add queue %q: %w", name, err)
	}
	return id, nil
}
