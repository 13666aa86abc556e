package ticket

import (
	"slices"
	"strconv"
	"strings"

	"frontdesk/internal/filter"
)

// rows is the statement that answers the rows of ticket on the page at place, each with the stretch of the order it was found in, in no order; most
// is how many. A stretch is walked only as far as those before it have left room.
func (p *page) rows(order Order, at place, most int) string {
	var walks, with, names []string
	room := strconv.Itoa(most)
	stretches := order.stretches()
	for n := range stretches {
		i := n
		if at.back {
			i = len(stretches) - 1 - n
		}
		if at.id != 0 && (at.back && i > at.stretch || !at.back && i < at.stretch) {
			continue
		}
		name := `stretch` + strconv.Itoa(i)
		walks = append(walks, p.walk(stretches[i], i, at, most, room))
		with = append(with, name+` AS MATERIALIZED (`+walks[len(walks)-1]+`)`)
		names = append(names, `SELECT * FROM `+name)
		room += ` - (SELECT count(*) FROM ` + name + `)`
	}
	if len(walks) == 1 {
		return walks[0]
	}
	return `WITH ` + strings.Join(with, `, `) + ` ` + strings.Join(names, ` UNION ALL `)
}

// above tells whether there are rows above the page at place. One that begins below another row has that; of one that begins with a row it is asked.
func (p *page) above(order Order, at place) string {
	if !at.with {
		return strconv.FormatBool(at.id != 0)
	}
	at.back, at.with = true, false
	return `EXISTS (` + p.rows(order, at, 1) + `)`
}

// walk finds what one stretch of the order has from place on, at most so many and as there is room for. Where tickets wait in several queues, each
// queue's stretch of one index is walked in its order, and the heads are merged: a quiet queue costs no more than a busy one.
func (p *page) walk(s stretch, i int, at place, most int, room string) string {
	down := s.down != at.back
	from := ``
	if at.id != 0 && at.stretch == i {
		sign := `>`
		if down {
			sign = `<`
		}
		if at.with {
			sign += `=`
		}
		from = ` AND (` + s.column + `, id) ` + sign + ` (` + p.arg(at.at) + `, ` + p.arg(at.id) + `)`
	}
	if s.where != "" {
		from += ` AND ` + s.where
	}
	dir := ``
	if down {
		dir = ` DESC`
	}
	order := ` ORDER BY ` + s.column + dir + `, id` + dir + ` LIMIT `
	var ways []string
	for _, part := range p.parts() {
		ways = append(ways, part.ways(s, i, from, order+strconv.Itoa(most))...)
	}
	return `SELECT * FROM ((` + strings.Join(ways, `) UNION ALL (`) + `)) t` + order + room
}

// few queues are walked by a way for each, which the planner merges without sorting; not where a goal must run, of which there are two parts: each way
// has to be planned.
const few = 12

// ways are the walks through a stretch that together find its tickets, each in order.
func (p *page) ways(s stretch, i int, from, tail string) (ways []string) {
	one := `SELECT ` + strconv.Itoa(i) + ` AS stretch, ticket.* FROM ticket WHERE ` + strings.Join(p.where, ` AND `) + from
	split := p.split()
	if n := len(p.queues); split && !p.all && s.level == 0 && n > 0 && n <= few && !p.running {
		for _, id := range p.queues {
			ways = append(ways, one+` AND queue_id = `+p.arg(id)+tail)
		}
		return ways
	}
	var cells []string
	if split || p.all && s.level != 0 {
		queues := `(SELECT id FROM queue)`
		if !p.all {
			queues = `unnest((SELECT ` + p.arg(p.queues) + `::bigint[]))` // how many stays unknown to the planner, so that one plan is kept for all
		}
		cells = append(cells, queues+` AS q(id)`)
		one += ` AND queue_id = q.id`
	} else {
		one += p.inQueues()
	}
	if s.level != 0 {
		cells = append(cells, `(SELECT id FROM priority WHERE level = `+strconv.Itoa(s.level)+`) AS p(id)`)
		one += ` AND priority_id = p.id`
	}
	if len(cells) == 0 {
		return []string{one + tail}
	}
	return []string{`SELECT t.* FROM ` + strings.Join(cells, ` CROSS JOIN `) + ` CROSS JOIN LATERAL (` + one + tail + `) t` + tail}
}

// parts are the selections that an index holds and that are the page together, no ticket in two of them.
func (p *page) parts() []*page {
	one, other := *p, *p
	parted := func(a, b string) []*page {
		one.where, other.where = append(slices.Clip(p.where), a), append(slices.Clip(p.where), b)
		return []*page{&one, &other}
	}
	switch {
	case p.running && p.whole:
		one.whole, other.whole = false, false
		return parted(open, `kind = 'postponed'`)
	case p.free != nil:
		one.own = true
		other.all, other.queues = false, p.free
		if !p.all {
			other.queues = slices.DeleteFunc(slices.Clone(p.free), func(id int64) bool { return !slices.Contains(p.queues, id) })
		}
		return parted(`assignee_id = @me`, `assignee_id IS NULL`)
	}
	return []*page{p}
}

// split tells whether the queues are walked one by one. A few are even where a term has an index of its own: which way is shorter the planner
// knows for each of them.
func (p *page) split() bool {
	switch {
	case p.own:
		return false
	case p.all:
		return !p.whole && !p.selective
	}
	return len(p.queues) != 1 && (!p.selective || len(p.queues) <= few)
}

// selective tells whether a term may leave few tickets, which an index finds: then many queues are not walked one by one.
func selective(t filter.Term) bool {
	switch t.Field {
	case filter.ID, filter.Assignee, filter.Tag, filter.Category, filter.Customer, filter.Company, filter.From, filter.Status, filter.Source:
		return true
	case filter.Is:
		return slices.ContainsFunc(t.Values, func(v string) bool { return v == "mine" || v == "starred" || v == "observed" || v == "vip" })
	}
	return false
}
