package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/alarm"
	"frontdesk/internal/event"
	"frontdesk/internal/export"
	"frontdesk/internal/pg"
)

// The measures of live updates (DECISIONS, Live; RELIABILITY C7).
const (
	calm       = 200 * time.Millisecond // one ring per ticket in this time
	recheck    = 4 * time.Second        // how old a stream's rights may be; with the query it stays below 5 s
	heartbeat  = 20 * time.Second       // shorter than the patience of proxies
	slowest    = 32                     // rings a reader may lag behind before it is cut; it comes back and looks at everything
	perRing    = 100                    // tickets a ring names; of more it says to look at everything
	underWay   = 16 << 10               // bytes that wait in the system for a reader
	perAgent   = 30                     // streams
	streamTime = 10 * time.Second       // to take one ring
)

// ring is what a browser is told: that it should look again, never what there is to see.
type ring struct {
	Hello    bool     `json:"hello,omitempty"` // look at everything
	Keys     []string `json:"keys,omitempty"`
	Counters bool     `json:"counters,omitempty"`
}

// stream is one browser that watches. Its rights are the hub's to keep fresh.
type stream struct {
	hash  []byte
	agent agent.Agent
	rings chan ring
	over  chan struct{} // closed when the stream shall end
}

// hub tells every watching browser of this process what changed among the tickets its agent may see.
type hub struct {
	db      *pg.DB
	watcher *event.Watcher
	log     *slog.Logger
	now     func() time.Time

	mu      sync.Mutex
	streams map[*stream]struct{}
	closed  bool
}

func newHub(db *pg.DB, rings *event.Broker, log *slog.Logger, now func() time.Time) *hub {
	return &hub{db: db, watcher: rings.Watch("t:", "q:", "a:", "i:", export.Ring, export.ProgressRing, alarm.Ring), log: log, now: now, streams: map[*stream]struct{}{}}
}

// run passes rings on until ctx ends. The first ring goes at once; what follows within calm waits for the rest of it.
func (h *hub) run(ctx context.Context) error {
	defer h.close()
	defer h.watcher.Close()
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			h.refresh(ctx)
		case <-h.watcher.Wake:
			h.pass(ctx)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(calm):
			}
		}
	}
}

// pass hands on what was rung since the last one. When the database does not answer, everybody is told to look at everything later.
func (h *hub) pass(ctx context.Context) {
	keys, lost := h.watcher.Take()
	if slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, "a:") }) {
		h.refresh(ctx)
	}
	if lost {
		h.each(func(*stream) (ring, bool) { return ring{Hello: true, Counters: true}, true })
		return
	}
	tickets, err := h.queuesOf(ctx, numbered(keys, "t:"))
	if err != nil {
		if ctx.Err() == nil {
			h.log.WarnContext(ctx, "rings could not be handed on", "err", err)
			h.each(func(*stream) (ring, bool) { return ring{Hello: true, Counters: true}, true })
		}
		return
	}
	rung := news{tickets: tickets, left: numbered(keys, "q:"), alarms: slices.Contains(keys, alarm.Ring),
		inbound: slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, "i:") }),
		exports: slices.DeleteFunc(keys, func(k string) bool {
			return !strings.HasPrefix(k, export.Ring) && !strings.HasPrefix(k, export.ProgressRing)
		})}
	h.each(func(s *stream) (ring, bool) { return s.ringFor(rung) })
}

// news is what was rung, for everybody.
type news struct {
	tickets         []ticketQueue
	left            []int64 // queues that a ticket left
	inbound, alarms bool
	exports         []string
}

// ticketQueue is where a rung ticket waits now, or waited when it was deleted: that it is gone is told to those who saw it.
type ticketQueue struct{ ID, QueueID int64 }

// queuesOf looks the rung tickets up in one query, in the order of their numbers.
func (h *hub) queuesOf(ctx context.Context, ids []int64) ([]ticketQueue, error) {
	if len(ids) == 0 || h.count() == 0 {
		return nil, nil
	}
	return pg.List[ticketQueue](ctx, h.db, `SELECT id, queue_id FROM ticket WHERE id = ANY($1) ORDER BY id`, ids)
}

// numbered are the numbers of the keys with a prefix.
func numbered(keys []string, prefix string) (ids []int64) {
	for _, key := range keys {
		digits, ok := strings.CutPrefix(key, prefix)
		if id, err := strconv.ParseInt(digits, 10, 64); ok && err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// ringFor picks what the stream's agent may see. Who works in a queue that a ticket left looks at everything, for it may be foreign to them by now;
// who sees all queues is rung by the ticket itself.
func (s *stream) ringFor(n news) (ring, bool) {
	var r ring
	if s.agent.Can(agent.TicketRead) {
		if !s.agent.Can(agent.QueueAll) && slices.ContainsFunc(n.left, s.agent.Sees) {
			r.Hello = true
		}
		for _, t := range n.tickets {
			if !s.agent.Sees(t.QueueID) {
				continue
			}
			if len(r.Keys) == perRing {
				return ring{Hello: true, Counters: true}, true
			}
			r.Keys = append(r.Keys, event.TicketKey(t.ID))
		}
	}
	if n.alarms && s.agent.Can(agent.QuarantineManage) {
		r.Keys = append(r.Keys, alarm.Ring)
	}
	r.Counters = r.Hello || len(r.Keys) > 0 || n.inbound && s.agent.Can(agent.QuarantineManage)
	for _, k := range n.exports {
		if k == export.RingTo(s.agent.ID) || k == export.ProgressTo(s.agent.ID) {
			r.Keys = append(r.Keys, k)
		}
	}
	return r, r.Counters || len(r.Keys) > 0
}

// refresh reads the rights of every stream again, in one query, and ends those whose session has ended. Whose rights have changed looks at everything.
func (h *hub) refresh(ctx context.Context) {
	asked, hashes := h.asked()
	if len(asked) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recheck)
	defer cancel()
	found, err := agent.BySessions(ctx, h.db, hashes, h.now())
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			h.log.WarnContext(ctx, "sessions of live streams could not be read", "err", err)
		}
		return // nothing is rung either while the database does not answer
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range asked {
		session, ok := found[string(s.hash)]
		if !ok {
			h.cut(s)
			continue
		}
		was := s.agent
		s.agent = session.Agent
		if !slices.Equal(was.Permissions, s.agent.Permissions) || !slices.Equal(was.Queues, s.agent.Queues) {
			h.tell(s, ring{Hello: true, Counters: true})
		}
	}
}

func (h *hub) asked() (streams []*stream, hashes [][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		streams = append(streams, s)
		hashes = append(hashes, s.hash)
	}
	return streams, hashes
}

// each offers every stream its ring.
func (h *hub) each(f func(*stream) (ring, bool)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		if r, ok := f(s); ok {
			h.tell(s, r)
		}
	}
}

// tell gives a stream its ring, or cuts it when it does not take what it has.
func (h *hub) tell(s *stream, r ring) {
	select {
	case s.rings <- r:
	default:
		h.cut(s)
	}
}

func (h *hub) cut(s *stream) {
	if _, ok := h.streams[s]; ok {
		delete(h.streams, s)
		close(s.over)
	}
}

// join adds a browser; nil when the process is stopping or the agent has too many already.
func (h *hub) join(who signedIn) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	same := 0
	for s := range h.streams {
		if s.agent.ID == who.agent.ID {
			same++
		}
	}
	if h.closed || same >= perAgent {
		return nil
	}
	s := &stream{hash: agent.HashSession(who.session), agent: who.agent, rings: make(chan ring, slowest), over: make(chan struct{})}
	h.streams[s] = struct{}{}
	return s
}

func (h *hub) leave(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cut(s)
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.streams {
		h.cut(s)
	}
}

func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams)
}

// connection is the key under which a request finds what it came over (HTTP).
type connection struct{}

// live is the event stream of a browser (href.Live). It takes nothing from the visitor but the session.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	st := s.hub.join(current(r))
	if st == nil {
		w.Header().Set("Retry-After", "5")
		return plain(w, http.StatusTooManyRequests, "too many streams")
	}
	defer s.hub.leave(st)
	if c, ok := r.Context().Value(connection{}).(*net.TCPConn); ok {
		_ = c.SetWriteBuffer(underWay) // else megabytes for each reader that does not read
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // nginx must not collect it
	w.WriteHeader(http.StatusOK)
	out := lines{w, http.NewResponseController(w)}
	if !out.send("retry: 2000\n" + frame(ring{Hello: true, Counters: true})) {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		ok := true
		select {
		case <-r.Context().Done():
			return nil
		case <-st.over:
			return nil
		case rg := <-st.rings:
			ok = out.send(frame(rg))
		case <-beat.C:
			ok = out.send(": \n\n")
		}
		if !ok {
			return nil
		}
	}
}

func frame(r ring) string {
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // text and bools only
	}
	return fmt.Sprintf("event: ring\ndata: %s\n\n", data)
}

// lines writes to a browser that has streamTime for each piece.
type lines struct {
	w http.ResponseWriter
	c *http.ResponseController
}

func (l lines) send(s string) bool {
	_ = l.c.SetWriteDeadline(time.Now().Add(streamTime))
	_, err := io.WriteString(l.w, s)
	return err == nil && l.c.Flush() == nil
}
