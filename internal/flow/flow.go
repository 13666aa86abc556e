// Package flow runs the background flows: one pass after another, woken or by the clock, each pass noted where doctor and the
// administration read it. Rows are the queue; a flow only decides when to look.
package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"frontdesk/internal/pg"
)

// Loop is one flow. Once does a pass and says how many rows it handled; it is also what tests call.
type Loop struct {
	Name   string
	DB     *pg.DB
	Every  time.Duration
	Wake   <-chan struct{} // looks at once; may be nil
	Once   func(ctx context.Context) (int, error)
	Oldest func(ctx context.Context) (*time.Time, error) // when the oldest waiting row was due; may be nil
}

// Pause is what a pass returns that cannot do its work for now, and knows it: whoever returns it has logged it as it likes. It is noted as any
// error, and the next pass comes after For, not before.
type Pause struct {
	Err error
	For time.Duration
}

func (p Pause) Error() string { return p.Err.Error() }
func (p Pause) Unwrap() error { return p.Err }

// Process names this process in flow_status.
var Process = func() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}()

// Run passes until ctx ends: again at once while there was work, else when woken or when Every has passed. A failed pass is logged, noted and
// tried again; it never ends the loop.
func (l Loop) Run(ctx context.Context) error {
	var noted time.Time
	for {
		n, err := l.Once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		every, wake := l.Every, l.Wake
		if p, paused := errors.AsType[Pause](err); paused {
			every, wake = p.For, nil
		} else if err != nil {
			slog.Error("pass failed", "flow", l.Name, "err", err)
		}
		if err != nil || n > 0 || time.Since(noted) > 10*time.Second {
			noted = time.Now()
			l.note(ctx, n, err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-time.After(every):
		}
	}
}

// note writes the flow's row. Trouble with it is not the flow's trouble.
func (l Loop) note(ctx context.Context, n int, pass error) {
	text := ""
	if pass != nil {
		text = pass.Error()
	}
	var oldest *time.Time
	if l.Oldest != nil {
		oldest, _ = l.Oldest(ctx)
	}
	err := l.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := pg.Exec(ctx, tx, `
			INSERT INTO flow_status (process, flow, last_pass, rows, error, oldest) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (process, flow) DO UPDATE SET last_pass = $3, rows = $4, error = $5, oldest = $6`,
			Process, l.Name, tx.Now, n, text, oldest)
		return err
	})
	if err != nil && ctx.Err() == nil {
		slog.Warn("flow status not written", "flow", l.Name, "err", err)
	}
}

// Status is one row of flow_status.
type Status struct {
	Process, Flow string
	LastPass      time.Time
	Rows          int64
	Error         string
	Oldest        *time.Time
}

// StatusOf lists the flows of all processes seen in the last day.
func StatusOf(ctx context.Context, r pg.Reader) ([]Status, error) {
	return pg.List[Status](ctx, r, `
		SELECT process, flow, last_pass, rows, error, oldest FROM flow_status
		WHERE last_pass > now() - interval '1 day' ORDER BY flow, process`)
}

// Gone removes this process's rows: it stopped in order.
func Gone(ctx context.Context, tx *pg.Tx) error {
	_, err := pg.Exec(ctx, tx, `DELETE FROM flow_status WHERE process = $1 OR last_pass < $2`, Process, tx.Now.Add(-24*time.Hour))
	return err
}
