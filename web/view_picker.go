package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/filter"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// picker offers the values of one field: those of the term at that place are chosen already.
func (s *Server) picker(r *http.Request, l listing, field, at string) (*ticketview.Picker, error) {
	rd := s.reader(r)
	f := filter.Field(field)
	here := l.at(l.Query, l.Order)
	p := &ticketview.Picker{Title: rd.l.T(fieldNames[f]), Close: here.Href(), View: here.View, Query: l.Query.String(), Order: here.Order, Field: field,
		Verbs: [2]string{rd.l.T(text.FilterVerbIs), rd.l.T(text.FilterVerbNot)}}
	var term filter.Term
	if i, err := strconv.Atoi(at); err == nil && i >= 0 && i < len(l.Query.Terms) && l.Query.Terms[i].Field == f && fits(l.Query.Terms[i]) {
		p.At, term = strconv.Itoa(i), l.Query.Terms[i]
		p.Not = term.Not
	}
	switch {
	case inBox(f):
		if p.Kind = "text"; f != filter.ID && !byNumber(term) {
			p.Verbs = [2]string{rd.l.T(text.FilterVerbContains), rd.l.T(text.FilterVerbLacks)}
		}
		return p, s.pickTyped(r, p, term)
	case inTime(f):
		rd.pickDates(p, term)
		return p, nil
	}
	if err := s.pickValues(r, p, f); err != nil {
		return nil, err
	}
	for _, v := range term.Values {
		i := slices.IndexFunc(p.Values, func(o ui.Option) bool { return strings.EqualFold(o.Value, v) })
		if i < 0 {
			p.Values = append(p.Values, ui.Option{Value: v, Name: rd.value(f, v)})
			i = len(p.Values) - 1
		}
		p.Values[i].Chosen = true
	}
	return p, nil
}

// pickTyped puts into the box what was typed; customers who are asked for by number are offered by name.
func (s *Server) pickTyped(r *http.Request, p *ticketview.Picker, term filter.Term) error {
	var numbers, typed []string
	for _, v := range term.Values {
		if byID(term.Field, v) {
			numbers = append(numbers, v)
		} else {
			typed = append(typed, v)
		}
	}
	p.Text = filter.Alone(typed)
	if len(numbers) == 0 {
		return nil
	}
	names, err := ticket.CustomersOf(r.Context(), s.db, me(r), filter.Query{Terms: []filter.Term{term}})
	if err != nil {
		return err
	}
	for _, v := range numbers {
		p.Values = append(p.Values, ui.Option{Value: v, Name: cmp.Or(names[v], v), Chosen: true})
	}
	return nil
}

// mostTags is how many tags are offered; others are typed.
const mostTags = 500

// pickValues lists what there is of a field: queues that the reader may see, people who work here.
func (s *Server) pickValues(r *http.Request, p *ticketview.Picker, f filter.Field) error {
	rd := s.reader(r)
	d, err := desk.ReadDirectory(r.Context(), s.db)
	if err != nil {
		return err
	}
	add := func(o ui.Option) { p.Values = append(p.Values, o) }
	word := func(v string) { add(ui.Option{Value: v, Name: rd.value(f, v)}) }
	// A shipped thing is asked for by its key, which is the same in every language.
	typed := func(name string) string { return strings.TrimPrefix(name, ":") }
	switch f {
	case filter.Status:
		for _, s := range d.Statuses {
			add(ui.Option{Value: typed(s.Name), Name: rd.word(s.Name), Status: rd.status(s.Kind, s.Name, ""), Depth: depth(either(s.ParentID != nil, 1, 0))})
		}
	case filter.Queue:
		for _, q := range d.QueuesInUse() {
			if rd.me.Sees(q.ID) {
				add(ui.Option{Value: typed(q.Name), Name: rd.word(q.Name)})
			}
		}
	case filter.Priority:
		for _, x := range d.Priorities {
			add(ui.Option{Value: typed(x.Name), Name: rd.word(x.Name), Priority: rd.priority(x.Level, x.Name)})
		}
	case filter.Assignee:
		word(filter.Me)
		word(filter.None)
		people := d.AtWork()
		slices.SortStableFunc(people, func(a, b desk.Person) int { return either(b.ID == rd.me.ID, 1, 0) - either(a.ID == rd.me.ID, 1, 0) })
		for _, a := range people {
			add(ui.Option{Value: a.Name, Name: a.Name, Person: rd.person(&a.ID, a.Name)})
		}
	case filter.Category:
		word(filter.None)
		for _, x := range d.Categories {
			add(ui.Option{Value: either(x.Depth > 0, x.Path, x.Name), Name: x.Name, Depth: depth(x.Depth)})
		}
	case filter.Tag:
		word(filter.None)
		tags, err := desk.Tags(r.Context(), s.db, mostTags)
		if err != nil {
			return err
		}
		for _, t := range tags {
			add(ui.Option{Value: t.Name, Name: t.Name})
		}
	case filter.Is:
		for _, v := range filter.States {
			word(v)
		}
	case filter.Source:
		for _, v := range filter.Sources {
			word(v)
		}
	case filter.Has:
		word(filter.Attachment)
	}
	return nil
}

// pickDates offers usual stretches, a length of time, and two days. How old something is is asked of the day it was created.
func (rd reader) pickDates(p *ticketview.Picker, term filter.Term) {
	if f := filter.Field(p.Field); f == filter.Older || f == filter.Newer {
		p.Field = string(filter.Created)
	}
	v, not := dateIn(term)
	p.Kind, p.Simple, p.Not = "dates", !not, not
	for _, usual := range []string{"today", "yesterday", "7d", "30d", "..2d", "..7d", "..30d"} {
		p.Values = append(p.Values, ui.Option{Value: usual, Name: rd.dates(usual), Chosen: v == usual})
	}
	p.Age = ui.Duration{Field: "age", Label: rd.l.T(text.FilterAgeField), Most: strconv.Itoa(filter.MostAge), Units: ui.Choice{Field: "age_unit", Label: rd.l.T(text.FilterUnit)}}
	age, over := strings.CutPrefix(v, "..")
	from, to, ranged := strings.Cut(v, "..")
	unit := "d"
	switch {
	case v == "" || slices.ContainsFunc(p.Values, func(o ui.Option) bool { return o.Chosen }):
	case ageOf(age) != "":
		unit, p.Over = ageOf(age), over
		p.Age.Value = strings.TrimSuffix(age, unit)
	case !ranged && dayField(v) != "":
		p.From, p.To = v, v
	case ranged && dayField(from) == from && dayField(to) == to:
		p.From, p.To = from, to
	default:
		p.Values = append(p.Values, ui.Option{Value: v, Name: rd.dates(v), Chosen: true})
	}
	for _, u := range filter.Units() {
		p.Age.Units.Options = append(p.Age.Units.Options, ui.Option{Value: u, Name: rd.l.T(text.Key("filter.unit_" + u)), Chosen: u == unit})
	}
}

// dateIn is the value of a term about a day, where a length of time has one spelling: "2d" for at most so long ago, "..2d" for longer. not tells that
// the rest is meant, as beside a length of time since a ticket was closed: the rest of that holds what never was.
func dateIn(t filter.Term) (v string, not bool) {
	if len(t.Values) != 1 {
		return "", false
	}
	age, over := strings.CutPrefix(t.Values[0], "..")
	if ageOf(age) == "" || t.Not && t.Field == filter.Closed {
		return t.Values[0], t.Not
	}
	if over || t.Field == filter.Older {
		return either(t.Not, age, ".."+age), false
	}
	return either(t.Not, ".."+age, age), false
}

// dayField is a day as a date input holds it.
func dayField(v string) string {
	if _, err := time.Parse(time.DateOnly, v); err != nil {
		return ""
	}
	return v
}
