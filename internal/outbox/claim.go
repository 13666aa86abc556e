package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/internal/pg"
)

// MaxClaim is how many letters one commit leases.
const MaxClaim = 20

// LeaseFor is how long a lease lasts without a heartbeat, HeartbeatEvery how often it is extended.
//
// It may be short: before the dot a lost lease is harmless, because MarkDots refuses the loser, and after it the truth may still come late
// (see Answered). So the letters of a process that was killed move on in two minutes, not in the twenty of RELIABILITY, section 3.
const (
	LeaseFor       = 2 * time.Minute
	HeartbeatEvery = 30 * time.Second
)

// ErrLost says that the lease ran out and somebody else may hold the letter. Whoever gets it does nothing more with that letter.
var ErrLost = errors.New("the lease of the letter was lost")

// Token is the proof of a lease, new for each batch.
type Token = [16]byte

func newToken() (t Token) {
	_, _ = rand.Read(t[:]) // never fails
	return t
}

// Lease is a letter taken for sending. Every later write carries Token, so that of two processes only one counts.
type Lease struct {
	ID        int64
	Token     Token
	TicketID  int64
	MessageID int64
	MailboxID int64
	Kind      string
	RFCID     string
	RawBlobID *int64 // the bytes that left before; nil before the first attempt
	Attempts  int    // this one included
	Twice     bool
	To        []string  // addresses still to be served, in order
	ClaimedAt time.Time `db:"-"` // by the database; the Date of a letter made now
	MadeID    *int64    `db:"-"` // the blob of the bytes made now, when RawBlobID is nil
}

// Claim leases up to n (at most MaxClaim) due letters of a mailbox, those due longest first, for lease. It skips what another process is
// just taking. None come while the mailbox's server is given a rest (see ServerFailed).
func Claim(ctx context.Context, tx *pg.Tx, mailboxID int64, n int, lease time.Duration) ([]Lease, error) {
	out, err := pg.List[Lease](ctx, tx, `
		WITH due AS (
			SELECT id FROM outbox
			WHERE mailbox_id = $1 AND state = 'queued' AND send_after <= $3
				AND NOT EXISTS (SELECT FROM outbox_server WHERE mailbox_id = $1 AND retry_at > $3)
			ORDER BY send_after, id LIMIT $2
			FOR UPDATE SKIP LOCKED),
		taken AS (
			UPDATE outbox SET state = 'leased', lease = $4, lease_until = $5, attempts = attempts + 1, first_try_at = COALESCE(first_try_at, $3)
			FROM due WHERE outbox.id = due.id
			RETURNING outbox.*)
		SELECT id, lease AS token, ticket_id, message_id, mailbox_id, kind, rfc_id, raw_blob_id, attempts, twice,
			ARRAY(SELECT address FROM outbox_recipient WHERE outbox_id = id AND state IN ('pending', 'deferred') ORDER BY position) AS "to"
		FROM taken ORDER BY send_after, id`,
		mailboxID, min(n, MaxClaim), tx.Now, newToken(), tx.Now.Add(lease))
	if err != nil {
		return nil, fmt.Errorf("claim letters of mailbox %d: %w", mailboxID, err)
	}
	for i := range out {
		out[i].ClaimedAt = tx.Now
	}
	return out, nil
}

// Extend is the heartbeat of a batch.
func Extend(ctx context.Context, tx *pg.Tx, token Token, ids []int64, lease time.Duration) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE outbox SET lease_until = $3 WHERE id = ANY($2) AND lease = $1 AND state IN ('leased', 'dot')`, token, ids, tx.Now.Add(lease))
	if err != nil {
		return fmt.Errorf("extend the leases: %w", err)
	}
	return nil
}

// MarkDots notes that the outcome of these letters may become unknown from now on, which bytes they were, for another attempt to send the same, and
// what the server said about their recipients so far: whom it refused or deferred does not share that outcome. It is committed before their final
// dots leave; to mark one again does no harm. held becomes the ids of those whose lease still holds, with the commit; the dots of the others must not leave.
func MarkDots(tx *pg.Tx, list []End, held *[]int64) {
	ids, tokens, blobs := make([]int64, len(list)), make([]Token, len(list)), make([]*int64, len(list))
	for i, l := range list {
		ids[i], tokens[i], blobs[i] = l.ID, l.Token, l.MadeID
	}
	// The states are an argument, so that the one plan goes by the key: the index of leases is full of those that have just ended.
	pg.LaterAsk(tx, held, `
		UPDATE outbox SET state = 'dot', raw_blob_id = COALESCE(raw_blob_id, ($4::bigint[])[array_position($1, id)])
		WHERE id = ANY($1::bigint[]) AND lease = ($2::uuid[])[array_position($1, id)] AND state = ANY($3) RETURNING id`, ids, tokens, []string{"leased", "dot"}, blobs)
	keepRefusals(tx, list)
}

// keepRefusals writes who will not have a letter although its dot leaves, if it does. Those who may are pending, also when an earlier attempt had
// deferred them.
func keepRefusals(tx *pg.Tx, list []End) {
	var letters, codes []int64
	var tokens []Token
	var addresses, verdicts, words []string
	var at []time.Time // of the claim: the transaction does not know its time
	for _, e := range list {
		if e.AsExpected() {
			continue // they are pending already
		}
		for _, t := range e.Answers.To {
			if t.Verdict == Accepted {
				t = Answer{Address: t.Address, Verdict: Pending}
			}
			letters, tokens, addresses, verdicts = append(letters, e.ID), append(tokens, e.Token), append(addresses, t.Address), append(verdicts, string(t.Verdict))
			codes, words = append(codes, int64(t.Code)), append(words, t.Text)
			at = append(at, e.ClaimedAt)
		}
	}
	if len(letters) == 0 {
		return
	}
	pg.Later(tx, `
		UPDATE outbox_recipient r SET state = x.state, code = x.code, text = x.text, at = x.at
		FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[], $7::timestamptz[]) AS x (id, lease, address, state, code, text, at)
		JOIN outbox o ON o.id = x.id AND o.lease = x.lease AND o.state = 'dot'
		WHERE r.outbox_id = x.id AND r.address = x.address AND r.state IN ('pending', 'deferred')`, letters, tokens, addresses, verdicts, codes, words, at)
}

// AsExpected tells that nobody was refused or put off, now or by an earlier attempt.
func (e End) AsExpected() bool {
	return e.RawBlobID == nil && !slices.ContainsFunc(e.Answers.To, func(t Answer) bool { return t.Verdict != Accepted })
}

func (l Lease) held(touched int64, err error, deed string) error {
	switch {
	case err != nil:
		return fmt.Errorf("%s letter %d: %w", deed, l.ID, err)
	case touched == 0:
		return fmt.Errorf("%s letter %d: %w", deed, l.ID, ErrLost)
	}
	return nil
}

// Release gives back letters that were claimed and whose dot did not leave, as if they never had been. Their row may say that it was about to. It
// answers with those that were overtaken: the cancelled, and those an earlier copy leaves in doubt.
func Release(ctx context.Context, tx *pg.Tx, token Token, ids []int64) (cancelled []int64, doubts []Expired, err error) {
	list, err := pg.List[ended](ctx, tx, `
		WITH released AS (
			UPDATE outbox SET attempts = attempts - 1, `+back+` WHERE id = ANY($3) AND lease = $2 AND state IN ('leased', 'dot')
			RETURNING `+endedColumns+`)
		SELECT `+endedColumns+` FROM released ORDER BY id`, tx.Now, token, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("give letters back: %w", err)
	}
	cancelled, doubts = byEnd(list)
	return cancelled, doubts, nil
}

// Due is a mailbox with letters waiting, and when the first of them may leave.
type Due struct {
	MailboxID int64
	At        time.Time
}

// WhenDue lists the mailboxes with queued letters and the time of their first, not before their server is tried again.
func WhenDue(ctx context.Context, r pg.Reader) ([]Due, error) {
	return pg.List[Due](ctx, r, `
		SELECT m.id AS mailbox_id, GREATEST(first.at, s.retry_at) AS at
		FROM mailbox m
		CROSS JOIN LATERAL (SELECT send_after AS at FROM outbox WHERE mailbox_id = m.id AND state = 'queued' ORDER BY send_after, id LIMIT 1) first
		LEFT JOIN outbox_server s ON s.mailbox_id = m.id`)
}

// Expired is a letter whose lease ran out behind the dot: nobody knows whether it was sent.
type Expired struct {
	ID        int64
	TicketID  int64
	MessageID int64
	Held      bool // a person must decide now; else we may still find out by ourselves
}

// ExpireLeases ends the leases nobody extends any more. Before the dot the letter simply waits again, or meets the end of Overtake if it was overtaken;
// those behind it are uncertain (at most 100 a call). The cancelled and the uncertain are returned. A letter whose ticket somebody holds is left for
// the next call.
func ExpireLeases(ctx context.Context, tx *pg.Tx) (cancelled []int64, doubts []Expired, err error) {
	gone, err := pg.List[ended](ctx, tx, `
		WITH gone AS (
			SELECT o.id AS held FROM outbox o JOIN ticket ON ticket.id = ticket_id WHERE state = 'leased' AND lease_until < $1 `+bothFree+`)
		UPDATE outbox SET `+back+` FROM gone WHERE id = held RETURNING `+endedColumns, tx.Now)
	if err != nil {
		return nil, nil, fmt.Errorf("end leases: %w", err)
	}
	cancelled, doubts = byEnd(gone)
	if len(gone) > len(cancelled)+len(doubts) {
		ringAt(tx, tx.Now)
	}
	dots, err := expireDots(ctx, tx)
	return cancelled, append(doubts, dots...), err
}

// bothFree ends a SELECT of letters o and their tickets: it waits for neither, so it may take them in any order.
const bothFree = `FOR NO KEY UPDATE OF ticket SKIP LOCKED FOR UPDATE OF o SKIP LOCKED`

func expireDots(ctx context.Context, tx *pg.Tx) ([]Expired, error) {
	ids, err := pg.List[int64](ctx, tx, `
		SELECT o.id FROM outbox o JOIN ticket ON ticket.id = ticket_id WHERE state = 'dot' AND lease_until < $1 ORDER BY o.id LIMIT 100 `+bothFree, tx.Now)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return doubt(ctx, tx, ids, "")
}
