// Package search finds messages by their words: what was written in them, who wrote, to what subject, with which files. Every message has one
// weighted document, stored in the transaction that stores the message; every ticket a heading that is searched by pieces of words. The words
// themselves are sorted by configurations of Postgres (migration 0062): as they are, and by the stems of the message's language.
//
// The package knows words. Which tickets an agent may see, and which a filter leaves, package ticket knows; it asks with the parts given here.
package search

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// How much of a message is searched, in bytes. A document must stay far from the megabyte that Postgres takes.
const (
	maxSubject = 2_000
	maxPeople  = 4_000
	maxBody    = 48_000
	maxRest    = 8_000
)

// Document is what a message is found by.
type Document struct {
	Language   string // en, pl, de or other
	Subject    string
	People     []string // names and addresses of those it is from or to; not our own
	CustomerID *int64   // whose ticket it is, found by name too
	Body       string   // what was new in it
	Rest       []string // names of files; quoted mail, see Quoted
}

// customerNames is who the customer x is, and of which company, the signs taken out of their names as package search takes them out of texts.
const customerNames = `(SELECT regexp_replace(normalize(concat_ws(' ', c.name, up.name), NFC), '[\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]+', ' ', 'g')
		FROM customer c LEFT JOIN customer up ON up.id = c.company_id WHERE c.id = x.customer)`

// Add stores the document of a message that is stored in the same statement: ids names its ticket and message. The arguments are those of Into.
const Add = `
	INSERT INTO search_document (message_id, ticket_id, words)
	SELECT ids.message, ids.ticket, search_vector(ids.message, @doc_language::text, @doc_subject::text,
		concat_ws(' ', @doc_people::text, ` + customerNames + `), @doc_body::text, @doc_rest::text)
	FROM ids, (SELECT @doc_customer::bigint AS customer) x`

// Subjects is the subject of a ticket and that of a message, where it says more: a ticket is also found by a subject it was given later.
func Subjects(ofTicket, ofMessage string) string {
	if strings.Contains(ofMessage, ofTicket) {
		return ofMessage
	}
	return ofTicket + " " + ofMessage
}

// Into adds the document to the named arguments of the statement that stores it.
func (d Document) Into(args pgx.NamedArgs) {
	args["doc_language"], args["doc_customer"] = d.Language, d.CustomerID
	args["doc_subject"], args["doc_people"] = indexed(maxSubject, d.Subject), indexed(maxPeople, d.People...)
	args["doc_body"], args["doc_rest"] = indexed(maxBody, d.Body), indexed(maxRest, d.Rest...)
}

// AddHeading stores what a new ticket is found by in pieces of words, in the statement that stores the ticket: ids names it. @heading is made by
// Heading. It is search_plain written out: to call a function with settings of its own takes longer than what it does.
const AddHeading = `INSERT INTO search_heading (ticket_id, heading) SELECT ids.ticket, lower(unaccent('unaccent', normalize(@heading::text, NFC))) FROM ids`

// Heading is what a ticket is found by in pieces of words: its subject, and who wrote first.
func Heading(subject, name, address string) string {
	return cut(subject, maxSubject) + "\n" + cut(name, maxSubject) + "\n" + cut(address, maxSubject)
}

// Forget lets a message be found no more: it was taken back.
func Forget(ctx context.Context, tx *pg.Tx, messageID int64) error {
	if _, err := pg.Exec(ctx, tx, `DELETE FROM search_document WHERE message_id = $1`, messageID); err != nil {
		return fmt.Errorf("forget the words of message %d: %w", messageID, err)
	}
	return nil
}
