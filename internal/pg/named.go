package pg

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// numbered is a statement with $1 for the first of its names, and so on.
type numbered struct {
	sql   string
	names []any
}

// statements are those whose names have been looked up, by what they were; kept are so many, at most mostKept. The same ones are asked again
// and again, and to read kilobytes of SQL anew each time takes as long as some of them run.
var (
	statements sync.Map
	kept       atomic.Int64
)

const mostKept = 500

// inBatch is byNumber for statements that travel together.
func inBatch(b *pgx.Batch) *pgx.Batch {
	for _, q := range b.QueuedQueries {
		q.SQL, q.Arguments = byNumber(q.SQL, q.Arguments)
	}
	return b
}

// byNumber turns named arguments into numbered ones; other arguments stay as they are.
func byNumber(sql string, args []any) (string, []any) {
	if len(args) != 1 {
		return sql, args
	}
	named, ok := args[0].(pgx.NamedArgs)
	if !ok {
		return sql, args
	}
	known, ok := statements.Load(sql)
	if !ok {
		probe := make(pgx.NamedArgs, len(named))
		for name := range named {
			probe[name] = name
		}
		fresh, names, err := probe.RewriteQuery(context.Background(), nil, sql, nil)
		if err != nil || slices.Contains(names, nil) || kept.Load() >= mostKept { // pgx itself knows what to say of a missing name
			return sql, args
		}
		known = numbered{fresh, names}
		kept.Add(1)
		statements.Store(sql, known)
	}
	n := known.(numbered)
	values := make([]any, len(n.names))
	for i, name := range n.names {
		v, ok := named[name.(string)]
		if !ok {
			return sql, args
		}
		values[i] = v
	}
	return n.sql, values
}
