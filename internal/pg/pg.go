// Package pg is the one way to Postgres: a pool to read with, a transaction to write with, and a connection that listens. It knows no
// table of ours.
//
// A write takes a *Tx, a read takes a Reader. Only InTx ends a transaction, so no verb can commit half of what its caller meant.
package pg

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/fault"
)

// Reader reads: the pool, or a transaction that wants to see its own writes.
type Reader interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Options says which database, how many connections, and for tests by how much its clock is moved.
type Options struct {
	URL      string
	MaxConns int32                // 0 means 12
	Offset   func() time.Duration // nil means none; added to the database's clock in Tx.Now
}

// DB is the pool.
type DB struct {
	pool    *pgxpool.Pool
	patient *pgxpool.Config // for what takes as long as it needs: see Patient
	offset  func() time.Duration
	full    atomic.Bool // a write found no room
	kept    sync.Map    // what Kept keeps: type -> *atomic.Pointer
}

// Open connects and proves it with one round trip. A transaction-mode pooler in between is refused: advisory locks and LISTEN live in
// sessions.
func Open(ctx context.Context, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	cfg.MaxConns = 12
	if o.MaxConns > 0 {
		cfg.MaxConns = o.MaxConns
	}
	cfg.ConnConfig.Tracer = counter{}
	// Short pages: a plan made for the values at hand, on one core (PERFORMANCE, What follows 6), for a disk that seeks for next to nothing.
	run := cfg.ConnConfig.RuntimeParams
	run["timezone"] = "UTC"
	run["application_name"] = "frontdesk"
	run["max_parallel_workers_per_gather"] = "0"
	run["jit"] = "off"
	run["random_page_cost"] = "1.1"
	patient := unbounded(cfg)
	bound(cfg)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db := &DB{pool: pool, patient: patient, offset: o.Offset}
	if db.offset == nil {
		db.offset = func() time.Duration { return 0 }
	}
	if err := db.refusePooler(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

// refusePooler asks a connection twice which process serves it: behind a pooler in transaction mode that may change from one statement to the next,
// and need not be the one that greeted us.
func (db *DB) refusePooler(ctx context.Context) error {
	return db.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		var first, second int
		if err := c.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&first); err != nil {
			return fmt.Errorf("reach the database: %w", err)
		}
		if err := c.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&second); err != nil {
			return fmt.Errorf("reach the database: %w", err)
		}
		if first != second || c.Conn().PgConn().PID() != uint32(first) {
			return errors.New("the database is reached through a pooler in transaction mode; give FRONTDESK_DATABASE_URL a direct address or a session-mode pool")
		}
		return nil
	})
}

// Close ends the pool after the statements under way.
func (db *DB) Close() { db.pool.Close() }

// Pool is for the few that need a connection of their own: migrations, advisory locks, COPY-heavy fixtures.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Query implements Reader.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	sql, args = byNumber(sql, args)
	return db.pool.Query(ctx, sql, args...)
}

// QueryRow implements Reader.
func (db *DB) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	sql, args = byNumber(sql, args)
	return db.pool.QueryRow(ctx, sql, args...)
}

// SendBatch implements Reader.
func (db *DB) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return db.pool.SendBatch(ctx, inBatch(b))
}

// One returns the single row of a query: into a struct by column name, or into a scalar. No row is fault.NotFound.
func One[T any](ctx context.Context, r Reader, sql string, args ...any) (T, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		var zero T
		return zero, err
	}
	v, err := one[T](rows)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, fault.NotFound
	}
	return v, err
}

// List returns all rows of a query, never nil.
func List[T any](ctx context.Context, r Reader, sql string, args ...any) ([]T, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return collect[T](rows)
}
