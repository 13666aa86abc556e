// Package seed fills a database with a desk that has worked for three years: customers who write in three languages, conversations, clocks, marks
// and events, told deed by deed and written by COPY. Measurements need such a desk (PERFORMANCE); it is made in minutes.
package seed

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// Version changes whenever the same options would make another desk; kept databases are known by it.
const Version = 2

// Options say how large the desk is.
type Options struct {
	Tickets  int
	Messages int             // at least Tickets
	Agents   int             // 0: 20
	Password string          // of every agent
	Seed     uint64          // equal ones make equal desks; 0 is 1
	Sealer   *mailbox.Sealer // seals the mailbox's password
	Add      bool            // to what is there already
	Say      func(string)    // hears how far it is; nil: nobody
}

// ErrNotEmpty refuses a desk where somebody works.
var ErrNotEmpty = errors.New("somebody works in this database already; a made-up desk goes into an empty one, or beside what is there with --add")

// Fill makes the desk in one transaction: all of it or nothing. Indexes and foreign keys rest meanwhile and are checked again at its end.
func Fill(ctx context.Context, db *pg.DB, o Options) error {
	if o.Tickets < 1 || o.Messages < o.Tickets {
		return errors.New("a desk has at least one ticket, and a ticket at least one message")
	}
	if o.Agents == 0 {
		o.Agents = len(agentNames)
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	db, err := db.Patient(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	began := time.Now()
	say := o.Say
	o.Say = func(what string) { say(fmt.Sprintf("%6.1f s  %s", time.Since(began).Seconds(), what)) }
	if err := db.InTx(ctx, func(tx *pg.Tx) error { return fill(ctx, tx, o) }); err != nil {
		return err
	}
	o.Say("cleaning up after it")
	for _, t := range append(filled, searched...) {
		if _, err := db.Pool().Exec(ctx, `VACUUM `+t); err != nil {
			return fmt.Errorf("clean up %s: %w", t, err)
		}
	}
	o.Say("done")
	return nil
}

func fill(ctx context.Context, tx *pg.Tx, o Options) error {
	busy, err := pg.One[bool](ctx, tx, `SELECT EXISTS (SELECT FROM ticket) OR EXISTS (SELECT FROM agent)`)
	if err != nil {
		return err
	}
	if busy && !o.Add {
		return ErrNotEmpty
	}
	f, err := furnish(ctx, tx, o)
	if err != nil {
		return err
	}
	back, err := rest(ctx, tx, filled)
	if err != nil {
		return err
	}
	o.Say("customers")
	c, err := addCrowd(ctx, tx, o, tx.Now.Add(-years))
	if err != nil {
		return err
	}
	if err := tell(ctx, tx, o, f, c); err != nil {
		return err
	}
	if err := back(o.Say); err != nil {
		return err
	}
	return index(ctx, tx, o.Say)
}

// index gives every message what it is found by.
func index(ctx context.Context, tx *pg.Tx, say func(string)) error {
	back, err := rest(ctx, tx, searched)
	if err != nil {
		return err
	}
	done := 0
	for below := int64(0); ; {
		ids, next, err := search.Missing(ctx, tx, below)
		if err != nil {
			return err
		}
		if err := search.Fill(ctx, tx, ids); err != nil {
			return err
		}
		if done += len(ids); (done-len(ids))/200_000 != done/200_000 || next == 0 {
			say(fmt.Sprintf("%d messages can be searched", done))
		}
		if below = next; below == 0 {
			break
		}
	}
	return back(say)
}

// tell writes the story while it is being made up.
func tell(ctx context.Context, tx *pg.Tx, o Options, f *furniture, c crowd) error {
	t := &teller{furniture: f, crowd: c, seed: o.Seed, rnd: rand.New(rand.NewPCG(o.Seed, 0)), now: tx.Now, cleaner: mail.Cleaner, batch: tables()}
	counters := map[string]*int64{"ticket": &t.ticketID, "message": &t.messageID, "outbox": &t.letterID}
	for name, at := range counters {
		var err error
		if *at, err = nextID(ctx, tx, name); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	batches := make(chan []table, 1)
	t.send = func(b []table) error {
		select {
		case batches <- b:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	go func() {
		s := &story{teller: t, tickets: o.Tickets, messages: o.Messages}
		if err := s.tell(); err != nil {
			stop(err)
		}
		close(batches)
	}()
	done := 0
	for batch := range batches {
		for _, b := range batch {
			if err := pg.Copy(ctx, tx, b.name, b.columns, b.rows); err != nil {
				return fmt.Errorf("write %s: %w", b.name, err)
			}
		}
		before := done
		if done += len(batch[messages].rows); done/200_000 > before/200_000 || done == o.Messages {
			o.Say(fmt.Sprintf("%d of %d messages", done, o.Messages))
		}
	}
	for name, at := range counters {
		if err := countOn(ctx, tx, name, *at-1); err != nil {
			return err
		}
	}
	if done != o.Messages {
		return fmt.Errorf("the story ended after %d messages", done)
	}
	return nil
}

// nextID is where a table's numbers go on.
func nextID(ctx context.Context, tx *pg.Tx, table string) (int64, error) {
	return pg.One[int64](ctx, tx, `SELECT nextval(pg_get_serial_sequence($1, 'id'))`, table)
}

// countOn makes a table's numbers go on after the last one given here.
func countOn(ctx context.Context, tx *pg.Tx, table string, last int64) error {
	if last == 0 { // it has none: they begin where they would
		return nil
	}
	if _, err := pg.Exec(ctx, tx, `SELECT setval(pg_get_serial_sequence($1, 'id'), $2)`, table, last); err != nil {
		return fmt.Errorf("count on from the last %s: %w", table, err)
	}
	return nil
}
