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
	if f.Searches() {
		return matchingWords(ctx, r, by, f, limit)
	}
	page, _, err := choose(ctx, r, by, &f)
	if err != nil {
		return nil, err
	}
	sql := `SELECT t.id FROM (` + page.rows(f.Order, place{}, limit) + `) t ORDER BY ` + f.Order.by(false)
	ids, err := pg.List[int64](ctx, r, sql, pgx.QueryExecModeExec, page.args)
	if err != nil {
		return nil, fmt.Errorf("all of list %s %q: %w", f.View, f.Query, err)
	}
	return ids, nil
}

// matchingWords goes through the pages of a search, which are few (BestHits).
func matchingWords(ctx context.Context, r pg.Reader, by agent.Agent, f Filter, limit int) ([]int64, error) {
	ids := []int64{}
	for len(ids) < limit {
		p, err := List(ctx, r, by, f)
		if err != nil {
			return nil, err
		}
		for _, l := range p.Lines {
			ids = append(ids, l.ID)
		}
		if !p.Older || len(p.Lines) == 0 {
			break
		}
		f.After = p.Lines[len(p.Lines)-1].Key()
	}
	return ids[:min(len(ids), limit)], nil
}
