package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"frontdesk/internal/failpoint"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// commits writes what the lanes have to say about their letters. What comes while one transaction is under way shares the next, and its
// commit: one that rings takes a lock over the whole server until it is on disk, so commits of their own would stand in line anyway.
type commits struct {
	mu      sync.Mutex
	waiting []job
	busy    bool
}

// job is one thing to write: with a result the end of an attempt (Tx E), without one that the dot is about to leave (Tx D2).
type job struct {
	outbox.Lease
	result *mailbox.Result
	done   chan error
}

// commit returns when the job is durable, or why it is not.
func (s *Sender) commit(ctx context.Context, l outbox.Lease, r *mailbox.Result) error {
	j := job{l, r, make(chan error, 1)}
	s.commits.mu.Lock()
	s.commits.waiting = append(s.commits.waiting, j)
	if !s.commits.busy {
		s.commits.busy = true
		s.all.Go(s.commitWaiting)
	}
	s.commits.mu.Unlock()
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Sender) commitWaiting() {
	for {
		s.commits.mu.Lock()
		list := s.commits.waiting
		s.commits.waiting = nil
		s.commits.busy = len(list) > 0
		s.commits.mu.Unlock()
		if len(list) == 0 {
			return
		}
		s.commitTogether(list)
	}
}

// commitTogether writes the jobs in one transaction. When one of them breaks it, each gets a transaction of its own.
func (s *Sender) commitTogether(list []job) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	// Two processes that settle letters of the same tickets lock them in one order.
	slices.SortStableFunc(list, func(a, b job) int { return int(a.TicketID - b.TicketID) })
	lost, err := s.commitOnce(ctx, list)
	for i, j := range list {
		if err != nil && len(list) > 1 && !pg.Down(err) {
			alone, err := s.commitOnce(ctx, list[i:i+1])
			j.done <- errors.Join(err, alone[j.ID])
			continue
		}
		j.done <- errors.Join(err, lost[j.ID])
	}
}

// commitOnce is the transaction. lost holds the letters whose lease was lost, by id.
func (s *Sender) commitOnce(ctx context.Context, list []job) (lost map[int64]error, err error) {
	var dots []outbox.Lease
	var ends []job
	var more bool
	for _, j := range list {
		if j.result == nil {
			dots = append(dots, j.Lease)
		} else {
			ends = append(ends, j)
		}
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		lost = map[int64]error{}
		if err := markDots(ctx, tx, dots, lost); err != nil {
			return err
		}
		more, err = settle(ctx, tx, ends, lost)
		return err
	})
	if err == nil && more {
		ring(s.wakeFile)
	}
	return lost, err
}

func markDots(ctx context.Context, tx *pg.Tx, list []outbox.Lease, lost map[int64]error) error {
	if len(list) == 0 {
		return nil
	}
	held, err := outbox.MarkDots(ctx, tx, list)
	if err != nil {
		return err // nothing is known about the leases
	}
	for _, l := range list {
		if !slices.Contains(held, l.ID) {
			lost[l.ID] = fmt.Errorf("mark the dot of letter %d: %w", l.ID, outbox.ErrLost)
		}
	}
	return nil
}

// settle writes the ends of attempts and tells the tickets: the usual ones together, the others one by one. more
// tells that something is left to do about one of them: a copy to file, a doubt to resolve.
func settle(ctx context.Context, tx *pg.Tx, list []job, lost map[int64]error) (more bool, err error) {
	if len(list) == 0 {
		return false, nil
	}
	ends := make([]outbox.End, len(list))
	for i, j := range list {
		ends[i] = outbox.End{Lease: j.Lease, Answers: answers(*j.result)}
	}
	done, err := outbox.AcceptedByAll(ctx, tx, ends)
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
		one, err = settleOne(ctx, tx, j.Lease, *j.result, ends[i].Answers)
		more = more || one
		if errors.Is(err, outbox.ErrLost) {
			lost[j.ID], err = err, nil
		}
	}
	failpoint.Hit("delivery.before_sent")
	return more, err
}

func settleOne(ctx context.Context, tx *pg.Tx, l outbox.Lease, r mailbox.Result, a outbox.Answers) (more bool, err error) {
	if r.Outcome == mailbox.Ambiguous {
		return true, doubtful(ctx, tx, l, a.Text)
	}
	end, err := outbox.Answered(ctx, tx, l, a)
	if err != nil {
		return false, err
	}
	return end.Copy, tell(ctx, tx, end)
}
