package web

import (
	"net/http"
	"strings"
	"testing"

	"frontdesk/internal/pg/pgtest"
	"frontdesk/templates/href"
)

// The gallery is there for whoever works on pages: a real desk has none.
func TestOnlyTheDemoHasAGallery(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	desk := start(t, db).browser()
	demo := start(t, db, func(o *Options) { o.Gallery = true }).browser()
	for _, path := range []string{href.Gallery, href.Gallery + "/card?theme=dark&lang=pl"} {
		if a := desk.get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("a desk answers %s to %s", a.Status, path)
		}
		if a := demo.get(path); a.StatusCode != http.StatusOK || !strings.Contains(a.body, "<h1") {
			t.Errorf("the demo answers %s to %s", a.Status, path)
		}
	}
	if a := demo.get(href.Gallery + "/nothing"); a.StatusCode != http.StatusNotFound {
		t.Errorf("a page that is none: %s", a.Status)
	}
}
