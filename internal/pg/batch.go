package pg

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Batch is several statements in one round trip: a page asks all it needs at once, a flow says all it knows.
type Batch struct {
	b       pgx.Batch
	onePlan bool
}

// Ask adds a query whose rows fill *into when the batch runs.
func Ask[T any](b *Batch, into *[]T, sql string, args ...any) {
	b.b.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		*into, err = collect[T](rows)
		return err
	})
}

// Steady lets the rest of the transaction keep one plan for each statement, whatever its values, and go by an index wherever one leads to the
// rows, as a plan made while the tables were small would not: for the short statements of a flow, whose planning costs more than their work.
func (b *Batch) Steady() {
	b.b.Queue(`SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`)
}

// Durable has the commit of this transaction wait for the disk, whatever the server is set to: others give away what they have once it is there.
func (b *Batch) Durable() { b.b.Queue(`SET LOCAL synchronous_commit = on`) }

// Repeatable has the commit of this transaction not wait for the disk. If the database's machine stops within the next second it may never have
// been, but only as a whole, and with all that was committed after it: so nobody can have built upon it. For work that is done again in that case.
func (b *Batch) Repeatable() { b.b.Queue(`SET LOCAL synchronous_commit = off`) }

// OnePlan lets what follows keep one plan for each statement, to the end of the transaction or, outside of one, of the batch: for pages whose
// statements are written out so that one plan is good for all values. Left to itself Postgres plans a long one anew each time.
func (b *Batch) OnePlan() {
	if b.onePlan {
		return
	}
	b.onePlan = true
	b.b.Queue(`SELECT set_config('plan_cache_mode', 'force_generic_plan', true)`)
}

// Lock takes advisory locks until the transaction ends, in the order of their numbers, so that nobody waits in a ring.
func (b *Batch) Lock(keys []int64) {
	b.b.Queue(`SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k`, slices.Compact(slices.Sorted(slices.Values(keys))))
}

// Run sends the batch, if there is anything in it; the first failing query ends it.
func (b *Batch) Run(ctx context.Context, r Reader) error {
	if b.b.Len() == 0 {
		return nil
	}
	if err := r.SendBatch(ctx, &b.b).Close(); err != nil {
		return fmt.Errorf("run a batch: %w", err)
	}
	return nil
}
