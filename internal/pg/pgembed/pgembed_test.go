package pgembed

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain plays a serve or a command in a process of its own: it prints the address and stays until it is killed or its input ends.
func TestMain(m *testing.M) {
	dir := os.Getenv("FRONTDESK_PGEMBED_DIR")
	if dir == "" {
		os.Exit(m.Run())
	}
	role := Command
	if os.Getenv("FRONTDESK_PGEMBED_ROLE") == "serve" {
		role = Serve
	}
	s, err := Start(context.Background(), Options{DataDir: dir, Role: role})
	if err != nil {
		os.Stdout.WriteString("error " + err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString(s.URL + "\n")
	bufio.NewReader(os.Stdin).ReadString('\n')
	s.Stop()
	os.Exit(0)
}

// other is such a process.
type other struct {
	cmd *exec.Cmd
	url string
}

func startOther(t *testing.T, dir, role string) *other {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FRONTDESK_PGEMBED_DIR="+dir, "FRONTDESK_PGEMBED_ROLE="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "error") {
		t.Fatalf("other process: %s %v", line, err)
	}
	return &other{cmd, strings.TrimSpace(line)}
}

// tempDir lets the database's user through; the testing package closes its directory to others.
func tempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func query(t *testing.T, url, sql string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if strings.HasPrefix(sql, "SELECT") || strings.HasPrefix(sql, "SHOW") {
		if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
	return ""
}

func TestKilledOwnerIsFollowedAtOnce(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	first := startOther(t, dir, "serve")
	query(t, first.url, `CREATE TABLE kept AS SELECT 'committed'::text AS word`)
	if got := query(t, first.url, `SHOW fsync`); got != "on" {
		t.Errorf("fsync = %s outside tests", got)
	}
	first.cmd.Process.Kill()
	first.cmd.Wait()
	s, err := Start(t.Context(), Options{DataDir: dir, Role: Serve})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if got := query(t, s.URL, `SELECT word FROM kept`); got != "committed" {
		t.Errorf("word = %q after the kill", got)
	}
}

func TestKilledPostmasterIsStartedAgain(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{DataDir: tempDir(t), Role: Serve, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	syscall.Kill(s.Pid(), syscall.SIGKILL)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for first := s.Pid(); ; {
		if conn, err := pgx.Connect(ctx, s.URL); err == nil && s.Pid() != first {
			conn.Close(ctx)
			return
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			t.Fatal("the database did not come back")
		}
	}
}

func TestCommandAttachesToServe(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	serve := startOther(t, dir, "serve")
	s, err := Start(t.Context(), Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if s.Pid() != 0 || s.URL != serve.url {
		t.Errorf("a command beside serve runs a server of its own, %d, url=%s, want the server's %s", s.Pid(), s.URL, serve.url)
	}
	s.Stop()
	query(t, serve.url, `SELECT 'still there'`)
}

func TestServeWaitsForACommand(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	command, err := Start(t.Context(), Options{DataDir: dir, Role: Founder})
	if err != nil {
		t.Fatal(err)
	}
	query(t, command.URL, `CREATE TABLE kept AS SELECT 'by the command'::text AS word`)
	began := make(chan *Server, 1)
	go func() {
		s, err := Start(context.Background(), Options{DataDir: dir, Role: Serve})
		if err != nil {
			t.Error(err)
		}
		began <- s
	}()
	command.Stop()
	s := <-began
	if s == nil {
		t.FailNow()
	}
	defer s.Stop()
	if got := query(t, s.URL, `SELECT word FROM kept`); got != "by the command" {
		t.Errorf("word = %q", got)
	}
}

func TestSecondServeIsRefused(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	startOther(t, dir, "serve")
	_, err := Start(t.Context(), Options{DataDir: dir, Role: Serve})
	if !errors.Is(err, ErrSecondServe) || !strings.Contains(err.Error(), "FRONTDESK_DATABASE_URL") {
		t.Errorf("second serve: %v", err)
	}
}

func TestForeignVersionStopsWithASentence(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	old := filepath.Join(dir, "pg9")
	if err := os.Mkdir(old, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(old, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{DataDir: dir, Role: Serve})
	if err == nil || !strings.Contains(err.Error(), "belongs to PostgreSQL 9") {
		t.Errorf("foreign version: %v", err)
	}
	if made, _ := filepath.Glob(filepath.Join(dir, "pg1*")); len(made) > 0 {
		t.Errorf("a second cluster was made: %v", made)
	}
}

func TestUnfinishedClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	bins, err := findBinaries(Options{})
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, "pg"+bins[0].major+".new")
	if err := os.Mkdir(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte(bins[0].major), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Options{DataDir: dir, Role: Founder, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the unfinished cluster lies there still: %v", err)
	}
}

func TestStrangersPidFileDoesNotStopTheStart(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	s, err := Start(t.Context(), Options{DataDir: dir, Role: Founder, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	stranger := exec.Command("sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stranger.Process.Kill(); stranger.Wait() }()
	clusters, _ := filepath.Glob(filepath.Join(dir, "pg*", "PG_VERSION"))
	lines := []string{"", dir, "1", "5432", dir, "", "", "ready   "}
	lines[0] = strconv.Itoa(stranger.Process.Pid)
	if err := os.WriteFile(filepath.Join(filepath.Dir(clusters[0]), "postmaster.pid"), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = Start(t.Context(), Options{DataDir: dir, Role: Founder, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
}

func TestDeepDirectoryStillGetsASocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), strings.Repeat("deep/", 20), strings.Repeat("x", 60))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Options{DataDir: dir, Role: Founder, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	query(t, s.URL, `SELECT 'here'`)
}

func TestDirectoryClosedToOthersWorks(t *testing.T) {
	t.Parallel()
	if _, err := namespaced("/"); os.Geteuid() == 0 && err != nil {
		t.Skip("root needs user namespaces for it: ", err)
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 { // made, then found
		s, err := Start(t.Context(), Options{DataDir: filepath.Join(closed, "data"), Role: Founder, Fast: true})
		if err != nil {
			t.Fatal(err)
		}
		query(t, s.URL, `SELECT 'here'`)
		s.Stop()
	}
}
