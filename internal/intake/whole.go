package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

const (
	// wholesAtOnce is how many mails a process fetches whole at the same time: each takes up to 500 MB of disk until it is stored.
	wholesAtOnce = 2
	// wholeEvery is how often it is looked whether a mail that rests is due; one that is asked for rings.
	wholeEvery = 15 * time.Second
	// tellEvery is how often those who wait are told how much of a mail is here.
	tellEvery = 3 * time.Second
)

// bringWholes fetches the mails of one mailbox that somebody wants whole, one after another, until ctx ends. It runs beside the poller, on
// connections of its own: whoever waits for 500 MB keeps nobody waiting.
func (in *Intake) bringWholes(ctx context.Context, b box, wake <-chan struct{}) {
	for ctx.Err() == nil {
		found, err := in.bringWhole(ctx, b)
		if err != nil && ctx.Err() == nil {
			in.o.Log.Warn("a mail that is wanted whole was not settled; it comes again", "mailbox", b.Name, "err", err)
		}
		if found && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-time.After(wholeEvery):
		}
	}
}

// bringWhole fetches one mail and notes what became of it; found is false when none is due.
func (in *Intake) bringWhole(ctx context.Context, b box) (found bool, err error) {
	if err := in.wholes.Acquire(ctx, 1); err != nil {
		return false, err
	}
	defer in.wholes.Release(1)
	var w inbound.Whole
	// Who is asked to stop meanwhile must know whether it was claimed, to give it back.
	claiming, claimed := briefly(ctx)
	defer claimed()
	err = in.o.DB.InTx(claiming, func(tx *pg.Tx) error {
		w, err = inbound.ClaimWhole(claiming, tx, b.ID)
		return err
	})
	if err != nil {
		if errors.Is(err, fault.NotFound) {
			err = nil
		}
		return false, err
	}
	fail("claim whole")
	began := time.Now()
	err = in.fetchWhole(ctx, b, w)
	if err == nil {
		in.o.Log.Info("mail fetched whole", "mailbox", b.Name, "inbound", w.InboundID, "bytes", w.Size, "took", time.Since(began).Round(time.Millisecond))
		return true, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err() // whatever it looked like: we are asked to stop
	}
	// The note about the failure must not fail for the same reason.
	note, noted := briefly(ctx)
	defer noted()
	return true, in.noteWhole(note, b, w, err)
}

// briefly is the time for a short statement that is said to its end, also when ctx ends.
func briefly(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}

// lasting is a reason of the closed list why a mail cannot be fetched whole, whatever we do.
type lasting string

// Error implements error.
func (l lasting) Error() string { return "the mail cannot be fetched whole: " + string(l) }

// fetchWhole streams the mail into a spool and stores it in one transaction.
func (in *Intake) fetchWhole(ctx context.Context, b box, w inbound.Whole) error {
	m, err := mailbox.Connect(ctx, b.account)
	if err != nil {
		return err
	}
	defer m.Close()
	uid, err := whereNow(ctx, m, w)
	if err != nil {
		return err
	}
	coming := &coming{to: blob.NewWriter(in.o.TempDir), told: time.Now(), tell: func(got int64) error {
		return in.keepWhole(ctx, func(tx *pg.Tx) error { return inbound.WholeComing(ctx, tx, w, got) })
	}}
	limit, err := desk.Param[int64](ctx, in.o.DB, "max_message_bytes")
	if err != nil {
		return errSource{err}
	}
	size := w.Size
	if size <= limit { // or it would have been taken whole at once: what the server says of its size is wrong
		size = inbound.WholeLimit
	}
	if _, err := m.Fetch(ctx, uid, size, coming); err != nil {
		coming.to.Close()
		switch {
		case errors.Is(err, mailbox.ErrGone):
			return lasting(inbound.WholeGone)
		case errors.Is(err, mailbox.ErrTooMuch):
			return lasting(inbound.WholeDiffers)
		}
		return err
	}
	raw := coming.to.Done()
	defer raw.Close()
	m.Close() // storing takes a while
	fail("fetch whole")
	return in.keepWhole(ctx, func(tx *pg.Tx) error { return inbound.WholeFetched(ctx, tx, w, raw) })
}

// keepWhole is a transaction whose failure is ours, not the mail server's.
func (in *Intake) keepWhole(ctx context.Context, do func(tx *pg.Tx) error) error {
	if err := in.o.DB.InTx(ctx, do); err != nil {
		return errSource{err}
	}
	return nil
}

// whereNow finds the mail in its folder: under its number if it is still the same mail (DECISIONS, Known), else by its Message-ID, for the server
// may have renumbered, or somebody moved the mail away and back.
func whereNow(ctx context.Context, m *mailbox.IMAP, w inbound.Whole) (mailbox.UID, error) {
	f, err := m.Examine(ctx, w.Folder)
	if err != nil {
		return 0, err
	}
	why := lasting(inbound.WholeRenumbered)
	if int64(f.UIDValidity) == w.UIDValidity {
		uid, there, err := same(ctx, m, w, []mailbox.UID{mailbox.UID(w.UID)}) //nolint:gosec // a UID has 32 bits
		if err != nil || uid != 0 {
			return uid, err
		}
		if why = inbound.WholeGone; there {
			why = inbound.WholeChanged
		}
	}
	if w.RFCID == "" {
		return 0, why
	}
	uids, err := m.WithMessageID(ctx, w.RFCID)
	if err != nil {
		return 0, err
	}
	uid, _, err := same(ctx, m, w, uids)
	if err == nil && uid == 0 {
		err = why
	}
	return uid, err
}

// same picks of some messages the one with the size and date of the wanted; there is true when any exists.
func same(ctx context.Context, m *mailbox.IMAP, w inbound.Whole, uids []mailbox.UID) (uid mailbox.UID, there bool, err error) {
	metas, err := m.Envelopes(ctx, uids[:min(len(uids), perRound)])
	for _, meta := range metas {
		if meta.Size == w.Size && meta.InternalDate.Equal(w.InternalDate) {
			return meta.UID, true, nil
		}
	}
	return 0, len(metas) > 0, err
}

// coming is a spool that tells now and then how much is in it.
type coming struct {
	to   *blob.Writer
	got  int64
	told time.Time
	tell func(got int64) error
}

var _ io.Writer = (*coming)(nil)

// Write implements io.Writer.
func (c *coming) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.got += int64(n)
	if err != nil {
		return n, errSource{err}
	}
	if time.Since(c.told) >= tellEvery {
		c.told, err = time.Now(), c.tell(c.got)
	}
	return n, err
}

// noteWhole writes down why a mail was not fetched whole: what lasts ends the wish, what passes is tried again.
func (in *Intake) noteWhole(ctx context.Context, b box, w inbound.Whole, why error) error {
	var last lasting
	if errors.Is(why, inbound.ErrTaken) {
		return nil // whoever took it tells
	}
	err := in.o.DB.InTx(ctx, func(tx *pg.Tx) error {
		switch {
		case errors.As(why, &last):
			return inbound.WholeFailed(ctx, tx, w, string(last), text(why))
		case errors.Is(why, context.Canceled):
			return inbound.WholeGivenBack(ctx, tx, w)
		}
		reason, pause := hindrance(why, w.Attempts)
		return inbound.WholeLater(ctx, tx, w, pause, reason, text(why))
	})
	if !errors.Is(why, context.Canceled) {
		in.o.Log.Warn("mail not fetched whole", "mailbox", b.Name, "inbound", w.InboundID, "attempt", w.Attempts, "err", why)
	}
	if errors.Is(err, inbound.ErrTaken) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("note why a mail was not fetched whole: %w", err)
	}
	return nil
}

// hindrance names what passes, and how long to leave it alone: half a minute after the first attempt, an hour at most. After a refused password
// no shorter than the poller does.
func hindrance(why error, attempts int) (reason string, pause time.Duration) {
	var src errSource
	pause = min(30*time.Second<<min(max(attempts, 1)-1, 7), time.Hour)
	switch {
	case errors.Is(why, mailbox.ErrCredentials):
		return inbound.WholeCredentials, max(pause, 15*time.Minute)
	case errors.As(why, &src):
		return inbound.WholeHere, pause
	}
	return inbound.WholeServer, pause
}
