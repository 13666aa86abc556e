package pg_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// TestRowsShareNothing: what a row leaves empty is empty, whatever the row before it held, and what rows point to is their own.
func TestRowsShareNothing(t *testing.T) {
	t.Parallel()
	type inner struct{ A, B int }
	type base struct{ N int }
	type line struct {
		base
		Moment *time.Time
		Words  []string
		Bytes  []byte
		Said   inner
		Maybe  *inner
		Map    map[string]int
	}
	at := func(second int) *time.Time { m := time.Unix(int64(second), 0).UTC(); return &m }
	want := []line{
		{base{1}, at(1), []string{"a", "b"}, []byte("x"), inner{1, 2}, &inner{3, 4}, map[string]int{"m": 1}},
		{base{2}, nil, nil, nil, inner{A: 5}, nil, nil},
		{base{3}, at(3), []string{"c"}, []byte("yz"), inner{B: 6}, &inner{7, 8}, map[string]int{"n": 2}},
	}
	const sql = `SELECT * FROM (VALUES
		(1, to_timestamp(1), ARRAY['a','b'], 'x'::bytea, '{"A":1,"B":2}'::jsonb, '{"A":3,"B":4}'::jsonb, '{"m":1}'::jsonb),
		(2, NULL, NULL, NULL, '{"A":5}', NULL, NULL),
		(3, to_timestamp(3), ARRAY['c'], 'yz', '{"B":6}', '{"A":7,"B":8}', '{"n":2}')) x (n, moment, words, bytes, said, maybe, map) WHERE n <= $1 ORDER BY n`
	db := pgtest.New(t)
	var first, none []line
	var b pg.Batch
	pg.Ask(&b, &first, sql, 3)
	pg.Ask(&b, &none, sql, 0)
	if err := b.Run(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	second, err := pg.List[line](t.Context(), db, sql, 3)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]line{"in a batch": first, "alone": second} {
		for i := range got {
			if got[i].Moment != nil {
				got[i].Moment = at(int(got[i].Moment.Unix()))
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(line{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if none == nil || len(none) != 0 {
		t.Errorf("no rows are %#v", none)
	}
	for _, wrong := range []string{`SELECT 1 AS n`, `SELECT 1 AS other`} {
		if _, err := pg.List[line](t.Context(), db, wrong); err == nil {
			t.Errorf("%s fits", wrong)
		}
	}
}
