package pg

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// line is a connection on which nobody waits longer than patience for the next bytes, or for sending some. A network that swallows what is sent
// and a server that stands still say nothing: without this a statement would wait for ever, and with it the flow or the page behind it.
type line struct {
	net.Conn
	patience time.Duration

	mu    sync.Mutex
	until time.Time // set by whoever uses the connection; the past when its context is cancelled
}

// errSilent ends the connection: pgx would go on after a mere time-out.
var errSilent = errors.New("the database has not answered for too long")

// impatient makes connections that lose patience.
func impatient(dial pgconn.DialFunc, patience time.Duration) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &line{Conn: c, patience: patience}, nil
	}
}

// Read implements net.Conn.
func (l *line) Read(b []byte) (int, error) {
	l.begin(l.Conn.SetReadDeadline)
	n, err := l.Conn.Read(b)
	return n, l.end(err)
}

// Write implements net.Conn.
func (l *line) Write(b []byte) (int, error) {
	l.begin(l.Conn.SetWriteDeadline)
	n, err := l.Conn.Write(b)
	return n, l.end(err)
}

// begin sets the end of one wait: the user's, or else ours.
func (l *line) begin(set func(time.Time) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := l.until
	if end.IsZero() {
		end = time.Now().Add(l.patience)
	}
	_ = set(end) // a closed connection says so when it is used
}

func (l *line) end(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var n net.Error
	if l.until.IsZero() && errors.As(err, &n) && n.Timeout() {
		return errSilent
	}
	return err
}

// SetDeadline implements net.Conn. It also ends a wait under way.
func (l *line) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = t
	return l.Conn.SetDeadline(t)
}
