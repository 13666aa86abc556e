package ticket

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// A search reads more than it lists, but never more than this, however common the words and however large the desk.
const (
	enough     = PageSize + 1 // tickets, or as many messages as are ranked; then older ones are left alone
	common     = 2_000        // messages of one step that hold the words: looking through all of the desk would cost too much
	mostOfAge  = 5_000        // of those a step finds are held against the filter, the newest, until BestHits tickets pass
	mostRead   = 500          // tickets that the filter leaves, the newest, which are read one by one when the words are common
	mostOfPile = 1_000        // tickets of a view that is a pile of few, which are read one by one whatever the words
	ofOne      = 8            // messages of one ticket that are ranked, the newest
	ranked     = 300          // messages that are ranked, the newest
	mostNamed  = 200          // tickets, and customers, found by pieces of words
	fewOfEach  = 20           // tickets of each of many customers
	nearby     = 10_000       // tickets that are looked through for words spelled nearly so, the newest
)

// passing is the condition that the ticket of x is visible and fits the filter.
func (p *page) passing(x string) string {
	return `CROSS JOIN LATERAL (SELECT FROM ticket WHERE id = ` + x + `.ticket_id AND ` + p.conditions() + ` OFFSET 0) passing`
}

func (p *page) conditions() string { return strings.Join(p.where, ` AND `) + p.inQueues() }

// best finds the tickets and, of each, the message that says it best.
func (p *page) best(ctx context.Context, r pg.Reader, w search.Wanted, text string, now time.Time) ([]found, error) {
	held, err := p.holding(ctx, r, w)
	if err != nil {
		return nil, fmt.Errorf("search for %q: %w", text, err)
	}
	defer p.forget(len(p.args))
	var parts []string
	if len(held) > 0 {
		parts = append(parts, p.ranking(held, w, now))
	}
	if !p.part || ticketsOf(held) < PageSize { // by pieces of words only for all there is, or while there is room
		parts = append(parts, p.naming(w)...)
	}
	if id, ok := search.Parse(text).Number(); ok {
		parts = append(parts, `SELECT id AS ticket_id, 0::bigint AS message_id, 1000::float8 AS score FROM ticket WHERE id = `+p.arg(id)+` AND `+p.conditions())
	}
	if len(parts) == 0 {
		return nil, nil
	}
	var list []found
	err = askSearch(ctx, r, p, &list, `
		SELECT ticket_id, (array_agg(message_id ORDER BY message_id = 0, score DESC))[1] AS message_id
		FROM (`+strings.Join(parts, ` UNION ALL `)+`) x
		GROUP BY ticket_id ORDER BY max(score) DESC, ticket_id DESC LIMIT `+strconv.Itoa(BestHits))
	if err != nil {
		return nil, fmt.Errorf("search for %q: %w", text, err)
	}
	return list, nil
}

// askSearch runs a statement of a search. Without a filter one plan is good for all words, which are kept from the planner anyway.
func askSearch[T any](ctx context.Context, r pg.Reader, p *page, into *[]T, sql string) (err error) {
	if p.filtered {
		*into, err = pg.List[T](ctx, r, sql, pgx.QueryExecModeExec, p.args)
		return err
	}
	var b pg.Batch
	b.OnePlan()
	pg.Ask(&b, into, sql, p.args)
	return b.Run(ctx, r)
}

// holding finds messages that hold the words, in tickets that the asking agent may see and the filter leaves: the newest to be ranked, at most ofOne of
// a ticket. Those with other forms of the words take the room that those with the words leave.
//
// They are looked for step by step, in the newest age of the desk first, until there are enough. When the words are so common that this is a long way,
// it is shorter from the other side: from the newest tickets that the filter leaves. That is the way, too, where the view is a pile of few tickets: all of
// them are read. Whatever is read is bounded (TestSearchReadsLittleWhateverTheWords).
func (p *page) holding(ctx context.Context, r pg.Reader, w search.Wanted) (held []found, err error) {
	if p.small && w.All != "" {
		if few, err := p.oneByOne(ctx, r, p.ids, mostOfPile, true, w); err != nil || !few.Part {
			held = toRank(few.found())
			p.part = len(held) == ranked
			return held, err
		}
	}
	steps := w.Steps()
	var whole []found
	var last looked
	for {
		step, ok, err := steps.Next(ctx, r, share(held), last.Many, last.Fetched)
		if err != nil || !ok {
			p.part = steps.Older() || last.Part || len(held) == ranked
			return held, err
		}
		var newest looked
		if last, err = p.step(ctx, r, step); err == nil && last.Part && step.Newest != nil {
			newest, err = p.step(ctx, r, *step.Newest)
		}
		if err != nil {
			return nil, err
		}
		if !step.Forms {
			whole = toRank(whole, last.found())
		}
		if held = toRank(whole, held, last.found(), newest.found()); last.Many >= common && share(held) < 1 {
			more, err := p.oneByOne(ctx, r, p.newest, mostRead, false, w)
			held = toRank(whole, held, more.found())
			p.part = more.Part || len(held) == ranked
			return held, err
		}
	}
}

// share is how much of what is enough was found.
func share(held []found) float64 {
	return max(float64(len(held))/ranked, float64(ticketsOf(held))/enough)
}

// ticketsOf counts the tickets of messages.
func ticketsOf(list []found) int {
	all := map[int64]bool{}
	for _, f := range list {
		all[f.TicketID] = true
	}
	return len(all)
}

// toRank are the first messages and the newest of the rest, at most ofOne of a ticket.
func toRank(first []found, rest ...[]found) (out []found) {
	others := slices.Concat(rest...)
	slices.SortFunc(others, func(x, y found) int { return cmp.Compare(y.MessageID, x.MessageID) })
	seen, of := map[found]bool{}, map[int64]int{}
	for _, f := range slices.Concat(first, others) {
		if !seen[f] && of[f.TicketID] < ofOne && len(out) < ranked {
			out = append(out, f)
			seen[f] = true
			of[f.TicketID]++
		}
	}
	return out
}

// looked is what one look for messages that hold the words found, how many documents or tickets there were to look at, of how many documents that were
// fetched, and whether some were left out.
type looked struct {
	Many, Fetched     int
	Messages, Tickets []int64
	Part              bool `db:"-"`
}

func (r looked) found() (out []found) {
	for i, id := range r.Messages {
		out = append(out, found{TicketID: r.Tickets[i], MessageID: id})
	}
	return out
}

// step looks among the documents of one step; of many it holds the newest against the filter. The words are kept from the planner, who would read the
// whole table for a common one: the index on words is the way, always.
func (p *page) step(ctx context.Context, r pg.Reader, step search.Step) (looked, error) {
	defer p.forget(len(p.args))
	var index []string
	for _, query := range step.Index {
		index = append(index, `words @@ (SELECT `+p.arg(query)+`::tsquery)`)
	}
	fits := `true`
	for _, query := range step.Rows {
		fits += ` AND ts_match_vq(words, ` + p.arg(query) + `::tsquery)`
	}
	var rows []looked
	var b pg.Batch
	b.OnePlan()
	pg.Ask(&b, &rows, `
		WITH fetched AS MATERIALIZED (
			SELECT message_id, ticket_id, `+fits+` AS fits FROM search_document WHERE `+strings.Join(index, ` AND `)+` LIMIT `+strconv.Itoa(search.MostFetched)+`),
		holds AS MATERIALIZED (SELECT message_id, ticket_id FROM fetched WHERE fits ORDER BY message_id DESC LIMIT `+strconv.Itoa(mostOfAge)+`),
		passes AS MATERIALIZED (
			SELECT x.ticket_id FROM (SELECT ticket_id, max(message_id) AS newest FROM holds GROUP BY ticket_id ORDER BY newest DESC) x `+p.passing(`x`)+`
			ORDER BY x.newest DESC LIMIT `+strconv.Itoa(BestHits)+`),
		few AS MATERIALIZED (
			SELECT message_id, ticket_id
			FROM (SELECT *, row_number() OVER (PARTITION BY ticket_id ORDER BY message_id DESC) AS nth FROM holds
				WHERE (ticket_id IN (SELECT ticket_id FROM passes)) IS TRUE) x -- a lookup: of a join the planner would not know that it is a long one
			WHERE nth <= `+strconv.Itoa(ofOne)+` ORDER BY message_id DESC LIMIT `+strconv.Itoa(ranked)+`)
		SELECT (SELECT count(*) FROM holds) AS many, (SELECT count(*) FROM fetched) AS fetched, array_agg(message_id) AS messages, array_agg(ticket_id) AS tickets
		FROM few`, p.args)
	if err := b.Run(ctx, r); err != nil {
		return looked{}, err
	}
	rows[0].Part = rows[0].Many == mostOfAge || rows[0].Fetched == search.MostFetched
	return rows[0], nil
}

// oneByOne reads the messages of tickets that the filter leaves, ticket by ticket, up to most: first those with the words as they were typed, the newest
// first. Where it must be all that the filter leaves and there are more, none are read.
func (p *page) oneByOne(ctx context.Context, r pg.Reader, tickets func(most int) string, most int, must bool, w search.Wanted) (looked, error) {
	defer p.forget(len(p.args))
	order := `ORDER BY `
	if w.Exact != "" {
		order += `ts_match_vq(d.words, ` + p.arg(w.Exact) + `::tsquery) DESC, `
	}
	order += `d.message_id DESC`
	var rows []looked
	err := askSearch(ctx, r, p, &rows, `
		WITH t AS MATERIALIZED (`+tickets(most+1)+`)
		SELECT (SELECT count(*) FROM t) AS many, 0 AS fetched, array_agg(d.message_id `+order+`) AS messages, array_agg(d.ticket_id `+order+`) AS tickets
		FROM t CROSS JOIN LATERAL (
			SELECT message_id, ticket_id, words FROM search_document WHERE ticket_id = t.id AND ts_match_vq(words, `+p.arg(w.All)+`::tsquery)
			ORDER BY message_id DESC LIMIT `+strconv.Itoa(ofOne)+`) d
		WHERE (SELECT count(*) FROM t) <= `+strconv.Itoa(most)+` OR NOT `+p.arg(must)+`::bool`)
	if err != nil {
		return looked{}, err
	}
	rows[0].Part = rows[0].Many > most
	return rows[0], nil
}

// ranking scores messages: by the words as they were typed first, then by all their forms, and what is new counts up to twice as much as what is
// old.
func (p *page) ranking(held []found, w search.Wanted, now time.Time) string {
	const weights = `'{0.1,0.3,0.5,1}'`
	var messages []int64
	for _, f := range held {
		messages = append(messages, f.MessageID)
	}
	exact := `0`
	if w.Exact != "" {
		exact = `ts_rank(` + weights + `, d.words, ` + p.arg(w.Exact) + `::tsquery)`
	}
	for _, one := range w.Each {
		exact += ` + (d.words @@ ` + p.arg(one) + `::tsquery)::int`
	}
	return `
		SELECT d.ticket_id, d.message_id, (0.001 + ` + exact + ` + 0.3 * ts_rank(` + weights + `, d.words, ` + p.arg(w.All) + `::tsquery))
			* (1 + 1 / (1 + greatest(0, extract(epoch FROM ` + p.arg(now) + `::timestamptz - m.at)) / 2592000)) AS score
		FROM search_document d JOIN message m ON m.id = d.message_id WHERE d.message_id = ANY(` + p.arg(messages) + `)`
}

// naming finds by pieces of words: subjects and first senders, and names, addresses and telephone numbers of customers. Where a piece stands in so many
// headings that the newest may all be out of sight, the newest tickets that the filter leaves are looked through too.
func (p *page) naming(w search.Wanted) []string {
	var parts []string
	like := func(column string) string {
		var all []string
		for _, piece := range w.Pieces {
			all = append(all, column+` LIKE `+p.arg(piece))
		}
		return strings.Join(all, ` AND `)
	}
	most := ` LIMIT ` + strconv.Itoa(mostNamed)
	if len(w.Pieces) > 0 {
		parts = append(parts, `(WITH headed AS MATERIALIZED (SELECT ticket_id FROM search_heading WHERE `+like(`heading`)+` ORDER BY ticket_id + 0 DESC`+most+`)
			SELECT x.ticket_id FROM headed x `+p.passing(`x`)+`
			UNION ALL SELECT t.id FROM (`+p.newest(mostRead)+`) t CROSS JOIN LATERAL (SELECT FROM search_heading WHERE ticket_id = t.id AND `+like(`heading`)+` OFFSET 0) h
			WHERE (SELECT count(*) FROM headed) = `+strconv.Itoa(mostNamed)+`)`)
		parts = append(parts, p.ofCustomers(`SELECT id FROM customer WHERE `+like(`search_plain(name)`)+` AND deleted_at IS NULL`+most))
		parts = append(parts, p.ofCustomers(`SELECT customer_id AS id FROM customer_address WHERE kind = 'email' AND `+like(`lower(value)`)+most))
	}
	if w.Digits != "" {
		parts = append(parts, p.ofCustomers(`SELECT customer_id AS id FROM customer_address WHERE kind = 'phone' AND regexp_replace(value, '[^0-9]', '', 'g') LIKE `+p.arg(w.Digits)+most))
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{`SELECT * FROM (SELECT ticket_id, 0::bigint AS message_id, 0.0005 AS score FROM (` + strings.Join(parts, ` UNION `) + `) x ORDER BY ticket_id DESC` + most + `) y`}
}

// ofCustomers are the tickets of customers, of each the newest: of one alone as many as a search lists, of many at least fewOfEach.
func (p *page) ofCustomers(ids string) string {
	return `(WITH c AS MATERIALIZED (SELECT DISTINCT id FROM (` + ids + `) z)
		SELECT t.id AS ticket_id FROM c CROSS JOIN LATERAL (SELECT id FROM ticket WHERE customer_id = c.id AND ` + p.conditions() + ` ORDER BY changed_at DESC, id DESC
			LIMIT (SELECT greatest(` + strconv.Itoa(fewOfEach) + `, ` + strconv.Itoa(BestHits) + ` / count(*)) FROM c)) t)`
}

// close finds what comes close when nothing fits: messages with the words of a phrase apart, with some of the words, else headings that are spelled nearly
// so; and what was found then.
func (p *page) close(ctx context.Context, r pg.Reader, w search.Wanted, f Filter) (best []found, _ search.Wanted, err error) {
	if q, ok := search.Parse(f.Query.Text).Apart(); ok {
		if w, err = search.Want(ctx, r, q); err == nil {
			best, err = p.best(ctx, r, w, "", f.Now)
		}
	}
	if any, ok := w.Any(); ok && err == nil && len(best) == 0 {
		best, err = p.best(ctx, r, any, "", f.Now)
	}
	if err == nil && len(best) == 0 {
		best, err = p.near(ctx, r, w)
	}
	return best, w, err
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
