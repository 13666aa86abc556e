package customer_test

import (
	"testing"

	"frontdesk/internal/customer"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestAnAddressOfSeveralCustomersAttachesNone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		add := func(name, address string, gone bool) int64 {
			id, err := pg.One[int64](t.Context(), tx, `
				WITH c AS (INSERT INTO customer (kind, name, created_at, deleted_at) VALUES ('person', $1, $2, CASE WHEN $4 THEN $2::timestamptz END) RETURNING id)
				INSERT INTO customer_address (customer_id, kind, value) SELECT id, 'email', $3 FROM c RETURNING customer_id`, name, tx.Now, address, gone)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		one := add("One", "one@example.org", false)
		add("Gone", "one@example.org", true)
		add("Two", "both@example.org", false)
		add("Three", "both@example.org", false)
		for address, want := range map[string]int64{"one@example.org": one, "both@example.org": 0, "none@example.org": 0} {
			var b pg.Batch
			answer := customer.AskByAddress(&b, address)
			err := b.Run(t.Context(), tx)
			got := answer()
			if err != nil || (got == nil) != (want == 0) || got != nil && *got != want {
				t.Errorf("%s: %v, %v", address, got, err)
			}
		}
	})
}
