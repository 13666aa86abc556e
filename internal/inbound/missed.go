package inbound

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// NetEvery is how often the safety net is drawn: what the server has from the last days against what the ledger has.
const NetEvery = 24 * time.Hour

// NetDays is how far back it reaches in ordinary times.
const NetDays = 7

// NetDue tells whether the net is to be drawn now: a day has passed, or a person asked for what was missed. A clock that had jumped ahead does not put it
// off.
func (f Folder) NetDue(now time.Time) bool {
	return f.TakeMissed || f.MissedAt == nil || now.Sub(*f.MissedAt).Abs() >= NetEvery
}

// NetSince is how far back the net reaches when it is drawn now.
func (f Folder) NetSince(now time.Time) time.Time {
	since := now.AddDate(0, 0, -NetDays)
	if f.NetFrom != nil && f.NetFrom.Before(since) {
		return *f.NetFrom
	}
	return since
}

// Unaccounted leaves of the arrivals those that came since we first connected and are in the ledger under no number: somebody read them
// elsewhere before a poll saw them. list is all that the server has of those days; known is how many of them the ledger has, whenever they came.
//
// Size and date name a mail here, for a server may have renumbered since. They do not tell two of one size and second apart: where the server has
// more of such than the ledger ever had at a time, all of them are left whose number is not in the ledger. What was taken before is recognised by
// its bytes when it comes again (see Store).
func Unaccounted(ctx context.Context, r pg.Reader, f Folder, list []Arrival) (left []Arrival, known int, err error) {
	uids, sizes, dates := make([]int64, len(list)), make([]int64, len(list)), make([]time.Time, len(list))
	for i, a := range list {
		uids[i], sizes[i], dates[i] = a.UID, a.Size, a.InternalDate
	}
	rows, err := pg.List[struct {
		Arrival
		Known bool
	}](ctx, r, `
		WITH arrived AS (
			SELECT uid, size, date, count(*) OVER (PARTITION BY size, date) AS alike
			FROM unnest(@uids::bigint[], @sizes::bigint[], @dates::timestamptz[]) AS a (uid, size, date)),
		had AS (
			SELECT size, date, max(alike) AS alike FROM (
				SELECT size, internaldate AS date, count(*) AS alike FROM inbound
				WHERE mailbox_id = @mailbox AND folder = @folder AND internaldate >= (SELECT min(date) FROM arrived)
				GROUP BY size, internaldate, epoch, uidvalidity) numbering
			GROUP BY size, date)
		SELECT uid, size, date AS internal_date, arrived.alike <= COALESCE(had.alike, 0) OR EXISTS (
			SELECT FROM inbound i WHERE i.mailbox_id = @mailbox AND i.folder = @folder AND i.epoch = @epoch AND i.uidvalidity = @uidvalidity AND i.uid = arrived.uid) AS known
		FROM arrived LEFT JOIN had USING (size, date)
		ORDER BY uid`, pgx.NamedArgs{"uids": uids, "sizes": sizes, "dates": dates, "mailbox": f.MailboxID, "folder": f.Name,
		"epoch": f.Epoch, "uidvalidity": f.UIDValidity})
	for _, a := range rows {
		switch {
		case a.Known:
			known++
		case !a.InternalDate.Before(f.ConnectedAt):
			left = append(left, a.Arrival)
		}
	}
	return left, known, wrap(err, "look for mail that was missed")
}

// Look is what the net found at the server of the last days: how many mails the ledger has, how many are unread and wait for the next poll, and how
// many somebody read before a poll saw them. What was read before we first connected is none of these.
type Look struct {
	Ledger, Unread, Missed int
	Wanted                 bool // what was missed could not be taken yet: that it was asked for stands
}

// NoteMissed writes down how it stands now. A request to take what was missed that came in the meantime stands.
func NoteMissed(ctx context.Context, tx *pg.Tx, f Folder, l Look) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE inbound_folder SET missed = CASE WHEN $8 THEN -$3::int ELSE $3::int END, missed_at = $4, server_known = $5, server_unread = $6,
			net_from = CASE WHEN $3::int > 0 THEN net_from END
		WHERE mailbox_id = $1 AND folder = $2 AND (missed >= 0 OR $7)`,
		f.MailboxID, f.Name, l.Missed, tx.Now, l.Ledger, l.Unread, f.TakeMissed, l.Wanted)
	return wrap(err, "note what was missed in %q", f.Name)
}

// TakeMissed asks the poller to take it at its next pass: the number below zero says so in the row.
func TakeMissed(ctx context.Context, tx *pg.Tx, by agent.Agent, mailboxID int64) error {
	if !by.Can(agent.QuarantineManage) {
		return fmt.Errorf("take missed mail: %w", fault.Forbidden)
	}
	n, err := pg.Exec(ctx, tx, `UPDATE inbound_folder SET missed = -missed WHERE mailbox_id = $1 AND missed > 0`, mailboxID)
	if err == nil && n == 0 {
		err = known(ctx, tx, mailboxID)
	}
	if err != nil || n == 0 {
		return wrap(err, "take missed mail")
	}
	return event.Record(tx, event.Event{
		SubjectKind: event.OfMailbox, SubjectID: mailboxID, Kind: event.QuarantineDone, ByAgent: by.ID, Data: event.Data{Reason: "take_missed"},
	})
}
