// Package intake is the flow from an IMAP folder to a ticket: stored as it came (Tx A), then parsed in a child and landed (Tx B). A message that
// was unread when a poll ran becomes exactly one ticket message, or one visible quarantine entry, whatever crashes. What that does not cover:
// mail a person marked as read first, and the loss of the database's disk.
package intake

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"frontdesk/internal/flow"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// Options are what intake works with.
type Options struct {
	DB           *pg.DB
	IDKeys       [][]byte        // that sign our Message-IDs: the current one, then retired ones
	Sealer       *mailbox.Sealer // opens the passwords of mailboxes
	Policy       mailbox.Policy  // where connections may go
	TempDir      string          // DATA_DIR/tmp, for what does not fit into memory; made when missing
	ParseCommand []string        // starts a parse child; empty: this binary with parse-child
	Check        bool            // files wait for the virus scanner; intake does not
	Log          *slog.Logger    // nil: the default one
}

// Intake runs the pollers of the mailboxes this process holds, and the workers that settle stored mail, whoever stored it.
type Intake struct {
	o       Options
	process int64 // this process's number among the claims
	pool    *pool
	wake    chan struct{}
	busy    atomic.Int64
	room    *semaphore.Weighted // bytes
	wholes  *semaphore.Weighted

	withheld, untold withheld // whose bodies, and whose sizes, were refused
	looks            looks
}

// New prepares; Run starts.
func New(o Options) (*Intake, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if len(o.ParseCommand) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		o.ParseCommand = []string{self, "parse-child"}
	}
	if err := os.MkdirAll(o.TempDir, 0o700); err != nil {
		return nil, err
	}
	return &Intake{
		o: o, process: 1 + rand.Int64N(1<<31-2), pool: newPool(o.ParseCommand, o.TempDir),
		wake: make(chan struct{}, 1), room: semaphore.NewWeighted(maxRoom), wholes: semaphore.NewWeighted(wholesAtOnce),
		withheld: withheld{of: map[mailKey]refusal{}}, untold: withheld{of: map[mailKey]refusal{}},
		looks: looks{of: map[mailKey]lookedAt{}},
	}, nil
}

// Run works until ctx ends and then stops in order: what is stored stays stored, what is half done is given back.
func (in *Intake) Run(ctx context.Context) error {
	defer in.pool.close()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return in.hold(ctx) })
	g.Go(func() error {
		l := flow.Loop{Name: "receive", DB: in.o.DB, Every: 2 * time.Second, Wake: in.wake, Once: in.receivePass,
			Oldest: func(ctx context.Context) (*time.Time, error) { return inbound.Oldest(ctx, in.o.DB) }}
		return l.Run(ctx)
	})
	return g.Wait()
}

// receivePass is one pass of the workers. Claims of processes that are gone are taken back first, and what is left of our own: between passes
// nobody here works on a mail.
func (in *Intake) receivePass(ctx context.Context) (int, error) {
	in.pool.rest()
	err := in.o.DB.InTx(ctx, func(tx *pg.Tx) error {
		if _, err := inbound.Release(ctx, tx, in.process); err != nil {
			return err
		}
		n, err := inbound.Recover(ctx, tx)
		if n > 0 {
			in.o.Log.Warn("claims of a process that is gone are taken back", "mails", n)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return in.Receive(ctx)
}

// Close ends what a test that never called Run has started.
func (in *Intake) Close() { in.pool.close() }

// Once fetches every active mailbox, settles all that can be settled, and fetches what is wanted whole: one pass, for tests and for a command. It
// answers how many mails were taken up. Errors of mailboxes are joined; they do not keep the others from their turn.
func (in *Intake) Once(ctx context.Context) (int, error) {
	boxes, err := in.boxes(ctx)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, b := range boxes {
		errs = append(errs, in.fetchOnce(ctx, b))
	}
	n, err := in.Receive(ctx)
	for _, b := range boxes {
		for found := true; found; {
			var e error
			found, e = in.bringWhole(ctx, b)
			errs = append(errs, e)
		}
	}
	return n, errors.Join(append(errs, err)...)
}

// rouse wakes the workers: something is there.
func (in *Intake) rouse() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}
