package pgembed

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// A Unix socket's path may have 107 bytes, of which Postgres takes the last part.
const longestSocketDir = 107 - len("/.s.PGSQL.5432")

// socketDir returns a private directory for the server's socket: in the data directory when its path is short enough and the file system
// can hold a socket, else in $XDG_RUNTIME_DIR, else in the temporary directory. Files an earlier server left there are removed; the caller
// holds the cluster's lock, so nobody uses them.
func socketDir(dataDir string, as identity) (string, error) {
	h := fnv.New64a()
	h.Write([]byte(dataDir))
	name := fmt.Sprintf("frontdesk-%d-%016x", os.Geteuid(), h.Sum64())
	candidates := []string{filepath.Join(dataDir, "run")}
	if d := os.Getenv("XDG_RUNTIME_DIR"); d != "" {
		candidates = append(candidates, filepath.Join(d, name))
	}
	candidates = append(candidates, filepath.Join(os.TempDir(), name), filepath.Join("/tmp", name))
	var errs error
	for _, dir := range candidates {
		if len(dir) > longestSocketDir {
			continue
		}
		err := makeSocketDir(dir, as)
		if err == nil {
			return dir, nil
		}
		errs = errors.Join(errs, err)
	}
	return "", fmt.Errorf("find a place for the database's socket: %w", errs)
}

func makeSocketDir(dir string, as identity) error {
	if !as.canEnter(filepath.Dir(dir)) {
		return fmt.Errorf("the database's user cannot enter %s", filepath.Dir(dir))
	}
	if err := as.mkdir(dir); err != nil {
		return err
	}
	for _, left := range []string{".s.PGSQL.5432", ".s.PGSQL.5432.lock"} {
		if err := os.Remove(filepath.Join(dir, left)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	l, err := net.Listen("unix", filepath.Join(dir, ".s.try"))
	if err != nil {
		return err
	}
	return l.Close()
}

// address is the connection string of a database behind a socket directory.
func address(socketDir, db string) string {
	q := url.Values{"host": {socketDir}, "user": {database}, "sslmode": {"disable"}}
	return "postgres:///" + db + "?" + q.Encode()
}

// makeDatabase creates our database in a cluster that has none yet.
func makeDatabase(ctx context.Context, socketDir string) error {
	conn, err := pgx.Connect(ctx, address(socketDir, "postgres"))
	if err != nil {
		return fmt.Errorf("connect to the private database: %w", err)
	}
	defer conn.Close(ctx)
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database).Scan(&there); err != nil {
		return fmt.Errorf("look for the private database: %w", err)
	}
	if there {
		return nil
	}
	if _, err := conn.Exec(ctx, `CREATE DATABASE `+database); err != nil {
		return fmt.Errorf("create the private database: %w", err)
	}
	return nil
}
