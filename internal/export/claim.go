package export

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// LeaseFor is how long a process may be silent about a file it makes before another begins it anew.
const LeaseFor = 2 * time.Minute

// mostTries is how often a file is begun.
const mostTries = 3

// ErrLost says that the export was cancelled, or that another process makes it now.
var ErrLost = errors.New("the lease of the export was lost")

// Job is an export taken on. Every later write carries Token, so that of two processes only one counts.
type Job struct {
	ID       int64
	AgentID  int64
	Name     string
	View     string
	Query    string
	Order    string
	AskedAt  time.Time
	Attempts int
	Token    [16]byte
}

// Claim takes on the export that waits longest: one that nobody works on, or whose process has died. Which was begun often enough is given up.
// The Job without an ID says that there is nothing to do.
func Claim(ctx context.Context, tx *pg.Tx) (Job, error) {
	given, err := pg.List[int64](ctx, tx, `
		UPDATE export SET state = 'failed', reason = 'trouble', lease = NULL, lease_until = NULL, finished_at = $1
		WHERE id IN (SELECT id FROM export WHERE state = 'running' AND lease_until < $1 AND attempts >= $2 FOR UPDATE SKIP LOCKED) RETURNING agent_id`, tx.Now, mostTries)
	if err != nil {
		return Job{}, fmt.Errorf("give up exports: %w", err)
	}
	for _, agentID := range given {
		event.Ring(tx, RingTo(agentID))
	}
	var token [16]byte
	_, _ = rand.Read(token[:]) // never fails
	job, err := pg.One[Job](ctx, tx, `
		UPDATE export SET state = 'running', lease = $2, lease_until = $3, attempts = attempts + 1, total = NULL, done = 0, queues = '{}'
		WHERE id = (
			SELECT id FROM export WHERE state = 'waiting' AND try_at <= $1 OR state = 'running' AND lease_until < $1 AND attempts < $4
			ORDER BY try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING id, agent_id, name, view, query, ordered AS order, asked_at, attempts, lease AS token`, tx.Now, token, tx.Now.Add(LeaseFor), mostTries)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return Job{}, fmt.Errorf("claim an export: %w", err)
	}
	return job, nil
}

// Progress notes how far the file is and keeps the lease; queues are those whose tickets it holds so far.
func Progress(ctx context.Context, tx *pg.Tx, j Job, done, total int, queues []int64) error {
	err := held(ctx, tx, `
		UPDATE export SET total = $3, done = $4, queues = COALESCE($5::bigint[], '{}'), lease_until = $6 WHERE id = $1 AND lease = $2 AND state = 'running' RETURNING id`,
		j.ID, j.Token, total, done, queues, tx.Now.Add(LeaseFor))
	if err != nil {
		return err
	}
	event.Ring(tx, ProgressTo(j.AgentID))
	return nil
}

// Finish hands the file over: its bytes, how many tickets it holds and of which queues.
func Finish(ctx context.Context, tx *pg.Tx, j Job, blobID, size int64, rows int, queues []int64) error {
	err := held(ctx, tx, `
		UPDATE export SET state = 'ready', blob_id = $3, size = $4, total = $5, done = $5, queues = COALESCE($6::bigint[], '{}'), lease = NULL, lease_until = NULL, finished_at = $7
		WHERE id = $1 AND lease = $2 AND state = 'running' RETURNING id`, j.ID, j.Token, blobID, size, rows, queues, tx.Now)
	if err != nil {
		return err
	}
	event.Ring(tx, RingTo(j.AgentID))
	return nil
}

// Fail ends an export for a reason, or, where it may yet work and was not tried often enough, lets it wait for another try.
func Fail(ctx context.Context, tx *pg.Tx, j Job, reason string) error {
	sql := `UPDATE export SET state = 'failed', reason = $3, lease = NULL, lease_until = NULL, finished_at = $4 WHERE id = $1 AND lease = $2 RETURNING id`
	args := []any{j.ID, j.Token, reason, tx.Now}
	if reason == Trouble && j.Attempts < mostTries {
		sql = `UPDATE export SET state = 'waiting', lease = NULL, lease_until = NULL, try_at = $3 WHERE id = $1 AND lease = $2 RETURNING id`
		args = []any{j.ID, j.Token, tx.Now.Add(time.Duration(j.Attempts) * 10 * time.Second)}
	}
	if err := held(ctx, tx, sql, args...); err != nil {
		return err
	}
	event.Ring(tx, RingTo(j.AgentID))
	return nil
}

// GiveBack lets another process begin at once; the try does not count. For a process that stops.
func GiveBack(ctx context.Context, tx *pg.Tx, j Job) error {
	return held(ctx, tx, `
		UPDATE export SET state = 'waiting', lease = NULL, lease_until = NULL, attempts = attempts - 1, try_at = $3 WHERE id = $1 AND lease = $2 RETURNING id`,
		j.ID, j.Token, tx.Now)
}

func held(ctx context.Context, tx *pg.Tx, sql string, args ...any) error {
	_, err := pg.One[int64](ctx, tx, sql, args...)
	if errors.Is(err, fault.NotFound) {
		return ErrLost
	}
	if err != nil {
		return fmt.Errorf("note the state of an export: %w", err)
	}
	return nil
}

// Expire lets go of files that are too old, and forgets exports nobody asks about any more. It returns how many rows it changed.
func Expire(ctx context.Context, tx *pg.Tx, limit int) (int64, error) {
	n, err := pg.Exec(ctx, tx, `
		UPDATE export SET state = 'expired', blob_id = NULL, size = 0 WHERE id IN (
			SELECT id FROM export WHERE finished_at <= $1 AND state = 'ready' ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED)`, tx.Now.Add(-KeepFor), limit)
	if err != nil {
		return n, fmt.Errorf("let go of old exports: %w", err)
	}
	gone, err := pg.Exec(ctx, tx, `
		DELETE FROM export WHERE id IN (
			SELECT id FROM export WHERE finished_at <= $1 AND state <> 'ready' ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED)`, tx.Now.Add(-tellFor), limit)
	if err != nil {
		return n, fmt.Errorf("forget old exports: %w", err)
	}
	return n + gone, nil
}
