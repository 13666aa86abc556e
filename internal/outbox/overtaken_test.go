package outbox

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/pg"
)

// silent queues a letter that is to leave only if the customer stays silent.
func (d *desk) silent(after time.Duration, to ...string) (id int64) {
	d.Helper()
	d.must(func(tx *pg.Tx) (err error) {
		l := d.letter(tx, after, to...)
		l.UnlessAnswered = true
		id, err = Put(d.Context(), tx, l)
		return err
	})
	return id
}

// overtake answers with the letters that were cancelled at once.
func (d *desk) overtake(why Why) (out []int64) {
	d.Helper()
	d.must(func(tx *pg.Tx) (err error) {
		out, _, err = Overtake(d.Context(), tx, d.ticket, why)
		return err
	})
	return out
}

func TestLetterTheCustomerOvertookIsTakenBack(t *testing.T) {
	t.Parallel()
	d := open(t)
	stays := d.put(time.Hour, ann)
	goes := d.silent(time.Hour, ann)
	if got := d.overtake(CustomerWrote); !cmp.Equal(got, []int64{goes}) {
		t.Errorf("taken back: %v", got)
	}
	if d.delivery(stays).State != Queued || d.delivery(goes).State != Cancelled {
		t.Errorf("%s, %s", d.delivery(stays).State, d.delivery(goes).State)
	}
	if got := d.overtake(Deleted); !cmp.Equal(got, []int64{stays}) {
		t.Errorf("taken back when the ticket went: %v", got)
	}
}

// A letter that somebody took to the server when it was overtaken either arrives, or is cancelled when it comes back, by whatever way.
func TestOvertakenLetterIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	release := func(d *desk, l Lease) (cancelled []int64) {
		d.must(func(tx *pg.Tx) (err error) {
			cancelled, _, err = Release(d.Context(), tx, l.Token, []int64{l.ID})
			return err
		})
		return cancelled
	}
	answer := func(v Verdict, code int) func(*desk, Lease) []int64 {
		return func(d *desk, l Lease) []int64 {
			if s := d.answer(l, all(v, code, ann)); s.State == Cancelled {
				return []int64{s.ID}
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		back  func(d *desk, l Lease) (cancelled []int64)
		state State
	}{
		"the server says later":   {answer(Deferred, 451), Cancelled},
		"the server took it":      {answer(Accepted, 250), Sent},
		"the server says never":   {answer(Refused, 550), Failed},
		"the lane gives it back":  {release, Cancelled},
		"given back before a dot": {func(d *desk, l Lease) []int64 { d.dot(l); return release(d, l) }, Cancelled},
		"the process died with it": {func(d *desk, _ Lease) (cancelled []int64) {
			d.clock.Advance(LeaseFor + time.Second)
			d.must(func(tx *pg.Tx) (err error) {
				cancelled, _, err = ExpireLeases(d.Context(), tx)
				return err
			})
			return cancelled
		}, Cancelled},
	} {
		for _, why := range []Why{Deleted, CustomerWrote} {
			t.Run(name+", "+string(why), func(t *testing.T) {
				t.Parallel()
				d := open(t)
				id := d.silent(0, ann)
				l := d.claim(20)[0]
				if got := d.overtake(why); len(got) != 0 {
					t.Errorf("taken back from the server: %v", got)
				}
				var want []int64
				if c.state == Cancelled {
					want = []int64{id}
				}
				if diff := cmp.Diff(want, c.back(d, l)); diff != "" {
					t.Error("told as cancelled:", diff)
				}
				d.clock.Advance(time.Hour)
				if v := d.delivery(id); v.State != c.state || v.SettledAt == nil || len(d.claim(20)) != 0 {
					t.Errorf("%+v", v)
				}
			})
		}
	}
}

func TestOvertakenLetterThatSomebodyHasReachesTheOthers(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, ann, bob)
	l := d.claim(20)[0]
	d.overtake(Deleted)
	d.answer(l, Answers{Code: 250, To: []Answer{{ann, Accepted, 250, ""}, {bob, Deferred, 451, "later"}}})
	if got := d.overtake(Deleted); len(got) != 0 {
		t.Errorf("taken back although somebody has it: %v", got)
	}
	d.clock.Advance(time.Hour)
	for range 2 { // given back by a lane, it waits for another
		l := d.claim(20)
		if len(l) != 1 || !cmp.Equal(l[0].To, []string{bob}) {
			t.Fatalf("%+v %+v", l, d.delivery(id))
		}
		d.must(func(tx *pg.Tx) error { _, _, err := Release(t.Context(), tx, l[0].Token, []int64{id}); return err })
	}
}

func TestOvertakenLetterInDoubtIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`resend = true`)
	id, _ := d.uncertain()
	d.overtake(Deleted)
	d.clock.Advance(ResendAfter)
	r := d.riddles()[0]
	d.must(func(tx *pg.Tx) error {
		if fate, err := SendOnceMore(t.Context(), tx, r); fate != Held || err != nil {
			t.Errorf("%s %v", fate, err)
		}
		return nil
	})
	if v := d.delivery(id); v.State != Uncertain || !v.Trouble {
		t.Errorf("%+v", v)
	}
	d.must(func(tx *pg.Tx) error { return Retry(t.Context(), tx, id) })
	if s := d.answer(d.claim(20)[0], all(Deferred, 451, ann)); s.State != Queued {
		t.Errorf("what a person sends again is kept here: %+v", s)
	}
}

// doubled queues a letter that is to leave once more, for nobody knows whether it arrived.
func (d *desk) doubled() (id int64) {
	d.Helper()
	d.set(`resend = true`)
	id = d.silent(0, ann)
	d.dot(d.claim(20)[0])
	d.clock.Advance(LeaseFor + time.Second)
	d.must(func(tx *pg.Tx) error { _, _, err := ExpireLeases(d.Context(), tx); return err })
	d.clock.Advance(ResendAfter)
	d.must(func(tx *pg.Tx) error { _, err := SendOnceMore(d.Context(), tx, Riddle{ID: id}); return err })
	return id
}

// A letter that is sent once more may have arrived already: kept here, by whatever way, it is no letter that was taken back.
func TestOvertakenLetterThatMayHaveArrivedIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	type end func(d *desk, tx *pg.Tx, l Lease) (cancelled []int64, doubts []Expired, err error)
	for name, back := range map[string]end{
		"while it waits": nil,
		"the server says later": func(d *desk, tx *pg.Tx, l Lease) (cancelled []int64, doubts []Expired, err error) {
			s, err := Answered(d.Context(), tx, l, all(Deferred, 451, ann))
			cancelled, doubts = byEnd([]ended{{s.ID, s.TicketID, s.MessageID, s.State}})
			return cancelled, doubts, err
		},
		"the lane gives it back": func(d *desk, tx *pg.Tx, l Lease) ([]int64, []Expired, error) {
			return Release(d.Context(), tx, l.Token, []int64{l.ID})
		},
		"the process died with it": func(d *desk, tx *pg.Tx, _ Lease) ([]int64, []Expired, error) {
			tx.Now = tx.Now.Add(LeaseFor + time.Second)
			return ExpireLeases(d.Context(), tx)
		},
	} {
		for _, why := range []Why{Deleted, CustomerWrote} {
			t.Run(name+", "+string(why), func(t *testing.T) {
				t.Parallel()
				d := open(t)
				id := d.doubled()
				var l Lease
				if back != nil {
					l = d.claim(20)[0]
				}
				var cancelled []int64
				var doubts []Expired
				d.must(func(tx *pg.Tx) (err error) {
					cancelled, doubts, err = Overtake(t.Context(), tx, d.ticket, why)
					return err
				})
				if back != nil {
					d.must(func(tx *pg.Tx) (err error) {
						cancelled, doubts, err = back(d, tx, l)
						return err
					})
				}
				if len(cancelled) != 0 || len(doubts) != 1 || doubts[0].ID != id || doubts[0].TicketID != d.ticket || !doubts[0].Held {
					t.Errorf("cancelled %v, in doubt %+v", cancelled, doubts)
				}
				d.clock.Advance(time.Hour)
				if v := d.delivery(id); v.State != Uncertain || !v.Trouble || v.SettledAt == nil || len(d.claim(20)) != 0 || len(d.riddles()) != 0 {
					t.Errorf("%+v", v)
				}
				page, err := Undelivered(t.Context(), d.db, Scope{All: true}, 9)
				if err != nil || len(page) != 1 || now(d).Sub(page[0].At) > time.Hour+LeaseFor {
					t.Errorf("under Undelivered, among what was decided now: %+v, %v", page, err)
				}
			})
		}
	}
}
