package web

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/pg/pgtest"
)

// A ring makes everybody's page ask at once. Whoever opens a page meanwhile waits for none of them, and a page that asked in vain is told to ask again.
func TestWhatPagesAskByThemselvesWaitsInALineOfItsOwn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db, func(o *Options) { o.Patience = 2 * time.Second })
	b := s.as(insider)
	ask := func() answer { return b.get("/counters", "HX-Request", "true", "Frontdesk-Live", "1") }
	for range lookers {
		s.line <- struct{}{}
	}
	if a := b.get("/tickets"); a.StatusCode != http.StatusOK {
		t.Errorf("a page that somebody opens: %s", a.Status)
	}
	if a := ask(); a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("behind a line that does not move: %s", a.Status)
	}
	<-s.line
	for range 2 { // each gives its place back
		if a := ask(); a.StatusCode != http.StatusOK {
			t.Errorf("%s", a.Status)
		}
	}
	live := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/counters", nil)
	live.Header.Set("Frontdesk-Live", "1")
	s.inLine(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		if len(s.line) != lookers-1 {
			t.Error("who reads slowly holds up the line")
		}
	})).ServeHTTP(httptest.NewRecorder(), live)
}

// Who chooses and goes on at once has chosen: a deed that has arrived is done to its end, also when nobody waits for its answer.
func TestADeedIsDoneAlsoWhenItsVisitorHasGoneOn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	all := made(t, db, inbox(t, db))
	s := start(t, db)
	b := s.as(insider)
	card := "/tickets/" + all["tickets"]
	home, err := url.Parse(s.url)
	must(t, err)
	var letter strings.Builder
	form := multipart.NewWriter(&letter)
	must(t, form.WriteField("version", version(t, b, card)))
	must(t, form.WriteField("form_key", "k1"))
	must(t, form.WriteField("text", "Said in passing."))
	must(t, form.Close())
	for _, c := range []struct{ path, kind, body string }{
		{"/me/settings", "application/x-www-form-urlencoded", "theme=dark"},
		{card + "/comments", form.FormDataContentType(), letter.String()},
	} {
		here, leave := context.WithCancel(t.Context())
		deed := httptest.NewRequestWithContext(here, http.MethodPost, s.url+c.path, goesOn{strings.NewReader(c.body), leave})
		deed.Header.Set("Content-Type", c.kind)
		deed.Header.Set("Sec-Fetch-Site", "same-origin")
		for _, cookie := range b.http.Jar.Cookies(home) {
			deed.AddCookie(cookie)
		}
		s.HTTP().Handler.ServeHTTP(httptest.NewRecorder(), deed)
	}
	page := b.get(card).page(t)
	if got, _ := page.Find("html").Attr("data-theme"); got != "dark" {
		t.Errorf("the theme is %q", got)
	}
	if !strings.Contains(page.Find("#talk").Text(), "Said in passing.") {
		t.Error("the comment is not there")
	}
}

// goesOn is a form whose visitor leaves while it arrives.
type goesOn struct {
	io.Reader
	leave func()
}

func (g goesOn) Read(p []byte) (int, error) {
	g.leave()
	return g.Reader.Read(p)
}
