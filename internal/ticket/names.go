package ticket

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// names are the things that a query's terms call by name: term -> ids. A name that several things share means all of them.
type names struct {
	ids       map[int][]int64
	problems  []filter.Problem
	directory *desk.Directory   // where they were looked up; nil where no term asks for it
	customers map[string]string // the names of those that were asked for by #id
}

// mostCustomers is how many customers one name may mean. That more have it is told.
const mostCustomers = 500

// find looks up the names of several queries in one round trip; without a name in them it asks nothing. A queue that by may not see is as
// unknown as one that does not exist.
func find(ctx context.Context, r pg.Reader, by agent.Agent, queries ...filter.Query) ([]names, error) {
	of := furniture{by: by}
	asked := func(fields ...filter.Field) bool {
		return slices.ContainsFunc(queries, func(q filter.Query) bool {
			return slices.ContainsFunc(q.Terms, func(t filter.Term) bool { return slices.Contains(fields, t.Field) })
		})
	}
	var b pg.Batch
	for field, ask := range of.asking(queries) {
		if asked(field) {
			ask(&b)
		}
	}
	var directory func(context.Context, pg.Reader) (*desk.Directory, error)
	if asked(filter.Queue, filter.Status, filter.Priority, filter.Assignee, filter.Category) {
		directory = desk.AskDirectory(&b)
	}
	err := b.Run(ctx, r)
	if err == nil && directory != nil {
		of.Directory, err = directory(ctx, r)
	}
	if err != nil {
		return nil, fmt.Errorf("find what a filter names: %w", err)
	}
	out := make([]names, len(queries))
	for i, q := range queries {
		out[i] = of.names(q)
	}
	return out, nil
}

// CustomersOf are the names of those customers that a query asks for by #id.
func CustomersOf(ctx context.Context, r pg.Reader, by agent.Agent, q filter.Query) (map[string]string, error) {
	found, err := find(ctx, r, by, q)
	if err != nil {
		return nil, err
	}
	return found[0].customers, nil
}

// furniture is what names can mean.
type furniture struct {
	*desk.Directory // nil where no term asks for it
	by              agent.Agent
	tags            []match
	customers       []match
	companies       []match
}

// match is a tag or customer that fits a value.
type match struct {
	Value string
	ID    int64
	Name  string
}

// asking is how the names of those fields are asked for that have too many to be in the directory.
func (of *furniture) asking(queries []filter.Query) map[filter.Field]func(*pg.Batch) {
	values := func(f filter.Field) []string {
		all := []string{}
		for _, q := range queries {
			for _, t := range q.Terms {
				if t.Field == f {
					all = append(all, t.Values...)
				}
			}
		}
		return all
	}
	return map[filter.Field]func(*pg.Batch){
		filter.Tag: func(b *pg.Batch) {
			pg.Ask(b, &of.tags, `SELECT x.value, tag.id, tag.name FROM unnest($1::text[]) AS x (value) JOIN tag ON lower(tag.name) = lower(x.value)`, values(filter.Tag))
		},
		filter.Customer: func(b *pg.Batch) { askCustomers(b, &of.customers, values(filter.Customer), "") },
		filter.Company:  func(b *pg.Batch) { askCustomers(b, &of.companies, values(filter.Company), "company") },
	}
}

// askCustomers finds by a part of the name, by an address, or by #id. A short part is one that words begin with: only so the index on pieces of names
// finds it. What search_plain makes of a sign may be one of a pattern: it is taken literally behind that. One space in a value is any in a name.
func askCustomers(b *pg.Batch, into *[]match, values []string, kind string) {
	begins, addresses := make([]bool, len(values)), make([]string, len(values))
	for i, v := range values {
		begins[i], addresses[i] = short(v), asKept(v)
	}
	const apart = `'[[:space:][:cntrl:]\uFFFD]+'`
	pg.Ask(b, into, `
		SELECT x.value, c.id, c.name FROM (
			SELECT value, address, CASE WHEN short THEN '' ELSE '%' END || replace(part, ' ', '%') || '%' AS begins, CASE WHEN short THEN '% ' || replace(part, ' ', '%') || '%' END AS further,
				CASE WHEN short THEN '% ' ELSE '%' END || part || '%' AS pattern
			FROM (SELECT value, short, address, CASE WHEN value ~ '[[:alnum:]]' AND value !~ '^#[0-9]{1,18}$' THEN `+pg.Literal(`search_plain(value)`)+` END AS part FROM unnest($1::text[], $3::bool[], $4::text[]) AS v (value, short, address) OFFSET 0) v OFFSET 0
		) x CROSS JOIN LATERAL (
			SELECT id, name FROM customer WHERE (search_plain(name) LIKE x.begins OR search_plain(name) LIKE x.further) AND ' ' || regexp_replace(search_plain(name), `+apart+`, ' ', 'g') LIKE x.pattern
				AND deleted_at IS NULL AND ($2 = '' OR kind = $2)
			UNION ALL
			SELECT c.id, c.name FROM customer_address a JOIN customer c ON c.id = a.customer_id WHERE a.kind IN ('email', 'phone') AND a.value = x.address AND c.deleted_at IS NULL AND ($2 = '' OR c.kind = $2)
			UNION ALL
			SELECT id, name FROM customer WHERE id = CASE WHEN x.value ~ '^#[0-9]{1,18}$' THEN substr(x.value, 2)::bigint END AND deleted_at IS NULL AND ($2 = '' OR kind = $2)
			LIMIT `+strconv.Itoa(mostCustomers+1)+`) c`, values, kind, begins, addresses)
}

// names gives each term its ids, and tells of names that nothing has, which find nothing or leave nothing out, and of those that too many have.
func (of *furniture) names(q filter.Query) names {
	n := names{ids: map[int][]int64{}, directory: of.Directory, customers: map[string]string{}}
	for _, m := range slices.Concat(of.customers, of.companies) {
		if strings.HasPrefix(m.Value, "#") {
			n.customers[m.Value] = m.Name
		}
	}
	for i, t := range q.Terms {
		for _, v := range t.Values {
			ids, named := of.called(t.Field, v)
			if len(ids) > mostCustomers && (t.Field == filter.Customer || t.Field == filter.Company) {
				ids = ids[:mostCustomers]
				n.problems = append(n.problems, fault.Because(text.FilterManyNames, "name", string(t.Field)+":", "value", v, "most", mostCustomers))
			}
			if beginsOnly(t.Field, v) {
				n.problems = append(n.problems, fault.Because(text.FilterShortName, "name", string(t.Field)+":", "value", v))
			} else if named && len(ids) == 0 {
				says := text.FilterNoName
				if t.Not {
					says = text.FilterNoNameNot
				}
				n.problems = append(n.problems, fault.Because(says, "name", string(t.Field)+":", "value", v))
			}
			n.ids[i] = append(n.ids[i], ids...)
		}
		slices.Sort(n.ids[i])
		n.ids[i] = slices.Compact(n.ids[i]) // two values may mean one thing, and each queue is walked
	}
	return n
}

// beginsOnly tells whether a value is looked for only where the words of names begin.
func beginsOnly(f filter.Field, v string) bool {
	return (f == filter.Customer || f == filter.Company || f == filter.From) && short(v) && !address(v) && !strings.HasPrefix(v, "#")
}

// short tells whether a part of a name says too little to be looked for inside names: there are no three letters or digits in a row in it. It is looked
// for where words begin.
func short(part string) bool {
	row := 0
	for _, r := range part {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			row++
		case !unicode.IsMark(r):
			row = 0
		}
		if row == 3 {
			return false
		}
	}
	return true
}

// address tells whether a value is a whole e-mail address, which is not looked for in parts. What has no dot behind the @ may still be typed.
func address(v string) bool {
	local, domain, _ := strings.Cut(v, "@")
	return local != "" && strings.Contains(strings.Trim(domain, "."), ".")
}

// asKept is an address, or a part of one, as addresses are kept: lower case, the domain in punycode.
func asKept(v string) string {
	v = strings.ToLower(v)
	if local, domain, ok := strings.Cut(v, "@"); ok {
		return local + "@" + mail.Domain(domain)
	}
	return v
}

// called are the things of a field that value means; false when the value is no name.
func (of *furniture) called(f filter.Field, value string) (ids []int64, named bool) {
	is := func(name string) bool { return sameName(name, value) }
	switch {
	case value == filter.None && (f == filter.Assignee || f == filter.Category || f == filter.Tag), value == filter.Me && f == filter.Assignee:
		return nil, false
	case f == filter.Queue:
		ids = idsOf(of.Queues, func(q desk.Queue) (int64, bool) { return q.ID, is(q.Name) && of.by.Sees(q.ID) })
	case f == filter.Status:
		ids = of.statusesCalled(value, is)
	case f == filter.Priority:
		ids = idsOf(of.Priorities, func(p desk.Priority) (int64, bool) { return p.ID, is(p.Name) })
	case f == filter.Assignee:
		ids = of.agentsCalled(value)
	case f == filter.Category:
		ids = of.branches(value)
	case f == filter.Tag:
		ids = idsMatched(of.tags, value)
	case f == filter.Customer:
		ids = idsMatched(of.customers, value)
	case f == filter.Company:
		ids = idsMatched(of.companies, value)
	default:
		return nil, false
	}
	return ids, true
}

// sameName compares whatever the case; a shipped name also by its key and by the word for it in every language: who typed it shares the list with
// readers of another one.
func sameName(name, value string) bool {
	if key, ok := strings.CutPrefix(name, ":"); ok {
		return strings.EqualFold(key, value) ||
			slices.ContainsFunc(text.Languages, func(lang string) bool { return strings.EqualFold(text.For(lang).T(text.Key("name."+key)), value) })
	}
	return strings.EqualFold(name, value)
}

func idsOf[T any](all []T, f func(T) (int64, bool)) []int64 {
	var ids []int64
	for _, x := range all {
		if id, ok := f(x); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func idsMatched(all []match, value string) []int64 {
	return idsOf(all, func(m match) (int64, bool) { return m.ID, m.Value == value })
}

// statusesCalled: a kind or shipped key means every status of the kind, a name the status and those below it.
func (of *furniture) statusesCalled(value string, is func(string) bool) []int64 {
	return idsOf(of.Statuses, func(s desk.Status) (int64, bool) {
		above := s.ParentID != nil && is(of.Status(*s.ParentID).Name)
		return s.ID, strings.EqualFold(s.Kind, value) || is(s.Name) || above
	})
}

// agentsCalled: the whole name, the address, or one word of the name.
func (of *furniture) agentsCalled(value string) []int64 {
	whole := idsOf(of.People, func(a desk.Person) (int64, bool) {
		return a.ID, strings.EqualFold(a.Name, value) || strings.EqualFold(a.Email, value)
	})
	if len(whole) > 0 {
		return whole
	}
	return idsOf(of.People, func(a desk.Person) (int64, bool) {
		return a.ID, slices.ContainsFunc(strings.Fields(a.Name), func(w string) bool { return strings.EqualFold(w, value) })
	})
}

// branches are the categories of a name or path, with everything that grows from them.
func (of *furniture) branches(value string) []int64 {
	var ids []int64
	under := -1
	for _, c := range of.Categories {
		switch {
		case under >= 0 && c.Depth > under:
			ids = append(ids, c.ID)
		case strings.EqualFold(c.Name, value) || strings.EqualFold(c.Path, value):
			ids, under = append(ids, c.ID), c.Depth
		default:
			under = -1
		}
	}
	return ids
}
