// Package pgembed runs the private Postgres behind the zero-configuration start (DECISIONS, Private Postgres): a cluster in our own data
// directory, reachable only over a socket in a directory of mode 0700, owned by one process at a time.
//
// serve and demo own it for as long as they run. A command run beside them attaches to theirs; a command alone owns it for seconds.
package pgembed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Patience is how long a start waits for a command that owns the cluster, and for a postmaster that is still shutting down.
const Patience = 30 * time.Second

// Role says what the caller is to the cluster.
type Role int

const (
	// Command borrows the running server of serve or demo, or owns the cluster until Stop. It makes none: a command that was not told where the
	// desk lies, as cron tells it nothing, would work on an empty one and say that all went well.
	Command Role = iota
	// Founder is a command that makes the cluster when there is none.
	Founder
	// Serve owns the cluster; a second one on the same directory is refused.
	Serve
)

// Options says where the cluster lies and who asks.
type Options struct {
	DataDir        string   // the cluster is DataDir/pg<major>
	BinDir         string   // these binaries and no others; empty means search
	CacheDirs      []string // where `make deps` may have unpacked binaries; empty means .cache beside the working directory and the program
	Role           Role
	Fast           bool     // tests only: no fsync, a crash of the machine may lose everything
	MaxConnections int      // 0 means 100
	Settings       []string // tests only: name=value, over ours
}

// Server is a Postgres that answers on URL until Stop.
type Server struct {
	URL string

	post  *postmaster // nil when attached to another process's server
	locks locks
}

// ErrNoCluster refuses a command where there is nothing for it to work on.
var ErrNoCluster = errors.New("no desk lies in this data directory; say where it does with FRONTDESK_DATA_DIR or FRONTDESK_DATABASE_URL, as the server is told, " +
	"or make a new one with frontdesk serve or frontdesk migrate")

// Start makes the cluster when there is none, unless for a Command (ErrNoCluster), starts it, and returns when it answers. Its errors are sentences for the
// operator.
func Start(ctx context.Context, o Options) (*Server, error) {
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("find the data directory: %w", err)
	}
	o.DataDir = dir
	if _, err := os.Stat(dir); o.Role == Command && errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoCluster)
	}
	// 0711 lets an unprivileged postmaster started by root reach its own directory inside; what is private inside has its own mode.
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	l, attach, err := acquire(ctx, dir, o.Role)
	if err != nil {
		return nil, err
	}
	if attach != "" {
		return &Server{URL: attach}, nil
	}
	s, err := own(ctx, o)
	if err != nil {
		l.release()
		return nil, err
	}
	s.locks = l
	if err := l.announce(s.post.pid()); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// own starts the cluster of this directory; the caller holds its locks.
func own(ctx context.Context, o Options) (*Server, error) {
	c, err := findCluster(o)
	if err != nil {
		return nil, err
	}
	if err := c.awaitQuiet(ctx); err != nil {
		return nil, err
	}
	if o.Role == Command && !c.made() {
		return nil, fmt.Errorf("%s: %w", o.DataDir, ErrNoCluster)
	}
	if err := c.create(ctx, o.Fast); err != nil {
		return nil, err
	}
	sock, err := socketDir(o.DataDir, c.as)
	if err != nil {
		return nil, err
	}
	p, err := c.launch(ctx, sock, o)
	if err != nil {
		return nil, err
	}
	url := address(sock, database)
	if err := makeDatabase(ctx, sock); err != nil {
		p.stop()
		return nil, err
	}
	return &Server{URL: url, post: p}, nil
}

// Stop ends a server this process owns: fast at first (SIGINT), after 20 seconds at once (SIGQUIT), which the next start recovers from. An
// attached server is left alone. Stop may be called twice.
func (s *Server) Stop() {
	if s.post != nil {
		s.post.stop()
	}
	s.locks.release()
}

// Pid is the postmaster's process id, 0 when attached.
func (s *Server) Pid() int {
	if s.post == nil {
		return 0
	}
	return s.post.pid()
}
