package customer_test

import (
	"strings"
	"testing"

	"frontdesk/internal/customer"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestANewSenderBecomesAPersonOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	meet := func(name, address string) (id *int64) {
		t.Helper()
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			var err error
			if id, err = customer.Meet(t.Context(), tx, name, address); err != nil {
				t.Fatal(err)
			}
		})
		return id
	}
	ann, again := meet(" Ann\n Lee ", "ann@example.org"), meet("Somebody else", "ann@example.org")
	if ann == nil || again == nil || *ann != *again {
		t.Fatalf("%v and %v", ann, again)
	}
	meet("", "nameless@example.org")
	meet(strings.Repeat("ż", 300), "long@example.org")
	got, err := pg.List[string](t.Context(), db, `
		SELECT c.kind || ' ' || c.name || ' ' || a.value || ' ' || (SELECT count(*) FROM event e WHERE e.kind = 'customer_added' AND e.subject_id = c.id AND e.data->>'name' = c.name)
		FROM customer c JOIN customer_address a ON a.customer_id = c.id ORDER BY c.id`)
	want := []string{"person Ann Lee ann@example.org 1", "person nameless@example.org nameless@example.org 1", "person " + strings.Repeat("ż", 200) + " long@example.org 1"}
	if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTheSecondMailOfANewSenderWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var first, second *int64
	waits := make(chan error, 1)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		if first, err = customer.Meet(t.Context(), tx, "Ann", "ann@example.org"); err != nil {
			t.Fatal(err)
		}
		go func() {
			waits <- db.InTx(t.Context(), func(tx *pg.Tx) (err error) {
				second, err = customer.Meet(t.Context(), tx, "Ann", "ann@example.org")
				return err
			})
		}()
		for blocked := false; !blocked; { // the other stands at the lock, or has gone past it
			select {
			case err := <-waits:
				t.Fatalf("it did not wait: %v", err)
			default:
			}
			if blocked, err = pg.One[bool](t.Context(), db, `
				SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`); err != nil {
				t.Fatal(err)
			}
		}
	})
	if err := <-waits; err != nil || first == nil || second == nil || *first != *second {
		t.Errorf("%v and %v, %v", first, second, err)
	}
}
