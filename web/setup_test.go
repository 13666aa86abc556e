package web

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestFirstUserIsMadeWithTheTokenFromTheLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db)
	must(t, s.AnnounceSetUp(t.Context()))
	_, token, _ := strings.Cut(s.said.String(), "token=")
	token, _, _ = strings.Cut(token, "\n")
	if a := s.browser().get("/sign-in"); a.Header.Get("Location") != "/set-up" {
		t.Errorf("an empty desk shows %s %s", a.Status, a.Header.Get("Location"))
	}
	b := s.browser()
	if a := b.get("/set-up"); a.StatusCode != http.StatusOK || a.page(t).Find("form[action='/set-up'] input[name=token]").Length() != 1 {
		t.Fatalf("%s", a.Status)
	}
	a := b.post("/set-up", "token", "wrong", "name", "Ewa", "email", "ewa@desk.test", "password", password)
	doc := a.page(t)
	if name, _ := doc.Find("input[name=name]").Attr("value"); a.StatusCode != http.StatusUnprocessableEntity || name != "Ewa" || strings.Contains(a.body, password) {
		t.Errorf("wrong token: %s, name %q", a.Status, name)
	}
	a = b.post("/set-up", "token", token, "name", "", "email", "ewa", "password", "12345678")
	if n := a.page(t).Find("[aria-invalid=true]").Length(); a.StatusCode != http.StatusUnprocessableEntity || n != 3 {
		t.Errorf("wrong fields: %s, %d marked", a.Status, n)
	}
	for field, wrong := range map[string][]string{"token": {"wrong", "", "", ""}, "name": {token, "", "ewa", "short"}, "email": {token, "Ewa", "ewa", "short"}, "password": {token, "Ewa", "ewa@desk.test", "short"}} {
		doc := b.post("/set-up", "token", wrong[0], "name", wrong[1], "email", wrong[2], "password", wrong[3]).page(t)
		if first := doc.Find("[autofocus]").AttrOr("name", ""); first != field || doc.Find("[autofocus]").Length() != 1 {
			t.Errorf("the first wrong field is %s, one begins in %q", field, first)
		}
		if n := strings.Count(doc.Text(), "At least 8 characters"); n != 1 {
			t.Errorf("with a wrong %s the length of the password is told %d times", field, n)
		}
	}
	a = b.post("/set-up", "token", strings.ToUpper(" "+token+" "), "name", "Ewa", "email", "Ewa@desk.test", "password", password, "lang", "pl")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/tickets" {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	if a := b.get("/"); a.Header.Get("Location") != "/tickets" {
		t.Error("not signed in afterwards")
	}
	got, err := pg.One[string](t.Context(), db, `SELECT a.email || ' ' || a.language || ' ' || p.key FROM agent a JOIN profile p ON p.id = a.profile_id`)
	if err != nil || got != "ewa@desk.test pl admin" {
		t.Errorf("%q %v", got, err)
	}
	none := b.get("/nothing")
	for _, a := range []answer{b.get("/set-up"), b.post("/set-up", "token", token, "name", "Eve", "email", "eve@desk.test", "password", password)} {
		if a.StatusCode != http.StatusNotFound || a.body != none.body {
			t.Errorf("after set-up: %s", a.Status)
		}
	}
}

func TestTwoVisitorsAtOnceMakeOneFirstUser(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	one, two := start(t, db), start(t, db)
	if one.setUp != two.setUp {
		t.Fatal("two processes print two tokens")
	}
	var wg sync.WaitGroup
	codes := make([]int, 6)
	for i := range codes {
		s := []*site{one, two}[i%2]
		wg.Go(func() {
			codes[i] = s.browser().post("/set-up", "token", s.setUp, "name", "A", "email", string(rune('a'+i))+"@desk.test", "password", password).StatusCode
		})
	}
	wg.Wait()
	n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM agent`)
	if err != nil || n != 1 {
		t.Errorf("%d users, answers %v, %v", n, codes, err)
	}
}

func TestTokenCannotBeTriedForEver(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s := start(t, db)
	var last answer
	for range 11 {
		last = s.browser().post("/set-up", "token", "guess")
	}
	if last.StatusCode != http.StatusTooManyRequests {
		t.Error(last.Status)
	}
	if strings.Contains(s.said.String(), "guess") {
		t.Error("the log holds what was typed")
	}
}
