package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// ErrNewerSchema says that the database was migrated by a newer binary than this one.
var ErrNewerSchema = errors.New("the database was made by a newer Frontdesk; start that version or restore a backup")

// Migrate brings the schema up to the files (goose format), safely while other processes do the same, and refuses a schema newer than
// the newest file.
func Migrate(ctx context.Context, db *DB, files fs.FS) error {
	pool, err := pgxpool.NewWithConfig(ctx, db.patient)
	if err != nil {
		return fmt.Errorf("connect for migrations: %w", err)
	}
	defer pool.Close()
	conn := stdlib.OpenDBFromPool(pool)
	defer conn.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, conn, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	sources := p.ListSources()
	if have > sources[len(sources)-1].Version {
		return ErrNewerSchema
	}
	if have == sources[len(sources)-1].Version {
		return nil
	}
	if err := awaitHolders(ctx, pool); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// schemaLock is any number: whoever needs the schema as it is holds it in share mode, and who changes it has it alone.
const schemaLock = 7262084

// HoldSchema keeps migrations waiting as long as the connection lives; ok is false while one is under way. A migration that began would stand in
// line behind a reader of all tables, and everybody else behind the migration.
func HoldSchema(ctx context.Context, c *pgxpool.Conn) (ok bool, err error) {
	if err := c.QueryRow(ctx, `SELECT pg_try_advisory_lock_shared($1)`, schemaLock).Scan(&ok); err != nil {
		return false, fmt.Errorf("hold the schema: %w", err)
	}
	return ok, nil
}

// awaitHolders returns when nobody holds the schema, and has it until the pool is closed. It asks again and again instead of waiting in a
// statement, whose snapshot would hold up another process's CREATE INDEX CONCURRENTLY.
func awaitHolders(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer conn.Release()
	for told := false; ; {
		var alone bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, schemaLock).Scan(&alone); err != nil || alone {
			return err
		}
		if !told {
			slog.Info("the schema is to be brought up; waiting for a backup or another process to be done with it")
			told = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
