package outbox

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

func all(v Verdict, code int, to ...string) Answers {
	a := Answers{Code: code, Text: "said so"}
	for _, t := range to {
		a.To = append(a.To, Answer{Address: t, Verdict: v, Code: code, Text: "said so"})
	}
	return a
}

const ann, bob = "ann@customer.test", "bob@customer.test"

func TestAnswersDecideTheState(t *testing.T) {
	t.Parallel()
	mixed := func(a, b Verdict) Answers {
		return Answers{Code: 550, Text: "said so", To: []Answer{{ann, a, 250, "ok"}, {bob, b, 550, "said so"}}}
	}
	for name, c := range map[string]struct {
		answers Answers
		state   State
		trouble bool
		partly  bool
		refused int
	}{
		"all accepted":         {all(Accepted, 250, ann, bob), Sent, false, true, 0},
		"all refused":          {all(Refused, 550, ann, bob), Failed, true, false, 2},
		"one refused":          {mixed(Accepted, Refused), Sent, true, true, 1},
		"one deferred":         {mixed(Accepted, Deferred), Queued, false, true, 0},
		"deferred and refused": {mixed(Deferred, Refused), Queued, false, false, 0},
		"connection broke":     {Answers{Text: "the connection broke"}, Queued, false, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			id := d.put(0, ann, bob)
			l := d.claim(20)[0]
			d.dot(l)
			was := d.delivery(id)
			s := d.answer(l, c.answers)
			got := d.delivery(id)
			if waits := c.state == Queued; got.SendAfter.After(was.SendAfter) != waits || (got.SettledAt == nil) != waits {
				t.Errorf("it was due at %v, is at %v, settled at %v", was.SendAfter, got.SendAfter, got.SettledAt)
			}
			if s.State != c.state || got.State != c.state || got.Trouble != c.trouble || got.Partly != c.partly || len(s.Refused) != c.refused {
				t.Errorf("settled %+v, row %+v", s, got)
			}
		})
	}
}

// Only what the database says about the row is a lost lease. The server's answer must not be thrown away because it did not say anything.
func TestADatabaseThatFailsTakesNoLeaseAway(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.put(0, ann)
	l := d.claim(20)[0]
	d.dot(l)
	away, cancel := context.WithCancel(t.Context())
	cancel()
	_ = d.db.InTx(t.Context(), func(tx *pg.Tx) error {
		if _, err := Answered(away, tx, l, all(Refused, 550, ann)); err == nil || errors.Is(err, ErrLost) {
			t.Error(err)
		}
		return errors.New("roll back")
	})
	if s := d.answer(l, all(Refused, 550, ann)); s.State != Failed {
		t.Errorf("%+v", s)
	}
}

func TestRetriesPauseLongerAndStopAfterThreeDays(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, ann)
	var pauses []time.Duration
	var tried time.Duration
	for tried < 80*time.Hour {
		got := d.claim(20)
		if len(got) != 1 {
			t.Fatalf("after %s: %d claimed", tried, len(got))
		}
		s := d.answer(got[0], all(Deferred, 451, ann))
		if s.State != Queued {
			if s.State != Failed || len(s.Refused) != 1 || s.Refused[0].Code != 451 {
				t.Errorf("gave up as %+v", s)
			}
			break
		}
		p := one[time.Duration](d, d.db, `SELECT send_after - $2 FROM outbox WHERE id = $1`, id, now(d)).Round(time.Minute)
		pauses = append(pauses, p)
		tried += p
		d.clock.Advance(p)
	}
	m := time.Minute
	if diff := cmp.Diff([]time.Duration{m, 5 * m, 15 * m, 60 * m, 60 * m}, pauses[:5]); diff != "" {
		t.Error(diff)
	}
	if tried < 72*time.Hour || tried > 73*time.Hour {
		t.Errorf("tried for %s", tried)
	}
	if d.delivery(id).State != Failed || !d.delivery(id).Trouble || !d.delivery(id).GaveUp() {
		t.Errorf("%+v", d.delivery(id))
	}
	d.must(func(tx *pg.Tx) error { return Retry(t.Context(), tx, id) }) // all begins anew
	s := d.answer(d.claim(20)[0], all(Deferred, 451, ann))
	if p := d.delivery(id).SendAfter.Sub(now(d)).Round(m); s.State != Queued || p != m {
		t.Errorf("after a person's retry: %+v, again in %s", s, p)
	}
}

func TestALetterThatReachedNoDotLeavesWithTheSameBytes(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.put(0, ann)
	l := d.claim(20)[0]
	var made int64
	d.must(func(tx *pg.Tx) (err error) {
		made, err = blob.Put(t.Context(), tx, blob.Bytes([]byte("letter")))
		return err
	})
	l.MadeID = &made
	d.answer(l, all(Deferred, 451, ann))
	d.clock.Advance(time.Minute)
	for range 2 { // what is sent again has them, and makes none
		again := d.claim(20)[0]
		if again.RawBlobID == nil || *again.RawBlobID != made {
			t.Fatalf("%+v, want the bytes %d", again, made)
		}
		d.dot(again)
		d.answer(again, all(Deferred, 451, ann))
		d.clock.Advance(time.Hour)
	}
}

func now(d *desk) (at time.Time) {
	d.tx(func(tx *pg.Tx) { at = tx.Now })
	return at
}

func TestRetryGoesOnlyToThoseWhoDoNotHaveIt(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, ann, bob)
	d.answer(d.claim(20)[0], Answers{Code: 451, Text: "later", To: []Answer{{ann, Accepted, 250, "ok"}, {bob, Deferred, 451, "later"}}})
	if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { return Cancel(t.Context(), tx, id) }); !errors.Is(err, fault.TooLate) {
		t.Errorf("cancelled what ann has: %v", err)
	}
	d.clock.Advance(time.Minute)
	l := d.claim(20)[0]
	if !cmp.Equal(l.To, []string{bob}) {
		t.Fatalf("second attempt to %v", l.To)
	}
	if s := d.answer(l, all(Refused, 550, bob)); s.State != Sent || len(s.Refused) != 1 {
		t.Errorf("%+v", s)
	}
	d.must(func(tx *pg.Tx) error { return Retry(t.Context(), tx, id) })
	l = d.claim(20)[0]
	if !cmp.Equal(l.To, []string{bob}) || l.Twice {
		t.Errorf("a person's retry: %+v", l)
	}
	d.answer(l, all(Accepted, 250, bob))
	if diff := cmp.Diff(map[string]Verdict{ann: Accepted, bob: Accepted}, d.verdicts(id)); diff != "" {
		t.Error(diff)
	}
	if d.delivery(id).Trouble {
		t.Error("still listed as undelivered")
	}
	if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { return Retry(t.Context(), tx, id) }); !errors.Is(err, fault.TooLate) {
		t.Errorf("sent again to nobody: %v", err)
	}
}

func TestLoserOfALeaseMayNotSendTheDot(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.put(0, ann)
	slow := d.claim(20)[0]
	d.clock.Advance(LeaseFor + time.Second)
	d.must(func(tx *pg.Tx) error { _, _, err := ExpireLeases(t.Context(), tx); return err })
	fast := d.claim(20)[0]
	d.must(func(tx *pg.Tx) error { _, _, err := Release(t.Context(), tx, slow.Token, []int64{slow.ID}); return err })
	if state := d.delivery(slow.ID).State; state != Leased {
		t.Errorf("the loser gives it back: %s", state)
	}
	if held := d.mark(End{Lease: slow}); len(held) != 0 {
		t.Error("the loser marks the dot")
	}
	err := d.db.InTx(t.Context(), func(tx *pg.Tx) error {
		if done, err := AcceptedByAll(t.Context(), tx, []End{{slow, all(Accepted, 250, ann)}}); len(done) != 0 || err != nil {
			t.Errorf("the loser settles by the short way: %v %v", done, err)
		}
		_, err := Answered(t.Context(), tx, slow, all(Accepted, 250, ann))
		return err
	})
	if !errors.Is(err, ErrLost) {
		t.Errorf("the loser settles: %v", err)
	}
	d.dot(fast)
	d.mark(End{slow, all(Refused, 550, ann)})
	if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { _, err := Doubtful(t.Context(), tx, slow, "no answer"); return err }); !errors.Is(err, ErrLost) {
		t.Errorf("the loser doubts: %v", err)
	}
	if v := d.verdicts(fast.ID)[ann]; v != Pending {
		t.Errorf("what the loser's server said is written: %s", v)
	}
	if s := d.answer(fast, all(Accepted, 250, ann)); s.State != Sent {
		t.Errorf("%+v", s)
	}
}

func TestHeartbeatKeepsTheLease(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, ann)
	l := d.claim(20)[0]
	beat := func(token Token) State {
		for range 4 {
			d.clock.Advance(LeaseFor / 2)
			d.must(func(tx *pg.Tx) error { return Extend(t.Context(), tx, token, []int64{id}, LeaseFor) })
			d.must(func(tx *pg.Tx) error { _, _, err := ExpireLeases(t.Context(), tx); return err })
		}
		return d.delivery(id).State
	}
	if state := beat(l.Token); state != Leased {
		t.Errorf("before the dot it is %s", state)
	}
	d.dot(l)
	if state := beat(l.Token); state != Dot {
		t.Errorf("behind the dot it is %s", state)
	}
	if state := beat(newToken()); state != Uncertain {
		t.Errorf("by the heart of somebody else it is %s", state)
	}
}

func TestReleasedLetterIsAsIfNeverClaimed(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, ann)
	l := d.claim(20)[0]
	d.must(func(tx *pg.Tx) error { _, _, err := Release(t.Context(), tx, l.Token, []int64{id}); return err })
	if got := d.claim(20); len(got) != 1 || got[0].Attempts != 1 {
		t.Errorf("%+v", got)
	}
}

// uncertain brings one letter behind the dot and lets its process die.
func (d *desk) uncertain() (id int64, l Lease) {
	d.Helper()
	id = d.put(0, ann)
	l = d.claim(20)[0]
	d.dot(l)
	d.clock.Advance(LeaseFor + time.Second)
	d.must(func(tx *pg.Tx) error {
		_, got, err := ExpireLeases(d.Context(), tx)
		if len(got) != 1 || got[0].ID != id {
			d.Errorf("expired %v", got)
		}
		return err
	})
	return id, l
}

func TestDeathBehindTheDotIsHeldForAPerson(t *testing.T) {
	t.Parallel()
	d := open(t)
	id, l := d.uncertain()
	if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { _, err := Doubtful(t.Context(), tx, l, "no answer"); return err }); !errors.Is(err, ErrLost) {
		t.Errorf("doubted twice: %v", err)
	}
	if v := d.delivery(id); v.State != Uncertain || !v.Trouble || len(d.claim(20)) != 0 || len(d.riddles()) != 0 {
		t.Errorf("%+v", v)
	}
	d.must(func(tx *pg.Tx) error { return Retry(t.Context(), tx, id) })
	got := d.claim(20)
	if len(got) != 1 || !got[0].Twice {
		t.Fatalf("after Retry: %+v", got)
	}
	d.answer(got[0], all(Refused, 550, ann))
	d.must(func(tx *pg.Tx) error { return Retry(t.Context(), tx, id) })
	if got := d.claim(20); len(got) != 1 || !got[0].Twice {
		t.Errorf("after another: %+v", got)
	}
}

func TestTruthThatComesLateCounts(t *testing.T) {
	t.Parallel()
	d := open(t)
	for verdict, state := range map[Verdict]State{Accepted: Sent, Refused: Failed, Deferred: Queued} {
		id, l := d.uncertain()
		s := d.answer(l, all(verdict, 250, ann))
		if v := d.delivery(id); s.State != state || v.State != state || v.Trouble != (state == Failed) || v.Twice {
			t.Errorf("%s: %+v %+v", verdict, s, v)
		}
		d.must(func(tx *pg.Tx) error { _, err := pg.Exec(t.Context(), tx, `DELETE FROM outbox`); return err })
	}
}

func TestTruthThatComesAfterARetryDoesNot(t *testing.T) {
	t.Parallel()
	d := open(t)
	id, l := d.uncertain()
	d.must(func(tx *pg.Tx) error { return Retry(t.Context(), tx, id) })
	err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { _, err := Answered(t.Context(), tx, l, all(Accepted, 250, ann)); return err })
	if !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

func (d *desk) riddles() []Riddle {
	var out []Riddle
	d.must(func(tx *pg.Tx) (err error) {
		out, err = ClaimRiddles(d.Context(), tx, 20)
		return err
	})
	return out
}

func (d *desk) set(sql string) {
	d.must(func(tx *pg.Tx) error { _, err := pg.Exec(d.Context(), tx, `UPDATE mailbox SET `+sql); return err })
}

func TestResendSwitchSendsOnceMoreAndMarks(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`resend = true`)
	id, _ := d.uncertain()
	if d.delivery(id).Trouble || len(d.riddles()) != 0 {
		t.Fatal("not waiting for its ten minutes")
	}
	d.clock.Advance(ResendAfter)
	r := d.riddles()
	if len(r) != 1 || r[0].Filed {
		t.Fatalf("%+v", r)
	}
	d.must(func(tx *pg.Tx) error {
		fate, err := SendOnceMore(t.Context(), tx, r[0])
		if fate != Resent {
			t.Error(fate)
		}
		return err
	})
	l := d.claim(20)[0]
	if !l.Twice {
		t.Error("not marked")
	}
	d.dot(l)
	d.clock.Advance(LeaseFor + time.Second)
	d.must(func(tx *pg.Tx) error { _, _, err := ExpireLeases(t.Context(), tx); return err })
	d.clock.Advance(time.Hour)
	if v := d.delivery(id); len(d.riddles()) != 0 || v.State != Uncertain || !v.Trouble {
		t.Errorf("sent a third time, or hidden: %+v", v)
	}
}

func TestProviderIsLookedAtAFewTimesAndThenAPersonDecides(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`sent_mode = 'provider'`)
	id, _ := d.uncertain()
	fate, n := Undecided, 0
	for ; fate == Undecided && n < 10; n++ {
		r := d.riddles()
		if len(r) != 1 || !r[0].Filed {
			t.Fatalf("look %d: %+v", n, r)
		}
		d.must(func(tx *pg.Tx) (err error) {
			fate, err = NotFound(t.Context(), tx, r[0])
			return err
		})
		d.clock.Advance(10 * time.Minute)
	}
	if n != len(looks) || fate != Held || !d.delivery(id).Trouble {
		t.Errorf("%d looks, %+v", n, d.delivery(id))
	}
}

func TestLetterFoundAtTheProviderWasSent(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`sent_mode = 'provider'`)
	id, _ := d.uncertain()
	r := d.riddles()[0]
	d.must(func(tx *pg.Tx) error {
		s, err := Found(t.Context(), tx, r)
		if s.State != Sent || s.TicketID != d.ticket {
			t.Errorf("%+v", s)
		}
		return err
	})
	if v := d.delivery(id); v.State != Sent || v.Twice || d.verdicts(id)[ann] != Accepted {
		t.Errorf("%+v", v)
	}
}

// Whom the server refused or deferred before the dot does not share the doubt about it, whether its answer was lost or the process died.
func TestLetterFoundAtTheProviderWasSentToThoseTheServerHadAccepted(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`sent_mode = 'provider'`)
	id := d.put(0, ann, bob, "carol@customer.test", "dan@customer.test")
	d.answer(d.claim(20)[0], all(Deferred, 450, ann, bob, "carol@customer.test", "dan@customer.test"))
	d.clock.Advance(time.Minute)
	d.must(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `WITH b AS (INSERT INTO blob (sha256, size, created_at) VALUES ('x', 1, now()) RETURNING id) UPDATE outbox SET raw_blob_id = b.id FROM b`)
		return err
	})
	d.dot(d.claim(20)[0], Answer{ann, Accepted, 250, ""}, Answer{bob, Refused, 550, "no such user"}, Answer{"carol@customer.test", Deferred, 451, "later"},
		Answer{"dan@customer.test", Accepted, 250, ""})
	d.clock.Advance(LeaseFor + time.Second)
	d.must(func(tx *pg.Tx) error { _, _, err := ExpireLeases(t.Context(), tx); return err })
	want := map[string]Verdict{ann: Pending, bob: Refused, "carol@customer.test": Deferred, "dan@customer.test": Pending}
	if diff := cmp.Diff(want, d.verdicts(id)); diff != "" {
		t.Error(diff)
	}
	d.must(func(tx *pg.Tx) error {
		s, err := Found(t.Context(), tx, d.riddles()[0])
		if s.State != Queued {
			t.Errorf("%+v", s)
		}
		return err
	})
	want = map[string]Verdict{ann: Accepted, bob: Refused, "carol@customer.test": Deferred, "dan@customer.test": Accepted}
	if diff := cmp.Diff(want, d.verdicts(id)); diff != "" {
		t.Error(diff)
	}
	d.clock.Advance(time.Hour)
	l := d.claim(20)[0]
	if !cmp.Equal(l.To, []string{"carol@customer.test"}) || l.Twice {
		t.Errorf("sent again as %+v", l)
	}
	if s := d.answer(l, all(Accepted, 250, "carol@customer.test")); s.State != Sent || len(s.Refused) != 1 || !d.delivery(id).Trouble {
		t.Errorf("%+v", s)
	}
}

// While the program searches, a person or a late answer may decide. Then nothing is sent, or listed, for what the search finds.
func TestASearchThatEndsTooLateDecidesNothing(t *testing.T) {
	t.Parallel()
	for name, decide := range map[string]func(d *desk, id int64, l Lease) State{
		"a person sends it again": func(d *desk, id int64, _ Lease) State {
			d.must(func(tx *pg.Tx) error { return Retry(d.Context(), tx, id) })
			return Queued
		},
		"the server took it": func(d *desk, _ int64, l Lease) State { return d.answer(l, all(Accepted, 250, ann)).State },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.set(`sent_mode = 'provider', resend = true`)
			id, l := d.uncertain()
			r := d.riddles()[0]
			state := decide(d, id, l)
			for range len(looks) {
				d.must(func(tx *pg.Tx) error {
					fate, err := NotFound(t.Context(), tx, r)
					if fate != Undecided {
						t.Errorf("look %d: %s", r.Attempts, fate)
					}
					return err
				})
				r.Attempts++
			}
			if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { _, err := Found(t.Context(), tx, r); return err }); !errors.Is(err, ErrLost) {
				t.Errorf("found: %v", err)
			}
			if v := d.delivery(id); v.State != state || v.Trouble || !one[bool](d, d.db, `SELECT resolve_at IS NULL FROM outbox`) {
				t.Errorf("%+v, want it %s", v, state)
			}
		})
	}
}

func TestWhatMayHaveArrivedTwiceIsSentNoThirdTimeHoweverOftenItIsSought(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`sent_mode = 'provider', resend = true`)
	id, _ := d.uncertain()
	d.must(func(tx *pg.Tx) error { _, err := SendOnceMore(t.Context(), tx, d.riddles()[0]); return err })
	d.dot(d.claim(20)[0])
	d.clock.Advance(LeaseFor + time.Second)
	d.must(func(tx *pg.Tx) error { _, _, err := ExpireLeases(t.Context(), tx); return err })
	r := d.riddles()[0]
	r.Attempts = len(looks)
	d.must(func(tx *pg.Tx) error {
		if fate, err := NotFound(t.Context(), tx, r); fate != Held || err != nil {
			t.Errorf("%s, %v", fate, err)
		}
		return nil
	})
	if v := d.delivery(id); v.State != Uncertain || !v.Trouble {
		t.Errorf("%+v", v)
	}
}

func TestServerAtRestHoldsItsLettersAndThenGivesUp(t *testing.T) {
	t.Parallel()
	d := open(t)
	deferred := d.put(0, bob)
	d.answer(d.claim(20)[0], all(Deferred, 451, bob))
	d.clock.Advance(time.Minute)
	id, scheduled := d.put(0, ann), d.put(5*24*time.Hour, ann)
	fail := func(credentials bool) {
		d.must(func(tx *pg.Tx) error { return ServerFailed(t.Context(), tx, d.mailbox, "535 no", credentials) })
	}
	attempts, start := 0, now(d)
	for now(d).Sub(start) < time.Hour {
		fail(true)
		fail(true) // a second connection at the same moment
		attempts++
		if n := one[int](d, d.db, `SELECT failures FROM outbox_server`); n != attempts {
			t.Fatalf("%d failures are counted of %d", n, attempts)
		}
		if len(d.claim(20)) != 0 {
			t.Fatal("claimed during the rest")
		}
		due, err := WhenDue(t.Context(), d.db)
		if err != nil {
			t.Fatal(err)
		}
		d.clock.Advance(due[0].At.Sub(now(d)))
	}
	if attempts > 6 {
		t.Errorf("%d sign-ins in the first hour", attempts)
	}
	d.clock.Advance(start.Add(GiveUpAfter + time.Minute).Sub(now(d))) // since it could first have left, however often the server failed
	if v := d.delivery(scheduled); v.FirstTryAt != nil || v.Text != "" {
		t.Errorf("the time of a letter that is not due runs: %+v", v)
	}
	d.must(func(tx *pg.Tx) error {
		if others, err := Overdue(t.Context(), tx, d.mailbox+1); err != nil || len(others) != 0 {
			t.Errorf("of another mailbox %v is given up; %v", others, err)
		}
		got, err := Overdue(t.Context(), tx, d.mailbox)
		slices.SortFunc(got, func(a, b Lease) int { return int(a.ID - b.ID) })
		if len(got) != 2 || got[0].ID != deferred || !cmp.Equal(got[0].To, []string{bob}) || got[1].ID != id || !cmp.Equal(got[1].To, []string{ann}) {
			t.Fatalf("%v %v", got, err)
		}
		s, err := Answered(t.Context(), tx, got[1], Answers{Text: "535 no"})
		if s.State != Failed || s.Refused[0].Text != "535 no" {
			t.Errorf("%+v", s)
		}
		return err
	})
	if v, err := DeliveryOf(t.Context(), d.db, id); err != nil || !v.GaveUp() {
		t.Errorf("%+v %v", v, err)
	}
	d.put(0, ann)
	d.must(func(tx *pg.Tx) error { return ServerAnswers(t.Context(), tx, d.mailbox, 1000) })
	if !one[bool](d, d.db, `SELECT retry_at IS NULL AND max_size = 1000 AND failures = 0 AND error = '' FROM outbox_server`) || len(d.claim(20)) != 1 {
		t.Error("the server still rests")
	}
}
