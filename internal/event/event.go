// Package event keeps what happened: one row for each save, written in the transaction of the change, and a ring for those who watch.
// History, system comments, notifications and change logs are readings of these rows; no prose is stored.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"frontdesk/internal/pg"
)

// Channel is the Postgres notification channel of all rings.
const Channel = "frontdesk"

// Subjects of events.
const (
	OfTicket   = "ticket"
	OfCustomer = "customer"
	OfMailbox  = "mailbox"
	OfAgent    = "agent"
	OfInbound  = "inbound"
	OfDesk     = "desk"
)

// Event is one thing that happened. Data is marshalled to JSON and read back by whoever makes its sentence.
type Event struct {
	ID          int64 // of Reserve; 0: the next one
	SubjectKind string
	SubjectID   int64
	Kind        Kind
	ByAgent     int64 // 0: the system
	ByRule      int64
	MessageID   int64 // the message it came with
	Cause       int64
	Data        Data
}

// Data are the facts of an event; each kind uses those its comment in kind.go names.
type Data struct {
	Changes    []Change    `json:"changes,omitempty"`
	Outbox     int64       `json:"outbox,omitempty"`
	Other      int64       `json:"other,omitempty"` // number of another ticket
	Inbound    int64       `json:"inbound,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Source     string      `json:"source,omitempty"`
	Mailbox    string      `json:"mailbox,omitempty"`
	Code       int         `json:"code,omitempty"`
	Text       string      `json:"text,omitempty"`
	Recipients []Recipient `json:"recipients,omitempty"`
	Name       string      `json:"name,omitempty"`
	Tickets    []int64     `json:"tickets,omitempty"`
	Tally      *Tally      `json:"tally,omitempty"`
	Undoes     int64       `json:"undoes,omitempty"` // the deed that this takes back
}

// Tally is what became of the tickets of one deed to many, and of their letters.
type Tally struct {
	Done     int `json:"done"`
	Same     int `json:"same,omitempty"`      // were so already
	Missing  int `json:"missing,omitempty"`   // do not exist, or may not be seen
	Closed   int `json:"closed,omitempty"`    // closed since they were chosen, left as they were
	Merged   int `json:"merged,omitempty"`    // merged into another, left as they were
	Full     int `json:"full,omitempty"`      // have as many tags as a ticket may have, left as they were
	NoAccess int `json:"no_access,omitempty"` // the chosen person may not see their queue, left as they were
	Changed  int `json:"changed,omitempty"`   // changed by somebody else since, left as they are

	Kept    int `json:"kept,omitempty"`    // letters that do not leave because their ticket was deleted
	Waiting int `json:"waiting,omitempty"` // letters that wait again, as it was taken back
}

// Letters counts what became of letters too.
func (t *Tally) Letters(also *Tally) {
	if also != nil {
		t.Kept += also.Kept
		t.Waiting += also.Waiting
	}
}

// Change is one field with its old and new value: the ids, and the names of that time ("" when there was none). A name of a shipped row
// is its key with a leading colon (":waiting"), shown in the reader's language.
type Change struct {
	Field   string `json:"field"` // status, queue, assignee, priority, category, subject, tag (one each: New 0 = taken off), until (unix seconds) ...
	Old     int64  `json:"old,omitempty"`
	New     int64  `json:"new,omitempty"`
	OldName string `json:"old_name"`
	NewName string `json:"new_name"`

	// Of a status, what the old one had beside it and lost: when it was closed, and which status it was to come back to.
	ClosedAt *time.Time `json:"closed_at,omitempty"`
	WakesTo  *int64     `json:"wakes_to,omitempty"`
}

// Recipient is one address of a letter and what became of it.
type Recipient struct {
	Address string `json:"address"`
	Status  string `json:"status,omitempty"` // enhanced status, e.g. 5.1.1
	Code    int    `json:"code,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Row is an event as it is read back.
type Row struct {
	ID        int64
	At        time.Time
	ByAgent   *int64
	ByRule    *int64
	Kind      Kind
	Data      Data
	MessageID *int64
}

// Record writes the event and rings its subject, both with the commit of tx: tx itself cannot read it back.
func Record(tx *pg.Tx, e Event) error {
	data, err := json.Marshal(e.Data)
	if err != nil {
		return fmt.Errorf("record %s: %w", e.Kind, err)
	}
	pg.Later(tx, `
		WITH new AS (
			INSERT INTO event (id, at, by_agent, by_rule, subject_kind, subject_id, kind, data, message_id, cause)
			OVERRIDING SYSTEM VALUE
			VALUES (COALESCE(NULLIF($12::bigint, 0), nextval('event_id_seq')), $1, NULLIF($2::bigint, 0), NULLIF($3::bigint, 0), $4, $5, $6, $7,
				NULLIF($8::bigint, 0), NULLIF($9::bigint, 0)))
		SELECT pg_notify($10, $11)`,
		tx.Now, e.ByAgent, e.ByRule, e.SubjectKind, e.SubjectID, string(e.Kind), data, e.MessageID, e.Cause, Channel, ringKey(e.SubjectKind, e.SubjectID), e.ID)
	return nil
}

// Reserve draws the id of an event that is recorded later, so that others can name it as their cause before.
func Reserve(ctx context.Context, tx *pg.Tx) (int64, error) {
	return pg.One[int64](ctx, tx, `SELECT nextval('event_id_seq')`)
}

// Forget removes all events of a subject that is purged.
func Forget(ctx context.Context, tx *pg.Tx, subjectKind string, ids []int64) error {
	if _, err := pg.Exec(ctx, tx, `DELETE FROM event WHERE subject_kind = $1 AND subject_id = ANY($2)`, subjectKind, ids); err != nil {
		return fmt.Errorf("forget events: %w", err)
	}
	return nil
}

// Ring tells the watchers of a key ("t:100001", "o:" for the outbox) that they should look again, when tx commits. Equal keys in one
// transaction ring once.
func Ring(tx *pg.Tx, key string) { pg.Later(tx, `SELECT pg_notify($1, $2)`, Channel, key) }

// TicketKey is the ring of one ticket.
func TicketKey(id int64) string { return ringKey(OfTicket, id) }

// MailboxKey is the ring of a mailbox that somebody dealt with: its server is asked again at once.
func MailboxKey(id int64) string { return ringKey(OfMailbox, id) }

// QueueKey is the ring of a queue that a ticket left.
func QueueKey(id int64) string { return "q:" + strconv.FormatInt(id, 10) }

func ringKey(kind string, id int64) string { return kind[:1] + ":" + strconv.FormatInt(id, 10) }
