package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/agent"
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

// Matching lists the tickets that a list would show on all its pages, at most limit.
func Matching(ctx context.Context, r pg.Reader, by agent.Agent, f Filter, limit int) ([]int64, error) {
	f.After, f.Before = "", ""
	ids := []int64{}
	for len(ids) < limit {
		p, err := List(ctx, r, by, f)
		if err != nil {
			return nil, err
		}
		for _, l := range p.Lines {
			ids = append(ids, l.ID)
		}
		if !p.Older || len(p.Lines) == 0 {
			break
		}
		f.After = p.Lines[len(p.Lines)-1].Key()
	}
	return ids[:min(len(ids), limit)], nil
}
