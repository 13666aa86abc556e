package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestRingsReachThoseWhoMaySeeTheTicketThroughEveryProcess(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	one, two := start(t, db), start(t, db)
	second := secondQueue(t, db)
	mine, theirs := newTicket(t, db, inbox(t, db)), newTicket(t, db, second)
	here, there, all := one.as(insider).watch(), two.as(insider).watch(), two.as(boss).watch()
	none := one.as(outsider).watch()
	rung(t, db, theirs)
	rung(t, db, mine)
	for _, w := range []*watching{here, there} {
		if diff := cmp.Diff(ring{Keys: []string{event.TicketKey(mine)}, Counters: true}, w.next()); diff != "" {
			t.Error(diff)
		}
	}
	seen := map[string]bool{}
	for len(seen) < 2 {
		for _, k := range all.next().Keys {
			seen[k] = true
		}
	}
	exec(t, db, `UPDATE ticket SET deleted_at = now() WHERE id = $1`, mine)
	rung(t, db, mine)
	if diff := cmp.Diff(ring{Keys: []string{event.TicketKey(mine)}, Counters: true}, here.next()); diff != "" {
		t.Errorf("that a ticket is gone was not told: %s", diff)
	}
	marker := newTicket(t, db, inbox(t, db))
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		must(t, agent.GiveQueue(t.Context(), tx, 0, agentID(t, db, outsider), inbox(t, tx), 1))
		event.Ring(tx, event.TicketKey(marker))
	})
	if diff := cmp.Diff(ring{Hello: true, Counters: true}, none.next()); diff != "" {
		t.Errorf("who may see more was not told: %s", diff)
	}
	for _, w := range []*watching{here, none} {
		if diff := cmp.Diff(ring{Keys: []string{event.TicketKey(marker)}, Counters: true}, w.next()); diff != "" {
			t.Errorf("a ticket was signalled that was unseen before: %s", diff)
		}
	}
}

// A ticket that is moved out of a queue is gone for those who work there, and that is told to them too (PRODUCT V1).
func TestATicketThatLeavesAQueueIsToldThere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	second := secondQueue(t, db)
	id, other := newTicket(t, db, inbox(t, db)), newTicket(t, db, second)
	w, all := s.as(insider).watch(), s.as(boss).watch()
	b := s.as(boss)
	move := func(id, queue int64) { b.post("/tickets/"+dec(id)+"/changes", "queue", dec(queue)) }
	move(id, second)
	if diff := cmp.Diff(ring{Hello: true, Counters: true}, w.next()); diff != "" {
		t.Errorf("to who does not see it any more: %s", diff)
	}
	if diff := cmp.Diff(ring{Keys: []string{event.TicketKey(id)}, Counters: true}, all.next()); diff != "" {
		t.Errorf("to who sees all queues: %s", diff)
	}
	move(other, inbox(t, db))
	if diff := cmp.Diff(ring{Keys: []string{event.TicketKey(other)}, Counters: true}, w.next()); diff != "" {
		t.Errorf("of one that comes: %s", diff)
	}
}

func TestRightsTakenAwayEndTheRings(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	id, other := newTicket(t, db, inbox(t, db)), secondQueue(t, db)
	late := newTicket(t, db, other)
	w := s.as(insider).watch()
	rung(t, db, id)
	w.next()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		must(t, agent.TakeQueue(t.Context(), tx, 0, agentID(t, db, insider), inbox(t, tx)))
		must(t, agent.GiveQueue(t.Context(), tx, 0, agentID(t, db, insider), other, 1))
	})
	if diff := cmp.Diff(ring{Hello: true, Counters: true}, w.next()); diff != "" {
		t.Errorf("who may see less was not told: %s", diff)
	}
	rung(t, db, id)
	rung(t, db, late)
	if diff := cmp.Diff([]string{event.TicketKey(late)}, w.next().Keys); diff != "" {
		t.Error(diff)
	}
	// A change that rings nobody, as by another program, is noticed by looking.
	exec(t, db, `UPDATE profile SET permissions = '{}' WHERE key = 'agent'`)
	soon(t, "the permission is gone", func() bool { return !s.hubSees(agent.TicketRead) })
}

func (s *site) hubSees(p agent.Permission) bool {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for st := range s.hub.streams {
		if st.agent.Can(p) {
			return true
		}
	}
	return false
}

func TestStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	one, two := start(t, db), start(t, db)
	b := one.as(insider)
	for name, end := range map[string]func(){
		"sign-out through another process": func() {
			elsewhere := two.browser()
			elsewhere.http.Transport = withCookies{[]*http.Cookie{{Name: "frontdesk", Value: cookie(b)}}}
			elsewhere.post("/sign-out")
		},
		"agent deactivated": func() { exec(t, db, `UPDATE agent SET active = false WHERE email = $1`, insider) },
		"session deleted":   func() { exec(t, db, `DELETE FROM session`) },
	} {
		exec(t, db, `UPDATE agent SET active = true`)
		b = one.as(insider)
		w := b.watch()
		end()
		w.ended(name)
		if a := b.get("/live"); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: coming back is answered %s", name, a.Status)
		}
	}
}

func TestDrainingEndsStreamsAndTakesNoNewOnes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(insider)
	w := b.watch()
	s.Drain()
	w.ended("draining")
	if a := b.get("/live"); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("%s", a.Status)
	}
}

func TestManyRingsOfOneTicketAreFew(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	id, last := newTicket(t, db, inbox(t, db)), newTicket(t, db, inbox(t, db))
	w := s.as(insider).watch()
	began := time.Now()
	exec(t, db, `SELECT pg_notify($1, $2)`, event.Channel, event.TicketKey(id))
	for range 50 {
		rung(t, db, id)
	}
	rung(t, db, last)
	n := 0
	for {
		keys := w.next().Keys
		n++
		if keys[len(keys)-1] == event.TicketKey(last) {
			break
		}
	}
	if took := time.Since(began); n > 1+int(took/calm) {
		t.Errorf("%d rings for 51 changes in a row, within %s", n, took)
	}
}

// TestALongRingSaysToLookAtEverything: a reader who lags behind costs little memory, and what an agent does not see is not told by the length.
// It asks for one ring alone: how many notices reach the hub together is the database's affair.
func TestALongRingSaysToLookAtEverything(t *testing.T) {
	t.Parallel()
	const own, foreign = 1, 2
	s := stream{agent: agent.Agent{Permissions: []agent.Permission{agent.TicketRead}, Queues: []int64{own}}}
	rung := func(seen int) ring {
		tickets := make([]ticketQueue, 0, seen+2*perRing)
		for id := range int64(cap(tickets)) {
			queue := int64(own)
			if int(id) >= seen {
				queue = foreign
			}
			tickets = append(tickets, ticketQueue{ID: id, QueueID: queue})
		}
		r, told := s.ringFor(news{tickets: tickets})
		if told != (seen > 0) {
			t.Errorf("%d tickets: told is %t", seen, told)
		}
		return r
	}
	if r := rung(perRing); len(r.Keys) != perRing || r.Hello || !r.Counters {
		t.Errorf("%d tickets: %d keys, %t", perRing, len(r.Keys), r.Hello)
	}
	if diff := cmp.Diff(ring{Hello: true, Counters: true}, rung(perRing+1)); diff != "" {
		t.Error(diff)
	}
	rung(0)
}

func TestReaderThatDoesNotReadIsCut(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	st := s.hub.join(signedIn{agent: agent.Agent{ID: 1}, session: "x"})
	for range slowest + 1 {
		s.hub.each(func(*stream) (ring, bool) { return ring{Counters: true}, true })
	}
	<-st.over
	if s.hub.count() != 0 {
		t.Error("still counted")
	}
}

func TestNonsenseOnTheChannelRingsNobody(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	id := newTicket(t, db, inbox(t, db))
	w := s.as(insider).watch()
	for _, payload := range []string{"", "t:", "t:x", "t:-1", "t:99999999999999999999999", "t:1,2", strings.Repeat("x", 7000), "t:9223372036854775807", `{"keys":[]}`} {
		exec(t, db, `SELECT pg_notify($1, $2)`, event.Channel, payload)
	}
	rung(t, db, id)
	if diff := cmp.Diff(ring{Keys: []string{event.TicketKey(id)}, Counters: true}, w.next()); diff != "" {
		t.Error(diff)
	}
}

func TestOnlySoManyStreamsOfOneAgent(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	for range perAgent {
		if s.hub.join(signedIn{agent: agent.Agent{ID: 7}}) == nil {
			t.Fatal("too few")
		}
	}
	if s.hub.join(signedIn{agent: agent.Agent{ID: 7}}) != nil {
		t.Error("one too many")
	}
	if s.hub.join(signedIn{agent: agent.Agent{ID: 8}}) == nil {
		t.Error("another agent pays for it")
	}
}

// watching is an open event stream; its greeting has been read.
type watching struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (b *browser) watch() *watching {
	b.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	b.t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/live", nil)
	must(b.t, err)
	resp, err := b.http.Do(req)
	must(b.t, err)
	b.t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") || resp.Header.Get("Cache-Control") != noStore {
		b.t.Fatalf("%s %v", resp.Status, resp.Header)
	}
	w := &watching{b.t, bufio.NewScanner(resp.Body)}
	if diff := cmp.Diff(ring{Hello: true, Counters: true}, w.next()); diff != "" {
		b.t.Fatal(diff)
	}
	return w
}

// next is the next ring. Its JSON holds nothing but what ring knows.
func (w *watching) next() (r ring) {
	w.t.Helper()
	for w.lines.Scan() {
		if data, ok := strings.CutPrefix(w.lines.Text(), "data: "); ok {
			d := json.NewDecoder(strings.NewReader(data))
			d.DisallowUnknownFields()
			must(w.t, d.Decode(&r))
			return r
		}
	}
	w.t.Fatalf("the stream ended: %v", w.lines.Err())
	return r
}

func (w *watching) ended(why string) {
	w.t.Helper()
	for w.lines.Scan() {
		if strings.HasPrefix(w.lines.Text(), "data: ") {
			w.t.Errorf("%s: rung after the end: %s", why, w.lines.Text())
		}
	}
}

func rung(t *testing.T, db *pg.DB, ticket int64) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) { event.Ring(tx, event.TicketKey(ticket)) })
}
