package ticket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// UncheckedRing is rung when files come that wait for their check.
const UncheckedRing = "v:"

// CheckLease is how long a file stays with the process that took it for its check.
const CheckLease = 10 * time.Minute

// Unchecked is a file taken for its check.
type Unchecked struct {
	ID        int64
	MessageID int64
	TicketID  int64
	BlobID    int64
	Name      string
	Checks    int // this one counted; a later claim has a higher number
}

// ClaimUnchecked takes the file that has waited longest and that nobody has in hand; the zero Unchecked when there is none.
func ClaimUnchecked(ctx context.Context, tx *pg.Tx) (Unchecked, error) {
	u, err := pg.One[Unchecked](ctx, tx, `
		UPDATE message_file f SET checks = f.checks + 1, check_at = $2 FROM message m
		WHERE m.id = f.message_id AND f.id = (
			SELECT id FROM message_file WHERE found IS NULL AND (check_at IS NULL OR check_at <= $1) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING f.id, f.message_id, m.ticket_id, f.blob_id, f.name, f.checks`, tx.Now, tx.Now.Add(CheckLease))
	if errors.Is(err, fault.NotFound) {
		return Unchecked{}, nil
	}
	if err != nil {
		return Unchecked{}, fmt.Errorf("take a file for its check: %w", err)
	}
	return u, nil
}

// Checked keeps what was found. What is held from now on is told in the ticket; what is free, to those who have it open. It is without effect when
// somebody else has the file by now, or it is gone.
func Checked(ctx context.Context, tx *pg.Tx, u Unchecked, found Found) error {
	n, err := pg.Exec(ctx, tx, `UPDATE message_file SET found = $3, check_at = NULL WHERE id = $1 AND checks = $2 AND found IS NULL`, u.ID, u.Checks, string(found))
	switch {
	case err != nil:
		return fmt.Errorf("keep what was found in file %d: %w", u.ID, err)
	case n == 0:
		return nil
	case !found.Held():
		event.Ring(tx, event.TicketKey(u.TicketID))
		return nil
	}
	// It does not come with its message: that was told already.
	e := event.Event{SubjectKind: event.OfTicket, SubjectID: u.TicketID, Kind: event.FileInfected, Data: event.Data{Name: u.Name, Text: string(found)}}
	if !found.Named() {
		e.Kind, e.Data.Text, e.Data.Reason = event.FileUnchecked, "", string(found[1:])
	}
	return event.Record(tx, e)
}

// CheckLater gives a file back until at. forgiven: it had nothing to do with it, and this time does not count.
func CheckLater(ctx context.Context, tx *pg.Tx, u Unchecked, at time.Time, forgiven bool) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE message_file SET check_at = $3, checks = checks - CASE WHEN $4 THEN 1 ELSE 0 END WHERE id = $1 AND checks = $2 AND found IS NULL`, u.ID, u.Checks, at, forgiven)
	if err != nil {
		return fmt.Errorf("check file %d later: %w", u.ID, err)
	}
	return nil
}

// AnyUnchecked tells whether a file waits for its check. It asks in the order of the partial index, which leads there whatever the statistics say.
func AnyUnchecked(ctx context.Context, r pg.Reader) (bool, error) {
	first, err := pg.List[int64](ctx, r, `SELECT id FROM message_file WHERE found IS NULL ORDER BY id LIMIT 1`)
	if err != nil {
		return false, fmt.Errorf("look for files that wait for their check: %w", err)
	}
	return len(first) > 0, nil
}

// CountUnchecked counts the files that wait, and says since when the first of them does.
func CountUnchecked(ctx context.Context, r pg.Reader) (n int64, since *time.Time, err error) {
	got, err := pg.One[struct {
		N     int64
		Since *time.Time
	}](ctx, r, `SELECT count(*) AS n, min(m.at) AS since FROM message_file f JOIN message m ON m.id = f.message_id WHERE f.found IS NULL`)
	return got.N, got.Since, err
}
