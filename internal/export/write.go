package export

import (
	"context"
	"errors"
	"io"
	"slices"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// batch is how many tickets are read at a time: all of a file that is ever in memory.
const batch = 500

// Written is what became of a file so far.
type Written struct {
	Looked int     // tickets gone through
	Rows   int     // of them in the file: those that could still be seen
	Queues []int64 // they are in
}

// Write writes tickets, in the order of ids, for the agent of that number. Each batch is read with the rights the agent has at that moment and is
// out before the next one is read. Without the permission to export it stops with fault.Forbidden. step is told after each batch; it may be nil.
func Write(ctx context.Context, r pg.Reader, w io.Writer, l *text.Local, agentID int64, ids []int64, step func(Written) error) (Written, error) {
	var done Written
	s, err := NewSheet(w, l)
	if err != nil {
		return done, err
	}
	for some := range slices.Chunk(ids, batch) {
		by, err := Exporter(ctx, r, agentID)
		if err != nil {
			return done, err
		}
		list, err := ticket.Records(ctx, r, by, some)
		if err != nil {
			return done, err
		}
		if err := s.Add(list); err != nil {
			return done, err
		}
		done.add(len(some), list)
		if step != nil {
			if err := step(done); err != nil {
				return done, err
			}
		}
	}
	return done, s.Add(nil)
}

func (d *Written) add(looked int, list []ticket.Record) {
	d.Looked += looked
	d.Rows += len(list)
	for _, t := range list {
		if !slices.Contains(d.Queues, t.QueueID) {
			d.Queues = append(d.Queues, t.QueueID)
		}
	}
}

// Exporter is the agent of a number with the rights of this moment, fault.Forbidden when they do not allow to export.
func Exporter(ctx context.Context, r pg.Reader, agentID int64) (agent.Agent, error) {
	by, err := agent.Working(ctx, r, agentID)
	switch {
	case err != nil && !errors.Is(err, fault.NotFound):
		return by, err
	case err != nil, !by.Can(agent.TicketExport), !by.Can(agent.TicketRead):
		return by, fault.Forbidden
	}
	return by, nil
}
