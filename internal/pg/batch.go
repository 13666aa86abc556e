package pg

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Batch is several statements in one round trip: a page asks all it needs at once, a flow says all it knows.
type Batch struct {
	b pgx.Batch
}

// Ask adds a query whose rows fill *into when the batch runs.
func Ask[T any](b *Batch, into *[]T, sql string, args ...any) {
	b.b.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, scanner[T]())
		return err
	})
}

// Steady lets the rest of the transaction keep one plan for each statement, whatever its values: for the short statements of a flow, whose
// planning costs more than their work.
func (b *Batch) Steady() { b.b.Queue(`SET LOCAL plan_cache_mode = force_generic_plan`) }

// Run sends the batch; the first failing query ends it.
func (b *Batch) Run(ctx context.Context, r Reader) error {
	if err := r.SendBatch(ctx, &b.b).Close(); err != nil {
		return fmt.Errorf("run a batch: %w", err)
	}
	return nil
}
