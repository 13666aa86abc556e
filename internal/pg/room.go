package pg

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// readOnly is what a database says to writes that a provider has closed to them for its disk is full, or that follows another one.
const readOnly = "25006"

// noRoom recognises a write for which the database had no place: 53100 is a full disk, 58030 what some disks say then.
func noRoom(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "53100" || e.Code == "58030" || e.Code == readOnly)
}

// Room tells whether the database can take writes, as far as is known: after one found no room it is tried, with some megabytes that are thrown
// away, until there is room again. Until then it costs nothing.
func (db *DB) Room(ctx context.Context) error {
	if !db.full.Load() {
		return nil
	}
	err := db.InTx(ctx, func(tx *Tx) error {
		_, err := Exec(ctx, tx, `CREATE TEMPORARY TABLE room ON COMMIT DROP AS SELECT md5(i::text) FROM generate_series(1, 40000) i`)
		return err
	})
	if err == nil {
		db.full.Store(false)
	}
	return err
}
