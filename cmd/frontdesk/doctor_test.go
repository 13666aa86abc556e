package main

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/internal/pg/pgtest"
)

func TestDoctorSaysThatOthersHaveAllConnections(t *testing.T) {
	t.Parallel()
	s := pgtest.Server(t, func(o *pgembed.Options) { o.MaxConnections = 10 })
	for err := error(nil); err == nil; {
		var c *pgx.Conn
		if c, err = pgx.Connect(t.Context(), s.URL); err == nil {
			t.Cleanup(func() { _ = c.Close(context.Background()) })
		}
	}
	env := []string{"FRONTDESK_DATABASE_URL=" + s.URL, "FRONTDESK_SECRET_KEY=" + strings.Repeat("k", 32), "FRONTDESK_DATA_DIR=" + t.TempDir()}
	if got := do(t, env, "", "doctor"); got.code != failed || !strings.Contains(got.out, "WRONG  database") || !strings.Contains(got.out, "too many clients") {
		t.Errorf("%+v", got)
	}
}

func TestDoctorSaysThatTheDiskIsFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	env := database(t)
	env[2] = "FRONTDESK_DATA_DIR=" + dir
	if got := do(t, env, "", "doctor"); got.code != failed || !strings.Contains(got.out, "WRONG  data") || !strings.Contains(got.out, "no space left") {
		t.Errorf("%+v", got)
	}
}

func TestDoctorTellsAnOpenWayToTheDatabase(t *testing.T) {
	t.Parallel()
	env := database(t)
	if got := do(t, env, "", "doctor"); !strings.Contains(got.out, "ok     connection   does not leave this machine") {
		t.Errorf("a socket: %+v", got)
	}
	address, err := url.Parse(strings.TrimPrefix(env[0], "FRONTDESK_DATABASE_URL="))
	if err != nil {
		t.Fatal(err)
	}
	// The private server answers first; the second is another machine, and no mode is said.
	address.RawQuery = url.Values{"host": {address.Query().Get("host") + ",db.example"}, "user": {address.Query().Get("user")}}.Encode()
	env[0] = "FRONTDESK_DATABASE_URL=" + address.String()
	if got := do(t, env, "", "doctor"); got.code != failed || !strings.Contains(got.out, "WRONG  connection") || !strings.Contains(got.out, "sslmode=verify-full") {
		t.Errorf("another server may be asked: %+v", got)
	}
}

func TestDoctorNamesVariablesThatNothingReads(t *testing.T) {
	t.Parallel()
	if got := do(t, append(database(t), "FRONTDESK_BASEURL=https://desk.example", "FRONTDESK_CLAM=x"), "", "doctor"); !strings.Contains(got.out, "; nothing reads FRONTDESK_BASEURL, FRONTDESK_CLAM\n") {
		t.Errorf("%+v", got)
	}
}

func TestDoctorSaysHowItStandsWithTheScanner(t *testing.T) {
	t.Parallel()
	env := database(t)
	if got := do(t, env, "", "doctor"); !strings.Contains(got.out, "ok     clamd        not set") {
		t.Errorf("off: %+v", got)
	}
	if got := do(t, append(env, "FRONTDESK_CLAMD=unix:"+t.TempDir()+"/none"), "", "doctor"); got.code != failed || !strings.Contains(got.out, "WRONG  clamd") || !strings.Contains(got.out, "reach clamd") {
		t.Errorf("away: %+v", got)
	}
	dir, err := os.MkdirTemp("", "clamd-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c, err := mailworld.RunClamd(dir)
	if errors.Is(err, mailworld.ErrNoClamd) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	if got := do(t, append(env, "FRONTDESK_CLAMD=unix:"+c.Socket), "", "doctor"); !strings.Contains(got.out, "ok     clamd        ClamAV ") || !strings.Contains(got.out, "0 files wait") {
		t.Errorf("there: %+v", got)
	}
}
