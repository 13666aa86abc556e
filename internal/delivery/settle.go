package delivery

import (
	"context"
	"errors"
	"strings"

	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// tell brings the end of a letter to its ticket. A letter that waits for another attempt is no news.
func tell(ctx context.Context, tx *pg.Tx, end outbox.Settled) error {
	switch end.State {
	case outbox.Sent:
		return ticket.RepliesSent(ctx, tx, []outbox.Settled{end})
	case outbox.Failed:
		return ticket.SendFailed(ctx, tx, end)
	case outbox.Cancelled:
		return ticket.StayedHere(ctx, tx, []int64{end.ID})
	case outbox.Uncertain:
		return ticket.SendUncertain(ctx, tx, end.ID, end.TicketID, end.MessageID, "held")
	}
	return nil
}

func doubtful(ctx context.Context, tx *pg.Tx, l outbox.Lease, text string) error {
	x, err := outbox.Doubtful(ctx, tx, l, text)
	if err != nil {
		return err
	}
	return tellDoubt(ctx, tx, x)
}

// tellDoubt makes an unknown outcome known, unless we may still find it out by ourselves.
func tellDoubt(ctx context.Context, tx *pg.Tx, x outbox.Expired) error {
	if !x.Held {
		return nil
	}
	return ticket.SendUncertain(ctx, tx, x.ID, x.TicketID, x.MessageID, "held")
}

// answers translates the outcome of a conversation into what the outbox keeps.
func answers(r mailbox.Result) outbox.Answers {
	return outbox.Answers{Code: r.Code, Text: words(r), To: heard(r.Recipients)}
}

// heard leaves out those about whom nothing was said.
func heard(list []mailbox.Recipient) (out []outbox.Answer) {
	for _, to := range list {
		if to.Verdict == mailbox.Pending {
			continue
		}
		out = append(out, outbox.Answer{Address: to.Address, Verdict: outbox.Verdict(to.Verdict), Code: to.Code, Text: status(to.Status, to.Text)})
	}
	return out
}

// words are the server's last, or why there were none.
func words(r mailbox.Result) string {
	if r.Text == "" && r.Err != nil {
		return r.Err.Error()
	}
	return status(r.Status, r.Text)
}

func status(status, text string) string { return strings.TrimSpace(status + " " + text) }

// expire ends the leases of processes that are gone.
func (s *Sender) expire(ctx context.Context) error {
	return s.DB.InTx(ctx, func(tx *pg.Tx) error {
		cancelled, doubts, err := outbox.ExpireLeases(ctx, tx)
		if err == nil {
			err = tellBack(ctx, tx, cancelled, doubts)
		}
		if err == nil && len(doubts) > 0 {
			ring(s.wakeFile)
		}
		return err
	})
}

// tellBack tells the tickets of letters that came back and do not leave any more.
func tellBack(ctx context.Context, tx *pg.Tx, cancelled []int64, doubts []outbox.Expired) error {
	if err := ticket.StayedHere(ctx, tx, cancelled); err != nil {
		return err
	}
	for _, x := range doubts {
		if err := tellDoubt(ctx, tx, x); err != nil {
			return err
		}
	}
	return nil
}

// giveUp fails the letters that their server has kept waiting for three days.
func (s *Sender) giveUp(ctx context.Context, mailboxID int64, why error) error {
	var list []outbox.Lease
	err := s.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		list, err = outbox.Overdue(ctx, tx, mailboxID)
		return err
	})
	for _, l := range list {
		err = errors.Join(err, s.settle(ctx, l, mailbox.Result{Outcome: mailbox.Temporary, Err: why}))
	}
	return err
}
