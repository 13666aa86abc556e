package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/filter"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
)

// fieldNames are what the fields of a filter are called.
var fieldNames = map[filter.Field]text.Key{
	filter.ID: text.FilterFieldId, filter.Queue: text.ListQueue, filter.Status: text.ListStatus, filter.Is: text.FilterFieldIs, filter.Assignee: text.ListAssignee,
	filter.Priority: text.ListPriority, filter.Category: text.FilterFieldCategory, filter.Tag: text.FilterFieldTag, filter.Source: text.FilterFieldSource,
	filter.Customer: text.ListCustomer, filter.Company: text.FilterFieldCompany, filter.From: text.FilterFieldFrom, filter.Has: text.FilterFieldHas,
	filter.Created: text.ListCreated, filter.Changed: text.ListChanged, filter.Closed: text.FilterFieldClosed, filter.Older: text.ListCreated, filter.Newer: text.ListCreated,
}

// menuField is a line of the menu of filters; apart draws a line above it.
type menuField struct {
	field filter.Field
	apart bool
}

// filterMenu are the fields that can be picked; the others are typed.
var filterMenu = []menuField{{filter.Status, false}, {filter.Queue, false}, {filter.Assignee, false}, {filter.Priority, false}, {filter.Category, false}, {filter.Tag, false}, {filter.Is, false},
	{filter.Customer, true}, {filter.Company, false}, {filter.From, false}, {filter.Source, false}, {filter.Has, false},
	{filter.Created, true}, {filter.Changed, false}, {filter.Closed, false}}

// orderNames are the lines of the menu of orders.
var orderNames = map[ticket.Order]text.Key{
	ticket.ByChanged: text.FilterSortChanged, ticket.ByChangedUp: text.FilterSortChangedUp, ticket.ByCreated: text.FilterSortCreated, ticket.ByCreatedUp: text.FilterSortCreatedUp,
	ticket.ByPriority: text.FilterSortPriority, ticket.ByPriorityUp: text.FilterSortPriorityUp, ticket.ByDue: text.FilterSortDue,
}

// filterView prints the bar above a list.
func (rd reader) filterView(l listing) ticketview.Filter {
	here := l.at(l.Query, l.Order)
	v := ticketview.Filter{List: l.spelled(), View: here.View, Order: here.Order, Typed: l.typed, Sorted: rd.l.T(orderNames[l.Order])}
	for _, p := range l.problems {
		v.Problems = append(v.Problems, rd.l.T(p.Key, p.Args...))
	}
	for i, t := range l.Query.Terms {
		v.Chips = append(v.Chips, rd.chip(l, i, t))
	}
	for _, o := range filterMenu {
		to, note := here.Pick(string(o.field), ""), ""
		switch o.field {
		case filter.Is:
			note = rd.l.T(text.FilterFieldIsNote) // its name alone does not tell that clocks are in there
		case filter.Has:
			to = l.at(l.Query.With(filter.Term{Field: filter.Has, Values: []string{filter.Attachment}}), l.Order).Href()
		}
		v.Add = append(v.Add, ticketview.FilterField{Name: rd.l.T(fieldNames[o.field]), Note: note, Href: to, Apart: o.apart})
	}
	for _, o := range ticket.Orders {
		if l.Searches() {
			break // the best first
		}
		v.Sort = append(v.Sort, ticketview.SortLink{Name: rd.l.T(orderNames[o]), Href: l.at(l.Query, o).Href(), Current: o == l.Order})
	}
	if !l.Query.Empty() || l.typed != "" {
		v.Clear = l.at(filter.Query{}, l.Order).Href()
	}
	switch {
	case l.saved != nil && l.saved.MayChange(rd.me):
		v.Edit = &ticketview.EditView{Action: href.View(l.saved.ID), Remove: href.ViewRemoval(l.saved.ID), List: v.List, MayShare: rd.me.Can(agent.ViewShare),
			Shared: l.saved.Shared, Changed: l.changed()}
		v.Edit.Name.Value = l.saved.Name
	case !l.Query.Empty() || l.Order != ticket.ByChanged:
		v.Save = &ticketview.SaveView{List: v.List, MayShare: rd.me.Can(agent.ViewShare)}
	}
	return v
}

func (rd reader) chip(l listing, i int, t filter.Term) ticketview.Chip {
	c := ticketview.Chip{Field: rd.l.T(fieldNames[t.Field]), Verb: rd.verb(t), Value: rd.values(l, t), Off: l.at(l.Query.Without(i), l.Order).Href()}
	if t.Field == filter.Has {
		c.Value = rd.l.T(text.FilterHasAttachment)
		if t.Not {
			c.Value = rd.l.T(text.FilterHasNoAttachment)
		}
	} else if picked(t.Field) && fits(t) {
		c.Edit = l.at(l.Query, l.Order).Pick(string(t.Field), strconv.Itoa(i))
	}
	c.Text = strings.Join(strings.Fields(c.Field+" "+c.Verb+" "+c.Value), " ")
	return c
}

// picked tells whether a picker can show a field's values: how old something is is picked where the day it was created is.
func picked(f filter.Field) bool {
	return f == filter.Older || f == filter.Newer || slices.ContainsFunc(filterMenu, func(o menuField) bool { return o.field == f })
}

// fits tells whether a picker holds all of a term: of stretches of time it holds one.
func fits(t filter.Term) bool { return !inTime(t.Field) || len(t.Values) == 1 }

// inTime tells whether the values of a field are stretches of time.
func inTime(f filter.Field) bool {
	return slices.Contains([]filter.Field{filter.Created, filter.Changed, filter.Closed, filter.Older, filter.Newer}, f)
}

// inBox tells whether the values of a field are typed in a box.
func inBox(f filter.Field) bool {
	return f == filter.Customer || f == filter.Company || f == filter.From || f == filter.ID
}

// verb stands between a field and its values; moments need none.
func (rd reader) verb(t filter.Term) string {
	several := len(t.Values) > 1
	switch t.Field {
	case filter.Has:
		return ""
	case filter.Created, filter.Changed, filter.Closed, filter.Older, filter.Newer:
		if t.Not {
			return rd.l.T(text.FilterVerbOutside)
		}
		return ""
	case filter.Customer, filter.Company, filter.From:
		if byNumber(t) {
			break
		}
		return rd.l.T(either(t.Not, text.FilterVerbLacks, text.FilterVerbContains))
	}
	if several {
		return rd.l.T(either(t.Not, text.FilterVerbNone, text.FilterVerbAny))
	}
	return rd.l.T(either(t.Not, text.FilterVerbNot, text.FilterVerbIs))
}

func either[T any](b bool, yes, no T) T {
	if b {
		return yes
	}
	return no
}

// byID tells whether a value is a customer's number (#17), as the palette asks for one whose name others may share.
func byID(f filter.Field, v string) bool {
	return (f == filter.Customer || f == filter.Company) && strings.HasPrefix(v, "#")
}

// byNumber tells whether a term asks for numbers alone, which are no part of a name.
func byNumber(t filter.Term) bool {
	return len(t.Values) > 0 && !slices.ContainsFunc(t.Values, func(v string) bool { return !byID(t.Field, v) })
}

// values are the words of a term's values, which the list has looked up where they are names.
func (rd reader) values(l listing, t filter.Term) string {
	var all []string
	for _, v := range t.Values {
		if shipped(l.directory, t.Field, v) {
			v = rd.word(":" + strings.ToLower(v))
		} else if byID(t.Field, v) {
			v = cmp.Or(l.customers[v], v)
		}
		all = append(all, rd.value(t.Field, v))
	}
	if t.Field == filter.ID {
		return strings.Join(all, ", ")
	}
	n := len(all)
	if n < 2 {
		return strings.Join(all, "")
	}
	return rd.l.T(text.FilterValueOr, "first", strings.Join(all[:n-1], ", "), "last", all[n-1])
}

// value is one value as it is read: words of the language in the reader's, names as they are.
func (rd reader) value(f filter.Field, v string) string {
	switch f {
	case filter.ID:
		return "#" + v
	case filter.Is:
		return rd.l.T(text.Key("filter.state_" + v))
	case filter.Source:
		return rd.l.T(text.Key("filter.source_" + v))
	case filter.Assignee:
		switch v {
		case filter.Me:
			return rd.l.T(text.FilterValueMe)
		case filter.None:
			return rd.l.T(text.FilterValueNobody)
		}
	case filter.Category, filter.Tag:
		if v == filter.None {
			return rd.l.T(text.FilterValueNone)
		}
	case filter.Older:
		return rd.l.T(text.FilterAgo, "age", rd.aged("age", v))
	case filter.Newer:
		return rd.aged("last", v)
	case filter.Created, filter.Changed, filter.Closed:
		return rd.dates(v)
	}
	return v
}

// shipped tells whether a value is the key of a piece of furniture that has its shipped name, or a kind of status. Everything else is what people
// call things, and is read as it is.
func shipped(d *desk.Directory, f filter.Field, v string) bool {
	if d == nil {
		return false
	}
	is := func(name string) bool { return strings.EqualFold(name, ":"+v) }
	switch f {
	case filter.Status:
		return slices.ContainsFunc(d.Statuses, func(s desk.Status) bool { return is(":"+s.Kind) || is(s.Name) })
	case filter.Queue:
		return slices.ContainsFunc(d.Queues, func(q desk.Queue) bool { return is(q.Name) })
	case filter.Priority:
		return slices.ContainsFunc(d.Priorities, func(p desk.Priority) bool { return is(p.Name) })
	}
	return false
}

// dates are a stretch of time in words.
func (rd reader) dates(v string) string {
	from, to, ranged := strings.Cut(v, "..")
	switch {
	case !ranged && ageOf(v) != "":
		return rd.aged("last", v)
	case !ranged:
		return rd.day(v)
	case from == "" && ageOf(to) != "":
		return rd.l.T(text.FilterAgo, "age", rd.aged("age", to))
	case from == "":
		return rd.l.T(text.FilterUntil, "when", rd.day(to))
	case to == "" && ageOf(from) != "":
		return rd.aged("last", from)
	case to == "":
		return rd.l.T(text.FilterSince, "when", rd.day(from))
	}
	return rd.l.T(text.FilterBetween, "from", rd.day(from), "to", rd.day(to))
}

// day is a day, or the end of a stretch, in words; months and years are read as they are.
func (rd reader) day(v string) string {
	switch v {
	case "today":
		return rd.l.T(text.FilterToday)
	case "yesterday":
		return rd.l.T(text.FilterYesterday)
	}
	if ageOf(v) != "" {
		return rd.l.T(text.FilterBefore, "age", rd.aged("age", v))
	}
	if t, err := time.ParseInLocation(time.DateOnly, v, rd.l.Zone()); err == nil {
		return rd.l.Date(t)
	}
	return v
}

// ageOf is the unit of an age, "" for what is none.
func ageOf(v string) string {
	unit := strings.TrimLeft(v, "0123456789")
	if unit == v || unit == "" || strings.ContainsFunc(unit, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return ""
	}
	return unit
}

// aged is a length of time in words: an "age" alone, or as the "last" such time.
func (rd reader) aged(as, v string) string {
	unit := ageOf(v)
	n, _ := strconv.Atoi(strings.TrimSuffix(v, unit))
	return rd.l.N(text.Key("filter."+as+"_"+unit), n)
}
