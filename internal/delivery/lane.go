package delivery

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// lane serves one mailbox over one connection until nothing is due, the server cannot be used, or the flow is stopped.
type lane struct {
	s         *Sender
	mailboxID int64
	account   account
	conn      *mailbox.SMTP
	used      bool           // conn has carried a letter
	fast      bool           // the last batch left in less than half of batchTime
	lost      int            // connections lost in a row
	settling  []<-chan error // answers not yet written, oldest first
}

// errServer says that the server cannot be used now; it is written down already.
var errServer = errors.New("the server cannot be used")

// maxLost is how many connections in a row may break under letters before the server is given a rest.
const maxLost = 3

// A batch is what is claimed together. It holds as many letters as leave in about a second: a claimed letter cannot be taken back.
const (
	firstBatch = 5
	batchTime  = time.Second
)

// run claims and sends batches. work outlives ctx by the sender's grace, so that a letter under way is finished and settled.
func (l *lane) run(ctx context.Context) error {
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() {
		time.AfterFunc(l.s.Grace, func() { cancel(errors.New("the program is stopping")) })
	})()
	defer l.hangUp()
	for n := firstBatch; ctx.Err() == nil; {
		start := time.Now()
		batch, err := l.s.claim(work, l.mailboxID, n)
		if err != nil || len(batch) == 0 {
			return err
		}
		if len(batch) == n {
			l.s.open(ctx, l.mailboxID, l.s.Lanes)
		}
		if err := l.batch(ctx, work, batch); err != nil {
			if errors.Is(err, errServer) {
				return nil
			}
			return err
		}
		took := time.Since(start)
		l.fast = took < batchTime/2
		switch {
		case l.fast:
			n = min(2*n, outbox.MaxClaim)
		case took > batchTime:
			n = max(n/2, 1)
		}
	}
	return nil
}

// batch makes the bytes of the letters and sends one after the other. Those not begun when ctx ends or the server fails are given back.
func (l *lane) batch(ctx, work context.Context, batch []outbox.Lease) (err error) {
	stop := l.heartbeat(work, batch)
	defer stop()
	defer func() { err = errors.Join(err, l.settled(0)) }()
	letters, err := l.s.compose(work, batch)
	if err != nil {
		return errors.Join(err, l.giveBack(work, batch))
	}
	defer closeAll(letters)
	l.s.dots.expect(1)
	defer l.s.dots.expect(-1)
	l.s.ends.expect(behind / 2) // while this many wait the lane goes on
	defer l.s.ends.expect(-behind / 2)
	for i := range letters {
		if ctx.Err() != nil {
			return l.giveBack(work, leases(letters[i:]))
		}
		if err := l.ready(work); err != nil {
			return errors.Join(err, l.giveBack(work, leases(letters[i:])))
		}
		x := &letters[i]
		if l.fast && i+1 < len(letters) {
			x.next = &letters[i+1]
		}
		if err := l.send(work, x); err != nil {
			return errors.Join(err, l.giveBack(work, leases(letters[i+1:])))
		}
	}
	return nil
}

// ready sees to it that there is a connection, with the account's settings as they are now.
func (l *lane) ready(ctx context.Context) error {
	if l.conn != nil && !l.conn.Closed() {
		return nil
	}
	if l.lost >= maxLost {
		return l.serverFailed(ctx, errors.New("the server breaks off the connection each time"))
	}
	var err error
	if l.account, err = l.s.account(ctx, l.mailboxID); err != nil {
		if pg.Down(err) {
			return err
		}
		return l.serverFailed(ctx, err)
	}
	conn, err := mailbox.DialSMTP(ctx, l.account.Account)
	if err != nil {
		return l.serverFailed(ctx, err)
	}
	l.conn, l.used = conn, false
	return l.s.DB.InTx(ctx, func(tx *pg.Tx) error { return outbox.ServerAnswers(ctx, tx, l.mailboxID, conn.MaxSize()) })
}

// serverFailed gives the server a rest. Letters that have waited for it for three days are given up.
func (l *lane) serverFailed(ctx context.Context, why error) error {
	if ctx.Err() != nil { // our own end, not the server's failure
		return ctx.Err()
	}
	slog.Warn("mail server cannot be used", "mailbox", l.mailboxID, "err", why)
	err := l.s.DB.InTx(ctx, func(tx *pg.Tx) error {
		return outbox.ServerFailed(ctx, tx, l.mailboxID, why.Error(), errors.Is(why, mailbox.ErrCredentials))
	})
	if err == nil {
		err = l.s.giveUp(ctx, l.mailboxID, why)
	}
	return errors.Join(errServer, err)
}

func (l *lane) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// giveBack returns leases of letters whose dot did not leave. When even that fails the sender owes them: its next pass gives them back.
func (l *lane) giveBack(ctx context.Context, list []outbox.Lease) error {
	if len(list) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := l.s.release(ctx, list)
	if err != nil {
		l.s.mu.Lock()
		l.s.owed = append(l.s.owed, list)
		l.s.mu.Unlock()
		l.s.wakeIn(soon)
	}
	return err
}

// heartbeat extends the leases of a batch until stop is called.
func (l *lane) heartbeat(ctx context.Context, batch []outbox.Lease) (stop func()) {
	ctx, stop = context.WithCancel(ctx)
	every := min(outbox.HeartbeatEvery, l.s.Lease/4)
	l.s.all.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
			}
			err := l.s.DB.InTx(ctx, func(tx *pg.Tx) error { return outbox.Extend(ctx, tx, batch[0].Token, ids(batch), l.s.Lease) })
			if err != nil && ctx.Err() == nil {
				slog.Warn("leases not extended", "mailbox", l.mailboxID, "err", err)
			}
		}
	})
	return stop
}

func ids(list []outbox.Lease) []int64 {
	out := make([]int64, len(list))
	for i, l := range list {
		out[i] = l.ID
	}
	return out
}
