package crashtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/templates/href"
)

// TestWatchingBrowsersHearInTimeAndSlowOnesAreCut is fault row 34: very many open streams, some that come and go, some that read nothing.
func TestWatchingBrowsersHearInTimeAndSlowOnesAreCut(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	h := openHouse(t, matrix.Of(t, 34), func() string { return database }, "FRONTDESK_DATABASE_URL="+database, "FRONTDESK_DATA_DIR="+t.TempDir())
	memory := h.watchMemory()
	people, steady, restless, deaf, rings := 6, 120, 20, 0, 10 // until the deaf are cut takes a while
	if alone() {
		people, steady, restless, deaf, rings = 40, 800, 100, 100, 30
	}
	tickets := h.tickets(100) // as many as a ring names
	cookies := h.hire(people)
	before := h.accepted()

	w := &watch{h: h, rung: map[string]time.Time{}}
	for i := range steady {
		w.open(t.Context(), cookies[i%people])
	}
	ctx, calm := context.WithCancel(t.Context())
	var coming sync.WaitGroup
	for i := range restless { // each leaves within two seconds and comes back at once: a tenth of them all in a second
		coming.Go(func() {
			for ctx.Err() == nil {
				stay, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(2000))*time.Millisecond)
				w.listen(stay, cookies[i%people], nil)
				cancel()
			}
		})
	}
	for i := range deaf {
		h.deaf(cookies[i%people])
	}
	h.until("all streams stand", func() bool { return w.standing() == steady && h.accepted() >= before+steady+deaf })
	for _, id := range tickets[:rings] {
		w.ring(id)
		h.until("everybody has heard", func() bool { return w.heardBy(id) == steady })
	}
	took := w.latencies()
	calm()
	coming.Wait()
	answered, opened := h.herd(cookies, steady)

	// Long rings fill what lies between the server and those who read nothing.
	for h.accepted() > before+steady {
		w.ring(tickets...)
		last := tickets[len(tickets)-1]
		h.until("the long ring is heard", func() bool { return w.heardBy(last) == steady })
		if w.long++; w.long > 300 {
			t.Fatalf("%d connections stand, want those %d that read", h.accepted()-before, steady)
		}
	}
	w.leave()
	h.until("all have gone", func() bool { return h.accepted() <= before })
	own, _ := memory.check(h)
	h.row.Injected("%d open streams of %d agents, %d that come and go within two seconds, %d that read nothing", steady, people, restless, deaf)
	p99 := took[len(took)*99/100]
	h.row.Counted("%d rings heard by everybody: half within %s, 99 of 100 within %s; all their lists asked for at once there within %s, a page that somebody opens meanwhile within %s; those that read nothing cut after %d rings of %d tickets; %d MB resident",
		rings, took[len(took)/2].Round(time.Millisecond), p99.Round(time.Millisecond), answered.Round(10*time.Millisecond), opened.Round(time.Millisecond), w.long, len(tickets), own)
	if late(p99, time.Second) || late(opened, time.Second) {
		t.Error("rings were late, or somebody waited for the pages of others")
	}
	if own > 300 {
		t.Errorf("%d MB resident", own)
	}
	// Nothing of them is left running.
	h.ok(h.cmd.Process.Signal(syscall.SIGQUIT))
	<-h.gone
	if said := h.log(); !strings.Contains(said, "goroutine ") || strings.Contains(said, "(*Server).live(") {
		t.Errorf("streams go on without a browser, or no stacks were told: %d goroutines", strings.Count(said, "\ngoroutine "))
	}
}

// herd has n pages ask at once for what is new, a few times over, as browsers do when it rings, and tells how long all of them took and how long
// somebody waited who opened a page meanwhile.
func (h *house) herd(cookies []*http.Cookie, n int) (answered, opened time.Duration) {
	h.Helper()
	pages := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
	defer pages.CloseIdleConnections()
	get := func(cookie *http.Cookie, live bool) {
		r, _ := http.NewRequestWithContext(h.Context(), http.MethodGet, h.address+href.TicketList, nil)
		r.AddCookie(cookie)
		if live {
			r.Header.Set("HX-Request", "true")
			r.Header.Set("Frontdesk-Live", "1")
		}
		a, err := pages.Do(r)
		if err != nil {
			h.Error(err)
			return
		}
		defer a.Body.Close()
		if _, err := io.Copy(io.Discard, a.Body); err != nil || a.StatusCode != http.StatusOK {
			h.Error(a.Status, err)
		}
	}
	for range 3 {
		began := time.Now()
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { get(cookies[i%len(cookies)], true) })
		}
		done := make(chan struct{})
		go func() { all.Wait(); close(done) }()
		for asking := true; asking; {
			at := time.Now()
			get(cookies[0], false)
			opened = max(opened, time.Since(at))
			select {
			case <-done:
				asking = false
			default:
			}
		}
		answered = max(answered, time.Since(began))
	}
	return answered, opened
}

// tickets adds n open tickets.
func (h *house) tickets(n int) []int64 {
	h.Helper()
	ids, err := pg.List[int64](h.Context(), h.db, `
		INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
		SELECT 'One of many', queue_id, status_id, kind, priority_id, created_at, changed_at FROM (SELECT * FROM ticket LIMIT 1) t, generate_series(1, $1)
		RETURNING id`, n)
	h.ok(err)
	return ids
}

// hire takes n admins on, each signed in.
func (h *house) hire(n int) (cookies []*http.Cookie) {
	h.Helper()
	base, err := url.Parse(h.address)
	h.ok(err)
	for i := range n {
		email := fmt.Sprintf("watcher%d@desk.test", i)
		h.tx(func(tx *pg.Tx) {
			_, err := agent.Add(h.Context(), tx, agent.New{Email: email, Name: "Watcher", Profile: "admin", Password: housePassword})
			h.ok(err)
		})
		jar, _ := cookiejar.New(nil)
		browser := &http.Client{Jar: jar, CheckRedirect: h.browser.CheckRedirect}
		a, err := browser.PostForm(h.address+"/sign-in", url.Values{"email": {email}, "password": {housePassword}})
		h.ok(err)
		a.Body.Close()
		i := slices.IndexFunc(jar.Cookies(base), func(c *http.Cookie) bool { return c.Name == "frontdesk" })
		if i < 0 {
			h.Fatalf("%s is not let in: %s", email, a.Status)
		}
		cookies = append(cookies, jar.Cookies(base)[i])
	}
	return cookies
}

// accepted is how many connections the process holds open towards browsers.
func (h *house) accepted() (n int) {
	h.Helper()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(h.address, "http://"))
	h.ok(err)
	number, _ := strconv.Atoi(port)
	b, err := os.ReadFile("/proc/net/tcp")
	h.ok(err)
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 3 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", number)) && (f[3] == "01" || f[3] == "08") { // established, or left by the other side
			n++
		}
	}
	return n
}

// deaf opens a stream that nobody reads.
func (h *house) deaf(cookie *http.Cookie) {
	h.Helper()
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	c, err := d.DialContext(h.Context(), "tcp", strings.TrimPrefix(h.address, "http://"))
	h.ok(err)
	h.Cleanup(func() { c.Close() })
	_, err = io.WriteString(c, "GET "+href.Live+" HTTP/1.1\r\nHost: desk\r\nCookie: "+cookie.String()+"\r\n\r\n")
	h.ok(err)
}

// watch is many browsers that listen, and what they have heard.
type watch struct {
	h    *house
	long int // long rings so far

	mu    sync.Mutex
	rung  map[string]time.Time // by key, the last one
	heard map[string]int       // how many have heard it since
	took  []time.Duration
	up    int
	stop  []context.CancelFunc
	all   sync.WaitGroup
}

// open lets one more listen until leave.
func (w *watch) open(ctx context.Context, cookie *http.Cookie) {
	ctx, cancel := context.WithCancel(ctx)
	w.stop = append(w.stop, cancel)
	w.all.Go(func() { w.listen(ctx, cookie, w.hear) })
}

func (w *watch) leave() {
	for _, stop := range w.stop {
		stop()
	}
	w.all.Wait()
}

// listen reads a stream to its end; hear gets the keys of each ring, nil keys for the greeting.
func (w *watch) listen(ctx context.Context, cookie *http.Cookie, hear func(keys []string)) {
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, w.h.address+href.Live, nil)
	r.AddCookie(cookie)
	browser := &http.Transport{} // a connection of its own
	defer browser.CloseIdleConnections()
	a, err := browser.RoundTrip(r)
	if err != nil {
		return
	}
	defer a.Body.Close()
	lines := bufio.NewScanner(a.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || hear == nil {
			continue
		}
		var ring struct{ Keys []string }
		if json.Unmarshal([]byte(data), &ring) == nil {
			hear(ring.Keys)
		}
	}
}

func (w *watch) hear(keys []string) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if keys == nil {
		w.up++
	}
	for _, k := range keys {
		if at, ok := w.rung[k]; ok {
			w.heard[k]++
			w.took = append(w.took, now.Sub(at))
		}
	}
}

// ring tells everybody to look at these tickets. What they had heard before counts no more.
func (w *watch) ring(tickets ...int64) {
	w.h.Helper()
	w.h.tx(func(tx *pg.Tx) {
		for _, id := range tickets {
			event.Ring(tx, event.TicketKey(id))
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.heard = map[string]int{}
		w.rung = map[string]time.Time{event.TicketKey(tickets[len(tickets)-1]): time.Now()}
	})
}

func (w *watch) heardBy(ticket int64) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard[event.TicketKey(ticket)]
}

func (w *watch) standing() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.up
}

// latencies are how long the rings so far took to each browser, the shortest first.
func (w *watch) latencies() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.took)
	return slices.Clone(w.took)
}
