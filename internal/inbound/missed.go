package inbound

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// NetEvery is how often the safety net is drawn: what the server has from the last days against what the ledger has.
const NetEvery = 24 * time.Hour

// NetDays is how far back it reaches.
const NetDays = 7

// NetDue tells whether the net is to be drawn now: a day has passed, or a person asked for what was missed.
func (f Folder) NetDue(now time.Time) bool {
	return f.TakeMissed || f.MissedAt == nil || now.Sub(*f.MissedAt) >= NetEvery
}

// Unaccounted leaves of the arrivals those that came since we first connected and are in the ledger under no number: somebody read them
// elsewhere before a poll saw them. Size and date name a mail here, for a server may have renumbered since.
func Unaccounted(ctx context.Context, r pg.Reader, f Folder, list []Arrival) ([]Arrival, error) {
	uids, sizes, dates := make([]int64, len(list)), make([]int64, len(list)), make([]time.Time, len(list))
	for i, a := range list {
		uids[i], sizes[i], dates[i] = a.UID, a.Size, a.InternalDate
	}
	left, err := pg.List[Arrival](ctx, r, `
		SELECT a.uid, a.size, a.internal_date FROM unnest($3::bigint[], $4::bigint[], $5::timestamptz[]) AS a (uid, size, internal_date)
		WHERE a.internal_date >= $6 AND NOT EXISTS (
			SELECT FROM inbound i WHERE i.mailbox_id = $1 AND i.folder = $2 AND i.size = a.size AND i.internaldate = a.internal_date)
		ORDER BY a.uid`, f.MailboxID, f.Name, uids, sizes, dates, f.ConnectedAt)
	return left, wrap(err, "look for mail that was missed")
}

// NoteMissed writes down how many there are now. A request to take them that came in the meantime stands.
func NoteMissed(ctx context.Context, tx *pg.Tx, f Folder, n int) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE inbound_folder SET missed = $3, missed_at = $4 WHERE mailbox_id = $1 AND folder = $2 AND (missed >= 0 OR $5)`,
		f.MailboxID, f.Name, n, tx.Now, f.TakeMissed)
	return wrap(err, "note what was missed in %q", f.Name)
}

// TakeMissed asks the poller to take it at its next pass: the number below zero says so in the row.
func TakeMissed(ctx context.Context, tx *pg.Tx, by agent.Agent, mailboxID int64) error {
	if !by.Can(agent.QuarantineManage) {
		return fmt.Errorf("take missed mail: %w", fault.Forbidden)
	}
	n, err := pg.Exec(ctx, tx, `UPDATE inbound_folder SET missed = -missed WHERE mailbox_id = $1 AND missed > 0`, mailboxID)
	if err != nil || n == 0 {
		return wrap(err, "take missed mail")
	}
	_, err = event.Record(ctx, tx, event.Event{
		SubjectKind: event.OfMailbox, SubjectID: mailboxID, Kind: event.QuarantineDone, ByAgent: by.ID, Data: event.Data{Reason: "take_missed"},
	})
	return err
}
