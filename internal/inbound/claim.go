package inbound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/internal/pg"
)

// ClaimClass is the class of the session advisory lock that a claiming process holds on its number: as long as it is held, the claims stand.
const ClaimClass = 7261

// Lease is how long a claim stands at most: longer than the parse of a whole claim may take. A claim that runs out costs work, never a
// double: Settle changes only a row that is pending.
const Lease = 3 * time.Minute

// ErrTaken says that the row is not ours any more: settled, or claimed by another process. What was done for it must be rolled back.
var ErrTaken = errors.New("the mail was taken by another worker")

// Row is a claimed mail.
type Row struct {
	ID           int64
	MailboxID    int64
	RawBlobID    int64
	Size         int64
	InternalDate time.Time
	ContentFP    []byte   `db:"content_fp"`
	RFCID        string   `db:"rfc_id"`
	RFCRefs      []string `db:"rfc_refs"`
	Flags        []string
	Attempts     int
	ClaimedBy    int64
	Raw          []byte // the mail itself where it is small; else nil
	Mailbox      string // its name
	QueueID      int64  // where the mailbox's new tickets go
	AuthHost     string // the mailbox's own server, whose word about the sender counts; '' = none
}

// Claim takes up to limit pending mails for a process, in the order they came, and counts the attempt; its commit comes before the parse, so a
// mail that kills the process is known for it. A mail is left while an earlier pending one that it answers is not settled; after ten minutes
// it waits no longer.
func Claim(ctx context.Context, tx *pg.Tx, process int64, limit int) ([]Row, error) {
	var free []int64
	for after, more := int64(0), true; more && len(free) == 0; {
		page, err := pending(ctx, tx, after, 4*limit)
		if err != nil {
			return nil, err
		}
		if free, err = unblocked(ctx, tx, page); err != nil {
			return nil, err
		}
		if more = len(page) == 4*limit; more {
			after = page[len(page)-1].ID
		}
	}
	if len(free) == 0 {
		return nil, nil
	}
	rows, err := pg.List[Row](ctx, tx, `
		UPDATE inbound SET attempts = attempts + 1, claimed_by = $1, try_at = $2 FROM mailbox m WHERE m.id = inbound.mailbox_id AND inbound.id = ANY($3)
		RETURNING inbound.id, mailbox_id, raw_blob_id, size, internaldate AS internal_date, content_fp, rfc_id, rfc_refs, flags, attempts, claimed_by,
			m.name AS mailbox, m.queue_id, m.auth_host,
			(SELECT c.bytes FROM blob b JOIN blob_chunk c ON c.blob_id = b.id AND c.n = 0
				WHERE b.id = raw_blob_id AND octet_length(c.bytes) = b.size) AS raw`,
		process, tx.Now.Add(Lease), free[:min(limit, len(free))])
	slices.SortFunc(rows, func(a, b Row) int { return int(a.ID - b.ID) })
	return rows, wrap(err, "claim mail")
}

// waiting is a mail that may be claimed unless it answers one that is not settled.
type waiting struct {
	ID      int64
	RFCRefs []string `db:"rfc_refs"`
}

// pending locks the next mails in the order of their ids. Sorting is switched off for this transaction: with a long queue and no statistics yet
// the planner would read and sort all of it for the first few.
func pending(ctx context.Context, tx *pg.Tx, after int64, limit int) ([]waiting, error) {
	var (
		b       pg.Batch
		list    []waiting
		planned []string
	)
	pg.Ask(&b, &planned, `SELECT set_config('enable_sort', 'off', true)`)
	pg.Ask(&b, &list, `
		SELECT id, rfc_refs FROM inbound WHERE state = 'pending' AND try_at <= $1 AND id > $2
		ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED`, tx.Now, after, limit)
	return list, wrap(b.Run(ctx, tx), "look for mail to claim")
}

// unblocked leaves those that answer no earlier pending mail.
func unblocked(ctx context.Context, tx *pg.Tx, list []waiting) (free []int64, err error) {
	var refs []string
	for _, w := range list {
		refs = append(refs, w.RFCRefs...)
	}
	first := map[string]int64{}
	if len(refs) > 0 {
		earlier, err := pg.List[struct {
			RFCID string `db:"rfc_id"`
			ID    int64
		}](ctx, tx, `
			SELECT p.rfc_id, min(p.id) AS id FROM unnest($1::text[]) AS r (rfc_id) CROSS JOIN LATERAL (
				SELECT rfc_id, id, state, stored_at FROM inbound WHERE rfc_id = r.rfc_id AND rfc_id <> '' OFFSET 0) p -- by rfc_id and nothing else
			WHERE p.state = 'pending' AND p.stored_at > $2
			GROUP BY p.rfc_id`, refs, tx.Now.Add(-10*time.Minute))
		if err != nil {
			return nil, wrap(err, "look for mail to wait for")
		}
		for _, e := range earlier {
			first[e.RFCID] = e.ID
		}
	}
	for _, w := range list {
		if !slices.ContainsFunc(w.RFCRefs, func(ref string) bool { id, ok := first[ref]; return ok && id < w.ID }) {
			free = append(free, w.ID)
		}
	}
	return free, nil
}

// Recover gives back the claims of processes that are gone: nobody holds the lock on their number. The attempt stays counted, and a mail that was
// under way at three deaths or more rests 2, 4, 8 … seconds: should it be what kills us, it does so ever more rarely.
func Recover(ctx context.Context, tx *pg.Tx) (int64, error) {
	n, err := pg.Exec(ctx, tx, `
		UPDATE inbound SET claimed_by = 0, try_at = $1 + CASE WHEN attempts < 3 THEN interval '0' ELSE interval '1 second' * 2 ^ (least(attempts, 10) - 2) END
		WHERE state = 'pending' AND claimed_by <> 0 AND try_at > $1 AND NOT EXISTS (
			SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $2 AND objid = claimed_by AND objsubid = 2
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`, tx.Now, ClaimClass)
	return n, wrap(err, "take back claims of processes that are gone")
}

// AskHold adds to a batch the lock on the claimed row, for the transaction that settles it. Once the batch ran the answer is ErrTaken when the
// row is not ours any more.
func AskHold(b *pg.Batch, r Row) (answer func() error) {
	held := new([]int64)
	pg.Ask(b, held, `
		SELECT id FROM inbound WHERE id = $1 AND state = 'pending' AND claimed_by = $2 AND attempts = $3 FOR UPDATE`, r.ID, r.ClaimedBy, r.Attempts)
	return func() error {
		if len(*held) == 0 {
			return ErrTaken
		}
		return nil
	}
}

// Oldest is when the oldest mail that waits was stored; nil when none does.
func Oldest(ctx context.Context, r pg.Reader) (*time.Time, error) {
	at, err := pg.One[*time.Time](ctx, r, `SELECT (SELECT stored_at FROM inbound WHERE state = 'pending' ORDER BY id LIMIT 1)`)
	return at, wrap(err, "look for the oldest mail")
}

// RawOf names the bytes of a mail as they came. fault.NotFound when the ledger has no such row.
func RawOf(ctx context.Context, r pg.Reader, id int64) (blobID int64, err error) {
	blobID, err = pg.One[int64](ctx, r, `SELECT raw_blob_id FROM inbound WHERE id = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("find the source of mail %d: %w", id, err)
	}
	return blobID, nil
}

// Release gives back what process still has claimed, for a process that works on none of it: the database was away when it wanted to say what
// became of these mails. The attempt does not count.
func Release(ctx context.Context, tx *pg.Tx, process int64) (int64, error) {
	n, err := pg.Exec(ctx, tx, `
		UPDATE inbound SET try_at = $1, claimed_by = 0, attempts = attempts - 1
		WHERE state = 'pending' AND claimed_by = $2 AND attempts > 0`, tx.Now, process)
	return n, wrap(err, "give back own claims")
}
