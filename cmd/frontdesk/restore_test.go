package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/internal/pg/pgtest"
)

// It reads the log, which all commands of one process share: so no other test may run beside it.
func TestRestoreIsForAnEmptyDatabaseAndTheSameKey(t *testing.T) {
	env, _, path := furnished(t)
	if got := do(t, env, "", "backup", path); got.code != done {
		t.Fatalf("%+v", got)
	}
	if got := do(t, env, "", "restore", path); got.code != failed || !strings.Contains(got.err, "not empty") {
		t.Errorf("into the desk itself: %+v", got)
	}
	fresh := empty(t, env)
	other := append([]string{}, fresh...)
	other[1] = "FRONTDESK_SECRET_KEY=" + strings.Repeat("x", 32)
	if got := do(t, other, "", "restore", path); got.code != failed || !strings.Contains(got.err, "belongs to the secret key") {
		t.Errorf("with another key: %+v", got)
	}
	if got := do(t, fresh, "", "restore", path); got.code != done || !strings.Contains(got.out, "20 tickets, 60 messages") || !strings.Contains(got.out, "Undelivered") {
		t.Fatalf("%+v", got)
	}
	if got := do(t, fresh, "", "doctor"); got.code != done || !strings.Contains(got.err, "restored from a backup") {
		t.Errorf("%+v", got)
	}
	if got := do(t, fresh, "", "doctor"); strings.Contains(got.err, "restored from a backup") {
		t.Errorf("a second time: %+v", got)
	}
	db := pgtest.Open(t, strings.TrimPrefix(fresh[0], "FRONTDESK_DATABASE_URL="), nil)
	next, err := pg.One[int64](t.Context(), db, `SELECT nextval('ticket_id_seq') - max(id) FROM ticket`)
	if err != nil || next <= 10_000 {
		t.Errorf("the next ticket is %d behind the last, %v", next, err)
	}
	if got := do(t, fresh, "", "restore", path); got.code != failed || !strings.Contains(got.err, "not empty") {
		t.Errorf("twice: %+v", got)
	}
}

func TestBackupThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	env, db, path := furnished(t)
	if got := do(t, env, "", "backup", path); got.code != done {
		t.Fatalf("%+v", got)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fresh := empty(t, env)
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"cut":     {good[:len(good)-100], "no whole backup"},
		"empty":   {nil, "no whole backup"},
		"longer":  {append(bytes.Clone(good), 'x'), "no whole backup"},
		"shorter": {good[1:], "no whole backup"},
		"flipped": {append(append(bytes.Clone(good[:len(good)/2]), good[len(good)/2]^1), good[len(good)/2+1:]...), "damaged since it was made"},
	} {
		damaged := filepath.Join(t.TempDir(), "damaged.fd")
		if err := os.WriteFile(damaged, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, how := range [][]string{{"restore"}, {"restore", "--verify"}} {
			if got := do(t, fresh, "", append(how, damaged)...); got.code != failed || !strings.Contains(got.err, c.says) {
				t.Errorf("%s, %v: %+v", name, how, got)
			}
		}
	}
	if got := do(t, fresh, "", "restore", filepath.Join(t.TempDir(), "nothing.fd")); got.code != failed || !strings.Contains(got.err, "no such file") {
		t.Errorf("%+v", got)
	}
	// What was damaged in the desk before is whole in the backup, and found by its hash.
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		_, err = pg.Exec(t.Context(), tx, `UPDATE blob_chunk SET bytes = set_byte(bytes, 0, 255 - get_byte(bytes, 0)) WHERE blob_id = (SELECT min(id) FROM blob WHERE size > 0)`)
	})
	if again := do(t, env, "", "backup", "--force", path); err != nil || again.code != done {
		t.Fatalf("%v %+v", err, again)
	}
	if got := do(t, fresh, "", "restore", "--verify", path); got.code != failed || !strings.Contains(got.err, "1 mails or files are not what their SHA-256 says") {
		t.Errorf("%+v", got)
	}
}

func TestVerificationThatIsNotAllowedSaysSo(t *testing.T) {
	t.Parallel()
	env, db, path := furnished(t)
	if got := do(t, env, "", "backup", path); got.code != done {
		t.Fatalf("%+v", got)
	}
	var role string
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		if role, err = pg.One[string](t.Context(), tx, `SELECT 'plain_' || current_database()`); err == nil {
			_, err = pg.Exec(t.Context(), tx, `CREATE ROLE `+role+` LOGIN`)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() {
		if _, err := db.Pool().Exec(context.Background(), `DROP ROLE `+role); err != nil { // not t.Context(), which has ended by now
			t.Error(err)
		}
	})
	env[0] = strings.ReplaceAll(env[0], "user=frontdesk", "user="+role)
	if got := do(t, env, "", "restore", "--verify", path); got.code != failed || !strings.Contains(got.err, "may not create a database") {
		t.Errorf("%+v", got)
	}
}

// TestPrivateDeskMovesToAnotherDirectory is backup and restore as most people meet them: no database of their own, the server at work.
func TestPrivateDeskMovesToAnotherDirectory(t *testing.T) {
	t.Parallel()
	dir := func() (path string, env []string) {
		path = pgtest.Dir(t)
		s, err := pgembed.Start(t.Context(), pgembed.Options{DataDir: path, Role: pgembed.Serve, Fast: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Stop)
		return path, []string{"FRONTDESK_DATA_DIR=" + path}
	}
	old, env := dir()
	path := filepath.Join(t.TempDir(), "desk.fd")
	user := do(t, env, "correct horse battery\n", "user", "add", "--email", "a@b.example", "--name", "A", "--profile", "agent", "--password-stdin")
	made := do(t, env, "", "backup", path)
	if user.code != done || made.code != done || !strings.Contains(made.out, filepath.Join(old, "secret.key")) {
		t.Fatalf("%+v %+v", user, made)
	}
	if got := do(t, env, "", "restore", "--verify", path); got.code != done {
		t.Errorf("%+v", got)
	}
	fresh, env := dir()
	got := do(t, env, "", "restore", path)
	if got.code != done || !strings.Contains(got.out, "put the desk's secret key") || !strings.Contains(got.out, filepath.Join(fresh, "secret.key")) {
		t.Fatalf("%+v", got)
	}
	key, err := os.ReadFile(filepath.Join(old, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(read(t, path), strings.TrimSpace(string(key))) {
		t.Error("the secret key stands in the backup")
	}
	if err := os.WriteFile(filepath.Join(fresh, "secret.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := do(t, env, "", "doctor"); got.code != done || !strings.Contains(got.out, "somebody can sign in") {
		t.Errorf("%+v", got)
	}
}
