package web

import (
	"net/http"
	"net/url"
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

func TestATermIsPickedWithoutAScript(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	secondQueue(t, db)
	b := start(t, db).as(insider)
	doc := listOf(t, b, "/tickets/filter?view=all&q=is:open+status:new&field=status&at=1").page(t)
	if got := doc.Find(".picker input[name=value][checked]").AttrOr("value", ""); got != "new" {
		t.Errorf("chosen is %q", got)
	}
	if queues := listOf(t, b, "/tickets/filter?view=all&field=queue").page(t).Find(".picker-values").Text(); strings.Contains(queues, "Second") || !strings.Contains(queues, "Inbox") {
		t.Errorf("queues to choose: %q", queues)
	}
	form := url.Values{"view": {"all"}, "q": {"is:open status:new"}, "field": {"status"}, "at": {"1"}, "not": {"1"}, "value": {"open", "At the expert"}}
	a := b.get("/tickets?" + form.Encode())
	if to := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || to != "/tickets?view=all&q=is:open+-status:open,%22At+the+expert%22" {
		t.Errorf("answered %d %s", a.StatusCode, to)
	}
	a = b.get("/tickets?view=all&q=tag:a&field=created&value=&since=2026-11-01&until=")
	if to := a.Header.Get("Location"); to != "/tickets?view=all&q=tag:a+created:2026-11-01.." {
		t.Errorf("dates lead to %s", to)
	}
	if a := b.get("/tickets/filter?view=all&field=colour"); a.Header.Get("Location") != "/tickets?view=all" {
		t.Errorf("a field that does not exist: %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
}

// TestADateIsPickedAsWhatWasChanged: a length of time, two days or a usual stretch; what only repeats the term as it was is not meant when something
// else is. The form of what was picked leads to the same term again.
func TestADateIsPickedAsWhatWasChanged(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	for _, c := range []struct{ was, form, want string }{
		{"", "field=created&age=3&age_unit=d", "created:3d"},
		{"", "field=closed&age=30&age_unit=min&age_way=over", "closed:..30min"},
		{"", "field=changed&value=today&age=&age_unit=d&since=&until=", "changed:today"},
		{"created:3d", "field=created&at=0&value=today&age=3&age_unit=d", "created:today"},
		{"created:today", "field=created&at=0&value=today&age=5&age_unit=w", "created:5w"},
		{"created:3d", "field=created&at=0&age=3&age_unit=d&since=2026-11-01&until=2026-11-05", "created:2026-11-01..2026-11-05"},
		{"created:2026-11-01..2026-11-05", "field=created&at=0&value=7d&age=&age_unit=d&since=2026-11-01&until=2026-11-05", "created:7d"},
		{"created:3d", "field=created&at=0&age=&age_unit=d", ""},
		{"older:2d", "field=created&at=0&age=2&age_unit=d&age_way=over", "created:..2d"},
		{"older:2d", "field=created&at=0&value=yesterday&age=2&age_unit=d&age_way=over", "created:yesterday"},
	} {
		a := b.get("/tickets?view=all&" + url.Values{"q": {c.was}}.Encode() + "&" + c.form)
		to, err := url.Parse(a.Header.Get("Location"))
		if err != nil || to.Query().Get("q") != c.want {
			t.Errorf("%q and %s lead to %q, want %q (%v)", c.was, c.form, to.Query().Get("q"), c.want, err)
		}
	}
	for was, want := range map[string]string{
		"older:2d": "created:..2d", "-older:2d": "created:2d", "newer:3h": "created:3h", "-created:3h": "created:..3h", "changed:today": "changed:today",
		"created:2026-11": "created:2026-11", "closed:2026-11-20": "closed:2026-11-20", "created:2026-11-01..": "created:2026-11-01..",
		"created:30d..2d": "created:30d..2d", "created:..1y": "created:..1y", "-created:today": "-created:today",
		"-closed:7d": "-closed:7d", "-closed:3d": "-closed:3d", "-closed:..3d": "-closed:..3d", // what was never closed fits all of them
	} {
		field, _, _ := strings.Cut(strings.TrimPrefix(was, "-"), ":")
		form := formOf(listOf(t, b, "/tickets/filter?view=all&at=0&field="+field+"&"+url.Values{"q": {was}}.Encode()).page(t).Find("[data-picker]"))
		to, err := url.Parse(b.get("/tickets?" + form.Encode()).Header.Get("Location"))
		if err != nil || to.Query().Get("q") != want {
			t.Errorf("%s sent as it is shown is %q, want %q (%v)", was, to.Query().Get("q"), want, err)
		}
	}
	doc := b.get(b.get("/tickets?view=all&q=status:new&field=created&age=0&age_unit=d").Header.Get("Location"))
	if !strings.Contains(doc.body, "“0d” is not a date") || !strings.Contains(doc.body, "status:new") {
		t.Errorf("a length of nothing is not told: %s", doc.page(t).Find(".notice").Text())
	}
}

func TestATermThatItsPickerCannotHoldIsNotPicked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	for q, picks := range map[string]int{
		"created:2026-01,2026-03": 0, "changed:today,yesterday": 0, "-closed:2d,3d": 0, "older:2d,3d": 0, "newer:2d,3d": 0,
		"created:2026-01": 1, "customer:ann,bob": 1, "older:2d": 1, "customer:ann": 1, "status:new,open": 1,
	} {
		if n := listOf(t, b, "/tickets?view=all&"+url.Values{"q": {q}}.Encode()).page(t).Find(".chip a[data-pick]").Length(); n != picks {
			t.Errorf("the chip of %s leads to %d pickers, want %d", q, n, picks)
		}
	}
}

func TestAPickerThatIsSentUntouchedLeavesTheFilterAsItIs(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	send := func(was string, change func(url.Values)) string {
		t.Helper()
		field, _, _ := strings.Cut(strings.TrimPrefix(was, "-"), ":")
		form := formOf(listOf(t, b, "/tickets/filter?view=all&at=0&field="+either(was[0] == '#', "id", field)+"&"+url.Values{"q": {was}}.Encode()).page(t).Find("[data-picker]"))
		change(form)
		to, err := url.Parse(b.get("/tickets?" + form.Encode()).Header.Get("Location"))
		must(t, err)
		return to.Query().Get("q")
	}
	for _, was := range []string{
		"customer:anna", "customer:anna,bob", `-customer:"Nowak, Anna","Bob & Sons",carl`, `company:"\"Lamp\" shop",x`, "from:a@b.test,c.test", `from:a"b`,
		"customer:#17", "-customer:anna,#17,#18", "company:#17",
		"#100001", "-id:100001", "id:100001,100002", "status:new,open", `queue:inbox,"Not, there"`, "assignee:me,none,somebody", "priority:high,low", `category:none,"a b"`,
		"tag:none,vip", "is:late,near", "source:email,chat", "has:attachment", "created:today,yesterday", "-closed:2d,3d", "changed:2026-11", "is:late customer:anna lamp",
	} {
		if got := send(was, func(url.Values) {}); got != was {
			t.Errorf("%s sent as it is shown is %s", was, got)
		}
	}
	for _, c := range []struct{ was, typed, want string }{
		{"id:100001,100002", "100001, soon", "id:100001,soon"},
		{"#100001", "soon", "id:soon"},
		{"customer:anna", " ", ""},
		{"customer:anna", "Anna Nowak, bob", `customer:"Anna Nowak",bob`},
	} {
		got := send(c.was, func(f url.Values) { f.Set("value", c.typed) })
		if got != c.want {
			t.Errorf("%s with %q typed is %s, want %s", c.was, c.typed, got, c.want)
		}
		told := strings.Contains(b.get("/tickets?view=all&"+url.Values{"q": {got}}.Encode()).body, "“soon” is not a ticket number")
		if told != strings.Contains(c.typed, "soon") {
			t.Errorf("of %s it is told %v that it cannot be read", got, told)
		}
	}
}

// Who is asked for by number stands by name beside the box, and can be left out.
func TestACustomerAskedForByNumberIsPickedByName(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	exec(t, db, `INSERT INTO customer (id, kind, name, created_at) OVERRIDING SYSTEM VALUE VALUES (17, 'person', 'Anna Nowak', now())`)
	b := start(t, db).as(insider)
	picker := listOf(t, b, "/tickets/filter?view=all&at=0&field=customer&q=customer:%2317,%2399,bob").page(t).Find("[data-picker]")
	if got := strings.Fields(picker.Find(".picker-values label").Text()); !slices.Equal(got, []string{"Anna", "Nowak", "#99"}) {
		t.Errorf("offered are %q", got)
	}
	if got := picker.Find("input.input").AttrOr("value", ""); got != "bob" {
		t.Errorf("in the box stands %q", got)
	}
	to, err := url.Parse(b.get("/tickets?view=all&q=customer:%2317,bob&field=customer&at=0&value=bob").Header.Get("Location"))
	if must(t, err); to.Query().Get("q") != "customer:bob" {
		t.Errorf("without her the filter is %q", to.Query().Get("q"))
	}
}

// formOf is what a browser sends of a form that nobody touched.
func formOf(form *goquery.Selection) url.Values {
	v := url.Values{}
	form.Find("input[name], select[name], textarea[name]").Each(func(_ int, f *goquery.Selection) {
		value := f.AttrOr("value", "")
		_, checked := f.Attr("checked")
		if kind := f.AttrOr("type", ""); (kind == "radio" || kind == "checkbox") && !checked {
			return
		}
		if f.Is("select") {
			value = f.Find("option[selected]").AttrOr("value", "")
		}
		if f.Is("textarea") {
			value = f.Text()
		}
		v.Add(f.AttrOr("name", ""), value)
	})
	return v
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
