package ticket

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// View is a ready selection of tickets (PRODUCT L3).
type View string

// The views. An open ticket is not closed, not postponed, not merged.
const (
	Mine       View = "mine"       // open, assigned to the asking agent
	Unassigned View = "unassigned" // open, assigned to nobody
	MyQueues   View = "queues"     // open, in queues the agent works in
	All        View = "all"        // everything the agent may see
	Closed     View = "closed"
)

// PageSize is how many tickets a page of the list holds.
const PageSize = 50

// Filter says which page of which view. After and Before are keys of rows (Line.Key): the page that follows or precedes that row.
type Filter struct {
	View   View
	After  string
	Before string
}

// Line is one row of the list.
type Line struct {
	ID            int64
	Subject       string
	Kind          string
	Status        string // ":" and the key for shipped statuses, like every name below
	Parent        string // of a sub-status: the status above it
	Priority      string
	Level         int
	Queue         string
	AssigneeID    *int64
	Assignee      string
	Customer      string
	Company       string
	VIP           bool
	Requester     string
	RequesterName string
	HasFiles      bool
	Unread        bool
	CreatedAt     time.Time
	ChangedAt     time.Time
	Reaction      Due
	Alarm         Due
	Execution     Due
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

// Key names the line's place in the default order, for After and Before.
func (l Line) Key() string {
	return strconv.FormatInt(l.ChangedAt.UnixMicro(), 36) + "-" + strconv.FormatInt(l.ID, 36)
}

// Page is one page of the list, newest change first. Newer and Older say whether there is more on that side.
type Page struct {
	Lines []Line
	Newer bool
	Older bool
}

// List reads one page of a view in one query, the same cost on page 1 and page 1,000 (PRODUCT L6). It never shows a ticket that by may not
// see. A key that cannot be read counts as none.
func List(ctx context.Context, r pg.Reader, by agent.Agent, f Filter) (Page, error) {
	at, id, back := f.place()
	sql, args := listSQL(by, f.View, at, id, back)
	rows, err := pg.List[lineRow](ctx, r, sql, pgx.NamedArgs(args))
	if err != nil {
		return Page{}, fmt.Errorf("list %s: %w", f.View, err)
	}
	more := len(rows) > PageSize
	if more {
		rows = rows[:PageSize]
	}
	p := Page{Newer: id != 0, Older: more}
	if back {
		slices.Reverse(rows)
		p.Newer, p.Older = more, true
	}
	for _, row := range rows {
		p.Lines = append(p.Lines, row.line())
	}
	return p, nil
}

// place reads the key of a filter; back means the page before it.
func (f Filter) place() (at time.Time, id int64, back bool) {
	key := f.After
	if key == "" {
		key, back = f.Before, f.Before != ""
	}
	micros, number, ok := strings.Cut(key, "-")
	m, err1 := strconv.ParseInt(micros, 36, 64)
	n, err2 := strconv.ParseInt(number, 36, 64)
	if !ok || err1 != nil || err2 != nil || n <= 0 {
		return time.Time{}, 0, false
	}
	return time.UnixMicro(m).UTC(), n, back
}

// listSQL is the one dynamic query of the list. Each view walks one partial index in its order and stops after a page; views over several
// queues walk each queue's stretch of it and merge, so a quiet queue costs no more than a busy one.
func listSQL(by agent.Agent, v View, at time.Time, id int64, back bool) (string, map[string]any) {
	args := named("me", by.ID, "queues", by.Queues)
	// Only what must be a parameter is one: with its limit and its branches written out, one cached plan is as good as one made for the values,
	// and planning would cost more than the page.
	all := by.Can(agent.QueueAll)
	where, queues := `deleted_at IS NULL`, !all
	switch v {
	case Mine:
		where, queues = where+` AND kind IN ('new','open','waiting') AND assignee_id = @me`, false
		if !all {
			where += ` AND queue_id = ANY(@queues)`
		}
	case Unassigned:
		where, queues = where+` AND kind IN ('new','open','waiting') AND assignee_id IS NULL`, true
	case MyQueues:
		where, queues = where+` AND kind IN ('new','open','waiting')`, true
	case Closed:
		where, queues = where+` AND kind = 'closed'`, true
	}
	order := `changed_at DESC, id DESC`
	if id != 0 {
		where += ` AND (changed_at, id) < (@at, @id)`
		args["at"], args["id"] = at, id
	}
	if back {
		where, order = strings.Replace(where, "< (@at", "> (@at", 1), `changed_at, id`
	}
	one := `SELECT * FROM ticket WHERE ` + where
	tail := ` ORDER BY ` + order + ` LIMIT ` + strconv.Itoa(PageSize+1)
	page := one + tail
	if queues {
		from := `unnest(@queues::bigint[])`
		if all && v != MyQueues {
			from = `(SELECT id FROM queue)`
		}
		page = `SELECT t.* FROM ` + from + ` AS q(id) CROSS JOIN LATERAL (` + one + ` AND queue_id = q.id` + tail + `) t` + tail
	}
	// The inner query finds the page, the outer one dresses its rows.
	return `
		SELECT t.id, t.subject, t.kind, COALESCE(NULLIF(s.name, ''), ':' || s.key) AS status, COALESCE(NULLIF(up.name, ''), ':' || up.key, '') AS parent, COALESCE(NULLIF(p.name, ''), ':' || p.key) AS priority, p.level,
			COALESCE(NULLIF(q.name, ''), ':' || q.key) AS queue, t.assignee_id, COALESCE(a.name, '') AS assignee,
			COALESCE(c.name, '') AS customer, COALESCE(co.name, '') AS company, COALESCE(c.vip, false) AS vip, t.requester, t.requester_name, t.has_files,
			t.last_in_id > COALESCE(seen.message_id, 0) AS unread, t.created_at, t.changed_at,
			k.reaction_at, k.reaction_left, k.alarm_at, k.alarm_left, k.execution_at, k.execution_left
		FROM (` + page + `) t
		JOIN status s ON s.id = t.status_id
		LEFT JOIN status up ON up.id = s.parent_id
		JOIN priority p ON p.id = t.priority_id
		JOIN queue q ON q.id = t.queue_id
		LEFT JOIN agent a ON a.id = t.assignee_id
		LEFT JOIN customer c ON c.id = t.customer_id
		LEFT JOIN customer co ON co.id = c.company_id
		LEFT JOIN ticket_seen seen ON seen.agent_id = @me AND seen.ticket_id = t.id
		LEFT JOIN LATERAL (
			SELECT max(due_at) FILTER (WHERE goal = 'reaction') AS reaction_at, max(left_minutes) FILTER (WHERE goal = 'reaction') AS reaction_left,
				max(due_at) FILTER (WHERE goal = 'alarm') AS alarm_at, max(left_minutes) FILTER (WHERE goal = 'alarm') AS alarm_left,
				max(due_at) FILTER (WHERE goal = 'execution') AS execution_at, max(left_minutes) FILTER (WHERE goal = 'execution') AS execution_left
			FROM ticket_clock WHERE ticket_id = t.id AND met_at IS NULL) k ON true
		ORDER BY ` + strings.ReplaceAll(order, "id", "t.id"), args
}

// lineRow is a Line as the query answers it.
type lineRow struct {
	ID                       int64
	Subject, Kind            string
	Status, Parent           string
	Priority                 string
	Level                    int
	Queue                    string
	AssigneeID               *int64
	Assignee                 string
	Customer, Company        string
	VIP                      bool
	Requester, RequesterName string
	HasFiles, Unread         bool
	CreatedAt, ChangedAt     time.Time
	ReactionAt, AlarmAt      *time.Time
	ExecutionAt              *time.Time
	ReactionLeft, AlarmLeft  *int
	ExecutionLeft            *int
}

func (r lineRow) line() Line {
	return Line{r.ID, r.Subject, r.Kind, r.Status, r.Parent, r.Priority, r.Level, r.Queue, r.AssigneeID, r.Assignee, r.Customer, r.Company, r.VIP,
		r.Requester, r.RequesterName, r.HasFiles, r.Unread, r.CreatedAt, r.ChangedAt,
		Due{r.ReactionAt, r.ReactionLeft}, Due{r.AlarmAt, r.AlarmLeft}, Due{r.ExecutionAt, r.ExecutionLeft}}
}
