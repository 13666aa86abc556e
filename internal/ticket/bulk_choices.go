package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/desk"
	"frontdesk/internal/pg"
)

// BulkChoices are what tickets of different queues can be given.
type BulkChoices struct {
	Statuses   []desk.Status
	Queues     []desk.Queue
	Priorities []desk.Priority
	Categories []desk.Category
	Agents     []Choice // everybody at work; who may not see a ticket's queue is found out ticket by ticket
}

// ReadBulkChoices reads them in one round trip.
func ReadBulkChoices(ctx context.Context, r pg.Reader) (BulkChoices, error) {
	var c BulkChoices
	var b pg.Batch
	pg.Ask(&b, &c.Statuses, statusesSQL)
	pg.Ask(&b, &c.Queues, queuesSQL)
	pg.Ask(&b, &c.Priorities, prioritiesSQL)
	desk.AskCategories(&b, &c.Categories)
	pg.Ask(&b, &c.Agents, `SELECT id, name FROM agent WHERE active ORDER BY name COLLATE "und-x-icu", id LIMIT 500`)
	if err := b.Run(ctx, r); err != nil {
		return BulkChoices{}, fmt.Errorf("choices for many tickets: %w", err)
	}
	return c, nil
}
