package outbox

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/fault"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
)

// inboundMail makes a ledger row for a delivery report.
func (d *desk) inboundMail(tx *pg.Tx) int64 {
	n := d.n.Add(1)
	b := one[int64](d, tx, `INSERT INTO blob (sha256, size, created_at) VALUES (int8send($1), 1, now()) RETURNING id`, n)
	return one[int64](d, tx, `
		INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, try_at)
		VALUES ($1, 'INBOX', 1, 1, $2, 1, now(), now(), $3, int8send($2), now()) RETURNING id`, d.mailbox, n, b)
}

func TestReportFindsItsLetter(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, ann, bob)
	d.answer(d.claim(20)[0], all(Accepted, 250, ann, bob))
	rfc := one[string](d, d.db, `SELECT rfc_id FROM outbox WHERE id = $1`, id)
	d.must(func(tx *pg.Tx) error {
		in := d.inboundMail(tx)
		for range 2 { // settled again after a crash
			ticket, _, matched, err := Bounced(t.Context(), tx, Report{InboundID: in, RFCID: rfc, Recipients: []Reported{{"BOB@Customer.test", mail.Failed, "5.1.1", "no such user"}}})
			if err != nil || ticket != d.ticket || !matched {
				t.Errorf("%d %v %v", ticket, matched, err)
			}
		}
		_, _, _, err := Bounced(t.Context(), tx, Report{InboundID: d.inboundMail(tx), RFCID: rfc, Recipients: []Reported{{bob, mail.Delayed, "4.4.1", ""}, {ann, mail.Delayed, "4.4.1", ""}}})
		return err
	})
	v := d.delivery(id)
	if v.State != Sent || !v.Trouble || v.Recipients[0].Bounced != "" || v.Recipients[1].Bounced != "5.1.1" || v.Recipients[1].Text != "no such user" {
		t.Errorf("%+v", v)
	}
}

// Who deletes a ticket holds it and then its letters; a report that comes at that moment waits for the ticket, and holds no letter.
func TestReportHoldsTheTicketBeforeItsLetter(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, ann)
	rfc := one[string](d, d.db, `SELECT rfc_id FROM outbox WHERE id = $1`, id)
	done := make(chan error, 1)
	d.must(func(tx *pg.Tx) error {
		one[int64](d, tx, `SELECT id FROM ticket WHERE id = $1 FOR UPDATE`, d.ticket)
		go func() {
			done <- d.db.InTx(t.Context(), func(tx *pg.Tx) error {
				_, _, _, err := Bounced(t.Context(), tx, Report{InboundID: d.inboundMail(tx), RFCID: rfc})
				return err
			})
		}()
		for !one[bool](d, d.db, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`) {
			select {
			case err := <-done:
				t.Fatalf("it did not wait for the ticket: %v", err)
			default:
			}
		}
		_, err := pg.Exec(t.Context(), tx, `SELECT FROM outbox WHERE id = $1 FOR UPDATE NOWAIT`, id)
		return err
	})
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestReportMeansWhatItSaysWasDoneWhateverItsStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		said          Reported
		trouble       bool
		bounced, text string
	}{
		{Reported{ann, mail.Failed, "4.4.1", "timed out for five days"}, true, "4.4.1", "timed out for five days"},
		{Reported{ann, mail.Failed, "", ""}, true, "5.0.0", "ok"},
		{Reported{"forwarded@elsewhere.test", mail.Delayed, "4.4.1", "slow"}, false, "", "slow"},
		{Reported{ann, "delivered", "2.0.0", "thank you"}, false, "", "ok"},
		{Reported{ann, "relayed", "2.0.0", ""}, false, "", "ok"},
	} {
		t.Run(c.said.Action+" "+c.said.Status, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			id := d.put(0, ann)
			d.answer(d.claim(20)[0], Answers{Code: 250, To: []Answer{{Address: ann, Verdict: Accepted, Code: 250, Text: "ok"}}})
			rfc := one[string](d, d.db, `SELECT rfc_id FROM outbox WHERE id = $1`, id)
			d.must(func(tx *pg.Tx) error {
				_, _, _, err := Bounced(t.Context(), tx, Report{InboundID: d.inboundMail(tx), RFCID: rfc, Recipients: []Reported{c.said}})
				return err
			})
			if v := d.delivery(id); v.Trouble != c.trouble || v.Recipients[0].Bounced != c.bounced || v.Recipients[0].Text != c.text {
				t.Errorf("%+v", v)
			}
		})
	}
}

func TestUndeliveredListsLettersAndReportsTheLatestFirst(t *testing.T) {
	t.Parallel()
	d := open(t)
	var want, got []int64
	for i := range 7 {
		d.clock.Advance(time.Second)
		if i%2 == 1 {
			d.must(func(tx *pg.Tx) error {
				_, _, matched, err := Bounced(t.Context(), tx, Report{InboundID: d.inboundMail(tx), RFCID: "unknown@x", Sender: "mailer@mx.test", Subject: "Returned",
					Recipients: []Reported{{ann, mail.Failed, "5.0.0", "gone"}}})
				if matched {
					t.Error("matched nothing")
				}
				return err
			})
			want = append(want, -one[int64](d, d.db, `SELECT max(id) FROM bounce`))
			continue
		}
		id := d.put(0, ann)
		d.answer(d.claim(20)[0], all(Refused, 550, ann))
		want = append(want, id)
	}
	page, err := Undelivered(t.Context(), d.db, Scope{All: true}, 6)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range page {
		if id := x.ID; x.Report {
			got = append([]int64{-id}, got...)
		} else {
			got = append([]int64{id}, got...)
		}
		if len(x.Recipients) != 1 || x.Recipients[0].Address != ann || x.Report != (x.Subject == "Returned") || x.Report != (x.Sender == "mailer@mx.test") || x.Came.IsZero() {
			t.Errorf("%+v", x)
		}
	}
	if diff := cmp.Diff(want[1:], got); diff != "" {
		t.Error(diff)
	}
	lines := func(want int, s Scope) {
		t.Helper()
		if page, err := Undelivered(t.Context(), d.db, s, 100); err != nil || len(page) != want {
			t.Errorf("%+v: %d lines, %v", s, len(page), err)
		}
	}
	lines(7, Scope{All: true})
	lines(0, Scope{Queues: []int64{999}})
	d.must(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE ticket SET deleted_at = now()`)
		return err
	})
	lines(3, Scope{All: true}) // the reports, which are of no ticket
}

func TestDismissedLeavesTheList(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, ann)
	d.answer(d.claim(20)[0], all(Refused, 550, ann))
	d.must(func(tx *pg.Tx) error {
		_, _, _, err := Bounced(t.Context(), tx, Report{InboundID: d.inboundMail(tx)})
		return err
	})
	report := one[int64](d, d.db, `SELECT id FROM bounce`)
	elsewhere, mail := Scope{Queues: []int64{999}}, one[int64](d, d.db, `SELECT inbound_id FROM bounce`)
	for s, want := range map[*Scope]error{{All: true}: nil, &elsewhere: fault.NotFound} {
		if err := MaySeeReport(t.Context(), d.db, *s, mail); !errors.Is(err, want) {
			t.Errorf("the report is seen by %+v: %v", s, err)
		}
	}
	if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { return DismissReport(t.Context(), tx, elsewhere, report) }); !errors.Is(err, fault.NotFound) {
		t.Errorf("a report of another queue: %v", err)
	}
	d.must(func(tx *pg.Tx) error {
		return errors.Join(Dismiss(t.Context(), tx, id), DismissReport(t.Context(), tx, Scope{All: true}, report))
	})
	if page, err := Undelivered(t.Context(), d.db, Scope{All: true}, 9); err != nil || len(page) != 0 || d.delivery(id).State != Failed {
		t.Errorf("%+v %v, %+v", page, err, d.delivery(id))
	}
	if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { return DismissReport(t.Context(), tx, Scope{All: true}, report) }); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestOfADismissedLetterNothingIsTriedAnyMore(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`resend = true`)
	id, _ := d.uncertain()
	rfc := one[string](d, d.db, `SELECT rfc_id FROM outbox WHERE id = $1`, id)
	d.must(func(tx *pg.Tx) error {
		_, _, _, err := Bounced(t.Context(), tx, Report{InboundID: d.inboundMail(tx), RFCID: rfc})
		return errors.Join(err, Dismiss(t.Context(), tx, id))
	})
	d.clock.Advance(ResendAfter)
	if got := d.riddles(); len(got) != 0 {
		t.Errorf("to be sent once more: %+v", got)
	}
}

func TestCopyIsTriedAndGivenUpWithoutTouchingTheLetter(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`sent_mode = 'append'`)
	id := d.put(0, ann)
	l := d.claim(20)[0]
	d.must(func(tx *pg.Tx) error {
		b := one[int64](d, tx, `INSERT INTO blob (sha256, size, created_at) VALUES ('x', 1, now()) RETURNING id`)
		l.MadeID = &b
		return nil
	})
	d.dot(l)
	d.answer(l, all(Accepted, 250, ann))
	for tries := 1; ; tries++ {
		var got []Copy
		d.must(func(tx *pg.Tx) (err error) {
			got, err = ClaimCopies(t.Context(), tx, 20)
			return err
		})
		if len(got) != 1 || got[0].Attempts != tries {
			t.Fatalf("try %d: %+v", tries, got)
		}
		d.must(func(tx *pg.Tx) error { return CopyFailed(t.Context(), tx, got[0]) })
		if v := d.delivery(id); v.State != Sent || v.SentCopy != "pending" {
			if v.State != Sent || v.SentCopy != "failed" || tries < 4 {
				t.Errorf("after %d tries: %+v", tries, v)
			}
			return
		}
		d.clock.Advance(24 * time.Hour)
	}
}

func TestALetterIsFiledWhenItWasSentAndOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.set(`sent_mode = 'append'`)
	id, refused := d.put(0, ann, bob), d.put(0, bob)
	list := d.claim(20)
	if s := d.answer(list[1], all(Refused, 550, bob)); s.Copy || d.delivery(refused).SentCopy != "none" {
		t.Errorf("what nobody took is filed: %+v", s)
	}
	if s := d.answer(list[0], Answers{Code: 250, To: []Answer{{ann, Accepted, 250, ""}, {bob, Refused, 550, "no"}}}); !s.Copy || d.delivery(id).SentCopy != "pending" {
		t.Errorf("not filed: %+v", s)
	}
	d.must(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `WITH b AS (INSERT INTO blob (sha256, size, created_at) VALUES ('x', 1, now()) RETURNING id) UPDATE outbox SET raw_blob_id = b.id FROM b`)
		return errors.Join(err, Retry(t.Context(), tx, id))
	})
	d.must(func(tx *pg.Tx) error {
		list, err := ClaimCopies(t.Context(), tx, 20)
		if len(list) != 0 {
			t.Errorf("filed while it is to leave again: %+v", list)
		}
		return errors.Join(err, CopyDone(t.Context(), tx, id))
	})
	if s := d.answer(d.claim(20)[0], all(Accepted, 250, bob)); s.State != Sent || s.Copy || d.delivery(id).SentCopy != "done" {
		t.Errorf("filed again: %+v", s)
	}
}
