package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/internal/failpoint"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// commit puts a job into a line and returns when it is durable, or why it is not. Dots and ends stand in lines of their own: a dot holds up
// its letter and is soon written; an end rings, so it takes a lock over the whole server until it is on disk.
func (s *Sender) commit(ctx context.Context, line *line, j job) error {
	select {
	case err := <-s.enter(line, j):
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter puts a job into a line and goes on; what commit would return comes by the channel.
func (s *Sender) enter(line *line, j job) <-chan error {
	done := make(chan error, 1)
	j.done = done
	if line.add(j) {
		s.all.Go(line.serve)
	}
	return done
}

// markDots is the transaction before the dots of these letters leave.
func (s *Sender) markDots(ctx context.Context, list []job) (lost map[int64]error, err error) {
	dots := ends(list)
	var held []int64
	err = s.DB.InOneTrip(ctx, (*pg.Batch).Steady, func(tx *pg.Tx) { outbox.MarkDots(tx, dots, &held) })
	if err != nil {
		return nil, err // nothing is known about the leases
	}
	lost = map[int64]error{}
	for _, l := range dots {
		if !slices.Contains(held, l.ID) {
			lost[l.ID] = fmt.Errorf("mark the dot of letter %d: %w", l.ID, outbox.ErrLost)
		}
	}
	return lost, nil
}

func ends(list []job) []outbox.End {
	out := make([]outbox.End, len(list))
	for i, j := range list {
		out[i] = j.End
	}
	return out
}

// settleAll is the transaction behind the ends of these attempts.
func (s *Sender) settleAll(ctx context.Context, list []job) (lost map[int64]error, err error) {
	tickets := make([]int64, len(list))
	for i, j := range list {
		tickets[i] = j.TicketID
	}
	var more bool
	err = s.DB.InTxAsking(ctx, func(b *pg.Batch) { b.Steady(); ticket.AskHeld(b, tickets) }, func(tx *pg.Tx) (err error) {
		lost = map[int64]error{}
		more, err = settle(ctx, tx, list, lost)
		return err
	})
	if err == nil && more {
		ring(s.wakeFile)
	}
	return lost, err
}

// settle writes the ends of attempts and tells the tickets: the usual ones together, the others one by one. more
// tells that something is left to do about one of them: a copy to file, a doubt to resolve.
func settle(ctx context.Context, tx *pg.Tx, list []job, lost map[int64]error) (more bool, err error) {
	done, err := outbox.AcceptedByAll(ctx, tx, ends(list))
	if err == nil && len(done) > 0 {
		err = ticket.RepliesSent(ctx, tx, done)
	}
	for _, d := range done {
		more = more || d.Copy
	}
	for i := 0; err == nil && i < len(list); i++ {
		j := list[i]
		if slices.ContainsFunc(done, func(s outbox.Settled) bool { return s.ID == j.ID }) {
			continue
		}
		var one bool
		one, err = settleOne(ctx, tx, j)
		more = more || one
		if errors.Is(err, outbox.ErrLost) {
			lost[j.ID], err = err, nil
		}
	}
	failpoint.Hit("delivery.before_sent")
	return more, err
}

func settleOne(ctx context.Context, tx *pg.Tx, j job) (more bool, err error) {
	if j.doubt {
		return true, doubtful(ctx, tx, j.Lease, j.Text)
	}
	end, err := outbox.Answered(ctx, tx, j.Lease, j.Answers)
	if err != nil {
		return false, err
	}
	return end.Copy, tell(ctx, tx, end)
}
