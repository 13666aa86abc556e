package backup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// asideBegin and the number of the desk's database begin the names of databases made to look into a backup.
const asideBegin = "frontdesk_verify_"

// asideLock is any number: one verification at a time beside a desk, so that what lies there under such a name was left by one that was killed.
const asideLock = 7262039

var errVerifying = errors.New("another restore --verify is at work beside this database")

// aside makes an empty database on the server of t, has use do something with it and drops it, whatever came of it.
func (t Target) aside(ctx context.Context, use func(address string) error) error {
	patient, err := t.DB.Patient(ctx)
	if err != nil {
		return err
	}
	defer patient.Close()
	conn, err := patient.Pool().Acquire(ctx)
	if err != nil {
		return fmt.Errorf("reach the server: %w", err)
	}
	defer conn.Release()
	var first bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, asideLock).Scan(&first); err != nil {
		return fmt.Errorf("reach the server: %w", err)
	}
	if !first {
		return errVerifying
	}
	var begin string
	if err := conn.QueryRow(ctx, `SELECT $1 || oid || '_' FROM pg_database WHERE datname = current_database()`, asideBegin).Scan(&begin); err != nil {
		return fmt.Errorf("reach the server: %w", err)
	}
	if err := dropAside(ctx, conn.Conn(), begin); err != nil {
		return err
	}
	name := begin + strings.ToLower(rand.Text())
	if _, err := conn.Exec(ctx, `CREATE DATABASE `+name+` TEMPLATE template0`); err != nil {
		if mayNotCreate(err) {
			return fmt.Errorf("the user of FRONTDESK_DATABASE_URL may not create a database to verify in; allow it (ALTER ROLE … CREATEDB), "+
				"or verify elsewhere without that variable: %w", err)
		}
		return fmt.Errorf("make a database to verify in: %w", err)
	}
	err = use(pg.Address(t.URL, name))
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute) // also when a person has interrupted it
	defer cancel()
	return errors.Join(err, dropAside(after, conn.Conn(), begin))
}

// dropAside drops every database whose name begins so.
func dropAside(ctx context.Context, conn *pgx.Conn, begin string) error {
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, begin)
	if err != nil {
		return fmt.Errorf("look for databases of verifications: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for databases of verifications: %w", err)
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, `DROP DATABASE `+pgx.Identifier{name}.Sanitize()+` WITH (FORCE)`); err != nil {
			return fmt.Errorf("drop the database of a verification: %w", err)
		}
	}
	return nil
}
