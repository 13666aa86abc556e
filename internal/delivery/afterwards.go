package delivery

import (
	"context"
	"errors"

	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// afterwards is what happens when the SMTP conversation is over: uncertain letters are looked up or sent once more, sent ones are filed in
// their mailbox's Sent folder. It returns how many rows it handled.
func (s *Sender) afterwards(ctx context.Context) (int, error) {
	solved, err := s.solve(ctx)
	filed, fileErr := s.file(ctx)
	return solved + filed, errors.Join(err, fileErr)
}

// solve takes the uncertain letters whose time has come (RELIABILITY, section 3, step 7).
func (s *Sender) solve(ctx context.Context) (int, error) {
	var list []outbox.Riddle
	err := s.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		list, err = outbox.ClaimRiddles(ctx, tx, 20)
		return err
	})
	for _, r := range list {
		if r.Filed {
			err = errors.Join(err, s.lookUp(ctx, r))
		} else {
			err = errors.Join(err, s.onceMore(ctx, r))
		}
	}
	return len(list), err
}

// lookUp asks the Sent folder. A look that could not be made counts like one that found nothing: at the end a person decides.
func (s *Sender) lookUp(ctx context.Context, r outbox.Riddle) error {
	found, err := s.lies(ctx, r.MailboxID, r.RFCID)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	txErr := s.holding(ctx, []int64{r.TicketID}, func(tx *pg.Tx) error {
		if !found {
			fate, err := outbox.NotFound(ctx, tx, r)
			return errors.Join(err, afterDoubt(ctx, tx, r, fate))
		}
		end, err := outbox.Found(ctx, tx, r)
		if err != nil {
			return err
		}
		return tell(ctx, tx, end)
	})
	if errors.Is(txErr, outbox.ErrLost) { // a person was faster
		txErr = nil
	}
	return errors.Join(err, txErr)
}

// lies tells whether the Sent folder of a mailbox holds the letter.
func (s *Sender) lies(ctx context.Context, mailboxID int64, rfcID string) (bool, error) {
	f, err := s.openSent(ctx, mailboxID)
	if err != nil {
		return false, err
	}
	defer f.Close()
	return f.FindMessageID(ctx, f.folder, rfcID)
}

// onceMore is the mailbox's resend switch.
func (s *Sender) onceMore(ctx context.Context, r outbox.Riddle) error {
	return s.holding(ctx, []int64{r.TicketID}, func(tx *pg.Tx) error {
		fate, err := outbox.SendOnceMore(ctx, tx, r)
		return errors.Join(err, afterDoubt(ctx, tx, r, fate))
	})
}

// afterDoubt tells the ticket what was decided about an uncertain letter.
func afterDoubt(ctx context.Context, tx *pg.Tx, r outbox.Riddle, f outbox.Fate) error {
	if f == outbox.Undecided {
		return nil
	}
	return ticket.SendUncertain(ctx, tx, r.ID, r.TicketID, r.MessageID, string(f))
}
