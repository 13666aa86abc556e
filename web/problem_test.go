package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/text"
	"frontdesk/templates/layout"
)

func TestEveryErrorHasItsAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, pgtest.New(t))
	for _, c := range []struct {
		err  error
		code int
	}{
		{fault.NotFound, 404}, {fmt.Errorf("reply to ticket 7: %w", fault.NotFound), 404}, {fault.Forbidden, 403}, {missing("ticket.write"), 403},
		{&fault.Conflict{}, 409}, {fault.TooLate, 409}, {fault.Invalid{"name": fault.Because(text.AgentNameMissing)}, 422},
		{&http.MaxBytesError{Limit: 5}, 413}, {&agent.TooMany{After: 5e9}, 429}, {errMethod, 405}, {errForm, 400}, {errSignedOut, 401}, {errStrange, 403},
		{agent.ErrBusy, 503}, {errors.New("secret detail"), 500},
	} {
		for _, header := range []string{"", "true"} {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("HX-Request", header)
			s.logged(s.do(func(http.ResponseWriter, *http.Request) error { return c.err })).ServeHTTP(w, r)
			if w.Code != c.code || strings.Contains(w.Body.String(), "secret") || w.Body.Len() == 0 {
				t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
			}
			if whole := strings.Contains(w.Body.String(), "<html"); whole == (header == "true") {
				t.Errorf("%v: whole page %v for a script %q", c.err, whole, header)
			}
		}
	}
}

// A toast stands on the page where something went wrong: there is nothing to go back to.
func TestAToastOfAnErrorAsksNobodyToGoBack(t *testing.T) {
	t.Parallel()
	for language, back := range map[string]string{"en": "back", "de": "zurück", "pl": "wróć"} {
		for _, code := range []int{http.StatusInternalServerError, http.StatusConflict, http.StatusBadRequest, http.StatusServiceUnavailable} {
			var said bytes.Buffer
			must(t, layout.ProblemFragment(problem(text.For(language), code, errors.New("x"))).Render(text.With(t.Context(), text.For(language)), &said))
			if strings.Contains(strings.ToLower(said.String()), back) {
				t.Errorf("%s, %d: %s", language, code, &said)
			}
		}
	}
}

func TestPanicTellsAnIDAndNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t, pgtest.New(t))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/x?secret=1", nil)
	s.logged(s.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("canary") }))).ServeHTTP(w, r)
	id := w.Header().Get("Request-Id")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "canary") || !strings.Contains(w.Body.String(), id) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	log := s.said.String()
	if !strings.Contains(log, id) || !strings.Contains(log, "canary") || strings.Contains(log, "secret=1") || strings.Count(log, "level=ERROR") != 1 {
		t.Errorf("%s", log)
	}
}

func TestDatabaseAwayIsToldAndPasses(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	db := pgtest.Open(t, server.URL, nil)
	staffed(t, db)
	s := start(t, db)
	b := s.as(insider)
	server.Stop()
	for _, path := range []string{"/", "/sign-in", "/set-up"} {
		if a := b.get(path); a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	if a := b.get("/healthz"); a.StatusCode != http.StatusOK {
		t.Errorf("healthz: %s", a.Status)
	}
	if a := b.get("/readyz"); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz: %s", a.Status)
	}
	server.Start()
	soon(t, "ready again", func() bool { return b.get("/readyz").StatusCode == http.StatusOK })
	if a := b.get("/"); a.Header.Get("Location") != "/tickets" {
		t.Errorf("%s", a.Status)
	}
}

func TestPageLosesPatienceWithTheDatabase(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db, func(o *Options) { o.Patience = 100 * time.Millisecond })
	b := s.browser()
	for range db.Pool().Config().MaxConns { // others have every connection
		c, err := db.Pool().Acquire(t.Context())
		must(t, err)
		defer c.Release()
	}
	a := b.get("/sign-in")
	if a.StatusCode != http.StatusServiceUnavailable || a.page(t).Find("h1").Length() != 1 {
		t.Errorf("%s %s", a.Status, a.body)
	}
}

func TestFullDiskKeepsNobodyFromReading(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]string{
		"no place":         `RAISE 'No space left on device' USING ERRCODE = '53100';`,
		"closed to writes": `SET LOCAL transaction_read_only = on; CREATE TABLE beyond (n int);`, // by a provider, whose disk is full
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.New(t)
			staffed(t, db)
			s := start(t, db)
			b := s.as(insider)
			exec(t, db, `UPDATE session SET seen_at = seen_at - interval '10 minutes'`)
			exec(t, db, `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+full+` END $$`)
			exec(t, db, `CREATE TRIGGER full_disk BEFORE UPDATE ON session FOR EACH STATEMENT EXECUTE FUNCTION full_disk()`)
			if a := b.get("/tickets"); a.StatusCode != http.StatusOK {
				t.Errorf("%s", a.Status)
			}
		})
	}
}

func TestReadyUntilDraining(t *testing.T) {
	t.Parallel()
	s := start(t, pgtest.New(t))
	b := s.browser()
	if a := b.get("/readyz"); a.StatusCode != http.StatusOK {
		t.Errorf("%s", a.Status)
	}
	s.Drain()
	if a := b.get("/readyz"); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%s", a.Status)
	}
	if a := b.get("/healthz"); a.StatusCode != http.StatusOK {
		t.Errorf("%s", a.Status)
	}
}

func TestWhoIsSignedInKeepsTheRailWhenSomethingIsWrong(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(insider)
	for path, code := range map[string]int{"/nowhere/at/all": 404, "/tickets/999999999": 404, "/admin/quarantine": 403, "/admin/quarantine/abc": 403} {
		a := b.get(path + "?said=settled")
		page := a.page(t)
		if a.StatusCode != code || page.Find("nav#counters a.rail-link").Length() < 5 || page.Find("h1").Length() != 1 || page.Find("#passing .toast").Length() != 0 {
			t.Errorf("%s: %s, %d links", path, a.Status, page.Find("nav#counters a.rail-link").Length())
		}
		if strings.Contains(a.body, path) {
			t.Errorf("%s: the page repeats what was asked for", path)
		}
	}
	if a := b.send(http.MethodDelete, "/tickets", nil); a.StatusCode != http.StatusMethodNotAllowed || a.page(t).Find("nav#counters").Length() != 1 {
		t.Errorf("a method that is not taken: %s", a.Status)
	}
	for _, path := range []string{"/nowhere/at/all", "/sign-in/x"} {
		if a := s.browser().get(path); a.StatusCode != http.StatusNotFound || strings.Contains(a.body, "counters") {
			t.Errorf("a stranger at %s: %s", path, a.Status)
		}
	}
	if a := b.get("/nowhere", "HX-Request", "true"); a.StatusCode != http.StatusNotFound || strings.Contains(a.body, "<html") {
		t.Errorf("a script: %s", a.Status)
	}
	// Who may, may still: a refusal of one is not kept for the next.
	if a := s.as(boss).get("/admin/quarantine"); a.StatusCode != http.StatusOK {
		t.Errorf("the next: %s", a.Status)
	}
}
