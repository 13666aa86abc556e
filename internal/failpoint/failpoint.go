// Package failpoint lets crash tests end the process at a named place, and lets them see which place it has reached. In the program people
// run nothing is armed and Hit does nothing (RELIABILITY, section 6, Method).
//
// A binary built with the tag failpoints arms itself from the environment; a test binary that runs as its own child calls Arm.
//
//	FRONTDESK_FAILPOINT=delivery.dot:3   SIGKILL at the third time that place is reached
//	FRONTDESK_PHASES=/tmp/phases         append a line to that file for each place reached
package failpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

var armed atomic.Pointer[point]

type point struct {
	name   string
	left   atomic.Int64
	phases *os.File
}

// Hit marks a place. Unless armed it costs a nil check.
func Hit(name string) {
	if p := armed.Load(); p != nil {
		p.hit(name)
	}
}

// Arm reads the environment. A malformed value is an error: a crash test that does not crash proves nothing.
func Arm() error {
	p := new(point)
	if v := os.Getenv("FRONTDESK_FAILPOINT"); v != "" {
		name, count, _ := strings.Cut(v, ":")
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil || n < 1 || name == "" {
			return fmt.Errorf("FRONTDESK_FAILPOINT=%q: want NAME:COUNT", v)
		}
		p.name = name
		p.left.Store(n)
	}
	if path := os.Getenv("FRONTDESK_PHASES"); path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("FRONTDESK_PHASES: %w", err)
		}
		p.phases = f
	}
	if p.name != "" || p.phases != nil {
		armed.Store(p)
	}
	return nil
}

func (p *point) hit(name string) {
	if p.phases != nil {
		_, _ = p.phases.WriteString(name + "\n") // one write of a short line: atomic with O_APPEND
	}
	if name == p.name && p.left.Add(-1) == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // nothing after the place happens while the signal is on its way
	}
}
