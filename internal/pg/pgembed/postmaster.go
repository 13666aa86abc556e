package pgembed

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// postmaster keeps the server process running until stop: when it dies by itself it is started again, and the pool finds it at the same
// socket.
type postmaster struct {
	mu      sync.Mutex
	process *os.Process
	halt    chan struct{} // closed by stop
	done    chan struct{} // closed when the process is gone for good
}

// launch starts the server and returns when it answers.
func (c cluster) launch(ctx context.Context, sock string, o Options) (*postmaster, error) {
	log, err := openLog(filepath.Join(o.DataDir, "postgres.log"))
	if err != nil {
		return nil, err
	}
	start, _ := log.Seek(0, io.SeekEnd)
	p := &postmaster{halt: make(chan struct{}), done: make(chan struct{})}
	first := make(chan error, 1)
	go p.keep(c, log, arguments(c.dir, sock, o), first)
	if err := <-first; err != nil {
		return nil, fmt.Errorf("start the private database: %w", err)
	}
	if err := p.await(ctx, c, sock); err != nil {
		p.stop()
		return nil, fmt.Errorf("start the private database: %w%s", err, tail(log.Name(), start))
	}
	return p, nil
}

// arguments are the settings that differ from Postgres's own. Durability stays as it is, except for tests.
func arguments(dir, sock string, o Options) []string {
	most := o.MaxConnections
	if most == 0 {
		most = 100
	}
	args := []string{"-D", dir, "-k", sock, "-p", "5432"}
	settings := []string{"listen_addresses=", "unix_socket_permissions=0700", "max_connections=" + strconv.Itoa(most), "shared_buffers=128MB",
		"jit=off", "timezone=UTC", "log_timezone=UTC", "log_checkpoints=off", "logging_collector=off"}
	if o.Fast {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB", "autovacuum=off")
	}
	for _, s := range append(settings, o.Settings...) {
		args = append(args, "-c", s)
	}
	return args
}

// A server that ended is started again after a pause, which doubles while it ends at once.
const shortest, longest = 100 * time.Millisecond, 5 * time.Second

// keep runs the process, again and again until halt. It stays on one thread, because the kernel ties "tell me when my parent dies" to the
// thread that forked, and gives it back alive: it may have started other children before.
func (p *postmaster) keep(c cluster, log *os.File, args []string, first chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	defer log.Close()
	pause := shortest
	for again := false; ; again = true {
		began := time.Now()
		cmd := exec.Command(filepath.Join(c.bin.dir, "postgres"), args...)
		cmd.Dir, cmd.Env, cmd.SysProcAttr = c.dir, c.bin.env(), c.as.attributes()
		cmd.Stdout, cmd.Stderr = log, log
		err := cmd.Start()
		if err == nil {
			p.set(cmd.Process)
		}
		if !again {
			first <- err
			if err != nil {
				return
			}
		}
		if err == nil {
			err = cmd.Wait()
		}
		if pause = min(2*pause, longest); time.Since(began) > longest {
			pause = shortest
		}
		select {
		case <-p.halt:
			return
		case <-time.After(pause):
			slog.Error("the private database ended by itself and is started again", "state", err, "log", log.Name())
		}
	}
}

// await returns when our own child answers, and not a server that is just going away.
func (p *postmaster) await(ctx context.Context, c cluster, sock string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute) // recovery after a crash may read much
	defer cancel()
	for began := time.Now(); ; {
		file := readPidFile(filepath.Join(c.dir, "postmaster.pid"))
		if file.ready && file.pid == p.pid() {
			conn, err := pgx.Connect(ctx, address(sock, "postgres"))
			if err == nil {
				return conn.Close(ctx)
			}
		}
		if time.Since(began) > 5*time.Second && !isPostgres(p.pid(), c.dir) {
			return fmt.Errorf("it keeps ending at once")
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// set notes the running process; one that was started while stop was already called is told to end.
func (p *postmaster) set(proc *os.Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.process = proc
	select {
	case <-p.halt:
		proc.Signal(syscall.SIGINT)
	default:
	}
}

func (p *postmaster) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.process.Pid
}

func (p *postmaster) signal(s os.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.process.Signal(s) // an error says that it is gone already
}

// stop asks for a fast shutdown, after 20 seconds for an immediate one, and returns when the process is gone.
func (p *postmaster) stop() {
	p.mu.Lock()
	select {
	case <-p.halt:
	default:
		close(p.halt)
	}
	p.mu.Unlock()
	p.signal(syscall.SIGINT)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		p.signal(syscall.SIGQUIT)
		<-p.done
	}
}

// openLog appends, and puts a log of more than 10 MB aside.
func openLog(path string) (*os.File, error) {
	if st, err := os.Stat(path); err == nil && st.Size() > 10<<20 {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("put the database's log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database's log: %w", err)
	}
	return f, nil
}

// tail is what the server said since offset, at most its last 1,000 bytes.
func tail(path string, offset int64) string {
	b, err := os.ReadFile(path)
	if err != nil || int64(len(b)) <= offset {
		return ""
	}
	b = bytes.TrimSpace(b[offset:])
	return "\n" + strings.ToValidUTF8(string(b[max(0, len(b)-1000):]), "")
}
