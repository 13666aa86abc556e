package event_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestWatcherHearsOnlyItsPrefixEachKeyOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := running(t, db)
	tickets, all := b.Watch("t:"), b.Watch()
	ring(t, db, "t:100001", "t:100002", "t:100001", "o:5", "nonsense", "t:1; DROP", "T:1", "z:1")
	var heard []string
	for !slices.Contains(heard, "z:1") {
		<-all.Wake
		keys, _ := all.Take()
		heard = append(heard, keys...)
	}
	slices.Sort(heard)
	if diff := cmp.Diff([]string{"o:5", "t:100001", "t:100002", "z:1"}, heard); diff != "" {
		t.Error(diff)
	}
	keys, lost := tickets.Take()
	slices.Sort(keys)
	if diff := cmp.Diff([]string{"t:100001", "t:100002"}, keys); diff != "" || lost {
		t.Error(diff, lost)
	}
}

func TestBrokenConnectionMeansLookAtEverything(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := running(t, db)
	w := b.Watch("t:")
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		if _, err := pg.Exec(t.Context(), tx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`); err != nil {
			t.Fatal(err)
		}
	})
	<-w.Wake
	if _, lost := w.Take(); !lost {
		t.Error("nothing was said about the gap")
	}
	ring(t, db, "t:100007")
	<-w.Wake
	if keys, _ := w.Take(); !slices.Equal(keys, []string{"t:100007"}) {
		t.Errorf("%v", keys)
	}
}

func TestWatcherThatTakesNothingStaysSmall(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	b := running(t, db)
	idle, marker := b.Watch("t:"), b.Watch("z:")
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		if _, err := pg.Exec(t.Context(), tx, `SELECT pg_notify($1, 't:' || n) FROM generate_series(1, 12000) AS n`, event.Channel); err != nil {
			t.Fatal(err)
		}
	})
	ring(t, db, "z:1")
	<-marker.Wake
	if keys, lost := idle.Take(); len(keys) != 10_000 || !lost {
		t.Errorf("%d keys kept, lost %v", len(keys), lost)
	}
}

// running is a broker that has begun to listen.
func running(t *testing.T, db *pg.DB) *event.Broker {
	t.Helper()
	b := event.NewBroker(db)
	first := b.Watch()
	defer first.Close()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	<-first.Wake
	return b
}

func ring(t *testing.T, db *pg.DB, keys ...string) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		for _, key := range keys {
			event.Ring(tx, key)
		}
	})
}
