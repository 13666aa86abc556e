package intake_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/ticket"
)

// large is a mail with an attachment of so many bytes.
func large(id string, size int) []byte {
	var b bytes.Buffer
	b.Grow(size + size/40 + 1000)
	b.WriteString("From: alice@customer.test\r\nTo: support@desk.test\r\nSubject: Plans\r\nMessage-ID: <" + id + ">\r\nContent-Type: application/octet-stream; name=plans\r\n\r\n")
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, "%076d\r\n", n)
	}
	return b.Bytes()
}

// clerk is an agent of the desk who sees everything.
func (d *desk) clerk() agent.Agent {
	d.t.Helper()
	d.set(`INSERT INTO agent (email, name, password_hash, profile_id, created_at) SELECT 'k@desk.test', 'K', '', id, now() FROM profile WHERE key = 'admin' ON CONFLICT DO NOTHING`)
	return agent.Agent{ID: ask[int64](d, `SELECT id FROM agent`), Permissions: []agent.Permission{agent.TicketRead, agent.TicketWrite, agent.QueueAll}}
}

// want asks for the whole of the newest message.
func (d *desk) want(by agent.Agent) (err error) {
	d.t.Helper()
	pgtest.Tx(d.t, d.db, func(tx *pg.Tx) {
		_, err = inbound.AskWhole(d.t.Context(), tx, by, ask[int64](d, `SELECT max(id) FROM message`))
	})
	return err
}

func (d *desk) wanted(by agent.Agent) {
	d.t.Helper()
	if err := d.want(by); err != nil {
		d.t.Fatal(err)
	}
}

// tooLarge puts a mail into the desk of which only the header is taken.
func (d *desk) tooLarge(id string, size int) (raw []byte) {
	d.t.Helper()
	d.set(`UPDATE parameter SET value = '1000000' WHERE name = 'max_message_bytes'`)
	raw = large(id, size)
	d.deliverRaw("support@desk.test", raw)
	d.once()
	if got := ask[string](d, `SELECT array_to_string(flags, ',') FROM message ORDER BY id DESC LIMIT 1`); got != "oversize" {
		d.t.Fatalf("its flags are %q", got)
	}
	return raw
}

// whole tells how it stands: state, reason.
func (d *desk) whole() string {
	d.t.Helper()
	return ask[string](d, `SELECT trim(state || ' ' || reason) FROM inbound_whole ORDER BY inbound_id DESC LIMIT 1`)
}

// source is the hash of what the newest message hands out.
func (d *desk) source(by agent.Agent) (sum [32]byte) {
	d.t.Helper()
	source, err := ticket.SourceOf(d.t.Context(), d.db, by, ask[int64](d, `SELECT max(id) FROM message`))
	if err != nil {
		d.t.Fatal(err)
	}
	src, err := blob.Open(d.t.Context(), d.db, source.BlobID)
	if err != nil {
		d.t.Fatal(err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, src); err != nil {
		d.t.Fatal(err)
	}
	h.Sum(sum[:0])
	return sum
}

// Not parallel: it measures the memory of the process.
func TestAMailOf60MBIsFetchedWholeInLittleMemory(t *testing.T) {
	d := newDesk(t)
	raw := large("large@customer.test", 60_000_000)
	sum := sha256.Sum256(raw)
	d.deliverRaw("support@desk.test", raw)
	raw = nil //nolint:ineffassign,wastedassign // so that it is not counted
	d.once()
	by := d.clerk()
	if d.source(by) == sum {
		t.Fatal("it was taken whole at once")
	}
	d.wanted(by)
	runtime.GC()
	peak, began := heap(t, d.once)
	t.Logf("heap: %d MB before, %d MB at most", began>>20, peak>>20)
	if d.whole() != "fetched" || d.source(by) != sum {
		t.Fatalf("%s, and the source is not what was sent", d.whole())
	}
	if peak > began+30<<20 {
		t.Errorf("%d MB more than before for a mail of 60 MB", (peak-began)>>20)
	}
	if got := ask[string](d, `SELECT string_agg(kind || COALESCE(' ' || by_agent, ''), ', ' ORDER BY id) FROM event WHERE kind LIKE 'whole%'`); got != fmt.Sprintf("whole_asked %d, whole_fetched", by.ID) {
		t.Error(got)
	}
	if n := ask[int](d, `SELECT count(*) FROM message_file`); n != 0 {
		t.Errorf("it was parsed: %d files", n)
	}
}

// heap runs do and tells the most memory it saw in use meanwhile.
func heap(t *testing.T, do func()) (peak, began uint64) {
	t.Helper()
	read := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	began = read()
	var top atomic.Uint64
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			top.Store(max(top.Load(), read()))
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	do()
	stop()
	<-done
	return top.Load(), began
}

func TestAskingTwiceFetchesOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	raw := d.tooLarge("1@c", 2_000_000)
	by := d.clerk()
	for range 2 {
		d.wanted(by)
	}
	d.once()
	d.wanted(by)
	d.once()
	if got := ask[string](d, `SELECT state || ' ' || attempts FROM inbound_whole`); got != "fetched 1" || d.source(by) != sha256.Sum256(raw) {
		t.Error(got)
	}
	if n := ask[int](d, `SELECT count(*) FROM event WHERE kind LIKE 'whole%'`); n != 2 {
		t.Errorf("%d events", n)
	}
}

func TestWhoMayNotSeeOrChangeTheTicketCannotAsk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.tooLarge("1@c", 1_200_000)
	by := d.clerk()
	stranger, reader := by, by
	stranger.Permissions = []agent.Permission{agent.TicketRead, agent.TicketWrite}
	reader.Permissions = []agent.Permission{agent.TicketRead, agent.QueueAll}
	for who, c := range map[string]struct {
		by   agent.Agent
		want error
	}{"stranger": {stranger, fault.NotFound}, "reader": {reader, fault.Forbidden}} {
		if err := d.want(c.by); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", who, err)
		}
	}
	d.set(`UPDATE inbound SET size = 500000001`)
	if err := d.want(by); !errors.Is(err, fault.NotFound) {
		t.Errorf("larger than may be: %v", err)
	}
	d.deliver(letter("a@customer.test", "small@c", "Small", ""))
	d.once()
	if err := d.want(by); !errors.Is(err, fault.NotFound) {
		t.Errorf("a mail that is here: %v", err)
	}
	if n := ask[int](d, `SELECT count(*) FROM inbound_whole`); n != 0 {
		t.Errorf("%d wishes", n)
	}
}

func TestAMailThatCannotBeHadSaysWhy(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(d *desk){
		"failed gone":       func(d *desk) { d.empty() },
		"failed renumbered": func(d *desk) { d.empty(); d.renumber() },
		"failed changed":    func(d *desk) { d.set(`UPDATE inbound SET internaldate = internaldate - interval '1 hour'`) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.tooLarge("1@c", 1_200_000)
			by := d.clerk()
			spoil(d)
			d.wanted(by)
			d.once()
			if d.whole() != want {
				t.Error(d.whole())
			}
			if got := ask[string](d, `SELECT data->>'reason' FROM event WHERE kind = 'whole_failed'`); "failed "+got != want {
				t.Errorf("the history says %s", got)
			}
			d.wanted(by) // somebody may have put it back
			if d.whole() != "waiting" {
				t.Errorf("asked again: %s", d.whole())
			}
		})
	}
}

func (d *desk) empty() {
	d.t.Helper()
	if err := d.world.Empty(d.account["support@desk.test"], "INBOX"); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) renumber() {
	d.t.Helper()
	if err := d.world.Renumber(d.account["support@desk.test"]); err != nil {
		d.t.Fatal(err)
	}
	// Dovecot takes the second for the new UIDVALIDITY; within the first it would be the same again.
	d.set(`UPDATE inbound SET uidvalidity = uidvalidity - 1000`)
}

func TestAMailIsFoundAgainAfterTheServerRenumbered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	raw := d.tooLarge("1@c", 1_200_000)
	by := d.clerk()
	d.deliver(letter("a@customer.test", "1@c", "Another with its Message-ID", ""))
	d.renumber()
	d.wanted(by)
	d.once()
	if d.whole() != "fetched" || !ask[bool](d, `SELECT b.sha256 = $1 FROM inbound_whole w JOIN blob b ON b.id = w.blob_id`, sumOf(raw)) {
		t.Error(d.whole())
	}
}

func sumOf(raw []byte) []byte {
	sum := sha256.Sum256(raw)
	return sum[:]
}

// behindProxy is a desk whose mailbox is reached through a proxy.
func behindProxy(t *testing.T) (*desk, *mailworld.Proxy) {
	t.Helper()
	d := bareDesk(t)
	p := mailworld.StartProxy(t, d.world.IMAPSPort)
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.IMAPPort = p.Port })
	return d, p
}

func TestABrokenConnectionIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	d, p := behindProxy(t)
	raw := d.tooLarge("1@c", 3_000_000)
	by := d.clerk()
	d.wanted(by)
	p.Set(mailworld.Spoil{Cut: 1_500_000})
	d.once()
	if d.whole() != "waiting server" || !ask[bool](d, `SELECT try_at > now() + interval '20 seconds' AND error <> '' FROM inbound_whole`) {
		t.Fatal(d.whole(), ask[string](d, `SELECT error FROM inbound_whole`))
	}
	p.Set(mailworld.Spoil{})
	d.once()
	if d.whole() != "waiting server" {
		t.Errorf("tried before its time: %s", d.whole())
	}
	d.wanted(by) // a person does not wait
	d.once()
	if d.whole() != "fetched" || d.source(by) != sha256.Sum256(raw) {
		t.Error(d.whole())
	}
	d.set(`UPDATE inbound_whole SET state = 'waiting', asked_at = now() - interval '73 hours', try_at = now()`)
	p.Set(mailworld.Spoil{Cut: 1_500_000})
	d.once()
	if d.whole() != "failed gave_up" {
		t.Errorf("after three days: %s", d.whole())
	}
}

func TestAWishOutlivesWhoeverWasCarryingItOut(t *testing.T) {
	t.Parallel()
	d, p := behindProxy(t)
	raw := d.tooLarge("1@c", 3_000_000)
	by := d.clerk()
	d.wanted(by)
	// One that is asked to stop gives it back.
	p.Set(mailworld.Spoil{PerSec: 50_000})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _, _ = d.in.Once(ctx) }()
	d.await(`SELECT EXISTS (SELECT FROM inbound_whole WHERE state = 'fetching')`)
	stop()
	<-done
	if got := ask[string](d, `SELECT state || attempts || (try_at <= now()) FROM inbound_whole`); got != "waiting0true" {
		t.Fatal(got)
	}
	// One that was killed leaves it as it was; what it may still do comes to nothing.
	p.Set(mailworld.Spoil{})
	var dead inbound.Whole
	pgtest.Tx(t, d.db, func(tx *pg.Tx) {
		var err error
		if dead, err = inbound.ClaimWhole(t.Context(), tx, ask[int64](d, `SELECT id FROM mailbox`)); err != nil {
			t.Fatal(err)
		}
	})
	d.once()
	if d.whole() != "fetching" {
		t.Errorf("taken while it rests: %s", d.whole())
	}
	d.set(`UPDATE inbound_whole SET try_at = now()`)
	d.once()
	if d.whole() != "fetched" || d.source(by) != sha256.Sum256(raw) {
		t.Error(d.whole())
	}
	pgtest.Tx(t, d.db, func(tx *pg.Tx) {
		if err := inbound.WholeFailed(t.Context(), tx, dead, inbound.WholeGone, ""); !errors.Is(err, inbound.ErrTaken) {
			t.Errorf("the dead one still settles: %v", err)
		}
	})
}

func TestAWishIsCarriedOutAtOnceAndKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	d, p := behindProxy(t)
	raw := d.tooLarge("1@c", 4_000_000)
	by := d.clerk()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.in.Run(ctx) }()
	defer func() { stop(); <-ended }()
	d.await(`SELECT last_success > (SELECT max(stored_at) FROM inbound) FROM mailbox`) // the poller has its connection
	quick := make(chan struct{})
	p.Set(mailworld.Spoil{PerSec: 50_000, Until: quick})
	d.wanted(by)
	d.await(`SELECT got > 0 FROM inbound_whole WHERE state = 'fetching' UNION ALL SELECT false LIMIT 1`)
	d.deliver(strings.Replace(letter("bob@customer.test", "2@c", "Meanwhile", ""), "Hello", "Hello again", 1))
	d.await(`SELECT EXISTS (SELECT FROM ticket WHERE subject = 'Meanwhile')`)
	if d.whole() != "fetching" {
		t.Errorf("the small mail waited for the large one: %s", d.whole())
	}
	close(quick)
	d.await(`SELECT state = 'fetched' FROM inbound_whole`)
	if !ask[bool](d, `SELECT b.sha256 = $1 FROM inbound_whole w JOIN blob b ON b.id = w.blob_id`, sumOf(raw)) {
		t.Error("the source is not what was sent")
	}
}

func TestAPurgedTicketTakesTheWholeOfItsMailAlong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	raw := d.tooLarge("1@c", 1_200_000)
	d.wanted(d.clerk())
	d.once()
	d.set(`UPDATE blob SET created_at = created_at - interval '2 days'`)
	kept := `SELECT EXISTS (SELECT FROM blob WHERE sha256 = $1)`
	for _, purged := range []bool{false, true} {
		pgtest.Tx(t, d.db, func(tx *pg.Tx) {
			if purged {
				if err := inbound.Forget(t.Context(), tx, []int64{ask[int64](d, `SELECT id FROM ticket`)}); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := blob.Collect(t.Context(), tx, 0); err != nil {
				t.Fatal(err)
			}
		})
		if ask[bool](d, kept, sumOf(raw)) == purged {
			t.Errorf("purged %v, and its bytes are kept: %v", purged, !purged)
		}
	}
}

func TestAMailWhoseSizeIsALieIsFetchedWhole(t *testing.T) {
	t.Parallel()
	d := lyingDesk(t)
	d.set(`UPDATE parameter SET value = '6000000' WHERE name = 'max_message_bytes'`)
	for range 2 { // together with the others, alone
		if _, err := d.in.Once(t.Context()); err == nil {
			t.Fatal("more came than is taken")
		}
	}
	d.once() // by its header
	by := d.clerk()
	pgtest.Tx(t, d.db, func(tx *pg.Tx) {
		if _, err := inbound.AskWhole(t.Context(), tx, by, ask[int64](d, `SELECT id FROM message WHERE 'oversize' = ANY(flags)`)); err != nil {
			t.Fatal(err)
		}
	})
	d.once()
	if got, size := d.whole(), ask[int](d, `SELECT max(size) FROM blob`); got != "fetched" || size < 9_000_000 {
		t.Errorf("%s, with %d bytes", got, size)
	}
}
