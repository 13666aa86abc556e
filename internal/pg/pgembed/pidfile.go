package pgembed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidFile is what a postmaster writes about itself (PostgreSQL, postmaster.pid: pid, data directory, start, port, socket directory,
// address, shared memory, status).
type pidFile struct {
	pid       int
	socketDir string
	ready     bool
}

func readPidFile(path string) pidFile {
	b, err := os.ReadFile(path)
	if err != nil {
		return pidFile{}
	}
	lines := strings.Split(string(b), "\n")
	var p pidFile
	p.pid, _ = strconv.Atoi(strings.TrimSpace(lines[0]))
	if len(lines) > 4 {
		p.socketDir = lines[4]
	}
	p.ready = len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
	return p
}

// awaitQuiet returns when no postmaster of an earlier owner runs on the cluster. One whose owner was killed shuts down by itself; one that
// does not is told to after five seconds. A pid file that nobody stands behind is removed: its number may meanwhile belong to a stranger,
// for which Postgres would refuse to start.
func (c cluster) awaitQuiet(ctx context.Context) error {
	path := filepath.Join(c.dir, "postmaster.pid")
	began, told := time.Now(), false
	for {
		pid := readPidFile(path).pid
		if pid == 0 || !isPostgres(pid, c.dir) {
			break
		}
		waited := time.Since(began)
		if waited > Patience {
			return fmt.Errorf("a PostgreSQL server (process %d) runs on %s and does not end; stop it first", pid, c.dir)
		}
		if waited > 5*time.Second && !told {
			syscall.Kill(pid, syscall.SIGINT)
			told = true
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove a stale postmaster.pid: %w", err)
	}
	return nil
}
