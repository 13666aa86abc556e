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

// locks are the two that make one owner: serve.lock is held by serve or demo alone and carries its postmaster's pid once that answers;
// cluster.lock is held by whoever runs the postmaster. The kernel lets go of both when a process dies, however it dies.
type locks struct{ serve, cluster *os.File }

// errHeld says that another process has the lock.
var errHeld = errors.New("held by another process")

// ErrSecondServe refuses a second serve on one data directory.
var ErrSecondServe = errors.New("another frontdesk already serves this data directory; stop it, choose another FRONTDESK_DATA_DIR, " +
	"or set FRONTDESK_DATABASE_URL so that several processes share one database")

// acquire takes the locks that role needs, or for a command returns the address of the server to attach to.
func acquire(ctx context.Context, dir string, role Role) (l locks, attach string, err error) {
	if role == Serve {
		// Two seconds, because a process that was just killed lets go of its lock only when the kernel has cleared it away.
		if l.serve, err = waitLock(ctx, filepath.Join(dir, "serve.lock"), 2*time.Second); err != nil {
			if errors.Is(err, errHeld) {
				err = fmt.Errorf("%s: %w", dir, ErrSecondServe)
			}
			return l, "", err
		}
		if err := l.serve.Truncate(0); err != nil {
			l.release()
			return locks{}, "", fmt.Errorf("write serve.lock: %w", err)
		}
		l.cluster, err = waitLock(ctx, filepath.Join(dir, "cluster.lock"), Patience)
		if err != nil {
			l.release()
			return locks{}, "", busy(dir, err)
		}
		return l, "", nil
	}
	return acquireOrAttach(ctx, dir)
}

// acquireOrAttach is a command's way in. It attaches only to the server of a serve: another command's would vanish under it, so it waits
// for that one to end.
func acquireOrAttach(ctx context.Context, dir string) (locks, string, error) {
	for end := time.Now().Add(Patience); ; {
		f, err := lock(filepath.Join(dir, "cluster.lock"))
		if err == nil {
			return locks{cluster: f}, "", nil
		}
		if url := served(dir); url != "" {
			return locks{}, url, nil
		}
		if !errors.Is(err, errHeld) || time.Now().After(end) {
			return locks{}, "", busy(dir, err)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return locks{}, "", err
		}
	}
}

func busy(dir string, err error) error {
	if errors.Is(err, errHeld) {
		return fmt.Errorf("%s: another frontdesk command has used the private database for more than %s; wait for it to end", dir, Patience)
	}
	return err
}

// announce tells commands which postmaster they may attach to.
func (l locks) announce(pid int) error {
	if l.serve == nil {
		return nil
	}
	if _, err := l.serve.WriteAt([]byte(strconv.Itoa(pid)+"\n"), 0); err != nil {
		return fmt.Errorf("write serve.lock: %w", err)
	}
	return nil
}

// served returns the address of the server that a serve announced, when it is the one that runs and is ready.
func served(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, "serve.lock"))
	if err != nil || len(b) == 0 {
		return ""
	}
	clusters, _ := filepath.Glob(filepath.Join(dir, "pg*", "postmaster.pid"))
	for _, pidFile := range clusters {
		p := readPidFile(pidFile)
		if p.ready && strconv.Itoa(p.pid) == strings.TrimSpace(string(b)) {
			return address(p.socketDir, database)
		}
	}
	return ""
}

func (l locks) release() {
	for _, f := range []*os.File{l.cluster, l.serve} {
		if f != nil {
			f.Close()
		}
	}
}

// waitLock tries for at most d.
func waitLock(ctx context.Context, path string, d time.Duration) (*os.File, error) {
	for end := time.Now().Add(d); ; {
		f, err := lock(path)
		if err == nil || !errors.Is(err, errHeld) || time.Now().After(end) {
			return f, err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errHeld
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
