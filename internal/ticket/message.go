package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// Detail is one message with all that is known of it (PRODUCT C17).
type Detail struct {
	Message
	TicketID   int64
	RFCID      string `db:"rfc_id"`
	TicketName string
	Deliveries []outbox.Delivery `db:"-"`
	Held       []File            `db:"-"` // the files of it that are held
}

// ReadMessage reads one message of a ticket by may see.
func ReadMessage(ctx context.Context, r pg.Reader, by agent.Agent, id int64) (Detail, error) {
	d, err := pg.One[Detail](ctx, r, `
		SELECT x.*, ticket.id AS ticket_id, ticket.subject AS ticket_name, COALESCE((SELECT rfc_id FROM message WHERE id = @id), '') AS rfc_id
		FROM ticket, LATERAL (`+messagesSQLOf(`m.ticket_id = ticket.id AND m.id = @id`)+`) x
		WHERE ticket.id = (SELECT ticket_id FROM message WHERE id = @id) AND `+visible, seeing(by, named("id", id, "text", 0)))
	if err != nil {
		return Detail{}, fmt.Errorf("message %d: %w", id, err)
	}
	names, err := desk.ReadDirectory(ctx, r)
	if err != nil {
		return Detail{}, err
	}
	d.name(names)
	d.Held, err = pg.List[File](ctx, r, `
		SELECT f.id, f.message_id, f.name, f.type, f.size, f.content_id, f.inline, `+foundSQL+`
		FROM message_file f WHERE f.message_id = $1 AND f.found IS DISTINCT FROM '' ORDER BY f.position LIMIT 1000`, id)
	if err != nil {
		return Detail{}, fmt.Errorf("files of message %d: %w", id, err)
	}
	d.Deliveries, err = outbox.Deliveries(ctx, r, []int64{id})
	return d, err
}

// Body is what the frame of a message shows: clean HTML and its inline pictures by Content-ID.
type Body struct {
	HTML     string
	Text     string
	QuoteAt  int              // where earlier mail starts in Text, in bytes; 0 = nowhere
	Language string           // en, pl, de or other
	Pictures map[string]int64 // Content-ID -> file; those that are held are left out
}

// ReadBody reads the body of a message by may see. HTML that an older cleaner made is cleaned anew from the source; the stored one follows
// with the clock flow (DECISIONS, Bodies).
func ReadBody(ctx context.Context, r pg.Reader, by agent.Agent, id int64) (Body, error) {
	got, err := pg.One[struct {
		HTML     string
		Text     string
		QuoteAt  int
		Language string
		Cleaner  int
		RawBlob  int64
		Names    []string
		Files    []int64
	}](ctx, r, `
		SELECT b.html, b.text, COALESCE(b.quote_at, 0) AS quote_at, m.language, b.cleaner, COALESCE((SELECT raw_blob_id FROM inbound WHERE id = m.inbound_id), 0) AS raw_blob,
			ARRAY(SELECT content_id FROM message_file WHERE message_id = m.id AND content_id <> '' AND found = '' ORDER BY position) AS names,
			ARRAY(SELECT id FROM message_file WHERE message_id = m.id AND content_id <> '' AND found = '' ORDER BY position) AS files
		FROM message m JOIN message_body b ON b.message_id = m.id JOIN ticket ON ticket.id = m.ticket_id
		WHERE m.id = @id AND `+visible, seeing(by, named("id", id)))
	if err != nil {
		return Body{}, fmt.Errorf("body of message %d: %w", id, err)
	}
	body := Body{HTML: got.HTML, Text: got.Text, QuoteAt: got.QuoteAt, Language: got.Language, Pictures: map[string]int64{}}
	for i, name := range got.Names {
		body.Pictures[name] = got.Files[i]
	}
	if got.HTML != "" && got.Cleaner < mail.Cleaner && got.RawBlob != 0 {
		again, err := cleanAgain(ctx, r, got.RawBlob)
		body.HTML = again.HTML
		return body, err
	}
	return body, nil
}

// SourceOf names the bytes of a message as they came or as they left; of a mail that was too large its header, until the whole was fetched.
// fault.NotFound while a letter has not been made yet; Held
// when one of its files is, the gravest first.
func SourceOf(ctx context.Context, r pg.Reader, by agent.Agent, id int64) (Stored, error) {
	s, err := pg.One[Stored](ctx, r, `
		SELECT 'message-' || m.id || '.eml' AS name, COALESCE(w.blob_id, i.raw_blob_id, o.raw_blob_id) AS blob_id, m.ticket_id, m.id AS message_id,
			COALESCE(held.name, '') AS held_name, COALESCE(held.found, '') AS found
		FROM message m JOIN ticket ON ticket.id = m.ticket_id LEFT JOIN inbound i ON i.id = m.inbound_id
			LEFT JOIN inbound_whole w ON w.inbound_id = i.id LEFT JOIN outbox o ON o.message_id = m.id
			LEFT JOIN LATERAL (SELECT f.name, `+foundSQL+` FROM message_file f WHERE f.message_id = m.id AND f.found IS DISTINCT FROM ''
				ORDER BY COALESCE(f.found, ':') LIKE ':%', f.found IS NULL, f.position LIMIT 1) held ON true
		WHERE m.id = @id AND COALESCE(i.raw_blob_id, o.raw_blob_id) IS NOT NULL AND `+visible, seeing(by, named("id", id)))
	if err != nil {
		return Stored{}, fmt.Errorf("source of message %d: %w", id, err)
	}
	return s, s.mayHave(by)
}

// Stored is a file with the place of its bytes.
type Stored struct {
	Name      string
	BlobID    int64
	TicketID  int64
	MessageID int64
	HeldName  string // of the file that is held: itself, or one in a source; "" for none
	Found     Found  // in that one
}

// FileOf finds an attachment of a ticket by may see; Held for one that is held back from them.
func FileOf(ctx context.Context, r pg.Reader, by agent.Agent, id int64) (Stored, error) {
	f, err := pg.One[Stored](ctx, r, `
		SELECT f.name, f.blob_id, m.ticket_id, m.id AS message_id, f.name AS held_name, `+foundSQL+`
		FROM message_file f JOIN message m ON m.id = f.message_id JOIN ticket ON ticket.id = m.ticket_id
		WHERE f.id = @id AND `+visible, seeing(by, named("id", id)))
	if err != nil {
		return Stored{}, fmt.Errorf("file %d: %w", id, err)
	}
	return f, f.mayHave(by)
}

// PartOf finds an inline picture of a message by its Content-ID. One that is held is shown to nobody: Held.
func PartOf(ctx context.Context, r pg.Reader, by agent.Agent, messageID int64, contentID string) (Stored, error) {
	f, err := pg.One[Stored](ctx, r, `
		SELECT f.name, f.blob_id, m.ticket_id, m.id AS message_id, f.name AS held_name, `+foundSQL+`
		FROM message_file f JOIN message m ON m.id = f.message_id JOIN ticket ON ticket.id = m.ticket_id
		WHERE m.id = @id AND f.content_id = @cid AND `+visible+` ORDER BY f.position LIMIT 1`, seeing(by, named("id", messageID, "cid", contentID)))
	if err != nil {
		return Stored{}, fmt.Errorf("part of message %d: %w", messageID, err)
	}
	if f.Found.Held() {
		return Stored{}, f.held()
	}
	return f, nil
}
