package clock

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"frontdesk/internal/alarm"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// catchUp is how long a process leaves the mailboxes after its start before it looks for alarms: that nobody fetched while nothing ran is no news.
const catchUp = 15 * time.Second

// watching writes into the log what is out of order: each alarm once when it begins and once when it ends, whichever process saw it.
type watching struct {
	db      *pg.DB
	machine alarm.Machine
	log     *slog.Logger // nil: the default one
	started time.Time    // of the database's clock; zero before the first pass
}

// once looks and tells what came and went. It answers 0: it looks again when the time has come, not at once.
func (w *watching) once(ctx context.Context) (int, error) {
	here, err := w.machine.Look(ctx, w.db)
	if err != nil {
		return 0, err
	}
	var c alarm.Change
	var now time.Time
	err = w.db.InTx(ctx, func(tx *pg.Tx) (err error) {
		if now = tx.Now; w.started.IsZero() {
			w.started = now
		}
		if c = (alarm.Change{}); now.Sub(w.started) < catchUp {
			return nil
		}
		c, err = w.machine.Keep(ctx, tx, here)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, a := range c.Began {
		w.tell(ctx, slog.LevelWarn, "alarm", a, now)
	}
	for _, a := range c.Ended {
		w.tell(ctx, slog.LevelInfo, "alarm is over", a, now)
	}
	return 0, nil
}

func (w *watching) tell(ctx context.Context, level slog.Level, event string, a alarm.Alarm, now time.Time) {
	what, _ := a.Words(text.For("en"), now)
	cmp.Or(w.log, slog.Default()).Log(ctx, level, event, "kind", string(a.Kind), "mailbox", a.Mailbox, "place", a.Place, "machine", a.Machine, "since", a.Since.UTC(),
		"what", strings.ReplaceAll(what, "\u00a0", " "))
}
