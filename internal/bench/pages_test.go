//go:build bench

package bench

import (
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
	"frontdesk/web"
)

// TestPages asks for list and card of a desk with 100,000 tickets, beside one indexed SELECT rendered bare.
func TestPages(t *testing.T) {
	const tickets = 100_000
	db := database(t, server(t), "pages")
	crowd(t, db, tickets)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	base, _ := url.Parse("http://localhost")
	s := web.New(web.Options{DB: db, Rings: event.NewBroker(db), BaseURL: base, SessionKey: []byte("0123456789abcdef0123456789abcdef"), MessageIDKey: []byte("0123456789abcdef0123456789abcdef")})
	cookie := signIn(t, s)

	bare := ask(t, bareList(db), nil, func(int) string { return "/" })
	list := ask(t, s, cookie, func(int) string { return "/tickets?view=queues" })
	deep := ask(t, s, cookie, deepPages(t, s, cookie))
	card := ask(t, s, cookie, func(i int) string { return fmt.Sprintf("/tickets/%d", 100001+(i*7919)%tickets) })

	for _, row := range []struct {
		what       string
		ours, bare [2]time.Duration
		target     string
	}{{"list, 100,000 tickets", list, bare, "<= 8x"}, {"list, 1,000 pages deep", deep, list, "<= 1.3x the first page"}, {"card, five messages", card, bare, "<= 8x"}} {
		fmt.Printf("%-28s p50 %6.2f ms  p95 %6.2f ms   bare p50 %6.2f ms   ratio %5.2f   (target %s)\n", row.what, ms(row.ours[0]), ms(row.ours[1]), ms(row.bare[0]), ms(row.ours[0])/ms(row.bare[0]), row.target)
	}
}

// signIn is the cookie of the agent of all queues.
func signIn(t *testing.T, h http.Handler) *http.Cookie {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/sign-in", strings.NewReader(url.Values{"email": {"emma@desk.test"}, "password": {"walnut-and-oak-26"}}.Encode()))
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

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// ask makes 400 requests, 50 to warm up, and answers p50 and p95; the median of three such rounds.
func ask(t *testing.T, h http.Handler, cookie *http.Cookie, path func(i int) string) [2]time.Duration {
	t.Helper()
	var all [][2]time.Duration
	for range rounds {
		var took []time.Duration
		for i := range 400 {
			r := httptest.NewRequest(http.MethodGet, path(i), nil)
			if cookie != nil {
				r.AddCookie(cookie)
			}
			w := httptest.NewRecorder()
			began := time.Now()
			h.ServeHTTP(w, r)
			if i >= 50 {
				took = append(took, time.Since(began))
			}
			if w.Code != http.StatusOK {
				t.Fatalf("GET %s: %d", path(i), w.Code)
			}
		}
		slices.Sort(took)
		all = append(all, [2]time.Duration{took[len(took)/2], took[len(took)*95/100]})
	}
	slices.SortFunc(all, func(a, b [2]time.Duration) int { return int(a[0] - b[0]) })
	return all[len(all)/2]
}

var olderLink = regexp.MustCompile(`href="(/tickets\?view=queues&amp;after=[^"]+)"`)

// deepPages are addresses of pages far down the list, from the keys of tickets there.
func deepPages(t *testing.T, s http.Handler, cookie *http.Cookie) func(int) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/tickets?view=queues", nil)
	r.AddCookie(cookie)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if olderLink.FindStringSubmatch(w.Body.String()) == nil {
		t.Fatal("the list has no link to older tickets")
	}
	return func(i int) string {
		at := start.Add(time.Duration(45_000-i*100) * time.Second)
		return "/tickets?view=queues&after=" + fmt.Sprintf("%s-%s", base36(at.UnixMicro()), base36(int64(145_000)))
	}
}

func base36(n int64) string { return strconv.FormatInt(n, 36) }

// bareList is the limit: one indexed SELECT of 50 rows, rendered by a small template.
func bareList(db *pg.DB) http.Handler {
	page := template.Must(template.New("").Parse(`<!doctype html><table>{{range .}}<tr><td>{{.ID}}<td>{{.Subject}}<td>{{.Requester}}<td>{{.Kind}}<td>{{.ChangedAt}}</tr>{{end}}</table>`))
	type line struct {
		ID                       int64
		Subject, Requester, Kind string
		ChangedAt                time.Time
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list, err := pg.List[line](r.Context(), db, `
			SELECT id, subject, requester, kind, changed_at FROM ticket WHERE deleted_at IS NULL ORDER BY changed_at DESC, id DESC LIMIT 50`)
		if err == nil {
			err = page.Execute(w, list)
		}
		if err != nil {
			http.Error(w, err.Error(), 500)
		}
	})
}

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// crowd fills a desk in bulk: tickets in ten queues with five messages each, clocks and events; emma@desk.test works in all of them.
func crowd(t *testing.T, db *pg.DB, tickets int) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *pg.Tx) (err error) {
		for i := range 9 {
			if _, err := desk.AddQueue(t.Context(), tx, fmt.Sprintf("Queue %d", i)); err != nil {
				return err
			}
		}
		_, err = agent.AddFirst(t.Context(), tx, agent.New{Email: "emma@desk.test", Name: "Emma", Password: "walnut-and-oak-26"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, assignee_id, requester, requester_name, created_at, changed_at, next_due)
			SELECT 'Order ' || n || ' has not arrived and nobody answers the phone', 1 + n % 10, s.id, s.kind, 1 + n % 3, CASE WHEN n % 3 = 0 THEN 1 END,
				'user' || n % 20000 || '@customer.test', 'Customer ' || n % 20000, '2026-01-01'::timestamptz + n * interval '1 second', '2026-01-01'::timestamptz + n * interval '1 second', NULL
			FROM generate_series(1, $1::int) n JOIN status s ON s.id = CASE WHEN n % 10 < 3 THEN 1 WHEN n % 10 < 5 THEN 2 WHEN n % 10 < 7 THEN 3 ELSE 6 END ORDER BY n`,
		`INSERT INTO ticket_participant (ticket_id, address, role, since) SELECT id, requester, 'requester', created_at FROM ticket WHERE $1::int > 0`,
		`INSERT INTO ticket_clock (ticket_id, goal, minutes, due_at) SELECT t.id, g, 240, t.created_at + interval '4 hours' FROM ticket t, unnest('{reaction,alarm,execution}'::text[]) g WHERE $1::int > 0`,
		`INSERT INTO message (ticket_id, kind, at, from_address, from_name, to_list, subject, rfc_id, excerpt)
			SELECT t.id, CASE WHEN k % 2 = 0 THEN 'in' ELSE 'comment' END, t.created_at + k * interval '1 minute', t.requester, t.requester_name, '{support@desk.test}', t.subject, 'm' || t.id || '.' || k || '@customer.test', 'Where is it?'
			FROM ticket t, generate_series(0, 4) k WHERE $1::int > 0`,
		`INSERT INTO message_body (message_id, text) SELECT id, repeat('Where is it? I have waited for a week now. ', 12) FROM message WHERE $1::int > 0`,
		`INSERT INTO event (at, subject_kind, subject_id, kind, message_id) SELECT at, 'ticket', ticket_id, CASE kind WHEN 'in' THEN 'received' ELSE 'commented' END, id FROM message WHERE $1::int > 0`,
		`UPDATE ticket SET last_in_id = m.id FROM (SELECT ticket_id, max(id) AS id FROM message WHERE kind = 'in' GROUP BY 1) m WHERE m.ticket_id = ticket.id AND $1::int > 0`,
	} {
		if _, err := db.Pool().Exec(t.Context(), sql, tickets); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Pool().Exec(t.Context(), `VACUUM ANALYZE`); err != nil {
		t.Fatal(err)
	}
}
