package pgtest

import (
	"testing"
	"time"

	"frontdesk/internal/pg"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	first, second := New(t), New(t)
	Tx(t, first, func(tx *pg.Tx) {
		if _, err := pg.Exec(t.Context(), tx, `CREATE TABLE only_in_first AS SELECT 1 AS n`); err != nil {
			t.Fatal(err)
		}
	})
	got, err := pg.One[bool](t.Context(), second, `SELECT to_regclass('only_in_first') IS NOT NULL`)
	if err != nil || got {
		t.Errorf("the second database sees the first's table: %v %v", got, err)
	}
}

func TestClockMovesOnlyItsOwnDatabase(t *testing.T) {
	t.Parallel()
	db, clock := NewWithClock(t)
	var before, after time.Time
	Tx(t, db, func(tx *pg.Tx) { before = tx.Now })
	clock.Advance(72 * time.Hour)
	Tx(t, db, func(tx *pg.Tx) { after = tx.Now })
	if d := after.Sub(before); d < 72*time.Hour || d > 73*time.Hour {
		t.Errorf("the clock moved by %s", d)
	}
}

func TestOwnServerComesBackAfterStopAndKill(t *testing.T) {
	t.Parallel()
	s := Server(t)
	s.Stop()
	s.Start()
	s.Kill()
	s.Stop()
	s.Start()
	if _, err := pg.One[int](t.Context(), Open(t, s.URL, nil), `SELECT 1`); err != nil {
		t.Error(err)
	}
}
