package intake_test

import (
	"os"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/pg/pgtest"
)

func TestSpeed(t *testing.T) {
	dir := os.Getenv("SPEED_MAILS")
	if dir == "" {
		t.Skip()
	}
	var mails [][]byte
	filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Base(filepath.Dir(p)) == "new" {
			b, _ := os.ReadFile(p)
			mails = append(mails, b)
		}
		return nil
	})
	s := pgtest.Server(t)
	d := &desk{t: t, url: s.URL, world: world(t), account: map[string]string{}}
	d.db = pgtest.Open(t, d.url, nil)
	d.in = d.intake(d.db)
	d.mailbox("support@desk.test")
	d.deliverRaw("support@desk.test", mails...)
	_ = mailworld.Host
	cpu := func() time.Duration {
		var a, b syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &a)
		syscall.Getrusage(syscall.RUSAGE_CHILDREN, &b)
		return time.Duration(a.Utime.Nano() + a.Stime.Nano() + b.Utime.Nano() + b.Stime.Nano())
	}
	f, _ := os.Create("/tmp/fd/intake/cpu.prof")
	pprof.StartCPUProfile(f)
	c0, t0 := cpu(), time.Now()
	boxes, err := d.in.Once(t.Context())
	w := time.Since(t0)
	d.in.Close()
	c := cpu() - c0
	pprof.StopCPUProfile()
	var ru syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	n := float64(len(mails))
	t.Logf("%d mails (%d) %v: wall %s = %.0f/s, cpu self+children %s = %.2f ms each; rss %d MB", len(mails), boxes, err, w, n/w.Seconds(), c, c.Seconds()*1000/n, ru.Maxrss/1024)
	t.Log(ask[string](d, `SELECT string_agg(state || n, ' ' ORDER BY state) FROM (SELECT state, count(*) n FROM inbound GROUP BY state) s`))
}
