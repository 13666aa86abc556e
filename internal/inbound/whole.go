package inbound

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// WholeLimit is the largest mail that is fetched whole on request, in bytes (DECISIONS, Sizes).
const WholeLimit = 500_000_000

// WholeRing begins the ring that tells the holder of a mailbox that somebody wants a mail whole; the mailbox's number follows.
const WholeRing = "f:"

// What is hindering a mail from being fetched whole: a closed list, each with a sentence in the catalogues (whole.reason_…). The first three
// pass, the mail is tried again; the others last.
const (
	WholeServer      = "server"      // the mail server cannot be reached, or refused for the moment
	WholeCredentials = "credentials" // it refuses the mailbox's password
	WholeHere        = "here"        // our own disk or database
	WholeGone        = "gone"        // it is not in its folder any more
	WholeChanged     = "changed"     // under its number lies a mail of another size or date
	WholeRenumbered  = "renumbered"  // the server numbered its mails anew, and it could not be told among them
	WholeDiffers     = "differs"     // the server hands out more than it announces
	WholeGaveUp      = "gave_up"     // nothing came of it for three days
)

// giveUpAfter is how long a wish is tried.
const giveUpAfter = 72 * time.Hour

// AskWhole notes that by wants the whole of a mail of which only the header was taken, and rings for the holder of its mailbox. Asking again
// changes nothing while the mail is under way or here; a wish that rests is tried at once, one that failed anew. fault.NotFound when by may not
// see the message, or when there is nothing to fetch.
func AskWhole(ctx context.Context, tx *pg.Tx, by agent.Agent, messageID int64) (ticketID int64, err error) {
	m, err := pg.One[struct {
		TicketID, QueueID, InboundID, MailboxID int64
		Fetchable                               bool
	}](ctx, tx, `
		SELECT ticket.id AS ticket_id, ticket.queue_id, i.id AS inbound_id, i.mailbox_id, i.flags @> ARRAY[$2] AND i.size <= $3 AS fetchable
		FROM message m JOIN ticket ON ticket.id = m.ticket_id JOIN inbound i ON i.id = m.inbound_id
		WHERE m.id = $1 AND ticket.deleted_at IS NULL`, messageID, Oversize, int64(WholeLimit))
	switch {
	case err == nil && !(by.Can(agent.TicketRead) && by.Sees(m.QueueID) && m.Fetchable):
		err = fault.NotFound
	case err == nil && !by.Can(agent.TicketWrite):
		err = fault.Forbidden
	}
	if err != nil {
		return 0, fmt.Errorf("ask for the whole of message %d: %w", messageID, err)
	}
	n, err := pg.Exec(ctx, tx, `
		INSERT INTO inbound_whole AS w (inbound_id, asked_at, try_at) VALUES ($1, $2, $2)
		ON CONFLICT (inbound_id) DO UPDATE SET state = 'waiting', reason = '', error = '', asked_at = $2, try_at = $2, attempts = 0, settled_at = NULL
		WHERE w.state = 'failed' OR w.state = 'waiting' AND w.try_at > $2`, m.InboundID, tx.Now)
	if err != nil || n == 0 {
		return m.TicketID, wrap(err, "ask for the whole of message %d", messageID)
	}
	event.Ring(tx, WholeRing+strconv.FormatInt(m.MailboxID, 10))
	err = event.Record(tx, event.Event{
		SubjectKind: event.OfTicket, SubjectID: m.TicketID, Kind: event.WholeAsked, ByAgent: by.ID, MessageID: messageID, Data: event.Data{Inbound: m.InboundID},
	})
	return m.TicketID, err
}

// Whole is a mail that is being fetched, and where it was when its header came.
type Whole struct {
	InboundID    int64
	Folder       string
	UIDValidity  int64 `db:"uidvalidity"`
	UID          int64 `db:"uid"`
	Size         int64
	InternalDate time.Time
	RFCID        string `db:"rfc_id"`
	AskedAt      time.Time
	Attempts     int
	Claim        int64
}

// ClaimWhole takes the next mail of a mailbox that is wanted whole; fault.NotFound when there is none. It is for the one holder of the mailbox:
// what it finds under way was left by a holder that died, and comes again after a rest that grows, should the mail be what kills. While the
// mailbox is in trouble nothing is taken.
func ClaimWhole(ctx context.Context, tx *pg.Tx, mailboxID int64) (Whole, error) {
	w, err := pg.One[Whole](ctx, tx, `
		UPDATE inbound_whole w SET state = 'fetching', reason = '', error = '', got = 0, claim = $3, attempts = w.attempts + 1,
			try_at = $2 + interval '5 seconds' * 2 ^ least(w.attempts, 9)
		FROM inbound i WHERE i.id = w.inbound_id AND w.inbound_id = (
			SELECT o.inbound_id FROM inbound_whole o JOIN inbound x ON x.id = o.inbound_id JOIN mailbox b ON b.id = x.mailbox_id
			WHERE o.state IN ('waiting', 'fetching') AND o.try_at <= $2 AND b.id = $1 AND COALESCE(b.retry_at <= $2, true)
			ORDER BY o.try_at, o.inbound_id LIMIT 1 FOR UPDATE OF o SKIP LOCKED)
		RETURNING w.inbound_id, i.folder, i.uidvalidity, i.uid, i.size, i.internaldate AS internal_date, i.rfc_id, w.asked_at, w.attempts, w.claim`,
		mailboxID, tx.Now, rand.Int64())
	if err != nil {
		return w, wrap(err, "look for mail that is wanted whole")
	}
	return w, w.ring(ctx, tx)
}

// WholeComing notes how many bytes are here. ErrTaken when the attempt is not ours any more.
func WholeComing(ctx context.Context, tx *pg.Tx, w Whole, got int64) error {
	if err := w.set(ctx, tx, `UPDATE inbound_whole SET got = $3 WHERE inbound_id = $1 AND claim = $2 AND state = 'fetching'`, got); err != nil {
		return err
	}
	return w.ring(ctx, tx)
}

// WholeFetched keeps the bytes: from now on they are the source of the message. What was read from the header stays as it is.
func WholeFetched(ctx context.Context, tx *pg.Tx, w Whole, raw *blob.Spooled) error {
	id, err := blob.Put(ctx, tx, raw) // first, for it takes a while and the row need not be locked
	if err != nil {
		return wrap(err, "keep the whole of mail %d", w.InboundID)
	}
	err = w.set(ctx, tx, `
		UPDATE inbound_whole SET state = 'fetched', got = $3, blob_id = $4, settled_at = $5 WHERE inbound_id = $1 AND claim = $2 AND state = 'fetching'`,
		raw.Size, id, tx.Now)
	if err != nil {
		return err
	}
	return w.record(ctx, tx, event.WholeFetched, "")
}

// WholeFailed ends the wish for a reason that lasts.
func WholeFailed(ctx context.Context, tx *pg.Tx, w Whole, reason, why string) error {
	err := w.set(ctx, tx, `
		UPDATE inbound_whole SET state = 'failed', reason = $3, error = $4, settled_at = $5 WHERE inbound_id = $1 AND claim = $2 AND state = 'fetching'`,
		reason, why, tx.Now)
	if err != nil {
		return err
	}
	return w.record(ctx, tx, event.WholeFailed, reason)
}

// WholeLater lets the mail rest for a reason that passes; after three days of that it fails.
func WholeLater(ctx context.Context, tx *pg.Tx, w Whole, pause time.Duration, reason, why string) error {
	if tx.Now.Add(pause).Sub(w.AskedAt) > giveUpAfter {
		return WholeFailed(ctx, tx, w, WholeGaveUp, why)
	}
	err := w.set(ctx, tx, `
		UPDATE inbound_whole SET state = 'waiting', reason = $3, error = $4, try_at = $5 WHERE inbound_id = $1 AND claim = $2 AND state = 'fetching'`,
		reason, why, tx.Now.Add(pause))
	if err != nil {
		return err
	}
	return w.ring(ctx, tx)
}

// WholeGivenBack ends an attempt because we were asked to stop: it does not count.
func WholeGivenBack(ctx context.Context, tx *pg.Tx, w Whole) error {
	err := w.set(ctx, tx, `
		UPDATE inbound_whole SET state = 'waiting', attempts = attempts - 1, try_at = $3 WHERE inbound_id = $1 AND claim = $2 AND state = 'fetching'`, tx.Now)
	if err != nil {
		return err
	}
	return w.ring(ctx, tx)
}

// set changes the row of the attempt; its first two arguments are the mail and the claim.
func (w Whole) set(ctx context.Context, tx *pg.Tx, update string, args ...any) error {
	n, err := pg.Exec(ctx, tx, update, append([]any{w.InboundID, w.Claim}, args...)...)
	if err == nil && n == 0 {
		return ErrTaken
	}
	return wrap(err, "note how the fetching of mail %d goes", w.InboundID)
}

// place is the message of the mail, wherever its ticket went meanwhile; zero when it was purged.
func (w Whole) place(ctx context.Context, tx *pg.Tx) (at struct{ TicketID, ID int64 }, err error) {
	at, err = pg.One[struct{ TicketID, ID int64 }](ctx, tx, `
		SELECT ticket_id, id FROM message WHERE inbound_id = $1 ORDER BY id LIMIT 1`, w.InboundID)
	if errors.Is(err, fault.NotFound) {
		err = nil
	}
	return at, wrap(err, "find the message of mail %d", w.InboundID)
}

func (w Whole) ring(ctx context.Context, tx *pg.Tx) error {
	at, err := w.place(ctx, tx)
	if err != nil || at.TicketID == 0 {
		return err
	}
	event.Ring(tx, event.TicketKey(at.TicketID))
	return nil
}

func (w Whole) record(ctx context.Context, tx *pg.Tx, kind event.Kind, reason string) error {
	at, err := w.place(ctx, tx)
	if err != nil || at.TicketID == 0 {
		return err
	}
	return event.Record(tx, event.Event{
		SubjectKind: event.OfTicket, SubjectID: at.TicketID, Kind: kind, MessageID: at.ID, Data: event.Data{Inbound: w.InboundID, Reason: reason},
	})
}
