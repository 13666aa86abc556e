package event

import (
	"context"
	"regexp"
	"strings"
	"sync"

	"frontdesk/internal/pg"
)

// Broker hears every ring of the database over one connection and hands it to those in this process who watch. Nobody can slow it down:
// what a watcher has not taken yet is a set of keys, and a set that grows too large becomes "look at everything".
type Broker struct {
	db *pg.DB

	mu       sync.Mutex
	watchers map[*Watcher]struct{}
}

// NewBroker listens to nothing until Run.
func NewBroker(db *pg.DB) *Broker { return &Broker{db: db, watchers: map[*Watcher]struct{}{}} }

// Run listens until ctx ends and comes back by itself after a broken connection; what was rung meanwhile is lost, so everybody is told to
// look at everything.
func (b *Broker) Run(ctx context.Context) error {
	return b.db.Listen(ctx, Channel, func() { b.each(func(w *Watcher) { w.lose() }) }, b.ring)
}

// wellFormed keeps out what nobody here would have rung: the channel is open to every user of the database.
var wellFormed = regexp.MustCompile(`^[a-z]:[0-9]{0,19}$`)

func (b *Broker) ring(key string) {
	if !wellFormed.MatchString(key) {
		return
	}
	b.each(func(w *Watcher) { w.add(key) })
}

func (b *Broker) each(f func(*Watcher)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.watchers {
		f(w)
	}
}

// Watcher collects rings until they are taken.
type Watcher struct {
	// Wake gets a token when there is something to take.
	Wake <-chan struct{}

	broker   *Broker
	wake     chan struct{}
	prefixes []string

	mu   sync.Mutex
	keys map[string]struct{}
	lost bool
}

// mostKeys is where a watcher's set becomes "everything".
const mostKeys = 10_000

// Watch collects the rings whose keys begin with one of the prefixes ("t:" tickets, "o:" outbox), all of them when none is given. Its Wake
// serves as a flow's Wake.
func (b *Broker) Watch(prefixes ...string) *Watcher {
	wake := make(chan struct{}, 1)
	w := &Watcher{Wake: wake, wake: wake, broker: b, prefixes: prefixes, keys: map[string]struct{}{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[w] = struct{}{}
	return w
}

// Take returns the keys rung since the last Take, each once. lost says that some are unknown: look at everything.
func (w *Watcher) Take() (keys []string, lost bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range w.keys {
		keys = append(keys, key)
	}
	lost = w.lost
	clear(w.keys)
	w.lost = false
	return keys, lost
}

// Close ends the watching.
func (w *Watcher) Close() {
	w.broker.mu.Lock()
	defer w.broker.mu.Unlock()
	delete(w.broker.watchers, w)
}

func (w *Watcher) add(key string) {
	if !w.wants(key) {
		return
	}
	w.mu.Lock()
	if len(w.keys) < mostKeys {
		w.keys[key] = struct{}{}
	} else {
		w.lost = true
	}
	w.mu.Unlock()
	w.rouse()
}

func (w *Watcher) lose() {
	w.mu.Lock()
	w.lost = true
	w.mu.Unlock()
	w.rouse()
}

func (w *Watcher) wants(key string) bool {
	for _, p := range w.prefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return len(w.prefixes) == 0
}

func (w *Watcher) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// AgentKey is the ring of one agent: rights or sessions have changed.
func AgentKey(id int64) string { return ringKey(OfAgent, id) }
