package outbox

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Cancel takes a letter back while it waits, also between retries as long as no recipient has it. A Past when the sender or a colleague was
// faster: Cancel and Claim meet on one row and exactly one of them wins. One that is sent once more has left already: it may have arrived. One that
// stays here with its deleted ticket does not come back with it.
func Cancel(ctx context.Context, tx *pg.Tx, id int64) error {
	n, err := pg.Exec(ctx, tx, `
		UPDATE outbox SET state = 'cancelled', settled_at = $2, trouble = false
		WHERE id = $1 AND (state = 'queued' AND NOT partly AND NOT twice
			OR state = 'cancelled' AND overtaken = 'deleted' AND EXISTS (SELECT FROM message m WHERE m.id = message_id AND m.cancelled_at IS NULL))`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("cancel letter %d: %w", id, err)
	}
	return orTooLate(ctx, tx, id, n)
}

// Why is what overtakes a letter.
type Why string

// The reasons.
const (
	Deleted       Why = "deleted"        // its ticket was
	CustomerWrote Why = "customer_wrote" // and it was to leave only if they stay silent
)

// overtakable are the letters that may still leave, and that nobody has.
const overtakable = `state IN ('queued', 'leased', 'dot', 'uncertain') AND NOT partly`

// AskIfSilent adds to a batch the question whether letters of a ticket are to leave only if the customer stays silent. Who asks holds its row.
func AskIfSilent(b *pg.Batch, ticketID int64) (answer func() bool) {
	var some []bool
	pg.Ask(b, &some, `SELECT EXISTS (SELECT FROM outbox WHERE ticket_id = $1 AND unless_answered AND `+overtakable+`)`, ticketID)
	return func() bool { return some[0] }
}

// Overtake keeps letters of a ticket here: those that wait are cancelled, or left to a person where an earlier copy may have arrived. Those under way
// meet the same end if they come back, which Answered, Release and ExpireLeases tell; the uncertain are not sent once more. The caller holds the
// ticket's row.
func Overtake(ctx context.Context, tx *pg.Tx, ticketID int64, why Why) (cancelled []int64, doubts []Expired, err error) {
	list, err := pg.List[ended](ctx, tx, `
		WITH waits AS (
			SELECT id AS letter, state = 'queued' AS here FROM outbox
			WHERE ticket_id = $1 AND (unless_answered OR $2 <> 'customer_wrote') AND `+overtakable+` FOR UPDATE),
		overtaken AS (
			UPDATE outbox SET overtaken = $2, state = CASE WHEN here THEN `+endsHere+` ELSE state END,
				settled_at = CASE WHEN here THEN $3 ELSE settled_at END, trouble = CASE WHEN here THEN twice ELSE trouble END,
				trouble_at = CASE WHEN here AND twice THEN $3 ELSE trouble_at END
			FROM waits WHERE id = letter
			RETURNING `+endedColumns+`, here)
		SELECT `+endedColumns+` FROM overtaken WHERE here ORDER BY id`, ticketID, string(why), tx.Now)
	if err != nil {
		return nil, nil, fmt.Errorf("keep the letters of ticket %d here: %w", ticketID, err)
	}
	cancelled, doubts = byEnd(list)
	return cancelled, doubts, nil
}

// Resume lets letters wait again that Overtake took back because their ticket was deleted, and that nobody was given back since: those whose time has not
// come, of those that ask for silence only where the customer was silent. The others stay cancelled. The caller holds the ticket's row.
func Resume(ctx context.Context, tx *pg.Tx, ticketID int64, silent bool) (stay []int64, waiting int, err error) {
	list, err := pg.List[struct {
		ID        int64
		Again     bool
		SendAfter time.Time
	}](ctx, tx, `
		WITH kept AS (
			SELECT o.id AS letter, o.send_after > $3 AND ($2 OR NOT o.unless_answered) AS again FROM outbox o JOIN message m ON m.id = o.message_id
			WHERE o.ticket_id = $1 AND o.state = 'cancelled' AND o.overtaken = 'deleted' AND m.cancelled_at IS NULL FOR UPDATE OF o),
		resumed AS (
			UPDATE outbox SET state = 'queued', overtaken = '', settled_at = NULL FROM kept WHERE id = letter AND again)
		SELECT o.id, kept.again, o.send_after FROM kept JOIN outbox o ON o.id = letter ORDER BY o.id`, ticketID, silent, tx.Now)
	if err != nil {
		return nil, 0, fmt.Errorf("let the letters of ticket %d wait again: %w", ticketID, err)
	}
	for _, l := range list {
		if !l.Again {
			stay = append(stay, l.ID)
			continue
		}
		waiting++
		ringAt(tx, l.SendAfter)
	}
	return stay, waiting, nil
}

// endsHere is the end of a letter that is overtaken and that nobody is known to have: one that was sent before may have arrived.
const endsHere = `CASE WHEN twice THEN 'uncertain' ELSE 'cancelled' END`

// ended is a letter that came back, or was kept here.
type ended struct {
	ID        int64
	TicketID  int64
	MessageID int64
	State     State
}

const endedColumns = `id, ticket_id, message_id, state`

// byEnd parts what was taken back from what a person must decide about; what waits again is neither.
func byEnd(list []ended) (cancelled []int64, doubts []Expired) {
	for _, l := range list {
		switch l.State {
		case Cancelled:
			cancelled = append(cancelled, l.ID)
		case Uncertain:
			doubts = append(doubts, Expired{ID: l.ID, TicketID: l.TicketID, MessageID: l.MessageID, Held: true})
		}
	}
	return cancelled, doubts
}

const staysHere = `overtaken <> '' AND NOT partly`

// back is what becomes of a letter whose attempt came to nothing: it waits for another one, unless it was overtaken and nobody has it. $1 is now.
const back = `
	state = CASE WHEN ` + staysHere + ` THEN ` + endsHere + ` ELSE 'queued' END, settled_at = CASE WHEN ` + staysHere + ` THEN $1::timestamptz END,
	trouble = trouble OR ` + staysHere + ` AND twice, trouble_at = CASE WHEN ` + staysHere + ` AND twice THEN $1::timestamptz ELSE trouble_at END,
	lease = NULL, lease_until = NULL`

// SendNow makes a waiting letter due at once. A Past when it waits no longer.
func SendNow(ctx context.Context, tx *pg.Tx, id int64) error {
	n, err := pg.Exec(ctx, tx, `UPDATE outbox SET send_after = $2 WHERE id = $1 AND state = 'queued'`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("send letter %d now: %w", id, err)
	}
	ringAt(tx, tx.Now)
	return orTooLate(ctx, tx, id, n)
}

// Past is fault.TooLate for a deed to a letter, and says as what the deed found it: cancelled by a colleague, say, and never sent.
type Past State

// Error says so for logs.
func (p Past) Error() string { return "too late, it is " + string(p) }

// Is makes it fault.TooLate.
func (p Past) Is(target error) bool { return target == fault.TooLate }

// orTooLate tells a letter that moved on from one that never was.
func orTooLate(ctx context.Context, tx *pg.Tx, id, touched int64) error {
	if touched > 0 {
		return nil
	}
	state, err := pg.One[State](ctx, tx, `SELECT state FROM outbox WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("letter %d: %w", id, err)
	}
	return fmt.Errorf("letter %d: %w", id, Past(state))
}
