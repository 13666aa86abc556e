package pg

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestNamedArgumentsAreNumberedAsPgxDoes(t *testing.T) {
	t.Parallel()
	const sql = `SELECT @b::text, '@c', @a, @b -- @d
		FROM x WHERE y = ANY(@a)`
	for _, args := range []pgx.NamedArgs{{"a": 1, "b": "two", "z": 3}, {"a": nil, "b": []int64{4}}, {"b": "only"}} {
		want, values, err := args.RewriteQuery(t.Context(), nil, sql, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, numbered := byNumber(sql, []any{args})
		if len(numbered) == 1 && len(args) == 1 { // left to pgx
			continue
		}
		if got != want || !slices.EqualFunc(numbered, values, same) {
			t.Errorf("%v: %s %v, pgx makes %s %v", args, got, numbered, want, values)
		}
	}
	if got, values := byNumber(`SELECT $1`, []any{7}); got != `SELECT $1` || !slices.Equal(values, []any{7}) {
		t.Errorf("a number became %s %v", got, values)
	}
}

func same(a, b any) bool {
	if x, ok := a.([]int64); ok {
		y, ok := b.([]int64)
		return ok && slices.Equal(x, y)
	}
	return a == b
}
