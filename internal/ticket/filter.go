package ticket

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/filter"
)

// View is a ready selection of tickets (PRODUCT L3).
type View string

// The views. An open ticket is not closed, not postponed, not merged.
const (
	Todo       View = "todo"       // open, the agent's own and what nobody has in the queues they work in (PRODUCT V2)
	Mine       View = "mine"       // open, assigned to the asking agent
	Unassigned View = "unassigned" // open, assigned to nobody
	MyQueues   View = "queues"     // open, in queues the agent works in
	All        View = "all"        // everything the agent may see
	Observed   View = "observed"   // what the agent is told about
	Starred    View = "starred"    // what the agent keeps an eye on
	Postponed  View = "postponed"
	Closed     View = "closed"
)

// Views are all of them.
var Views = []View{Todo, Mine, Unassigned, MyQueues, All, Observed, Starred, Postponed, Closed}

// Filter says which page of which list: a view, narrowed by a query, in an order. After, Before and Start are keys of rows (Line.Key): the page that
// follows or precedes that row, or begins with it. With Most it is so many rows instead of a page, and what their messages say is not read.
type Filter struct {
	View   View
	Query  filter.Query
	Order  Order
	After  string
	Before string
	Start  string
	Most   int
	Exact  bool      // of a search: what fits, and where nothing does, nothing that comes close
	Pages  int       // how many pages at once, 1 to MostPages; 0 is one
	Now    time.Time // what "late" and "2d" count from; zero is the present
}

// plain tells whether the list is one of the ready ones, whose plans are as good for every reader.
func (f Filter) plain() bool { return f.Query.Empty() }

// page is the statement under construction that finds the rows of a page, and nothing of them but the rows.
type page struct {
	where     []string
	args      pgx.NamedArgs
	all       bool               // every queue counts
	queues    []int64            // else these
	own       bool               // the view has an index of its own, whatever the queue
	small     bool               // the view is a pile of few tickets on most desks, or few are named
	whole     bool               // the view is the whole desk, which is one index
	closed    bool               // the view is what is closed
	filtered  bool               // by terms: a plan is made for their very values
	selective bool               // one may leave few tickets, which an index finds
	part      bool               // of a search: it ended where enough was found
	free      []int64            // not nil: the agent's own, and of these queues what nobody has
	running   bool               // a goal must be unmet, and not of what is closed or merged: there it is met
	senders   map[string][]int64 // part of a first sender -> tickets, where they are few
}

// open is the condition of every index on open tickets.
const open = `kind IN ('new','open','waiting')`

// newPage begins with what by may see of the view. That holds whatever the query says: terms only take away. The values go into args, which
// several pages of one statement share.
func newPage(by agent.Agent, v View, args pgx.NamedArgs) *page {
	args["me"] = by.ID
	p := &page{where: []string{`deleted_at IS NULL`}, args: args, all: by.Can(agent.QueueAll) && v != MyQueues, queues: by.Queues}
	p.small = v != MyQueues && v != All && v != Closed
	switch v {
	case Todo:
		p.free = orNone(by.Queues)
		p.and(open, `(assignee_id = @me OR assignee_id IS NULL AND queue_id = ANY(`+p.arg(p.free)+`::bigint[]))`)
	case Mine:
		p.and(open, `assignee_id = @me`)
		p.own = true
	case Unassigned:
		p.and(open, `assignee_id IS NULL`)
	case MyQueues:
		p.and(open)
	case Observed:
		p.and(observed)
		p.own = true
	case Starred:
		p.and(starred)
		p.own = true
	case Postponed:
		p.and(`kind = 'postponed'`)
	case Closed:
		p.and(`kind = 'closed'`)
		p.closed = true
	case All:
		p.whole = true
	}
	if !by.Can(agent.TicketRead) {
		p.all, p.queues = false, nil
	}
	return p
}

const (
	starred  = `id IN (SELECT ticket_id FROM ticket_star WHERE agent_id = @me)`
	observed = `id IN (SELECT ticket_id FROM ticket_observer WHERE agent_id = @me)`
)

func (p *page) and(conditions ...string) { p.where = append(p.where, conditions...) }

// arg gives a value to the statement and returns its name there.
func (p *page) arg(v any) string {
	name := "v" + strconv.Itoa(len(p.args))
	p.args[name] = v
	return "@" + name
}

// forget takes back all arguments but the first n: what only one statement of several was told. So the next one has the same names for the same things.
func (p *page) forget(n int) {
	for i := len(p.args) - 1; i >= n; i-- {
		delete(p.args, "v"+strconv.Itoa(i))
	}
}

// narrow adds the query's terms; n knows the names in them. Its text is searched for (search.go).
func (p *page) narrow(q filter.Query, n names, now time.Time) {
	p.filtered = len(q.Terms) > 0
	for i, t := range q.Terms {
		p.small = p.small || t.Field == filter.ID && !t.Not
		if t.Field == filter.Queue && !t.Not {
			p.within(n.ids[i])
			continue
		}
		var fits []string
		if ids := n.ids[i]; len(ids) > 0 {
			fits = append(fits, p.named(t.Field, ids))
		}
		for _, v := range t.Values {
			if c := p.fits(t.Field, v, now); c != "" {
				fits = append(fits, c)
			}
		}
		c := `(` + strings.Join(fits, ` OR `) + `)`
		switch {
		case len(fits) == 0:
			c = `false` // a name that nothing here has
		case len(fits) == 1:
			c = fits[0]
		}
		switch {
		case t.Not && t.Field == filter.Source:
			c = `NOT (` + c + `)` // every ticket has one, and those that came otherwise than by mail an index
		case t.Not:
			c = `(` + c + `) IS NOT TRUE`
		default:
			p.selective = p.selective || selective(t)
			p.running = p.running || t.Field == filter.Is && !slices.ContainsFunc(t.Values, func(v string) bool { return v != "late" && v != "near" })
		}
		p.and(c)
	}
	if p.running && p.closed {
		p.and(`false`) // else all that is closed would be held against it
	}
}

// within leaves only these of the queues.
func (p *page) within(ids []int64) {
	if p.all {
		p.all, p.queues = false, ids
		return
	}
	p.queues = slices.DeleteFunc(slices.Clone(p.queues), func(id int64) bool { return !slices.Contains(ids, id) })
}

// named is the condition of a term whose values were names of something.
func (p *page) named(f filter.Field, ids []int64) string {
	switch f {
	case filter.Tag:
		return `(tag_ids[1] IS NOT NULL AND tag_ids && ` + p.arg(ids) + `)`
	case filter.Company:
		x := p.arg(ids)
		return `customer_id IN (SELECT id FROM customer WHERE company_id = ANY(` + x + `) UNION ALL SELECT unnest(` + x + `))`
	}
	column := map[filter.Field]string{filter.Queue: `queue_id`, filter.Status: `status_id`, filter.Assignee: `assignee_id`, filter.Priority: `priority_id`,
		filter.Category: `category_id`}[f]
	if column == "" {
		column = `customer_id`
	}
	if len(ids) == 1 { // an index is in order behind one value, and not behind several
		return column + ` = ` + p.arg(ids[0])
	}
	return column + ` = ANY(` + p.arg(ids) + `)`
}

// fits is the condition of one value that is no name, "" for a name.
func (p *page) fits(f filter.Field, v string, now time.Time) string {
	switch f {
	case filter.ID:
		id, _ := strconv.ParseInt(v, 10, 64)
		return `id = ` + p.arg(id)
	case filter.Is:
		return p.is(v, now)
	case filter.Source:
		return `source = ` + p.arg(v)
	case filter.Has:
		return `has_files`
	case filter.From:
		return p.from(v)
	case filter.Created:
		return p.during(`created_at`, v, now)
	case filter.Changed:
		return p.during(`changed_at`, v, now)
	case filter.Closed:
		return p.during(`closed_at`, v, now)
	case filter.Older:
		return `created_at < ` + p.arg(filter.Age(v, now))
	case filter.Newer:
		return `created_at >= ` + p.arg(filter.Age(v, now))
	}
	if v == filter.None {
		switch f {
		case filter.Assignee:
			return `assignee_id IS NULL`
		case filter.Category:
			return `category_id IS NULL`
		case filter.Tag:
			return `tag_ids = '{}'`
		}
	}
	if v == filter.Me && f == filter.Assignee {
		return `assignee_id = @me`
	}
	return ""
}

// over is an unmet goal that is exceeded, as sla.Clock.Over says it. It is looked up for each ticket on the way: the planner would join all clocks first.
func (p *page) over(goal string, now time.Time) string {
	return `EXISTS (SELECT FROM ticket_clock k WHERE k.ticket_id = ticket.id AND k.goal = '` + goal + `' AND k.met_at IS NULL AND (k.due_at < ` + p.arg(now) + ` OR k.left_minutes < 0) OFFSET 0)`
}

func (p *page) is(v string, now time.Time) string {
	switch v {
	case "unassigned":
		return `assignee_id IS NULL`
	case "mine":
		return `assignee_id = @me`
	case "unread":
		return `last_in_id > COALESCE((SELECT message_id FROM ticket_seen s WHERE s.agent_id = @me AND s.ticket_id = ticket.id), 0)`
	case "starred":
		return starred
	case "observed":
		return observed
	case "open":
		return open
	case "postponed", "closed":
		return `kind = '` + v + `'`
	case "vip":
		return `customer_id IN (SELECT id FROM customer WHERE vip)`
	case "late":
		return p.over("execution", now)
	case "near":
		return `(` + p.over("alarm", now) + ` AND NOT ` + p.over("execution", now) + `)`
	case "react":
		return `(` + p.over("reaction", now) + ` AND NOT ` + p.over("alarm", now) + ` AND NOT ` + p.over("execution", now) + `)`
	}
	return `false`
}

// during is a moment within a date value.
func (p *page) during(column, v string, now time.Time) string {
	from, to := filter.Span(v, now)
	var both []string
	if !from.IsZero() {
		both = append(both, column+` >= `+p.arg(from))
	}
	if !to.IsZero() {
		both = append(both, column+` < `+p.arg(to))
	}
	return `(` + strings.Join(both, ` AND `) + `)`
}

// inQueues keeps to the queues where they are not walked one by one.
func (p *page) inQueues() string {
	switch {
	case p.all:
		return ``
	case len(p.queues) == 1:
		return ` AND queue_id = ` + p.arg(p.queues[0])
	}
	return ` AND queue_id = ANY(` + p.arg(p.queues) + `::bigint[])`
}

// count is the expression that counts what is on the list, up to most.
func (p *page) count(most int) string { return `(SELECT count(*) FROM (` + p.ids(most) + `) x)` }

// ids finds what is on the list, in no order, up to most; newest its newest.
func (p *page) ids(most int) string    { return p.some(``, most) }
func (p *page) newest(most int) string { return p.some(` ORDER BY changed_at DESC, id DESC`, most) }

func (p *page) some(order string, most int) string {
	tail := order + ` LIMIT ` + strconv.Itoa(most)
	var found []string
	for _, part := range p.parts() {
		found = append(found, `(SELECT id, changed_at FROM ticket WHERE `+part.conditions()+tail+`)`)
	}
	if len(found) == 1 {
		return `SELECT id FROM ` + found[0] + ` y`
	}
	return `SELECT id FROM (` + strings.Join(found, ` UNION ALL `) + `) y` + tail
}
