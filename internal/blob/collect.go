package blob

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// keep is how long bytes stay that nobody refers to.
const keep = 24 * time.Hour

// Blobs are looked through for unused ones this many numbers at a time, of which one transaction removes no more than removed.
const (
	stride  = 2_000
	removed = 100
)

// Collect removes blobs older than a day that no row refers to, as far as they stand within a stride of numbers behind a blob. It says how many went
// and where to look next; 0 = no blob is left. Who refers is read from the foreign keys, so a new table with files needs no word here; should a
// reference come in the same moment, the foreign key refuses the whole pass.
func Collect(ctx context.Context, tx *pg.Tx, after int64) (gone int, next int64, err error) {
	newest, err := pg.One[int64](ctx, tx, `SELECT COALESCE(max(id), 0) FROM blob`)
	if err != nil {
		return 0, 0, fmt.Errorf("find the newest bytes: %w", err)
	}
	refs, err := pg.List[reference](ctx, tx, `
		SELECT c.conrelid::regclass::text AS table_name, a.attname AS column_name
		FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confrelid = 'blob'::regclass AND c.conrelid <> 'blob_chunk'::regclass`)
	if err != nil {
		return 0, 0, fmt.Errorf("find who refers to bytes: %w", err)
	}
	var free strings.Builder
	for _, r := range refs { // each within the stride too, whichever way the planner joins them
		fmt.Fprintf(&free, ` AND NOT EXISTS (SELECT FROM %s r WHERE r.%[2]s = blob.id AND r.%[2]s > @after AND r.%[2]s <= @last)`, r.TableName, pgx.Identifier{r.ColumnName}.Sanitize())
	}
	ids, err := pg.List[int64](ctx, tx, `
		DELETE FROM blob WHERE id IN (
			SELECT id FROM blob WHERE id > @after AND id <= @last AND created_at < @before`+free.String()+` ORDER BY id LIMIT @limit FOR UPDATE SKIP LOCKED)`+free.String()+`
		RETURNING id`, pgx.NamedArgs{"after": after, "last": after + stride, "before": tx.Now.Add(-keep), "limit": removed})
	if err != nil {
		return 0, 0, fmt.Errorf("remove unused bytes: %w", err)
	}
	switch {
	case len(ids) == removed:
		next = slices.Max(ids)
	case after+stride < newest:
		next = after + stride
	}
	return len(ids), next, nil
}

// reference is a column that holds blob ids. TableName is quoted by Postgres where it must be.
type reference struct{ TableName, ColumnName string }
