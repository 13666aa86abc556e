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
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		on(n.Payload)
	}
}

// Connect opens a connection outside the pool: for LISTEN and for session-wide advisory locks. The caller closes it.
func (db *DB) Connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return conn, nil
}
