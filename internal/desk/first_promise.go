package desk

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// FirstPromise is what a new ticket of a queue gets: the queue's default priority, and what that promises.
func FirstPromise(ctx context.Context, r pg.Reader, queueID int64) (priorityID int64, p Promise, err error) {
	row, err := pg.One[struct {
		ID                         int64
		Reaction, Alarm, Execution *int
		Zone                       string
		Hours, Special             []byte
	}](ctx, r, `
		SELECT p.id, p.reaction_minutes AS reaction, p.alarm_minutes AS alarm, p.execution_minutes AS execution,
			c.time_zone AS zone, c.hours::text::bytea AS hours, c.special::text::bytea AS special
		FROM queue q JOIN calendar c ON c.id = q.calendar_id JOIN priority p ON p.id = q.default_priority_id
		WHERE q.id = $1`, queueID)
	if err != nil {
		return 0, Promise{}, fmt.Errorf("first promise of queue %d: %w", queueID, err)
	}
	cal, err := sla.ParseCalendar(row.Zone, row.Hours, row.Special)
	return row.ID, Promise{row.Reaction, row.Alarm, row.Execution, cal}, err
}
