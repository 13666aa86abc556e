package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// ErrSilent says that the other side stopped answering within the limits.
var ErrSilent = errors.New("the server stopped answering")

// ErrTooMuch says that the other side sent more than the command can have asked for.
var ErrTooMuch = errors.New("the server sent more than was asked for")

// errEnded says that the other side said good-bye, at any moment it likes: TLS has an end of its own, which the connection below does not see.
var errEnded = errors.New("the server ended the connection")

// errClosed says that we closed the connection ourselves before.
var errClosed = errors.New("the connection is closed")

// watch is a connection that cannot hang and cannot flood. Between begin and end silence, duration and bytes are limited; outside only
// bytes are (a server may say "EXISTS" at any time). The deadlines belong to the watch alone: those the libraries set are ignored.
type watch struct {
	net.Conn
	lim Limits

	mu    sync.Mutex
	armed bool
	idle  time.Duration
	until time.Time
	left  int64 // bytes the other side may still send
	cause error // the first thing that went wrong

	broken chan struct{} // closed when something has
}

func newWatch(c net.Conn, lim Limits) *watch {
	return &watch{Conn: c, lim: lim, left: lim.Bytes, broken: make(chan struct{})}
}

// begin starts a command: an answer is due, silence may last idle, the whole may last total and bring at most bytes.
func (w *watch) begin(idle, total time.Duration, bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.armed, w.idle, w.until, w.left = true, idle, now.Add(total), bytes
	w.setRead(now)
}

// end closes a command: nothing is due any more.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.left = false, w.lim.Bytes
	w.setRead(time.Time{})
}

// pause lets d, spent by our own side, not count against the other.
func (w *watch) pause(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = w.until.Add(d)
	w.setRead(time.Now())
}

// setRead puts the next read deadline; the caller holds mu.
func (w *watch) setRead(now time.Time) {
	var d time.Time
	if w.armed {
		d = now.Add(w.idle)
		if w.until.Before(d) {
			d = w.until
		}
	}
	_ = w.Conn.SetReadDeadline(d)
}

// Read implements net.Conn.
func (w *watch) Read(p []byte) (int, error) {
	w.mu.Lock()
	if w.armed {
		w.setRead(time.Now())
	}
	w.mu.Unlock()
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	w.left -= int64(n)
	over := w.left < 0
	w.mu.Unlock()
	if over {
		w.fail(ErrTooMuch)
		return 0, ErrTooMuch
	}
	if err != nil {
		w.note(err)
	}
	return n, err
}

// Write implements net.Conn.
func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	d := time.Now().Add(w.lim.Idle)
	if w.armed && w.until.Before(d) {
		d = w.until
	}
	w.mu.Unlock()
	_ = w.Conn.SetWriteDeadline(d)
	n, err := w.Conn.Write(p)
	if err != nil {
		w.note(err)
	}
	return n, err
}

// SetDeadline, SetReadDeadline and SetWriteDeadline do nothing: see the type.
func (w *watch) SetDeadline(time.Time) error      { return nil }
func (w *watch) SetReadDeadline(time.Time) error  { return nil }
func (w *watch) SetWriteDeadline(time.Time) error { return nil }

// fail ends the connection for a reason of ours, which explain will tell.
func (w *watch) fail(err error) {
	w.note(err)
	w.Conn.Close()
}

func (w *watch) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause == nil {
		w.cause = err
		close(w.broken)
	}
}

// explain turns what a library made of a broken connection into what happened: the caller's cancellation, silence, a flood, or a
// connection that was cut.
func (w *watch) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w.mu.Lock()
	cause := w.cause
	w.mu.Unlock()
	switch {
	case cause == nil:
		if t := net.Error(nil); errors.As(err, &t) && t.Timeout() {
			return ErrSilent
		}
		for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
			if errors.Is(err, end) {
				return errEnded
			}
		}
		return err
	case errors.Is(cause, os.ErrDeadlineExceeded):
		return ErrSilent
	case errors.Is(cause, ErrTooMuch), errors.Is(cause, context.Canceled), errors.Is(cause, context.DeadlineExceeded):
		return cause
	case errors.Is(cause, net.ErrClosed):
		return errClosed
	default:
		return fmt.Errorf("the connection broke: %w", bare(cause))
	}
}

// bare strips the addresses net puts into its errors.
func bare(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
