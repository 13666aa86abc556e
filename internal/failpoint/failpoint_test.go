package failpoint

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets the binary be its own victim.
func TestMain(m *testing.M) {
	if os.Getenv("FAILPOINT_VICTIM") == "" {
		os.Exit(m.Run())
	}
	if err := Arm(); err != nil {
		os.Exit(2)
	}
	for range 5 {
		Hit("first")
		Hit("second")
	}
}

func victim(t *testing.T, env ...string) *os.ProcessState {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), append(env, "FAILPOINT_VICTIM=1")...)
	_ = c.Run()
	return c.ProcessState
}

func TestProcessDiesAtTheCountedHitAndToldItsPhases(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "phases")
	state := victim(t, "FRONTDESK_FAILPOINT=second:3", "FRONTDESK_PHASES="+file)
	if s := state.Sys().(syscall.WaitStatus); !s.Signaled() || s.Signal() != syscall.SIGKILL {
		t.Fatalf("ended by %v, want SIGKILL", state)
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != strings.Repeat("first\nsecond\n", 3) {
		t.Errorf("phases %q, %v", got, err)
	}
}

func TestUnarmedHitsDoNothing(t *testing.T) {
	t.Parallel()
	if state := victim(t); !state.Success() {
		t.Error(state)
	}
}

func TestMalformedCountIsRefused(t *testing.T) {
	t.Parallel()
	if state := victim(t, "FRONTDESK_FAILPOINT=second:many"); state.ExitCode() != 2 {
		t.Error(state)
	}
}
