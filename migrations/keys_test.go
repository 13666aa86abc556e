package migrations_test

import (
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// furniture are tables that lose no rows, or one by hand now and then: what refers to them may be looked through for it. Whoever lets customers be
// deleted takes theirs out.
var furniture = []string{"agent", "calendar", "category", "customer", "mailbox", "priority", "profile", "queue", "status"}

// A row that goes asks every table that may refer to it, so a foreign key without an index is a whole table read for each row. The index begins with
// the columns of the key and leaves out no more than rows that refer to nothing.
func TestWhateverRefersToWhatGoesIsFoundByAnIndex(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	keys, err := pg.List[string](t.Context(), db, `
		SELECT k.conrelid::regclass || ' ' || pg_get_constraintdef(k.oid) FROM pg_constraint k
		WHERE k.contype = 'f' AND k.confrelid::regclass::text <> ALL($1) AND NOT EXISTS (
			SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid AND (
				SELECT array_agg(column_number ORDER BY column_number) FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) column_number)
					= (SELECT array_agg(column_number ORDER BY column_number) FROM unnest(k.conkey) column_number)
				AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = '(' || (
					SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) || ' IS NOT NULL)'))
		ORDER BY 1`, furniture)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		t.Errorf("no index leads to %s", k)
	}
}
