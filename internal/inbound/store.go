// Package inbound is the ledger of every mail handed to us: stored as it came before anything is parsed, claimed by a worker, and settled in
// exactly one state. The sum of its rows is what the servers gave out (RELIABILITY 2, DECISIONS Incoming).
package inbound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/internal/blob"
	"frontdesk/internal/pg"
)

// Flags a mail gets before it is parsed.
const (
	Oversize = "oversize" // only its header was fetched
	SameID   = "same_id"  // its Message-ID came before with other bytes
	Plain    = "plain"    // a person said: take it as plain text
)

// Arrival is what the server says about a mail before handing it out.
type Arrival struct {
	UID          int64
	Size         int64 // RFC822.SIZE
	InternalDate time.Time
}

// Mail is one to be stored.
type Mail struct {
	Arrival
	Raw         *blob.Spooled
	Fingerprint [32]byte // mail.Fingerprint
	RFCID       string   // Message-ID without brackets, '' when it has none
	Refs        []string // References and In-Reply-To, oldest first
	Flags       []string
}

// Store is Tx A: raw bytes and ledger rows, nothing parsed. Only after its commit may the mails be marked as read. A key that is known changes
// nothing; bytes that this mailbox had before become a row in state duplicate. It answers how many rows are pending.
func Store(ctx context.Context, tx *pg.Tx, f Folder, list []Mail) (pending int, err error) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Mail) int { return int(a.UID - b.UID) }) // two processes never wait for each other in a ring
	raw := make([]*blob.Spooled, len(list))
	for i, m := range list {
		raw[i] = m.Raw
	}
	blobs, err := blob.PutAll(ctx, tx, raw)
	if err != nil {
		return 0, fmt.Errorf("store raw mail: %w", err)
	}
	left := make([]int, len(list))
	for i := range left {
		left[i] = i
	}
	for again := 0; len(left) > 0; again++ {
		if again == 3 { // the original was removed each time between our two looks
			return 0, errors.New("store mail: its original comes and goes")
		}
		n := len(left)
		if left, err = storeRows(ctx, tx, f, list, blobs, left, insertFresh); err != nil {
			return 0, err
		}
		pending += n - len(left)
		if left, err = storeRows(ctx, tx, f, list, blobs, left, insertDuplicate); err != nil {
			return 0, err
		}
		if left, err = unknown(ctx, tx, f, list, left); err != nil {
			return 0, err
		}
	}
	return pending, nil
}

const insertFresh = `
	INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, rfc_id, rfc_refs, flags, try_at)
	VALUES (@mailbox, @folder, @epoch, @uidvalidity, @uid, @size, @internaldate, @now, @blob, @fp, @rfc_id, @rfc_refs,
		CASE WHEN @rfc_id <> '' AND EXISTS (
			SELECT FROM (SELECT mailbox_id, content_fp FROM inbound WHERE rfc_id = @rfc_id AND rfc_id <> '' OFFSET 0) o -- by rfc_id and nothing else
			WHERE o.mailbox_id = @mailbox AND o.content_fp <> @fp)
		THEN array_append(@flags::text[], '` + SameID + `') ELSE @flags END, @now)
	ON CONFLICT DO NOTHING`

const insertDuplicate = `
	INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, rfc_id, rfc_refs, flags, try_at,
		state, dup_of, settled_at)
	SELECT @mailbox, @folder, @epoch, @uidvalidity, @uid, @size, @internaldate, @now, @blob, @fp, @rfc_id, @rfc_refs, @flags::text[], @now,
		'duplicate', o.id, @now
	FROM inbound o WHERE o.mailbox_id = @mailbox AND o.content_fp = @fp AND o.dup_of IS NULL AND o.state <> 'removed'
	ON CONFLICT (mailbox_id, folder, epoch, uidvalidity, uid) DO NOTHING`

// storeRows sends one insert for each of left in a single round trip and returns those that met a row already there.
func storeRows(ctx context.Context, tx *pg.Tx, f Folder, list []Mail, blobs []int64, left []int, insert string) ([]int, error) {
	if len(left) == 0 {
		return nil, nil
	}
	var met []int
	b := &pgx.Batch{}
	for _, i := range left {
		m := list[i]
		b.Queue(insert, pgx.NamedArgs{
			"mailbox": f.MailboxID, "folder": f.Name, "epoch": f.Epoch, "uidvalidity": f.UIDValidity, "uid": m.UID, "size": m.Size,
			"internaldate": m.InternalDate, "now": tx.Now, "blob": blobs[i], "fp": m.Fingerprint[:], "rfc_id": m.RFCID,
			"rfc_refs": orEmpty(m.Refs), "flags": orEmpty(m.Flags),
		}).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 {
				met = append(met, i)
			}
			return nil
		})
	}
	if err := tx.Send(ctx, b); err != nil {
		return nil, fmt.Errorf("store mail of %q: %w", f.Name, err)
	}
	return met, nil
}

// unknown leaves of left those whose key the ledger still lacks.
func unknown(ctx context.Context, tx *pg.Tx, f Folder, list []Mail, left []int) ([]int, error) {
	if len(left) == 0 {
		return nil, nil
	}
	uids := make([]int64, len(left))
	for n, i := range left {
		uids[n] = list[i].UID
	}
	known, err := pg.List[int64](ctx, tx, `
		SELECT uid FROM inbound WHERE mailbox_id = $1 AND folder = $2 AND epoch = $3 AND uidvalidity = $4 AND uid = ANY($5)`,
		f.MailboxID, f.Name, f.Epoch, f.UIDValidity, uids)
	if err != nil {
		return nil, fmt.Errorf("look for known mail: %w", err)
	}
	return slices.DeleteFunc(left, func(i int) bool { return slices.Contains(known, list[i].UID) }), nil
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
