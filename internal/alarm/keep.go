package alarm

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// Ring is the key that rings when an alarm begins or ends.
const Ring = "w:"

// keepLock is the advisory lock that lets one process at a time compare what it finds with what stands.
const keepLock = 7208_001

// Change is what came and went between two looks.
type Change struct{ Began, Ended []Alarm }

// Keep writes down what is out of order now: of all the processes that see the same, one is told that an alarm began and one that it ended. here is
// what Machine.Look found a moment ago; alarms of other machines stay, unless nothing was heard of the machine for ten minutes.
func (m Machine) Keep(ctx context.Context, tx *pg.Tx, here []Alarm) (c Change, err error) {
	if _, err := pg.Exec(ctx, tx, `SELECT pg_advisory_xact_lock($1)`, keepLock); err != nil {
		return c, fmt.Errorf("keep alarms: %w", err)
	}
	list, err := Find(ctx, tx, tx.Now)
	if err != nil {
		return c, err
	}
	args := m.columns(tx.Now, append(here, shared(list)...))
	if c.Began, err = pg.List[Alarm](ctx, tx, begin, args); err != nil {
		return c, fmt.Errorf("note alarms that begin: %w", err)
	}
	if c.Ended, err = pg.List[Alarm](ctx, tx, end, args); err != nil {
		return c, fmt.Errorf("note alarms that end: %w", err)
	}
	if len(c.Began)+len(c.Ended) > 0 {
		event.Ring(tx, Ring)
	}
	return c, nil
}

// shared leaves what every process sees.
func shared(list []Alarm) []Alarm {
	return slices.DeleteFunc(list, func(a Alarm) bool { return a.Machine != "" })
}

const columns = `a.kind, a.machine, COALESCE(a.mailbox_id, 0) AS mailbox_id, COALESCE((SELECT name FROM mailbox WHERE id = a.mailbox_id), '') AS mailbox,
	a.place, a.since, a.n, a.of, a.said`

// An alarm keeps the moment it began. A row is written anew only when it says something new, or when its machine has not been heard of for a minute.
const begin = `
	WITH kept AS (
		INSERT INTO alarm AS a (kind, machine, mailbox_id, place, since, n, of, said, seen_at)
		SELECT kind, machine, NULLIF(mailbox_id, 0), place, since, n, of, said, @now
		FROM unnest(@kinds::text[], @machines::text[], @mailboxes::bigint[], @places::text[], @since::timestamptz[], @n::bigint[], @of::bigint[], @said::text[])
			AS f (kind, machine, mailbox_id, place, since, n, of, said)
		ON CONFLICT (kind, machine, mailbox_id, place) DO UPDATE SET n = excluded.n, of = excluded.of, said = excluded.said, seen_at = excluded.seen_at
		WHERE (a.n, a.of, a.said) <> (excluded.n, excluded.of, excluded.said) OR a.seen_at < excluded.seen_at - interval '1 minute'
		RETURNING a.*, xmax = 0 AS fresh)
	SELECT ` + columns + ` FROM kept a WHERE fresh`

// What this machine looked at and did not find has ended; so has what is left of a machine that is gone.
const end = `
	DELETE FROM alarm a
	WHERE (a.machine = '' OR a.machine = @machine AND a.place = ANY(@looked::text[]) OR a.machine <> '' AND a.seen_at < @now::timestamptz - @gone::interval)
		AND NOT EXISTS (
			SELECT FROM unnest(@kinds::text[], @machines::text[], @mailboxes::bigint[], @places::text[]) AS f (kind, machine, mailbox_id, place)
			WHERE f.kind = a.kind AND f.machine = a.machine AND f.mailbox_id = COALESCE(a.mailbox_id, 0) AND f.place = a.place)
	RETURNING ` + columns

// columns are the arguments of both.
func (m Machine) columns(now time.Time, list []Alarm) pgx.NamedArgs {
	var kinds, machines, places, said []string
	var mailboxes, n, of []int64
	var since []time.Time
	for _, a := range list {
		kinds, machines, places, said = append(kinds, string(a.Kind)), append(machines, a.Machine), append(places, a.Place), append(said, a.Said)
		mailboxes, n, of, since = append(mailboxes, a.MailboxID), append(n, a.N), append(of, a.Of), append(since, a.Since)
	}
	return pgx.NamedArgs{"now": now, "machine": m.name(), "looked": append([]string{""}, m.Disks...), "gone": gone, "kinds": kinds, "machines": machines,
		"mailboxes": mailboxes, "places": places, "since": since, "n": n, "of": of, "said": said}
}
