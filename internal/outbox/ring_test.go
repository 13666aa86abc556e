package outbox

import (
	"slices"
	"testing"
	"time"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// A sender looks by itself every RingAhead. What falls due before that must wake it, or a letter leaves half a minute late.
func TestWhateverFallsDueWakesTheSenders(t *testing.T) {
	t.Parallel()
	d := open(t)
	rung := make(chan string, 100)
	ready := make(chan struct{})
	go func() {
		_ = d.db.Listen(t.Context(), event.Channel, func() { close(ready) }, func(key string) { rung <- key })
	}()
	<-ready
	heard := func(what string, want bool) { // since it was asked last
		t.Helper()
		d.must(func(tx *pg.Tx) error { event.Ring(tx, "z:"); return nil })
		var keys []string
		for key := <-rung; key != "z:"; key = <-rung {
			keys = append(keys, key)
		}
		if got := slices.Contains(keys, Ring); got != want {
			t.Errorf("%s: the senders are woken: %t, want %t", what, got, want)
		}
	}
	d.put(RingAhead+time.Minute, ann)
	heard("put for later", false)
	far := d.put(14*24*time.Hour, ann)
	d.put(RingAhead, bob)
	heard("put for soon", true)
	d.must(func(tx *pg.Tx) error { return SendNow(t.Context(), tx, far) })
	heard("sent now", true)
	d.claim(1)
	d.clock.Advance(LeaseFor + time.Second)
	d.must(func(tx *pg.Tx) error { _, _, err := ExpireLeases(t.Context(), tx); return err })
	heard("left by a process that died", true)
	l := d.claim(1)[0]
	d.answer(l, all(Refused, 550, ann))
	heard("refused", false)
	d.must(func(tx *pg.Tx) error { return Retry(t.Context(), tx, l.ID) })
	heard("tried again by a person", true)
	d.set(`resend = true`)
	l = d.claim(1)[0]
	d.dot(l)
	d.must(func(tx *pg.Tx) error { _, err := Doubtful(t.Context(), tx, l, "no answer"); return err })
	heard("in doubt", false)
	d.must(func(tx *pg.Tx) error { _, err := SendOnceMore(t.Context(), tx, Riddle{ID: l.ID}); return err })
	heard("sent once more by the switch", true)
	d.must(func(tx *pg.Tx) error { return TryServerNow(t.Context(), tx, d.mailbox) })
	heard("its mailbox has other settings", true)
}
