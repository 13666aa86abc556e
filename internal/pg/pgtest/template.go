package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"sync"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
	"frontdesk/migrations"
)

// templateLock is any number: one process at a time makes a template.
const templateLock = 7262001

// fingerprint names the state of the migrations: their names and contents.
var fingerprint = sync.OnceValues(func() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.Files, path)
		fmt.Fprintf(h, "%s %d\n", path, len(b))
		h.Write(b)
		return err
	})
	return "tpl_" + hex.EncodeToString(h.Sum(nil)[:8]), err
})

// template returns the name of the migrated database to clone, and makes it when no process has yet.
func template(ctx context.Context, admin string) (string, error) {
	name, err := fingerprint()
	if err != nil {
		return "", fmt.Errorf("read the migrations: %w", err)
	}
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer conn.Close(ctx)
	if there, err := exists(ctx, conn, name); there || err != nil {
		return name, err
	}
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return "", fmt.Errorf("lock the template: %w", err)
	}
	if there, err := exists(ctx, conn, name); there || err != nil { // made while we waited
		return name, err
	}
	if err := makeTemplate(ctx, conn, admin, name); err != nil {
		return "", fmt.Errorf("make the template database: %w", err)
	}
	return name, nil
}

// makeTemplate migrates under another name and renames at the end, so an unfinished one is never cloned. Templates of a day ago are dropped.
func makeTemplate(ctx context.Context, conn *pgx.Conn, admin, name string) error {
	if err := dropWhere(ctx, conn, `datname LIKE 'tpl\_%' AND (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '1 day'
		OR datname LIKE 'new\_tpl\_%'`); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `CREATE DATABASE new_`+name); err != nil {
		return err
	}
	db, err := pg.Open(ctx, pg.Options{URL: named(admin, "new_"+name), MaxConns: 4})
	if err != nil {
		return err
	}
	err = pg.Migrate(ctx, db, migrations.Files)
	db.Close()
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `ALTER DATABASE new_`+name+` RENAME TO `+name)
	return err
}

func exists(ctx context.Context, conn *pgx.Conn, name string) (there bool, err error) {
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there)
	return there, err
}

// dropWhere drops the databases that a condition on pg_database names.
func dropWhere(ctx context.Context, conn *pgx.Conn, condition string) error {
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE `+condition)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, `DROP DATABASE `+pgx.Identifier{name}.Sanitize()+` WITH (FORCE)`); err != nil {
			return err
		}
	}
	return nil
}

// named is the same server's address with another database.
func named(address, database string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // made by pgembed
	}
	u.Path = "/" + database
	return u.String()
}
