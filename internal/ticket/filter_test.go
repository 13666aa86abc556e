package ticket_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// noon is the present of these tests.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// fact is a ticket as the judge of these tests knows it: read plainly, filtered in Go.
type fact struct {
	ID, QueueID, PriorityID int64
	Queue, Status, Kind     string
	Parent                  string
	Priority                string
	Level                   int
	AssigneeID              *int64
	Assignee                string
	Category, Above         string
	Tags                    []string
	Source                  string
	Customer, Company       string
	VIP                     bool
	Requester, Display      string
	HasFiles                bool
	Deleted                 bool
	CreatedAt, ChangedAt    time.Time
	ClosedAt, NextDue       *time.Time
	Late, Alarmed, Waited   bool
	LastIn                  int64
	SeenBy, StarOf, EyeOf   []int64
}

// crowd fills a desk with n tickets of every sort, by chance but always the same, and reads them back for the judge.
func crowd(d *fixture.Desk, n int) []fact {
	d.Helper()
	d.Tx(func(tx *pg.Tx) error {
		if _, err := desk.AddQueue(d.Context(), tx, "Customer care"); err != nil {
			return err
		}
		for _, sql := range []string{
			`INSERT INTO tag (name, created_at) VALUES ('vip', now()), ('Two words', now()), ('a,b', now()), ('rare', now())`,
			`INSERT INTO category (name) VALUES ('Damage'), ('Billing')`,
			`INSERT INTO category (name, parent_id) SELECT 'In transit', id FROM category WHERE name = 'Damage'`,
			`INSERT INTO status (name, kind, parent_id, position) SELECT 'At the expert', kind, id, 9 FROM status WHERE key = 'open'`,
			`INSERT INTO customer (kind, name, vip, created_at) VALUES ('company', 'Hotel Wald', false, now()), ('person', 'Ann Lee', true, now()), ('person', 'Bo Wald', false, now())`,
			`UPDATE customer SET company_id = (SELECT id FROM customer WHERE kind = 'company') WHERE name = 'Ann Lee'`,
			`INSERT INTO customer_address (customer_id, kind, value) SELECT id, 'email', 'bo@wald.test' FROM customer WHERE name = 'Bo Wald'`,
		} {
			if _, err := pg.Exec(d.Context(), tx, sql); err != nil {
				return err
			}
		}
		_, err := pg.Exec(d.Context(), tx, `
			WITH dice AS (
				SELECT n, ('x' || substr(md5('a' || n), 1, 7))::bit(28)::int AS a, ('x' || substr(md5('b' || n), 1, 7))::bit(28)::int AS b, ('x' || substr(md5('c' || n), 1, 7))::bit(28)::int AS c,
					(SELECT array_agg(id ORDER BY id) FROM queue) AS qs, (SELECT array_agg(id ORDER BY id) FROM status) AS ss, (SELECT array_agg(id ORDER BY id) FROM priority) AS ps,
					(SELECT array_agg(id ORDER BY id) FROM agent) AS agents, (SELECT array_agg(id ORDER BY id) FROM category) AS cats, (SELECT array_agg(id ORDER BY id) FROM customer) AS cs,
					(SELECT array_agg(id ORDER BY id) FROM tag) AS tags
				FROM generate_series(1, $1::int) n), made AS (
				INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, assignee_id, customer_id, requester, requester_name, source, category_id, tag_ids, has_files,
					last_in_id, created_at, changed_at, closed_at, deleted_at)
				SELECT 'Ticket ' || n, qs[1 + a % 3], s.id, s.kind, ps[1 + b % 3], CASE WHEN c % 3 < 2 THEN agents[1 + c % 2] END, CASE WHEN a % 4 < 3 THEN cs[1 + a % 4] END,
					CASE b % 3 WHEN 0 THEN 'ann@customer.test' WHEN 1 THEN 'bo@wald.test' ELSE 'x_y@odd.test' END, CASE b % 3 WHEN 0 THEN 'Ann' ELSE 'Bo Wald' END,
					(ARRAY['email','email','phone','sms','chat','www'])[1 + c % 6], CASE WHEN b % 5 < 3 THEN cats[1 + b % 5] END,
					CASE a % 5 WHEN 0 THEN ARRAY[tags[1]] WHEN 1 THEN ARRAY[tags[1], tags[2]] WHEN 2 THEN ARRAY[tags[3]] ELSE '{}' END, c % 4 = 0,
					n, $2::timestamptz - (a % 90) * interval '11 hours', $2::timestamptz - (a % 90) * interval '5 hours' - (b % 7) * interval '1 hour',
					CASE WHEN s.kind = 'closed' THEN $2::timestamptz - (c % 50) * interval '9 hours' END, CASE WHEN c % 29 = 0 THEN now() END
				FROM dice JOIN status s ON s.id = ss[1 + b % 7]
				RETURNING id, requester, requester_name, kind)
			INSERT INTO ticket_participant (ticket_id, address, display, role, since) SELECT id, requester, requester_name, 'requester', now() FROM made`, n, noon)
		if err != nil {
			return err
		}
		for _, sql := range []string{
			`INSERT INTO ticket_clock (ticket_id, goal, minutes, due_at, left_minutes, met_at)
				SELECT t.id, g.goal, 60, CASE WHEN t.kind <> 'waiting' THEN $1::timestamptz + ((t.id * 13 + g.n * 29) % 97 - 60) * interval '1 hour' END,
					CASE WHEN t.kind = 'waiting' THEN (t.id * 7 + g.n * 5) % 40 - 20 END, CASE WHEN t.kind IN ('closed','merged') AND g.n > 0 OR t.id % 6 = 0 THEN $1::timestamptz END
				FROM ticket t, (VALUES ('reaction', 0), ('alarm', 1), ('execution', 2)) g(goal, n) WHERE t.id % 4 > 0`,
			`UPDATE ticket SET next_due = (SELECT min(due_at) FROM ticket_clock k WHERE k.ticket_id = ticket.id AND met_at IS NULL) WHERE $1::timestamptz IS NOT NULL`,
			`INSERT INTO ticket_seen SELECT a.id, t.id, CASE WHEN t.id % 5 = 0 THEN t.last_in_id - 1 ELSE t.last_in_id END FROM ticket t, agent a WHERE (t.id + a.id) % 3 = 0 AND $1::timestamptz IS NOT NULL`,
			`INSERT INTO ticket_star SELECT a.id, t.id FROM ticket t, agent a WHERE (t.id + a.id) % 7 = 0 AND $1::timestamptz IS NOT NULL`,
			`INSERT INTO ticket_observer SELECT a.id, t.id FROM ticket t, agent a WHERE (t.id + a.id) % 8 = 0 AND $1::timestamptz IS NOT NULL`,
		} {
			if _, err := pg.Exec(d.Context(), tx, sql, noon); err != nil {
				return err
			}
		}
		return nil
	})
	return facts(d)
}

// facts reads every ticket without any index's help.
func facts(d *fixture.Desk) []fact {
	d.Helper()
	all, err := pg.List[fact](d.Context(), d.DB, `
		SELECT t.id, t.queue_id, t.priority_id, COALESCE(NULLIF(q.name, ''), q.key) AS queue, COALESCE(NULLIF(s.name, ''), s.key) AS status, t.kind, COALESCE(up.key, '') AS parent,
			COALESCE(p.key, p.name) AS priority, p.level, t.assignee_id, COALESCE(a.name, '') AS assignee, COALESCE(cat.name, '') AS category, COALESCE(above.name, '') AS above,
			ARRAY(SELECT name FROM tag WHERE id = ANY(t.tag_ids)) AS tags, t.source, COALESCE(c.name, '') AS customer, COALESCE(co.name, '') AS company, COALESCE(c.vip, false) AS vip,
			t.requester, t.requester_name AS display, t.has_files, t.deleted_at IS NOT NULL AS deleted, t.created_at, t.changed_at, t.closed_at, t.next_due, t.last_in_id AS last_in,
			EXISTS (SELECT FROM ticket_clock k WHERE k.ticket_id = t.id AND goal = 'execution' AND met_at IS NULL AND (due_at < $1 OR left_minutes < 0)) AS late,
			EXISTS (SELECT FROM ticket_clock k WHERE k.ticket_id = t.id AND goal = 'alarm' AND met_at IS NULL AND (due_at < $1 OR left_minutes < 0)) AS alarmed,
			EXISTS (SELECT FROM ticket_clock k WHERE k.ticket_id = t.id AND goal = 'reaction' AND met_at IS NULL AND (due_at < $1 OR left_minutes < 0)) AS waited,
			ARRAY(SELECT agent_id FROM ticket_seen x WHERE x.ticket_id = t.id AND x.message_id >= t.last_in_id) AS seen_by,
			ARRAY(SELECT agent_id FROM ticket_star x WHERE x.ticket_id = t.id) AS star_of, ARRAY(SELECT agent_id FROM ticket_observer x WHERE x.ticket_id = t.id) AS eye_of
		FROM ticket t JOIN queue q ON q.id = t.queue_id JOIN status s ON s.id = t.status_id LEFT JOIN status up ON up.id = s.parent_id JOIN priority p ON p.id = t.priority_id
		LEFT JOIN agent a ON a.id = t.assignee_id LEFT JOIN category cat ON cat.id = t.category_id LEFT JOIN category above ON above.id = cat.parent_id
		LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN customer co ON co.id = c.company_id`, noon)
	if err != nil {
		d.Fatal(err)
	}
	return all
}

func (f fact) open() bool { return f.Kind == "new" || f.Kind == "open" || f.Kind == "waiting" }

func (f fact) in(v ticket.View, by agent.Agent) bool {
	if f.Deleted || !by.Can(agent.TicketRead) || !by.Sees(f.QueueID) {
		return false
	}
	switch v {
	case ticket.Todo:
		return f.open() && (f.AssigneeID != nil && *f.AssigneeID == by.ID || f.AssigneeID == nil && slices.Contains(by.Queues, f.QueueID))
	case ticket.Mine:
		return f.open() && f.AssigneeID != nil && *f.AssigneeID == by.ID
	case ticket.Unassigned:
		return f.open() && f.AssigneeID == nil
	case ticket.MyQueues:
		return f.open() && slices.Contains(by.Queues, f.QueueID)
	case ticket.Observed:
		return slices.Contains(f.EyeOf, by.ID)
	case ticket.Starred:
		return slices.Contains(f.StarOf, by.ID)
	case ticket.Postponed, ticket.Closed:
		return f.Kind == string(v)
	}
	return true
}

// fits judges a query as a reader of the documentation would.
func (f fact) fits(q filter.Query, by agent.Agent) bool {
	for _, t := range q.Terms {
		any := slices.ContainsFunc(t.Values, func(v string) bool { return f.has(t.Field, v, by) })
		if any == t.Not {
			return false
		}
	}
	return true
}

func (f fact) has(field filter.Field, v string, by agent.Agent) bool {
	between := func(t *time.Time) bool {
		from, to := filter.Span(v, noon.In(by.Location()))
		return t != nil && !t.Before(from) && (to.IsZero() || t.Before(to))
	}
	switch field {
	case filter.ID:
		return v == strconv.FormatInt(f.ID, 10)
	case filter.Queue:
		return strings.EqualFold(f.Queue, v) && by.Sees(f.QueueID)
	case filter.Status:
		return v == f.Kind || strings.EqualFold(v, f.Status) || v == f.Parent
	case filter.Is:
		return map[string]bool{"unassigned": f.AssigneeID == nil, "mine": f.AssigneeID != nil && *f.AssigneeID == by.ID, "unread": !slices.Contains(f.SeenBy, by.ID),
			"starred": slices.Contains(f.StarOf, by.ID), "observed": slices.Contains(f.EyeOf, by.ID), "open": f.open(), "postponed": f.Kind == "postponed", "closed": f.Kind == "closed",
			"vip": f.VIP, "late": f.Late, "near": f.Alarmed && !f.Late, "react": f.Waited && !f.Alarmed && !f.Late}[v]
	case filter.Assignee:
		return v == "none" && f.AssigneeID == nil || v == "me" && f.AssigneeID != nil && *f.AssigneeID == by.ID || f.Assignee != "" && strings.HasPrefix(strings.ToLower(f.Assignee), strings.ToLower(v))
	case filter.Priority:
		return v == f.Priority
	case filter.Category:
		return v == "none" && f.Category == "" || v == f.Category || f.Above != "" && v == f.Above
	case filter.Tag:
		return v == "none" && len(f.Tags) == 0 || slices.ContainsFunc(f.Tags, func(t string) bool { return strings.EqualFold(t, v) })
	case filter.Source:
		return v == f.Source
	case filter.Customer:
		return f.Customer != "" && strings.Contains(f.Customer, v) || v == "bo@wald.test" && f.Customer == "Bo Wald"
	case filter.Company:
		return v == "wald" && (f.Company == "Hotel Wald" || f.Customer == "Hotel Wald")
	case filter.From:
		return v == f.Requester || v[0] == '@' && strings.HasSuffix(f.Requester, v) || !whole(v) && strings.Contains(strings.ToLower(f.Requester+" "+f.Display), strings.ToLower(v))
	case filter.Has:
		return f.HasFiles
	case filter.Created:
		return between(&f.CreatedAt)
	case filter.Changed:
		return between(&f.ChangedAt)
	case filter.Closed:
		return between(f.ClosedAt)
	case filter.Older:
		return f.CreatedAt.Before(filter.Age(v, noon))
	case filter.Newer:
		return !f.CreatedAt.Before(filter.Age(v, noon))
	}
	return false
}

// whole tells whether a value is an address, or what all addresses of a domain end with: no part of one.
func whole(v string) bool {
	local, domain, ok := strings.Cut(v, "@")
	return ok && (local == "" || strings.Contains(domain, "."))
}

// sorted puts the judge's tickets into an order.
func sorted(all []fact, o ticket.Order) []fact {
	changed := func(a, b fact) int { return cmp.Or(b.ChangedAt.Compare(a.ChangedAt), cmp.Compare(b.ID, a.ID)) }
	created := func(a, b fact) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID)) }
	by := map[ticket.Order]func(a, b fact) int{
		ticket.ByChanged: changed, ticket.ByCreated: created,
		ticket.ByChangedUp: func(a, b fact) int { return changed(b, a) }, ticket.ByCreatedUp: func(a, b fact) int { return created(b, a) },
		ticket.ByPriority:   func(a, b fact) int { return cmp.Or(cmp.Compare(a.Level, b.Level), changed(a, b)) },
		ticket.ByPriorityUp: func(a, b fact) int { return cmp.Or(cmp.Compare(b.Level, a.Level), changed(a, b)) },
		ticket.ByDue: func(a, b fact) int {
			switch {
			case a.NextDue == nil && b.NextDue == nil:
				return changed(a, b)
			case a.NextDue == nil || b.NextDue == nil:
				return map[bool]int{true: 1, false: -1}[a.NextDue == nil]
			}
			return cmp.Or(a.NextDue.Compare(*b.NextDue), cmp.Compare(a.ID, b.ID))
		},
	}
	all = slices.Clone(all)
	slices.SortFunc(all, by[o])
	return all
}

// readers are agents of every sort of access.
func readers(d *fixture.Desk) map[string]agent.Agent {
	without := func(a agent.Agent, p agent.Permission) agent.Agent {
		a.Permissions = slices.DeleteFunc(slices.Clone(a.Permissions), func(x agent.Permission) bool { return x == p })
		return a
	}
	overseer, idle, blind := d.Agent, d.Agent, without(d.Admin, agent.TicketRead)
	overseer.Permissions = append(slices.Clone(overseer.Permissions), agent.QueueAll)
	idle.Queues = nil
	both := without(d.Admin, agent.QueueAll)
	return map[string]agent.Agent{"all queues": d.Admin, "all, works in one": overseer, "one queue": d.Agent, "another queue": d.Stranger, "two queues": both, "no queue": idle, "may not read": blind}
}

// queries ask every field, both ways round.
var queries = []string{"", `queue:inbox`, `queue:Returns,"customer care"`, `queue:inbox,Posteingang`, `queue:Returns,inbox queue:Returns,"customer care"`, `-queue:Returns`, `status:new`, `status:open`, `-status:closed,merged`, `status:"At the expert"`,
	`is:unassigned`, `is:mine`, `-is:mine`, `is:unread`, `-is:unread`, `is:starred`, `is:observed`, `-is:observed`, `is:open`, `is:postponed`, `is:closed`, `is:vip`, `-is:vip`,
	`is:late`, `is:near`, `is:react`, `-is:late,near,react`, `assignee:me`, `assignee:none`, `assignee:emma`, `assignee:"Beata Lis",none`, `-assignee:emma`, `-assignee:none`,
	`priority:high`, `-priority:low,normal`, `category:Damage`, `category:"In transit",none`, `-category:Damage`, `tag:vip`, `tag:VIP tag:"two words"`, `tag:"a,b",none`, `-tag:vip`, `tag:rare`, `-tag:none`,
	`source:phone,sms`, `-source:email`, `customer:Wald`, `customer:bo@wald.test`, `-customer:Ann`, `company:wald`, `from:ann@customer.test`, `from:@wald.test`, `from:bo`, `from:bo@wald`, `from:x_y`, `-from:wald`,
	`has:attachment`, `-has:attachment`, `created:2026-11-10..2026-11-15`, `created:1w`, `-created:..2w`, `changed:yesterday`, `closed:2026-11`, `-closed:2026`, `older:2d`, `newer:2w older:3d`,
	`#100010`, `id:100003,100004,100005`, `-#100010`, `queue:inbox is:open tag:vip older:2d -source:sms`, `queue:Nowhere`, `-queue:Nowhere`, `tag:nobody`, `assignee:nobody`, `customer:nobody`, `category:nobody`, `status:nobody`}

func TestListsShowWhatTheirFilterSaysAndNothingForeign(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	all := crowd(d, 160)
	for name, by := range readers(d) {
		for v, view := range ticket.Views {
			for i, typed := range queries {
				if view != ticket.All && i > 0 && i%5 != v%5 {
					continue // every view meets every kind of term, not every spelling of it
				}
				q, wrong := filter.Parse(typed)
				if len(wrong) > 0 {
					t.Fatalf("%s: %v", typed, wrong)
				}
				var want []fact
				for _, f := range all {
					if f.in(view, by) && f.fits(q, by) {
						want = append(want, f)
					}
				}
				if name == "all queues" && view == ticket.All && len(want) == 0 && !strings.Contains(strings.ToLower(typed), "no") && typed != "tag:rare" {
					t.Errorf("%s: nothing fits it, which proves nothing", typed)
				}
				check(d, by, ticket.Filter{View: view, Query: q, Now: noon}, want, fmt.Sprintf("%s, %s, %q", name, view, typed))
			}
		}
	}
}

func TestOrdersArePagedBothWaysWithoutGapOrDouble(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	all := crowd(d, 230)
	everybody := readers(d)
	for _, name := range []string{"all queues", "one queue", "two queues"} {
		by := everybody[name]
		for _, view := range []ticket.View{ticket.All, ticket.Todo, ticket.MyQueues, ticket.Mine, ticket.Starred} {
			for _, typed := range []string{"", "tag:vip,none"} {
				q, _ := filter.Parse(typed)
				var want []fact
				for _, f := range all {
					if f.in(view, by) && f.fits(q, by) {
						want = append(want, f)
					}
				}
				for _, o := range ticket.Orders {
					check(d, by, ticket.Filter{View: view, Query: q, Order: o, Now: noon}, want, fmt.Sprintf("%s, %s, %q by %s", name, view, typed, o))
				}
			}
		}
	}
}

// check reads a list page by page, down and up again, and compares it with what the judge wants.
func check(d *fixture.Desk, by agent.Agent, f ticket.Filter, want []fact, what string) {
	d.Helper()
	order := f.Order
	if order == "" {
		order = ticket.ByChanged
	}
	var ids []int64
	for _, w := range sorted(want, order) {
		ids = append(ids, w.ID)
	}
	var got []int64
	var last ticket.Page
	for pages := 1; ; pages++ {
		p, err := ticket.List(d.Context(), d.DB, by, f)
		if err != nil {
			d.Fatalf("%s: %v", what, err)
		}
		for _, l := range p.Lines {
			got = append(got, l.ID)
		}
		if p.Newer != (pages > 1) {
			d.Errorf("%s: page %d says newer = %v", what, pages, p.Newer)
		}
		if last = p; !p.Older {
			break
		}
		f.After = p.Lines[len(p.Lines)-1].Key()
	}
	if !slices.Equal(got, ids) {
		d.Errorf("%s: %d tickets %v, want %d %v", what, len(got), got, len(ids), ids)
		return
	}
	checkWhole(d, by, f, ids, what)
	if len(ids) <= ticket.PageSize {
		return
	}
	above := len(ids) - len(last.Lines)
	f.After, f.Before = "", last.Lines[0].Key()
	p, err := ticket.List(d.Context(), d.DB, by, f)
	if err != nil {
		d.Fatalf("%s: %v", what, err)
	}
	var back []int64
	for _, l := range p.Lines {
		back = append(back, l.ID)
	}
	if !slices.Equal(back, ids[above-ticket.PageSize:above]) || !p.Older || p.Newer != (above > ticket.PageSize) {
		d.Errorf("%s: the page above the last holds %v, want %v; newer %v", what, back, ids[above-ticket.PageSize:above], p.Newer)
	}
}

// checkWhole reads the same list in one piece, as deeds to a whole list and exports do; and asks for the records of everything there is, which must
// not be more than the reader may see.
func checkWhole(d *fixture.Desk, by agent.Agent, f ticket.Filter, ids []int64, what string) {
	d.Helper()
	all, err := ticket.Matching(d.Context(), d.DB, by, f, 1000)
	if err != nil || !slices.Equal(all, ids) {
		d.Errorf("%s: in one piece %d tickets %v, want %d %v; %v", what, len(all), all, len(ids), ids, err)
	}
	if f.View != ticket.All || !f.Query.Empty() {
		return
	}
	if some, err := ticket.Matching(d.Context(), d.DB, by, f, 7); err != nil || !slices.Equal(some, ids[:min(7, len(ids))]) {
		d.Errorf("%s: the first seven are %v, want of %v; %v", what, some, ids, err)
	}
	everything, err := pg.List[int64](d.Context(), d.DB, `SELECT id FROM ticket ORDER BY md5(id::text)`)
	if err != nil {
		d.Fatal(err)
	}
	records, err := ticket.Records(d.Context(), d.DB, by, everything)
	if err != nil {
		d.Fatal(err)
	}
	want := slices.DeleteFunc(everything, func(id int64) bool { return !slices.Contains(ids, id) })
	var got []int64
	for _, r := range records {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, want) {
		d.Errorf("%s: the records of all tickets are %v, want %v", what, got, want)
	}
}

func TestUnknownNamesOrdersAndKeysAreTold(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Open(ann, "Printer", "x")
	d.Open(ann, "Scanner", "x")
	other := list(d, ticket.Filter{View: ticket.All, Order: ticket.ByCreated}).Lines[0].Key()
	for _, c := range []struct {
		typed string
		f     ticket.Filter
		key   text.Key
		lines int
	}{
		{`queue:Nowhere`, ticket.Filter{}, text.FilterNoName, 0},
		{`queue:Returns`, ticket.Filter{}, text.FilterNoName, 0}, // there is one, which this agent may not know
		{`-tag:none-such`, ticket.Filter{}, text.FilterNoNameNot, 2},
		{`-customer:nobody`, ticket.Filter{}, text.FilterNoNameNot, 2},
		{`company:zz`, ticket.Filter{}, text.FilterShortName, 0},
		{`from:an`, ticket.Filter{}, text.FilterShortName, 2},
		{`from:nn`, ticket.Filter{}, text.FilterShortName, 0},
		{``, ticket.Filter{After: other}, text.FilterNoKey, 2},
		{``, ticket.Filter{Before: "x"}, text.FilterNoKey, 2},
		{``, ticket.Filter{Order: ticket.ByPriority, After: "a-b.priority.9"}, text.FilterNoKey, 2},
		{``, ticket.Filter{Order: "colour"}, text.FilterNoOrder, 2},
	} {
		c.f.View = ticket.All
		c.f.Query, _ = filter.Parse(c.typed)
		p := list(d, c.f)
		if len(p.Problems) != 1 || p.Problems[0].Key != c.key || len(p.Lines) != c.lines {
			t.Errorf("%s %+v: %d tickets, %v; want %d, %s", c.typed, c.f, len(p.Lines), p.Problems, c.lines, c.key)
		}
	}
	if p := list(d, ticket.Filter{View: ticket.All, Order: ticket.ByCreated, After: other}); len(p.Problems) != 0 || len(p.Lines) != 1 {
		t.Errorf("a key of this order: %d tickets, %v", len(p.Lines), p.Problems)
	}
}

func TestSignsInTheNameOfACustomerStandForThemselves(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "x")
	d.Open(ann, "Scanner", "x")
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `WITH c AS (INSERT INTO customer (kind, name, created_at) VALUES ('company', '50% Off\On_Ltd', now()) RETURNING id)
			UPDATE ticket SET customer_id = c.id FROM c WHERE ticket.id = $1`, l.TicketID)
		return err
	})
	for value, lines := range map[string]int{"50%": 1, "50％": 1, `"0% off"`: 1, "50％off": 0, "50_off": 0, `off\on`: 1, "off＼on": 1, "off％on": 0, "on＿ltd": 1, "on％ltd": 0, "％": 0, "％％": 0, "5_％": 0, "f＿": 0} {
		for _, field := range []string{"customer:", "company:"} {
			q, _ := filter.Parse(field + value)
			if p := list(d, ticket.Filter{View: ticket.All, Query: q}); len(p.Lines) != lines {
				t.Errorf("%s finds %d tickets, want %d", q, len(p.Lines), lines)
			}
		}
	}
}

func TestAShortPartOfANameBeginsAWordOfIt(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "x")
	aCustomer(d, "Łucja  O'Neil\tof Wald", "", l.TicketID)
	for value, lines := range map[string]int{"lu": 1, "Ł": 1, "wa": 1, "o'": 1, "al": 0, "ucj": 1, `"lucja o'n"`: 1, `"neil of wald"`: 1, `"lucja  o'neil of wald"`: 1, `"luc wald"`: 0, `"a o'"`: 0} {
		q, _ := filter.Parse("customer:" + value)
		if p := list(d, ticket.Filter{View: ticket.All, Query: q}); len(p.Lines) != lines {
			t.Errorf("%s finds %d tickets, want %d", q, len(p.Lines), lines)
		}
	}
}

func TestAPersonIsNoCompany(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "x")
	company := aCustomer(d, "Hotel Wald", "", l.TicketID)
	for _, typed := range []string{"company:#%d", "customer:#%d"} {
		q, _ := filter.Parse(fmt.Sprintf(typed, company))
		if p := list(d, ticket.Filter{View: ticket.All, Query: q}); len(p.Lines) != 1 || len(p.Problems) != 0 {
			t.Errorf("%s finds %d tickets, %v", q, len(p.Lines), p.Problems)
		}
	}
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `UPDATE customer SET kind = 'person' WHERE id = $1`, company)
		return err
	})
	for typed, problems := range map[string]int{"company:#%d": 1, "customer:#%d": 0} {
		q, _ := filter.Parse(fmt.Sprintf(typed, company))
		if p := list(d, ticket.Filter{View: ticket.All, Query: q}); len(p.Lines) != 1-problems || len(p.Problems) != problems {
			t.Errorf("%s of a person finds %d tickets, %v", q, len(p.Lines), p.Problems)
		}
	}
}

func TestAFilterSaysTheSameToReadersOfEveryLanguage(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Open(ann, "Printer", "x")
	for _, d.Agent.Language = range text.Languages {
		for _, typed := range []string{`status:neu`, `status:new`, `status:Nowe`, `priority:normal`, `priority:normalny`, `queue:Posteingang`, `queue:"ODEBRANE"`, `-status:Geschlossen`} {
			q, _ := filter.Parse(typed)
			if p := list(d, ticket.Filter{View: ticket.All, Query: q}); len(p.Lines) != 1 || len(p.Problems) != 0 {
				t.Errorf("%s: %s finds %d tickets, %v", d.Agent.Language, typed, len(p.Lines), p.Problems)
			}
		}
	}
}

func TestASenderIsFoundWhateverTheAccents(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Open(ann, "Printer", "x")
	m := d.Mail("l.mueller@firma.example", "Scanner", "x")
	m.From.Name = "Łukasz Müller 100%"
	id := d.OpenIn(d.Inbox, m).TicketID
	for typed, finds := range map[string]bool{`from:lukasz`: true, `from:ŁUKASZ`: true, `from:muller`: true, `from:müller`: true, `from:"ukasz mul"`: true, `from:mueller`: true, `from:mü`: true, `from:lu`: true,
		`from:"00%"`: false, `from:"100%"`: true, `from:l_kasz`: false, `from:uk`: false, `from:ann`: false} {
		q, _ := filter.Parse(typed)
		if got := ids(list(d, ticket.Filter{View: ticket.All, Query: q})); slices.Contains(got, id) != finds {
			t.Errorf("%s finds %v", typed, got)
		}
	}
}

func TestAnAddressIsFoundAsItIsWritten(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Open(ann, "Printer", "x")
	const kept = "info@xn--mller-kva.example"
	id := d.Open(kept, "Scanner", "x").TicketID
	aCustomer(d, "Firm", "", id)
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `UPDATE customer_address SET kind = 'email', value = $1`, kept)
		return err
	})
	for _, typed := range []string{`from:info@müller.example`, `from:INFO@MÜLLER.example`, `from:@müller.example`, `from:info@xn--mller-kva.example`, `customer:info@müller.example`, `customer:Info@Müller.Example`} {
		q, _ := filter.Parse(typed)
		if got := ids(list(d, ticket.Filter{View: ticket.All, Query: q})); !slices.Equal(got, []int64{id}) {
			t.Errorf("%s finds %v", typed, got)
		}
	}
}

func TestANameThatTooManyCustomersHaveIsTold(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Open(ann, "Printer", "x")
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `INSERT INTO customer (kind, name, created_at) SELECT 'company', 'Anna ' || n, now() FROM generate_series(1, 500) n`)
		return err
	})
	ask := func(typed string, want ...text.Key) {
		q, _ := filter.Parse(typed)
		var got []text.Key
		for _, p := range list(d, ticket.Filter{View: ticket.All, Query: q}).Problems {
			got = append(got, p.Key)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", typed, got, want)
		}
	}
	ask(`customer:anna`)
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `INSERT INTO customer (kind, name, created_at) VALUES ('company', 'Hanna', now())`)
		return err
	})
	ask(`customer:anna`, text.FilterManyNames)
	ask(`-company:anna`, text.FilterManyNames)
	ask(`customer:hanna,bo`, text.FilterShortName)
}

func TestFilteredListsAskAFixedNumberOfQueries(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	q, _ := filter.Parse(`queue:inbox status:new assignee:me,none priority:normal category:none tag:none customer:ann company:wald is:unread older:2d from:ann -source:sms`)
	ask := func() int {
		d.KeepDirectory()
		ctx, n := pg.CountQueries(d.Context())
		if _, err := ticket.List(ctx, d.DB, d.Agent, ticket.Filter{View: ticket.All, Query: q, Order: ticket.ByPriority}); err != nil {
			t.Fatal(err)
		}
		return n()
	}
	first := ask()
	crowd(d, 200)
	if again := ask(); first != 9 || again != 9 {
		t.Errorf("a list filtered by nine names asked %d, then %d queries; want 9: tags, customers, companies, senders, the way to the rows, the plan of the list, the list, and twice whether the directory stands", first, again)
	}
}
