package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
)

// viewNames are the headings of the views.
var viewNames = map[ticket.View]text.Key{
	ticket.Todo:       text.ViewTodo,
	ticket.Mine:       text.ViewMine,
	ticket.Unassigned: text.ViewUnassigned,
	ticket.MyQueues:   text.ViewQueues,
	ticket.All:        text.ViewAll,
	ticket.Observed:   text.ViewObserved,
	ticket.Starred:    text.ViewStarred,
	ticket.Postponed:  text.ViewPostponed,
	ticket.Closed:     text.ViewClosed,
}

// listing is a list as its address asks for it. Whatever the address says there is one: what was not understood is among the problems.
type listing struct {
	ticket.Filter
	saved    *desk.SavedView // the view, where it is a saved one
	typed    string          // what stands in the search box
	place    string          // where the ticket stood whose card was opened from here
	problems []filter.Problem

	directory *desk.Directory   // where the names of its filter were looked up; nil before, and where it names nothing
	customers map[string]string // the names of those that it asks for by #id
}

// listing reads an address.
func (s *Server) listing(ctx context.Context, by agent.Agent, at href.List) (listing, error) {
	l := listing{Filter: ticket.Filter{View: ticket.View(at.View), Order: ticket.Order(at.Order), After: at.After, Before: at.Before, Start: at.Start, Pages: at.Pages, Now: s.now()}, place: at.Place}
	if id, ok := savedView(at.View); ok {
		v, err := desk.SavedViewOf(ctx, s.db, by, id)
		switch {
		case errors.Is(err, fault.NotFound):
			l.problems = append(l.problems, fault.Because(text.FilterNoView))
			at = href.List{}
		case err != nil:
			return listing{}, err
		default:
			l.saved, l.View = &v, ticket.View(v.Base)
			if at.Query == "" && !at.All {
				at.Query = v.Query
			}
			if l.Order == "" {
				l.Order = ticket.Order(v.Order)
			}
		}
	}
	if _, ok := viewNames[l.View]; !ok {
		if l.View != "" && len(l.problems) == 0 {
			l.problems = append(l.problems, fault.Because(text.FilterNoView))
		}
		l.View = ticket.MyQueues
	}
	var wrong []filter.Problem
	l.Query, wrong = filter.Parse(at.Query)
	l.problems = append(l.problems, wrong...)
	if l.typed = l.Query.String(); len(wrong) > 0 {
		l.typed = at.Query // to be mended
	}
	switch {
	case l.Order == "":
		l.Order = ticket.ByChanged
	case !l.Order.Known():
		l.Order = ticket.ByChanged
		l.problems = append(l.problems, fault.Because(text.FilterNoOrder))
	}
	return l, nil
}

// savedView is the number of a saved view in the address of a list.
func savedView(view string) (int64, bool) {
	digits, ok := strings.CutPrefix(view, "s")
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, ok && err == nil && id > 0
}

// at is the address of this list with another query and order, from its beginning.
func (l listing) at(q filter.Query, o ticket.Order) href.List {
	at := href.List{View: string(l.View), Query: q.String()}
	usual := ticket.ByChanged
	if l.saved != nil {
		at.View = "s" + dec(l.saved.ID)
		if usual = ticket.Order(l.saved.Order); at.Query == l.saved.Query {
			at.Query = ""
		} else {
			at.All = true
		}
	}
	if o != usual {
		at.Order = string(o)
	}
	return at
}

// spelled is this list as a form takes it, from its beginning. All that a saved view asks for is written out: it stays the list that was shown when
// its owner makes another one of the view.
func (l listing) spelled() string {
	at := l.at(l.Query, l.Order)
	if l.saved != nil {
		at.Query, at.All, at.Order = l.Query.String(), true, string(l.Order)
	}
	return at.String()
}

// meant is the list that a form was made for, as spelled. What is done to a list is never done to another one: fault.Invalid where its saved view is
// gone or a part of it is not understood.
func (s *Server) meant(r *http.Request, list string) (listing, error) {
	l, err := s.listing(r.Context(), me(r), href.ListOf(list).First())
	if err == nil && len(l.problems) > 0 {
		err = fault.Invalid{"list": fault.Because(text.FilterNotMeant)}
	}
	return l, err
}

// here is the address of this very page.
func (l listing) here() href.List {
	at := l.at(l.Query, l.Order)
	at.After, at.Before, at.Start, at.Pages = l.After, l.Before, l.Start, l.Pages
	return at
}

// changed tells whether a saved view is not shown as it was saved.
func (l listing) changed() bool {
	return l.saved != nil && (l.saved.Query != l.Query.String() || l.saved.Order != string(l.Order))
}

// name is the heading.
func (l listing) name(words *text.Local) string {
	if l.saved != nil {
		return l.saved.Name
	}
	return words.T(viewNames[l.View])
}

// inRail is the line of the rail this list belongs to.
func (l listing) inRail() string {
	at := l.at(filter.Query{}, l.Order)
	if l.saved == nil && l.View == ticket.MyQueues && len(l.Query.Terms) == 1 && l.Query.Text == "" {
		return href.List{View: at.View, Query: l.Query.String()}.Href() // perhaps one queue
	}
	return href.Tickets(at.View)
}

// listAt reads the address of a list from a page's own. A term that a picker sends beside it is put in, and asked is true: the list stands at
// another address.
func listAt(v url.Values) (at href.List, asked bool) {
	at = href.ListFrom(v)
	if !v.Has("field") {
		return at, false
	}
	q, _ := filter.Parse(at.Query)
	i, err := strconv.Atoi(v.Get("at"))
	if err != nil {
		i = len(q.Terms)
	}
	var old filter.Term
	if i >= 0 && i < len(q.Terms) {
		old = q.Terms[i]
	}
	fresh, wrong := chosen(v, old)
	q = put(q, i, fresh)
	at.Query, at.All = strings.TrimSpace(q.String()+" "+wrong), true
	return at.First(), true
}

// chosen is the term a picker sent in place of an old one, spelled out and read back like a typed one; nothing when nothing was chosen. One of which a
// part cannot be read is wrong, as typed: the list says why.
func chosen(v url.Values, old filter.Term) (fresh []filter.Term, wrong string) {
	t := filter.Term{Field: filter.Field(v.Get("field")), Not: v.Get("not") != "", Values: slices.DeleteFunc(slices.Clone(v["value"]), func(s string) bool { return strings.TrimSpace(s) == "" })}
	switch when := chosenDate(v, old); {
	case when != "":
		t.Values = []string{when}
	case inBox(t.Field) && len(v["value"]) > 0: // the box stands before what is offered by name
		t.Values = append(filter.Values(v["value"][0]), v["value"][1:]...)
	}
	if len(t.Values) == 0 {
		return nil, ""
	}
	q, problems := filter.Parse(t.String())
	if len(problems) > 0 {
		return nil, t.String()
	}
	return q.Terms, ""
}

// chosenDate is what a picker of dates sent: a length of time, two days, or a usual stretch. They are filled in as the old term was, so what says the
// same as that is only meant when nothing else is.
func chosenDate(v url.Values, old filter.Term) string {
	var said []string
	if n := strings.TrimSpace(v.Get("age")); n != "" {
		said = append(said, either(v.Get("age_way") == "over", "..", "")+n+v.Get("age_unit"))
	}
	if since, until := v.Get("since"), v.Get("until"); since != "" || until != "" {
		said = append(said, either(since == until, since, since+".."+until))
	}
	if len(said) == 0 {
		return "" // the usual stretches are values like any other
	}
	was, _ := dateIn(old)
	for _, s := range append(said, v.Get("value")) {
		if s != "" && s != was {
			return s
		}
	}
	return said[0]
}

// put replaces the term at i, or adds one behind the last.
func put(q filter.Query, i int, fresh []filter.Term) filter.Query {
	if i < 0 || i > len(q.Terms) {
		i = len(q.Terms)
	}
	rest := q.Terms[min(i+1, len(q.Terms)):]
	q.Terms = slices.Clone(q.Terms[:i])
	for _, t := range slices.Concat(fresh, rest) {
		q = q.With(t)
	}
	return q
}
