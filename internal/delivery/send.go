package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"frontdesk/internal/failpoint"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// send hands one letter to the server and settles it. An error means that the lane cannot go on; what became of the letter is never one.
func (l *lane) send(ctx context.Context, x *letter) error {
	r, own := l.hand(ctx, x)
	if l.used && r.Outcome == mailbox.Temporary && r.Phase == mailbox.PhaseMail && r.Code == 0 && l.conn.Closed() && ctx.Err() == nil {
		// The server had closed the kept connection meanwhile: nothing of this letter was said to it.
		if err := l.ready(ctx); err != nil {
			return errors.Join(err, l.giveBack(ctx, []outbox.Lease{x.Lease}))
		}
		r, own = l.hand(ctx, x)
	}
	own = errors.Join(own, x.waitMark(ctx)) // not to be written behind the end
	failpoint.Hit("delivery.answered")
	if errors.Is(own, outbox.ErrLost) {
		return nil // of this letter only: somebody else sends it
	}
	l.used = true
	switch {
	case !l.conn.Closed():
		l.lost = 0
	case own == nil:
		l.lost++
	}
	if own != nil { // ours to mend: the letter waits for us, not for the server
		return errors.Join(own, l.settled(0), l.giveBack(ctx, []outbox.Lease{x.Lease}))
	}
	own = l.settled(behind - 1)
	l.settle(ctx, x.Lease, r)
	return own
}

// behind is how many answers of a lane may wait to be written, for a few milliseconds, while it says the next letters. They are what a crash
// leaves uncertain beyond the letter whose dot has just left.
const behind = 4

// settle writes the outcome of a letter while the next ones are said already; settled waits for it.
func (l *lane) settle(ctx context.Context, x outbox.Lease, r mailbox.Result) {
	done := make(chan error, 1)
	l.settling = append(l.settling, done)
	l.s.all.Go(func() { done <- l.s.settle(ctx, x, r) })
}

// settled returns when no more than that many answers wait to be written. No connection is closed before all are.
func (l *lane) settled(most int) (err error) {
	for len(l.settling) > most {
		err = errors.Join(err, <-l.settling[0])
		l.settling = l.settling[1:]
	}
	return err
}

// hand holds the conversation about one letter. The row says dot before the dot leaves; own is why that could not be written, which ends the
// conversation and is not the server's doing.
func (l *lane) hand(ctx context.Context, x *letter) (r mailbox.Result, own error) {
	if most := l.conn.MaxSize(); most > 0 && x.size > most {
		// The server's refusal, given before the letter travels to it in vain (RFC 1870, section 6.1).
		return refusal(x.Lease, 552, "5.3.4", fmt.Sprintf("message size %d exceeds the server's limit of %d bytes", x.size, most)), nil
	}
	from := l.account.address
	if x.Kind == outbox.AutoReply {
		from = "" // nobody answers an answer (RFC 3834, section 3.3)
	}
	failpoint.Hit("delivery.envelope")
	r = l.conn.Send(ctx, mailbox.Envelope{From: from, To: x.To}, x.size, x.body(), func(ctx context.Context, said []mailbox.Recipient) error {
		failpoint.Hit("delivery.body")
		own = l.dot(ctx, x, heard(said))
		failpoint.Hit("delivery.dot")
		return own
	})
	return r, own
}

// dot returns when the row of the letter says that its dot leaves. While the server is fast it has the next one's row say so too, whose dot follows
// within a moment: so that letter need not wait for the disk.
func (l *lane) dot(ctx context.Context, x *letter, said []outbox.Answer) error {
	j := job{End: outbox.End{Lease: x.Lease, Answers: outbox.Answers{To: said}}}
	ahead := time.Since(x.marked) < markLasts && j.AsExpected()
	err := x.waitMark(ctx)
	if err == nil && !ahead {
		err = l.s.commit(ctx, l.s.dots, j)
	}
	if y := x.next; err == nil && y != nil {
		y.marked, y.mark = time.Now(), l.s.enter(l.s.dots, job{End: outbox.End{Lease: y.Lease}})
	}
	return err
}

// waitMark returns when no mark of the dot is under way that was made ahead of the letter's turn.
func (x *letter) waitMark(ctx context.Context) error {
	if x.mark == nil {
		return nil
	}
	select {
	case err := <-x.mark:
		x.mark = nil
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// markLasts is how long a dot that was marked ahead may be late.
const markLasts = time.Second

// refusal is the end of a letter that is not said to any server: nobody will have it.
func refusal(l outbox.Lease, code int, status, text string) mailbox.Result {
	r := mailbox.Result{Outcome: mailbox.Permanent, Phase: mailbox.PhaseMail, Code: code, Status: status, Text: text}
	for _, to := range l.To {
		r.Recipients = append(r.Recipients, mailbox.Recipient{Address: to, Verdict: mailbox.Refused, Code: code, Status: status, Text: text})
	}
	return r
}

// settle writes what became of the letter. While the database cannot be reached it tries on: the answer of the server exists only here.
func (s *Sender) settle(ctx context.Context, l outbox.Lease, r mailbox.Result) error {
	// Not the flow's own end: what was sent must be said. Five seconds beyond it are left for that.
	ctx, cancel := outlive(ctx, 5*time.Second)
	defer cancel()
	end := job{End: outbox.End{Lease: l, Answers: answers(r)}, doubt: r.Outcome == mailbox.Ambiguous}
	pause := 50 * time.Millisecond
	for {
		err := s.commit(ctx, s.ends, end)
		switch {
		case err == nil:
			failpoint.Hit("delivery.settled")
			return nil
		case errors.Is(err, outbox.ErrLost):
			slog.Warn("a letter was settled without its lease", "letter", l.ID, "outcome", r.Outcome, "code", r.Code)
			return nil
		case !pg.Down(err) || ctx.Err() != nil:
			return err
		}
		slog.Warn("the outcome of a letter is not written yet", "letter", l.ID, "outcome", r.Outcome, "err", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause = min(2*pause, soon)
	}
}

// outlive is ctx, ending the given time after it.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return longer, func() { stop(); cancel() }
}
