package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
)

const (
	workers = 4
	// Rows of one claim: one commit for all, and few enough that a claim does not run out behind slow mails.
	claimed = 16
	// The attempt that ends in quarantine when it ends in a crash or a time-out.
	lastAttempt = 3
	// A mail that was claimed each time when the whole process died this often is not tried a further time. It is generous: a claim holds many
	// mails, nearly all of them innocent, and what a mail can do it does to the parse child, whose end counts by itself.
	maxDeaths = 40
)

// Receive settles mails until none is left that may be claimed, four at a time; it answers how many it took up. Every failure has its place: in
// the mail's row when it is the mail's, given back when it is the surroundings'.
func (in *Intake) Receive(ctx context.Context) (n int, err error) {
	jobs, done := make(chan inbound.Row), make(chan struct{}, workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for r := range jobs {
				in.receive(ctx, r)
				select {
				case done <- struct{}{}:
				default:
				}
			}
		})
	}
	defer wg.Wait()
	defer close(jobs)
	return in.feed(ctx, jobs, done)
}

// feed claims and hands out. When nothing can be claimed it looks again after each mail that ends, for that one may have held back others, and
// leaves when all workers rest.
func (in *Intake) feed(ctx context.Context, jobs chan<- inbound.Row, done <-chan struct{}) (n int, err error) {
	for {
		rows, err := in.claim(ctx)
		if err != nil {
			return n, err
		}
		for i, r := range rows {
			in.busy.Add(1)
			select {
			case jobs <- r:
				n++
			case <-ctx.Done():
				in.busy.Add(-1)
				in.giveBackAll(ctx, rows[i:])
				return n, ctx.Err()
			}
		}
		if len(rows) > 0 {
			continue
		}
		if in.busy.Load() == 0 {
			return n, nil
		}
		select {
		case <-done:
		case <-in.wake:
		case <-time.After(time.Second):
		case <-ctx.Done():
			return n, ctx.Err()
		}
	}
}

func (in *Intake) claim(ctx context.Context) (rows []inbound.Row, err error) {
	err = in.o.DB.InTx(ctx, func(tx *pg.Tx) error {
		rows, err = inbound.Claim(ctx, tx, in.process, claimed)
		return err
	})
	if len(rows) > 0 {
		fail("claim")
	}
	return rows, err
}

// receive settles one mail: whatever happens to it, the next goes on.
func (in *Intake) receive(ctx context.Context, r inbound.Row) {
	defer in.busy.Add(-1)
	err := in.settle(ctx, r)
	if err == nil || errors.Is(err, inbound.ErrTaken) {
		return
	}
	// The note about the failure must not fail for the same reason, for instance because we are asked to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := in.note(ctx, r, err); err != nil && !errors.Is(err, inbound.ErrTaken) {
		in.o.Log.Error("mail not noted; its claim runs out by itself", "inbound", r.ID, "err", err)
	}
}

// errPanic is a fault of ours met while processing a mail.
var errPanic = errors.New("processing the mail failed")

// settle parses the mail and lands it, in one transaction with its ledger row.
func (in *Intake) settle(ctx context.Context, r inbound.Row) (err error) {
	defer func() {
		if p := recover(); p != nil {
			in.o.Log.Error("panic", "inbound", r.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	if r.Attempts > maxDeaths {
		return errCrash
	}
	u, files, err := in.parse(ctx, r)
	if err != nil {
		return err
	}
	defer closeAll(files)
	fail("parse")
	var (
		q *questions
		o inbound.Outcome
	)
	err = in.o.DB.InTxAsking(ctx, func(b *pg.Batch) { q = in.ask(b, r, &u) }, func(tx *pg.Tx) error {
		if o, err = in.land(ctx, tx, r, &u, files, q); err != nil {
			return err
		}
		inbound.Settle(tx, r, o)
		fail("before commit B")
		return nil
	})
	fail("after commit B")
	if err == nil {
		in.o.Log.Debug("mail settled", "inbound", r.ID, "state", o.State, "ticket", o.TicketID)
	}
	return err
}

func (in *Intake) parse(ctx context.Context, r inbound.Row) (understood, []*blob.Spooled, error) {
	how := byte(asMail)
	if slices.Contains(r.Flags, inbound.Plain) {
		how = asPlain
	}
	if r.Raw != nil {
		return in.pool.parse(ctx, bytes.NewReader(r.Raw), int64(len(r.Raw)), how)
	}
	raw, err := blob.Open(ctx, in.o.DB, r.RawBlobID)
	if err != nil {
		return understood{}, nil, err
	}
	return in.pool.parse(ctx, raw, raw.Size, how)
}

// note writes down why a mail was not settled.
func (in *Intake) note(ctx context.Context, r inbound.Row, why error) error {
	reason, quarantine := inbound.Refused, false
	switch {
	case errors.Is(why, errTimeout):
		reason, quarantine = inbound.ParseTimeout, r.Attempts >= lastAttempt
	case errors.Is(why, errCrash), errors.Is(why, errMemory), errors.Is(why, errPanic):
		reason, quarantine = inbound.ParseCrashed, r.Attempts >= lastAttempt
	case ofSurroundings(why):
		in.o.Log.Warn("mail given back", "inbound", r.ID, "err", why)
		return in.o.DB.InTx(ctx, func(tx *pg.Tx) error {
			return inbound.GiveBack(ctx, tx, r, pauseOf(why), text(why))
		})
	default:
		quarantine = true
	}
	if !quarantine {
		in.o.Log.Warn("mail is tried again", "inbound", r.ID, "attempt", r.Attempts, "err", why)
		return in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.TryAgain(ctx, tx, r, time.Second, text(why)) })
	}
	in.o.Log.Error("mail quarantined", "inbound", r.ID, "reason", reason, "err", why)
	f := inbound.Failure{Reason: reason, Error: text(why)}
	f.SeemsFrom, f.SeemsSubject = in.seems(ctx, r)
	return in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.Quarantine(ctx, tx, r, f) })
}

// ofSurroundings tells a failure that says nothing about the mail: database, disk, our own end.
func ofSurroundings(err error) bool {
	var src errSource
	return pg.Down(err) || errors.As(err, &src) || errors.Is(err, errStart) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// pauseOf is how long a mail that was given back rests: not at all when we were only asked to stop.
func pauseOf(why error) time.Duration {
	if errors.Is(why, context.Canceled) {
		return 0
	}
	return 5 * time.Second
}

// text is an error as the database can hold it.
func text(err error) string {
	return cut(strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "?"), "\x00", ""), 1000)
}

// seems reads what the header plainly says, for the quarantine page. Nothing here can fail the note.
func (in *Intake) seems(ctx context.Context, r inbound.Row) (from, subject string) {
	defer func() { _ = recover() }()
	raw, err := blob.Open(ctx, in.o.DB, r.RawBlobID)
	if err != nil {
		return "", ""
	}
	head, _ := io.ReadAll(io.LimitReader(raw, 16<<10))
	m := mail.PlainText(head)
	return cut(m.Author().Address, 320), cut(m.Subject, 300)
}

func (in *Intake) giveBackAll(ctx context.Context, rows []inbound.Row) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := in.o.DB.InTx(ctx, func(tx *pg.Tx) error {
		for _, r := range rows {
			if err := inbound.GiveBack(ctx, tx, r, 0, ""); err != nil && !errors.Is(err, inbound.ErrTaken) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		in.o.Log.Warn("claims not given back; others take them when we are gone", "err", err)
	}
}
