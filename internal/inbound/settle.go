package inbound

import (
	"context"
	"time"

	"frontdesk/internal/pg"
)

// State is where a ledger row ends. pending is the beginning.
type State string

// All states (DECISIONS, Ledger).
const (
	Pending     State = "pending"
	Ticket      State = "ticket"      // opened a ticket
	Reply       State = "reply"       // joined one
	Bounce      State = "bounce"      // a delivery report, matched or not
	Ignored     State = "ignored"     // reason set
	Duplicate   State = "duplicate"   // dup_of set, never parsed
	Quarantined State = "quarantined" // could not be processed; a person decides
	Removed     State = "removed"     // discarded, or its ticket was deleted
)

// Reasons a row carries: a closed list, each with a sentence in the catalogues (quarantine.reason_…).
const (
	OurOwn       = "our_own"   // ignored: our own letter came back
	SameMail     = "same_mail" // ignored: its ticket got it through another mailbox already
	ParseCrashed = "crashed"   // quarantined: the parser died of it, also of its memory, three times
	ParseTimeout = "timeout"   // quarantined: the parser did not end within its time, three times
	Refused      = "refused"   // quarantined: the database refused what was made of it
	Discarded    = "discarded" // removed: a person threw it away

	TicketDeleted = "ticket_deleted" // removed: its ticket was purged
)

// Outcome is what became of a mail.
type Outcome struct {
	State     State
	Reason    string
	TicketID  int64 // ticket, reply, matched bounce
	MessageID int64
	Flags     []string // found while parsing, on top of those it had
}

// Settle ends a claim with the commit of the transaction that did the work and holds the row (AskHold), so that both happen or neither.
func Settle(tx *pg.Tx, r Row, o Outcome) {
	pg.Later(tx, `
		UPDATE inbound SET state = $3, reason = $4, ticket_id = NULLIF($5::bigint, 0), message_id = NULLIF($6::bigint, 0),
			flags = ARRAY(SELECT DISTINCT unnest(flags || $7::text[])), error = '', claimed_by = 0, settled_at = $8
		WHERE id = $1 AND state = 'pending' AND claimed_by = $2 AND attempts = $9`,
		r.ID, r.ClaimedBy, string(o.State), o.Reason, o.TicketID, o.MessageID, orEmpty(o.Flags), tx.Now, r.Attempts)
}

// Failure is why a mail could not be processed.
type Failure struct {
	Reason       string // of the closed list
	Error        string // for the person who looks into it
	SeemsFrom    string // what the header seems to say
	SeemsSubject string
}

// Quarantine ends a claim by a failure of the message itself: the raw source stays, a person decides. Everything else goes on.
func Quarantine(ctx context.Context, tx *pg.Tx, r Row, f Failure) error {
	n, err := pg.Exec(ctx, tx, `
		UPDATE inbound SET state = 'quarantined', reason = $3, error = $4, seems_from = $5, seems_subject = $6, claimed_by = 0, settled_at = $7
		WHERE id = $1 AND state = 'pending' AND claimed_by = $2 AND attempts = $8`,
		r.ID, r.ClaimedBy, f.Reason, f.Error, f.SeemsFrom, f.SeemsSubject, tx.Now, r.Attempts)
	if err == nil && n == 0 {
		return ErrTaken
	}
	return wrap(err, "quarantine mail %d", r.ID)
}

// GiveBack ends a claim by a failure of the surroundings: connection, disk, shutdown. The attempt does not count.
func GiveBack(ctx context.Context, tx *pg.Tx, r Row, after time.Duration, reason string) error {
	return again(ctx, tx, r, after, reason, 1)
}

// TryAgain ends a claim by a crash or time-out that may have been the machine's fault: the attempt counts, the mail comes again later.
func TryAgain(ctx context.Context, tx *pg.Tx, r Row, after time.Duration, reason string) error {
	return again(ctx, tx, r, after, reason, 0)
}

func again(ctx context.Context, tx *pg.Tx, r Row, after time.Duration, reason string, back int) error {
	n, err := pg.Exec(ctx, tx, `
		UPDATE inbound SET attempts = attempts - $3, claimed_by = 0, try_at = $4, error = $5
		WHERE id = $1 AND state = 'pending' AND claimed_by = $2 AND attempts = $6`,
		r.ID, r.ClaimedBy, back, tx.Now.Add(after), reason, r.Attempts)
	if err == nil && n == 0 {
		return ErrTaken
	}
	return wrap(err, "give mail %d back", r.ID)
}
