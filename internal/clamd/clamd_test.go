package clamd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"frontdesk/internal/clamd"
	"frontdesk/internal/fixture/mailworld"
)

// One clamd serves all tests of this package.
var (
	dir  string
	real *mailworld.Clamd
	err  error
	once sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	real.Stop()
	os.RemoveAll(dir)
	os.Exit(code)
}

func client(t *testing.T) clamd.Client {
	t.Helper()
	once.Do(func() {
		if dir, err = os.MkdirTemp("", "clamd-"); err == nil {
			real, err = mailworld.RunClamd(dir)
		}
	})
	if errors.Is(err, mailworld.ErrNoClamd) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return clamd.Client{Network: "unix", Address: real.Socket}
}

func TestClamdIsThereAndSaysItsVersion(t *testing.T) {
	t.Parallel()
	c := client(t)
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if v, err := c.Version(t.Context()); err != nil || !strings.HasPrefix(v, "ClamAV ") {
		t.Error(v, err)
	}
}

func TestWhatIsFoundHasItsName(t *testing.T) {
	t.Parallel()
	c := client(t)
	quiet := bytes.Repeat([]byte("nothing to see\n"), 20_000) // several pieces, and a rest
	for _, x := range []struct {
		name  string
		data  []byte
		found string
	}{
		{"EICAR", mailworld.EICAR, mailworld.EICARName},
		{"EICAR behind a piece", append(bytes.Repeat([]byte("\x00"), 64<<10), mailworld.EICAR...), mailworld.EICARName},
		{"nothing", nil, ""},
		{"text", quiet, ""},
		{"one whole piece", quiet[:64<<10], ""},
		{"as much as it takes", make([]byte, mailworld.ClamdStreamMax), ""},
	} {
		if found, err := c.Scan(t.Context(), iotest.HalfReader(bytes.NewReader(x.data))); found != x.found || err != nil {
			t.Errorf("%s: %q, %v", x.name, found, err)
		}
	}
}

// clamd stops reading in the middle; its word is heard all the same, each time.
func TestWhatIsTooLargeIsSaidSo(t *testing.T) {
	t.Parallel()
	c := client(t)
	for range 5 {
		for _, more := range []int{1, 10 << 20} {
			if found, err := c.Scan(t.Context(), bytes.NewReader(make([]byte, mailworld.ClamdStreamMax+more))); !errors.Is(err, clamd.ErrTooLarge) {
				t.Fatalf("%d more: %q, %v", more, found, err)
			}
		}
	}
}

func TestABrokenSourceIsNotClamdsFault(t *testing.T) {
	t.Parallel()
	c := client(t)
	broken := io.MultiReader(strings.NewReader("half of it"), iotest.ErrReader(&net.OpError{Op: "read", Err: io.ErrClosedPipe}))
	if found, err := c.Scan(t.Context(), broken); !errors.Is(err, clamd.ErrSource) || !errors.Is(err, io.ErrClosedPipe) {
		t.Error(found, err)
	}
}

// Whatever else answers there, no file is called clean.
func TestOnlyClamdCallsAFileClean(t *testing.T) {
	t.Parallel()
	for _, says := range []string{"", "OK\x00", "stream: OK", "stream:  FOUND\x00", "HTTP/1.1 400 Bad Request\r\n\r\n", "stream: Can't allocate memory ERROR\x00", "\xff\x00",
		strings.Repeat("x", 10_000) + "stream: OK\x00"} {
		c := pretend(t, says)
		if found, err := c.Scan(t.Context(), strings.NewReader("hello")); err == nil || found != "" {
			t.Errorf("%q: %q, %v", says, found, err)
		}
		if err := c.Ping(t.Context()); err == nil {
			t.Errorf("%q is a pong", says)
		}
		if v, err := c.Version(t.Context()); err == nil {
			t.Errorf("%q is a version: %s", says, v)
		}
	}
}

func TestAQuestionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }) // listens, says nothing
	ctx, stop := context.WithCancel(t.Context())
	asked := make(chan error)
	go func() {
		_, err := l.Scan(ctx, iotest.DataErrReader(strings.NewReader("hello")))
		asked <- err
	}()
	stop()
	if err := <-asked; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNobodyThereIsSaidSo(t *testing.T) {
	t.Parallel()
	c := clamd.Client{Network: "unix", Address: filepath.Join(t.TempDir(), "none")}
	if err := c.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "reach clamd") {
		t.Error(err)
	}
}

// pretend answers every question with the same words.
func pretend(t *testing.T, says string) clamd.Client {
	t.Helper()
	return listen(t, func(c net.Conn) {
		fmt.Fprint(c, says)
		_ = c.(*net.UnixConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c)
	})
}

func listen(t *testing.T, talk func(net.Conn)) clamd.Client {
	t.Helper()
	home, err := os.MkdirTemp("", "clamd-") // a test's own name is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(home, "sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); os.RemoveAll(home) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); talk(c) }()
		}
	}()
	return clamd.Client{Network: "unix", Address: l.Addr().String()}
}
