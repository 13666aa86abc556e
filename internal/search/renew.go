package search

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
)

// Messages are looked through for missing documents this many numbers at a time.
const stride = 2_000

// renewed is how many of a ticket's messages, the newest, learn its new subject; the others keep the one they were written under.
const renewed = 20

// Missing finds messages without a document among the stride of numbers below a message, and where to look next; 0 = no message is left. They are
// from before search came, or from an older program that still ran.
func Missing(ctx context.Context, r pg.Reader, below int64) (ids []int64, next int64, err error) {
	if below == 0 {
		if below, err = pg.One[int64](ctx, r, `SELECT COALESCE(max(id), 0) + 1 FROM message`); err != nil {
			return nil, 0, fmt.Errorf("find the newest message: %w", err)
		}
	}
	next = max(below-stride, 1)
	ids, err = pg.List[int64](ctx, r, `
		SELECT m.id FROM message m LEFT JOIN search_document d ON d.message_id = m.id
		WHERE m.id >= $1 AND m.id < $2 AND m.cancelled_at IS NULL AND d.message_id IS NULL ORDER BY m.id DESC`, next, below)
	if err != nil {
		return nil, 0, fmt.Errorf("look for messages without words: %w", err)
	}
	if next == 1 {
		next = 0
	}
	return ids, next, nil
}

// Fill gives messages and the tickets they are in what they are found by.
func Fill(ctx context.Context, tx *pg.Tx, messageIDs []int64) error {
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO search_heading (ticket_id, heading)
		SELECT id, search_plain(left(concat_ws(E'\n', subject, requester_name, requester), 2000)) FROM ticket
		WHERE id IN (SELECT ticket_id FROM message WHERE id = ANY($1)) ORDER BY id
		ON CONFLICT (ticket_id) DO NOTHING`, messageIDs)
	if err != nil {
		return fmt.Errorf("fill headings: %w", err)
	}
	return fill(ctx, tx, messageIDs)
}

// Renew follows a ticket whose subject changed: it is found by the new one.
func Renew(ctx context.Context, tx *pg.Tx, ticketID int64) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE search_heading SET heading = search_plain(left(concat_ws(E'\n', subject, requester_name, requester), 2000))
		FROM ticket WHERE id = $1 AND ticket_id = $1`, ticketID)
	if err != nil {
		return fmt.Errorf("renew the heading of ticket %d: %w", ticketID, err)
	}
	ids, err := pg.List[int64](ctx, tx, `SELECT id FROM message WHERE ticket_id = $1 AND cancelled_at IS NULL ORDER BY id DESC LIMIT $2`, ticketID, renewed)
	if err != nil {
		return fmt.Errorf("find the messages of ticket %d: %w", ticketID, err)
	}
	return fill(ctx, tx, ids)
}

// stored is a message as it lies in the database.
type stored struct {
	ID, TicketID   int64
	Language       string
	Subject, OnTop string
	People, Files  []string
	CustomerID     *int64
	Fresh, Quoted  string
	First          bool
}

func fill(ctx context.Context, tx *pg.Tx, messageIDs []int64) error {
	// Where a mail quotes, quote_at counts bytes.
	list, err := pg.List[stored](ctx, tx, `
		SELECT m.id, m.ticket_id, m.language, m.subject, t.subject AS on_top, t.customer_id,
			CASE m.kind WHEN 'in' THEN ARRAY[m.from_name, m.from_address] || m.cc_list WHEN 'out' THEN m.to_list || m.cc_list ELSE '{}' END AS people,
			ARRAY(SELECT name FROM message_file f WHERE f.message_id = m.id ORDER BY position LIMIT 100) AS files,
			convert_from(substring(b.bytes FROM 1 FOR COALESCE(b.quote_at, length(b.bytes))), 'UTF8') AS fresh,
			convert_from(substring(b.bytes FROM COALESCE(b.quote_at, length(b.bytes)) + 1), 'UTF8') AS quoted,
			NOT EXISTS (SELECT FROM message o WHERE o.ticket_id = m.ticket_id AND o.id < m.id) AS first
		FROM message m JOIN ticket t ON t.id = m.ticket_id
		JOIN LATERAL (SELECT convert_to(text, 'UTF8') AS bytes, quote_at FROM message_body WHERE message_id = m.id) b ON true
		WHERE m.id = ANY($1)`, messageIDs)
	if err != nil {
		return fmt.Errorf("read messages to be found: %w", err)
	}
	n := len(list)
	ids, tickets, customers := make([]int64, n), make([]int64, n), make([]*int64, n)
	languages, subjects, people, bodies, rests := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, m := range list {
		rest := append(m.Files, Quoted(m.Quoted, m.First))
		ids[i], tickets[i], customers[i], languages[i] = m.ID, m.TicketID, m.CustomerID, m.Language
		subjects[i], people[i], bodies[i], rests[i] = indexed(maxSubject, Subjects(m.OnTop, m.Subject)), indexed(maxPeople, m.People...), indexed(maxBody, m.Fresh), indexed(maxRest, rest...)
	}
	_, err = pg.Exec(ctx, tx, `
		INSERT INTO search_document (message_id, ticket_id, words)
		SELECT x.id, x.ticket, search_vector(x.id, x.lang, x.subject,
			concat_ws(' ', x.people, `+customerNames+`), x.body, x.rest)
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
			AS x (id, ticket, customer, lang, subject, people, body, rest)
		ON CONFLICT (message_id) DO UPDATE SET words = EXCLUDED.words`, ids, tickets, customers, languages, subjects, people, bodies, rests)
	if err != nil {
		return fmt.Errorf("store the words of messages: %w", err)
	}
	return nil
}
