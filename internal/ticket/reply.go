package ticket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
	"frontdesk/internal/text"
)

// MaxText is the longest text of a reply or comment, in bytes.
const MaxText = 1 << 20

// MaxSchedule is how far ahead a letter may be scheduled (PRODUCT S2).
const MaxSchedule = 14 * 24 * time.Hour

// Reply is a letter to the customer as the form brings it.
type Reply struct {
	To, Cc         string // as typed
	Text           string
	Answers        int64 // the message it answers; 0: the newest of the customer
	Base           int64 // newest message that the form showed
	Change         Change
	Files, Dropped []int64       // of the draft: those that go along, and those that were shown and do not
	Delay          time.Duration // before it leaves; the time to change one's mind
	SendAt         time.Time     // instead of Delay: scheduled
	UnlessAnswered bool          // not sent when the customer writes first
	FormKey        string        // of the form: a second post is the first one
	IDKey          []byte        // signs the Message-ID
}

// Written is what a reply or comment became.
type Written struct {
	TicketID  int64
	MessageID int64
	OutboxID  int64 // 0 for a comment
}

// CreateReply writes the letter into the ticket and the outbox, with the changes of the same form, as one save (PRODUCT C4, S1 to S3). It is
// held back as a *fault.Conflict when the customer or a colleague wrote after the form was made (PRODUCT C7), or its author sent another letter.
func CreateReply(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, p Reply) (Written, error) {
	to, err := recipients(ctx, tx, p.To, p.Cc)
	var unsendable fault.Invalid // told when nothing else holds the letter back
	if err != nil && !errors.As(err, &unsendable) {
		return Written{}, err
	}
	r, done, err := begin(ctx, tx, by, id, form{DraftReply, p.FormKey, p.Text, p.Files, to})
	if done.MessageID != 0 || err != nil {
		return done, err
	}
	if newer, err := p.isOld(ctx, tx, by, r); newer || err != nil {
		return Written{}, cmp.Or(err, error(&fault.Conflict{Newer: true}))
	}
	leaves, err := p.leaves(tx.Now)
	if err != nil {
		return Written{}, err
	}
	body, err := sensibleText(p.Text)
	if err != nil {
		return Written{}, err
	}
	files, err := pick(ctx, tx, by, id, DraftReply, p.Files, p.Dropped)
	if err != nil {
		return Written{}, err
	}
	if err := unsendable.Or(); err != nil {
		return Written{}, err
	}
	changes, err := change(ctx, tx, by, &r, p.Change)
	if err != nil {
		return Written{}, err
	}
	box, err := sendingMailbox(ctx, tx, r)
	if err != nil {
		return Written{}, err
	}
	if err := fits(ctx, tx, id, len(body), files.sizes()); err != nil {
		return Written{}, err
	}
	w := Written{TicketID: id}
	_, domain, _ := strings.Cut(box.Address, "@")
	rfcID := mail.NewMessageID(p.IDKey, domain)
	if w.MessageID, err = insertReply(ctx, tx, by, r, p, box, body, rfcID, to, files.names()); err != nil {
		return Written{}, err
	}
	if err := join(ctx, tx, r.ID, to); err != nil {
		return Written{}, err
	}
	w.OutboxID, err = outbox.Put(ctx, tx, outbox.Letter{TicketID: id, MessageID: w.MessageID, MailboxID: box.ID, AgentID: by.ID, Kind: "reply",
		RFCID: rfcID, SendAfter: leaves, UnlessAnswered: p.UnlessAnswered, Recipients: to})
	if err != nil {
		return Written{}, err
	}
	return w, saved(ctx, tx, by, &r, w, event.Replied, p.Base, changes, files)
}

// isOld tells whether there is something that its form did not show: a message of the customer, a letter, also one its author sent from another place,
// or a comment of somebody else.
func (p Reply) isOld(ctx context.Context, tx *pg.Tx, by agent.Agent, r row) (bool, error) {
	if r.LastInID > p.Base {
		return true, nil
	}
	newer, err := pg.One[bool](ctx, tx, `
		SELECT EXISTS (SELECT FROM message WHERE ticket_id = $1 AND id > $2 AND cancelled_at IS NULL
			AND (kind <> 'in' AND author_id <> $3 OR kind = 'out' AND author_id = $3))`, r.ID, p.Base, by.ID)
	if err != nil {
		return false, fmt.Errorf("look for what is new: %w", err)
	}
	return newer, nil
}

// leaves is the moment the letter is due.
func (p Reply) leaves(now time.Time) (time.Time, error) {
	switch {
	case p.SendAt.IsZero():
		return now.Add(p.Delay), nil
	case p.SendAt.Before(now):
		return now, fault.Invalid{"send_at": fault.Because(text.RefusalSchedulePast)}
	case p.SendAt.After(now.Add(MaxSchedule)):
		return now, fault.Invalid{"send_at": fault.Because(text.RefusalScheduleFar)}
	}
	return p.SendAt.UTC(), nil
}

// sensibleText is the typed text with one kind of line end.
func sensibleText(s string) (string, error) {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	switch {
	case strings.TrimSpace(s) == "":
		return "", fault.Invalid{"text": fault.Because(text.RefusalTextEmpty)}
	case len(s) > MaxText:
		return "", fault.Invalid{"text": fault.Because(text.RefusalTextTooLong, "limit", "1 MB")}
	}
	return strings.TrimRight(s, " \t\n"), nil
}

// form is what a composer brings: its key is the same each time it is sent.
type form struct {
	kind, key, text string
	files           []int64
	to              []outbox.Recipient // none of a comment
}

// begin takes the ticket for what a form brings, or finds in it what the same form wrote already: a double click, the back button, a second try after
// a lost answer. That counts also where the first post moved the ticket to a queue that its author does not see. Files that came with it again go.
// With another text, recipients or files than the first time, its author has not seen that it was taken; that is a *fault.Conflict, as is a form that
// was written in another ticket.
func begin(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, f form) (r row, done Written, err error) {
	r, err = lock(ctx, tx, by, id)
	if f.key == "" || err != nil && !errors.Is(err, fault.NotFound) {
		return r, done, err
	}
	body, _ := sensibleText(f.text)
	list, failed := pg.List[struct {
		Written
		Same bool
	}](ctx, tx, `
		SELECT m.ticket_id, m.id AS message_id, COALESCE(o.id, 0) AS outbox_id, b.text = @text AND m.to_list = @to AND m.cc_list = @cc
			AND (SELECT count(*) FROM message_file WHERE message_id = m.id) = COALESCE(cardinality(@files::bigint[]), 0)
			AND NOT EXISTS (SELECT FROM draft_file d WHERE d.agent_id = @me AND d.id = ANY(@files)
				AND NOT EXISTS (SELECT FROM message_file f WHERE f.message_id = m.id AND f.name = d.name AND f.blob_id = d.blob_id)) AS same
		FROM message m JOIN message_body b ON b.message_id = m.id LEFT JOIN outbox o ON o.message_id = m.id WHERE m.author_id = @me AND m.form_key = @form`,
		named("me", by.ID, "form", f.key, "text", body, "to", written(f.to, "to"), "cc", written(f.to, "cc"), "files", f.files))
	if failed != nil {
		return r, done, fmt.Errorf("look for what the form wrote: %w", failed)
	}
	switch {
	case len(list) == 0:
	case list[0].TicketID == id && list[0].Same:
		return r, list[0].Written, dropFiles(ctx, tx, by.ID, id, f.kind, f.files)
	case err == nil:
		err = &fault.Conflict{Written: list[0].TicketID == id, Elsewhere: list[0].TicketID != id}
	}
	return r, done, err
}

// onceEach ends the INSERT of a message: while its ticket is held, the same form can only be written in another one, and then there is no row.
const onceEach = ` ON CONFLICT (author_id, form_key) WHERE form_key IS NOT NULL DO NOTHING`

// elsewhere is the error of a message that onceEach kept out.
func elsewhere(err error) error {
	if errors.Is(err, fault.NotFound) {
		return &fault.Conflict{Elsewhere: true}
	}
	return err
}

type sender struct {
	ID      int64
	Address string
	Name    string
}

// sendingMailbox is the one of the ticket's queue (PRODUCT S5), else the one the ticket came by.
func sendingMailbox(ctx context.Context, tx *pg.Tx, r row) (sender, error) {
	list, err := pg.List[sender](ctx, tx, `
		SELECT m.id, m.address, m.sender_name AS name FROM mailbox m, queue q
		WHERE q.id = $1 AND m.id = COALESCE(q.mailbox_id, $2)`, r.QueueID, r.MailboxID)
	if err != nil {
		return sender{}, fmt.Errorf("find the sending mailbox: %w", err)
	}
	if len(list) == 0 {
		return sender{}, fault.Invalid{"to": fault.Because(text.RefusalNoMailbox)}
	}
	return list[0], nil
}

// insertReply writes the message. Its references are those of the answered message, of many the first and the newest, and that message itself.
func insertReply(ctx context.Context, tx *pg.Tx, by agent.Agent, r row, p Reply, box sender, body, rfcID string, to []outbox.Recipient, files []string) (int64, error) {
	args := named("ticket", r.ID, "answers", p.Answers, "now", tx.Now, "me", by.ID, "mailbox", box.ID, "from", box.Address, "name", box.Name,
		"to", written(to, "to"), "cc", written(to, "cc"), "subject", r.Subject, "rfc", rfcID, "excerpt", mail.Excerpt(body, 200),
		"language", mail.Language(body), "form", p.FormKey, "text", body)
	search.Document{Language: args["language"].(string), Subject: r.Subject, CustomerID: r.CustomerID, Body: body,
		People: slices.Concat(written(to, "to"), written(to, "cc")), Rest: files}.Into(args)
	id, err := pg.One[int64](ctx, tx, `
		WITH answered AS (
			SELECT rfc_id, rfc_refs FROM message
			WHERE ticket_id = @ticket AND rfc_id IS NOT NULL AND CASE WHEN @answers::bigint = 0 THEN kind = 'in' ELSE id = @answers END
			ORDER BY id DESC LIMIT 1),
		ids AS (
			INSERT INTO message (ticket_id, kind, at, author_id, mailbox_id, from_address, from_name, to_list, cc_list, subject, rfc_id, rfc_refs, excerpt,
				language, form_key)
			SELECT @ticket, 'out', @now, @me, @mailbox, @from, @name, @to, @cc, @subject, @rfc,
				COALESCE((SELECT rfc_refs[:1] || rfc_refs[greatest(2, cardinality(rfc_refs) - 47):] || rfc_id FROM answered), '{}'), @excerpt, @language, NULLIF(@form, '')
			`+onceEach+` RETURNING id AS message, ticket_id AS ticket),
		new_document AS (`+search.Add+`)
		INSERT INTO message_body (message_id, text) SELECT message, @text FROM ids RETURNING message_id`, args)
	if err != nil {
		return 0, fmt.Errorf("write the reply: %w", elsewhere(err))
	}
	return id, nil
}

// join lets those the agent writes to take part: their answers land in this ticket.
func join(ctx context.Context, tx *pg.Tx, ticketID int64, to []outbox.Recipient) error {
	var addresses, names []string
	for _, x := range to {
		addresses, names = append(addresses, x.Address), append(names, x.Display)
	}
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO ticket_participant (ticket_id, address, display, role, since)
		SELECT $1, a, d, 'added', $4 FROM unnest($2::text[], $3::text[]) AS x(a, d)
		ON CONFLICT (ticket_id, address) DO NOTHING`, ticketID, addresses, names, tx.Now)
	if err != nil {
		return fmt.Errorf("add participants: %w", err)
	}
	return nil
}

// saved closes a save by a form with a text: the ticket changed, its author has seen what the form showed, the draft is done and its files are the
// message's, one event tells it all.
func saved(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row, w Written, kind event.Kind, base int64, changes []event.Change, files picked) error {
	if len(changes) == 0 {
		if err := touch(ctx, tx, r); err != nil {
			return err
		}
	}
	if err := markSeen(ctx, tx, by.ID, r.ID, min(base, r.LastInID)); err != nil {
		return err
	}
	draft := DraftReply
	if kind == event.Commented {
		draft = DraftComment
	}
	if err := files.into(ctx, tx, by, w, draft); err != nil {
		return err
	}
	return record(tx, r.ID, by.ID, w.MessageID, kind, event.Data{Changes: changes, Outbox: w.OutboxID})
}
