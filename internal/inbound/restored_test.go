package inbound_test

import (
	"testing"
	"time"

	"frontdesk/internal/inbound"
	"frontdesk/internal/pg"
)

func TestNetOfARestoredDeskReachesBackToItsLastPoll(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	var now time.Time
	note := func(n int) (f inbound.Folder) {
		l.tx(func(tx *pg.Tx) error {
			now = tx.Now
			return inbound.NoteMissed(t.Context(), tx, l.folder, inbound.Look{Missed: n})
		})
		f, _ = l.enter(1, 100)
		return f
	}
	if f := note(2); f.NetDue(now) || !f.NetSince(now).Equal(now.AddDate(0, 0, -inbound.NetDays)) {
		t.Fatalf("in ordinary times: %+v", f)
	}
	lastPoll := now.AddDate(0, 0, -20)
	l.tx(func(tx *pg.Tx) error {
		if _, err := pg.Exec(t.Context(), tx, `UPDATE mailbox SET last_success = $1`, lastPoll); err != nil {
			return err
		}
		return inbound.Restored(t.Context(), tx)
	})
	f, _ := l.enter(1, 100)
	if !f.NetDue(now) || f.Missed != 0 || !f.NetSince(now).Equal(lastPoll.AddDate(0, 0, -1)) {
		t.Errorf("after a restore: %+v", f)
	}
	if f := note(3); f.NetDue(now) || !f.NetSince(now).Before(lastPoll) {
		t.Errorf("while something is left there: %+v", f)
	}
	if f := note(0); !f.NetSince(now).Equal(now.AddDate(0, 0, -inbound.NetDays)) {
		t.Errorf("when nothing is left: %+v", f)
	}
}
