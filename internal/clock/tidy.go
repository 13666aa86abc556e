package clock

import (
	"context"

	"frontdesk/internal/blob"
	"frontdesk/internal/pg"
)

// tidying removes bytes nobody uses any more. It goes through them all from the oldest on, and begins anew with each round.
type tidying struct {
	db    *pg.DB
	after int64 // the blob reached; 0 = a new round
}

// once removes the next bytes; 0 when the round is over.
func (t *tidying) once(ctx context.Context) (n int, err error) {
	for {
		var next int64
		err := t.db.InTx(ctx, func(tx *pg.Tx) (err error) { n, next, err = blob.Collect(ctx, tx, t.after); return err })
		if err != nil {
			return 0, err
		}
		t.after = next
		if n > 0 || next == 0 {
			return n, nil
		}
	}
}
