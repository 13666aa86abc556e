package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"frontdesk/internal/blob"
)

// The bounds of one parse (DECISIONS, Parser).
const (
	maxParse       = 20 * time.Second // of the child's own
	maxChildMemory = 400 << 20
	mailsPerChild  = 1000
	// Raw bytes under way through all children at once; a larger mail goes alone.
	maxUnderWay = 48 << 20
)

// What a mail may do to the child that parses it.
var (
	errTimeout = errors.New("the parser did not end within 20 seconds")
	errMemory  = errors.New("the parser needed more than 400 MB")
	errCrash   = errors.New("the parser died")
)

// pool keeps warm parse children. They are started when needed, renewed after 1,000 mails, and all but one let go when nothing came for a
// minute.
type pool struct {
	command []string
	dir     string
	timeout time.Duration
	bytes   *semaphore.Weighted

	mu     sync.Mutex
	idle   []resting
	closed bool
}

type resting struct {
	p     *process
	since time.Time
}

func newPool(command []string, dir string) *pool {
	return &pool{command: command, dir: dir, timeout: maxParse, bytes: semaphore.NewWeighted(maxUnderWay)}
}

// parse has a mail parsed in a child. errTimeout, errMemory and errCrash are the mail's doing; any other error is the surroundings'. The caller
// closes files.
func (o *pool) parse(ctx context.Context, raw io.Reader, size int64, how byte) (u understood, files []*blob.Spooled, err error) {
	weight := min(size, maxUnderWay)
	if err := o.bytes.Acquire(ctx, weight); err != nil {
		return u, nil, err
	}
	defer o.bytes.Release(weight)
	p, err := o.take()
	if err != nil {
		return u, nil, err
	}
	w := watchOver(ctx, p, o.timeout)
	u, files, err = p.parse(o.dir, raw, size, how, w)
	why := w.stop()
	if err == nil && why == nil {
		o.put(p)
		return u, files, nil
	}
	said := p.end()
	closeAll(files)
	var src errSource
	switch {
	case why != nil:
		return u, nil, why
	case errors.As(err, &src):
		return u, nil, err
	}
	return u, nil, fmt.Errorf("%w: %v %s", errCrash, err, said)
}

// watch ends a child that takes longer than it may or too much memory, or whose parse nobody waits for any more. Time that passes while it is paused
// is not the child's.
type watch struct {
	began time.Time
	done  chan struct{}
	over  chan error

	mu     sync.Mutex
	own    time.Duration // that we took ourselves
	paused time.Time     // since when we take more; zero: we do not
}

// victim is what a watch may have to end.
type victim interface {
	kill()
	memory() int64
}

func watchOver(ctx context.Context, p victim, timeout time.Duration) *watch {
	w := &watch{began: time.Now(), done: make(chan struct{}), over: make(chan error, 1)}
	go func() {
		end := time.NewTimer(timeout)
		look := time.NewTicker(50 * time.Millisecond)
		defer end.Stop()
		defer look.Stop()
		for {
			var why error
			select {
			case <-w.done:
				w.over <- nil
				return
			case <-ctx.Done():
				why = ctx.Err() // not its cause: what failed elsewhere is not the mail's fault
			case <-end.C:
				if left := timeout - w.spent(); left > 0 {
					end.Reset(left)
				} else {
					why = errTimeout
				}
			case <-look.C:
				if p.memory() > maxChildMemory {
					why = errMemory
				}
			}
			if why != nil {
				p.kill()
				w.over <- why
				return
			}
		}
	}()
	return w
}

// pause begins work of our own, such as reading from the database; resume ends it.
func (w *watch) pause() (resume func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paused = time.Now()
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.own += time.Since(w.paused)
		w.paused = time.Time{}
	}
}

// spent is how much time the child has had.
func (w *watch) spent() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	until := time.Now()
	if !w.paused.IsZero() {
		until = w.paused
	}
	return until.Sub(w.began) - w.own
}

// stop tells why the child was ended, nil when it was not.
func (w *watch) stop() error {
	close(w.done)
	return <-w.over
}

func (o *pool) take() (*process, error) {
	o.mu.Lock()
	if n := len(o.idle); n > 0 {
		p := o.idle[n-1].p
		o.idle = o.idle[:n-1]
		o.mu.Unlock()
		return p, nil
	}
	o.mu.Unlock()
	return startProcess(o.command)
}

func (o *pool) put(p *process) {
	o.mu.Lock()
	keep := !o.closed && p.mails < mailsPerChild
	if keep {
		o.idle = append(o.idle, resting{p, time.Now()})
	}
	o.mu.Unlock()
	if !keep {
		p.end()
	}
}

// rest lets go the children that had nothing to do for a minute, but for one.
func (o *pool) rest() {
	o.mu.Lock()
	var gone []*process
	for len(o.idle) > 1 && time.Since(o.idle[0].since) > time.Minute {
		gone = append(gone, o.idle[0].p)
		o.idle = o.idle[1:]
	}
	o.mu.Unlock()
	for _, p := range gone {
		p.end()
	}
}

// close ends the resting children; those at work end when they are put back.
func (o *pool) close() {
	o.mu.Lock()
	idle := o.idle
	o.idle, o.closed = nil, true
	o.mu.Unlock()
	for _, r := range idle {
		r.p.end()
	}
}
