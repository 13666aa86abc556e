package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// furnished is a desk with tickets, mails and files, and the path for a backup of it.
func furnished(t *testing.T) (env []string, db *pg.DB, path string) {
	t.Helper()
	env = database(t)
	if got := do(t, env, "", "bench", "seed", "--tickets", "20", "--messages", "60", "--agents", "2"); got.code != done {
		t.Fatalf("%+v", got)
	}
	return env, pgtest.Open(t, strings.TrimPrefix(env[0], "FRONTDESK_DATABASE_URL="), nil), filepath.Join(t.TempDir(), "desk.fd")
}

// empty is an environment like env with another database that holds nothing.
func empty(t *testing.T, env []string) []string {
	t.Helper()
	db := pgtest.New(t)
	var name string
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		if _, err = pg.Exec(t.Context(), tx, `DROP SCHEMA public CASCADE`); err == nil {
			_, err = pg.Exec(t.Context(), tx, `CREATE SCHEMA public`)
		}
		if err == nil {
			name, err = pg.One[string](t.Context(), tx, `SELECT current_database()`)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	return []string{"FRONTDESK_DATABASE_URL=" + pg.Address(strings.TrimPrefix(env[0], "FRONTDESK_DATABASE_URL="), name), env[1], "FRONTDESK_DATA_DIR=" + t.TempDir()}
}

func TestBackupIsWholePrivateAndVerified(t *testing.T) {
	t.Parallel()
	env, db, path := furnished(t)
	got := do(t, env, "", "backup", path)
	if got.code != done || !strings.Contains(got.out, "20 tickets, 60 messages") || !strings.Contains(got.out, " KB in ") || !strings.Contains(got.out, "FRONTDESK_SECRET_KEY") {
		t.Fatalf("%+v", got)
	}
	if st, err := os.Stat(path); err != nil || st.Mode() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	if got := do(t, env, "", "backup", path); got.code != failed || !strings.Contains(got.err, "--force") {
		t.Errorf("over another: %+v", got)
	}
	if got := do(t, env, "", "backup", "--force", path); got.code != done {
		t.Errorf("over another by force: %+v", got)
	}
	if got := do(t, env, "", "backup", filepath.Join(t.TempDir(), "no", "such", "place")); got.code != failed {
		t.Errorf("nowhere: %+v", got)
	}
	if got := do(t, env, "", "restore", "--verify", path); got.code != done || !strings.Contains(got.out, "is whole") || !strings.Contains(got.out, "20 tickets") {
		t.Errorf("%+v", got)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("beside the backup lies %v", left)
	}
	if n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM pg_database WHERE datname LIKE 'frontdesk_verify_' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '%'`); n != 0 || err != nil {
		t.Errorf("%d databases of verifications are left, %v", n, err)
	}
}

// TestCommandsMakeNoDeskWhereNoneLies: cron runs a backup without the server's environment; a copy of a new, empty desk would look like the real one.
func TestCommandsMakeNoDeskWhereNoneLies(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{pgtest.Dir(t), filepath.Join(t.TempDir(), "data")} {
		before, _ := os.ReadDir(dir)
		path := filepath.Join(t.TempDir(), "desk.fd")
		for _, args := range [][]string{{"backup", path}, {"mailbox", "status"}, {"user", "add", "--email", "a@b.example", "--name", "A", "--profile", "admin", "--password-stdin"}} {
			got := do(t, []string{"FRONTDESK_DATA_DIR=" + dir}, "correct horse battery\n", args...)
			if got.code != failed || got.out != "" || !strings.Contains(got.err, dir) || !strings.Contains(got.err, "FRONTDESK_DATABASE_URL") {
				t.Errorf("%v: %+v", args, got)
			}
		}
		after, _ := os.ReadDir(dir)
		for _, f := range after {
			if f.Name() != "cluster.lock" && len(before) == 0 {
				t.Errorf("%s was made", f.Name())
			}
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("a backup of nothing was made")
		}
	}
}
