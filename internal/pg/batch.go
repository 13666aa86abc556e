package pg

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Batch is several reads in one round trip: a page asks all it needs at once.
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

// Run sends the batch; the first failing query ends it.
func (b *Batch) Run(ctx context.Context, r Reader) error {
	if err := r.SendBatch(ctx, &b.b).Close(); err != nil {
		return fmt.Errorf("read a page: %w", err)
	}
	return nil
}
