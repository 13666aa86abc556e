package intake

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/event"
	"frontdesk/internal/inbound"
	"frontdesk/internal/pg"
)

// mailboxClass is the class of the session advisory locks on mailboxes.
const mailboxClass = 7262

// hold keeps one connection that holds the locks of this process: on its own number and on each mailbox it polls. When the connection drops the
// locks are gone, so all pollers stop before the next connection asks for them again.
func (in *Intake) hold(ctx context.Context) error {
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		err := in.holdOnce(ctx)
		if ctx.Err() != nil {
			return nil
		}
		in.o.Log.Warn("the connection that holds the mailboxes broke off", "err", err)
		if time.Since(began) > 10*time.Second {
			pause = 100 * time.Millisecond
		}
		sleep(ctx, pause)
		pause = min(pause*2, 5*time.Second)
	}
	return nil
}

func (in *Intake) holdOnce(ctx context.Context) error {
	conn, err := in.o.DB.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), pg.Breath)
		defer cancel()
		_ = conn.Close(last)
	}()
	ctx, stop := context.WithCancel(ctx)
	s := session{in: in, conn: conn, running: map[int64]*running{}, saved: map[int64]bool{}}
	defer s.wait()
	defer stop() // before waiting, and both before the connection closes
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1::integer, $2::integer)`, inbound.ClaimClass, in.process); err != nil {
		return fmt.Errorf("hold the number of this process: %w", err)
	}
	if _, err := conn.Exec(ctx, `LISTEN `+event.Channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		if err := s.look(ctx); err != nil {
			return err
		}
		if err := s.await(ctx); err != nil {
			return err
		}
	}
}

// session is what one such connection holds.
type session struct {
	in      *Intake
	conn    *pgx.Conn
	running map[int64]*running
	saved   map[int64]bool // mailboxes that somebody saved since the last look
}

// running is a poller under way.
type running struct {
	box  box
	stop context.CancelFunc
	wake chan struct{} // somebody wants a mail whole
	done chan struct{}
}

// look starts pollers for mailboxes whose lock can be had, and stops those of mailboxes that are gone or changed. One that was saved begins anew, with
// all that its server refused before.
func (s *session) look(ctx context.Context) error {
	defer clear(s.saved)
	boxes, err := s.in.boxes(ctx)
	if err != nil {
		return err
	}
	wanted := map[int64]box{}
	for _, b := range boxes {
		wanted[b.ID] = b
	}
	for id, r := range s.running {
		if b, ok := wanted[id]; ok && b.same(r.box) && !r.ended() && !s.saved[id] {
			continue
		}
		s.in.end(r)
		delete(s.running, id)
		if _, err := s.conn.Exec(ctx, `SELECT pg_advisory_unlock($1::integer, $2::integer)`, mailboxClass, id); err != nil {
			return fmt.Errorf("let a mailbox go: %w", err)
		}
	}
	for id, b := range wanted {
		if s.running[id] != nil {
			continue
		}
		var got bool
		if err := s.conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1::integer, $2::integer)`, mailboxClass, id).Scan(&got); err != nil {
			return fmt.Errorf("hold mailbox %s: %w", b.Name, err)
		}
		if got {
			if s.saved[id] {
				s.in.withheld.forget(id)
				s.in.untold.forget(id)
			}
			s.running[id] = s.in.start(ctx, b)
		}
	}
	return nil
}

// await returns when mailboxes may have changed or it is time to look; a ring of the ledger wakes the workers.
func (s *session) await(ctx context.Context) error {
	return pg.Attend(ctx, s.conn, func(payload string) (changed bool) {
		if strings.HasPrefix(payload, "i:") {
			s.in.rouse()
		}
		if r := s.running[numberOf(payload, inbound.WholeRing)]; r != nil {
			select {
			case r.wake <- struct{}{}:
			default:
			}
		}
		id := numberOf(payload, "m:")
		if id > 0 {
			s.saved[id] = true
		}
		return id > 0
	})
}

// numberOf is the mailbox that a payload of this kind names, 0 for none.
func numberOf(payload, kind string) int64 {
	digits, ok := strings.CutPrefix(payload, kind)
	if id, err := strconv.ParseInt(digits, 10, 64); ok && err == nil {
		return id
	}
	return 0
}

func (s *session) wait() {
	var wg sync.WaitGroup
	for _, r := range s.running {
		wg.Go(func() { s.in.end(r) })
	}
	wg.Wait()
}

// tooLong is how long a poller may take to end: one that does not must not keep its mailbox from the next. It is less than the time after which
// the server ends the connection that holds the others.
const tooLong = 2 * pg.Breath

// end stops a poller and waits for it.
func (in *Intake) end(r *running) {
	r.stop()
	select {
	case <-r.done:
	case <-time.After(tooLong):
		all := make([]byte, 256<<10)
		in.o.Log.Error("a poller does not end", "mailbox", r.box.Name, "stacks", string(all[:runtime.Stack(all, true)]))
	}
}

func (r *running) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (in *Intake) start(ctx context.Context, b box) *running {
	ctx, stop := context.WithCancel(ctx)
	r := &running{box: b, stop: stop, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(r.done)
		var wg sync.WaitGroup
		wg.Go(func() { in.bringWholes(ctx, b, r.wake) })
		in.poll(ctx, b)
		wg.Wait()
	}()
	return r
}
