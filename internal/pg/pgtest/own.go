package pgtest

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/migrations"
)

// OwnServer is a Postgres that belongs to one test, which may stop and kill it. Its address stays the same over restarts.
type OwnServer struct {
	URL string

	t       testing.TB
	options pgembed.Options
	running *pgembed.Server
}

// Server starts one, durable as in production, with a migrated database; it takes about two seconds. change may set it up otherwise.
func Server(t testing.TB, change ...func(*pgembed.Options)) *OwnServer {
	t.Helper()
	s := &OwnServer{t: t, options: pgembed.Options{DataDir: Dir(t), Role: pgembed.Serve}}
	for _, c := range change {
		c(&s.options)
	}
	s.Start()
	s.URL = s.running.URL
	t.Cleanup(s.Stop)
	db, err := pg.Open(t.Context(), pg.Options{URL: s.URL, MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := pg.Migrate(t.Context(), db, migrations.Files); err != nil {
		t.Fatal(err)
	}
	return s
}

// Dir is t.TempDir for a private database: started by root it runs as another user, who must be let through.
func Dir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Stop shuts the server down; Start brings it back.
func (s *OwnServer) Stop() {
	if s.running != nil {
		s.running.Stop()
		s.running = nil
	}
}

// Start starts a stopped server.
func (s *OwnServer) Start() {
	s.t.Helper()
	running, err := pgembed.Start(context.Background(), s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.running = running
}

// Kill ends the server as a crash would; it is started again by itself within about a second.
func (s *OwnServer) Kill() { syscall.Kill(s.running.Pid(), syscall.SIGKILL) }
