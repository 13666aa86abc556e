package href

import (
	"net/url"
	"strconv"
	"strings"
)

// The paths of filtering.
const (
	FilterPicker = "/tickets/filter" // one term of a filter, to be chosen
	Views        = "/views"          // saved views
)

// List is a page of a list as it stands behind /tickets?: a view, narrowed by a query, in an order, from a row on. Empty parts are left out. After,
// Before, Start and Place are keys of rows.
type List struct {
	View   string // mine … closed, or s12 for a saved view
	Query  string // package filter spells it
	Order  string // "" is the view's own
	After  string
	Before string
	Start  string // the page that begins with this row
	Pages  int    // so many at once
	Place  string // where a ticket stood when its card was opened from this list
	Open   int64  // the ticket shown beside the list
	All    bool   // an empty query is one too: it takes away what a saved view asks for
}

// ListOf reads what String wrote. What was no page of a list is a view.
func ListOf(s string) List {
	v, err := url.ParseQuery(s)
	if err != nil || !strings.Contains(s, "=") {
		return List{View: s}
	}
	return ListFrom(v)
}

// ListFrom reads the parts of an address.
func ListFrom(v url.Values) List {
	pages, _ := strconv.Atoi(v.Get("pages"))
	open, _ := strconv.ParseInt(v.Get("open"), 10, 64)
	return List{View: v.Get("view"), Query: v.Get("q"), Order: v.Get("order"), After: v.Get("after"), Before: v.Get("before"), Start: v.Get("start"),
		Pages: max(pages, 0), Place: v.Get("place"), Open: max(open, 0), All: v.Has("q")}
}

// String is what stands behind the question mark.
func (l List) String() string {
	s := "view=" + escape(l.View)
	if l.Query != "" || l.All {
		s += "&q=" + escape(l.Query)
	}
	for _, p := range [][2]string{{"order", l.Order}, {"after", l.After}, {"before", l.Before}, {"start", l.Start}, {"pages", digits(int64(l.Pages))},
		{"place", l.Place}, {"open", digits(l.Open)}} {
		if p[1] != "" {
			s += "&" + p[0] + "=" + escape(p[1])
		}
	}
	return s
}

// Href is the page's address.
func (l List) Href() string { return TicketList + "?" + l.String() }

// First is the same list from its beginning.
func (l List) First() List {
	l.After, l.Before, l.Start, l.Pages, l.Place, l.Open = "", "", "", 0, "", 0
	return l
}

func digits(n int64) string {
	if n == 0 {
		return ""
	}
	return number(n)
}

// Pick is the page on which a term is chosen: of a field, or when at is not "" in place of the term at that place.
func (l List) Pick(field, at string) string {
	to := FilterPicker + "?" + l.First().String() + "&field=" + escape(field)
	if at != "" {
		to += "&at=" + at
	}
	return to
}

// ColumnsOf is where the columns are chosen; list is the page to go back to, as String spells it.
func ColumnsOf(list string) string { return Columns + "?list=" + url.QueryEscape(list) }

// View is a saved view, to be changed; ViewRemoval takes it away.
func View(id int64) string        { return Views + "/" + number(id) }
func ViewRemoval(id int64) string { return View(id) + "/removal" }

// escape leaves readable what need not be escaped behind a question mark.
func escape(s string) string { return readable.Replace(url.QueryEscape(s)) }

var readable = strings.NewReplacer("%3A", ":", "%2C", ",", "%40", "@", "%2F", "/")
