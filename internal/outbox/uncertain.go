package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// ResendAfter is how long an uncertain letter rests before the mailbox's resend switch sends it once more (RELIABILITY, section 3, step 7).
const ResendAfter = 10 * time.Minute

// looks are the pauses before each look into a provider's Sent folder; a provider may take a while to file.
var looks = []time.Duration{0, time.Minute, 4 * time.Minute, 10 * time.Minute}

// Doubtful says that the final dot went out and no answer came. The lease is kept as a name only: should the answer come after all,
// Answered takes it.
func Doubtful(ctx context.Context, tx *pg.Tx, l Lease, text string) (Expired, error) {
	ids, err := pg.List[int64](ctx, tx, `SELECT id FROM outbox WHERE id = $1 AND lease = $2 AND state = 'dot' FOR UPDATE`, l.ID, l.Token)
	if err == nil && len(ids) == 0 {
		return Expired{}, l.held(0, nil, "doubt")
	}
	if err != nil {
		return Expired{}, fmt.Errorf("doubt letter %d: %w", l.ID, err)
	}
	out, err := doubt(ctx, tx, ids, text)
	if err != nil {
		return Expired{}, err
	}
	return out[0], nil
}

// doubt makes letters uncertain. What we can find out or mend by ourselves gets a time for that; the rest stands under Undelivered for a
// person at once.
func doubt(ctx context.Context, tx *pg.Tx, ids []int64, text string) ([]Expired, error) {
	out, err := pg.List[Expired](ctx, tx, `
		UPDATE outbox SET state = 'uncertain', lease_until = NULL, settled_at = $2, code = 0, text = $3, resolve_attempts = 0,
			resolve_at = CASE WHEN m.sent_mode = 'provider' THEN $2::timestamptz WHEN m.resend AND NOT twice THEN $2::timestamptz + $4::interval END,
			trouble = NOT (m.sent_mode = 'provider' OR m.resend AND NOT twice), trouble_at = $2
		FROM mailbox m WHERE outbox.id = ANY($1) AND m.id = outbox.mailbox_id
		RETURNING outbox.id, ticket_id, message_id, trouble AS held`, ids, tx.Now, text, ResendAfter)
	if err != nil {
		return nil, fmt.Errorf("make letters uncertain: %w", err)
	}
	return out, nil
}

// Riddle is an uncertain letter that we may solve by ourselves.
type Riddle struct {
	ID        int64
	TicketID  int64
	MessageID int64
	MailboxID int64
	RFCID     string
	Filed     bool // what was sent lies in the Sent folder: look there; else it is time to send once more
	Attempts  int
}

// ClaimRiddles takes up to n uncertain letters whose time has come, and lets them rest for ten minutes should this process die with them.
func ClaimRiddles(ctx context.Context, tx *pg.Tx, n int) ([]Riddle, error) {
	out, err := pg.List[Riddle](ctx, tx, `
		WITH due AS (
			SELECT id FROM outbox WHERE resolve_at <= $1 AND state = 'uncertain' ORDER BY resolve_at LIMIT $2 FOR UPDATE SKIP LOCKED)
		UPDATE outbox SET resolve_at = $3, resolve_attempts = resolve_attempts + 1
		FROM due, mailbox m WHERE outbox.id = due.id AND m.id = outbox.mailbox_id
		RETURNING outbox.id, ticket_id, message_id, mailbox_id, rfc_id, m.sent_mode = 'provider' OR restored AND m.sent_mode <> 'none' AS filed, resolve_attempts AS attempts`,
		tx.Now, n, tx.Now.Add(10*time.Minute))
	if err != nil {
		return nil, fmt.Errorf("claim uncertain letters: %w", err)
	}
	return out, nil
}

// Found settles an uncertain letter that lies in the Sent folder: whoever had not been refused or deferred before the dot has it. For those who were
// deferred it is queued again.
func Found(ctx context.Context, tx *pg.Tx, r Riddle) (Settled, error) {
	x, err := pg.One[struct {
		tried
		Text string
		To   []string
	}](ctx, tx, `
		UPDATE outbox SET restored = false, sent_copy = 'done' WHERE id = $1 AND state = 'uncertain'
		RETURNING `+triedColumns+`, text, ARRAY(SELECT address FROM outbox_recipient WHERE outbox_id = $1 AND state = 'pending') AS "to"`, r.ID)
	if errors.Is(err, fault.NotFound) { // somebody decided meanwhile
		err = ErrLost
	}
	if err != nil {
		return Settled{}, fmt.Errorf("settle letter %d as found: %w", r.ID, err)
	}
	a := Answers{Text: x.Text}
	for _, address := range x.To {
		a.To = append(a.To, Answer{Address: address, Verdict: Accepted})
	}
	return settle(ctx, tx, x.tried, a)
}

// Fate is what was decided about an uncertain letter.
type Fate string

// The fates.
const (
	Undecided Fate = ""       // it is looked for again, or somebody was faster
	Held      Fate = "held"   // a person must decide now
	Resent    Fate = "resent" // it leaves once more
)

// NotFound notes a look that did not find the letter or could not look. It is looked for a few times more, then sent once more where the
// mailbox is set so, else held for a person.
func NotFound(ctx context.Context, tx *pg.Tx, r Riddle) (Fate, error) {
	if r.Attempts >= len(looks) {
		return SendOnceMore(ctx, tx, r)
	}
	_, err := pg.Exec(ctx, tx, `UPDATE outbox SET resolve_at = $2 WHERE id = $1 AND state = 'uncertain'`, r.ID, tx.Now.Add(looks[r.Attempts]))
	if err != nil {
		return Undecided, fmt.Errorf("note the search for letter %d: %w", r.ID, err)
	}
	return Undecided, nil
}

// SendOnceMore queues an uncertain letter again, by the mailbox's switch and only once, and marks it: it may arrive twice. Without the
// switch, and when it was overtaken, it is held for a person.
func SendOnceMore(ctx context.Context, tx *pg.Tx, r Riddle) (Fate, error) {
	n, err := pg.Exec(ctx, tx, `
		UPDATE outbox SET state = 'queued', twice = true, lease = NULL, resolve_at = NULL, settled_at = NULL, send_after = $2, trouble = false
		FROM mailbox m WHERE outbox.id = $1 AND m.id = outbox.mailbox_id AND m.resend AND NOT twice AND NOT restored AND overtaken = ''
			AND state = 'uncertain'`, r.ID, tx.Now)
	if err == nil && n > 0 {
		ringAt(tx, tx.Now)
		return Resent, nil
	}
	if err == nil {
		n, err = pg.Exec(ctx, tx, `
			UPDATE outbox SET resolve_at = NULL, trouble = true, trouble_at = $2 WHERE id = $1 AND state = 'uncertain'`, r.ID, tx.Now)
	}
	if err != nil {
		return Undecided, fmt.Errorf("send letter %d once more: %w", r.ID, err)
	}
	if n == 0 {
		return Undecided, nil
	}
	return Held, nil
}
