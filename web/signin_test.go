package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestSignInLeadsBackToWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.browser()
	a := b.get("/?x=1")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/sign-in?next=%2F%3Fx%3D1" {
		t.Fatalf("%s %s", a.Status, a.Header.Get("Location"))
	}
	for page, want := range map[string]string{"https://desk.test/tickets?view=all&said=bulk&of=7": "/tickets?view=all", "https://desk.test//evil.test": "/tickets", "": "/tickets"} {
		a := b.send(http.MethodPost, "/tickets/100001/star", nil, "HX-Request", "true", "HX-Current-URL", page)
		if to := a.Header.Get("HX-Redirect"); a.StatusCode != http.StatusUnauthorized || to != "/sign-in?next="+url.QueryEscape(want) {
			t.Errorf("a script on %q: %s, %s", page, a.Status, to)
		}
	}
	form := b.get("/sign-in?next=/tickets/100001").page(t).Find("form[action='/sign-in']")
	if got, _ := form.Find("input[name=next]").Attr("value"); got != "/tickets/100001" {
		t.Errorf("next is %q", got)
	}
	if a := b.post("/sign-in", "email", insider, "password", password, "next", "/tickets/100001"); a.Header.Get("Location") != "/tickets/100001" {
		t.Errorf("%s %s", a.Status, a.Header.Get("Location"))
	}
	if a := b.get("/"); a.Header.Get("Location") != "/tickets" {
		t.Errorf("%s %s", a.Status, a.Header.Get("Location"))
	}
	if a := b.get("/sign-in?next=//evil.test"); a.Header.Get("Location") != "/tickets" {
		t.Errorf("signed in already: %s %s", a.Status, a.Header.Get("Location"))
	}
}

func TestRefusedSignInKeepsWhatWasTypedAndSaysTheSameForAll(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	said := map[string]bool{}
	for _, email := range []string{insider, "nobody@desk.test"} {
		a := s.browser().post("/sign-in", "email", email, "password", "wrong password", "next", "/undelivered")
		if a.StatusCode != http.StatusUnprocessableEntity || strings.Contains(a.body, "wrong password") {
			t.Errorf("%s: %s", email, a.Status)
		}
		form := a.page(t).Find("form[action='/sign-in']")
		if got, _ := form.Find("input[name=email]").Attr("value"); got != email {
			t.Errorf("the address is gone: %q", got)
		}
		if got, _ := form.Find("input[name=next]").Attr("value"); got != "/undelivered" {
			t.Errorf("next is gone: %q", got)
		}
		said[strings.ReplaceAll(a.body, email, "X")] = true
	}
	if len(said) != 1 {
		t.Error("the pages tell a known account from an unknown one")
	}
	if a := s.browser().post("/sign-in"); a.StatusCode != http.StatusUnprocessableEntity || a.page(t).Find(".error").Length() != 2 {
		t.Errorf("empty form: %s", a.Status)
	}
}

func TestSignInInThreeLanguages(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	for header, want := range map[string]string{"pl-PL,pl;q=0.9": "pl", "de": "de", "fr": "en", "": "en"} {
		if got, _ := s.browser().get("/sign-in", "Accept-Language", header).page(t).Find("html").Attr("lang"); got != want {
			t.Errorf("%q: %s", header, got)
		}
	}
	a := s.browser().get("/sign-in?lang=pl")
	if got, _ := a.page(t).Find("html").Attr("lang"); got != "pl" {
		t.Errorf("chosen: %s", got)
	}
	a = s.browser().post("/sign-in", "email", insider, "password", "x", "lang", "de")
	if got, _ := a.page(t).Find("html").Attr("lang"); got != "de" {
		t.Errorf("kept through the form: %s", got)
	}
}

func TestTooManySignInsAreToldWhenToTryAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db, func(o *Options) { o.TrustedProxies = prefixes("127.0.0.0/8") })
	owner := s.as(insider)
	guesser := s.browser()
	var last answer
	for range 11 {
		last = guesser.send(http.MethodPost, "/sign-in", url.Values{"email": {insider}, "password": {"guess"}}, "X-Forwarded-For", "203.0.113.1")
	}
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" {
		t.Errorf("%s %q", last.Status, last.Header.Get("Retry-After"))
	}
	if a := owner.send(http.MethodPost, "/sign-in", url.Values{"email": {insider}, "password": {password}}, "X-Forwarded-For", "203.0.113.1"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the owner in a known browser behind the same address: %s", a.Status)
	}
	if a := s.browser().send(http.MethodPost, "/sign-in", url.Values{"email": {outsider}, "password": {password}}, "X-Forwarded-For", "203.0.113.1"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a colleague behind the same address: %s", a.Status)
	}
}

func TestCookiesAreClosedUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	for base, want := range map[string]string{"https://desk.example": "__Host-frontdesk", "http://127.0.0.1:8080": "frontdesk"} {
		s := start(t, db, func(o *Options) { o.BaseURL, _ = url.Parse(base) })
		a := s.browser().post("/sign-in", "email", insider, "password", password)
		if len(a.Cookies()) != 2 || a.Cookies()[0].Name != want {
			t.Fatalf("%s: %v", base, a.Cookies())
		}
		for _, c := range a.Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != (want == "__Host-frontdesk") {
				t.Errorf("%s: %v", base, c)
			}
		}
	}
}

func TestSignInChangesTheSessionAndEndsTheOldOne(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(insider)
	first := cookie(b)
	if a := b.post("/sign-in", "email", insider, "password", password); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if cookie(b) == first {
		t.Error("the session is the same after signing in again")
	}
	if n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM session`); err != nil || n != 1 {
		t.Errorf("%d sessions, %v", n, err)
	}
	old := s.browser()
	old.http.Transport = withCookies{[]*http.Cookie{{Name: "frontdesk", Value: first}}}
	if a := old.get("/"); !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
		t.Errorf("the old session still opens: %s", a.Header.Get("Location"))
	}
}

func TestSessionsNobodyGaveOpenNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	good := cookie(s.as(boss))
	for _, value := range []string{"", " ", "%", "x", strings.Repeat("A", 4000), good[:len(good)-2], good + "x", "null", "[]", "' OR 1=1"} {
		b := s.browser()
		b.http.Transport = withCookies{[]*http.Cookie{{Name: "frontdesk", Value: value}}}
		if a := b.get("/"); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
			t.Errorf("%.20q: %s", value, a.Status)
		}
	}
}

func TestSignOutEndsTheSessionAndEmptiesTheBrowser(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b, other := s.as(insider), s.as(insider)
	kept := cookie(b)
	a := b.post("/sign-out")
	if a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Header.Get("Clear-Site-Data"), `"cache"`) {
		t.Errorf("%s %v", a.Status, a.Header)
	}
	thief := s.browser()
	thief.http.Transport = withCookies{[]*http.Cookie{{Name: "frontdesk", Value: kept}}}
	if a := thief.get("/"); !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
		t.Error("the session outlived the sign-out")
	}
	if a := other.get("/"); a.Header.Get("Location") != "/tickets" {
		t.Error("another browser was signed out too")
	}
}

func TestLiveRequestsDoNotKeepASessionAlive(t *testing.T) {
	t.Parallel()
	db, clock := pgtest.NewWithClock(t)
	staffed(t, db)
	var away time.Duration
	s := start(t, db, func(o *Options) { o.Now = func() time.Time { return time.Now().Add(away) } })
	b := s.as(insider)
	pass := func(d time.Duration) { away += d; clock.Advance(d) }
	pass(6 * time.Hour)
	b.get("/", "Frontdesk-Live", "1")
	pass(7 * time.Hour)
	if a := b.get("/", "Frontdesk-Live", "1"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("after 13 h of rings alone: %s", a.Status)
	}
	b = s.as(insider)
	for range 3 {
		pass(6 * time.Hour)
		if a := b.get("/"); a.Header.Get("Location") != "/tickets" {
			t.Errorf("in use, but ended: %s", a.Header.Get("Location"))
		}
	}
}

func TestLogHoldsEventsAndNoSecrets(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.browser()
	b.post("/sign-in", "email", "canary1@desk.test\r\nlevel=ERROR msg=forged", "password", "canary2")
	b.post("/sign-in", "email", insider, "password", password)
	b.get("/?q=canary3")
	b.post("/sign-out")
	s.as(insider)
	log := s.said.String()
	for _, secret := range []string{"canary", password, cookie(b), "forged"} {
		if secret != "" && strings.Contains(log, secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
	for _, event := range []string{"sign-in refused", "signed in", "signed out", fmt.Sprintf("agent=%d", agentID(t, db, insider)), "address=127.0.0.1"} {
		if !strings.Contains(log, event) {
			t.Errorf("the log lacks %q", event)
		}
	}
}

func TestSettingsOfOneself(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(insider)
	a := b.post("/me/settings", "language", "pl", "keys", "off", "time_zone", "Europe/Warsaw", "next", "/undelivered", "permissions", "all", "email", "x@y.z", "profile_id", "3")
	if a.Header.Get("Location") != "/undelivered" {
		t.Errorf("%s %s", a.Status, a.Header.Get("Location"))
	}
	got, err := pg.One[string](t.Context(), db, `SELECT language || time_zone || theme || single_keys || email || profile_id FROM agent WHERE email = $1`, insider)
	if err != nil || got != "plEurope/Warsawfalse"+insider+"1" {
		t.Errorf("%q %v", got, err)
	}
	if a := b.post("/me/settings", "theme", "pink"); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "motyw") {
		t.Errorf("%s\n%s", a.Status, a.body)
	}
}

func cookie(b *browser) string {
	u, _ := url.Parse(b.url)
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == "frontdesk" {
			return c.Value
		}
	}
	return ""
}
