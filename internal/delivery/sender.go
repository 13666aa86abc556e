// Package delivery is the flow of letters out of the house: outbox -> SMTP -> settle -> Sent folder (DESIGN 5; RELIABILITY, section 3).
//
// Rows are the queue. Each mailbox with letters due is served by one to four lanes, each with a connection of its own, so a slow server holds
// up nobody else. Before the final dot of a letter leaves, the row says so; what the server answers is written at once, in a transaction
// of its own, before the connection is closed. So a crash at any place leaves a row that tells the truth: not sent, sent, or nobody knows.
package delivery

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/event"
	"frontdesk/internal/failpoint"
	"frontdesk/internal/flow"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// Sender is the flow. The exported fields are set before Run and stay; the zero values of those behind the first block are the usual.
type Sender struct {
	DB      *pg.DB
	Sealer  *mailbox.Sealer // opens the passwords of mailboxes
	Policy  mailbox.Policy  // where the connections may go
	TempDir string          // for letters too large for memory while they are made

	Broker *event.Broker  // wakes the flow when letters become due; nil: it looks every outbox.RingAhead and when Wake is called
	Limits mailbox.Limits // of the conversations
	Lanes  int            // connections per mailbox at most; 0 means 4
	Lease  time.Duration  // 0 means outbox.LeaseFor
	Grace  time.Duration  // how long letters under way may take once the flow is stopped; 0 means 25 s

	once     sync.Once
	wake     chan struct{}
	wakeFile chan struct{} // for the flow of Sent copies

	dots, ends *line

	mu     sync.Mutex
	lanes  map[int64]int  // by mailbox
	called map[int64]bool // mailboxes for which a lane was called while one was there; it may have looked for the last time before
	timer  *time.Timer
	owed   [][]outbox.Lease // batches that could not be given back while the database was away
	all    sync.WaitGroup
}

func (s *Sender) prepare() {
	s.once.Do(func() {
		s.wake, s.wakeFile = make(chan struct{}, 1), make(chan struct{}, 1)
		s.lanes, s.called = map[int64]int{}, map[int64]bool{}
		s.dots, s.ends = newLine(s.markDots), newLine(s.settleAll)
		s.Lanes, s.Lease, s.Grace = cmp.Or(s.Lanes, 4), cmp.Or(s.Lease, outbox.LeaseFor), cmp.Or(s.Grace, 25*time.Second)
	})
}

// Wake lets the sender look at once.
func (s *Sender) Wake() {
	s.prepare()
	ring(s.wake)
}

func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}

// Run sends until ctx ends, then lets the letters under way finish and gives the others back.
func (s *Sender) Run(ctx context.Context) error {
	s.prepare()
	var g errgroup.Group
	if s.Broker != nil {
		w := s.Broker.Watch(outbox.Ring)
		defer w.Close()
		g.Go(func() error { return s.listen(ctx, w) })
	}
	g.Go(func() error {
		err := flow.Loop{Name: "delivery", DB: s.DB, Every: outbox.RingAhead, Wake: s.wake, Once: s.pass, Oldest: s.oldest}.Run(ctx)
		s.all.Wait()
		return err
	})
	g.Go(func() error {
		return flow.Loop{Name: "sent copies", DB: s.DB, Every: outbox.RingAhead, Wake: s.wakeFile, Once: s.afterwards}.Run(ctx)
	})
	return g.Wait()
}

// listen passes the rings of the outbox on.
func (s *Sender) listen(ctx context.Context, w *event.Watcher) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.Wake:
			w.Take()
			s.Wake()
		}
	}
}

// Once sends everything that is due and files the copies; tests call it. It returns when nothing is under way any more.
func (s *Sender) Once(ctx context.Context) error {
	s.prepare()
	if _, err := s.pass(ctx); err != nil {
		return err
	}
	s.all.Wait()
	_, err := s.afterwards(ctx)
	return err
}

// pass gives back what is owed, ends leases nobody holds any more, starts a lane for each mailbox with letters due that has none, and sets the clock to the next
// one. It does not wait for the lanes: the number it returns is always 0.
func (s *Sender) pass(ctx context.Context) (n int, err error) {
	defer func() {
		if err != nil {
			s.wakeIn(soon)
		}
	}()
	if err := s.giveBackOwed(ctx); err != nil {
		return 0, err
	}
	if err := s.expire(ctx); err != nil {
		return 0, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return 0, err
	}
	due, err := outbox.WhenDue(ctx, s.DB)
	if err != nil {
		return 0, err
	}
	next := outbox.RingAhead
	for _, d := range due {
		if wait := d.At.Sub(now); wait > 0 {
			next = min(next, wait)
			continue
		}
		s.open(ctx, d.MailboxID, 1)
	}
	s.wakeIn(next)
	return 0, nil
}

// giveBackOwed makes good what lanes could not do. Whatever happened to these letters meanwhile, their tokens see to it that only leases end
// that are still ours.
func (s *Sender) giveBackOwed(ctx context.Context) error {
	s.mu.Lock()
	owed := s.owed
	s.owed = nil
	s.mu.Unlock()
	for i, list := range owed {
		if err := s.release(ctx, list); err != nil {
			s.mu.Lock()
			s.owed = append(s.owed, owed[i:]...)
			s.mu.Unlock()
			return err
		}
	}
	return nil
}

// release gives back leases of one batch.
func (s *Sender) release(ctx context.Context, list []outbox.Lease) error {
	tickets := make([]int64, len(list))
	for i, l := range list {
		tickets[i] = l.TicketID
	}
	return s.holding(ctx, tickets, func(tx *pg.Tx) error {
		cancelled, doubts, err := outbox.Release(ctx, tx, list[0].Token, ids(list))
		if err != nil {
			return err
		}
		return tellBack(ctx, tx, cancelled, doubts)
	})
}

// holding is a transaction about letters, with their tickets held.
func (s *Sender) holding(ctx context.Context, tickets []int64, fn func(tx *pg.Tx) error) error {
	return s.DB.InTxAsking(ctx, func(b *pg.Batch) { ticket.AskHeld(b, tickets) }, fn)
}

// soon is when the flow looks again after the database failed it.
const soon = time.Second

// now is the database's clock, the one that decides what is due.
func (s *Sender) now(ctx context.Context) (now time.Time, err error) {
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error { now = tx.Now; return nil })
	return now, err
}

// wakeIn looks again when the next letter is due, and soon while leases are owed. A little late rather than a little early: the clocks of two
// machines drift.
func (s *Sender) wakeIn(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.owed) > 0 {
		d = min(d, soon)
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.timer = time.AfterFunc(d+5*time.Millisecond, s.Wake)
}

// open starts a lane for a mailbox unless it has that many already; then the sender looks again when the last of them has ended.
func (s *Sender) open(ctx context.Context, mailboxID int64, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lanes[mailboxID] >= most || ctx.Err() != nil {
		s.called[mailboxID] = true
		return
	}
	s.lanes[mailboxID]++
	s.all.Go(func() {
		defer s.closed(mailboxID)
		if err := (&lane{s: s, mailboxID: mailboxID}).run(ctx); err != nil && ctx.Err() == nil {
			slog.Error("sending stopped", "mailbox", mailboxID, "err", err)
			s.wakeIn(soon)
		}
	})
}

func (s *Sender) closed(mailboxID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lanes[mailboxID]--; s.lanes[mailboxID] > 0 {
		return
	}
	if s.called[mailboxID] {
		ring(s.wake)
	}
	delete(s.lanes, mailboxID)
	delete(s.called, mailboxID)
}

// claim takes the next letters of a mailbox.
func (s *Sender) claim(ctx context.Context, mailboxID int64, n int) (batch []outbox.Lease, err error) {
	err = s.DB.InTxAsking(ctx, (*pg.Batch).Repeatable, func(tx *pg.Tx) (err error) {
		batch, err = outbox.Claim(ctx, tx, mailboxID, n, s.Lease)
		return err
	})
	if len(batch) > 0 {
		failpoint.Hit("delivery.claimed")
	}
	return batch, err
}

func (s *Sender) oldest(ctx context.Context) (*time.Time, error) {
	due, err := outbox.WhenDue(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var first *time.Time
	for _, d := range due {
		if d.At.Before(now) && (first == nil || d.At.Before(*first)) {
			first = &d.At
		}
	}
	return first, nil
}
