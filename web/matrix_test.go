package web

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// TestMatrixOfRoutesAndPeople asks every route as everybody (RELIABILITY C6): nobody gets nowhere, who lacks the permission gets 403, and what
// one may not see, because of its queue or because it is another's alone, answers as what does not exist: status, headers, bytes, and as many
// queries. Every route gets things of its own, since asking may change them.
func TestMatrixOfRoutesAndPeople(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	s := start(t, db)
	second := secondQueue(t, db)
	people := map[string]*browser{}
	for _, email := range []string{outsider, insider, colleague, manager, boss} {
		people[email] = s.as(email)
	}
	for _, rt := range s.routes() {
		if rt.who == anybody || streams(rt) || rt.path == "/sign-out" {
			continue
		}
		t.Run(rt.method+" "+rt.path, func(t *testing.T) {
			own, foreign := made(t, db, inbox(t, db)), made(t, db, second)
			a := s.browser().send(rt.method, filled(t, rt.path, own), own.form(rt))
			if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
				t.Errorf("nobody: %s to %q", a.Status, a.Header.Get("Location"))
			}
			for email, b := range people {
				if !holds(t, db, email, rt.who) {
					if a := b.send(rt.method, filled(t, rt.path, own), own.form(rt)); a.StatusCode != http.StatusForbidden {
						t.Errorf("%s without the permission: %s", email, a.Status)
					}
					continue
				}
				for _, hidden := range []things{own, foreign} {
					if !inPath.MatchString(rt.path) || !hidden.from(email, rt.path) {
						continue
					}
					there, cost := b.counted(rt.method, filled(t, rt.path, hidden), hidden.form(rt))
					none, spent := b.counted(rt.method, filled(t, rt.path, hidden.missing(email)), hidden.form(rt))
					if there.StatusCode != http.StatusNotFound || none.StatusCode != http.StatusNotFound || there.body != none.body {
						t.Errorf("%s: hidden in %s %s, absent %s, same bytes: %v\n%s", email, hidden["queue"], there.Status, none.Status, there.body == none.body, there.body)
					}
					if diff := cmp.Diff(none.Header, there.Header); diff != "" {
						t.Errorf("%s: headers tell: %s", email, diff)
					}
					if cost != spent {
						t.Errorf("%s: %d queries tell what is hidden in %s, %d what is not there", email, cost, hidden["queue"], spent)
					}
				}
			}
			// The positive control, last because it may change things: without it a route that always says 404 would pass.
			controls := 0
			for _, email := range []string{insider, boss} {
				if !holds(t, db, email, rt.who) || own.from(email, rt.path) {
					continue
				}
				a := people[email].send(rt.method, filled(t, rt.path, own), own.form(rt))
				if a.StatusCode >= 400 && a.StatusCode != http.StatusConflict && a.StatusCode != http.StatusUnprocessableEntity {
					t.Errorf("%s, who may: %s\n%s", email, a.Status, s.said.errors())
				}
				if controls++; rt.method == http.MethodPost {
					break // once is enough for a deed
				}
			}
			if controls == 0 {
				t.Error("nobody may")
			}
		})
	}
}

// from tells whether what a path leads to is hidden from somebody.
func (all things) from(email, path string) bool {
	if owner := all.ownerOf(path); owner != "" && owner != email {
		return true
	}
	return !all.inQueueOf(email)
}

// inQueueOf tells whether somebody sees the queue the things are in.
func (all things) inQueueOf(email string) bool {
	switch email {
	case outsider:
		return false
	case insider, colleague:
		return all["queue"] == "inbox"
	}
	return true
}

// missing has nothing in place of what is hidden: of all, or within a queue that somebody sees of what is another's alone.
func (all things) missing(email string) things {
	if !all.inQueueOf(email) {
		return absent
	}
	none := maps.Clone(all)
	for key := range none {
		if all.owner(key) != "" {
			none[key] = absent[key]
		}
	}
	return none
}

// counted sends a request within this process and counts the statements it cost. What differs between any two answers is left out of the headers.
func (b *browser) counted(method, path string, form url.Values) (answer, int) {
	b.t.Helper()
	ctx, queries := pg.CountQueries(b.t.Context())
	w := httptest.NewRecorder()
	b.ServeHTTP(w, b.request(ctx, method, path, form))
	resp := w.Result()
	resp.Header = maps.Clone(resp.Header)
	resp.Header.Del("Request-Id")
	return answer{resp, w.Body.String()}, queries()
}

// request is what the browser would send.
func (b *browser) request(ctx context.Context, method, path string, form url.Values) *http.Request {
	b.t.Helper()
	req := httptest.NewRequestWithContext(ctx, method, b.url+path, strings.NewReader(form.Encode()))
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	at, err := url.Parse(b.url)
	must(b.t, err)
	for _, c := range b.http.Jar.Cookies(at) {
		req.AddCookie(c)
	}
	return req
}
