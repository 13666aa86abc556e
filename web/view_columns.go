package web

import (
	"slices"
	"strconv"

	"frontdesk/internal/agent"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/ticketview"
)

// column is what a list knows of one of its columns. The widths are those of static/css/components/tickets.css: in a wide list, below narrowList
// and below slimList. The one with the least weight leaves a narrow list first.
type column struct {
	name   text.Key
	widths [3]int
	weight int
	line   bool // a list of lines shows it, chosen or not
}

var columns = map[string]column{
	"clock":       {text.ListDue, [3]int{88, 88, 88}, 12, true},
	"number":      {text.ListNumber, [3]int{66, 66, 66}, 7, true},
	agent.Subject: {text.ListSubject, [3]int{0, 0, 0}, 13, true},
	"customer":    {text.ListCustomer, [3]int{178, 148, 148}, 11, true},
	"status":      {text.ListStatus, [3]int{158, 128, 128}, 10, true},
	"priority":    {text.ListPriority, [3]int{40, 40, 40}, 5, true},
	"queue":       {text.ListQueue, [3]int{92, 92, 92}, 6, false},
	"assignee":    {text.ListAssignee, [3]int{128, 108, 44}, 8, true},
	"tags":        {text.ListTags, [3]int{150, 150, 150}, 3, false},
	"category":    {text.ListCategory, [3]int{120, 120, 120}, 4, false},
	"source":      {text.ListSource, [3]int{84, 84, 84}, 1, false},
	"created":     {text.ListCreated, [3]int{98, 98, 98}, 2, false},
	"changed":     {text.ListChanged, [3]int{98, 98, 98}, 9, true},
}

// The measures of a list in pixels.
const (
	pickWidth   = 50 // the box before and the margin behind the columns
	narrowList  = 960
	slimList    = 840
	widestList  = 1800 // from here on everything has room
	narrowestOf = 600  // below it a ticket is three lines
	widthStep   = 60   // the style sheet knows the widths between at these steps
)

// leaving says for each of the columns below which width of the list it leaves, so that the subject keeps its room whatever was chosen; 0 for
// those that stay as long as there is a table.
func leaving(chosen []string) map[string]int {
	left := slices.Clone(chosen)
	slices.SortStableFunc(left, func(a, b string) int { return columns[a].weight - columns[b].weight })
	to := map[string]int{}
	for width := widestList; width > narrowestOf; width -= widthStep {
		for len(left) > 1 && taken(left, width-widthStep) > width-widthStep {
			to[left[0]] = width
			left = left[1:]
		}
	}
	return to
}

// room is what the subject has at least in a list of a width.
func room(width int) int { return min(320, max(150, width*21/100)) }

// taken is the room columns need in a list of a width.
func taken(of []string, width int) int {
	sum := pickWidth + room(width)
	for _, c := range of {
		switch w := columns[c].widths; {
		case width < slimList:
			sum += w[2]
		case width < narrowList:
			sum += w[1]
		default:
			sum += w[0]
		}
	}
	return sum
}

// columns are those the agent chose, and behind them what a list of lines needs besides.
func (rd reader) columns(l listing) []ticketview.Column {
	heads := rd.heads(l)
	to := leaving(rd.me.Columns)
	var all []ticketview.Column
	for _, name := range rd.me.Columns {
		c := ticketview.Column{Name: name, Head: heads[name]}
		if w := to[name]; w > 0 {
			c.To = strconv.Itoa(w)
		}
		all = append(all, c)
	}
	for _, name := range agent.Columns {
		if columns[name].line && !slices.Contains(rd.me.Columns, name) {
			all = append(all, ticketview.Column{Name: name, Head: ticketview.Head{Name: rd.l.T(columns[name].name)}, To: ticketview.ToLine})
		}
	}
	return all
}

// heads are the heads of the columns. A click on some of them sorts, a second one turns the order round; what a search finds stands in its own
// order, the best first.
func (rd reader) heads(l listing) map[string]ticketview.Head {
	heads := map[string]ticketview.Head{}
	for name, c := range columns {
		heads[name] = ticketview.Head{Name: rd.l.T(c.name)}
	}
	if l.Searches() {
		return heads
	}
	for _, c := range []struct {
		column   string
		down, up ticket.Order
		first    string // how the values run in the order that comes first
	}{{"changed", ticket.ByChanged, ticket.ByChangedUp, "descending"}, {"created", ticket.ByCreated, ticket.ByCreatedUp, "descending"},
		{"priority", ticket.ByPriority, ticket.ByPriorityUp, "descending"}, {"clock", ticket.ByDue, ticket.ByDue, "ascending"}} {
		h := ticketview.Head{Name: heads[c.column].Name, Href: l.at(l.Query, c.down).Href()}
		switch l.Order {
		case c.down:
			h.Href, h.Sort = l.at(l.Query, c.up).Href(), c.first
		case c.up:
			h.Sort = "ascending"
		}
		heads[c.column] = h
	}
	return heads
}
