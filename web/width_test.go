package web

import (
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/pg/pgtest"
)

func TestAPhoneBeginsWithWhatIsToDo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	for _, c := range []struct{ name, header, value, heading string }{
		{"a desk", "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "My queues"},
		{"an iPhone", "User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "To do"},
		{"a browser that says it outright", "Sec-CH-UA-Mobile", "?1", "To do"},
		{"a phone held sideways, as its script noted", "Cookie", "frontdesk-width=wide", "My queues"},
		{"a narrow window, as its script noted", "Cookie", "frontdesk-width=narrow", "To do"},
	} {
		headers := []string{c.header, c.value}
		if c.header == "Cookie" {
			headers = []string{"User-Agent", "Mobi", "Cookie", c.value + "; " + b.cookie()}
		}
		page := b.get("/tickets", headers...).page(t)
		if got := page.Find("h1").Text(); got != c.heading {
			t.Errorf("%s begins with %q, not %q", c.name, got, c.heading)
		}
		if page.Find(`#counters a[aria-current="page"]`).Length() != 1 {
			t.Errorf("%s: the rail does not say where one is", c.name)
		}
	}
	if got := b.get("/tickets?view=closed", "User-Agent", "Mobi").page(t).Find("h1").Text(); got != "Closed" {
		t.Errorf("a link to Closed shows %q on a phone", got)
	}
}

// cookie is what the browser sends of its session.
func (b *browser) cookie() string {
	at, err := url.Parse(b.url)
	must(b.t, err)
	var all []string
	for _, c := range b.http.Jar.Cookies(at) {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}
