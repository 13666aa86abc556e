package pg_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// TestWhatEndsInFailureLeavesNothing: whatever ends a transaction before its commit, no row of it stays and the pool serves on.
func TestWhatEndsInFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pgtest.Tx(t, db, func(tx *pg.Tx) { write(t, tx, `CREATE TABLE kept (n int PRIMARY KEY)`) })
	refused := errors.New("refused")
	for name, end := range map[string]func(ctx context.Context, cancel func(), tx *pg.Tx) error{
		"an error of the caller": func(context.Context, func(), *pg.Tx) error { return refused },
		"a failed statement": func(ctx context.Context, _ func(), tx *pg.Tx) error {
			_, err := pg.Exec(ctx, tx, `INSERT INTO kept VALUES (1)`)
			return err
		},
		"a failed statement nobody told of": func(ctx context.Context, _ func(), tx *pg.Tx) error {
			_, _ = pg.Exec(ctx, tx, `INSERT INTO kept VALUES (1)`)
			return nil
		},
		"the end of the context": func(_ context.Context, cancel func(), _ *pg.Tx) error { cancel(); return nil },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.InTx(ctx, func(tx *pg.Tx) error {
			write(t, tx, `INSERT INTO kept VALUES (1)`)
			return end(ctx, cancel, tx)
		})
		cancel()
		if n, readErr := pg.One[int](t.Context(), db, `SELECT count(*) FROM kept`); err == nil || n != 0 || readErr != nil {
			t.Errorf("%s: %v, then %d rows, %v", name, err, n, readErr)
		}
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) { write(t, tx, `INSERT INTO kept VALUES (1)`) })
}

// TestAConnectionThatWasShutIsReplaced: whoever begins a transaction does not learn that others, or a restart, ended the connections of the pool.
func TestAConnectionThatWasShutIsReplaced(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	db, killer := pgtest.Open(t, url, nil), pgtest.Open(t, url, nil)
	var all errgroup.Group
	var begun sync.WaitGroup
	const connections = 5
	begun.Add(connections)
	for range connections {
		all.Go(func() error {
			return db.InTx(t.Context(), func(*pg.Tx) error {
				begun.Done()
				begun.Wait()
				return nil
			})
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	pgtest.Tx(t, killer, func(tx *pg.Tx) {
		write(t, tx, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
	})
	pgtest.Tx(t, db, func(tx *pg.Tx) { write(t, tx, `CREATE TABLE kept (n int PRIMARY KEY)`) })
}

// TestACommitWaitsForTheDiskAsItsWorkNeeds: whatever the server is set to, and no longer than the transaction.
func TestACommitWaitsForTheDiskAsItsWorkNeeds(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	waits := func(ask func(b *pg.Batch)) (set string) {
		err := db.InTxAsking(t.Context(), ask, func(tx *pg.Tx) (err error) {
			set, err = pg.One[string](t.Context(), tx, `SHOW synchronous_commit`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	before := waits(func(*pg.Batch) {})
	if set := waits((*pg.Batch).Durable); set != "on" {
		t.Errorf("a durable transaction: %s", set)
	}
	if set := waits((*pg.Batch).Repeatable); set != "off" {
		t.Errorf("a repeatable transaction: %s", set)
	}
	if set := waits(func(*pg.Batch) {}); set != before {
		t.Errorf("the next transaction: %s, not %s", set, before)
	}
}

func write(t *testing.T, tx *pg.Tx, sql string) {
	t.Helper()
	if _, err := pg.Exec(t.Context(), tx, sql); err != nil {
		t.Fatal(err)
	}
}
