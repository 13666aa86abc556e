package web

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/pg/pgtest"
)

// Every view has a letter of its own after G.
func TestEveryViewHasALetter(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	page := s.as(boss).get("/tickets").page(t)
	seen := map[string]bool{}
	page.Find("#counters .rail-group").First().Find("a").Each(func(_ int, a *goquery.Selection) {
		key := a.AttrOr("data-then", "")
		if len(key) != 1 || seen[key] {
			t.Errorf("%s has the letter %q", strings.TrimSpace(a.Text()), key)
		}
		seen[key] = true
	})
	if len(seen) < 10 {
		t.Errorf("%d views have letters", len(seen))
	}
}
