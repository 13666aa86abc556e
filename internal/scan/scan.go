// Package scan is the flow that has the files of customers checked for viruses. Intake does not wait for it: a file waits in its row until clamd has
// said what it finds, and is held back meanwhile. Rows are the queue; one file is in hand at a time, under a lease, so any number of processes may
// serve one database.
package scan

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/clamd"
	"frontdesk/internal/event"
	"frontdesk/internal/flow"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// Scanner is the flow. The exported fields are set before Run and stay.
type Scanner struct {
	DB     *pg.DB
	Clamd  clamd.Client
	Broker *event.Broker // wakes the flow when files come; nil: it looks every few seconds
	Log    *slog.Logger  // nil: the default one

	rest time.Duration // before the next look at a clamd that is away; 0 while it is there
}

const (
	look      = 5 * time.Second
	firstRest = time.Second
	longRest  = time.Minute
	checkTime = 8 * time.Minute // for one file, within its lease
	mostTries = 5               // over which clamd broke, until the file is left to a person
	retry     = time.Minute     // times the tries so far: others go first
)

// Run checks files until ctx ends; one in hand is given back then.
func (s *Scanner) Run(ctx context.Context) error {
	l := flow.Loop{Name: "scan", DB: s.DB, Every: look, Once: s.Once, Oldest: func(ctx context.Context) (*time.Time, error) {
		_, since, err := ticket.CountUnchecked(ctx, s.DB)
		return since, err
	}}
	if s.Broker != nil {
		w := s.Broker.Watch(ticket.UncheckedRing)
		defer w.Close()
		l.Wake = w.Wake
	}
	return l.Run(ctx)
}

// Once checks one file; 0 when none waits. flow.Pause while clamd is away: that is asked before a file is taken, so no file is blamed for it.
func (s *Scanner) Once(ctx context.Context) (int, error) {
	if wait, err := ticket.AnyUnchecked(ctx, s.DB); err != nil || !wait {
		return 0, err
	}
	if err := s.Clamd.Ping(ctx); err != nil {
		return 0, s.away(ctx, err)
	}
	s.there()
	var u ticket.Unchecked
	err := s.DB.InTx(ctx, func(tx *pg.Tx) (err error) { u, err = ticket.ClaimUnchecked(ctx, tx); return err })
	if err != nil || u.ID == 0 {
		return 0, err
	}
	found, err := s.check(ctx, u)
	if err != nil {
		return 1, s.later(ctx, u, err)
	}
	if found.Held() {
		s.log().Warn("file held back", "file", u.ID, "ticket", u.TicketID, "found", string(found))
	}
	return 1, s.DB.InTx(ctx, func(tx *pg.Tx) error { return ticket.Checked(ctx, tx, u, found) })
}

// check streams the file to clamd.
func (s *Scanner) check(ctx context.Context, u ticket.Unchecked) (ticket.Found, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	r, err := blob.Open(ctx, s.DB, u.BlobID)
	if err != nil {
		return "", fmt.Errorf("%w: %w", clamd.ErrSource, err)
	}
	name, err := s.Clamd.Scan(ctx, r)
	if errors.Is(err, clamd.ErrTooLarge) {
		return ticket.TooLargeToCheck, nil
	}
	return ticket.Found(name), err
}

// later gives a file back whose check broke off. It counts against the file unless we were asked to stop or the database failed; in the end a person
// decides.
func (s *Scanner) later(ctx context.Context, u ticket.Unchecked, why error) error {
	ours := ctx.Err() != nil || errors.Is(why, clamd.ErrSource)
	pause := time.Duration(u.Checks) * retry
	if ctx.Err() != nil {
		pause = 0
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		if !ours && u.Checks >= mostTries {
			return ticket.Checked(ctx, tx, u, ticket.CheckFailed)
		}
		return ticket.CheckLater(ctx, tx, u, tx.Now.Add(pause), ours)
	})
	return errors.Join(fmt.Errorf("check file %d: %w", u.ID, why), err)
}

// away tells once that clamd does not answer, and how long to rest.
func (s *Scanner) away(ctx context.Context, why error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.rest == 0 {
		s.log().Error("clamd does not answer; files of mail wait for their check", "err", why)
	}
	s.rest = min(max(2*s.rest, firstRest), longRest)
	return flow.Pause{Err: why, For: s.rest}
}

func (s *Scanner) there() {
	if s.rest != 0 {
		s.log().Info("clamd answers again")
	}
	s.rest = 0
}

func (s *Scanner) log() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}
