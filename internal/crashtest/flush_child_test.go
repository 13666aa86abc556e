package crashtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/failpoint"
	"frontdesk/internal/intake"
)

// children are the flows a child may run, by name; each file adds its own.
var children = map[string]func(ctx context.Context) error{}

// TestMain lets the test binary be its own victim: with CRASHTEST_CHILD set it runs that flow, until SIGTERM or worse.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "parse-child" {
		if err := intake.ParseChild(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	name := os.Getenv("CRASHTEST_CHILD")
	if name == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	err := failpoint.Arm()
	if err == nil {
		err = children[name](ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// kills is how often a flow is killed: FRONTDESK_KILLS, 30 in make faults, else 10.
func kills(t *testing.T) int {
	t.Helper()
	if v := os.Getenv("FRONTDESK_KILLS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			t.Fatalf("FRONTDESK_KILLS=%q", v)
		}
		return n
	}
	if alone() {
		return 30
	}
	return 10
}

// alone tells whether this is make faults: the tests have the machine to themselves and take their time.
func alone() bool { return os.Getenv("FRONTDESK_FAULTS") != "" }

// late holds a promise of time against what was measured, where that says something of the program and not of the machine.
func late(took, most time.Duration) bool { return alone() && took > most }

// flusher is a child at work.
type flusher struct {
	t      *testing.T
	cmd    *exec.Cmd
	phases string // file with a line for each place reached
	gone   chan struct{}
}

// spawn starts a child for a flow; env is "NAME=value".
func spawn(t *testing.T, flow string, env ...string) *flusher {
	t.Helper()
	v := &flusher{t: t, phases: filepath.Join(t.TempDir(), "phases"), gone: make(chan struct{})}
	v.cmd = exec.Command(os.Args[0])
	v.cmd.Env = append(os.Environ(), append(env, "CRASHTEST_CHILD="+flow, "FRONTDESK_PHASES="+v.phases)...)
	log, err := os.Create(v.phases + ".log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	v.cmd.Stderr = log
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = v.cmd.Wait(); close(v.gone) }()
	t.Cleanup(func() {
		if t.Failed() && !v.over() { // where does it stand?
			_ = v.cmd.Process.Signal(syscall.SIGQUIT)
			select {
			case <-v.gone:
			case <-time.After(5 * time.Second):
			}
		}
		v.kill()
		if t.Failed() {
			said := v.log()
			t.Logf("the child said:\n%s", said[max(0, len(said)-20_000):])
		}
	})
	return v
}

// reached lists the places the child has been at, in order.
func (v *flusher) reached() []string {
	b, _ := os.ReadFile(v.phases)
	return strings.Fields(string(b))
}

// kill ends the child as a power cut would and waits until it is gone.
func (v *flusher) kill() {
	_ = v.cmd.Process.Kill()
	<-v.gone
}

// stop ends the child in order.
func (v *flusher) stop() {
	v.t.Helper()
	_ = v.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-v.gone:
	case <-time.After(2 * time.Minute):
		v.t.Fatal("the child does not stop")
	}
	if !v.cmd.ProcessState.Success() {
		v.t.Errorf("the child ended with %v: %s", v.cmd.ProcessState, v.log())
	}
}

// log is what the child wrote to its standard error.
func (v *flusher) log() string {
	b, _ := os.ReadFile(v.phases + ".log")
	return string(b)
}

// over tells whether the child has ended, by itself or not.
func (v *flusher) over() bool {
	select {
	case <-v.gone:
		return true
	default:
		return false
	}
}

// tally counts the kills by the place they struck.
type tally map[string]int

// String prints every place in order.
func (c tally) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range c {
			if !yield(name) {
				return
			}
		}
	}) {
		fmt.Fprintf(&b, "\n  %-24s %d", name, c[name])
	}
	return b.String()
}

func (c tally) sum() (n int) {
	for _, k := range c {
		n += k
	}
	return n
}

// missing lists the places of all that no kill has struck yet.
func (c tally) missing(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return c[name] > 0 })
}

// until waits for something in another process. It looks so often that a kill can strike where it is meant to.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	wait(t, 200*time.Microsecond, what, is)
}

// wait looks again and again, for another process has nothing that one could wait on. How long is no promise of the program: it ends what would hang.
func wait(t *testing.T, pause time.Duration, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(pause)
	}
}
