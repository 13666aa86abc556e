//go:build bench

package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"frontdesk/internal/bench/seed"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/migrations"
)

// Seeded desks are kept in .cache/bench from run to run. A desk is told by the migrations it was made with and by its size; when these change it is
// made anew.
const keepIn = "../../.cache/bench"

const password = "walnut-and-oak-26"

var keeper struct {
	sync.Mutex
	server *pgembed.Server
}

// keptServer is the private Postgres of the kept desks, durable as in production; TestMain stops it.
func keptServer(t *testing.T) *pgembed.Server {
	t.Helper()
	keeper.Lock()
	defer keeper.Unlock()
	if keeper.server != nil {
		return keeper.server
	}
	dir, err := filepath.Abs(keepIn)
	if err == nil {
		err = os.MkdirAll(dir, 0o711)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := pgembed.Start(context.WithoutCancel(t.Context()), pgembed.Options{DataDir: dir, Role: pgembed.Serve})
	if err != nil {
		t.Fatal(err)
	}
	keeper.server = s
	admin := open(t, s, "postgres")
	defer admin.Close()
	noteVersion(t.Context(), admin)
	// Filling a desk writes much at once; checkpoints in between would only write it twice.
	run(t, admin, `ALTER SYSTEM SET max_wal_size = '4GB'`, `SELECT pg_reload_conf()`)
	return s
}

func stopKeeper() {
	if keeper.server != nil {
		keeper.server.Stop()
	}
}

// kept returns the name of a desk of this size, filled when there is none yet.
func kept(t *testing.T, tickets, messages int) string {
	t.Helper()
	s := keptServer(t)
	admin := open(t, s, "postgres")
	defer admin.Close()
	size := fmt.Sprintf("_%d_%d", tickets, messages)
	name := "desk_" + fingerprint(t) + size
	stale, err := pg.List[string](t.Context(), admin, `SELECT datname FROM pg_database WHERE datname LIKE '%' || $1 AND datname <> $2`, size, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range stale {
		run(t, admin, `DROP DATABASE `+old+` WITH (FORCE)`)
	}
	there, err := pg.One[bool](t.Context(), admin, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name)
	if err != nil {
		t.Fatal(err)
	}
	if !there {
		fmt.Printf("filling a desk of %d tickets and %d messages; it is kept in .cache/bench\n", tickets, messages)
		run(t, admin, `CREATE DATABASE new_`+name)
		fillDesk(t, s, "new_"+name, tickets, messages)
		run(t, admin, `ALTER DATABASE new_`+name+` RENAME TO `+name)
	}
	return name
}

func fillDesk(t *testing.T, s *pgembed.Server, name string, tickets, messages int) {
	t.Helper()
	db := open(t, s, name)
	defer db.Close()
	sealer, err := mailbox.NewSealer(mailbox.NewKey())
	if err == nil {
		err = pg.Migrate(t.Context(), db, migrations.Files)
	}
	if err == nil {
		err = seed.Fill(t.Context(), db, seed.Options{Tickets: tickets, Messages: messages, Password: password, Sealer: sealer, Say: func(what string) { fmt.Println(what) }})
	}
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, `CHECKPOINT`)
}

// open opens a database of the server.
func open(t *testing.T, s *pgembed.Server, name string) *pg.DB {
	t.Helper()
	db, err := pg.Open(context.WithoutCancel(t.Context()), pg.Options{URL: named(s, name)})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func named(s *pgembed.Server, name string) string {
	return strings.Replace(s.URL, "/frontdesk?", "/"+name+"?statement_timeout=0&", 1) // years of work are made in statements that take long
}

// run executes statements that take as long as they need.
func run(t *testing.T, db *pg.DB, statements ...string) {
	t.Helper()
	db, err := db.Patient(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, sql := range statements {
		if _, err := db.Pool().Exec(context.WithoutCancel(t.Context()), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// fingerprint names the migrations and the way desks are made up.
func fingerprint(t *testing.T) string {
	t.Helper()
	h := sha256.New()
	err := fs.WalkDir(migrations.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.Files, path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(h, seed.Version)
	return hex.EncodeToString(h.Sum(nil)[:4])
}
