package web

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg/pgtest"
)

// heads are the columns of a list from left to right, without those that only narrow lists show.
func heads(doc *goquery.Document) (all []string) {
	for _, th := range doc.Find(".tickets th:not([data-to=line])").EachIter() {
		all = append(all, th.AttrOr("data-col", ""))
	}
	return all[1:] // the boxes
}

func TestColumnsAreChosenMovedAndPutBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	newTicket(t, db, inbox(t, db))
	s := start(t, db)
	b, other := s.as(insider), s.as(boss)
	if got := heads(listOf(t, b, "/tickets?view=all").page(t)); !slices.Equal(got, agent.UsualColumns) {
		t.Errorf("the usual columns are %v", got)
	}
	send := func(order, show []string, more ...string) answer {
		f := url.Values{"order": order, "show": show, "list": {"view=all&q=is:open"}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return b.send(http.MethodPost, "/me/columns", f)
	}
	order := []string{"tags", "changed", "subject", "source", "category", "clock", "queue"}
	a := send(order, []string{"tags", "changed", "source", "category", "clock"}, "density", "compact")
	if to := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || to != "/tickets?view=all&q=is:open" {
		t.Fatalf("saving answers %d %s", a.StatusCode, to)
	}
	doc := listOf(t, b, "/tickets?view=all").page(t)
	if got := heads(doc); !slices.Equal(got, []string{"tags", "changed", "subject", "source", "category", "clock"}) {
		t.Errorf("the chosen columns are %v", got)
	}
	if got := doc.Find("html").AttrOr("data-density", ""); got != "compact" {
		t.Errorf("rows are %q", got)
	}
	if got := doc.Find("td[data-col=source]").First().Text(); got != "E-mail" {
		t.Errorf("the channel is %q", got)
	}
	if row := doc.Find(".ticket-row").First(); row.Find("[data-col=status][data-to=line]").Length() != 1 || row.Find("[data-col=queue]").Length() != 0 {
		t.Error("a narrow list must find the status in the row, and nothing that no list shows")
	}
	if got := heads(listOf(t, other, "/tickets?view=all").page(t)); !slices.Equal(got, agent.UsualColumns) {
		t.Errorf("another agent's columns are %v", got)
	}

	// Without a script the arrows send the form and come back to it.
	a = send(order, []string{"tags", "changed"}, "down", "tags")
	if to := a.Header.Get("Location"); to != "/me/columns?list=view%3Dall%26q%3Dis%3Aopen#column-tags" {
		t.Errorf("an arrow leads to %s", to)
	}
	doc = b.get(a.Header.Get("Location")).page(t)
	if first, second := doc.Find("[name=order]").Eq(0).AttrOr("value", ""), doc.Find("[name=order]").Eq(1).AttrOr("value", ""); first != "changed" || second != "tags" {
		t.Errorf("after the arrow the form begins with %s, %s", first, second)
	}
	if n := doc.Find("[name=order]").Length(); n != len(agent.Columns) {
		t.Errorf("%d columns to choose from, want %d", n, len(agent.Columns))
	}
	if back := doc.Find("a[data-back]").AttrOr("href", ""); back != "/tickets?view=all&q=is:open" {
		t.Errorf("the form leads back to %s", back)
	}
	send(order, nil, "usual", "1")
	if got := heads(listOf(t, b, "/tickets?view=all").page(t)); !slices.Equal(got, agent.UsualColumns) {
		t.Errorf("put back to %v", got)
	}
}

func TestBadColumnsAreToldAndNothingIsLost(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	a := b.send(http.MethodPost, "/me/columns", url.Values{"order": {"status", "beauty"}, "show": {"status", "beauty"}, "list": {"view=mine"}, "density": {"relaxed"}})
	doc := a.page(t)
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(doc.Find("#columns-e").Text(), "no such column") {
		t.Errorf("an unknown column: %d %q", a.StatusCode, doc.Find("#columns-e").Text())
	}
	if doc.Find("[name=show][value=status][checked]").Length() != 1 || doc.Find("[name=density][value=relaxed][checked]").Length() != 1 {
		t.Error("what was chosen is not kept in the form")
	}
	a = b.send(http.MethodPost, "/me/columns", url.Values{"order": {"status", "status"}, "show": {"status"}, "list": {"https://evil.test/"}})
	if to := a.Header.Get("Location"); !strings.HasPrefix(to, "/tickets?") {
		t.Errorf("a foreign list leads to %s", to)
	}
	exec(t, db, `UPDATE agent SET list_columns = '{beauty,queue,queue}' WHERE email = $1`, insider) // of a newer version
	newTicket(t, db, inbox(t, db))
	if got := heads(listOf(t, b, "/tickets?view=all").page(t)); !slices.Equal(got, []string{"subject", "queue"}) {
		t.Errorf("columns of another version show as %v", got)
	}
}

// The subject keeps its room in every combination of columns and at every width at which there is a table.
func TestColumnsLeaveBeforeTheSubjectLacksRoom(t *testing.T) {
	t.Parallel()
	for _, chosen := range [][]string{agent.UsualColumns, agent.Columns, {"subject"}, {"source", "subject", "tags", "category", "created", "queue", "customer"}} {
		to := leaving(chosen)
		if to[agent.Subject] != 0 {
			t.Errorf("of %v the subject leaves at %d", chosen, to[agent.Subject])
		}
		for width := narrowestOf; width < widestList; width++ {
			left := width - pickWidth
			for _, c := range chosen {
				if width >= to[c] && c != agent.Subject {
					left -= taken([]string{c}, width) - taken(nil, width)
				}
			}
			if left < room(width-widthStep) {
				t.Errorf("of %v the subject has %d pixels in a list of %d", chosen, left, width)
				break
			}
		}
	}
}

// The widths stand in the style sheet and in view_columns.go.
func TestWidthsAreThoseOfTheStyleSheet(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../static/css/components/tickets.css")
	must(t, err)
	css := string(b)
	wide, rest, _ := strings.Cut(css, "@container list (width < 960px)")
	narrow, slim, _ := strings.Cut(rest, "@container list (width < 840px)")
	for name, c := range columns {
		want := c.widths
		for i, sheet := range []string{wide, narrow, slim} {
			m := regexp.MustCompile(`\[data-col="` + name + `"\] \{ width: (\d+)px`).FindStringSubmatch(sheet)
			if m == nil {
				continue
			}
			if got, _ := strconv.Atoi(m[1]); got != want[i] {
				t.Errorf("%s is %d pixels wide in the style sheet, %d here", name, got, want[i])
			}
		}
	}
	for width := widestList; width > narrowestOf; width -= widthStep {
		if rule := fmt.Sprintf(`@container list (%dpx <= width < %dpx) { .tickets [data-to="%d"]`, narrowestOf, width, width); !strings.Contains(css, rule) {
			t.Errorf("no rule for %d", width)
		}
	}
}
