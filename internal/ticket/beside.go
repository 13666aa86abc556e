package ticket

import (
	"context"
	"strconv"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
)

// Step is a ticket beside another one in a list.
type Step struct {
	ID    int64  // 0: there is none
	Key   string // where it stands, for the next step from there
	Start string // where a page of the list begins that shows it, "" for the first page
}

// Beside finds the ticket after a place in a list, or with back the one before it; place is the key (Line.Key) the ticket id had when it was opened
// from that list. It is the place that counts: an answer moves a ticket to the top, and the next one is still the one that stood below. Two round
// trips, and what the query needs to be understood. fault.NotFound when by may not see the ticket.
func Beside(ctx context.Context, r pg.Reader, by agent.Agent, f Filter, place string, id int64, back bool) (Step, error) {
	if err := mustSee(ctx, r, by, id); err != nil {
		return Step{}, err
	}
	f.After, f.Before, f.Start, f.Pages = place, "", "", 0
	p, _, err := choose(ctx, r, by, &f)
	if err != nil || place == "" {
		return Step{}, err
	}
	if f.Searches() {
		return p.besideHit(ctx, r, f, id, back)
	}
	at, ok := f.place()
	if !ok {
		return Step{}, nil
	}
	at.back = back
	near, _, err := p.places(ctx, r, f.Order, at, 2)
	if err != nil {
		return Step{}, err
	}
	for _, row := range near {
		if row.id == id {
			continue // it has moved there since
		}
		row.back = true
		before, _, err := p.places(ctx, r, f.Order, row, PageSize)
		if err != nil {
			return Step{}, err
		}
		s := Step{ID: row.id, Key: f.Order.key(row)}
		if len(before) == PageSize {
			s.Start = f.Order.key(before[PageSize/2])
		}
		return s, nil
	}
	return Step{}, nil
}

// besideHit is Beside for what a search found.
func (p *page) besideHit(ctx context.Context, r pg.Reader, f Filter, id int64, back bool) (Step, error) {
	best, _, _, err := p.hits(ctx, r, f)
	if err != nil {
		return Step{}, err
	}
	at := f.offset() - 1 // where it was found then
	for i, b := range best {
		if b.TicketID == id {
			at = i
		}
	}
	if at++; back {
		at -= 2
	}
	if at < 0 || at >= len(best) {
		return Step{}, nil
	}
	s := Step{ID: best[at].TicketID, Key: strconv.Itoa(at + 1)}
	if at >= PageSize {
		s.Start = strconv.Itoa(at + 1 - PageSize/2)
	}
	return s, nil
}
