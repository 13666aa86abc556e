package pg

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Copy writes many rows at once, by COPY.
func Copy(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error {
	_, err := tx.conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return err
}
