package ticket

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// BestHits is how many tickets a search lists: the best ones.
const BestHits = 200

// A search reads more than it lists, but never more than this, however common the words and however large the desk.
const (
	enough      = 60     // tickets among newer messages, or as many messages as are ranked; then older ones are left alone
	common      = 2_000  // messages of one age that hold the words: looking through all of the desk would cost too much
	mostFetched = 20_000 // of one age are fetched at all; more have them only when a word was common once and is rare now
	mostOfAge   = 5_000  // of them are held against the filter, the newest
	mostRead    = 500    // tickets that the filter leaves, the newest, whose messages are read one by one when the words are common
	ofOne       = 8      // messages of one ticket that are ranked, the newest
	ranked      = 300    // messages that are ranked, the newest
	mostNamed   = 200    // tickets, and customers, found by pieces of words
	nearby      = 10_000 // tickets that are looked through for words spelled nearly so, the newest
	legible     = 20_000 // characters of a message that a snippet is taken from
	snippet     = 160    // its length
)

// Hit is why a search lists a ticket.
type Hit struct {
	MessageID int64  // the message that says it best; 0: the ticket's own subject or people say it
	Kind      string // of that message: in, out, comment
	At        time.Time
	Author    string
	Subject   []search.Part
	Snippet   []search.Part
}

// found is a ticket that a search lists.
type found struct {
	TicketID  int64
	MessageID int64
}

// searched is List for a query with words: one line for every ticket that holds them and that the page's conditions leave, the best first. What
// the words are, how common, and what holds them takes three round trips; two more at most when nothing holds them all.
func (p *page) searched(ctx context.Context, r pg.Reader, by agent.Agent, f Filter, also ...func(*pg.Batch)) (Page, error) {
	best, w, near, err := p.hits(ctx, r, f)
	if err != nil {
		return Page{}, err
	}
	from := min(f.offset(), len(best))
	to := min(from+f.rows(), len(best))
	out := Page{Near: near, Newer: from > 0, Older: to < len(best)}
	best = best[from:to]
	hits, err := dress(ctx, r, by, best, w.Marks, also)
	if err != nil {
		return Page{}, err
	}
	for i, b := range best {
		if l, ok := hits[b.TicketID]; ok {
			l.key = strconv.Itoa(from + i + 1)
			out.Lines = append(out.Lines, l)
		}
	}
	return out, nil
}

// hits are the tickets a search lists, the best first; near tells that nothing fits and these nearly do.
func (p *page) hits(ctx context.Context, r pg.Reader, f Filter) (best []found, w search.Wanted, near bool, err error) {
	if w, err = search.Want(ctx, r, search.Parse(f.Query.Text)); err != nil {
		return nil, w, false, err
	}
	if w.Not != "" {
		p.and(`NOT EXISTS (SELECT FROM search_document n WHERE n.ticket_id = ticket.id AND ts_match_vq(n.words, ` + p.arg(w.Not) + `::tsquery))`)
	}
	if best, err = p.best(ctx, r, w, f.Query.Text, f.Now); err != nil || len(best) > 0 {
		return best, w, false, err
	}
	best, err = p.close(ctx, r, w, f.Now)
	return best, w, len(best) > 0, err
}

// offset reads the key of a search's page: how many tickets stand before it.
func (f Filter) offset() int {
	if n, err := strconv.Atoi(f.After); err == nil && n > 0 && n < BestHits {
		return n
	}
	if n, err := strconv.Atoi(f.Start); err == nil && n > 0 && n <= BestHits && f.Before == "" {
		return n - 1
	}
	if n, err := strconv.Atoi(f.Before); err == nil && n > PageSize && n < BestHits {
		return n - 1 - PageSize
	}
	return 0
}

// passing is the condition that the ticket of x is visible and fits the filter.
func (p *page) passing(x string) string {
	return `CROSS JOIN LATERAL (SELECT FROM ticket WHERE id = ` + x + `.ticket_id AND ` + p.conditions() + ` OFFSET 0) passing`
}

func (p *page) conditions() string { return strings.Join(p.where, ` AND `) + p.inQueues() }

// best finds the tickets and, of each, the message that says it best.
//
// Messages are looked for step by step, in the newest age of the desk first, until there are enough that the asking agent may see and the filter
// leaves. When the words are so common that this is a long way, it is shorter from the other side: from the newest tickets that the filter leaves.
// Whatever is read is bounded (TestSearchReadsLittle).
func (p *page) best(ctx context.Context, r pg.Reader, w search.Wanted, text string, now time.Time) ([]found, error) {
	parts := []string{}
	if w.All != "" {
		parts = append(parts, p.saying(w, now))
	}
	if named := p.naming(w, w.All != ""); named != "" {
		parts = append(parts, named)
	}
	if digits, ok := search.Parse(text).Number(); ok {
		if id, err := strconv.ParseInt(digits, 10, 64); err == nil {
			parts = append(parts, `SELECT id AS ticket_id, 0::bigint AS message_id, 1000::float8 AS score FROM ticket WHERE id = `+p.arg(id)+` AND `+p.conditions())
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	sql := ``
	if w.All != "" {
		sql = p.looking(w)
	}
	sql += `
		SELECT ticket_id, (array_agg(message_id ORDER BY message_id = 0, score DESC))[1] AS message_id
		FROM (` + strings.Join(parts, ` UNION ALL `) + `) x
		GROUP BY ticket_id ORDER BY max(score) DESC, ticket_id DESC LIMIT ` + strconv.Itoa(BestHits)
	var list []found
	var err error
	if p.filtered {
		list, err = pg.List[found](ctx, r, sql, pgx.QueryExecModeExec, p.args)
	} else {
		var b pg.Batch
		b.OnePlan() // the words are kept from the planner anyway
		pg.Ask(&b, &list, sql, p.args)
		err = b.Run(ctx, r)
	}
	if err != nil {
		return nil, fmt.Errorf("search for %q: %w", text, err)
	}
	return list, nil
}

// looking are the steps: what holds the words (in), what of it passes (out), and how it ended: whether it did not find enough and the next will not
// have to read too much (more), or would (stuck). The words are kept from the planner, who would read the whole table for a common one: the index on
// words is the way, always.
func (p *page) looking(w search.Wanted) string {
	var steps, out []string
	stuck := []string{`false`}
	on := ``
	for i, query := range w.Steps {
		name := `step` + strconv.Itoa(i)
		steps = append(steps, name+`_in AS MATERIALIZED (
			SELECT * FROM (SELECT message_id, ticket_id FROM search_document
				WHERE `+on+`words @@ (SELECT `+p.arg(query)+`::tsquery) LIMIT `+strconv.Itoa(mostFetched)+`) x
			ORDER BY message_id DESC LIMIT `+strconv.Itoa(mostOfAge)+`)`,
			name+`_out AS MATERIALIZED (SELECT x.* FROM `+name+`_in x `+p.passing(`x`)+`)`)
		out = append(out, `SELECT message_id, ticket_id FROM `+name+`_out`)
		if i == len(w.Steps)-1 {
			break
		}
		steps = append(steps, name+`_end AS MATERIALIZED (
			SELECT `+on+`few AND rare AS more, few AND NOT rare AS stuck
			FROM (SELECT count(*) < `+strconv.Itoa(enough)+` AND COALESCE(sum(least(n, `+strconv.Itoa(ofOne)+`)), 0) < `+strconv.Itoa(ranked)+` AS few
					FROM (SELECT count(*) AS n FROM `+name+`_out GROUP BY ticket_id) x) y,
				(SELECT count(*) < `+strconv.Itoa(common)+` AS rare FROM `+name+`_in) z)`)
		on = `(SELECT more FROM ` + name + `_end) AND `
		stuck = append(stuck, `(SELECT stuck FROM `+name+`_end)`)
	}
	return `
		WITH ` + strings.Join(steps, `, `) + `,
		tickets AS (
			SELECT d.message_id, d.ticket_id
			FROM (SELECT id FROM ticket WHERE ` + p.conditions() + ` AND (` + strings.Join(stuck, ` OR `) + `)
				ORDER BY changed_at DESC, id DESC LIMIT ` + strconv.Itoa(mostRead) + `) t
			CROSS JOIN LATERAL (
				SELECT message_id, ticket_id FROM search_document WHERE ticket_id = t.id AND ts_match_vq(words, ` + p.arg(w.All) + `::tsquery)
				ORDER BY message_id DESC LIMIT ` + strconv.Itoa(ofOne) + `) d),
		held AS (
			` + strings.Join(out, ` UNION `) + ` UNION SELECT message_id, ticket_id FROM tickets),
		few AS (
			SELECT message_id, ticket_id FROM (SELECT *, row_number() OVER (PARTITION BY ticket_id ORDER BY message_id DESC) AS nth FROM held) x
			WHERE nth <= ` + strconv.Itoa(ofOne) + ` ORDER BY message_id DESC LIMIT ` + strconv.Itoa(ranked) + `)`
}

// saying ranks messages: by the words as they were typed first, then by all their forms, and what is new counts up to twice as much as what is
// old.
func (p *page) saying(w search.Wanted, now time.Time) string {
	const weights = `'{0.1,0.3,0.5,1}'`
	exact := `0`
	if w.Exact != "" {
		exact = `ts_rank(` + weights + `, d.words, ` + p.arg(w.Exact) + `::tsquery)`
	}
	for _, one := range w.Each {
		exact += ` + (d.words @@ ` + p.arg(one) + `::tsquery)::int`
	}
	return `
		SELECT few.ticket_id, few.message_id, (0.001 + ` + exact + ` + 0.3 * ts_rank(` + weights + `, d.words, ` + p.arg(w.All) + `::tsquery))
			* (1 + 1 / (1 + greatest(0, extract(epoch FROM ` + p.arg(now) + `::timestamptz - (SELECT at FROM message WHERE id = few.message_id))) / 2592000)) AS score
		FROM few CROSS JOIN LATERAL (SELECT words FROM search_document WHERE message_id = few.message_id OFFSET 0) d`
}

// naming finds by pieces of words: subjects and first senders, and names, addresses and telephone numbers of customers. Behind what was found by
// words it is only looked for while there is room.
func (p *page) naming(w search.Wanted, behind bool) string {
	var parts []string
	like := func(column string) string {
		var all []string
		for _, piece := range w.Pieces {
			all = append(all, column+` LIKE `+p.arg(piece))
		}
		return strings.Join(all, ` AND `)
	}
	most := ` LIMIT ` + strconv.Itoa(mostNamed)
	room := ``
	if behind {
		room = ` AND (SELECT count(DISTINCT ticket_id) FROM held) < ` + strconv.Itoa(PageSize)
	}
	if len(w.Pieces) > 0 {
		parts = append(parts, `SELECT x.ticket_id FROM (SELECT ticket_id FROM search_heading WHERE `+like(`heading`)+room+` ORDER BY ticket_id + 0 DESC`+most+`) x `+p.passing(`x`))
		parts = append(parts, p.ofCustomers(`SELECT id FROM customer WHERE `+like(`search_plain(name)`)+room+` AND deleted_at IS NULL`+most))
		parts = append(parts, p.ofCustomers(`SELECT customer_id AS id FROM customer_address WHERE kind = 'email' AND `+like(`lower(value)`)+room+most))
	}
	if w.Digits != "" {
		parts = append(parts, p.ofCustomers(`SELECT customer_id AS id FROM customer_address WHERE kind = 'phone' AND regexp_replace(value, '[^0-9]', '', 'g') LIKE `+p.arg(w.Digits)+most))
	}
	if len(parts) == 0 {
		return ``
	}
	return `SELECT * FROM (SELECT ticket_id, 0::bigint AS message_id, 0.0005 AS score FROM (` + strings.Join(parts, ` UNION `) + `) x ORDER BY ticket_id DESC` + most + `) y`
}

// ofCustomers are the tickets of customers, of each the newest.
func (p *page) ofCustomers(ids string) string {
	return `SELECT t.id AS ticket_id FROM (SELECT DISTINCT id FROM (` + ids + `) z) c
		CROSS JOIN LATERAL (SELECT id FROM ticket WHERE customer_id = c.id AND ` + p.conditions() + ` ORDER BY changed_at DESC, id DESC LIMIT 20) t`
}

// close finds what comes close when nothing fits: messages with some of the words, else headings that are spelled nearly so.
func (p *page) close(ctx context.Context, r pg.Reader, w search.Wanted, now time.Time) ([]found, error) {
	if any, ok := w.Any(); ok {
		if best, err := p.best(ctx, r, any, "", now); err != nil || len(best) > 0 {
			return best, err
		}
	}
	return p.near(ctx, r, w)
}

// near finds tickets whose heading holds nearly the words, for typing errors: of each word either half must stand there, and most of its threes.
// It reads the newest tickets only.
func (p *page) near(ctx context.Context, r pg.Reader, w search.Wanted) ([]found, error) {
	if len(w.Nearly) == 0 {
		return nil, nil
	}
	var fits, score []string
	for _, n := range w.Nearly {
		word := p.arg(n.Word)
		fits = append(fits, `(heading LIKE `+p.arg(n.Front)+` OR heading LIKE `+p.arg(n.Back)+`) AND word_similarity(`+word+`, heading) >= 0.35`)
		score = append(score, `word_similarity(`+word+`, heading)`)
	}
	list, err := pg.List[found](ctx, r, `
		SELECT x.ticket_id, 0::bigint AS message_id
		FROM (SELECT ticket_id, `+strings.Join(score, ` + `)+` AS score FROM search_heading
			WHERE ticket_id > (SELECT max(ticket_id) FROM search_heading) - `+strconv.Itoa(nearby)+` AND `+strings.Join(fits, ` AND `)+`) x `+p.passing(`x`)+`
		ORDER BY x.score DESC, x.ticket_id DESC LIMIT `+strconv.Itoa(PageSize), pgx.QueryExecModeExec, p.args)
	if err != nil {
		return nil, fmt.Errorf("search for something near: %w", err)
	}
	return list, nil
}

// said is a message that was found.
type said struct {
	TicketID int64
	ID       int64
	Kind     string
	At       time.Time
	Author   string
	Text     string
}

// dress reads the lines of tickets and what the messages say that were found in them, and asks what else the page wants to know.
func dress(ctx context.Context, r pg.Reader, by agent.Agent, best []found, marks search.Marks, also []func(*pg.Batch)) (map[int64]Line, error) {
	var places []foundRow
	var messages []int64
	for _, b := range best {
		places, messages = append(places, foundRow{ID: b.TicketID}), append(messages, b.MessageID)
	}
	var b pg.Batch
	var lines []lineRow
	var texts []said
	askLines(&b, &lines, by, places, ByChanged, place{})
	pg.Ask(&b, &texts, `
		SELECT m.ticket_id, m.id, m.kind, m.at, COALESCE(a.name, NULLIF(m.from_name, ''), m.from_address) AS author, left(b.text, @most) AS text
		FROM message m JOIN message_body b ON b.message_id = m.id LEFT JOIN agent a ON a.id = m.author_id
		WHERE m.id = ANY(@messages)`, named("messages", messages, "most", legible))
	for _, ask := range also {
		ask(&b)
	}
	directory := desk.AskDirectory(&b)
	if err := b.Run(ctx, r); err != nil {
		return nil, fmt.Errorf("read what was found: %w", err)
	}
	d, err := directory(ctx, r)
	if err != nil {
		return nil, err
	}
	hits := make(map[int64]said, len(texts))
	for _, m := range texts {
		hits[m.TicketID] = m
	}
	out := make(map[int64]Line, len(lines))
	for _, row := range lines {
		l := row.line(d)
		l.Hit = &Hit{Subject: marks.In(l.Subject), Snippet: marks.In(strings.TrimSpace(l.RequesterName + " " + l.Requester))}
		if m, ok := hits[l.ID]; ok {
			l.Hit.MessageID, l.Hit.Kind, l.Hit.At, l.Hit.Author, l.Hit.Snippet = m.ID, m.Kind, m.At, m.Author, marks.Snippet(m.Text, snippet)
		}
		out[l.ID] = l
	}
	return out, nil
}

// Searches tells whether the filter's text asks for words: then List ranks.
func (f Filter) Searches() bool { return !search.Parse(f.Query.Text).Empty() }
