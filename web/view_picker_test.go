package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/pg/pgtest"
)

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
	for at, want := range map[string]string{"field=customer&q=customer:%2317": "is is not", "field=customer&q=customer:%2317,bob": "contains does not contain", "field=customer&q=": "contains does not contain",
		"field=id&q=id:100001,100002": "is is not", "field=id&q=": "is is not"} {
		if got := strings.Join(strings.Fields(listOf(t, b, "/tickets/filter?view=all&at=0&"+at).page(t).Find("[data-picker] .segmented").First().Text()), " "); got != want {
			t.Errorf("%s: it %q", at, got)
		}
	}
	to, err := url.Parse(b.get("/tickets?view=all&q=customer:%2317,bob&field=customer&at=0&value=bob").Header.Get("Location"))
	if must(t, err); to.Query().Get("q") != "customer:bob" {
		t.Errorf("without her the filter is %q", to.Query().Get("q"))
	}
}
