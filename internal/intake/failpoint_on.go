//go:build failpoints

package intake

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// In a build for crash tests every phase is written to FRONTDESK_PHASES as it is reached, and the process kills itself at the n-th time it
// reaches the one that FRONTDESK_FAILPOINT names: "before commit A:3".
var (
	phases, _     = os.OpenFile(os.Getenv("FRONTDESK_PHASES"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	where, nth, _ = strings.Cut(os.Getenv("FRONTDESK_FAILPOINT"), ":")
	left          = func() *atomic.Int64 {
		n, _ := strconv.ParseInt(nth, 10, 64)
		a := new(atomic.Int64)
		a.Store(n)
		return a
	}()
)

func fail(phase string) {
	if phases != nil {
		phases.WriteString(phase + "\n")
	}
	if phase == where && left.Add(-1) == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}
