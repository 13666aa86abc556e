package inbound

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Entry is a quarantined mail as the page shows it.
type Entry struct {
	ID           int64
	Mailbox      string
	Reason       string // of the closed list
	Error        string
	SeemsFrom    string
	SeemsSubject string
	Size         int64
	InternalDate time.Time
	SettledAt    time.Time
	Attempts     int
}

const entryColumns = `
	SELECT i.id, m.name AS mailbox, i.reason, i.error, i.seems_from, i.seems_subject, i.size, i.internaldate AS internal_date,
		COALESCE(i.settled_at, i.stored_at) AS settled_at, i.attempts
	FROM inbound i JOIN mailbox m ON m.id = i.mailbox_id
	WHERE i.state = 'quarantined'`

// List is the newest quarantined mails; what is decided makes room for older.
func List(ctx context.Context, r pg.Reader, limit int) ([]Entry, error) {
	list, err := pg.List[Entry](ctx, r, entryColumns+` ORDER BY i.id DESC LIMIT $1`, limit)
	return list, wrap(err, "list the quarantine")
}

// EntryOf reads one quarantined mail.
func EntryOf(ctx context.Context, r pg.Reader, id int64) (Entry, error) {
	e, err := pg.One[Entry](ctx, r, entryColumns+` AND i.id = $1`, id)
	return e, wrap(decided(ctx, r, id, err), "quarantined mail %d", id)
}

// ErrDecided is a fault.NotFound of a mail that is in quarantine no longer: a person has decided, perhaps in another window.
var ErrDecided = fmt.Errorf("decided already: %w", fault.NotFound)

// decided tells, of a mail that was not found in quarantine, whether there is such a mail.
func decided(ctx context.Context, r pg.Reader, id int64, err error) error {
	if !errors.Is(err, fault.NotFound) {
		return err
	}
	there, asked := pg.One[bool](ctx, r, `SELECT EXISTS (SELECT FROM inbound WHERE id = $1)`, id)
	switch {
	case asked != nil:
		return asked
	case there:
		return ErrDecided
	}
	return err
}

// Retry hands a quarantined mail to the workers again.
func Retry(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	return release(ctx, tx, by, id, "retry", `
		UPDATE inbound SET state = 'pending', reason = '', error = '', attempts = 0, try_at = $2, settled_at = NULL, settled_by = $3
		WHERE id = $1 AND state = 'quarantined' RETURNING id`)
}

// TakePlain makes a quarantined mail a ticket whose text is the source as it stands: nothing is parsed but what the header plainly says.
func TakePlain(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	return release(ctx, tx, by, id, "plain", `
		UPDATE inbound SET state = 'pending', reason = '', error = '', attempts = 0, try_at = $2, settled_at = NULL, settled_by = $3,
			flags = array_append(flags, 'plain')
		WHERE id = $1 AND state = 'quarantined' RETURNING id`)
}

// Discard removes a quarantined mail: the row stays, with who and when, and a later copy of the mail is new.
func Discard(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	return release(ctx, tx, by, id, "discard", `
		UPDATE inbound SET state = 'removed', reason = '`+Discarded+`', settled_at = $2, settled_by = $3
		WHERE id = $1 AND state = 'quarantined' RETURNING id`)
}

// RetryAll hands every quarantined mail to the workers again, for instance after an upgrade. It answers how many.
func RetryAll(ctx context.Context, tx *pg.Tx, by agent.Agent) (int, error) {
	if !by.Can(agent.QuarantineManage) {
		return 0, fmt.Errorf("retry the quarantine: %w", fault.Forbidden)
	}
	ids, err := pg.List[int64](ctx, tx, `SELECT id FROM inbound WHERE state = 'quarantined' ORDER BY id`)
	if err != nil {
		return 0, fmt.Errorf("retry the quarantine: %w", err)
	}
	for _, id := range ids {
		if err := Retry(ctx, tx, by, id); err != nil && !errors.Is(err, fault.NotFound) {
			return 0, err
		}
	}
	return len(ids), nil
}

// release changes one quarantined row by the will of a person and records it.
func release(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, deed, update string) error {
	if !by.Can(agent.QuarantineManage) {
		return fmt.Errorf("%s mail %d: %w", deed, id, fault.Forbidden)
	}
	if _, err := pg.One[int64](ctx, tx, update, id, tx.Now, by.ID); err != nil {
		return fmt.Errorf("%s mail %d: %w", deed, id, decided(ctx, tx, id, err))
	}
	return event.Record(tx, event.Event{
		SubjectKind: event.OfInbound, SubjectID: id, Kind: event.QuarantineDone, ByAgent: by.ID, Data: event.Data{Inbound: id, Reason: deed},
	})
}
