package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/filter"
	"frontdesk/internal/pg"
)

// Choices are the values a field of a filter can have; only those of the field asked for are filled.
type Choices struct {
	Queues     []desk.Queue
	Statuses   []desk.Status
	Priorities []desk.Priority
	Agents     []Choice
	Categories []desk.Category
	Tags       []desk.Tag
}

// mostTags is how many tags are offered; others are typed.
const mostTags = 500

// Pickable lists what there is of a field, in one query: queues that by may see, people who work here.
func Pickable(ctx context.Context, r pg.Reader, by agent.Agent, f filter.Field) (c Choices, err error) {
	switch f {
	case filter.Queue:
		c.Queues, err = pg.List[desk.Queue](ctx, r, `
			SELECT id, COALESCE(NULLIF(name, ''), ':' || key) AS name FROM queue WHERE active AND ($1 OR id = ANY($2)) ORDER BY position, id`, by.Can(agent.QueueAll), by.Queues)
	case filter.Status:
		c.Statuses, err = pg.List[desk.Status](ctx, r, `
			SELECT s.id, COALESCE(s.key, '') AS key, COALESCE(NULLIF(s.name, ''), ':' || s.key) AS name, s.kind, s.parent_id, s.stops_clock
			FROM status s LEFT JOIN status up ON up.id = s.parent_id ORDER BY COALESCE(up.position, s.position), COALESCE(up.id, s.id), s.parent_id IS NOT NULL, s.position, s.id`)
	case filter.Priority:
		c.Priorities, err = desk.Priorities(ctx, r)
	case filter.Assignee:
		c.Agents, err = pg.List[Choice](ctx, r, `SELECT id, name FROM agent WHERE active ORDER BY id <> $1, name COLLATE "und-x-icu"`, by.ID)
	case filter.Category:
		c.Categories, err = desk.Categories(ctx, r)
	case filter.Tag:
		c.Tags, err = pg.List[desk.Tag](ctx, r, `SELECT id, name FROM tag ORDER BY name COLLATE "und-x-icu" LIMIT $1`, mostTags)
	}
	if err != nil {
		return c, fmt.Errorf("list what %s can be: %w", f, err)
	}
	return c, nil
}
