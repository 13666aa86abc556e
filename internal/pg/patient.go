package pg

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Patient opens the database once more, for work whose statements take as long as they need. The caller closes it.
func (db *DB) Patient(ctx context.Context) (*DB, error) {
	pool, err := pgxpool.NewWithConfig(ctx, db.patient.Copy())
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &DB{pool: pool, patient: db.patient, offset: db.offset}, nil
}
