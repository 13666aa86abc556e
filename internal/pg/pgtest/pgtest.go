// Package pgtest gives each test a migrated Postgres database of its own, cloned from a template in about 50 ms, on one private server that
// all test binaries of a run share (see keeper.go). Nothing needs to be started first.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/pg"
)

// New returns a migrated database that is dropped when the test ends.
func New(t testing.TB) *pg.DB {
	t.Helper()
	return Open(t, URL(t), nil)
}

// Clock moves the time that Tx.Now tells, beside the database's own.
type Clock struct{ offset atomic.Int64 }

// Advance moves the clock forward, or with a negative d back.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// NewWithClock is New for a test that lets time pass.
func NewWithClock(t testing.TB) (*pg.DB, *Clock) {
	t.Helper()
	c := new(Clock)
	return Open(t, URL(t), c), c
}

// Open opens a database that URL or Server returned: a second pool stands for a second process. A nil clock is the true one.
func Open(t testing.TB, url string, c *Clock) *pg.DB {
	t.Helper()
	o := pg.Options{URL: url, MaxConns: 10}
	if c != nil {
		o.Offset = func() time.Duration { return time.Duration(c.offset.Load()) }
	}
	db, err := pg.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

var clones atomic.Int64

// URL returns the address of a migrated database that is dropped when the test ends, for a test that starts whole processes.
func URL(t testing.TB) string {
	t.Helper()
	s, err := server(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), clones.Add(1))
	// Copying files takes half as long as the other strategy, and the copy has the template's caches.
	if _, err := s.admin.Exec(t.Context(), `CREATE DATABASE `+name+` TEMPLATE `+s.template+` STRATEGY file_copy`); err != nil {
		t.Fatalf("clone the test database: %v", err)
	}
	t.Cleanup(func() {
		// Not t.Context(), which has ended by now.
		if _, err := s.admin.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return named(s.url, name)
}

// Tx runs fn in a transaction that is committed; an error fails the test.
func Tx(t testing.TB, db *pg.DB, fn func(tx *pg.Tx)) {
	t.Helper()
	if err := db.InTx(t.Context(), func(tx *pg.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}
