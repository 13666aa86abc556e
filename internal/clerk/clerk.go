// Package clerk is the flow of what is written while nobody waits: exports of long lists. Rows are the queue; one file is made at a time, under a
// lease, so any number of processes may serve one database, and what one leaves behind when it dies another begins anew.
package clerk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/blob"
	"frontdesk/internal/event"
	"frontdesk/internal/export"
	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/flow"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// Clerk is the flow. The fields are set before Run and stay.
type Clerk struct {
	DB      *pg.DB
	TempDir string        // for files that outgrow memory while they are written
	Broker  *event.Broker // wakes the flow when an export is asked for; nil: it looks every few seconds
	Tell    time.Duration // how often progress is noted; 0 means a second
}

const (
	look    = 5 * time.Second
	expires = 10 * time.Minute
	swept   = 100 // rows in one transaction
)

// Run makes files until ctx ends; one under way is given back then.
func (c Clerk) Run(ctx context.Context) error {
	var wake <-chan struct{}
	if c.Broker != nil {
		w := c.Broker.Watch(export.Ring)
		defer w.Close()
		wake = w.Wake
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return flow.Loop{Name: "export", DB: c.DB, Every: look, Wake: wake, Once: c.Once}.Run(ctx)
	})
	g.Go(func() error {
		return flow.Loop{Name: "export expiry", DB: c.DB, Every: expires, Once: c.Expire}.Run(ctx)
	})
	return g.Wait()
}

// Once makes one file; 0 when there is none to make.
func (c Clerk) Once(ctx context.Context) (int, error) {
	var j export.Job
	err := c.DB.InTx(ctx, func(tx *pg.Tx) (err error) { j, err = export.Claim(ctx, tx); return err })
	if err != nil || j.ID == 0 {
		return 0, err
	}
	began := time.Now()
	rows, err := c.write(ctx, j)
	switch {
	case err == nil:
		slog.Info("export written", "export", j.ID, "agent", j.AgentID, "rows", rows, "ms", time.Since(began).Milliseconds())
		return 1, nil
	case errors.Is(err, export.ErrLost):
		return 1, nil // cancelled, or somebody else's by now
	case ctx.Err() != nil:
		return 0, c.giveBack(ctx, j)
	case errors.Is(err, fault.Forbidden):
		return 1, c.fail(ctx, j, export.Rights)
	}
	return 1, errors.Join(fmt.Errorf("export %d: %w", j.ID, err), c.fail(ctx, j, export.Trouble))
}

// Expire lets go of files nobody can fetch any more.
func (c Clerk) Expire(ctx context.Context) (n int, err error) {
	err = c.DB.InTx(ctx, func(tx *pg.Tx) error {
		gone, err := export.Expire(ctx, tx, swept)
		n = int(gone)
		return err
	})
	return n, err
}

// write makes the file and hands it over.
func (c Clerk) write(ctx context.Context, j export.Job) (int, error) {
	by, err := export.Exporter(ctx, c.DB, j.AgentID)
	if err != nil {
		return 0, err
	}
	q, _ := filter.Parse(j.Query)
	ids, err := ticket.Matching(ctx, c.DB, by, ticket.Filter{View: ticket.View(j.View), Query: q, Order: ticket.Order(j.Order), Now: j.AskedAt}, export.Most)
	if err != nil {
		return 0, err
	}
	p := &progress{clerk: c, job: j, total: len(ids)}
	if err := p.note(ctx, export.Written{}); err != nil {
		return 0, err
	}
	w := blob.NewWriter(c.TempDir)
	defer w.Close()
	done, err := export.Write(ctx, c.DB, w, text.For(by.Language).In(by.Location()), by.ID, ids, func(d export.Written) error { return p.step(ctx, d) })
	if err != nil {
		return 0, err
	}
	if err := p.note(ctx, done); err != nil {
		return 0, err
	}
	s := w.Done()
	defer s.Close()
	return done.Rows, c.DB.InTx(ctx, func(tx *pg.Tx) error {
		id, err := blob.Put(ctx, tx, s)
		if err != nil {
			return err
		}
		return export.Finish(ctx, tx, j, id, s.Size, done.Rows, done.Queues)
	})
}

// progress notes how far a file is, not more often than is worth a commit.
type progress struct {
	clerk Clerk
	job   export.Job
	total int
	noted time.Time
}

func (p *progress) step(ctx context.Context, d export.Written) error {
	every := p.clerk.Tell
	if every == 0 {
		every = time.Second
	}
	if time.Since(p.noted) < every {
		return nil
	}
	return p.note(ctx, d)
}

func (p *progress) note(ctx context.Context, d export.Written) error {
	p.noted = time.Now()
	return p.clerk.DB.InTx(ctx, func(tx *pg.Tx) error { return export.Progress(ctx, tx, p.job, d.Looked, p.total, d.Queues) })
}

func (c Clerk) fail(ctx context.Context, j export.Job, reason string) error {
	err := c.DB.InTx(ctx, func(tx *pg.Tx) error { return export.Fail(ctx, tx, j, reason) })
	if errors.Is(err, export.ErrLost) {
		return nil
	}
	return err
}

// giveBack is for a process that stops.
func (c Clerk) giveBack(ctx context.Context, j export.Job) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	err := c.DB.InTx(ctx, func(tx *pg.Tx) error { return export.GiveBack(ctx, tx, j) })
	if errors.Is(err, export.ErrLost) {
		return nil
	}
	return err
}
