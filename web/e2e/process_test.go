package e2e

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/pg/pgtest"
)

// secretKey is what all processes on one database of a test share.
const secretKey = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// process is a running process of the program.
type process struct {
	URL string
	Out *output

	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{}
}

// onDatabase is the environment of processes that share a database.
func onDatabase(t *testing.T, url string) []string {
	return []string{"FRONTDESK_DATABASE_URL=" + url, "FRONTDESK_SECRET_KEY=" + secretKey, "FRONTDESK_DATA_DIR=" + t.TempDir()}
}

// onItsOwn is the environment of a process with a private Postgres.
func onItsOwn(t *testing.T) []string { return []string{"FRONTDESK_DATA_DIR=" + pgtest.Dir(t)} }

// start runs a command that serves pages, `serve` or `demo`, and waits until it is ready. It is stopped with the test, in order.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	listen := freeAddress(t)
	d := &process{t: t, URL: "http://" + listen, Out: &output{}, done: make(chan struct{})}
	d.cmd = exec.Command(binary, args...)
	d.cmd.Env = append(clean(os.Environ()), append(env, "FRONTDESK_LISTEN="+listen)...)
	d.cmd.Stdout, d.cmd.Stderr = d.Out, d.Out
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.cmd.Wait(); close(d.done) }()
	t.Cleanup(d.stop)
	if !eventually(t, d.ready) {
		t.Fatalf("frontdesk %s is not ready:\n%s", strings.Join(args, " "), d.Out)
	}
	return d
}

func (d *process) ready() bool {
	select {
	case <-d.done:
		d.t.Fatalf("frontdesk ended:\n%s", d.Out)
	default:
	}
	answer, err := http.Get(d.URL + "/readyz")
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// stop asks the process to end and waits for it, as an operator would. Its log is shown when the test failed.
func (d *process) stop() {
	d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.done:
	case <-time.After(40 * time.Second):
		d.cmd.Process.Kill()
		<-d.done
		d.t.Errorf("frontdesk did not stop within 40 s")
	}
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		d.t.Errorf("frontdesk ended with code %d", code)
	}
	if d.t.Failed() {
		d.t.Logf("frontdesk at %s said:\n%s", d.URL, d.Out.tail(8000))
	}
}

// run runs a command to its end and returns what it printed.
func run(t *testing.T, env []string, stdin string, args ...string) string {
	t.Helper()
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env, cmd.Stdin = append(clean(os.Environ()), env...), strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("frontdesk %s: %v\n%s%s", strings.Join(args, " "), err, &out, &errs)
	}
	return out.String()
}

// clean is an environment without settings of ours.
func clean(environ []string) []string {
	var out []string
	for _, e := range environ {
		if !strings.HasPrefix(e, "FRONTDESK_") || strings.HasPrefix(e, "FRONTDESK_PG_BIN=") {
			out = append(out, e)
		}
	}
	return out
}

// freeAddress picks a port below those the system gives to outgoing connections, which could take it before the process does, and above 10080, which
// Chromium refuses.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 11_000+rand.IntN(21_000)))
		if err != nil {
			continue
		}
		l.Close()
		return l.Addr().String()
	}
	t.Fatal("no free port")
	return ""
}

// output is what a process has printed until now.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (o *output) tail(n int) string {
	s := o.String()
	return s[max(0, len(s)-n):]
}

// Find waits for a line that matches and returns its groups.
func (d *process) Find(pattern string) []string {
	d.t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	if !eventually(d.t, func() bool { found = re.FindStringSubmatch(d.Out.String()); return found != nil }) {
		d.t.Fatalf("frontdesk did not print %s:\n%s", pattern, d.Out)
	}
	return found[1:]
}

// get asks for a page without a browser and returns the code of the answer.
func get(t *testing.T, url string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(fmt.Errorf("get %s: %w", url, err))
	}
	answer.Body.Close()
	return answer.StatusCode
}
