package ticket

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
)

// Matching lists the tickets that a list would show on all its pages, in its order, at most limit. They are found in one statement, so none is
// missed or named twice while others change.
func Matching(ctx context.Context, r pg.Reader, by agent.Agent, f Filter, limit int) ([]int64, error) {
	f.After, f.Before = "", ""
	page, _, err := choose(ctx, r, by, &f)
	if err != nil {
		return nil, err
	}
	if f.Searches() {
		return page.matchingWords(ctx, r, f, limit)
	}
	sql := `SELECT t.id FROM (` + page.rows(f.Order, place{}, limit) + `) t ORDER BY ` + f.Order.by(false)
	ids, err := pg.List[int64](ctx, r, sql, pgx.QueryExecModeExec, page.args)
	if err != nil {
		return nil, fmt.Errorf("all of list %s %q: %w", f.View, f.Query, err)
	}
	return ids, nil
}

// matchingWords are the tickets of a search, which are few (BestHits); nothing is read that they say.
func (p *page) matchingWords(ctx context.Context, r pg.Reader, f Filter, limit int) ([]int64, error) {
	best, _, _, err := p.hits(ctx, r, f)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(best))
	for _, b := range best[:min(len(best), limit)] {
		ids = append(ids, b.TicketID)
	}
	return ids, nil
}
