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
	os.Exit(m.Run())
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
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		line, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		args, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		_, rest, ok := strings.Cut(string(line), ") ")
		f := strings.Fields(rest)
		if ok && len(f) > 12 && f[1] == me && strings.Contains(string(args), "parse-child") {
			user, _ := strconv.ParseInt(f[11], 10, 64)
			system, _ := strconv.ParseInt(f[12], 10, 64)
			sum += time.Duration(user+system) * (time.Second / 100)
		}
	}
	return sum
}

// median is the middle one by wall.
func median(all []took) took {
	slices.SortFunc(all, func(a, b took) int { return int(a.wall - b.wall) })
	return all[len(all)/2]
}

// report prints one comparison: things a second and CPU a thing, ours beside bare, and the ratio of the rates.
func report(what string, n int, ours, bare took, target string) {
	rate := func(t took) float64 { return float64(n) / t.wall.Seconds() }
	each := func(t took) float64 { return t.cpu.Seconds() * 1000 / float64(n) }
	fmt.Printf("%-28s ours %8.0f/s %6.2f ms CPU   bare %8.0f/s %6.2f ms CPU   ratio %5.2f   (target %s)\n", what, rate(ours), each(ours), rate(bare), each(bare), rate(ours)/rate(bare), target)
}
