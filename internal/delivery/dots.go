package delivery

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"frontdesk/internal/failpoint"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// dots commits the state dot for all lanes: those that wait while one commit is under way share the next.
type dots struct {
	mu      sync.Mutex
	waiting []dot
	busy    bool
}

type dot struct {
	outbox.Lease
	done chan error
}

// markDot returns when the row says dot for good. After an error the dot must not leave.
func (s *Sender) markDot(ctx context.Context, l outbox.Lease) error {
	d := dot{l, make(chan error, 1)}
	s.dots.mu.Lock()
	s.dots.waiting = append(s.dots.waiting, d)
	if !s.dots.busy {
		s.dots.busy = true
		s.all.Go(s.commitDots)
	}
	s.dots.mu.Unlock()
	select {
	case err := <-d.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Sender) commitDots() {
	for {
		s.dots.mu.Lock()
		list := s.dots.waiting
		s.dots.waiting = nil
		s.dots.busy = len(list) > 0
		s.dots.mu.Unlock()
		if len(list) == 0 {
			return
		}
		s.commitDot(list)
	}
}

func (s *Sender) commitDot(list []dot) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	leases := make([]outbox.Lease, len(list))
	for i, d := range list {
		leases[i] = d.Lease
	}
	var held []int64
	err := s.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		held, err = outbox.MarkDot(ctx, tx, leases...)
		return err
	})
	failpoint.Hit("delivery.dot")
	for _, d := range list {
		if err == nil && !slices.Contains(held, d.ID) {
			d.done <- fmt.Errorf("mark the dot of letter %d: %w", d.ID, outbox.ErrLost)
			continue
		}
		d.done <- err
	}
}
