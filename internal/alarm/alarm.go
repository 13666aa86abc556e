// Package alarm knows what is out of order in a running desk: mail that does not come, mail that waits for a person, a clock, a disk. Pages, doctor
// and the flow that writes the log all ask here (RELIABILITY 2, step 10, and section 6, rows 8, 13, 15, 16, 29).
package alarm

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// Kind says what is out of order. The list is closed: each has its words in the catalogues.
type Kind string

// All kinds, and what N and Of count in each.
const (
	Disk       Kind = "disk"       // little room where Place lies: N bytes are free, the disk has Of
	Late       Kind = "late"       // no round of a mailbox came to its end for three intervals: one has Of seconds; Said is its last error
	Clock      Kind = "clock"      // the machine's clock goes N milliseconds before the database's (below zero: behind it)
	Unsent     Kind = "unsent"     // N letters of a mailbox should have left long ago, and wait; Said is the last error
	Uncopied   Kind = "uncopied"   // N letters of a mailbox were sent, and its Sent folder does not take their copies
	Missed     Kind = "missed"     // N mails of a folder were read in another program first and never taken
	Withheld   Kind = "withheld"   // N mails of a folder that are to be taken are not handed out by the server, which Said why
	Unmarked   Kind = "unmarked"   // N mails of a folder were taken, and the server does not mark them as read, and Said why
	Quarantine Kind = "quarantine" // N mails of a mailbox wait there for a person
	Renumbered Kind = "renumbered" // the server gave the mails of a folder new numbers; N is its UIDVALIDITY now
)

// Kinds is the whole list, the gravest first.
var Kinds = []Kind{Disk, Late, Unsent, Clock, Missed, Withheld, Unmarked, Quarantine, Uncopied, Renumbered}

const (
	intervals = 3                  // of a mailbox without a success
	patience  = 30 * time.Minute   // with letters: who puts strangers off for twenty minutes has taken them by the fourth attempt
	copyTries = 3                  // in vain, some twenty minutes: then the fourth begins
	shown     = 7 * 24 * time.Hour // a new numbering, unless a person says before that it is known: as far back as the safety net reaches
	gone      = 10 * time.Minute   // a machine that nobody has heard of has no alarms
)

// Alarm is one thing that is out of order.
type Alarm struct {
	Kind      Kind
	Machine   string // "" where every process sees the same
	MailboxID int64  // 0: of a machine
	Mailbox   string
	Place     string // a folder or a directory
	Since     time.Time
	N, Of     int64
	Said      string
}

// Find lists what is out of order at a moment: what the database tells, and what other processes have noted of their machines.
func Find(ctx context.Context, r pg.Reader, now time.Time) ([]Alarm, error) {
	var list []Alarm
	var b pg.Batch
	Ask(&b, &list, now)
	if err := b.Run(ctx, r); err != nil {
		return nil, fmt.Errorf("look for alarms: %w", err)
	}
	return list, nil
}

// Ask is Find for a page that has more questions.
func Ask(b *pg.Batch, into *[]Alarm, now time.Time) {
	pg.Ask(b, into, `
		WITH watched AS ( -- nobody looks into the others any more, so nothing could end their alarms
			SELECT f.* FROM inbound_folder f JOIN mailbox b ON b.id = f.mailbox_id AND b.active AND f.folder = ANY(b.folders))
		SELECT kind, machine, COALESCE(mailbox_id, 0) AS mailbox_id, COALESCE(m.name, '') AS mailbox, place, since, n, of, said
		FROM (
			SELECT 'late' AS kind, '' AS machine, id AS mailbox_id, '' AS place, COALESCE(last_success, created_at) AS since, 0::bigint AS n,
				poll_seconds::bigint AS of, last_error AS said
			FROM mailbox WHERE active AND COALESCE(last_success, created_at) < @now::timestamptz - @intervals * poll_seconds * interval '1 second'
			UNION ALL
			SELECT 'unsent', '', o.mailbox_id, '', min(due), count(*), 0, COALESCE(NULLIF(min(s.error), ''), (array_agg(o.text ORDER BY due))[1])
			FROM outbox o CROSS JOIN LATERAL (SELECT COALESCE(first_try_at, send_after) AS due) d LEFT JOIN outbox_server s USING (mailbox_id)
			WHERE (state = 'queued' OR state IN ('leased', 'dot')) AND due < @now::timestamptz - @patience::interval -- under way they have not left
			GROUP BY o.mailbox_id
			UNION ALL
			SELECT 'uncopied', '', o.mailbox_id, '', min(settled_at), count(*), 0, ''
			FROM outbox o JOIN mailbox b ON b.id = o.mailbox_id AND b.sent_mode = 'append'
			WHERE sent_copy = 'pending' AND state = 'sent' AND copy_attempts > @tries
			GROUP BY o.mailbox_id
			UNION ALL
			SELECT 'quarantine', '', mailbox_id, '', min(COALESCE(settled_at, stored_at)), count(*), 0, ''
			FROM inbound WHERE state = 'quarantined' GROUP BY mailbox_id
			UNION ALL
			SELECT 'missed', '', mailbox_id, folder, COALESCE(missed_at, connected_at), missed, 0, ''
			FROM watched WHERE missed > 0
			UNION ALL
			SELECT 'withheld', '', mailbox_id, folder, withheld_at, withheld, 0, withheld_said
			FROM watched WHERE withheld > 0
			UNION ALL
			SELECT 'unmarked', '', mailbox_id, folder, unmarked_at, unmarked, 0, unmarked_said
			FROM watched WHERE unmarked > 0
			UNION ALL
			SELECT 'renumbered', '', mailbox_id, folder, changed_at, uidvalidity, 0, ''
			FROM inbound_folder WHERE changed_at > @now::timestamptz - @shown::interval AND changed_at > COALESCE(acknowledged_at, '-infinity')
			UNION ALL
			SELECT kind, machine, NULL, place, since, n, of, said FROM alarm WHERE machine <> '' AND seen_at > @now::timestamptz - @gone::interval
		) a LEFT JOIN mailbox m ON m.id = a.mailbox_id
		ORDER BY array_position(@kinds::text[], kind), m.name COLLATE "und-x-icu", machine, place`,
		pgx.NamedArgs{"now": now, "intervals": intervals, "patience": patience, "tries": copyTries, "shown": shown, "gone": gone, "kinds": Kinds})
}
