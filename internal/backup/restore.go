package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/internal/blob"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
)

// Target is the server to restore into.
type Target struct {
	DB       *pg.DB
	URL      string          // of the same database
	Programs pgembed.Options // where pg_restore is looked for
	Schema   int64           // newest migration this program knows
	Key      string          // check value of the secret key there is, '' for none yet
}

// ErrNotEmpty refuses to restore into a database that is used.
var ErrNotEmpty = errors.New("the database is not empty, and a backup is restored into an empty one only: give a new database or data directory")

// Restore brings a backup back into the empty database of t, all of it or nothing, and returns its note. The next Frontdesk that opens the database
// brings the schema up and accounts for what may have happened since.
func Restore(ctx context.Context, t Target, path string) (Note, error) {
	f, n, err := open(path)
	if err != nil {
		return n, err
	}
	defer f.Close()
	switch {
	case n.Schema > t.Schema:
		return n, fmt.Errorf("%s: %w", path, pg.ErrNewerSchema)
	case t.Key != "" && t.Key != n.Key:
		return n, fmt.Errorf("%s belongs to the secret key %s, and this installation has another: give that one (FRONTDESK_SECRET_KEY, or the file secret.key "+
			"of the data directory; a rotation kept it as secret.key.%[2]s)", path, n.Key[:min(8, len(n.Key))])
	}
	empty, err := pg.One[bool](ctx, t.DB, `
		SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname !~ '^pg_' AND s.nspname <> 'information_schema')`)
	if err == nil && !empty {
		err = ErrNotEmpty
	}
	if err != nil {
		return n, err
	}
	if err := t.load(ctx, t.URL, f, n); err != nil {
		return n, err
	}
	return n, t.compare(ctx, t.DB, n)
}

// Verify restores a backup into a database made for it and dropped again, compares what is there with the note, and reads all mails and files.
func Verify(ctx context.Context, t Target, path string) (Note, error) {
	f, n, err := open(path)
	if err != nil {
		return n, err
	}
	defer f.Close()
	return n, t.aside(ctx, func(address string) error {
		if err := t.load(ctx, address, f, n); err != nil {
			return err
		}
		db, err := pg.Open(ctx, pg.Options{URL: address, MaxConns: 2})
		if err != nil {
			return err
		}
		defer db.Close()
		if err := t.compare(ctx, db, n); err != nil {
			return err
		}
		return whole(ctx, db)
	})
}

// open opens a backup and reads it once through: what was damaged since is told before anything is done with it.
func open(path string) (*os.File, Note, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Note{}, fmt.Errorf("open the backup: %w", err)
	}
	n, err := ReadNote(f)
	if err == nil {
		sum := sha256.New()
		_, err = io.Copy(sum, io.NewSectionReader(f, 0, n.Archive))
		if err == nil && hex.EncodeToString(sum.Sum(nil)) != n.SHA256 {
			err = errors.New("the backup was damaged since it was made: its SHA-256 is not the one it notes")
		}
	}
	if err != nil {
		f.Close()
		return nil, n, fmt.Errorf("%s: %w", path, err)
	}
	return f, n, nil
}

// load reads the archive into the database at address, in one transaction.
func (t Target) load(ctx context.Context, address string, f *os.File, n Note) error {
	server, err := pg.One[int](ctx, t.DB, `SELECT current_setting('server_version_num')::int / 10000`)
	if err != nil {
		return fmt.Errorf("ask the server for its version: %w", err)
	}
	c, err := pgembed.FindClient(t.Programs, server)
	if err != nil {
		return err
	}
	cmd, err := c.Command(ctx, address, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname=")
	if err != nil {
		return err
	}
	cmd.Stdin = io.NewSectionReader(f, 0, n.Archive)
	return run(cmd)
}

// compare counts again, with the planner's statistics made anew: an archive does not carry them.
func (t Target) compare(ctx context.Context, db *pg.DB, n Note) error {
	patient, err := db.Patient(ctx)
	if err != nil {
		return err
	}
	defer patient.Close()
	if _, err := patient.Pool().Exec(ctx, `ANALYZE`); err != nil {
		return fmt.Errorf("look over what was restored: %w", err)
	}
	got, err := count(ctx, patient)
	if err == nil && got != n.Counts {
		err = fmt.Errorf("restored %+v, but the backup notes %+v", got, n.Counts)
	}
	return err
}

func whole(ctx context.Context, db *pg.DB) error {
	patient, err := db.Patient(ctx)
	if err != nil {
		return err
	}
	defer patient.Close()
	damaged, err := blob.Verify(ctx, patient)
	if err == nil && len(damaged) > 0 {
		err = fmt.Errorf("%d mails or files are not what their SHA-256 says, the first is blob %d: the desk itself may be damaged", len(damaged), damaged[0])
	}
	return err
}

// denied is what the server says to a user without CREATEDB.
const denied = "42501"

func mayNotCreate(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == denied
}
