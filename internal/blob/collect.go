package blob

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// keep is how long bytes stay that nobody refers to.
const keep = 24 * time.Hour

// Collect removes up to limit blobs older than a day that no row refers to, and says how many. Who refers is read from the foreign keys,
// so a new table with files needs no word here; should a reference come in the same moment, the foreign key refuses the whole pass.
func Collect(ctx context.Context, tx *pg.Tx, limit int) (int64, error) {
	refs, err := pg.List[reference](ctx, tx, `
		SELECT c.conrelid::regclass::text AS table_name, a.attname AS column_name
		FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confrelid = 'blob'::regclass AND c.conrelid <> 'blob_chunk'::regclass`)
	if err != nil {
		return 0, fmt.Errorf("find who refers to bytes: %w", err)
	}
	var free strings.Builder
	for _, r := range refs {
		fmt.Fprintf(&free, ` AND NOT EXISTS (SELECT FROM %s WHERE %s = blob.id)`, r.TableName, pgx.Identifier{r.ColumnName}.Sanitize())
	}
	n, err := pg.Exec(ctx, tx, `
		DELETE FROM blob WHERE id IN (
			SELECT id FROM blob WHERE created_at < @before`+free.String()+` ORDER BY id LIMIT @limit FOR UPDATE SKIP LOCKED)`+free.String(),
		pgx.NamedArgs{"before": tx.Now.Add(-keep), "limit": limit})
	if err != nil {
		return 0, fmt.Errorf("remove unused bytes: %w", err)
	}
	return n, nil
}

// reference is a column that holds blob ids. TableName is quoted by Postgres where it must be.
type reference struct{ TableName, ColumnName string }
