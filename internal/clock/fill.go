package clock

import (
	"context"
	"slices"

	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// filling gives messages their words that have none: those from before there was search, and those that an older program stored while it still
// ran. It goes through the desk from the newest message down, and begins anew with each round.
type filling struct {
	db    *pg.DB
	below int64 // the message reached; 0 = a new round
}

// once fills the next messages that lack words; 0 when the round is over.
func (f *filling) once(ctx context.Context) (n int, err error) {
	for {
		ids, next, err := search.Missing(ctx, f.db, f.below)
		if err != nil {
			return n, err
		}
		for some := range slices.Chunk(ids, batch) {
			if err := f.db.InTx(ctx, func(tx *pg.Tx) error { return search.Fill(ctx, tx, some) }); err != nil {
				return n, err
			}
			n += len(some)
		}
		f.below = next
		if n > 0 || next == 0 {
			return n, nil
		}
	}
}
