package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

const password = "blue paper boats"

// site is a running process: server, broker, hub.
type site struct {
	*Server
	t    *testing.T
	url  string
	said *journal
}

// start runs a process on db as serve does.
func start(t *testing.T, db *pg.DB, change ...func(*Options)) *site {
	t.Helper()
	said := &journal{}
	http := httptest.NewUnstartedServer(nil)
	base, err := url.Parse("http://" + http.Listener.Addr().String())
	must(t, err)
	key := sha256.Sum256([]byte("test"))
	o := Options{DB: db, Rings: event.NewBroker(db), BaseURL: base, SessionKey: key[:], Version: "test",
		Log: slog.New(slog.NewTextHandler(said, nil))}
	for _, c := range change {
		c(&o)
	}
	s := New(o)
	http.Config = s.HTTP()
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	first := o.Rings.Watch()
	wg.Go(func() { _ = o.Rings.Run(ctx) })
	<-first.Wake // it listens
	first.Close()
	wg.Go(func() { _ = s.Run(ctx) })
	http.Start()
	t.Cleanup(func() { s.Drain(); http.Close(); stop(); wg.Wait() })
	return &site{Server: s, t: t, url: http.URL, said: said}
}

// journal is the log.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// errors are the lines of the log about what broke.
func (j *journal) errors() string {
	var all []string
	for line := range strings.Lines(j.String()) {
		if strings.Contains(line, "level=ERROR") {
			all = append(all, line)
		}
	}
	return strings.Join(all, "")
}

// browser keeps cookies, follows nothing, and says where its requests come from, as browsers do.
type browser struct {
	*site
	http *http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

func (b *browser) send(method, path string, form url.Values, headers ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	must(b.t, err)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := b.http.Do(req)
	must(b.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(b.t, err)
	return answer{resp, string(body)}
}

func (b *browser) get(path string, headers ...string) answer {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil, headers...)
}

// post sends pairs of a field and its value.
func (b *browser) post(path string, fields ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.send(http.MethodPost, path, form)
}

// as is a browser signed in to the account.
func (s *site) as(email string) *browser {
	s.t.Helper()
	b := s.browser()
	if a := b.post("/sign-in", "email", email, "password", password); a.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("sign in as %s: %s\n%s", email, a.Status, a.body)
	}
	return b
}

func (a answer) page(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	must(t, err)
	return doc
}

// people are the four who ask in the tests of access: nobody, and these three.
const (
	outsider = "outsider@desk.test" // an agent without queues
	insider  = "insider@desk.test"  // an agent of the inbox
	boss     = "boss@desk.test"     // an administrator
)

func staffed(t *testing.T, db *pg.DB) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		ctx := t.Context()
		_, err := agent.AddFirst(ctx, tx, agent.New{Email: boss, Name: "Boss", Password: password})
		must(t, err)
		_, err = agent.Add(ctx, tx, agent.New{Email: outsider, Name: "Outsider", Password: password})
		must(t, err)
		id, err := agent.Add(ctx, tx, agent.New{Email: insider, Name: "Insider", Password: password})
		must(t, err)
		must(t, agent.GiveQueue(ctx, tx, 0, id, inbox(t, tx), 1))
	})
}

// Those who join the three in the matrix: a second agent of the inbox, and a manager, who sees every queue.
const (
	colleague = "colleague@desk.test"
	manager   = "manager@desk.test"
)

// crewed is staffed with the two more. They have the insider's password; making one takes its time.
func crewed(t *testing.T, db *pg.DB) {
	t.Helper()
	staffed(t, db)
	exec(t, db, `
		INSERT INTO agent (email, name, password_hash, profile_id, created_at)
		SELECT x.email, x.name, i.password_hash, p.id, i.created_at FROM (VALUES ($1, 'Colleague', 'agent'), ($2, 'Manager', 'manager')) AS x (email, name, profile)
		JOIN profile p ON p.key = x.profile JOIN agent i ON i.email = $3`, colleague, manager, insider)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		must(t, agent.GiveQueue(t.Context(), tx, 0, agentID(t, db, colleague), inbox(t, tx), 1))
	})
}

func inbox(t *testing.T, r pg.Reader) int64 {
	t.Helper()
	id, err := pg.One[int64](t.Context(), r, `SELECT id FROM queue WHERE key = 'inbox'`)
	must(t, err)
	return id
}

// newTicket puts a bare ticket into a queue.
func newTicket(t *testing.T, db *pg.DB, queue int64) (id int64) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		id, err = pg.One[int64](t.Context(), tx, `
			INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
			SELECT 'Printer', $1, s.id, s.kind, p.id, $2, $2 FROM status s, priority p WHERE s.key = 'new' AND p.key = 'normal' RETURNING id`, queue, tx.Now)
		must(t, err)
	})
	return id
}

func secondQueue(t *testing.T, db *pg.DB) (id int64) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		id, err = pg.One[int64](t.Context(), tx, `
			INSERT INTO queue (name, calendar_id, default_priority_id) SELECT 'Second', calendar_id, default_priority_id FROM queue LIMIT 1 RETURNING id`)
		must(t, err)
	})
	return id
}

func exec(t *testing.T, db *pg.DB, sql string, args ...any) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		_, err := pg.Exec(t.Context(), tx, sql, args...)
		must(t, err)
	})
}

func agentID(t *testing.T, db *pg.DB, email string) int64 {
	t.Helper()
	id, err := pg.One[int64](t.Context(), db, `SELECT id FROM agent WHERE email = $1`, email)
	must(t, err)
	return id
}

func prefixes(cidr ...string) (all []netip.Prefix) {
	for _, c := range cidr {
		all = append(all, netip.MustParsePrefix(c))
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon waits for something that happens in another process, checked every few milliseconds; only a broken program makes it wait long.
func soon(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !happened(); {
		if time.Now().After(end) {
			t.Fatalf("did not happen: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// formOf is what a browser sends of a form that nobody touched.
func formOf(form *goquery.Selection) url.Values {
	v := url.Values{}
	form.Find("input[name], select[name], textarea[name]").Each(func(_ int, f *goquery.Selection) {
		value := f.AttrOr("value", "")
		_, checked := f.Attr("checked")
		if kind := f.AttrOr("type", ""); (kind == "radio" || kind == "checkbox") && !checked {
			return
		}
		if f.Is("select") {
			value = f.Find("option[selected]").AttrOr("value", "")
		}
		if f.Is("textarea") {
			value = f.Text()
		}
		v.Add(f.AttrOr("name", ""), value)
	})
	return v
}
