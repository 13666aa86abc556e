package ticket

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/filter"
	"frontdesk/internal/pg"
)

// mostSent is how many tickets of a part of a sender are few.
const mostSent = 1_000

// from finds the first sender: a whole address, a domain, or a part of address or, whatever its accents, name; a short one is what they or words of the
// name begin with.
func (p *page) from(v string) string {
	switch v = asKept(v); {
	case address(v):
		return `requester = ` + p.arg(v)
	case strings.IndexFunc(v, alnum) < 0:
		return `false`
	}
	if ids, ok := p.senders[v]; ok {
		return `id = ANY(` + p.arg(ids) + `::bigint[])`
	}
	return `id IN (` + sentBy(p.arg(v), v) + `)`
}

// sentBy finds the tickets whose first sender has a part, which stands in the statement as value.
func sentBy(value, v string) string {
	const name = `search_plain(p.display)`
	part, plain := pg.Literal(value), pg.Literal(`search_plain(`+value+`)`)
	var fits string
	switch {
	case v[0] == '@':
		fits = `p.address LIKE '%' || ` + part
	case short(v):
		fits = `p.address LIKE ` + part + ` || '%' OR ` + name + ` LIKE ` + plain + ` || '%' OR ` + name + ` LIKE '% ' || ` + plain + ` || '%'`
	default:
		fits = `p.address LIKE '%' || ` + part + ` || '%' OR ` + name + ` LIKE '%' || ` + plain + ` || '%'`
	}
	return `SELECT ticket_id FROM ticket_participant p WHERE p.role = 'requester' AND (` + fits + `)`
}

func alnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// findSenders finds the tickets of parts of first senders, where they are few; one statement, planned for its very values. The planner is told their
// numbers: it cannot know how seldom a part of a name is, and would look at the sender of every ticket for the order of a list. A count has none.
func findSenders(ctx context.Context, r pg.Reader, q filter.Query) (map[string][]int64, error) {
	var parts, asked []string
	args := []any{pgx.QueryExecModeExec}
	for _, t := range q.Terms {
		for _, v := range t.Values {
			if v := asKept(v); t.Field == filter.From && !address(v) && strings.IndexFunc(v, alnum) >= 0 && !slices.Contains(parts, v) {
				parts = append(parts, v)
			}
		}
	}
	for i, v := range parts {
		args = append(args, v)
		asked = append(asked, `SELECT `+strconv.Itoa(i)+` AS part, array_agg(ticket_id) AS tickets FROM (`+sentBy(`$`+strconv.Itoa(i+1), v)+` LIMIT `+strconv.Itoa(mostSent+1)+`) x`)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	found, err := pg.List[sentRow](ctx, r, strings.Join(asked, ` UNION ALL `), args...)
	if err != nil {
		return nil, fmt.Errorf("find who sent the tickets of a filter: %w", err)
	}
	senders := make(map[string][]int64, len(parts))
	for _, f := range found {
		if len(f.Tickets) <= mostSent {
			senders[parts[f.Part]] = orNone(f.Tickets)
		}
	}
	return senders, nil
}

type sentRow struct {
	Part    int
	Tickets []int64
}
