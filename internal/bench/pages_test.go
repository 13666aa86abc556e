//go:build bench

package bench

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/bench/seed"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
	"frontdesk/web"
)

// sizes are the desks that are measured, as tickets and messages. FRONTDESK_BENCH_TICKETS=10000,100000 takes only these;
// FRONTDESK_BENCH_MESSAGES=5000000 fills the largest with that many, which takes an hour. FRONTDESK_BENCH_PAGES=^search takes only such pages.
func sizes() [][2]int {
	all := [][2]int{{10_000, 50_000}, {100_000, 500_000}, {1_000_000, 1_200_000}}
	if most, err := strconv.Atoi(os.Getenv("FRONTDESK_BENCH_MESSAGES")); err == nil {
		all[2][1] = most
	}
	asked := os.Getenv("FRONTDESK_BENCH_TICKETS")
	if asked == "" {
		return all
	}
	return slices.DeleteFunc(all, func(size [2]int) bool { return !slices.Contains(strings.Split(asked, ","), strconv.Itoa(size[0])) })
}

// page is one thing people ask for.
type page struct {
	name  string
	path  func(i int) string
	bare  string // the bare limit it stands beside
	limit string // told beside the ratio
}

// speed is what one page cost: wall, requests a second with one asking and with sixteen, CPU a request of the program and of the database.
type speed struct {
	p50, p95       time.Duration
	one, sixteen   float64
	program, store time.Duration
}

// sized is one desk that is measured: its pages and what they cost, in the order of the pages.
type sized struct {
	sheet
	h      http.Handler
	bare   map[string]http.Handler
	cookie *http.Cookie
	pages  []page
	costs  []speed
}

// TestPages asks for the pages of desks of three sizes, beside bare statements on the same desk, rendered by a small template. All of them are asked by
// turns: neither a ratio nor the growth from size to size may depend on the moment.
func TestPages(t *testing.T) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	var desks []*sized
	for _, size := range sizes() {
		db := open(t, keptServer(t), kept(t, size[0], size[1]))
		defer db.Close()
		d := &sized{h: product(db), bare: limits(db), pages: pages(t, db, size[0]),
			sheet: sheet{title: fmt.Sprintf("Pages, %s tickets and %s messages", thousands(size[0]), thousands(size[1])),
				head: []string{"page", "p50 ms", "p95 ms", "a second at 1", "at 16", "CPU ms", "of it database", "bare p50", "times bare", "goal"}}}
		d.cookie = signIn(t, d.h, 3) // an agent of three of the eight queues
		if only := os.Getenv("FRONTDESK_BENCH_PAGES"); only != "" {
			d.pages = slices.DeleteFunc(d.pages, func(p page) bool { return !regexp.MustCompile(only).MatchString(p.name) })
		}
		desks = append(desks, d)
	}
	for i := range desks[0].pages {
		var sides []asked
		for _, d := range desks {
			p := d.pages[i]
			sides = append(sides, asked{d.h, d.cookie, p.path}, asked{d.bare[p.bare], nil, p.path})
		}
		found := ask(t, sides...)
		for n, d := range desks {
			d.cost(d.pages[i], found[2*n], found[2*n+1])
		}
	}
	for _, d := range desks {
		tell(d.sheet)
	}
	growth(desks)
}

// cost writes down what a page cost. The list's first page comes before those that are told as a part of it.
func (d *sized) cost(p page, ours, limit speed) {
	d.costs = append(d.costs, ours)
	times := fmt.Sprintf("%.1f", ratio(ours, limit))
	if strings.HasSuffix(p.limit, "the first page") {
		times = fmt.Sprintf("%.2f of the first page", ratio(ours, d.costs[0]))
	}
	d.rows = append(d.rows, []string{p.name, ms(ours.p50), ms(ours.p95), whole(ours.one), whole(ours.sixteen), ms(ours.program + ours.store), ms(ours.store), ms(limit.p50), times, p.limit})
}

// growth compares the sizes.
func growth(desks []*sized) {
	if len(desks) < 2 {
		return
	}
	s := sheet{title: "What a hundred times as many tickets cost", head: []string{"p50 ms of"}, notes: []string{"Goal: the largest costs at most 1.5 times what the smallest does."}}
	for _, size := range sizes() {
		s.head = append(s.head, thousands(size[0]))
	}
	s.head = append(s.head, "times")
	for i, p := range desks[0].pages {
		row := []string{p.name}
		for _, d := range desks {
			row = append(row, ms(d.costs[i].p50))
		}
		s.rows = append(s.rows, append(row, fmt.Sprintf("%.2f", ratio(desks[len(desks)-1].costs[i], desks[0].costs[i]))))
	}
	tell(s)
}

// pages are what the issue asks for.
func pages(t *testing.T, db *pg.DB, tickets int) []page {
	t.Helper()
	at := func(path string) func(int) string { return func(int) string { return path } }
	find := func(words []string) func(int) string {
		return func(i int) string { return "/tickets?view=all&q=" + url.QueryEscape(words[i%len(words)]) }
	}
	w := seed.Words()
	return []page{
		{"list", at("/tickets?view=all"), "list", "<= 4x"},
		{"list, open in my queues", at("/tickets?view=queues"), "list", "<= 4x"},
		{"list, far down", deep(t, db), "list", "<= 1.3 of the first page"},
		{"list, three filters", at("/tickets?view=all&q=" + url.QueryEscape("queue:Orders tag:damaged priority:normal")), "list", "<= 4x"},
		{"list, by next due time", at("/tickets?view=queues&order=due"), "list", "<= 4x"},
		{"list, near their deadline", at("/tickets?view=all&order=due&q=is:near"), "list", ""},
		{"counters", at("/counters"), "count", ""},
		{"search, rare word", find(w.Rare), "look up", "<= 1.5x, p95 <= 30 ms"},
		{"search, middling word", find(w.Middling), "search", "<= 1.5x, p95 <= 30 ms"},
		{"search, common word", find(w.Common), "search", "<= 1.5x, p95 <= 30 ms"},
		{"search, two words and a filter", func(i int) string {
			return "/tickets?view=all&q=" + url.QueryEscape("queue:Orders "+w.Common[i%len(w.Common)]+" "+w.Middling[i%len(w.Middling)])
		}, "search", "p95 <= 30 ms"},
		{"search, words in a row", find([]string{`"order delivery"`, `"order invoice"`, `"broken glass"`, `"walnut oak"`}), "search", ""},
		{"card, 20 messages", card(t, db, 20), "list", "<= 4x"},
		{"card, 500 messages", card(t, db, 500), "list", "<= 4x"},
	}
}

// deep are addresses of pages in the older half of the list.
func deep(t *testing.T, db *pg.DB) func(int) string {
	t.Helper()
	type place struct {
		ID        int64
		ChangedAt time.Time
	}
	places, err := pg.List[place](t.Context(), db, `
		SELECT id, changed_at FROM ticket WHERE deleted_at IS NULL AND id < (SELECT (min(id) + max(id)) / 2 FROM ticket) AND id % 97 = 0 ORDER BY id LIMIT 40`)
	if err != nil || len(places) == 0 {
		t.Fatalf("no place far down: %v", err)
	}
	return func(i int) string {
		p := places[i%len(places)]
		return "/tickets?view=all&after=" + strconv.FormatInt(p.ChangedAt.UnixMicro(), 36) + "-" + strconv.FormatInt(p.ID, 36)
	}
}

// card are the cards of tickets with so many messages that the agent sees.
func card(t *testing.T, db *pg.DB, messages int) func(int) string {
	t.Helper()
	ids, err := pg.List[int64](t.Context(), db, `
		SELECT t.id FROM ticket t JOIN agent_queue q ON q.queue_id = t.queue_id JOIN agent a ON a.id = q.agent_id AND a.email = $2
		WHERE t.deleted_at IS NULL AND t.version = $1 ORDER BY t.id LIMIT 50`, messages, seed.MailOf(3)) // a seeded ticket's version counts its messages
	if err != nil || len(ids) == 0 {
		t.Fatalf("no ticket with %d messages: %v", messages, err)
	}
	return func(i int) string { return fmt.Sprintf("/tickets/%d", ids[i%len(ids)]) }
}

// product is the web side as it runs, without the network.
func product(db *pg.DB) *web.Server {
	base, _ := url.Parse("http://localhost")
	key := []byte("0123456789abcdef0123456789abcdef")
	return web.New(web.Options{DB: db, Rings: event.NewBroker(db), BaseURL: base, SessionKey: key, MessageIDKey: key})
}

// signIn is the cookie of the n-th agent.
func signIn(t *testing.T, h http.Handler, n int) *http.Cookie {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/sign-in", strings.NewReader(url.Values{"email": {seed.MailOf(n)}, "password": {password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == "frontdesk" {
			return c
		}
	}
	t.Fatalf("sign-in answered %d without a cookie", w.Code)
	return nil
}

// asked is what a page is asked of.
type asked struct {
	h      http.Handler
	cookie *http.Cookie
	path   func(i int) string
}

// ask measures: a few requests of each side by turns, so that a moment in which the machine is slow is as slow for all, then each by sixteen at once, of
// which the median of three rounds counts. The first requests of a turn find the caches full of the others' and do not count.
func ask(t *testing.T, sides ...asked) []speed {
	t.Helper()
	const turns, cold, counted = 25, 4, 18
	took := make([][]time.Duration, len(sides))
	for turn := range turns {
		for n, a := range sides {
			for i := range cold + counted {
				if d := a.get(t, turn*counted+i); i >= cold && turn > 0 {
					took[n] = append(took[n], d)
				}
			}
		}
	}
	found := make([]speed, len(sides))
	for n, a := range sides {
		list := make([]speed, rounds)
		for i := range list {
			list[i] = a.crowd(t)
		}
		slices.SortFunc(list, func(a, b speed) int { return cmp.Compare(a.sixteen, b.sixteen) })
		found[n] = list[rounds/2]
		alone := len(took[n])
		found[n].one = float64(alone) / sum(took[n]).Seconds()
		slices.Sort(took[n])
		found[n].p50, found[n].p95 = took[n][alone/2], took[n][alone*95/100]
	}
	return found
}

// get asks once.
func (a asked) get(t *testing.T, i int) time.Duration {
	r := httptest.NewRequest(http.MethodGet, a.path(i), nil)
	if a.cookie != nil {
		r.AddCookie(a.cookie)
	}
	w := status{head: http.Header{}}
	began := time.Now()
	a.h.ServeHTTP(&w, r)
	took := time.Since(began)
	if w.code != http.StatusOK {
		t.Errorf("GET %s: %d", a.path(i), w.code)
	}
	return took
}

// crowd makes 160 requests by sixteen at once.
func (a asked) crowd(t *testing.T) speed {
	const together = 160
	var next atomic.Int64
	var wg sync.WaitGroup
	program, store, began := cpuTime(), storeTime(), time.Now()
	for range 16 {
		wg.Go(func() {
			for i := next.Add(1); i <= together; i = next.Add(1) {
				a.get(t, int(i))
			}
		})
	}
	wg.Wait()
	return speed{sixteen: together / time.Since(began).Seconds(), program: (cpuTime() - program) / together, store: (storeTime() - store) / together}
}

func sum(all []time.Duration) (s time.Duration) {
	for _, d := range all {
		s += d
	}
	return s
}

// status is an answer of which only the status is kept: a recorder that grows with the page would cost more than some of them.
type status struct {
	head http.Header
	code int
}

func (s *status) Header() http.Header { return s.head }

func (s *status) WriteHeader(code int) { s.code = cmp.Or(s.code, code) }

func (s *status) Write(b []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	return len(b), nil
}

// limits are the bare statements on the same desk: 50 indexed rows, rendered; a capped count; the newest 50 messages that hold a word, as the planner
// walks to them ("search"), or by the index of words ("look up"), which for a rare one is a hundred times shorter and not what the planner takes.
func limits(db *pg.DB) map[string]http.Handler {
	rows := template.Must(template.New("").Parse(`<!doctype html><table>{{range .}}<tr><td>{{.ID}}<td>{{.Subject}}<td>{{.Requester}}<td>{{.Kind}}<td>{{.ChangedAt}}</tr>{{end}}</table>`))
	type line struct {
		ID                       int64
		Subject, Requester, Kind string
		ChangedAt                time.Time
	}
	answer := func(read func(ctx context.Context, r *http.Request) (any, error)) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			found, err := read(r.Context(), r)
			if err == nil {
				err = rows.Execute(w, found)
			}
			if err != nil {
				http.Error(w, err.Error(), 500)
			}
		})
	}
	search := func(words string) func(ctx context.Context, r *http.Request) (any, error) {
		return func(ctx context.Context, r *http.Request) (any, error) {
			query := r.URL.Query().Get("q")
			query = strings.ToLower(strings.NewReplacer("queue:Orders ", "", `"`, "", " ", " & ").Replace(query))
			return pg.List[line](ctx, db, `
				SELECT m.id, m.subject, m.from_address AS requester, m.kind, m.at AS changed_at
				FROM (SELECT message_id FROM (SELECT message_id FROM search_document WHERE words @@ `+strings.Replace(words, "%s", query, 1)+`) d
					ORDER BY message_id DESC LIMIT 50) d JOIN message m ON m.id = d.message_id
				ORDER BY d.message_id DESC`)
		}
	}
	return map[string]http.Handler{
		"list": answer(func(ctx context.Context, _ *http.Request) (any, error) {
			return pg.List[line](ctx, db, `SELECT id, subject, requester, kind, changed_at FROM ticket WHERE deleted_at IS NULL ORDER BY changed_at DESC, id DESC LIMIT 50`)
		}),
		"count": answer(func(ctx context.Context, _ *http.Request) (any, error) {
			_, err := pg.One[int](ctx, db, `SELECT count(*) FROM (SELECT FROM ticket WHERE deleted_at IS NULL AND kind IN ('new','open','waiting') LIMIT 1001) x`)
			return []line{}, err
		}),
		"search":  answer(search(`unaccent('%s')::tsquery`)),
		"look up": answer(search(`(SELECT unaccent('%s')::tsquery) OFFSET 0`)),
	}
}

func ratio(a, b speed) float64 { return a.p50.Seconds() / b.p50.Seconds() }

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()*1000) }

func whole(x float64) string { return thousands(int(x + .5)) }

// thousands writes a number as people do.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
