package delivery

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/failpoint"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// letter is a lease with the bytes that leave.
type letter struct {
	outbox.Lease
	size   int64
	made   *blob.Spooled // made just now
	stored *blob.Reader  // made by an earlier attempt

	next   *letter      // the one whose dot may be marked ahead of its turn, when this one's leaves
	marked time.Time    // when this one's was, if it was
	mark   <-chan error // what came of it, until it was waited for
}

// body reads the bytes from their start, the same ones at every attempt.
func (x letter) body() io.Reader {
	if x.made != nil {
		return x.made.Reader()
	}
	_, _ = x.stored.Seek(0, io.SeekStart) // to the start never fails
	return x.stored
}

func closeAll(list []letter) {
	for _, x := range list {
		x.made.Close()
	}
}

func leases(list []letter) []outbox.Lease {
	out := make([]outbox.Lease, len(list))
	for i, x := range list {
		out[i] = x.Lease
	}
	return out
}

// compose makes the bytes of the letters that have none yet and commits them before any of them is sent. The dot and the answer write down which they
// were, so every attempt that may have arrived sent the same (RELIABILITY, section 3, step 3). A letter that cannot be made fails alone.
func (s *Sender) compose(ctx context.Context, batch []outbox.Lease) (out []letter, err error) {
	var fresh []letter
	for _, l := range batch {
		x := letter{Lease: l}
		if l.RawBlobID == nil {
			fresh = append(fresh, x)
			continue
		}
		if x.stored, err = blob.Open(ctx, s.DB, *l.RawBlobID); err != nil {
			return nil, err
		}
		x.size = x.stored.Size
		out = append(out, x)
	}
	fresh, err = s.makeAll(ctx, fresh)
	if err == nil && len(fresh) > 0 {
		err = s.keep(ctx, fresh)
		failpoint.Hit("delivery.composed")
	}
	if err != nil {
		closeAll(fresh)
		return nil, err
	}
	return append(out, fresh...), nil
}

// makeAll builds the letters from their tickets. Only those that could be made come back.
func (s *Sender) makeAll(ctx context.Context, fresh []letter) ([]letter, error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	source, err := ticket.Letters(ctx, s.DB, ids(leases(fresh)), fresh[0].ClaimedAt)
	if err != nil {
		return nil, err
	}
	var out []letter
	for _, x := range fresh {
		err := s.make(&x, source[x.ID])
		if err == nil {
			out = append(out, x)
			continue
		}
		if errors.As(err, new(errSpool)) || pg.Down(err) {
			return out, err
		}
		slog.Error("a letter cannot be made", "letter", x.ID, "err", err)
		if err := s.settle(ctx, x.Lease, refusal(x.Lease, 0, "", err.Error())); err != nil {
			return out, err
		}
	}
	return out, nil
}

// errSpool says that there was no room for the letter: nothing is wrong with it, it waits.
type errSpool struct{ error }

func (s *Sender) make(x *letter, l mail.Letter) error {
	w := blob.NewWriter(s.TempDir)
	err := mail.Compose(l, w)
	if w.Err() != nil {
		err = errSpool{w.Err()}
	}
	if err != nil {
		w.Close()
		return err
	}
	x.made = w.Done()
	x.size = x.made.Size
	return nil
}

// keep commits the bytes, for the first word about their attempt to refer to: until then they only lie there. Nothing of it need be on disk before that
// word is.
func (s *Sender) keep(ctx context.Context, made []letter) error {
	list := make([]*blob.Spooled, len(made))
	for i, x := range made {
		list[i] = x.made
	}
	return s.DB.InTxAsking(ctx, (*pg.Batch).Repeatable, func(tx *pg.Tx) error {
		blobs, err := blob.PutAll(ctx, tx, list)
		for i := range blobs {
			made[i].MadeID = &blobs[i]
		}
		return err
	})
}
