package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// line is where the lanes wait to have something written about their letters. What comes while one transaction is under way shares the next:
// it costs much the same for one letter and for four.
type line struct {
	write func(context.Context, []job) (lost map[int64]error, err error) // one transaction; lost: whose lease was lost, by letter

	mu       sync.Mutex
	waiting  []job
	busy     bool
	expected int           // jobs that will come soon: the first waits for them, but not longer than company
	more     chan struct{} // rings when one of the above has changed
}

// job is one thing to write about a letter: that its dot is about to leave, with the answers to RCPT (Tx D2), or the end of an attempt (Tx E).
type job struct {
	outbox.End
	doubt bool // the dot left, and no answer came
	done  chan error
}

// company is how long the first in the line waits for the others. A server answers sooner, or its lane is not worth waiting for.
const company = 3 * time.Millisecond

func newLine(write func(context.Context, []job) (map[int64]error, error)) *line {
	return &line{write: write, more: make(chan struct{}, 1)}
}

// expect notes that n jobs will come soon, or, below 0, not any more.
func (l *line) expect(n int) {
	l.mu.Lock()
	l.expected += n
	l.mu.Unlock()
	ring(l.more)
}

// add puts a job into the line. first says that nobody serves the line yet.
func (l *line) add(j job) (first bool) {
	l.mu.Lock()
	l.waiting = append(l.waiting, j)
	first, l.busy = !l.busy, true
	l.mu.Unlock()
	ring(l.more)
	return first
}

// serve writes until nobody waits.
func (l *line) serve() {
	for list := l.gather(); len(list) > 0; list = l.gather() {
		l.together(list)
	}
}

// gather takes what shall be written together; nothing when nobody waits, and then the line is no longer served.
func (l *line) gather() (list []job) {
	late := time.NewTimer(company)
	defer late.Stop()
	for waited := false; ; {
		l.mu.Lock()
		if waited || len(l.waiting) >= l.expected || len(l.waiting) == 0 {
			list, l.waiting = l.waiting, nil
			l.busy = len(list) > 0
			l.mu.Unlock()
			return list
		}
		l.mu.Unlock()
		select {
		case <-l.more:
		case <-late.C:
			waited = true
		}
	}
}

// together writes the jobs in one transaction. When one of them breaks it, each gets a transaction of its own.
func (l *line) together(list []job) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	lost, err := l.write(ctx, list)
	for i, j := range list {
		if err != nil && len(list) > 1 && !pg.Down(err) {
			alone, err := l.write(ctx, list[i:i+1])
			j.done <- errors.Join(err, alone[j.ID])
			continue
		}
		j.done <- errors.Join(err, lost[j.ID])
	}
}
