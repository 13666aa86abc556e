package pgembed

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// programs lays out an installation whose programs say a version.
func programs(t *testing.T, major int, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		script := "#!/bin/sh\necho " + name + " '(PostgreSQL)' " + strconv.Itoa(major) + ".1\n"
		syscall.ForkLock.RLock() // what is started meanwhile would have the file open for writing, and nobody could run it
		err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700)
		syscall.ForkLock.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestClientOfTheServersVersionOrNewerIsFound(t *testing.T) {
	t.Parallel()
	o := Options{BinDir: programs(t, 15, "pg_dump", "pg_restore")} // no server beside them
	for _, server := range []int{13, 15} {
		if c, err := FindClient(o, server); err != nil || c.bin.major != "15" {
			t.Errorf("for %d: %v, %v", server, c, err)
		}
	}
	if _, err := FindClient(o, 16); err == nil || !strings.Contains(err.Error(), "server is PostgreSQL 16") || !strings.Contains(err.Error(), "15") {
		t.Errorf("for a newer server: %v", err)
	}
	if _, err := FindClient(Options{BinDir: programs(t, 15, "postgres", "initdb")}, 15); err == nil || !strings.Contains(err.Error(), "no pg_dump") {
		t.Errorf("without client programs: %v", err)
	}
}

func TestClientIsToldTheAddressWithoutShowingIt(t *testing.T) {
	t.Parallel()
	c := Client{binaries{dir: "/x"}}
	for _, address := range []string{
		"postgres://ada:hidden@db.example:5433/desk?sslmode=disable&statement_timeout=5000&pool_max_conns=3",
		"user=ada password=hidden host=db.example port=5433 dbname=desk sslmode='disable'",
		`user = ada password = 'hidden' host=db.example port=5433 dbname=desk application_name='a \'b' sslmode = 'disable'`,
	} {
		cmd, err := c.Command(t.Context(), address, "pg_dump", "--format=custom")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(cmd.Args, " "), "hidden") {
			t.Errorf("%v", cmd.Args)
		}
		for _, want := range []string{"PGHOST=db.example", "PGPORT=5433", "PGUSER=ada", "PGPASSWORD=hidden", "PGDATABASE=desk", "PGSSLMODE=disable"} {
			if !slices.Contains(cmd.Env, want) {
				t.Errorf("%s: no %s in %v", address, want, cmd.Env)
			}
		}
	}
}
