package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// permissions is the closed list of DECISIONS, Who sees what.
var permissions = []agent.Permission{agent.TicketRead, agent.TicketWrite, agent.TicketDelete, agent.TicketSLA, agent.TicketExport, agent.TagCreate,
	agent.CustomerWrite, agent.ViewShare, agent.QueueAll, agent.ReportRead, agent.DeskManage, agent.QueueManage, agent.MailboxManage,
	agent.QuarantineManage, agent.AgentManage, agent.SystemManage, agent.FileInfected}

func TestEveryRouteStatesItsPermission(t *testing.T) {
	t.Parallel()
	s := start(t, pgtest.New(t))
	stated := map[string]access{}
	for _, rt := range s.routes() {
		if rt.who != anybody && rt.who != anyAgent && !slices.Contains(permissions, agent.Permission(rt.who)) {
			t.Errorf("%s %s asks for %q", rt.method, rt.path, rt.who)
		}
		stated[rt.method+" "+rt.path] = rt.who
	}
	must(t, chi.Walk(s.routed, func(method, path string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if _, ok := stated[method+" "+path]; !ok && path != "/static/*" {
			t.Errorf("%s %s is answered but not in the table", method, path)
		}
		return nil
	}))
}

func TestOnlyThesePagesAreForAnybody(t *testing.T) {
	t.Parallel()
	s := start(t, pgtest.New(t))
	var open []string
	for _, rt := range s.routes() {
		if rt.who == anybody {
			open = append(open, rt.method+" "+rt.path)
		}
	}
	slices.Sort(open)
	want := []string{"GET /healthz", "GET /readyz", "GET /set-up", "GET /sign-in", "POST /set-up", "POST /sign-in"}
	if diff := cmp.Diff(want, open); diff != "" {
		t.Error(diff)
	}
}

func streams(rt route) bool { return rt.path == "/live" }

func holds(t *testing.T, db *pg.DB, email string, who access) bool {
	t.Helper()
	if who == anyAgent {
		return true
	}
	ok, err := pg.One[bool](t.Context(), db, `SELECT $2 = ANY(p.permissions) FROM agent a JOIN profile p ON p.id = a.profile_id WHERE a.email = $1`, email, string(who))
	must(t, err)
	return ok
}

func TestRequestsFromOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	all := made(t, db, inbox(t, db))
	b := s.as(boss)
	before := fingerprint(t, db)
	for _, rt := range s.routes() {
		if rt.method == http.MethodGet {
			continue
		}
		path := filled(t, rt.path, all)
		for _, from := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Sec-Fetch-Site", "", "Origin", "https://evil.test"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
			if a := b.send(rt.method, path, all.form(rt), from...); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s from %v: %s", rt.method, path, from, a.Status)
			}
		}
	}
	if diff := cmp.Diff(before, fingerprint(t, db)); diff != "" {
		t.Error(diff)
	}
}

func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	all := made(t, db, inbox(t, db))
	b := s.as(boss)
	before := fingerprint(t, db)
	for _, rt := range s.routes() {
		if rt.method != http.MethodGet || streams(rt) {
			continue
		}
		path := filled(t, rt.path, all)
		b.get(path)
		b.get(path, "HX-Request", "true")
		b.send(http.MethodHead, path, nil)
		s.browser().get(path)
	}
	if diff := cmp.Diff(before, fingerprint(t, db)); diff != "" {
		t.Error(diff)
	}
}

// fingerprint is a hash of every table.
func fingerprint(t *testing.T, db *pg.DB) map[string]string {
	t.Helper()
	tables, err := pg.List[string](t.Context(), db, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'`)
	must(t, err)
	prints := map[string]string{}
	for _, table := range tables {
		prints[table], err = pg.One[string](t.Context(), db, `SELECT md5(COALESCE(string_agg(r::text, E'\n' ORDER BY r::text), '')) FROM `+table+` r`)
		must(t, err)
	}
	return prints
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(boss)
	bodies := map[string]bool{}
	for _, path := range []string{"/nothing", "/debug/pprof/", "/metrics", "/tickets/../etc/passwd", "/.git/config", "/sign-in/x"} {
		a := b.get(path)
		if a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, a.Status)
		}
		bodies[a.body] = true
	}
	if len(bodies) != 1 {
		t.Errorf("%d different pages say that there is nothing", len(bodies))
	}
	if a := b.send(http.MethodDelete, "/sign-in", nil); a.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: %s", a.Status)
	}
	if a := b.post("/live"); a.StatusCode != http.StatusMethodNotAllowed || strings.Contains(a.body, "goroutine") {
		t.Errorf("POST /live: %s", a.Status)
	}
}

func TestPageHeadersOnEveryAnswer(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db, func(o *Options) { o.BaseURL = &url.URL{Scheme: "https", Host: "desk.example"} })
	want := map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
	all := made(t, db, inbox(t, db))
	check := func(what string, a answer) {
		t.Helper()
		for name, value := range want {
			if got := a.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q", what, name, got)
			}
		}
		csp := a.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'"} {
			if !strings.Contains(csp, part) && !strings.Contains(csp, "sandbox") {
				t.Errorf("%s: the policy lacks %s: %s", what, part, csp)
			}
		}
		if strings.Contains(csp, "script-src 'unsafe") || strings.Contains(csp, "unsafe-eval") || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: too open: %v", what, a.Header)
		}
		if a.body != "" && !strings.Contains(a.Header.Get("Content-Type"), "charset=") && strings.HasPrefix(a.Header.Get("Content-Type"), "text/") {
			t.Errorf("%s: no charset in %q", what, a.Header.Get("Content-Type"))
		}
		if cache := a.Header.Get("Cache-Control"); !strings.HasPrefix(what, "GET /static") && cache != noStore && cache != revalidate && !strings.Contains(what, "/parts/") {
			t.Errorf("%s: Cache-Control %q", what, cache)
		}
	}
	for _, b := range []*browser{s.browser(), secure(s, boss)} {
		for _, rt := range s.routes() {
			if !streams(rt) {
				path := filled(t, rt.path, all)
				check(rt.method+" "+path, b.send(rt.method, path, nil, "Origin", "https://other.test", "Sec-Fetch-Site", "same-origin"))
			}
		}
		check("GET /nothing", b.get("/nothing"))
		check("GET /static/x/none.css", b.get("/static/x/none.css"))
		check("PUT /sign-in", b.send(http.MethodPut, "/sign-in", nil))
		check("foreign", b.send(http.MethodPost, "/sign-out", nil, "Sec-Fetch-Site", "cross-site"))
	}
}

// secure signs in to a site that takes itself for an https one: the test's client keeps no Secure cookies over http, so they are put in by hand.
func secure(s *site, email string) *browser {
	b := s.browser()
	a := b.post("/sign-in", "email", email, "password", password)
	b.http.Transport = withCookies{a.Cookies()}
	return b
}

type withCookies struct{ cookies []*http.Cookie }

func (w withCookies) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, c := range w.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestPlainHTTPBeyondThisMachineKeepsItsOwnFormsWorking(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db, func(o *Options) { o.BaseURL = &url.URL{Scheme: "http", Host: "desk.example"} })
	a := s.browser().get("/sign-in")
	if got := a.Header.Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("Referrer-Policy %q would make a form's Origin null", got)
	}
	if a.page(t).Find(`.notice[data-kind=bad]`).Length() != 1 || a.Header.Get("Strict-Transport-Security") != "" {
		t.Error("does not say in red that passwords travel in clear")
	}
}

func TestNothingButStaticIsServedAsScript(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(boss)
	for _, dest := range []string{"script", "style", "worker", "sharedworker", "serviceworker", "object", "embed"} {
		if a := b.get("/sign-in", "Sec-Fetch-Dest", dest); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", dest, a.Status)
		}
	}
	doc := s.browser().get("/sign-in").page(t)
	src, _ := doc.Find("script[src]").First().Attr("src")
	if a := b.get(src, "Sec-Fetch-Dest", "script"); a.StatusCode != http.StatusOK || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %s %s", src, a.Status, a.Header.Get("Cache-Control"))
	}
}

func TestAddressComesFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	s := &Server{proxies: prefixes("10.0.0.0/8", "::1/128")}
	for name, c := range map[string]struct{ remote, said, want string }{
		"no proxy":               {"192.0.2.1:5", "", "192.0.2.1"},
		"a visitor who lies":     {"192.0.2.1:5", "203.0.113.1", "192.0.2.1"},
		"one proxy":              {"10.1.1.1:5", "203.0.113.1", "203.0.113.1"},
		"a lie before the proxy": {"10.1.1.1:5", "1.1.1.1, 203.0.113.1", "203.0.113.1"},
		"two proxies":            {"10.1.1.1:5", "1.1.1.1, 203.0.113.1, 10.2.2.2", "203.0.113.1"},
		"nonsense":               {"10.1.1.1:5", "x\r\ny, 203.0.113.1, zzz", "10.1.1.1"},
		"IPv6":                   {"[::1]:5", "2001:db8::1", "2001:db8::1"},
		"mapped IPv4":            {"[::ffff:10.1.1.1]:5", "203.0.113.9", "203.0.113.9"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": {c.said}}}
		if got := s.address(r); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestProxyHeadersChangeNothingForVisitors(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	plain := s.browser().get("/sign-in")
	for _, header := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "Forwarded", "X-Original-URL", "X-HTTP-Method-Override"} {
		if a := s.browser().get("/sign-in", header, "evil.test"); a.body != plain.body || a.StatusCode != plain.StatusCode {
			t.Errorf("%s changes the page", header)
		}
	}
	if strings.Contains(s.said.String(), "evil.test") {
		t.Error("the log believes a visitor's header")
	}
}

func TestFormsDoNotLeadAway(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"/tickets/100001": "/tickets/100001", "/tickets?view=mine&after=5": "/tickets?view=mine&after=5", "/messages/5#m1": "/messages/5",
		"/undelivered": "/undelivered", "/attachments/5/a%20b.pdf": "/attachments/5/a%20b.pdf",
		"": "/tickets", "/": "/tickets", "tickets": "/tickets", "//evil.test": "/tickets", "///evil.test": "/tickets", `/\evil.test`: "/tickets",
		`\/evil.test`: "/tickets", `/\/evil.test`: "/tickets", "https://evil.test": "/tickets", "http:evil.test": "/tickets", "https:/evil.test": "/tickets",
		"javascript:alert(1)": "/tickets", "data:text/html,x": "/tickets", " /tickets": "/tickets", "/ /evil.test": "/tickets", "/\tevil": "/tickets",
		"/\n/evil.test": "/tickets", "/\r\nSet-Cookie: a=b": "/tickets", "/%5cevil.test": "/tickets", "/%5C/evil.test": "/tickets",
		"/%2f%2fevil.test": "/tickets", "/%2fevil.test": "/tickets", "/\x00": "/tickets", "/é": "/tickets", "/\u2028x": "/tickets", "/sign-out": "/tickets", "/sign-in": "/tickets",
		"/sign-in?next=/sign-in": "/tickets", "/set-up": "/tickets", "/live": "/tickets", "/%zz": "/tickets", "evil.test": "/tickets", "@evil.test": "/tickets",
		"/" + strings.Repeat("a", 3000): "/tickets", "//user@evil.test": "/tickets", "/\x7f": "/tickets", "?x": "/tickets", "#x": "/tickets",
		"/..//evil.test": "/..//evil.test",
	} {
		if got := next(said); got != want {
			t.Errorf("next(%.40q) = %q, want %q", said, got, want)
		}
	}
}

func TestEveryPOSTAnswersTooLargeForms(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(boss)
	large := url.Values{"text": {strings.Repeat("x", medium+1)}}
	for _, rt := range s.routes() {
		if rt.method != http.MethodPost || rt.path == "/sign-out" || inPath.MatchString(rt.path) || rt.path == "/set-up" || rt.path == "/admin/quarantine/retry" {
			continue
		}
		if a := b.send(rt.method, rt.path, large); a.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %s", rt.path, a.Status)
		}
	}
}
