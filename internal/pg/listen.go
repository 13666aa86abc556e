package pg

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// Listen hands every notification of channel to on until ctx ends, over a connection of its own. ready is called after every (re)connect:
// what was rung while nobody listened is lost, so the caller refreshes then.
func (db *DB) Listen(ctx context.Context, channel string, ready func(), on func(payload string)) error {
	pause := 100 * time.Millisecond
	for {
		err := db.listenOnce(ctx, channel, func() { pause = 100 * time.Millisecond; ready() }, on)
		if ctx.Err() != nil {
			return nil
		}
		slog.Warn("listening broke off", "channel", channel, "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(pause*2, 5*time.Second)
	}
}

func (db *DB) listenOnce(ctx context.Context, channel string, ready func(), on func(payload string)) error {
	conn, err := db.Connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen on %s: %w", channel, err)
	}
	ready()
	for {
		if err := Attend(ctx, conn, func(payload string) (enough bool) { on(payload); return false }); err != nil {
			return err
		}
	}
}

// Breath is how often the two ends of a connection outside the pool make sure of each other.
const Breath = 5 * time.Second

// Attend hands the notifications of one breath to on, or fewer when it has enough, and then makes sure that the server is still there: on a
// connection that broke unnoticed nothing would ever come again.
func Attend(ctx context.Context, conn *pgx.Conn, on func(payload string) (enough bool)) error {
	breath, stop := context.WithTimeout(ctx, Breath)
	defer stop()
	for enough := false; !enough; {
		n, err := conn.WaitForNotification(breath)
		if err != nil && breath.Err() == nil {
			return err
		}
		enough = err != nil || on(n.Payload)
	}
	ctx, cancel := context.WithTimeout(ctx, Breath)
	defer cancel()
	return conn.Ping(ctx)
}

// Connect opens a connection outside the pool: for LISTEN and for session-wide advisory locks. The caller attends to it and closes it. The
// server ends it three breaths after it heard us last, so the locks of a process that is cut off become free.
func (db *DB) Connect(ctx context.Context) (*pgx.Conn, error) {
	cfg := db.pool.Config().ConnConfig
	cfg.RuntimeParams["idle_session_timeout"] = milliseconds(3 * Breath)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return conn, nil
}
