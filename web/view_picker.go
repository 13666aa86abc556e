package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

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
	if i, err := strconv.Atoi(at); err == nil && i >= 0 && i < len(l.Query.Terms) && l.Query.Terms[i].Field == f {
		p.At, term = strconv.Itoa(i), l.Query.Terms[i]
		p.Not = term.Not
	}
	switch f {
	case filter.Customer, filter.Company, filter.From, filter.ID:
		p.Kind, p.Text = "text", strings.Join(term.Values, ", ")
		p.Verbs = [2]string{rd.l.T(text.FilterVerbContains), rd.l.T(text.FilterVerbLacks)}
		if len(term.Values) == 1 {
			p.Text = term.Values[0]
		}
		return p, nil
	case filter.Created, filter.Changed, filter.Closed, filter.Older, filter.Newer:
		rd.pickDates(p, term)
		return p, nil
	}
	choices, err := ticket.Pickable(r.Context(), s.db, me(r), f)
	if err != nil {
		return nil, err
	}
	rd.pickValues(p, f, choices)
	for _, v := range term.Values {
		i := slices.IndexFunc(p.Values, func(o ticketview.PickValue) bool { return strings.EqualFold(o.Value, v) })
		if i < 0 {
			p.Values = append(p.Values, ticketview.PickValue{Option: ui.Option{Value: v, Name: rd.value(f, v)}})
			i = len(p.Values) - 1
		}
		p.Values[i].Chosen = true
	}
	return p, nil
}

// pickValues lists what there is of a field.
func (rd reader) pickValues(p *ticketview.Picker, f filter.Field, c ticket.Choices) {
	add := func(o ui.Option, depth int) {
		p.Values = append(p.Values, ticketview.PickValue{Option: o, Depth: depth})
	}
	word := func(v string) { add(ui.Option{Value: v, Name: rd.value(f, v)}, 0) }
	// A shipped thing is asked for by its key, which is the same in every language.
	typed := func(name string) string { return strings.TrimPrefix(name, ":") }
	switch f {
	case filter.Status:
		for _, s := range c.Statuses {
			add(ui.Option{Value: typed(s.Name), Name: rd.word(s.Name), Status: rd.status(s.Kind, s.Name, "")}, either(s.ParentID != nil, 1, 0))
		}
	case filter.Queue:
		for _, q := range c.Queues {
			add(ui.Option{Value: typed(q.Name), Name: rd.word(q.Name)}, 0)
		}
	case filter.Priority:
		for _, x := range c.Priorities {
			add(ui.Option{Value: typed(x.Name), Name: rd.word(x.Name), Priority: rd.priority(x.Level, x.Name)}, 0)
		}
	case filter.Assignee:
		word(filter.Me)
		word(filter.None)
		for _, a := range c.Agents {
			add(ui.Option{Value: a.Name, Name: a.Name, Person: rd.person(&a.ID, a.Name)}, 0)
		}
	case filter.Category:
		word(filter.None)
		for _, x := range c.Categories {
			add(ui.Option{Value: either(x.Depth > 0, x.Path, x.Name), Name: x.Name}, x.Depth)
		}
	case filter.Tag:
		word(filter.None)
		for _, t := range c.Tags {
			add(ui.Option{Value: t.Name, Name: t.Name}, 0)
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
}

// pickDates offers usual stretches, and two days.
func (rd reader) pickDates(p *ticketview.Picker, term filter.Term) {
	p.Kind, p.Simple = "dates", true
	for _, v := range []string{"today", "yesterday", "7d", "30d", "..2d", "..7d", "..30d"} {
		chosen := len(term.Values) == 1 && term.Values[0] == v
		p.Values = append(p.Values, ticketview.PickValue{Option: ui.Option{Value: v, Name: rd.dates(v), Chosen: chosen}})
	}
	if len(term.Values) == 1 {
		from, to, ranged := strings.Cut(term.Values[0], "..")
		if !ranged {
			to = from
		}
		p.From, p.To = dayField(from), dayField(to)
	}
}

// dayField is a day as a date input holds it.
func dayField(v string) string {
	if _, err := time.Parse(time.DateOnly, v); err != nil {
		return ""
	}
	return v
}
