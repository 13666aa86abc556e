package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Verdict is what a server decided about one recipient.
type Verdict string

// The states of a recipient.
const (
	Pending  Verdict = "pending"
	Accepted Verdict = "accepted"
	Refused  Verdict = "refused"  // never
	Deferred Verdict = "deferred" // not now
)

// Answer is the decision about one address of a letter.
type Answer struct {
	Address string
	Verdict Verdict
	Code    int    // SMTP reply code, 0 when there was none
	Text    string // one line, safe to show
}

// Answers is how an attempt ended. Code and Text are the last words of the server, or ours when it said none.
type Answers struct {
	To   []Answer
	Code int
	Text string
}

// GiveUpAfter is how long passing failures are retried.
const GiveUpAfter = 72 * time.Hour

// pauses before the second, third ... attempt; the last one repeats (PRODUCT S4).
var pauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// Settled is what an attempt made of a letter.
type Settled struct {
	ID        int64
	State     State // sent, failed, queued for another attempt, or cancelled or uncertain in place of it
	TicketID  int64
	MessageID int64
	Kind      string
	Clicked   time.Time // when the letter was put here
	Copy      bool      // it shall be filed in the Sent folder
	Refused   []Answer  `db:"-"` // recipients it will never reach, when State is sent or failed
}

// Answered writes the end of an attempt: sent when nobody is left to serve and one recipient has it, failed when none has and none ever
// will, else queued again after a pause for those not served yet. After 72 hours of trying the rest is refused. A letter that was overtaken
// meanwhile gets no other attempt: it is cancelled, unless somebody has it, or uncertain when an earlier copy may have arrived.
//
// The truth may come late: an attempt that was already called uncertain is settled all the same, as long as nobody has decided otherwise.
func Answered(ctx context.Context, tx *pg.Tx, l Lease, a Answers) (Settled, error) {
	x, err := pg.One[tried](ctx, tx, `
		SELECT `+triedColumns+` FROM outbox
		WHERE id = $1 AND lease = $2 AND state IN ('leased', 'dot', 'uncertain') FOR UPDATE`, l.ID, l.Token)
	if errors.Is(err, fault.NotFound) { // somebody else holds it
		return Settled{}, l.held(0, nil, "settle")
	}
	if err != nil {
		return Settled{}, l.held(0, err, "settle")
	}
	x.MadeID = l.MadeID
	return settle(ctx, tx, x, a)
}

// tried is a letter whose attempt is over, its row locked.
type tried struct {
	ID         int64
	TicketID   int64
	MessageID  int64
	Kind       string
	Attempts   int
	FirstTryAt *time.Time // nil: a restored letter of which we know no attempt
	CreatedAt  time.Time
	Overtaken  Why
	Twice      bool
	MadeID     *int64 `db:"-"` // of the Lease
}

const triedColumns = `id, ticket_id, message_id, kind, attempts, first_try_at, created_at, overtaken, twice`

func settle(ctx context.Context, tx *pg.Tx, x tried, a Answers) (Settled, error) {
	over := x.FirstTryAt != nil && tx.Now.Sub(*x.FirstTryAt) >= GiveUpAfter
	tally, err := writeAnswers(ctx, tx, x.ID, a, over)
	if err != nil {
		return Settled{}, err
	}
	s := Settled{ID: x.ID, State: tally.state(over), TicketID: x.TicketID, MessageID: x.MessageID, Kind: x.Kind, Clicked: x.CreatedAt}
	if s.State == Queued && x.Overtaken != "" && tally.Accepted == 0 {
		s.State = Cancelled
		if x.Twice {
			s.State = Uncertain
		}
	}
	if s.State == Failed || s.State == Sent && tally.Refused > 0 {
		if s.Refused, err = refused(ctx, tx, x.ID); err != nil {
			return Settled{}, err
		}
	}
	s.Copy, err = writeEnd(ctx, tx, a, s, x, tally)
	return s, err
}

// wantsCopy is when a copy shall lie in the Sent folder.
const wantsCopy = `m.sent_mode <> 'none' AND sent_copy = 'none'`

// tally counts the recipients of a letter by verdict.
type tally struct{ Open, Accepted, Refused int }

func (t tally) state(over bool) State {
	switch {
	case t.Open > 0 && !over:
		return Queued
	case t.Accepted > 0:
		return Sent
	}
	return Failed
}

// writeAnswers stores the answers and counts. When the time is over, those still open are refused with the last words about them.
func writeAnswers(ctx context.Context, tx *pg.Tx, id int64, a Answers, over bool) (tally, error) {
	n := len(a.To)
	address, verdict, code, text := make([]string, n), make([]string, n), make([]int, n), make([]string, n)
	for i, t := range a.To {
		address[i], verdict[i], code[i], text[i] = t.Address, string(t.Verdict), t.Code, t.Text
	}
	// The counting reads the rows as they were and the answers over them: one statement does not see its own writes.
	t, err := pg.One[tally](ctx, tx, `
		WITH answer AS (
			SELECT r.address, COALESCE(a.verdict, r.state) AS state, COALESCE(a.code, r.code) AS code, COALESCE(a.text, r.text) AS text,
				r.state AS old
			FROM outbox_recipient r
			LEFT JOIN unnest(@address::text[], @verdict::text[], @code::int[], @text::text[]) AS a (address, verdict, code, text)
				ON a.address = r.address AND r.state IN ('pending', 'deferred')
			WHERE r.outbox_id = @id),
		final AS (
			SELECT address, code, text, old, CASE WHEN @over AND state IN ('pending', 'deferred') THEN 'refused' ELSE state END AS state FROM answer),
		written AS (
			UPDATE outbox_recipient r SET state = f.state, code = f.code, text = COALESCE(NULLIF(f.text, ''), CASE WHEN f.state = 'refused' THEN @last ELSE '' END), at = @now
			FROM final f WHERE r.outbox_id = @id AND r.address = f.address AND f.old IN ('pending', 'deferred'))
		SELECT count(*) FILTER (WHERE state IN ('pending', 'deferred')) AS open, count(*) FILTER (WHERE state = 'accepted') AS accepted,
			count(*) FILTER (WHERE state = 'refused') AS refused
		FROM final`,
		pgx.NamedArgs{"id": id, "address": address, "verdict": verdict, "code": code, "text": text, "over": over, "last": a.Text, "now": tx.Now})
	if err != nil {
		return t, fmt.Errorf("write the answers to letter %d: %w", id, err)
	}
	return t, nil
}

func refused(ctx context.Context, tx *pg.Tx, id int64) ([]Answer, error) {
	out, err := pg.List[Answer](ctx, tx, `
		SELECT address, state AS verdict, code, text FROM outbox_recipient WHERE outbox_id = $1 AND state = 'refused' ORDER BY position`, id)
	if err != nil {
		return nil, fmt.Errorf("read who refused letter %d: %w", id, err)
	}
	return out, nil
}

func writeEnd(ctx context.Context, tx *pg.Tx, a Answers, s Settled, x tried, t tally) (copied bool, err error) {
	trouble := s.State == Failed || s.State == Uncertain || s.State == Sent && t.Refused > 0
	copied, err = pg.One[bool](ctx, tx, `
		UPDATE outbox SET state = @state, lease = NULL, lease_until = NULL, resolve_at = NULL, code = @code, text = @text, partly = @partly,
			raw_blob_id = COALESCE(raw_blob_id, @made), send_after = CASE WHEN @state = 'queued' THEN @again ELSE send_after END,
			settled_at = CASE WHEN @state = 'queued' THEN NULL ELSE @now::timestamptz END,
			trouble = @trouble, trouble_at = CASE WHEN @trouble THEN @now::timestamptz END,
			sent_copy = CASE WHEN @state = 'sent' AND `+wantsCopy+` THEN 'pending' ELSE sent_copy END,
			copy_after = CASE WHEN @state = 'sent' AND `+wantsCopy+` THEN @now ELSE copy_after END
		FROM mailbox m WHERE outbox.id = @id AND m.id = outbox.mailbox_id
		RETURNING sent_copy = 'pending'`,
		pgx.NamedArgs{"id": s.ID, "state": string(s.State), "code": a.Code, "text": a.Text, "partly": t.Accepted > 0, "now": tx.Now,
			"again": tx.Now.Add(a.pause(x.Attempts)), "trouble": trouble, "made": x.MadeID})
	if err != nil {
		return false, fmt.Errorf("settle letter %d: %w", s.ID, err)
	}
	return copied, nil
}

// pause after the n-th attempt: the first one's where it served somebody, for some servers take so many at a time.
func (a Answers) pause(n int) time.Duration {
	if slices.ContainsFunc(a.To, func(t Answer) bool { return t.Verdict == Accepted }) {
		n = 1
	}
	return pauses[min(max(n, 1), len(pauses))-1]
}
