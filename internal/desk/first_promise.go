package desk

import (
	"fmt"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// First is what a new ticket of a queue gets: the queue's default priority, and what that promises.
type First struct {
	PriorityID int64
	Promise    Promise
}

// AskFirst adds to a batch the question for a queue's First. The answer, once the batch ran, is fault.NotFound when there is no such queue.
func AskFirst(b *pg.Batch, queueID int64) (answer func() (First, error)) {
	var list []struct {
		ID                         int64
		Reaction, Alarm, Execution *int
		Zone                       string
		Hours, Special             []byte
	}
	pg.Ask(b, &list, `
		SELECT p.id, p.reaction_minutes AS reaction, p.alarm_minutes AS alarm, p.execution_minutes AS execution,
			c.time_zone AS zone, c.hours::text::bytea AS hours, c.special::text::bytea AS special
		FROM queue q JOIN calendar c ON c.id = q.calendar_id JOIN priority p ON p.id = q.default_priority_id
		WHERE q.id = $1`, queueID)
	return func() (First, error) {
		if len(list) == 0 {
			return First{}, fmt.Errorf("first promise of queue %d: %w", queueID, fault.NotFound)
		}
		row := list[0]
		cal, err := sla.ParseCalendar(row.Zone, row.Hours, row.Special)
		return First{row.ID, Promise{row.Reaction, row.Alarm, row.Execution, cal}}, err
	}
}
