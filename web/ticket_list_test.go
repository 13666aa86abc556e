package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/pg/pgtest"
)

// listOf opens a page of a list as the desk's agent and reads it.
func listOf(t *testing.T, b *browser, path string) answer {
	t.Helper()
	a := b.get(path)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d", path, a.StatusCode)
	}
	return a
}

func TestFiltersStandInTheAddressAndAboveTheList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	newTicket(t, db, inbox(t, db))
	newTicket(t, db, inbox(t, db))
	now := time.Now() // its day lasts as long as the test
	exec(t, db, `UPDATE ticket SET created_at = $1`, now)
	b := start(t, db, func(o *Options) { o.Now = func() time.Time { return now } }).as(insider)
	page := listOf(t, b, "/tickets?view=all&q=is:open+-priority:high+created:today&order=-created")
	doc := page.page(t)
	if n := doc.Find(".ticket-row").Length(); n != 2 {
		t.Errorf("%d tickets, want 2", n)
	}
	var chips []string
	for _, c := range doc.Find(".chip").EachIter() {
		chips = append(chips, c.AttrOr("aria-label", ""))
	}
	if got := strings.Join(chips, "; "); got != "State is Open; Priority is not High; Created today" {
		t.Errorf("chips say %q", got)
	}
	if got := doc.Find(".chip .off").First().AttrOr("href", ""); got != "/tickets?view=all&q=-priority:high+created:today&order=-created" {
		t.Errorf("the first chip goes away by %s", got)
	}
	if got := doc.Find("#filter-q").AttrOr("value", ""); got != "is:open -priority:high created:today" {
		t.Errorf("the box holds %q", got)
	}
	if got := doc.Find("th[data-col=created]").AttrOr("aria-sort", ""); got != "ascending" {
		t.Errorf("created is sorted %q", got)
	}
	if got := doc.Find("th[data-col=changed] a").AttrOr("href", ""); got != "/tickets?view=all&q=is:open+-priority:high+created:today" {
		t.Errorf("by last change leads to %s", got)
	}
	row := doc.Find(".ticket-row").First()
	card := row.Find("a.subject").AttrOr("href", "")
	back := listOf(t, b, card).page(t).Find("a[data-back]").AttrOr("href", "")
	if back != "/tickets?view=all&q=is:open+-priority:high+created:today&order=-created#"+row.AttrOr("id", "") {
		t.Errorf("the card leads back to %s", back)
	}
}

func TestACardLeadsOnThroughTheListItWasOpenedFrom(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	first, second := newTicket(t, db, inbox(t, db)), newTicket(t, db, inbox(t, db))
	b := start(t, db).as(insider)
	doc := listOf(t, b, "/tickets?view=all&q=is:open&order=-created").page(t)
	card := listOf(t, b, doc.Find("#t"+dec(first)+" a.subject").AttrOr("href", "")).page(t)
	a := b.get(card.Find("a[data-beside='1']").AttrOr("href", ""))
	to := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/tickets/"+dec(second)+"?from=view%3Dall%26q%3Dis%3Aopen%26order%3D-created%26place%3D") {
		t.Fatalf("next is %d %s", a.StatusCode, to)
	}
	card = listOf(t, b, to).page(t)
	if back := card.Find("a[data-back]").AttrOr("href", ""); back != "/tickets?view=all&q=is:open&order=-created#t"+dec(second) {
		t.Errorf("the neighbour leads back to %s", back)
	}
	a = b.get(card.Find("a[data-beside='1']").AttrOr("href", ""))
	if got := listOf(t, b, a.Header.Get("Location")).page(t).Find(".toast").Text(); !strings.Contains(got, "last ticket of the list") {
		t.Errorf("behind the last one it says %q", got)
	}
	if a = b.get(card.Find("a[data-beside='-1']").AttrOr("href", "")); !strings.HasPrefix(a.Header.Get("Location"), "/tickets/"+dec(first)+"?") {
		t.Errorf("previous is %s", a.Header.Get("Location"))
	}
	if n := listOf(t, b, "/tickets/"+dec(first)).page(t).Find("[data-beside]").Length(); n != 0 {
		t.Error("a card that was opened from no list has neighbours")
	}
}

// The layout is the agent's; the ticket beside the list stands in the address, and a foreign one is not there.
func TestATicketStandsBesideTheList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	all, foreign := made(t, db, inbox(t, db)), newTicket(t, db, secondQueue(t, db))
	s := start(t, db)
	b := s.as(insider)
	id := all["tickets"]
	if n := listOf(t, b, "/tickets?view=all&open="+id).page(t).Find("#preview").Length(); n != 0 {
		t.Error("the usual list has a ticket beside it")
	}
	if a := b.post("/me/settings", "layout", "triple"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a layout that does not exist: %d", a.StatusCode)
	}
	b.post("/me/settings", "layout", "split", "next", "/tickets")
	doc := listOf(t, b, "/tickets?view=all&open="+id).page(t)
	pane := doc.Find("#preview")
	if pane.AttrOr("data-ticket", "") != id || pane.Find("#talk .event").Length() == 0 || pane.Find("h2").First().Text() != "Printer" {
		t.Errorf("beside the list stands %q", pane.Text())
	}
	if to := pane.Find("[data-write=reply]").AttrOr("href", ""); to != "/tickets/"+id+"?from=view%3Dall&compose=reply#compose" {
		t.Errorf("an answer is written at %s", to)
	}
	if doc.Find("[data-layout] button[aria-pressed=true]").AttrOr("value", "split") != "" {
		t.Error("the switch does not lead back to the table")
	}
	for _, none := range []string{dec(foreign), absent["tickets"], "-1", "x"} {
		if pane := listOf(t, b, "/tickets?view=all&open="+none).page(t).Find("#preview"); pane.Length() != 1 || pane.Find("#talk").Length() != 0 {
			t.Errorf("open=%s shows %q", none, pane.Text())
		}
	}
	a := b.get("/tickets/"+id+"?preview=1&from=view%3Dall", "HX-Request", "true")
	if a.StatusCode != http.StatusOK || !strings.Contains(a.body, `hx-target="#preview"`) || strings.Contains(a.body, "#card-bar") {
		t.Errorf("the preview answers %d\n%.300s", a.StatusCode, a.body)
	}
	if a := b.get("/tickets/"+dec(foreign)+"?preview=1", "HX-Request", "true"); a.StatusCode != http.StatusNotFound {
		t.Errorf("a foreign preview answers %d", a.StatusCode)
	}
	if n := listOf(t, s.as(boss), "/tickets?view=all").page(t).Find("#preview").Length(); n != 0 {
		t.Error("another agent's list is split too")
	}
	phone := b.get("/tickets?view=all&open="+id, "User-Agent", "Mobi").page(t)
	if phone.Find("#preview").Length() != 0 {
		t.Error("a phone has room for both")
	}
}

func TestBadFiltersAreToldAndTheNearestListIsShown(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	newTicket(t, db, inbox(t, db))
	secondQueue(t, db)
	b := start(t, db).as(insider)
	for _, c := range []struct {
		query, says string
		rows        int
	}{
		{"view=all&q=colour:red", "no filter “colour:”", 1},
		{"view=all&q=queue:Second", "“Second” is nowhere here", 0}, // it exists, for others
		{"view=all&q=created:soon", "not a date", 1},
		{"view=all&order=beauty", "no such order", 1},
		{"view=all&after=zz-zz.created.0", "another order", 1},
		{"view=s999", "no longer exists", 1},
		{"view=elsewhere", "no longer exists", 1},
		{"view=all&start=zz-zz.created.0&pages=9999999999999999999&open=-3&place=%00", "another order", 1},
		{"view=nothing&q=%00%ff%22&after=%27--", "another order", 1},
		{"view=all&q=" + strings.Repeat("is:open+", 400), "too long", 1},
		{"view=all&q=%F0%9F%98%80", "nothing here to search for", 1},
		{"view=all&q=" + strings.Repeat("a", 101), "nothing here to search for", 1},
		{"view=all&q=%22", "nothing here to search for", 1},
	} {
		doc := listOf(t, b, "/tickets?"+c.query).page(t)
		if got := doc.Find("#filter-problems").Text(); !strings.Contains(got, c.says) {
			t.Errorf("%.60s says %q, want %q", c.query, got, c.says)
		}
		if n := doc.Find(".ticket-row").Length(); n != c.rows {
			t.Errorf("%.60s shows %d tickets, want %d", c.query, n, c.rows)
		}
	}
}

func TestAChipCallsAQueueAsTheDeskDoes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	exec(t, db, `INSERT INTO queue (name, calendar_id, default_priority_id) SELECT 'Open', calendar_id, default_priority_id FROM queue LIMIT 1`)
	b := start(t, db).as(boss)
	for query, want := range map[string]string{"queue:Open": "Queue is Open", "queue:inbox": "Queue is Inbox", "status:open": "Status is In progress", "queue:inbox+lamp": "Queue is Inbox"} {
		if got := listOf(t, b, "/tickets?view=all&q="+query).page(t).Find(".chip").First().AttrOr("aria-label", ""); got != want {
			t.Errorf("%s says %q, want %q", query, got, want)
		}
	}
}

// What one person saves stands in everybody's rail.
func TestASharedViewBeyondAllTimesTakesNobodyThePages(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	s := start(t, db)
	at := s.as(manager).post("/views", "list", "view=all", "name", "Old", "shared", "1").Header.Get("Location")
	exec(t, db, `UPDATE saved_view SET query = 'older:9999y'`) // as it was saved once
	b := s.as(insider)
	for _, path := range []string{"/tickets", "/counters", "/undelivered", "/palette?q=older:9999y", "/tickets/filter?view=all&field=created&q=older:9999y", "/tickets/bulk?list=view%3Dall%26q%3Dolder:9999y"} {
		if a := b.get(path); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	if a := listOf(t, b, at); !strings.Contains(a.body, "is not a length of time") {
		t.Errorf("%s does not say what is wrong", at)
	}
}

func TestViewsAreSavedChangedSharedAndRemoved(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	newTicket(t, db, inbox(t, db))
	s := start(t, db)
	b, admin := s.as(insider), s.as(boss)
	list := "view=all&q=is:open&order=created"
	if a := b.post("/views", "list", list, "name", " "); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "A view needs a name") {
		t.Errorf("no name: %d", a.StatusCode)
	}
	if a := b.post("/views", "list", list, "name", "Fresh", "shared", "1"); a.StatusCode != http.StatusForbidden {
		t.Errorf("an agent shares: %d", a.StatusCode)
	}
	at := b.post("/views", "list", list, "name", "Fresh").Header.Get("Location")
	if !strings.HasPrefix(at, "/tickets?view=s") {
		t.Fatalf("saving leads to %q", at)
	}
	at, _, _ = strings.Cut(at, "&")
	id := strings.TrimPrefix(at, "/tickets?view=s")
	doc := listOf(t, b, at).page(t)
	if name, typed, sort := doc.Find("h1").Text(), doc.Find("#filter-q").AttrOr("value", ""), doc.Find("th[aria-sort]").AttrOr("data-col", ""); name != "Fresh" || typed != "is:open" || sort != "created" {
		t.Errorf("the view opens as %q with %q by %q", name, typed, sort)
	}
	if line := doc.Find("#counters a[aria-current=page]"); line.Find(".label").Text() != "Fresh" || line.Find(".count").Text() != "1" {
		t.Errorf("the rail says %q", line.Text())
	}
	if got := listOf(t, admin, at).page(t).Find("#filter-problems").Text(); !strings.Contains(got, "no longer exists") {
		t.Errorf("another's view opens: %q", got)
	}
	if a := admin.post("/views/"+id, "list", list, "name", "Mine now"); a.StatusCode != http.StatusNotFound {
		t.Errorf("another's view is changed: %d", a.StatusCode)
	}
	if typed := listOf(t, b, at+"&q=").page(t).Find("#filter-q").AttrOr("value", ""); typed != "" {
		t.Errorf("the view without its filter shows %q", typed)
	}
	b.post("/views/"+id, "list", "view=s"+id+"&q=status:new&order=changed", "name", "New ones")
	if doc := listOf(t, b, at).page(t); doc.Find("h1").Text() != "New ones" || doc.Find("#filter-q").AttrOr("value", "") != "status:new" {
		t.Errorf("changed to %q %q", doc.Find("h1").Text(), doc.Find("#filter-q").AttrOr("value", ""))
	}
	b.post("/views/" + id + "/removal")
	if got := listOf(t, b, at).page(t).Find("#filter-problems").Text(); !strings.Contains(got, "no longer exists") {
		t.Errorf("a removed view opens: %q", got)
	}
}

// Who looks for what is overdue finds it in the menu of filters, and before the eye has to scroll.
func TestTheMenuOfFiltersTellsWhereTheClocksAre(t *testing.T) {
	t.Parallel()
	b, _, _ := desked(t)
	entry := b.get("/tickets?view=all").page(t).Find("#m-filter a").FilterFunction(func(_ int, a *goquery.Selection) bool { return strings.Contains(a.Text(), "Overdue") })
	if entry.Length() != 1 {
		t.Fatalf("%d entries tell of what is overdue", entry.Length())
	}
	values := b.get(entry.AttrOr("href", "")).page(t).Find(".picker-values input").Map(func(_ int, in *goquery.Selection) string { return in.AttrOr("value", "") })
	if at := slices.Index(values, "late"); at < 0 || at > 7 {
		t.Errorf("late is line %d of %v", at+1, values)
	}
}

// A page stays in one language until it comes anew, whatever its reader chose in another window meanwhile.
func TestPiecesOfAPageAreInItsLanguage(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	newTicket(t, db, inbox(t, db))
	exec(t, db, `UPDATE agent SET language = 'de'`)
	b := start(t, db).as(insider)
	for _, c := range []struct{ script, page, word string }{{"true", "pl", "Nowe"}, {"true", "en", "New"}, {"true", "", "Neu"}, {"true", "xx", "Neu"}, {"", "pl", "Neu"}} {
		a := b.get("/tickets?view=queues", "HX-Request", c.script, "Frontdesk-Language", c.page)
		if got := a.page(t).Find(".ticket-row .status").Text(); strings.TrimSpace(got) != c.word {
			t.Errorf("asked by a script (%s) of a page in %q: %q, want %q", c.script, c.page, got, c.word)
		}
	}
}

// What a page counts as new is the customer's message, whichever columns are shown.
func TestARowSaysWhichMessageIsUnread(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	exec(t, db, `UPDATE ticket SET last_in_id = 4711 WHERE id = $1`, newTicket(t, db, inbox(t, db)))
	exec(t, db, `UPDATE agent SET list_columns = '{subject}'`)
	if got := listOf(t, start(t, db).as(insider), "/tickets?view=queues").page(t).Find(".ticket-row").AttrOr("data-unread", ""); got != "4711" {
		t.Errorf("unread is %q", got)
	}
}
