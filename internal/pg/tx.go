package pg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Tx is a transaction under way. It has no Commit: InTx alone ends it.
type Tx struct {
	// Now is the moment of this transaction: the database's now() at BEGIN plus the tests' offset. SQL compares with it, never with now().
	Now time.Time

	conn *pgxpool.Conn
	last pgx.Batch // what is sent with COMMIT
}

// InTx runs fn in one transaction: committed when fn returns nil, rolled back otherwise. It stands only where work starts (arch_test.go). A
// deadlock or a serialisation failure is tried again twice, so fn must be free of effects outside the transaction. A connection that the database
// had shut before is replaced.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	return db.InTxAsking(ctx, func(*Batch) {}, fn)
}

// InTxAsking is InTx whose first questions travel with BEGIN, as far as they need not know its time: fn has their answers.
func (db *DB) InTxAsking(ctx context.Context, ask func(b *Batch), fn func(tx *Tx) error) error {
	return db.untilDone(func() error { return db.inTxOnce(ctx, ask, fn) })
}

// InOneTrip is InTxAsking for work that asks nothing on its way: all fn does is Later and LaterAsk, and from BEGIN to COMMIT it travels at once. So the
// transaction does not know its time, and a connection that was gone is an error: nobody knows whether the work is done.
func (db *DB) InOneTrip(ctx context.Context, set func(b *Batch), fn func(tx *Tx)) error {
	return db.untilDone(func() error {
		return db.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
			var b Batch
			b.b.Queue(`BEGIN`)
			set(&b)
			tx := &Tx{last: b.b}
			fn(tx) // without a connection: whoever asks here panics
			tx.conn = c
			defer tx.rollback(ctx)
			return tx.commit(ctx)
		})
	})
}

// untilDone does the work of a transaction again when the database asks for it, or had shut the connection before it began.
func (db *DB) untilDone(once func() error) error {
	for again := 0; ; again++ {
		err := once()
		if noRoom(err) {
			db.full.Store(true)
		}
		if again < 2 && passing(err) || again < int(db.pool.Stat().MaxConns()) && errors.As(err, new(unbegun)) {
			continue
		}
		return err
	}
}

func (db *DB) inTxOnce(ctx context.Context, ask func(*Batch), fn func(*Tx) error) error {
	return db.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		tx := &Tx{conn: c}
		defer tx.rollback(ctx)
		if err := tx.begin(ctx, ask); err != nil && shut(err) && ctx.Err() == nil {
			return unbegun{err}
		} else if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		tx.Now = tx.Now.Add(db.offset()).UTC()
		if err := fn(tx); err != nil {
			return err
		}
		return tx.commit(ctx)
	})
}

// unbegun is the error of a connection that was gone when a transaction was to begin on it: nothing has happened yet.
type unbegun struct{ error }

func (e unbegun) Error() string { return "begin: " + e.error.Error() }

func (e unbegun) Unwrap() error { return e.error }

// begin starts the transaction, learns its time and asks the first questions in one round trip.
func (tx *Tx) begin(ctx context.Context, ask func(*Batch)) error {
	var b Batch
	b.b.Queue(`BEGIN`)
	b.b.Queue(`SELECT now()`).QueryRow(func(row pgx.Row) error { return row.Scan(&tx.Now) })
	ask(&b)
	return tx.Send(ctx, &b.b)
}

// commit fails when a statement did whose error fn swallowed: then nothing is committed.
func (tx *Tx) commit(ctx context.Context) error {
	tx.last.Queue(`COMMIT`).Exec(func(tag pgconn.CommandTag) error {
		if tag.String() == "ROLLBACK" {
			return pgx.ErrTxCommitRollback
		}
		return nil
	})
	if err := tx.Send(ctx, &tx.last); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Later runs a write at the end of the transaction, in the round trip of its COMMIT and in the order given. When it fails nothing is committed.
func Later(tx *Tx, sql string, args ...any) { tx.last.Queue(sql, args...) }

// LaterAsk is Later for a write whose rows fill *into when the transaction is committed; before that they are not there.
func LaterAsk[T any](tx *Tx, into *[]T, sql string, args ...any) {
	tx.last.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		*into, err = collect[T](rows)
		return err
	})
}

// rollback ends what was not committed. A connection on which that fails is not used again.
func (tx *Tx) rollback(ctx context.Context) {
	if tx.conn.Conn().PgConn().TxStatus() != 'I' {
		_, _ = tx.conn.Exec(ctx, `ROLLBACK`)
	}
}

// passing tells whether the database itself asks to try again.
func passing(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// Query implements Reader.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	sql, args = byNumber(sql, args)
	return tx.conn.Query(ctx, sql, args...)
}

// QueryRow implements Reader.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	sql, args = byNumber(sql, args)
	return tx.conn.QueryRow(ctx, sql, args...)
}

// SendBatch implements Reader.
func (tx *Tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return tx.conn.SendBatch(ctx, inBatch(b))
}

// Send runs several statements in one round trip; the first error ends it.
func (tx *Tx) Send(ctx context.Context, b *pgx.Batch) error { return tx.SendBatch(ctx, b).Close() }

// Exec runs a write and tells how many rows it touched.
func Exec(ctx context.Context, tx *Tx, sql string, args ...any) (int64, error) {
	sql, args = byNumber(sql, args)
	tag, err := tx.conn.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

// Failing tells whether the database itself says that it cannot serve now: full, locked, closed to writes, without a free connection, or going away.
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
		return passing(err) || e.Code == "55P03" || e.Code == readOnly
	}
	var c *pgconn.ConnectError
	return errors.As(err, &c) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) || connLost(err)
}
