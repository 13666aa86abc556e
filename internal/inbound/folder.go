package inbound

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/pg"
)

// Folder is a folder of a mailbox as the ledger knows it. Epoch, UIDValidity and a UID together name a mail.
type Folder struct {
	MailboxID   int64
	Name        string
	Epoch       int64
	UIDValidity int64
	FirstUID    int64 // the next UID when we first came; 0 = not known, or the server renumbered since
	Recounted   int64 // the next UID when that was seen; 0 = not known
	ConnectedAt time.Time
	LookedUID   int64      // the highest UID that was looked at for mail another program has read
	Missed      int        // what the safety net found and nobody took
	MissedAt    *time.Time // when it was drawn last
	TakeMissed  bool       // a person asked for what it found
	NetFrom     *time.Time // after a restore: how far back the net reaches, until it finds nothing
	Refusals    Refusals
}

// Enter notes that the folder was opened. Changed says that the server gave all its mails new numbers: what is unread will come anew, and the
// fingerprint keeps it from becoming a second ticket. What others have read of them is left to the safety net. That the next number is lower than
// it was says the same, whatever UIDVALIDITY it has.
func Enter(ctx context.Context, tx *pg.Tx, mailboxID int64, name string, uidvalidity, uidnext int64) (f Folder, changed bool, err error) {
	f, err = pg.One[Folder](ctx, tx, `
		INSERT INTO inbound_folder AS f (mailbox_id, folder, uidvalidity, first_uid, connected_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (mailbox_id, folder) DO UPDATE SET folder = excluded.folder
		RETURNING `+folderColumns, mailboxID, name, uidvalidity, uidnext, tx.Now)
	if err != nil {
		return f, false, wrap(err, "enter folder %q", name)
	}
	if f.UIDValidity == uidvalidity {
		if uidnext == 0 || uidnext >= max(f.FirstUID, f.Recounted) {
			return f, false, nil
		}
		err = raiseEpoch(ctx, tx, &f, uidnext) // it never falls (RFC 3501, 2.3.1.1): another server, or a restored one, that counts on its own
		return f, true, err
	}
	f, err = pg.One[Folder](ctx, tx, `
		UPDATE inbound_folder AS f SET uidvalidity = $3, first_uid = 0, recounted_uid = $5::bigint, looked_uid = greatest($5::bigint - 1, 0), changed_at = $4, change = 'uidvalidity'
		WHERE mailbox_id = $1 AND folder = $2 RETURNING `+folderColumns, mailboxID, name, uidvalidity, tx.Now, uidnext)
	return f, true, wrap(err, "note that folder %q was renumbered", name)
}

const folderColumns = `f.mailbox_id, f.folder AS name, f.epoch, f.uidvalidity, f.first_uid, f.recounted_uid AS recounted, f.connected_at, f.looked_uid, abs(f.missed) AS missed,
	f.missed_at, f.missed < 0 AS take_missed, f.net_from, jsonb_build_object(
		'Withheld', jsonb_build_object('N', f.withheld, 'Said', f.withheld_said), 'Unmarked', jsonb_build_object('N', f.unmarked, 'Said', f.unmarked_said)) AS refusals`

// Before tells whether the mail lay there before we first connected: with take = new it is left alone. Where the server has renumbered, the mails that
// lay there then are told by their dates.
func (f Folder) Before(a Arrival) bool {
	if f.FirstUID > 0 {
		return a.UID < f.FirstUID
	}
	return (f.Recounted == 0 || a.UID < f.Recounted) && a.InternalDate.Before(f.ConnectedAt)
}

// Known tells which of the arrivals are in the ledger: same key, same size, same date. Where the key is there with another size or date, the
// server uses numbers again; then the folder's epoch is raised in f and in the database, nothing counts as known, and reused is true
// (DECISIONS, Known).
func Known(ctx context.Context, tx *pg.Tx, f *Folder, list []Arrival) (known map[int64]bool, reused bool, err error) {
	uids := make([]int64, len(list))
	for i, a := range list {
		uids[i] = a.UID
	}
	rows, err := pg.List[Arrival](ctx, tx, `
		SELECT uid, size, internaldate AS internal_date FROM inbound
		WHERE mailbox_id = $1 AND folder = $2 AND epoch = $3 AND uidvalidity = $4 AND uid = ANY($5)`,
		f.MailboxID, f.Name, f.Epoch, f.UIDValidity, uids)
	if err != nil {
		return nil, false, fmt.Errorf("look for known mail: %w", err)
	}
	have := make(map[int64]Arrival, len(rows))
	for _, a := range rows {
		have[a.UID] = a
	}
	known = make(map[int64]bool, len(rows))
	for _, a := range list {
		switch old, ok := have[a.UID]; {
		case !ok:
		case old.Size != a.Size || !old.InternalDate.Equal(a.InternalDate):
			return map[int64]bool{}, true, raiseEpoch(ctx, tx, f, 0)
		default:
			known[a.UID] = true
		}
	}
	return known, false, nil
}

func raiseEpoch(ctx context.Context, tx *pg.Tx, f *Folder, uidnext int64) error {
	epoch, err := pg.One[int64](ctx, tx, `
		UPDATE inbound_folder SET epoch = epoch + 1, first_uid = 0, recounted_uid = $4, looked_uid = 0, changed_at = $3, change = 'reused'
		WHERE mailbox_id = $1 AND folder = $2 RETURNING epoch`, f.MailboxID, f.Name, tx.Now, uidnext)
	if err != nil {
		return fmt.Errorf("raise the epoch of folder %q: %w", f.Name, err)
	}
	f.Epoch, f.FirstUID, f.Recounted, f.LookedUID = epoch, 0, uidnext, 0
	return nil
}

// wrap says the deed beside the error, when there is one.
func wrap(err error, deed string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(deed+": %w", append(args, err)...)
}
