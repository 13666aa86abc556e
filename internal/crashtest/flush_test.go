package crashtest

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/delivery"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func init() { children["flush"] = flush }

// leaseInTests is short: the letters of a killed child move on at once.
const leaseInTests = time.Second

// flush is the child: it sends until it is stopped.
func flush(ctx context.Context) error {
	offset, err := time.ParseDuration(os.Getenv("CRASHTEST_OFFSET"))
	if err != nil {
		return err
	}
	db, err := pg.Open(ctx, pg.Options{URL: os.Getenv("CRASHTEST_DATABASE"), Offset: func() time.Duration { return offset }})
	if err != nil {
		return err
	}
	defer db.Close()
	key, err := hex.DecodeString(os.Getenv("CRASHTEST_KEY"))
	if err != nil {
		return err
	}
	seal, err := mailbox.NewSealer(key)
	if err != nil {
		return err
	}
	lanes, _ := strconv.Atoi(os.Getenv("CRASHTEST_LANES")) // 0: as usual
	s := &delivery.Sender{DB: db, Sealer: seal, TempDir: os.TempDir(), Lease: leaseInTests, Lanes: lanes}
	go func() { // nothing rings when the leases of a dead process run out
		for ctx.Err() == nil {
			s.Wake()
			time.Sleep(50 * time.Millisecond)
		}
	}()
	return s.Run(ctx)
}

// What a kill can strike, in the order of a letter's life. dotSent is seen from the server: it has the letter and has not answered.
const dotSent = "server has the dot"

var flushPhases = []string{"delivery.claimed", "delivery.composed", "delivery.envelope", "delivery.body", "delivery.dot", dotSent, "delivery.answered",
	"delivery.before_sent", "delivery.settled"}

// flushRun is one flush under kills.
type flushRun struct {
	*testing.T
	row     *matrix.Share
	db      *pg.DB
	sink    *mailworld.Sink
	env     []string
	letters map[string]bool // Message-IDs
	struck  tally
}

const (
	flushLetters = 100
	// reserve become due when chance has had its turn, so that a place in the life of a fresh letter can still be struck.
	reserve = 20
)

// TestFlushUnderKills is fault row 3, and with two processes row 4.
func TestFlushUnderKills(t *testing.T) {
	for _, processes := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d process", processes), func(t *testing.T) {
			t.Parallel()
			r := newFlush(t, pgtest.URL(t), 2+processes)
			r.random(kills(t), processes)
			r.fill()
			t.Logf("kills by place:%s", r.struck)
			r.row.Injected("kills by place:%s", r.struck)
			if n := r.struck.sum(); n < kills(t) {
				t.Errorf("%d kills, want %d", n, kills(t))
			}
			if missing := r.struck.missing(flushPhases); len(missing) > 0 {
				t.Errorf("never killed at %v", missing)
			}
			r.release(reserve)
			r.finish("0s")
			r.nothingLostNothingDoubled()
			r.finish("11m") // the resend switch is on: what is uncertain leaves once more after ten minutes
			r.everythingArrived()
		})
	}
}

// TestFlushSurvivesCrashesOfTheDatabase is fault row 5: the server dies under a flush and comes back; the process is the same all the time.
func TestFlushSurvivesCrashesOfTheDatabase(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	r := newFlush(t, server.URL, 5)
	r.release(reserve)
	v := r.child("0s", "CRASHTEST_LANES=2")
	const crashes = 4
	for i := range crashes {
		want := (i + 1) * flushLetters / (crashes + 2)
		until(t, "the flush going on after a crash of the database\n"+v.log(), func() bool { return len(r.sink.Ledger()) >= want })
		server.Kill()
		down := time.Now()
		until(t, "the database", func() bool { // by a new connection: what the dead server left running may still answer on an old one
			c, err := pgx.Connect(t.Context(), server.URL)
			return err == nil && c.Close(t.Context()) == nil
		})
		up, before := time.Now(), len(r.sink.Ledger())
		until(t, "the first letter after the crash", func() bool { return len(r.sink.Ledger()) > before })
		t.Logf("the database was away for %s, letters left %s later", up.Sub(down).Round(time.Millisecond), time.Since(up).Round(time.Millisecond))
		r.row.Injected("a crash of the database, away for %s", up.Sub(down).Round(time.Millisecond))
		if late(time.Since(up), 10*time.Second) {
			t.Error("more than ten seconds")
		}
	}
	until(t, "the end of the flush", func() bool {
		n, err := pg.One[int](t.Context(), r.db, `SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased', 'dot')`)
		return err == nil && n == 0
	})
	v.stop()
	r.nothingLostNothingDoubled()
}

// TestFlushEndsInOrderAgainAndAgain is fault row 30: a process is told to stop while letters leave, as by one deployment after the other.
func TestFlushEndsInOrderAgainAndAgain(t *testing.T) {
	t.Parallel()
	r := newFlush(t, pgtest.URL(t), 30)
	r.release(reserve)
	ends, longest := 5, time.Duration(0)
	if alone() {
		ends = 50
	}
	done := 0
	for ; done < ends && r.open() > 0; done++ {
		v := r.child("0s", "CRASHTEST_LANES=2")
		places := 1 + rand.IntN(flushLetters/ends*3)
		until(t, "the child at work", func() bool { return len(v.reached()) >= places })
		began := time.Now()
		v.stop() // fails when it takes more than 30 s
		longest = max(longest, time.Since(began))
	}
	r.finish("0s")
	r.row.Injected("%d times SIGTERM while letters leave", done)
	r.row.Counted("the longest end took %s", longest.Round(time.Millisecond))
	r.nothingLostNothingDoubled()
	for _, l := range r.rows() {
		if l.State != outbox.Sent {
			t.Errorf("%s is %s after orderly ends only", l.RFCID, l.State)
		}
	}
}

func newFlush(t *testing.T, url string, row int) *flushRun {
	t.Helper()
	r := &flushRun{T: t, row: matrix.Of(t, row), sink: mailworld.StartSink(t), letters: map[string]bool{}, struck: tally{}}
	key := mailbox.NewKey()
	r.db = pgtest.Open(t, url, nil)
	r.env = []string{"CRASHTEST_DATABASE=" + url, "CRASHTEST_KEY=" + hex.EncodeToString(key)}
	seal, err := mailbox.NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Tx(t, r.db, func(tx *pg.Tx) { r.fillOutbox(tx, seal) })
	for range 4000 { // the server takes 0 to 12 ms for a letter, sometimes before it keeps it, sometimes after
		r.sink.Fail(mailworld.Fault{Phase: "dot", Delay: time.Duration(rand.IntN(12_000)) * time.Microsecond, Keep: rand.IntN(2) == 0, Times: 1})
	}
	return r
}

func (r *flushRun) fillOutbox(tx *pg.Tx, seal *mailbox.Sealer) {
	r.Helper()
	ctx := r.Context()
	ok := func(err error) {
		r.Helper()
		if err != nil {
			r.Fatal(err)
		}
	}
	queue, err := pg.One[int64](ctx, tx, `SELECT id FROM queue LIMIT 1`)
	ok(err)
	box, err := mailbox.Add(ctx, tx, mailbox.Mailbox{Name: "Support", Address: "support@desk.test", QueueID: queue, Resend: true,
		IMAPHost: mailworld.Host, IMAPPort: 1, IMAPTLS: mailbox.Implicit, IMAPUser: "support", Folders: []string{"INBOX"},
		SMTPHost: mailworld.Host, SMTPPort: r.sink.Port, SMTPTLS: mailbox.StartTLS, SMTPUser: "support", CAPEM: r.sink.CAPEM,
		TrustPrivate: true, PollSeconds: 30, Take: mailbox.TakeAll, SentMode: mailbox.SentNone}, "secret", seal)
	ok(err)
	ticket, err := pg.One[int64](ctx, tx, `
		INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
		SELECT 'Printer', q.id, s.id, s.kind, q.default_priority_id, now(), now() FROM queue q, status s WHERE s.key = 'new' RETURNING id`)
	ok(err)
	for i := range flushLetters {
		due := tx.Now
		if i < reserve {
			due = due.Add(24 * time.Hour)
		}
		rfc := mail.NewMessageID([]byte("key"), "desk.test")
		r.letters[rfc] = true
		m, err := pg.One[int64](ctx, tx, `
			INSERT INTO message (ticket_id, kind, at, mailbox_id, from_address, subject, rfc_id) VALUES ($1, 'out', $2, $3, 'support@desk.test', 'Printer', $4)
			RETURNING id`, ticket, tx.Now, box, rfc)
		ok(err)
		_, err = pg.Exec(ctx, tx, `INSERT INTO message_body (message_id, text) VALUES ($1, $2)`, m, fmt.Sprintf("letter %d", i))
		ok(err)
		_, err = outbox.Put(ctx, tx, outbox.Letter{TicketID: ticket, MessageID: m, MailboxID: box, RFCID: rfc, SendAfter: due,
			Recipients: []outbox.Recipient{{Address: "alice@customer.test", Kind: "to"}}})
		ok(err)
	}
}

func (r *flushRun) child(offset string, env ...string) *flusher {
	r.Helper()
	return spawn(r.T, "flush", append(append([]string{"CRASHTEST_OFFSET=" + offset}, r.env...), env...)...)
}

// random kills n times after a random number of places reached, so early that letters are left at the end. A kill may
// leave a letter uncertain on each connection, so many kills go with few connections.
func (r *flushRun) random(n, processes int) {
	r.Helper()
	const placesPerLetter = 6
	lanes := fmt.Sprintf("CRASHTEST_LANES=%d", min(max(40/n, 1), 4))
	for struck := 0; struck < n && r.open() > reserve; {
		lives := make([]*flusher, processes)
		dots := r.unanswered()
		for i := range lives {
			lives[i] = r.child("0s", lanes)
		}
		places := 1 + rand.IntN(max(flushLetters*placesPerLetter/3/n, 1))
		until(r.T, "the children at work", func() bool {
			sum := 0
			for _, v := range lives {
				sum += len(v.reached())
			}
			return sum >= places*processes
		})
		for _, v := range lives {
			v.kill()
		}
		for _, v := range lives {
			if r.note(v, r.unanswered() > dots) {
				struck++
			}
		}
	}
}

// note counts a kill, if it struck between the first claim of the child and the last settling of all.
func (r *flushRun) note(v *flusher, unanswered bool) bool {
	r.Helper()
	places := v.reached()
	if len(places) == 0 || r.open() == 0 {
		return false
	}
	place := places[len(places)-1]
	if place == "delivery.dot" && unanswered {
		place = dotSent
	}
	r.struck[place]++
	return true
}

// fill strikes the places that chance has left out: by failpoint, and where only the server knows, when it knows.
func (r *flushRun) fill() {
	r.Helper()
	r.sink.Heal()
	for _, place := range r.struck.missing(flushPhases) {
		env := "FRONTDESK_FAILPOINT=" + place + ":1"
		if place == dotSent {
			r.sink.DropAll() // of those killed before: what they still had under way shall not meet the fault
			r.sink.Fail(mailworld.Fault{Phase: "dot", Hang: true, Keep: true, Times: 1})
			env = "CRASHTEST_LANES=1"
		}
		r.release(2)
		kept := len(r.sink.Ledger())
		v := r.child("0s", env)
		until(r.T, "a kill at "+place, func() bool {
			places := v.reached()
			return v.over() || place == dotSent && len(places) > 0 && places[len(places)-1] == "delivery.dot" && len(r.sink.Ledger()) > kept
		})
		v.kill()
		r.note(v, place == dotSent)
	}
}

// release makes n letters of the reserve due before all others.
func (r *flushRun) release(n int) {
	r.Helper()
	pgtest.Tx(r, r.db, func(tx *pg.Tx) {
		_, err := pg.Exec(r.Context(), tx, `
			UPDATE outbox SET send_after = $1::timestamptz - interval '1 hour'
			WHERE id IN (SELECT id FROM outbox WHERE send_after > $1 AND attempts = 0 ORDER BY id LIMIT $2)`, tx.Now, n)
		if err != nil {
			r.Fatal(err)
		}
	})
}

// open counts the letters that have not met their end.
func (r *flushRun) open() int {
	r.Helper()
	n, err := pg.One[int](r.Context(), r.db, `SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased', 'dot')`)
	if err != nil {
		r.Fatal(err)
	}
	return n
}

// unanswered counts the letters that the server has and the desk still calls dot.
func (r *flushRun) unanswered() int {
	n := 0
	at := r.arrivals()
	for _, l := range r.rows() {
		if l.State == outbox.Dot && len(at[l.RFCID]) > 0 {
			n++
		}
	}
	return n
}

// finish lets one child do the rest, with its clock ahead by offset, and ends it in order.
func (r *flushRun) finish(offset string) {
	r.Helper()
	v := r.child(offset)
	until(r.T, "the end of the flush", func() bool {
		n, err := pg.One[int](r.Context(), r.db, `
			SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased', 'dot') OR $1 AND state = 'uncertain'`, offset != "0s")
		if err != nil {
			r.Fatal(err)
		}
		return n == 0 || v.over()
	})
	v.stop()
}

type flushRow struct {
	RFCID string `db:"rfc_id"`
	State outbox.State
	Twice bool
}

func (r *flushRun) rows() []flushRow {
	r.Helper()
	list, err := pg.List[flushRow](r.Context(), r.db, `SELECT rfc_id, state, twice FROM outbox`)
	if err != nil {
		r.Fatal(err)
	}
	return list
}

// arrivals are the bytes at the server by Message-ID.
func (r *flushRun) arrivals() map[string][]string {
	out := map[string][]string{}
	for _, a := range r.sink.Ledger() {
		id := mail.Parse(a.Raw).MessageID
		out[id] = append(out[id], string(a.Raw))
	}
	return out
}

// nothingLostNothingDoubled is the equation of fault row 3, before anything is sent once more.
func (r *flushRun) nothingLostNothingDoubled() {
	r.Helper()
	at, absent, states := r.arrivals(), 0, map[outbox.State]int{}
	for _, l := range r.rows() {
		states[l.State]++
		n := len(at[l.RFCID])
		switch {
		case n > 1:
			r.Errorf("%s is there %d times", l.RFCID, n)
		case l.State == outbox.Sent && n != 1 || l.State != outbox.Sent && l.State != outbox.Uncertain:
			r.Errorf("%s is %s and there %d times", l.RFCID, l.State, n)
		case n == 0:
			absent++
		}
	}
	r.Logf("%v, %d distinct at the server, %d uncertain absent from it", states, len(at), absent)
	r.row.Counted("%d letters: %v, %d distinct at the server, %d uncertain absent from it", flushLetters, states, len(at), absent)
	if len(at)+absent != flushLetters {
		r.Errorf("%d at the server + %d absent, want %d", len(at), absent, flushLetters)
	}
}

// everythingArrived is the same with the resend switch: all are there, and a second copy is marked and has the same bytes.
func (r *flushRun) everythingArrived() {
	r.Helper()
	at, doubled, marked := r.arrivals(), 0, 0
	for _, l := range r.rows() {
		if l.Twice {
			marked++
		}
		copies := at[l.RFCID]
		for _, c := range copies[min(1, len(copies)):] {
			doubled++
			if !l.Twice || c != copies[0] {
				r.Errorf("%s: a second copy, marked %v, same bytes %v", l.RFCID, l.Twice, c == copies[0])
			}
		}
		if l.State != outbox.Sent || len(copies) == 0 || !r.letters[l.RFCID] {
			r.Errorf("%s is %s and there %d times", l.RFCID, l.State, len(copies))
		}
	}
	r.Logf("%d distinct at the server, %d twice of %d marked", len(at), doubled, marked)
	r.row.Counted("after resending %d distinct, %d twice of %d marked", len(at), doubled, marked)
	if len(at) != flushLetters {
		r.Errorf("%d distinct, want %d", len(at), flushLetters)
	}
}
