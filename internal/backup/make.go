package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/disk"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
)

// Source is the desk to copy.
type Source struct {
	DB       *pg.DB
	URL      string          // of the same database
	Programs pgembed.Options // where pg_dump is looked for
	Key      string          // check value of its secret key
}

// ErrExists refuses to write over a file.
var ErrExists = errors.New("there is a file of that name; --force writes over it")

var errMigrating = errors.New("the schema of the database is just being brought up; try again in a moment")

// Make copies the desk as it stands at one moment while it works on: readers and writers are not held up, and a migration waits until it is done. The file
// appears under its name when it is whole and on disk, readable for its owner alone. force writes over one that is there.
func Make(ctx context.Context, s Source, path string, force bool) (n Note, err error) {
	if _, err := os.Lstat(path); err == nil && !force {
		return n, fmt.Errorf("%s: %w", path, ErrExists)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part") // mode 0600
	if err != nil {
		return n, fmt.Errorf("make the backup: %w", err)
	}
	defer os.Remove(f.Name())
	n, err = s.write(ctx, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return n, fmt.Errorf("make the backup: %w", err)
	}
	if err := place(f.Name(), path, force); err != nil {
		return n, fmt.Errorf("put the backup in place: %w", err)
	}
	return n, nil
}

// place gives a whole file its name.
func place(from, to string, force bool) error {
	if !force {
		switch err := os.Link(from, to); {
		case errors.Is(err, os.ErrExist):
			return fmt.Errorf("%s: %w", to, ErrExists)
		case err == nil:
			return disk.SyncDir(filepath.Dir(to))
		} // file systems without links
	}
	return disk.Rename(from, to)
}

// write counts and dumps in one snapshot, which a transaction of ours holds until pg_dump is done with it.
func (s Source) write(ctx context.Context, f *os.File) (n Note, err error) {
	patient, err := s.DB.Patient(ctx)
	if err != nil {
		return n, err
	}
	defer patient.Close()
	conn, err := patient.Pool().Acquire(ctx)
	if err != nil {
		return n, fmt.Errorf("reach the database: %w", err)
	}
	defer conn.Release()
	if ok, err := pg.HoldSchema(ctx, conn); err != nil || !ok {
		return n, errors.Join(err, errMigrating)
	}
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
			return err
		}
		here, err := pg.One[struct {
			Snapshot string
			Server   int
		}](ctx, tx, `SELECT pg_export_snapshot() AS snapshot, current_setting('server_version_num')::int / 10000 AS server`)
		if err != nil {
			return fmt.Errorf("take a snapshot: %w", err)
		}
		if err := s.describe(ctx, tx, &n); err != nil {
			return err
		}
		return s.dump(ctx, f, here.Server, here.Snapshot, &n)
	})
	if err != nil {
		return n, err
	}
	line, err := n.line()
	if err != nil {
		return n, err
	}
	if _, err := f.Write(line); err != nil {
		return n, err
	}
	return n, f.Sync()
}

func (s Source) describe(ctx context.Context, r pg.Reader, n *Note) error {
	row, err := pg.One[struct {
		At     time.Time
		Schema int64
	}](ctx, r, `SELECT now() AS at, (SELECT max(version_id) FROM goose_db_version WHERE is_applied) AS schema`)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	n.At, n.Schema, n.Key = row.At.UTC(), row.Schema, s.Key
	n.Counts, err = count(ctx, r)
	return err
}

// dump streams the archive into f. Little is gained by packing mail hard, and time is what the server has least of.
func (s Source) dump(ctx context.Context, f io.Writer, server int, snapshot string, n *Note) error {
	c, err := pgembed.FindClient(s.Programs, server)
	if err != nil {
		return err
	}
	cmd, err := c.Command(ctx, s.URL, "pg_dump", "--format=custom", "--compress=1", "--no-owner", "--no-privileges", "--snapshot="+snapshot, "--lock-wait-timeout=60s",
		"--exclude-table-data=session", "--exclude-table-data=flow_status")
	if err != nil {
		return err
	}
	sum, size := sha256.New(), new(length)
	out := &written{to: io.MultiWriter(f, sum, size)}
	cmd.Stdout = out
	if err := run(cmd); err != nil {
		if out.err != nil { // pg_dump knows only of a broken pipe
			return out.err
		}
		return err
	}
	n.Archive, n.SHA256 = int64(*size), hex.EncodeToString(sum.Sum(nil))
	return nil
}

// written keeps the reason why writing ended.
type written struct {
	to  io.Writer
	err error
}

func (w *written) Write(p []byte) (n int, err error) {
	n, w.err = w.to.Write(p)
	return n, w.err
}

// length counts what is written to it.
type length int64

func (l *length) Write(p []byte) (int, error) {
	*l += length(len(p))
	return len(p), nil
}

// behind is the priority of copying: whatever else the machine has to do comes first.
const behind = 10

// run runs one of the client programs, behind everything else. Its error is what the program said.
func run(cmd *exec.Cmd) error {
	var said strings.Builder
	cmd.Stderr = &said
	err := cmd.Start()
	if err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, cmd.Process.Pid, behind) // it works without, too
		err = cmd.Wait()
	}
	if err == nil {
		return nil
	}
	name := filepath.Base(cmd.Path)
	if words := strings.TrimSpace(said.String()); words != "" {
		return fmt.Errorf("%s: %w: %s", name, err, words)
	}
	return fmt.Errorf("%s: %w", name, err)
}
