package ticket

import (
	"context"
	"fmt"

	"frontdesk/internal/agent"
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
	d.Deliveries, err = outbox.Deliveries(ctx, r, []int64{id})
	return d, err
}

// Body is what the frame of a message shows: clean HTML and its inline pictures by Content-ID.
type Body struct {
	HTML     string
	Text     string
	QuoteAt  int              // where earlier mail starts in Text, in bytes; 0 = nowhere
	Language string           // en, pl, de or other
	Pictures map[string]int64 // Content-ID -> file
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
			ARRAY(SELECT content_id FROM message_file WHERE message_id = m.id AND content_id <> '' ORDER BY position) AS names,
			ARRAY(SELECT id FROM message_file WHERE message_id = m.id AND content_id <> '' ORDER BY position) AS files
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
// fault.NotFound while a letter has not been made yet.
func SourceOf(ctx context.Context, r pg.Reader, by agent.Agent, id int64) (blobID int64, err error) {
	blobID, err = pg.One[int64](ctx, r, `
		SELECT COALESCE(w.blob_id, i.raw_blob_id, o.raw_blob_id) AS blob
		FROM message m JOIN ticket ON ticket.id = m.ticket_id LEFT JOIN inbound i ON i.id = m.inbound_id
			LEFT JOIN inbound_whole w ON w.inbound_id = i.id LEFT JOIN outbox o ON o.message_id = m.id
		WHERE m.id = @id AND COALESCE(i.raw_blob_id, o.raw_blob_id) IS NOT NULL AND `+visible, seeing(by, named("id", id)))
	if err != nil {
		return 0, fmt.Errorf("source of message %d: %w", id, err)
	}
	return blobID, nil
}

// Stored is a file with the place of its bytes.
type Stored struct {
	Name   string
	BlobID int64
}

// FileOf finds an attachment of a ticket by may see.
func FileOf(ctx context.Context, r pg.Reader, by agent.Agent, id int64) (Stored, error) {
	f, err := pg.One[Stored](ctx, r, `
		SELECT f.name, f.blob_id FROM message_file f JOIN message m ON m.id = f.message_id JOIN ticket ON ticket.id = m.ticket_id
		WHERE f.id = @id AND `+visible, seeing(by, named("id", id)))
	if err != nil {
		return Stored{}, fmt.Errorf("file %d: %w", id, err)
	}
	return f, nil
}

// PartOf finds an inline picture of a message by its Content-ID.
func PartOf(ctx context.Context, r pg.Reader, by agent.Agent, messageID int64, contentID string) (Stored, error) {
	f, err := pg.One[Stored](ctx, r, `
		SELECT f.name, f.blob_id FROM message_file f JOIN message m ON m.id = f.message_id JOIN ticket ON ticket.id = m.ticket_id
		WHERE m.id = @id AND f.content_id = @cid AND `+visible+` ORDER BY f.position LIMIT 1`, seeing(by, named("id", messageID, "cid", contentID)))
	if err != nil {
		return Stored{}, fmt.Errorf("part of message %d: %w", messageID, err)
	}
	return f, nil
}
