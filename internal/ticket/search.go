package ticket

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// BestHits is how many tickets a search lists: the best ones.
const BestHits = 200

const (
	legible = 20_000 // characters of a message that a snippet is taken from
	snippet = 160    // its length
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

// searched is List for a query with words: one line for every ticket that holds them and that the page's conditions leave, the best first.
func (p *page) searched(ctx context.Context, r pg.Reader, by agent.Agent, f Filter, also ...func(*pg.Batch)) (Page, error) {
	best, w, near, err := p.hits(ctx, r, f)
	if err != nil {
		return Page{}, err
	}
	from := min(f.offset(), len(best))
	to := min(from+f.rows(), len(best))
	out := Page{Near: near, Part: p.part, Newer: from > 0, Older: to < len(best)}
	best = best[from:to]
	hits, err := f.dress(ctx, r, by, best, w.Marks, also)
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
	best, err = p.best(ctx, r, w, f.Query.Text, f.Now)
	p.part = p.part || len(best) == BestHits
	if err != nil || len(best) > 0 || f.Exact {
		return best, w, false, err
	}
	part := p.part
	best, w, err = p.close(ctx, r, w, f)
	p.part = part // what comes close need not be all that does
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
	if n, err := strconv.Atoi(f.Before); err == nil && n > PageSize && n <= BestHits {
		return n - 1 - PageSize
	}
	return 0
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

// dress reads the lines of tickets and, for whole pages, what the messages say that were found in them, and asks what else the page wants to know.
func (f Filter) dress(ctx context.Context, r pg.Reader, by agent.Agent, best []found, marks search.Marks, also []func(*pg.Batch)) (map[int64]Line, error) {
	var places []place
	var messages []int64
	for _, b := range best {
		places, messages = append(places, place{id: b.TicketID}), append(messages, b.MessageID)
	}
	var b pg.Batch
	var lines []lineRow
	var texts []said
	askLines(&b, &lines, by, places)
	if f.Most == 0 {
		pg.Ask(&b, &texts, `
			SELECT m.ticket_id, m.id, m.kind, m.at, COALESCE(a.name, NULLIF(m.from_name, ''), m.from_address) AS author, left(b.text, @most) AS text
			FROM message m JOIN message_body b ON b.message_id = m.id LEFT JOIN agent a ON a.id = m.author_id
			WHERE m.id = ANY(@messages)`, named("messages", messages, "most", legible))
	}
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
		if err := ctx.Err(); err != nil { // nobody waits for the rest
			return nil, err
		}
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
