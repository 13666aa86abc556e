package ticket_test

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// listed remembers the statement of the list.
type listed struct {
	pg.Reader
	sql  string
	args []any
}

func (l *listed) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	l.note(sql, args)
	return l.Reader.Query(ctx, sql, args...)
}

func (l *listed) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		l.note(q.SQL, q.Arguments)
	}
	return l.Reader.SendBatch(ctx, b)
}

func (l *listed) note(sql string, args []any) {
	if strings.Contains(sql, " AS stretch, ticket.*") {
		l.sql, l.args = sql, args
	}
}

var pagesRead = regexp.MustCompile(`Buffers: shared hit=(\d+)(?: read=(\d+))?`)

// A desk of 200,000 tickets over three years, of which two in a hundred are open. Indexes rest while it is written.
var threeYears = []string{
	`SELECT setseed(0.5)`,
	`CREATE TEMP TABLE resting AS SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS def FROM pg_index WHERE indrelid = 'ticket'::regclass AND NOT indisprimary`,
	`DO $$ DECLARE x record; BEGIN FOR x IN SELECT * FROM resting LOOP EXECUTE 'DROP INDEX ' || x.name; END LOOP; END $$`,
	`INSERT INTO tag (name, created_at) VALUES ('refund', now()), ('legal', now())`,
	`INSERT INTO category (name) VALUES ('Delivery')`,
	`INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, assignee_id, requester, created_at, changed_at, closed_at, next_due, tag_ids, category_id)
		SELECT 'Order ' || n, queues[1 + (random() * 1.4)::int % 2], s.id, s.kind, 1 + (random() * 2)::int, CASE WHEN random() < .8 THEN agents[1 + (random() * 2)::int] END,
			'user' || n % 20000 || '@customer.test', at, at + random() * interval '5 days', CASE WHEN s.kind = 'closed' THEN at + interval '5 days' END,
			CASE WHEN s.kind <> 'closed' THEN at + interval '8 hours' END,
			CASE WHEN random() < .1 THEN ARRAY[refund] WHEN random() < .0002 THEN ARRAY[legal] ELSE '{}' END, CASE WHEN random() < .25 THEN delivery END
		FROM (SELECT n, '2023-01-01'::timestamptz + n * interval '8 minutes' AS at, CASE WHEN random() < .98 THEN 'closed' ELSE (ARRAY['new','open','waiting'])[1 + (random() * 2)::int] END AS key
			FROM generate_series(1, 200000) n) n
		JOIN status s USING (key)
		CROSS JOIN (SELECT array_agg(id ORDER BY id) AS queues FROM queue) q CROSS JOIN (SELECT array_agg(id ORDER BY id) AS agents FROM agent) a
		CROSS JOIN (SELECT min(id) FILTER (WHERE name = 'refund') AS refund, min(id) FILTER (WHERE name = 'legal') AS legal FROM tag) t
		CROSS JOIN (SELECT min(id) AS delivery FROM category) c`,
	`DO $$ DECLARE x record; BEGIN FOR x IN SELECT * FROM resting LOOP EXECUTE x.def; END LOOP; END $$`,
	`VACUUM ANALYZE ticket`, `ANALYZE tag`,
}

func TestListsWalkTheirIndexWhateverTheDesk(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	patient, err := d.DB.Patient(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer patient.Close()
	conn, err := patient.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range threeYears {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, view := range []ticket.View{ticket.Todo, ticket.Mine, ticket.Unassigned, ticket.MyQueues, ticket.All, ticket.Closed} {
		for _, order := range ticket.Orders {
			first := walks(d, ticket.Filter{View: view, Order: order})
			if n := len(first.Lines); first.Older {
				walks(d, ticket.Filter{View: view, Order: order, After: first.Lines[n-1].Key()})
				walks(d, ticket.Filter{View: view, Order: order, Before: first.Lines[n-1].Key()})
				walks(d, ticket.Filter{View: view, Order: order, Start: first.Lines[0].Key()}) // and whether anything is above
			}
		}
	}
	for _, query := range []string{"queue:inbox tag:refund priority:high", "tag:legal", "tag:refund is:open", "assignee:me status:closed", "category:Delivery", "is:unassigned older:30d",
		"from:user77@customer.test", "status:waiting", "-tag:refund", "-is:late,near,react", "-source:email", "priority:low created:2024-05-01..2024-05-03"} {
		q, problems := filter.Parse(query)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", query, problems)
		}
		walks(d, ticket.Filter{View: ticket.All, Query: q})
	}
	for _, state := range []string{"late", "near"} { // which nothing is here: that is found out from what is open
		q := filter.Query{Terms: []filter.Term{{Field: filter.Is, Values: []string{state}}}}
		for view, most := range map[ticket.View]int{ticket.Closed: 100, ticket.All: 30_000} {
			for _, order := range ticket.Orders {
				if p, pages, plan := reads(d, ticket.Filter{View: view, Order: order, Query: q}); len(p.Lines) > 0 || pages > most {
					t.Errorf("%s %s is:%s reads %d pages:\n%s", view, order, state, pages, plan)
				}
			}
		}
	}
}

func TestNoNameReadsAllCustomersOrSenders(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Open(ann, "Printer", "x")
	for _, sql := range []string{
		`INSERT INTO customer (kind, name, created_at) SELECT 'person', 'Customer number ' || n, now() FROM generate_series(1, 20000) n`,
		`INSERT INTO customer_address (customer_id, kind, value) SELECT id, 'email', 'user' || id || '@customer.test' FROM customer`,
		`INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, requester, created_at, changed_at)
			SELECT 'Order', queue_id, status_id, kind, priority_id, 'user' || n || '@customer.test', created_at, changed_at FROM ticket, generate_series(1, 20000) n`,
		`INSERT INTO ticket_participant (ticket_id, address, display, role, since) SELECT id, requester, 'Customer number ' || id, 'requester', now() FROM ticket ON CONFLICT DO NOTHING`,
		`VACUUM ANALYZE customer`, `VACUUM ANALYZE customer_address`, `VACUUM ANALYZE ticket_participant`, `VACUUM ANALYZE ticket`,
	} {
		if _, err := d.DB.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for value, problems := range map[string]int{"#7": 0, "number 4711": 0, "user77@customer.test": 0, "§ nobody": 1, "#x": 1, "#999999999999999999999": 1, "zz": 1, "z": 1, "cu": 2, "§": 1, "..": 1, "u@": 1, "b-9 c": 1} {
		seen := &tap{Reader: d.DB, part: "FROM customer "}
		q := filter.Query{Terms: []filter.Term{{Field: filter.Customer, Values: []string{value}}}}
		if p, err := ticket.List(t.Context(), seen, d.Agent, ticket.Filter{View: ticket.All, Query: q}); err != nil || len(p.Problems) != problems || len(seen.seen) != 1 {
			t.Fatalf("%s: %v, %v, looked up %d times", q, p.Problems, err, len(seen.seen))
		}
		if plan := readsLittle(d, seen.seen[0].SQL, seen.seen[0].Arguments); !strings.Contains(plan, "customer_pkey") {
			t.Errorf("%s:\n%s", q, plan)
		}
	}
	for _, value := range []string{"number 4711", "user77@customer.test", "§ nobody", "zz", "z", "§", "..", "@", "@x", "u@", "b-9 c"} {
		seen := &finds{Reader: d.DB}
		q := filter.Query{Terms: []filter.Term{{Field: filter.From, Values: []string{value}}}}
		if _, err := ticket.List(t.Context(), seen, d.Agent, ticket.Filter{View: ticket.All, Query: q, Order: ticket.ByDue}); err != nil || len(seen.all) == 0 {
			t.Fatalf("%s: %v", q, err)
		}
		for _, q := range seen.all {
			readsLittle(d, q.SQL, q.Arguments)
		}
	}
}

// finds remembers the statements that find the rows of a filtered list, and before that what few senders wrote.
type finds struct {
	pg.Reader
	all []pgx.QueuedQuery
}

func (f *finds) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	f.all = append(f.all, pgx.QueuedQuery{SQL: sql, Arguments: args})
	return f.Reader.Query(ctx, sql, args...)
}

var rowsInVain = regexp.MustCompile(`Rows Removed by [A-Za-z ]+: (\d+)`)

// readsLittle holds a statement to what it finds: it reads few rows in vain.
func readsLittle(d *fixture.Desk, sql string, args []any) string {
	d.Helper()
	plan, err := pg.List[string](d.Context(), d.DB, `EXPLAIN (ANALYZE, TIMING OFF) `+sql, args...)
	all := strings.Join(plan, "\n")
	if err != nil || strings.Contains(all, "Seq Scan on customer") || strings.Contains(all, "Seq Scan on ticket") {
		d.Errorf("%v\n%s", err, all)
	}
	for _, m := range rowsInVain.FindAllStringSubmatch(all, -1) {
		if n, _ := strconv.Atoi(m[1]); n > 500 {
			d.Errorf("%v reads %d rows in vain:\n%s", args, n, all)
		}
	}
	return all
}

// walks reads a page and holds its plan to an index: never the whole table, never more pages than a walk of a few hundred rows needs.
func walks(d *fixture.Desk, f ticket.Filter) ticket.Page {
	d.Helper()
	// Of 8 kB. A page of 50 rows with clocks, marks and names takes about 600; closed tickets by due time pass all that are open, 4,000 here.
	const most = 4_500
	p, pages, plan := reads(d, f)
	if pages > most {
		d.Errorf("%s %s %q reads %d pages:\n%s", f.View, f.Order, f.Query, pages, plan)
	}
	return p
}

// reads reads a page, never the whole table, and tells how many pages of 8 kB its plan does.
func reads(d *fixture.Desk, f ticket.Filter) (p ticket.Page, pages int, plan string) {
	d.Helper()
	seen := &listed{Reader: d.DB}
	p, err := ticket.List(d.Context(), seen, d.Agent, f)
	if err != nil || len(p.Problems) > 0 {
		d.Fatalf("%s %s %q: %v, %v", f.View, f.Order, f.Query, p.Problems, err)
	}
	lines, err := pg.List[string](d.Context(), d.DB, `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) `+seen.sql, seen.args...)
	if err != nil {
		d.Fatal(err)
	}
	plan = strings.Join(lines, "\n")
	if regexp.MustCompile(`Seq Scan on ticket\b`).MatchString(plan) {
		d.Errorf("%s %s %q reads all tickets:\n%s", f.View, f.Order, f.Query, plan)
	}
	if m := pagesRead.FindStringSubmatch(plan); m != nil { // a plan without any reads none
		hit, _ := strconv.Atoi(m[1])
		read, _ := strconv.Atoi(m[2])
		pages = hit + read
	}
	return p, pages, plan
}
