package web

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/search"
)

// far gives the numbers of each table six digits and a range of their own: none stands for two things, and absent ones look like those of a later day.
func far(t *testing.T, db *pg.DB) {
	t.Helper()
	exec(t, db, `
		SELECT setval(c.oid::regclass, 200000 + 10000 * row_number() OVER (ORDER BY c.oid))
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND n.nspname = 'public'`)
}

const nowhere = "999999"

// TestNumbersInFieldsTellNothing puts the numbers of foreign things where a form or an address takes one: the answer is what a number of nothing gets
// (RELIABILITY C6).
func TestNumbersInFieldsTellNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	far(t, db)
	now := time.Now()
	s := start(t, db, func(o *Options) { o.Now = func() time.Time { return now } })
	second := secondQueue(t, db)
	mine, theirs := made(t, db, inbox(t, db)), made(t, db, second)
	other := newTicket(t, db, second)
	card := "/tickets/" + mine["tickets"]
	people := map[string]*browser{insider: s.as(insider), colleague: s.as(colleague), manager: s.as(manager)}
	for _, c := range []struct {
		who, method, path, field string
		kind                     string // of the thing whose number is put in
		more                     []string
	}{
		{insider, "GET", "/tickets?view=all", "open", "tickets", nil},
		{insider, "GET", "/tickets?view=all", "after", "tickets", nil},
		{insider, "GET", "/tickets?view=all", "q", "tickets", nil},
		{insider, "GET", "/tickets?view=all&q=id:", "", "tickets", nil},
		{insider, "GET", "/tickets?view=s", "", "views", nil},
		{colleague, "GET", "/tickets?view=s", "", "views", nil},
		{insider, "GET", "/palette", "q", "tickets", nil},
		{insider, "GET", "/palette?q=%23", "", "tickets", nil},
		{insider, "GET", "/tickets/bulk?list=view%3Dall", "ticket", "tickets", nil},
		{insider, "GET", card, "answer", "messages", nil},
		{insider, "GET", card + "?compose=reply", "answer", "messages", nil},
		{insider, "GET", card + "?from=view%3Ds", "", "views", nil},
		{insider, "GET", card + "/next?from=view%3Ds", "", "views", nil},
		{insider, "GET", "/me/columns?list=view%3Ds", "", "views", nil},
		{insider, "GET", "/counters?here=view%3Ds", "", "views", nil},
		{insider, "GET", "/counters?here=%2Ftickets%2F", "", "tickets", nil},
		{insider, "POST", "/tickets/bulk", "ticket", "tickets", []string{"star", "1"}},
		{insider, "POST", "/tickets/bulk", "ticket", "tickets", []string{"status", "1"}},
		{insider, "POST", "/tickets/bulk", "ticket", "tickets", []string{"delete", "1"}},
		{insider, "POST", card + "/replies", "answer", "messages", []string{"text", "x", "to", "a@b.test", "version", "1-999999999999"}},
		{insider, "POST", card + "/replies", "file", "files", []string{"text", "x", "to", "a@b.test", "version", "1-999999999999"}},
		{insider, "POST", card + "/comments", "file", "files", []string{"text", "x"}},
		{colleague, "POST", card + "/comments", "file", "files", []string{"text", "x"}},
		{insider, "POST", card + "/seen", "message", "messages", nil},
		{insider, "POST", "/views", "list", "views", []string{"name", "Mine"}},
		{manager, "POST", "/exports", "list", "views", nil},
		{insider, "POST", "/me/columns", "list", "views", []string{"order", "status", "show", "status"}},
	} {
		people[c.who].get("/tickets") // the process knows what the desk calls things, as it does all day
		ask := func(number string) (answer, int) {
			b := people[c.who]
			if c.kind == "views" && c.field == "list" {
				number = "view=s" + number
			}
			path, form := c.path, url.Values{"form_key": {rand.Text()}}
			for i := 0; i < len(c.more); i += 2 {
				form.Set(c.more[i], c.more[i+1])
			}
			switch {
			case c.field == "":
				path += number
			case c.method == http.MethodGet:
				path += either(strings.Contains(path, "?"), "&", "?") + c.field + "=" + number
			default:
				form.Set(c.field, number)
			}
			a, cost := b.counted(c.method, path, form)
			a.body = steady(strings.ReplaceAll(a.body, number, "N"))
			for _, values := range a.Header {
				for i := range values {
					values[i] = newNumber.ReplaceAllString(strings.ReplaceAll(values[i], number, "N"), "$1")
				}
			}
			return a, cost
		}
		number := theirs[c.kind]
		if c.who == colleague {
			number = mine[c.kind] // the insider's alone
		}
		if c.kind == "tickets" {
			number = fmt.Sprint(other)
		}
		there, cost := ask(number)
		none, spent := ask(nowhere)
		what := fmt.Sprintf("%s %s %s=%s as %s", c.method, c.path, c.field, c.kind, c.who)
		if there.StatusCode != none.StatusCode || there.StatusCode >= 500 {
			t.Errorf("%s: %s, nothing %s\n%s", what, there.Status, none.Status, s.said.errors())
		}
		if diff := cmp.Diff(none.body, there.body); diff != "" {
			t.Errorf("%s: the body tells: %s", what, diff)
		}
		if diff := cmp.Diff(none.Header, there.Header); diff != "" {
			t.Errorf("%s: the headers tell: %s", what, diff)
		}
		if cost != spent {
			t.Errorf("%s: %d queries, for nothing %d", what, cost, spent)
		}
	}
}

var random = regexp.MustCompile(`(name="(?:form_key|as_of)" value=|data-as-of=)"[^"]*"`)

// newNumber is what the answer itself made: the message that was written, the deed that was done.
var newNumber = regexp.MustCompile(`(&of=|#m|view=s)[0-9]+`)

// steady leaves out what differs between any two answers.
func steady(body string) string { return random.ReplaceAllString(body, `$1""`) }

// TestWhatOthersHaveChangesNothing reads every page of those who may not see a queue, lets that queue fill up, and reads them again: the bytes are the same,
// so that no list, counter, search, palette, picker or offer, and no header, tells that there is more (RELIABILITY C6).
func TestWhatOthersHaveChangesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	far(t, db)
	now := time.Now().Add(time.Minute)
	s := start(t, db, func(o *Options) { o.Now = func() time.Time { return now } })
	mine := made(t, db, inbox(t, db))
	second := secondQueue(t, db)
	people := map[string]*browser{outsider: s.as(outsider), insider: s.as(insider)}
	crawl := func() map[string]string {
		pages := map[string]string{}
		for email, b := range people {
			for _, path := range pagesOf(t, s, mine) {
				req := b.request(t.Context(), http.MethodGet, path, nil)
				if strings.Contains(path, "?") { // the frame around it is read often enough
					req.Header.Set("HX-Request", "true")
				}
				a := b.serve(req)
				delete(a.Header, "Request-Id")
				pages[email+" "+path] = fmt.Sprint(a.StatusCode, a.Header, steady(a.body))
			}
		}
		return pages
	}
	exec(t, db, `INSERT INTO tag (name, created_at) VALUES ('quiet', now()), ('loud', now())`) // what tags there are is known to everybody, not which are in use
	exec(t, db, `UPDATE ticket SET tag_ids = ARRAY[(SELECT id FROM tag WHERE name = 'loud')]`)
	before := crawl()
	var theirs []things
	for range 3 {
		theirs = append(theirs, made(t, db, second))
	}
	fillUp(t, db, second, theirs)
	after := crawl()
	for _, page := range slices.Sorted(maps.Keys(before)) {
		if diff := cmp.Diff(before[page], after[page]); diff != "" {
			t.Errorf("%s tells of the other queue: %s", page, diff)
		}
	}
	// The positive control: who sees the queue sees the difference.
	b := s.as(boss)
	for _, path := range []string{"/tickets?view=all", "/counters", "/palette?q=zanzibar", "/undelivered"} {
		if a := b.get(path, "HX-Request", "true"); !strings.Contains(a.body, either(strings.HasPrefix(path, "/p"), "Zanzibar", "3")) {
			t.Errorf("%s shows the boss nothing of it", path)
		}
	}
}

// serve answers a request within this process.
func (b *browser) serve(req *http.Request) answer {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.ServeHTTP(w, req)
	return answer{w.Result(), w.Body.String()}
}

// fillUp gives the tickets of a queue words, assignees, tags, stars, postponements and unread mail.
func fillUp(t *testing.T, db *pg.DB, queue int64, all []things) {
	t.Helper()
	exec(t, db, `UPDATE ticket SET subject = 'Zanzibar ' || id, requester = 'zoe@zanzibar.test', requester_name = 'Zoë' WHERE queue_id = $1`, queue)
	exec(t, db, `UPDATE ticket SET assignee_id = $2 WHERE id = (SELECT min(id) FROM ticket WHERE queue_id = $1)`, queue, agentID(t, db, insider))
	exec(t, db, `UPDATE ticket SET tag_ids = ARRAY[(SELECT id FROM tag WHERE name = 'quiet')] WHERE queue_id = $1`, queue)
	exec(t, db, `INSERT INTO ticket_star (agent_id, ticket_id) SELECT $2, id FROM ticket WHERE queue_id = $1`, queue, agentID(t, db, insider))
	exec(t, db, `INSERT INTO ticket_observer (agent_id, ticket_id) SELECT $2, id FROM ticket WHERE queue_id = $1`, queue, agentID(t, db, insider))
	for _, x := range all {
		exec(t, db, `UPDATE message_body SET text = 'Zanzibar zebra' WHERE message_id = $1::text::bigint`, x["messages"])
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			ids, err := pg.List[int64](t.Context(), tx, `SELECT id FROM message WHERE id = $1::text::bigint`, x["messages"])
			must(t, err)
			must(t, search.Fill(t.Context(), tx, ids))
		})
	}
}

// pagesOf is every page there is for what is one's own, with the values a reader may give them: each list, order and word, each field to filter by.
func pagesOf(t *testing.T, s *site, all things) (paths []string) {
	t.Helper()
	for _, rt := range s.routes() {
		if rt.method == http.MethodGet && !streams(rt) && rt.who != anybody {
			paths = append(paths, filled(t, rt.path, all))
		}
	}
	for _, view := range []string{"mine", "unassigned", "queues", "all", "observed", "starred", "postponed", "closed"} {
		paths = append(paths, "/tickets?view="+view, "/tickets/bulk?list=view%3D"+view, "/counters?here=view%3D"+view)
	}
	for _, words := range []string{"zanzibar", "Zanzibar zebra", "from:zoe", "customer:zoe", "tag:quiet", "queue:Second", "is:unread", "is:overdue",
		"has:attachment", "assignee:me", "id:200", "zoë"} {
		q := url.QueryEscape(words)
		paths = append(paths, "/tickets?view=all&q="+q, "/palette?q="+q, "/palette?q=%40"+q, "/palette?q=%23"+q, "/tags?q="+q)
	}
	for _, field := range []string{"queue", "status", "priority", "assignee", "category", "tag", "customer", "company", "from", "id", "created", "older"} {
		paths = append(paths, "/tickets/filter?view=all&field="+field)
	}
	return append(paths, "/tags?q=", "/tags?q=qu", "/tickets?view=all&open="+all["tickets"], "/tickets/"+all["tickets"]+"?preview=1", "/tickets/"+all["tickets"]+"?compose=reply")
}
