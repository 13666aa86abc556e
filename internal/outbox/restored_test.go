package outbox

import (
	"errors"
	"testing"
	"time"

	"frontdesk/internal/pg"
)

func TestLettersOfARestoredDeskAreHeld(t *testing.T) {
	t.Parallel()
	for mode, looked := range map[string]bool{"none": false, "append": true, "provider": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.set(`resend = true, sent_mode = '` + mode + `'`)
			sent := d.put(0, "a@customer.test")
			l := d.claim(20)[0]
			d.dot(l)
			d.answer(l, Answers{Code: 250, To: []Answer{{Address: "a@customer.test", Verdict: Accepted, Code: 250}}})
			doubted, _ := d.uncertain()
			dotted := d.put(0, "a@customer.test")
			under := d.claim(20)[0]
			d.dot(under)
			leased := d.put(0, "a@customer.test")
			d.claim(20)
			later := d.put(0, "a@customer.test")
			d.answer(d.claim(20)[0], all(Deferred, 451, "a@customer.test"))
			scheduled := d.put(24*time.Hour, "a@customer.test")
			d.riddles() // looked for once before
			var held []Expired
			d.must(func(tx *pg.Tx) (err error) { held, err = Restored(t.Context(), tx); return err })
			if len(held) != 5 {
				t.Errorf("%+v", held)
			}
			for _, id := range []int64{doubted, dotted, leased, later, scheduled} {
				if v := d.delivery(id); v.Recipients[0].State != Pending || v.State != Uncertain || !v.Restored || v.Twice || v.Trouble == looked {
					t.Errorf("letter %d: %+v", id, v)
				}
			}
			if v := d.delivery(sent); v.State != Sent || v.Restored {
				t.Errorf("a letter that was sent: %+v", v)
			}
			d.must(func(tx *pg.Tx) error {
				if _, err := Answered(t.Context(), tx, under, Answers{Code: 250}); !errors.Is(err, ErrLost) {
					t.Errorf("the lease of the lost desk still holds: %v", err)
				}
				return nil
			})
			d.clock.Advance(48 * time.Hour) // neither their time nor the switch lets one leave
			riddles := d.riddles()
			if got := d.claim(20); len(got) != 0 || looked != (len(riddles) == 5) {
				t.Errorf("claimed %v, to be looked up %v", got, riddles)
			}
			for _, r := range riddles {
				if r.Attempts != 1 {
					t.Errorf("looked for %d times", r.Attempts)
				}
				if r.ID == doubted { // it lies there, and is not filed again
					d.must(func(tx *pg.Tx) error { _, err := Found(t.Context(), tx, r); return err })
					if v := d.delivery(doubted); v.State != Sent || v.Restored || v.SentCopy != "done" {
						t.Errorf("found: %+v", v)
					}
					continue
				}
				r.Attempts = len(looks)
				d.must(func(tx *pg.Tx) error {
					if fate, err := NotFound(t.Context(), tx, r); fate != Held || !r.Filed {
						t.Errorf("%+v: %s, %v", r, fate, err)
					}
					return nil
				})
			}
			d.must(func(tx *pg.Tx) error { return Retry(t.Context(), tx, leased) })
			if got := d.claim(20); len(got) != 1 || got[0].ID != leased || !got[0].Twice || d.delivery(leased).Restored {
				t.Errorf("after a person's retry: %+v", got)
			}
		})
	}
}
