package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

// maxIdle is how long one IDLE may last: a peer that died is noticed no earlier (STACK 3.4, 6).
const maxIdle = 5 * time.Minute

// Idle waits until the opened folder changes, at most longest (capped at 5 minutes), and tells whether it did. What changed since the
// last Unseen counts. Where the server cannot IDLE, or refuses to, it waits out the time: polling is what carries, IDLE only comes early.
func (m *IMAP) Idle(ctx context.Context, longest time.Duration) (changed bool, err error) {
	over, stop := context.WithTimeout(ctx, min(longest, maxIdle))
	defer stop()
	select {
	case <-m.news:
		return true, nil
	default:
	}
	if caps := m.c.Caps(); m.noIdle || !caps.Has(imap.CapIdle) && !caps.Has(imap.CapIMAP4rev2) {
		return m.await(ctx, over)
	}
	err = m.request(ctx, func() error {
		cmd, err := m.c.Idle()
		if err != nil {
			return err
		}
		m.w.end() // silence is what IDLE is for
		var waitErr error
		changed, waitErr = m.await(ctx, over)
		m.w.begin(m.lim.Idle, m.lim.Command, m.lim.Bytes)
		if err := cmd.Close(); err != nil {
			return err
		}
		if err := cmd.Wait(); err != nil {
			return err
		}
		return waitErr
	})
	if errors.Is(err, ErrRefused) {
		m.noIdle = true
		return m.await(ctx, over)
	}
	if err != nil {
		return false, fmt.Errorf("wait for news of %q: %w", m.folder, err)
	}
	return changed, nil
}

// await is the waiting itself: news, the end of time, the caller's end or the connection's.
func (m *IMAP) await(ctx, over context.Context) (bool, error) {
	select {
	case <-m.news:
		return true, nil
	case <-over.Done():
		return false, ctx.Err()
	case <-m.c.Closed():
		return false, nil // the command that follows says why
	}
}
