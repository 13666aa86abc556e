package backup

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/internal/pg/pgtest"
)

func TestMigrationWaitsForABackup(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	db, other := pgtest.Open(t, url, nil), pgtest.Open(t, url, nil)
	patient, err := db.Patient(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := patient.Pool().Acquire(t.Context()) // a backup under way
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := pg.HoldSchema(t.Context(), conn); !ok || err != nil {
		t.Fatal(ok, err)
	}
	migrated := make(chan error, 1)
	go func() {
		migrated <- pg.Migrate(t.Context(), other, fstest.MapFS{"9999_later.sql": {Data: []byte("-- +goose Up\nALTER TABLE ticket ADD COLUMN later int;\n")}})
	}()
	waits := func() bool {
		n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_try_advisory_lock($1)%'`)
		return err == nil && n > 0
	}
	for !waits() {
		select {
		case err := <-migrated:
			t.Fatalf("the migration did not wait: %v", err)
		default:
		}
	}
	if _, err := pg.List[int64](t.Context(), db, `SELECT id FROM ticket`); err != nil {
		t.Errorf("and holds up readers: %v", err)
	}
	conn.Release()
	patient.Close()
	if err := <-migrated; err != nil {
		t.Error(err)
	}
}

func TestBackupOntoAFullDiskSaysSo(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	if _, err := (Source{DB: pgtest.Open(t, url, nil), URL: url}).write(t.Context(), full); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk: %v", err)
	}
}

func TestBackupThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	bin, dir := t.TempDir(), t.TempDir()
	for name, does := range map[string]string{"pg_dump": "echo half; echo 'the disk says no' >&2; exit 1", "pg_restore": "exit 1"} {
		script := "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '" + name + " (PostgreSQL) 99.1'; exit; fi\n" + does + "\n"
		syscall.ForkLock.RLock() // what is started meanwhile would have the file open for writing, and nobody could run it
		err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700)
		syscall.ForkLock.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := Make(t.Context(), Source{DB: pgtest.Open(t, url, nil), URL: url, Programs: pgembed.Options{BinDir: bin}}, filepath.Join(dir, "desk.fd"), false)
	if err == nil || !strings.Contains(err.Error(), "pg_dump: exit status 1: the disk says no") {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("it left %v", left)
	}
}
