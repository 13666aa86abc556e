// Package clock is what happens because time passed: promised times crossed, postponed tickets that come back, deleted ones purged, bytes nobody
// uses, bodies that an older cleaner made, messages that cannot be searched yet, alarms.
package clock

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/alarm"
	"frontdesk/internal/event"
	"frontdesk/internal/flow"
	"frontdesk/internal/inbound"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// batch is how many rows one transaction of a pass touches.
const batch = 100

// Clock runs the passes.
type Clock struct {
	DB      *pg.DB
	Machine alarm.Machine // where it runs
	Broker  *event.Broker // says when something was done about an alarm; nil: it looks every few seconds
}

// Run passes until ctx ends.
func (c Clock) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return flow.Loop{Name: "clock", DB: c.DB, Every: 10 * time.Second, Once: c.cross}.Run(ctx)
	})
	g.Go(func() error {
		return flow.Loop{Name: "wake", DB: c.DB, Every: 10 * time.Second, Once: c.wake}.Run(ctx)
	})
	g.Go(func() error { return flow.Loop{Name: "purge", DB: c.DB, Every: time.Hour, Once: c.purge}.Run(ctx) })
	t := &tidying{db: c.DB}
	g.Go(func() error { return flow.Loop{Name: "tidy", DB: c.DB, Every: time.Hour, Once: t.once}.Run(ctx) })
	g.Go(func() error { return flow.Loop{Name: "clean", DB: c.DB, Every: time.Hour, Once: c.clean}.Run(ctx) })
	g.Go(func() error { return c.watch(ctx) })
	f := &filling{db: c.DB}
	g.Go(func() error { return flow.Loop{Name: "search", DB: c.DB, Every: time.Hour, Once: f.once}.Run(ctx) })
	return g.Wait()
}

// watch looks for alarms now and then, and soon after somebody dealt with a mailbox or a mail in quarantine.
func (c Clock) watch(ctx context.Context) error {
	var wake <-chan struct{}
	if c.Broker != nil {
		w := c.Broker.Watch("m:", "i:")
		defer w.Close()
		wake = w.Wake
	}
	w := &watching{db: c.DB, machine: c.Machine}
	return flow.Loop{Name: "alarms", DB: c.DB, Every: 10 * time.Second, Wake: wake, Once: w.once}.Run(ctx)
}

// cross tells of promised times that have passed.
func (c Clock) cross(ctx context.Context) (n int, err error) {
	err = c.DB.InTx(ctx, func(tx *pg.Tx) (err error) { n, err = ticket.Cross(ctx, tx, batch); return err })
	return n, err
}

// wake brings postponed tickets back.
func (c Clock) wake(ctx context.Context) (n int, err error) {
	err = c.DB.InTx(ctx, func(tx *pg.Tx) (err error) { n, err = ticket.Wake(ctx, tx, batch); return err })
	return n, err
}

// purge removes what was deleted long ago for good, with the mails it came by (DECISIONS, Deletion).
func (c Clock) purge(ctx context.Context) (n int, err error) {
	err = c.DB.InTx(ctx, func(tx *pg.Tx) error {
		ids, err := ticket.Purgeable(ctx, tx, batch)
		if n = len(ids); err != nil || n == 0 {
			return err
		}
		if err := inbound.Forget(ctx, tx, ids); err != nil {
			return err
		}
		return ticket.Purge(ctx, tx, ids)
	})
	return n, err
}

// clean makes bodies anew that an older cleaner made, each in its own transaction (DECISIONS, Bodies).
func (c Clock) clean(ctx context.Context) (n int, err error) {
	ids, err := ticket.OldBodies(ctx, c.DB, batch)
	for _, id := range ids {
		body, err := ticket.CleanAgain(ctx, c.DB, id)
		if err != nil {
			return n, err
		}
		if err := c.DB.InTx(ctx, func(tx *pg.Tx) error { return ticket.KeepBody(ctx, tx, id, body) }); err != nil {
			return n, err
		}
		n++
	}
	return n, err
}
