package outbox

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// desk is a database with one mailbox and one ticket.
type desk struct {
	*testing.T
	db      *pg.DB
	clock   *pgtest.Clock
	mailbox int64
	ticket  int64
	n       atomic.Int64
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t}
	d.db, d.clock = pgtest.NewWithClock(t)
	d.tx(func(tx *pg.Tx) {
		d.mailbox = one[int64](d, tx, `
			INSERT INTO mailbox (name, address, imap_host, imap_port, imap_tls, imap_user, smtp_host, smtp_port, smtp_tls, smtp_user, secret, queue_id, created_at)
			SELECT 'Support', 'support@desk.test', 'h', 993, 'implicit', 'u', 'h', 465, 'implicit', 'u', '', id, now() FROM queue RETURNING id`)
		d.ticket = one[int64](d, tx, `
			INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
			SELECT 'Printer', q.id, s.id, s.kind, q.default_priority_id, now(), now() FROM queue q, status s WHERE s.key = 'new' RETURNING id`)
	})
	return d
}

func one[T any](d *desk, r pg.Reader, sql string, args ...any) T {
	d.Helper()
	v, err := pg.One[T](d.Context(), r, sql, args...)
	if err != nil {
		d.Fatal(err)
	}
	return v
}

func (d *desk) tx(fn func(tx *pg.Tx)) {
	d.Helper()
	pgtest.Tx(d, d.db, fn)
}

// must runs fn and fails on its error.
func (d *desk) must(fn func(tx *pg.Tx) error) {
	d.Helper()
	if err := d.db.InTx(d.Context(), fn); err != nil {
		d.Fatal(err)
	}
}

// put queues a letter to the addresses, due after a while.
func (d *desk) put(after time.Duration, to ...string) int64 {
	d.Helper()
	var id int64
	d.must(func(tx *pg.Tx) (err error) {
		id, err = Put(d.Context(), tx, d.letter(tx, after, to...))
		return err
	})
	return id
}

func (d *desk) letter(tx *pg.Tx, after time.Duration, to ...string) Letter {
	l := Letter{TicketID: d.ticket, MailboxID: d.mailbox, RFCID: fmt.Sprintf("o.%d@desk.test", d.n.Add(1)), SendAfter: tx.Now.Add(after)}
	l.MessageID = one[int64](d, tx, `INSERT INTO message (ticket_id, kind, at) VALUES ($1, 'out', $2) RETURNING id`, d.ticket, tx.Now)
	for _, a := range to {
		l.Recipients = append(l.Recipients, Recipient{Address: a, Kind: "to"})
	}
	return l
}

func (d *desk) claim(n int) []Lease {
	d.Helper()
	var out []Lease
	d.must(func(tx *pg.Tx) (err error) {
		out, err = Claim(d.Context(), tx, d.mailbox, n, LeaseFor)
		return err
	})
	return out
}

// dot marks it, behind what the server said about the recipients.
func (d *desk) dot(l Lease, said ...Answer) {
	d.Helper()
	if held := d.mark(End{l, Answers{To: said}}); len(held) != 1 {
		d.Fatal(ErrLost)
	}
}

// mark answers with the letters whose dot may leave.
func (d *desk) mark(list ...End) (held []int64) {
	d.Helper()
	d.must(func(tx *pg.Tx) error {
		MarkDots(tx, list, &held)
		return nil
	})
	return held
}

// answer settles by the short way where that is enough, else by the long one, as delivery does.
func (d *desk) answer(l Lease, a Answers) Settled {
	d.Helper()
	var s Settled
	d.must(func(tx *pg.Tx) (err error) {
		done, err := AcceptedByAll(d.Context(), tx, []End{{l, a}})
		if err != nil || len(done) == 1 {
			s = append(done, s)[0]
			return err
		}
		s, err = Answered(d.Context(), tx, l, a)
		return err
	})
	return s
}

func (d *desk) delivery(id int64) Delivery {
	d.Helper()
	v, err := DeliveryOf(d.Context(), d.db, id)
	if err != nil {
		d.Fatal(err)
	}
	return v
}

func (d *desk) verdicts(id int64) map[string]Verdict {
	out := map[string]Verdict{}
	for _, r := range d.delivery(id).Recipients {
		out[r.Address] = r.State
	}
	return out
}

func TestNothingLeavesBeforeItsTime(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.put(14*24*time.Hour, "a@customer.test")
	d.clock.Advance(14*24*time.Hour - time.Minute)
	if got := d.claim(20); len(got) != 0 {
		t.Fatalf("claimed early: %v", got)
	}
	due, err := WhenDue(t.Context(), d.db)
	if err != nil || len(due) != 1 || due[0].MailboxID != d.mailbox {
		t.Fatalf("WhenDue = %v, %v", due, err)
	}
	d.clock.Advance(time.Minute)
	if got := d.claim(20); len(got) != 1 {
		t.Fatalf("not claimed when due: %v", got)
	}
}

func TestTheLetterDueLongestLeavesFirstAndNoProcessWaitsForAnother(t *testing.T) {
	t.Parallel()
	d := open(t)
	last, first, second := d.put(4*time.Minute, "a@customer.test"), d.put(time.Minute, "b@customer.test"), d.put(2*time.Minute, "c@customer.test")
	third := d.put(3*time.Minute, "d@customer.test")
	due, err := WhenDue(t.Context(), d.db)
	if at := d.delivery(first).SendAfter; err != nil || len(due) != 1 || !due[0].At.Equal(at) {
		t.Errorf("due %v, want at %v; %v", due, at, err)
	}
	d.clock.Advance(time.Hour)
	ids := func(list []Lease) (out []int64) {
		for _, l := range list {
			out = append(out, l.ID)
		}
		return out
	}
	d.must(func(tx *pg.Tx) error {
		one, err := Claim(t.Context(), tx, d.mailbox, 2, LeaseFor)
		if other := ids(d.claim(1)); err != nil || !cmp.Equal(ids(one), []int64{first, second}) || !cmp.Equal(other, []int64{third}) {
			t.Errorf("one process takes %v, another meanwhile %v; want %d and %d, then %d; %v", ids(one), other, first, second, third, err)
		}
		return err
	})
	if rest := ids(d.claim(20)); !cmp.Equal(rest, []int64{last}) {
		t.Errorf("then %v, want %d", rest, last)
	}
	if due, err := WhenDue(t.Context(), d.db); err != nil || len(due) != 0 {
		t.Errorf("of letters that are under way %v is due; %v", due, err)
	}
}

func TestRecipientsAreBoundedAndKeptOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.tx(func(tx *pg.Tx) {
		var many []string
		for i := range MaxRecipients + 1 {
			many = append(many, fmt.Sprintf("c%d@customer.test", i))
		}
		for _, to := range [][]string{nil, many} {
			if _, err := Put(t.Context(), tx, d.letter(tx, 0, to...)); !errors.Is(err, ErrRecipients) {
				t.Errorf("%d recipients: %v", len(to), err)
			}
		}
	})
	id := d.put(0, "a@customer.test", "b@customer.test", "a@customer.test")
	if got := d.claim(20); len(got) != 1 || !cmp.Equal(got[0].To, []string{"a@customer.test", "b@customer.test"}) {
		t.Errorf("letter %d claimed as %+v", id, got)
	}
}

func TestOneMailGetsOneAutomaticReply(t *testing.T) {
	t.Parallel()
	d := open(t)
	var ids []int64
	d.must(func(tx *pg.Tx) error {
		b := one[int64](d, tx, `INSERT INTO blob (sha256, size, created_at) VALUES ('x', 1, now()) RETURNING id`)
		in := one[int64](d, tx, `
			INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, try_at)
			VALUES ($1, 'INBOX', 1, 1, 1, 1, now(), now(), $2, 'f', now()) RETURNING id`, d.mailbox, b)
		for range 2 {
			l := d.letter(tx, 0, "a@customer.test")
			l.Kind, l.InboundID = AutoReply, in
			id, err := Put(t.Context(), tx, l)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if got := d.claim(20); ids[0] != ids[1] || len(got) != 1 {
		t.Errorf("ids %v, claimed %d", ids, len(got))
	}
}

func TestCancelBeforeClaimWins(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, "a@customer.test")
	d.must(func(tx *pg.Tx) error { return Cancel(t.Context(), tx, id) })
	if got := d.claim(20); len(got) != 0 || d.delivery(id).State != Cancelled {
		t.Errorf("claimed %v, state %s", got, d.delivery(id).State)
	}
}

func TestCancelAfterClaimSaysTooLate(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.put(0, "a@customer.test")
	d.claim(20)
	for name, deed := range map[string]func(tx *pg.Tx) error{
		"cancel":   func(tx *pg.Tx) error { return Cancel(t.Context(), tx, id) },
		"send now": func(tx *pg.Tx) error { return SendNow(t.Context(), tx, id) },
		"retry":    func(tx *pg.Tx) error { return Retry(t.Context(), tx, id) },
	} {
		if err := d.db.InTx(t.Context(), deed); !errors.Is(err, fault.TooLate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { return Cancel(t.Context(), tx, id+1) }); !errors.Is(err, fault.NotFound) {
		t.Errorf("cancel of nothing: %v", err)
	}
}

func TestCancelOfALetterThatMayHaveArrivedSaysTooLate(t *testing.T) {
	t.Parallel()
	d := open(t)
	id := d.doubled()
	err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { return Cancel(t.Context(), tx, id) })
	if v := d.delivery(id); !errors.Is(err, fault.TooLate) || v.State != Queued || v.Cancellable() {
		t.Errorf("%v %+v", err, v)
	}
}

func TestCancelsRacingClaimsAddUp(t *testing.T) {
	t.Parallel()
	d := open(t)
	const letters = 200
	var ids []int64
	for range letters {
		ids = append(ids, d.put(0, "a@customer.test"))
	}
	var cancelled, late, claimed atomic.Int64
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < letters; i += 4 {
				err := d.db.InTx(t.Context(), func(tx *pg.Tx) error { return Cancel(t.Context(), tx, ids[i]) })
				switch {
				case err == nil:
					cancelled.Add(1)
				case errors.Is(err, fault.TooLate):
					late.Add(1)
				default:
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for {
				var got []Lease
				err := d.db.InTx(t.Context(), func(tx *pg.Tx) (err error) {
					got, err = Claim(t.Context(), tx, d.mailbox, 3, LeaseFor)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if claimed.Add(int64(len(got))); len(got) == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	rest := int64(len(d.claim(20)))
	for n := rest; n > 0; rest += n {
		n = int64(len(d.claim(20)))
	}
	if c, l := cancelled.Load(), late.Load(); c+l != letters || l != claimed.Load()+rest {
		t.Errorf("cancelled %d + too late %d of %d; claimed %d + %d", c, l, letters, claimed.Load(), rest)
	}
}
