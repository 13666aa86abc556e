package inbound_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/inbound"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// ledger is a database with one mailbox whose INBOX was entered.
type ledger struct {
	t      *testing.T
	db     *pg.DB
	clock  *pgtest.Clock
	box    int64
	folder inbound.Folder
}

func newLedger(t *testing.T) *ledger {
	t.Helper()
	l := &ledger{t: t}
	l.db, l.clock = pgtest.NewWithClock(t)
	l.box = l.mailbox("support")
	l.folder, _ = l.enter(1, 100)
	return l
}

func (l *ledger) tx(fn func(tx *pg.Tx) error) {
	l.t.Helper()
	if err := l.db.InTx(l.t.Context(), fn); err != nil {
		l.t.Fatal(err)
	}
}

func (l *ledger) mailbox(name string) (id int64) {
	l.t.Helper()
	l.tx(func(tx *pg.Tx) (err error) {
		id, err = pg.One[int64](l.t.Context(), tx, `
			INSERT INTO mailbox (name, address, imap_host, imap_port, imap_tls, imap_user, smtp_host, smtp_port, smtp_tls, smtp_user, secret, queue_id, created_at)
			SELECT $1, $1 || '@desk.test', 'h', 1, 'implicit', 'u', 'h', 1, 'implicit', 'u', '', id, $2 FROM queue RETURNING id`, name, tx.Now)
		return err
	})
	return id
}

func (l *ledger) enter(uidvalidity, uidnext int64) (f inbound.Folder, changed bool) {
	l.t.Helper()
	l.tx(func(tx *pg.Tx) (err error) {
		f, changed, err = inbound.Enter(l.t.Context(), tx, l.box, "INBOX", uidvalidity, uidnext)
		return err
	})
	return f, changed
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func mail(uid int64, content, id string, refs ...string) inbound.Mail {
	return inbound.Mail{
		Arrival: inbound.Arrival{UID: uid, Size: int64(len(content)), InternalDate: noon}, Raw: blob.Bytes([]byte(content)),
		Fingerprint: sha256.Sum256([]byte(content)), RFCID: id, Refs: refs,
	}
}

func (l *ledger) store(list ...inbound.Mail) (pending int) {
	l.t.Helper()
	l.tx(func(tx *pg.Tx) (err error) {
		pending, err = inbound.Store(l.t.Context(), tx, l.folder, list)
		return err
	})
	return pending
}

func (l *ledger) claim(process int64, limit int) (rows []inbound.Row) {
	l.t.Helper()
	l.tx(func(tx *pg.Tx) (err error) {
		rows, err = inbound.Claim(l.t.Context(), tx, process, limit)
		return err
	})
	return rows
}

func (l *ledger) settle(r inbound.Row, o inbound.Outcome) error {
	var held func() error
	return l.db.InTxAsking(l.t.Context(), func(b *pg.Batch) { held = inbound.AskHold(b, r) }, func(tx *pg.Tx) error {
		inbound.Settle(tx, r, o)
		return held()
	})
}

func (l *ledger) states() string {
	l.t.Helper()
	s, err := pg.One[string](l.t.Context(), l.db, `SELECT COALESCE(string_agg(uid || ':' || state || array_to_string(flags, '+', ''), ' ' ORDER BY id), '') FROM inbound`)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

func TestStoreTakesAKeyOnceAndAContentOnce(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	if n := l.store(mail(1, "one", "a@x"), mail(2, "two", "b@x"), mail(3, "one", "a@x")); n != 2 {
		t.Errorf("%d are pending", n)
	}
	if n := l.store(mail(2, "two", "b@x"), mail(1, "one", "a@x")); n != 0 {
		t.Errorf("known mail: %d more are pending", n)
	}
	l.store(mail(4, "other bytes", "a@x"))
	if got := l.states(); got != "1:pending 2:pending 3:duplicate 4:pendingsame_id" {
		t.Error(got)
	}
	if n, err := pg.One[int](t.Context(), l.db, `SELECT count(*) FROM inbound d JOIN inbound o ON o.id = d.dup_of WHERE d.uid = 3 AND o.uid = 1`); n != 1 {
		t.Error("the duplicate does not name its original", err)
	}
}

func TestACopyOfARemovedMailIsNew(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.store(mail(1, "one", "a@x"))
	if err := l.settle(l.claim(1, 1)[0], inbound.Outcome{State: inbound.Removed}); err != nil {
		t.Fatal(err)
	}
	if n := l.store(mail(2, "one", "a@x")); n != 1 {
		t.Errorf("%d are pending", n)
	}
}

func TestAReusedNumberRaisesTheEpoch(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	m := mail(1, "one", "a@x")
	l.store(m)
	ask := func(a inbound.Arrival) (known map[int64]bool, reused bool) {
		l.tx(func(tx *pg.Tx) (err error) {
			known, reused, err = inbound.Known(t.Context(), tx, &l.folder, []inbound.Arrival{a})
			return err
		})
		return known, reused
	}
	if known, reused := ask(m.Arrival); !known[1] || reused {
		t.Error("the same mail is not known")
	}
	other := m.Arrival
	other.InternalDate = noon.Add(time.Second)
	if known, reused := ask(other); known[1] || !reused || l.folder.Epoch != 2 {
		t.Errorf("known %v, reused %v, epoch %d", known, reused, l.folder.Epoch)
	}
	if n := l.store(mail(1, "new", "n@x")); n != 1 {
		t.Error("the mail under the old number was not taken")
	}
}

func TestTakeNewLeavesWhatLayThereBefore(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	if f := l.folder; !f.Before(inbound.Arrival{UID: 99}) || f.Before(inbound.Arrival{UID: 100}) {
		t.Error("by number")
	}
	f, changed := l.enter(2, 500)
	if !changed || f.UIDValidity != 2 {
		t.Errorf("renumbering went unnoticed: %+v", f)
	}
	before, after := f.ConnectedAt.Add(-time.Hour), f.ConnectedAt.Add(time.Hour)
	if !f.Before(inbound.Arrival{UID: 499, InternalDate: before}) || f.Before(inbound.Arrival{UID: 1, InternalDate: after}) {
		t.Error("by date, once the numbers mean nothing")
	}
	if f.Before(inbound.Arrival{UID: 500, InternalDate: before}) {
		t.Error("an old mail that was moved in after the renumbering")
	}
	if f, changed := l.enter(2, 300); !changed || !f.Before(inbound.Arrival{UID: 299, InternalDate: before}) || f.Before(inbound.Arrival{UID: 300, InternalDate: before}) {
		t.Error("an old mail that was moved in after another server took over")
	}
}

func TestAnAnswerIsNotClaimedBeforeWhatItAnswers(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.store(mail(1, "question", "q@x"), mail(2, "answer", "a@x", "q@x"), mail(3, "else", "e@x"))
	uids := func(rows []inbound.Row) (out []string) {
		for _, r := range rows {
			out = append(out, r.RFCID)
		}
		return out
	}
	first := l.claim(1, 10)
	if d := cmp.Diff([]string{"q@x", "e@x"}, uids(first)); d != "" {
		t.Error(d)
	}
	if rows := l.claim(2, 10); len(rows) != 0 {
		t.Errorf("another process got %v", uids(rows))
	}
	if err := l.settle(first[0], inbound.Outcome{State: inbound.Ignored}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a@x"}, uids(l.claim(2, 10))); d != "" {
		t.Error(d)
	}
}

func TestAnAnswerWaitsTenMinutesAtMost(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.store(mail(1, "question", "q@x"), mail(2, "answer", "a@x", "q@x"))
	r := l.claim(1, 1)[0]
	l.tx(func(tx *pg.Tx) error { return inbound.TryAgain(t.Context(), tx, r, time.Hour, "later") })
	l.clock.Advance(9 * time.Minute)
	if rows := l.claim(1, 10); len(rows) != 0 {
		t.Error("claimed early")
	}
	l.clock.Advance(2 * time.Minute)
	if rows := l.claim(1, 10); len(rows) != 1 {
		t.Error("waits for ever")
	}
}

func TestOnlyTheClaimThatStandsSettles(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.store(mail(1, "one", "a@x"))
	first := l.claim(1, 1)[0]
	l.clock.Advance(inbound.Lease + time.Second)
	second := l.claim(2, 1)[0]
	if second.Attempts != 2 {
		t.Errorf("attempt %d", second.Attempts)
	}
	l.clock.Advance(inbound.Lease + time.Second)
	third := l.claim(2, 1)[0] // the same process again
	for n, r := range []inbound.Row{first, second} {
		if err := l.settle(r, inbound.Outcome{State: inbound.Ticket}); !errors.Is(err, inbound.ErrTaken) {
			t.Errorf("claim %d, which ran out, settled: %v", n+1, err)
		}
		err := l.db.InTx(t.Context(), func(tx *pg.Tx) error {
			return inbound.Quarantine(t.Context(), tx, r, inbound.Failure{Reason: inbound.Refused})
		})
		if !errors.Is(err, inbound.ErrTaken) {
			t.Errorf("claim %d, which ran out, put the mail into quarantine: %v", n+1, err)
		}
	}
	if err := l.settle(third, inbound.Outcome{State: inbound.Ignored, Reason: inbound.OurOwn}); err != nil {
		t.Error(err)
	}
	if err := l.settle(third, inbound.Outcome{State: inbound.Ticket}); !errors.Is(err, inbound.ErrTaken) {
		t.Error("settled twice:", err)
	}
}

func TestGivingBackDoesNotCount(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.store(mail(1, "one", "a@x"))
	r := l.claim(1, 1)[0]
	l.tx(func(tx *pg.Tx) error { return inbound.GiveBack(t.Context(), tx, r, 0, "disk full") })
	if r = l.claim(1, 1)[0]; r.Attempts != 1 {
		t.Errorf("attempt %d", r.Attempts)
	}
	l.tx(func(tx *pg.Tx) error { return inbound.TryAgain(t.Context(), tx, r, 0, "crash") })
	if r = l.claim(1, 1)[0]; r.Attempts != 2 {
		t.Errorf("attempt %d", r.Attempts)
	}
	l.tx(func(tx *pg.Tx) error { _, err := inbound.Release(t.Context(), tx, 1); return err })
	if r = l.claim(1, 1)[0]; r.Attempts != 2 {
		t.Errorf("attempt %d", r.Attempts)
	}
}

func TestAMailThatWasUnderWayAtThreeDeathsRests(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.store(mail(1, "one", "a@x"))
	for n, rests := range []time.Duration{0, 0, 2 * time.Second, 4 * time.Second} {
		if rows := l.claim(12, 1); len(rows) != 1 { // holds no lock: it is dead
			t.Fatalf("claimed %+v behind %d deaths", rows, n)
		}
		var now time.Time
		l.tx(func(tx *pg.Tx) error { now = tx.Now; _, err := inbound.Recover(t.Context(), tx); return err })
		if due, err := pg.One[time.Time](t.Context(), l.db, `SELECT try_at FROM inbound`); err != nil || due.Sub(now) != rests {
			t.Errorf("behind %d deaths it rests %s, want %s: %v", n+1, due.Sub(now), rests, err)
		}
		l.clock.Advance(rests)
	}
}

func TestMailIsClaimedFromBehindManyThatWait(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.store(mail(1, "one", "a@x"))
	first := l.claim(1, 1)[0]
	for uid := range int64(5) {
		l.store(mail(uid+2, fmt.Sprint(uid), fmt.Sprintf("%d@x", uid), "a@x"))
	}
	l.store(mail(9, "nine", "z@x"))
	if rows := l.claim(2, 1); len(rows) != 1 || rows[0].RFCID != "z@x" {
		t.Errorf("claimed %+v while %d is under way", rows, first.ID)
	}
}

func TestClaimsOfADeadProcessAreTakenBack(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.store(mail(1, "one", "a@x"), mail(2, "two", "b@x"))
	conn, err := l.db.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_lock($1::integer, 2147483000)`, inbound.ClaimClass); err != nil {
		t.Fatal(err)
	}
	l.claim(2147483000, 1)
	l.claim(12, 1) // holds no lock: it is dead
	count := func() (n int64) {
		l.tx(func(tx *pg.Tx) (err error) { n, err = inbound.Recover(t.Context(), tx); return err })
		return n
	}
	if n := count(); n != 1 {
		t.Errorf("%d taken back", n)
	}
	conn.Close(t.Context())
	for n := int64(0); n == 0; n = count() { // until Postgres noticed
	}
	if rows := l.claim(3, 10); len(rows) != 2 || rows[0].Attempts != 2 {
		t.Errorf("%+v", rows)
	}
}

var keeper = agent.Agent{Permissions: []agent.Permission{agent.QuarantineManage}}

func TestAPersonDecidesAboutQuarantinedMail(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	keeper := keeper
	l.tx(func(tx *pg.Tx) (err error) {
		keeper.ID, err = pg.One[int64](t.Context(), tx, `INSERT INTO agent (email, name, password_hash, profile_id, created_at) SELECT 'k@x', 'K', '', id, $1 FROM profile WHERE key = 'admin' RETURNING id`, tx.Now)
		return err
	})
	for i := range int64(4) {
		l.store(mail(i, fmt.Sprint("mail ", i), fmt.Sprint(i, "@x")))
	}
	for _, r := range l.claim(1, 10) {
		l.tx(func(tx *pg.Tx) error {
			return inbound.Quarantine(t.Context(), tx, r, inbound.Failure{Reason: inbound.Refused, Error: "why", SeemsFrom: "a@x", SeemsSubject: "S"})
		})
	}
	list, err := inbound.List(t.Context(), l.db, 10)
	if err != nil || len(list) != 4 || list[0].SeemsSubject != "S" || list[0].Mailbox != "support" || list[0].Reason != inbound.Refused {
		t.Fatalf("%+v %v", list, err)
	}
	do := func(deed func(tx *pg.Tx, by agent.Agent) error) {
		t.Helper()
		if err := l.db.InTx(t.Context(), func(tx *pg.Tx) error { return deed(tx, agent.Agent{}) }); !errors.Is(err, fault.Forbidden) {
			t.Error("without permission:", err)
		}
		l.tx(func(tx *pg.Tx) error { return deed(tx, keeper) })
	}
	do(func(tx *pg.Tx, by agent.Agent) error { return inbound.Discard(t.Context(), tx, by, list[3].ID) })
	do(func(tx *pg.Tx, by agent.Agent) error { return inbound.TakePlain(t.Context(), tx, by, list[2].ID) })
	do(func(tx *pg.Tx, by agent.Agent) error { return inbound.Retry(t.Context(), tx, by, list[1].ID) })
	do(func(tx *pg.Tx, by agent.Agent) error { _, err := inbound.RetryAll(t.Context(), tx, by); return err })
	if got := l.states(); got != "0:removed 1:pendingplain 2:pending 3:pending" {
		t.Error(got)
	}
	err = l.db.InTx(t.Context(), func(tx *pg.Tx) error { return inbound.Discard(t.Context(), tx, keeper, list[0].ID) })
	if !errors.Is(err, fault.NotFound) {
		t.Error("discarded what is not in quarantine:", err)
	}
	if n, err := pg.One[int](t.Context(), l.db, `SELECT count(*) FROM event WHERE kind = 'quarantine_done' AND by_agent = $1`, keeper.ID); n != 4 {
		t.Errorf("%d events %v", n, err)
	}
}

func TestStatusSumsUpInEveryRead(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.mailbox("idle")
	l.store(mail(1, "one", "a@x"), mail(2, "one", "a@x"), mail(3, "three", "c@x"))
	if err := l.settle(l.claim(1, 1)[0], inbound.Outcome{State: inbound.Bounce}); err != nil {
		t.Fatal(err)
	}
	list, err := inbound.Status(t.Context(), l.db)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	want := inbound.Standing{Mailbox: "support", Received: 3, States: inbound.States{Pending: 1, Bounce: 1, Duplicate: 1}, LagSeconds: list[1].LagSeconds}
	if d := cmp.Diff([]inbound.Standing{{Mailbox: "idle"}, want}, list, cmpopts.IgnoreFields(inbound.Standing{}, "MailboxID")); d != "" {
		t.Error(d)
	}
}

func TestTheNetIsDrawnThoughAClockHadJumpedAhead(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for ahead, want := range map[time.Duration]bool{-25 * time.Hour: true, -time.Hour: false, time.Hour: false, 10_000 * time.Hour: true} {
		at := now.Add(ahead)
		if got := (inbound.Folder{MissedAt: &at}).NetDue(now); got != want {
			t.Errorf("drawn %s from now, it is due: %t", ahead, got)
		}
	}
}
