package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/pg/pgembed"
)

// The shared server is run by a keeper: the test binary that comes first starts itself once more, detached, with keeperEnv set. The keeper
// stays while test binaries hold users.lock in share mode and for two minutes more, so the next run finds the server warm. When it is killed
// the kernel stops its server, and the next test starts another keeper.
const (
	keeperEnv = "FRONTDESK_PGTEST_KEEPER"
	idle      = 2 * time.Minute
)

// init turns the process into the keeper. It cannot be left to TestMain, which belongs to each package under test.
func init() {
	if dir := os.Getenv(keeperEnv); dir != "" {
		if err := keep(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

func keep(dir string) error {
	var users *os.File // held until the server has ended: whoever comes now waits, and then starts a keeper of its own
	defer func() { users.Close() }()
	s, err := pgembed.Start(context.Background(), pgembed.Options{DataDir: dir, Role: pgembed.Serve, Fast: true, MaxConnections: 300})
	if err != nil {
		return err
	}
	defer func() {
		s.Stop()
		if filepath.Dir(dir) == memory { // what is not wanted for two minutes makes room
			clusters, _ := filepath.Glob(filepath.Join(dir, "pg[0-9]*"))
			for _, c := range clusters {
				_ = os.RemoveAll(c)
			}
		}
	}()
	admin := named(s.URL, "postgres")
	if err := dropLeftovers(admin); err != nil {
		return err
	}
	urlFile := filepath.Join(dir, "url")
	if err := os.WriteFile(urlFile+".new", []byte(admin), 0o600); err != nil {
		return err
	}
	if err := os.Rename(urlFile+".new", urlFile); err != nil {
		return err
	}
	if users, err = awaitIdle(filepath.Join(dir, "users.lock")); err != nil {
		return err
	}
	return os.Remove(urlFile)
}

// dropLeftovers removes the clones of test binaries that were killed; under a fresh server nobody uses one.
func dropLeftovers(admin string) error {
	conn, err := pgx.Connect(context.Background(), admin)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	return dropWhere(context.Background(), conn, `datname LIKE 't\_%'`)
}

// awaitIdle returns with the lock once nobody has held it for a while.
func awaitIdle(path string) (*os.File, error) {
	for since := time.Now(); ; time.Sleep(time.Second) {
		f, err := flock(path, syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			since = time.Now()
		case err != nil:
			return nil, err
		case time.Since(since) > idle:
			return f, nil
		default:
			f.Close()
		}
	}
}

var (
	mu    sync.Mutex
	using *os.File // users.lock in share mode, until the process ends
	known *shared  // nil until the first test asks
)

// shared is the server that all test binaries use, and the database to clone.
type shared struct {
	url      string
	template string
	admin    *pgxpool.Pool // CREATE and DROP DATABASE, of two tests at a time
}

// server returns the shared server, started when it does not answer.
func server(ctx context.Context) (*shared, error) {
	mu.Lock()
	defer mu.Unlock()
	if known != nil && known.admin.Ping(ctx) == nil {
		return known, nil
	}
	url, err := address(ctx)
	if err != nil {
		return nil, err
	}
	s := &shared{url: url}
	if s.template, err = template(ctx, url); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 2
	if s.admin, err = pgxpool.NewWithConfig(context.Background(), config); err != nil {
		return nil, err
	}
	known = s
	return s, nil
}

func address(ctx context.Context) (string, error) {
	dir, err := serverDir()
	if err != nil {
		return "", err
	}
	if using == nil {
		if using, err = flock(filepath.Join(dir, "users.lock"), syscall.LOCK_SH); err != nil {
			return "", err
		}
	}
	if url := answering(ctx, dir); url != "" {
		return url, nil
	}
	starting, err := flock(filepath.Join(dir, "start.lock"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer starting.Close()
	return start(ctx, dir)
}

// start is called by one process at a time.
func start(ctx context.Context, dir string) (string, error) {
	if url := answering(ctx, dir); url != "" { // started while we waited
		return url, nil
	}
	log, err := os.OpenFile(filepath.Join(dir, "keeper.log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	keeper := exec.Command(self)
	keeper.Dir = dir
	keeper.Env = append(os.Environ(), keeperEnv+"="+dir)
	keeper.Stderr = log
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := keeper.Start(); err != nil {
		return "", fmt.Errorf("start the test server: %w", err)
	}
	gone := make(chan error, 1)
	go func() { gone <- keeper.Wait() }()
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); {
		if url := answering(ctx, dir); url != "" {
			return url, nil
		}
		select {
		case err := <-gone: // a keeper that ends in good order ends later than this
			said, _ := os.ReadFile(log.Name())
			return "", fmt.Errorf("the test server did not start: %w %s", err, said)
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return "", errors.New("the test server did not answer within five minutes")
}

// answering returns the address in the url file if a server answers there.
func answering(ctx context.Context, dir string) string {
	url, err := os.ReadFile(filepath.Join(dir, "url"))
	if err != nil {
		return ""
	}
	conn, err := pgx.Connect(ctx, string(url))
	if err != nil {
		return ""
	}
	conn.Close(ctx)
	return string(url)
}

// memory is where Linux has a file system in memory. A clone is six hundred files, and to make and drop them there takes half as long.
const memory = "/dev/shm"

// serverDir is in memory where there is room, one for each user and checkout; else .cache/pgtest-<user> beside go.mod, or in the temporary directory
// when that is not ours to write.
func serverDir() (string, error) {
	name := "pgtest-" + strconv.Itoa(os.Geteuid())
	root, err := moduleRoot()
	if err == nil && roomy(memory) {
		sum := sha256.Sum256([]byte(root))
		dir := filepath.Join(memory, "frontdesk-"+name+"-"+hex.EncodeToString(sum[:4]))
		if os.MkdirAll(dir, 0o711) == nil && syscall.Access(dir, 2) == nil {
			return dir, nil
		}
	}
	if err == nil {
		dir := filepath.Join(root, ".cache", name)
		if os.MkdirAll(dir, 0o711) == nil && syscall.Access(dir, 2) == nil {
			return dir, nil
		}
	}
	dir := filepath.Join(os.TempDir(), "frontdesk-"+name)
	return dir, os.MkdirAll(dir, 0o711)
}

// roomy tells whether a file system has a few gigabytes to spare.
func roomy(path string) bool {
	var fs syscall.Statfs_t
	return syscall.Statfs(path, &fs) == nil && uint64(fs.Bavail)*uint64(fs.Bsize) > 6<<30 //nolint:gosec,unconvert // other types elsewhere
}

// moduleRoot goes up from the package under test, where go test starts it.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// flock opens and locks a file; closing it unlocks.
func flock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
