//go:build bench

package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/intake"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/migrations"
)

// TestMain is the parse child too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "parse-child" {
		if err := intake.ParseChild(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	stopKeeper()
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// rounds is how often each thing is measured; the median counts.
const rounds = 3

// server is a private Postgres with fsync on, as in production.
func server(t *testing.T) *pgembed.Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(dir, 0o711)
	s, err := pgembed.Start(t.Context(), pgembed.Options{DataDir: dir, Role: pgembed.Serve})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(); os.RemoveAll(dir) })
	return s
}

// database makes a new, migrated database on the server.
func database(t *testing.T, s *pgembed.Server, name string) *pg.DB {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	admin, err := pg.Open(ctx, pg.Options{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.Pool().Exec(ctx, `CREATE DATABASE `+name); err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(ctx, pg.Options{URL: strings.Replace(s.URL, "/frontdesk?", "/"+name+"?", 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := pg.Migrate(ctx, db, migrations.Files); err != nil {
		t.Fatal(err)
	}
	return db
}

// took is one measurement: wall and CPU of this process and its children.
type took struct{ wall, cpu time.Duration }

// measure runs fn.
func measure(fn func()) took {
	runtime.GC()
	cpu, began := cpuTime(), time.Now()
	fn()
	return took{time.Since(began), cpuTime() - cpu}
}

// cpuTime is what this process, its ended children and its living parse children have used.
func cpuTime() time.Duration {
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	me := strconv.Itoa(os.Getpid())
	for _, p := range processes() {
		if p.parent == me && strings.Contains(p.command, "parse-child") {
			sum += p.used
		}
	}
	return sum
}

// storeTime is what the server of the kept desks and its processes have used, those that ended too.
func storeTime() time.Duration {
	if keeper.server == nil {
		return 0
	}
	postmaster := strconv.Itoa(keeper.server.Pid())
	var sum time.Duration
	for _, p := range processes() {
		if p.id == postmaster {
			sum += p.used + p.ended
		} else if p.parent == postmaster {
			sum += p.used
		}
	}
	return sum
}

// process is one line of what runs on the machine: what it used, and what its ended children did.
type process struct {
	id, parent, command string
	used, ended         time.Duration
}

func processes() []process {
	var list []process
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		line, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		id, rest, _ := strings.Cut(string(line), " ")
		_, rest, _ = strings.Cut(rest, ") ")
		f := strings.Fields(rest)
		if len(f) < 15 {
			continue
		}
		ticks := func(at ...int) (sum time.Duration) {
			for _, i := range at {
				n, _ := strconv.ParseInt(f[i], 10, 64)
				sum += time.Duration(n) * (time.Second / 100)
			}
			return sum
		}
		list = append(list, process{id, f[1], string(command), ticks(11, 12), ticks(13, 14)})
	}
	return list
}

// median is the middle one by wall.
func median(all []took) took {
	slices.SortFunc(all, func(a, b took) int { return int(a.wall - b.wall) })
	return all[len(all)/2]
}

// report tells one comparison: things a second and CPU a thing, ours beside bare, and the ratio of the rates.
func report(what string, n int, ours, bare took, target string, notes ...string) {
	rate := func(t took) string { return whole(float64(n) / t.wall.Seconds()) }
	each := func(t took) string { return ms(t.cpu / time.Duration(n)) }
	tell(sheet{title: strings.ToUpper(what[:1]) + what[1:], notes: notes, head: []string{"", "a second", "CPU ms each", "of bare", "goal"}, rows: [][]string{
		{"ours", rate(ours), each(ours), fmt.Sprintf("%.2f", bare.wall.Seconds()/ours.wall.Seconds()), target},
		{"bare", rate(bare), each(bare), "1", ""}}})
}
