package pg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Tx is a transaction under way. It has no Commit: InTx alone ends it.
type Tx struct {
	// Now is the moment of this transaction: the database's now() at BEGIN plus the tests' offset. SQL compares with it, never with now().
	Now time.Time

	tx pgx.Tx
}

// InTx runs fn in one transaction: committed when fn returns nil, rolled back otherwise. It stands only on floor 2, where work starts. A
// deadlock or a serialisation failure is tried again twice, so fn must be free of effects outside the transaction.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	for again := 0; ; again++ {
		err := db.inTxOnce(ctx, fn)
		if noRoom(err) {
			db.full.Store(true)
		}
		if again < 2 && passing(err) {
			continue
		}
		return err
	}
}

func (db *DB) inTxOnce(ctx context.Context, fn func(tx *Tx) error) error {
	return pgx.BeginFunc(ctx, db.pool, func(t pgx.Tx) error {
		tx := &Tx{tx: t}
		if err := t.QueryRow(ctx, `SELECT now()`).Scan(&tx.Now); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		tx.Now = tx.Now.Add(db.offset()).UTC()
		return fn(tx)
	})
}

// passing tells whether the database itself asks to try again.
func passing(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// Query implements Reader.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return tx.tx.Query(ctx, sql, args...)
}

// QueryRow implements Reader.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return tx.tx.QueryRow(ctx, sql, args...)
}

// SendBatch implements Reader.
func (tx *Tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return tx.tx.SendBatch(ctx, b)
}

// Send runs several statements in one round trip; the first error ends it.
func (tx *Tx) Send(ctx context.Context, b *pgx.Batch) error { return tx.tx.SendBatch(ctx, b).Close() }

// Exec runs a write and tells how many rows it touched.
func Exec(ctx context.Context, tx *Tx, sql string, args ...any) (int64, error) {
	tag, err := tx.tx.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

// Failing tells whether the database itself says that it cannot serve now: full, locked, without a free connection, or going away.
func Failing(err error) bool {
	var e *pgconn.PgError
	var c *pgconn.ConnectError
	return errors.As(err, &c) || errors.As(err, &e) && Down(e)
}

// Down tells whether err means that the database could not be reached or was going away: a failure of the surroundings, not of the work.
func Down(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code[:2] {
		case "08", "53", "57", "58", "XX":
			return true
		}
		return passing(err) || e.Code == "55P03"
	}
	var c *pgconn.ConnectError
	return errors.As(err, &c) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) || connLost(err)
}
