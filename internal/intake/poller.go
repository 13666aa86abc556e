package intake

import (
	"context"
	"errors"
	"math/rand/v2"
	"syscall"
	"time"

	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// poll watches one mailbox until ctx ends: IDLE comes early, the interval comes surely. After a failure it waits, longer each time; a refused
// password waits longest, for some servers lock the account.
func (in *Intake) poll(ctx context.Context, b box) {
	failures := b.Failures
	sleep(ctx, b.rest(time.Now()))
	for ctx.Err() == nil {
		err := in.watch(ctx, b, func() { failures = 0 })
		if ctx.Err() != nil {
			return
		}
		pause := ownPause
		if !ours(err) {
			failures++
			pause = backOff(failures, err)
		}
		in.o.Log.Warn("mailbox trouble", "mailbox", b.Name, "failures", failures, "again_in", pause.Round(time.Second), "err", err)
		in.failed(ctx, b, err, pause)
		sleep(ctx, pause)
	}
}

// ownPause is how long to leave a server alone that did nothing: it need not wait for us longer than we are unwell.
const ownPause = 5 * time.Second

// longestPause is how long a server is left alone at most.
const longestPause = 15 * time.Minute

// ours tells a failure of our own side: the database says so, or there is no room for what the server sent.
func ours(err error) bool { return pg.Failing(err) || errors.Is(err, syscall.ENOSPC) }

// backOff is how long to leave a server alone after so many failures in a row.
func backOff(failures int, err error) time.Duration {
	if errors.Is(err, mailbox.ErrCredentials) {
		return []time.Duration{time.Minute, 10 * time.Minute, longestPause}[min(max(failures, 1), 3)-1]
	}
	pause := min(time.Second<<min(max(failures, 1)-1, 10), time.Minute)
	return pause + rand.N(pause/4)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// watch connects and goes on over one connection until it fails: pass, wait, pass. All is well once a wait has ended by itself: a server that breaks off
// each connection as soon as somebody listens is signed in to less and less often, as one that is away.
func (in *Intake) watch(ctx context.Context, b box, well func()) error {
	m, err := mailbox.Connect(ctx, b.account)
	if err != nil {
		return err
	}
	defer m.Close()
	for {
		if err := in.pass(ctx, b, m); err != nil {
			return err
		}
		if err := in.worked(ctx, b); err != nil {
			return err
		}
		if len(b.Folders) > 1 { // the folder that is open last is not the one to listen at
			if _, err := m.Select(ctx, b.Folders[0]); err != nil {
				return err
			}
		}
		if _, err := m.Idle(ctx, b.interval()); err != nil {
			return err
		}
		well()
	}
}

// pass fetches every folder once. An error ends the connection, but only its own folder's turn: the others are fetched over another one.
func (in *Intake) pass(ctx context.Context, b box, m *mailbox.IMAP) error {
	var errs []error
	for i, folder := range b.Folders {
		n, err := in.fetch(ctx, b, m, folder)
		if n > 0 {
			in.o.Log.Info("mail stored", "mailbox", b.Name, "folder", folder, "mails", n)
		}
		if err == nil {
			continue
		}
		errs = append(errs, err)
		if ctx.Err() != nil || ours(err) || i == len(b.Folders)-1 {
			break
		}
		if m, err = mailbox.Connect(ctx, b.account); err != nil {
			errs = append(errs, err)
			break
		}
		defer m.Close()
	}
	return errors.Join(errs...)
}

// fetchOnce connects, takes what is unread and leaves.
func (in *Intake) fetchOnce(ctx context.Context, b box) error {
	m, err := mailbox.Connect(ctx, b.account)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := in.pass(ctx, b, m); err != nil {
		return err
	}
	return in.worked(ctx, b)
}

// worked notes the success beside the mailbox.
func (in *Intake) worked(ctx context.Context, b box) error {
	return in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return mailbox.Worked(ctx, tx, b.ID) })
}

// failed notes the trouble; when that fails too, the log has it.
func (in *Intake) failed(ctx context.Context, b box, why error, pause time.Duration) {
	err := in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return mailbox.Troubled(ctx, tx, b.ID, text(why), pause) })
	if err != nil && ctx.Err() == nil {
		in.o.Log.Warn("mailbox trouble not noted", "mailbox", b.Name, "err", err)
	}
}
