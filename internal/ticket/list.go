package ticket

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
	"frontdesk/internal/text"
)

// PageSize is how many tickets a page of the list holds.
const PageSize = 50

// MostPages is how many of them are read at once: a reader who scrolls has so many before the eyes, and a refresh asks for all of them.
const MostPages = 6

// rows is how many rows the filter asks for.
func (f Filter) rows() int {
	if f.Most > 0 {
		return f.Most
	}
	return PageSize * max(1, min(f.Pages, MostPages))
}

// Line is one row of the list.
type Line struct {
	ID             int64
	Subject        string
	Kind           string
	Status         string // ":" and the key for shipped statuses, like every name below
	Parent         string // of a sub-status: the status above it
	Priority       string
	Level          int
	Queue          string
	AssigneeID     *int64
	Assignee       string
	Customer       string
	Company        string
	VIP            bool
	Requester      string
	RequesterName  string
	HasFiles       bool
	Unread         bool
	LastIn         int64 // the customer's newest message
	CreatedAt      time.Time
	ChangedAt      time.Time
	Reaction       Due
	Alarm          Due
	Execution      Due
	Tags           []string
	Category       string
	Source         string
	Language       string // of what began it: en, pl, de or other
	Starred        bool
	PostponedUntil *time.Time
	Hit            *Hit // of a search: why it is listed

	key string
}

// Due is one unmet clock of a line: the moment, or what was left when it was paused.
type Due struct {
	At   *time.Time
	Left *int
}

// Clocks are the line's unmet goals, for sla.Colour.
func (l Line) Clocks() []sla.Clock {
	var out []sla.Clock
	for _, c := range []sla.Clock{{Goal: sla.Reaction, DueAt: l.Reaction.At, Left: l.Reaction.Left}, {Goal: sla.Alarm, DueAt: l.Alarm.At, Left: l.Alarm.Left},
		{Goal: sla.Execution, DueAt: l.Execution.At, Left: l.Execution.Left}} {
		if c.DueAt != nil || c.Left != nil {
			out = append(out, c)
		}
	}
	return out
}

// Key names the line's place in the order it was listed in, for After and Before.
func (l Line) Key() string { return l.key }

// Page is one page of the list. Newer and Older say whether there is more on that side: above and below. Problems tell what the filter asked for
// in vain.
type Page struct {
	Lines    []Line
	Newer    bool
	Older    bool
	Problems []filter.Problem
	Near     bool // of a search: nothing fits, these nearly do
	Part     bool // of a search: older tickets, which were not looked at, may fit too

	Directory *desk.Directory   // where the filter's names were looked up; nil where it names nothing that stands there
	Customers map[string]string // the names of those that it asks for by #id
}

// List reads one page in one round trip, one more when it is filtered, one when the query names something, one for parts of senders, and one when the
// directory changed; the same cost on page 1 and page 1,000 (PRODUCT L6). It never shows a ticket that by may not see. What it does not understand it
// tells, and shows the nearest sensible page. also asks what else the web page wants to know.
func List(ctx context.Context, r pg.Reader, by agent.Agent, f Filter, also ...func(*pg.Batch)) (Page, error) {
	var problems []filter.Problem
	if f.Order != "" && !f.Order.Known() {
		problems = append(problems, fault.Because(text.FilterNoOrder))
	}
	page, found, err := choose(ctx, r, by, &f)
	if err != nil {
		return Page{}, err
	}
	at, ok := f.place()
	if !ok && !f.Searches() {
		problems = append(problems, fault.Because(text.FilterNoKey))
	}
	problems = append(problems, found.problems...)
	if f.Query.Text != "" && !f.Searches() {
		problems = append(problems, fault.Because(text.FilterNoWords))
	}
	if f.Searches() {
		p, err := page.searched(ctx, r, by, f, also...)
		p.Problems, p.Directory, p.Customers = problems, found.directory, found.customers
		return p, err
	}
	var b pg.Batch
	var rows []lineRow
	var places []place
	above := []bool{at.id != 0}
	most := f.rows() + 1
	if f.plain() {
		b.OnePlan()
		pg.Ask(&b, &rows, dressed(page.rows(f.Order, at, most))+` ORDER BY `+f.Order.by(at.back), page.args)
		if at.with {
			pg.Ask(&b, &above, `SELECT `+page.above(f.Order, at), page.args)
		}
	} else {
		// How common a tag is decides the way to its tickets: a plan is made for these very values, and only for the way.
		if places, above[0], err = page.places(ctx, r, f.Order, at, most); err != nil {
			return Page{}, fmt.Errorf("list %s %q: %w", f.View, f.Query, err)
		}
		askLines(&b, &rows, by, places)
	}
	for _, ask := range also {
		ask(&b)
	}
	directory := desk.AskDirectory(&b)
	if err := b.Run(ctx, r); err != nil {
		return Page{}, fmt.Errorf("list %s %q: %w", f.View, f.Query, err)
	}
	d, err := directory(ctx, r)
	if err != nil {
		return Page{}, fmt.Errorf("list %s %q: %w", f.View, f.Query, err)
	}
	lines := make(map[int64]lineRow, len(rows))
	for _, row := range rows {
		if lines[row.ID] = row; f.plain() {
			places = append(places, row.place(f.Order))
		}
	}
	more := len(places) > f.rows()
	places = places[:min(len(places), f.rows())]
	p := Page{Lines: make([]Line, 0, len(places)), Newer: above[0], Older: more, Problems: problems, Directory: found.directory, Customers: found.customers}
	if at.back {
		slices.Reverse(places)
		p.Newer, p.Older = more, true
	}
	for _, x := range places { // a row stands where it was found, and one that has gone since is left out
		if row, ok := lines[x.id]; ok {
			l := row.line(d)
			l.key = f.Order.key(x)
			p.Lines = append(p.Lines, l)
		}
	}
	return p, nil
}

// choose makes the selection a filter asks for and fills in what the filter leaves open: the usual order, the present. n is what its query names.
func choose(ctx context.Context, r pg.Reader, by agent.Agent, f *Filter) (p *page, n names, err error) {
	if !f.Order.Known() {
		f.Order = ByChanged
	}
	if f.Now.IsZero() {
		f.Now = time.Now()
	}
	found, err := find(ctx, r, by, f.Query)
	if err != nil {
		return nil, names{}, err
	}
	p = newPage(by, f.View, pgx.NamedArgs{})
	if p.senders, err = findSenders(ctx, r, f.Query); err != nil {
		return nil, names{}, err
	}
	p.narrow(f.Query, found[0], f.Now.In(by.Location()))
	return p, found[0], nil
}

// places are where the rows of the page at place stand, in its order, nearest first where it ends there; above tells whether there are rows above it.
func (p *page) places(ctx context.Context, r pg.Reader, o Order, at place, most int) (all []place, above bool, err error) {
	rows, err := pg.List[placeRow](ctx, r, `SELECT t.id, t.stretch, t.changed_at, t.created_at, t.next_due, `+p.above(o, at)+` AS above
		FROM (`+p.rows(o, at, most)+`) t ORDER BY `+o.by(at.back), pgx.QueryExecModeExec, p.args)
	if err != nil {
		return nil, false, fmt.Errorf("find the places of rows: %w", err)
	}
	above = at.id != 0
	for _, row := range rows {
		above = row.Above
		all = append(all, lineRow{ID: row.ID, Stretch: row.Stretch, ChangedAt: row.ChangedAt, CreatedAt: row.CreatedAt, NextDue: row.NextDue}.place(o))
	}
	return all, above, nil
}

type placeRow struct {
	ID                   int64
	Stretch              int
	ChangedAt, CreatedAt time.Time
	NextDue              *time.Time
	Above                bool
}

// askLines reads what is shown of tickets that were found, and that by may still see, in no order.
func askLines(b *pg.Batch, into *[]lineRow, by agent.Agent, places []place) {
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i] = p.id
	}
	b.OnePlan()
	pg.Ask(b, into, dressed(`SELECT 0 AS stretch, ticket.* FROM unnest(@ids::bigint[]) AS x (id) JOIN ticket USING (id) WHERE `+visible), seeing(by, named("me", by.ID, "ids", ids)))
}

// dressed is the statement that finds rows and reads what is shown of them. A star is looked up for each row: of an EXISTS the planner makes a
// table of all that the agent ever starred.
func dressed(rows string) string {
	return `
		SELECT t.id, t.subject, t.kind, t.status_id, t.priority_id, t.queue_id, t.assignee_id, t.category_id,
			COALESCE(c.name, '') AS customer, COALESCE(co.name, '') AS company, COALESCE(c.vip, false) AS vip, t.requester, t.requester_name, t.has_files,
			t.last_in_id > COALESCE((SELECT message_id FROM ticket_seen WHERE agent_id = @me AND ticket_id = t.id), 0) AS unread, t.last_in_id, t.created_at, t.changed_at, t.next_due, t.stretch, t.source, t.language, t.postponed_until,
			(SELECT true FROM ticket_star WHERE agent_id = @me AND ticket_id = t.id) IS NOT NULL AS starred,
			CASE WHEN t.tag_ids <> '{}' THEN ARRAY(SELECT name FROM tag WHERE tag.id = ANY(t.tag_ids) ORDER BY name COLLATE "und-x-icu") END AS tags,
			k.reaction_at, k.reaction_left, k.alarm_at, k.alarm_left, k.execution_at, k.execution_left
		FROM (` + rows + `) t
		LEFT JOIN customer c ON c.id = t.customer_id
		LEFT JOIN customer co ON co.id = c.company_id
		LEFT JOIN LATERAL (
			SELECT max(due_at) FILTER (WHERE goal = 'reaction') AS reaction_at, max(left_minutes) FILTER (WHERE goal = 'reaction') AS reaction_left,
				max(due_at) FILTER (WHERE goal = 'alarm') AS alarm_at, max(left_minutes) FILTER (WHERE goal = 'alarm') AS alarm_left,
				max(due_at) FILTER (WHERE goal = 'execution') AS execution_at, max(left_minutes) FILTER (WHERE goal = 'execution') AS execution_left
			FROM ticket_clock WHERE ticket_id = t.id AND met_at IS NULL) k ON true`
}

// lineRow is a Line as the query answers it.
type lineRow struct {
	ID                       int64
	Subject, Kind            string
	StatusID                 int64
	PriorityID               int64
	QueueID                  int64
	AssigneeID               *int64
	CategoryID               *int64
	Customer, Company        string
	VIP                      bool
	Requester, RequesterName string
	HasFiles, Unread         bool
	LastInID                 int64
	CreatedAt, ChangedAt     time.Time
	NextDue                  *time.Time
	Stretch                  int
	Source, Language         string
	PostponedUntil           *time.Time
	Starred                  bool
	Tags                     []string
	ReactionAt, AlarmAt      *time.Time
	ExecutionAt              *time.Time
	ReactionLeft, AlarmLeft  *int
	ExecutionLeft            *int
}

func (r lineRow) line(d *desk.Directory) Line {
	status, priority := d.Status(r.StatusID), d.Priority(r.PriorityID)
	return Line{ID: r.ID, Subject: r.Subject, Kind: r.Kind, Status: status.Name, Parent: d.Status(deref(status.ParentID)).Name, Priority: priority.Name, Level: priority.Level,
		Queue: d.Queue(r.QueueID).Name, AssigneeID: r.AssigneeID, Assignee: d.Person(deref(r.AssigneeID)).Name,
		Customer: r.Customer, Company: r.Company, VIP: r.VIP, Requester: r.Requester, RequesterName: r.RequesterName,
		HasFiles: r.HasFiles, Unread: r.Unread, LastIn: r.LastInID, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt,
		Reaction: Due{r.ReactionAt, r.ReactionLeft}, Alarm: Due{r.AlarmAt, r.AlarmLeft}, Execution: Due{r.ExecutionAt, r.ExecutionLeft},
		Tags: r.Tags, Category: d.Category(deref(r.CategoryID)).Name, Source: r.Source, Language: r.Language, Starred: r.Starred, PostponedUntil: r.PostponedUntil}
}

// place is where the row stands in the order it was found in.
func (r lineRow) place(o Order) place {
	p := place{stretch: r.Stretch, at: r.ChangedAt, id: r.ID}
	switch o.stretches()[r.Stretch].column {
	case `created_at`:
		p.at = r.CreatedAt
	case `next_due`:
		p.at = *r.NextDue
	}
	return p
}
