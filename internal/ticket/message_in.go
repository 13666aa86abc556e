package ticket

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/event"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// MaxCc is how many addresses of an incoming Cc are kept (DECISIONS, Participants).
const MaxCc = 30

// Incoming is one mail of a customer as intake understood it: text that may be stored, HTML that was cleaned, files that are blobs.
type Incoming struct {
	InboundID      int64
	MailboxID      int64
	Mailbox        string // its name, for the history
	From           mail.Address
	ReplyTo        []string // where an answer goes when it differs from From
	To, Cc         []mail.Address
	Subject        string
	RFCID          string   // never empty: derived for a mail that had none
	Refs           []string // References and In-Reply-To, oldest first
	Text           string
	HTML           string // cleaned; '' = show the text
	QuoteAt        *int   // byte offset in Text where earlier mail starts
	Cleaner        int
	RemotePictures int
	Excerpt        string
	Language       string
	Automatic      bool // no automatic reply may go to it
	AutoReply      bool // it is one itself: changes no status, reopens nothing, makes nothing unread
	Flags          []string
	DatedAt        *time.Time
	FetchedAt      time.Time // INTERNALDATE
	Files          []IncomingFile
	Unchecked      bool // the files wait for their check
}

// IncomingFile is an attachment whose bytes are stored.
type IncomingFile struct {
	BlobID    int64
	Name      string
	Type      string
	Size      int64
	ContentID string
	Inline    bool
}

// messageIn writes @message into @ticket with its body, files, participants and the words it is found by, as parts of one statement that may use
// ids (ticket, message).
const messageIn = `
	ids AS (SELECT @ticket::bigint AS ticket, @message::bigint AS message),
	new_message AS (
		INSERT INTO message (id, ticket_id, kind, at, mailbox_id, from_address, from_name, reply_to, to_list, cc_list, subject, rfc_id, rfc_refs,
			excerpt, language, automatic, flags, dated_at, fetched_at, inbound_id)
		OVERRIDING SYSTEM VALUE
		SELECT ids.message, ids.ticket, 'in', @now, @mailbox, @from, @from_name, @reply_to, @to, @cc, @subject, @rfc_id, @rfc_refs,
			@excerpt, @language, @automatic, @flags, @dated_at, @fetched_at, @inbound FROM ids),
	new_body AS (
		INSERT INTO message_body (message_id, text, html, quote_at, cleaner, remote_pictures)
		SELECT ids.message, @text, @html, @quote_at, @cleaner, @remote_pictures FROM ids),
	new_files AS (
		INSERT INTO message_file (message_id, blob_id, name, type, size, content_id, inline, position, found)
		SELECT ids.message, f.blob, f.name, f.type, f.size, f.cid, f.inline, f.position, CASE WHEN NOT @unchecked::boolean THEN '' END
		FROM ids, unnest(@file_blobs::bigint[], @file_names::text[], @file_types::text[], @file_sizes::bigint[], @file_cids::text[], @file_inlines::boolean[])
			WITH ORDINALITY AS f (blob, name, type, size, cid, inline, position)),
	new_participants AS (
		INSERT INTO ticket_participant (ticket_id, address, display, role, since)
		SELECT ids.ticket, p.address, p.display, p.role, @now
		FROM ids, unnest(@part_addresses::text[], @part_names::text[], @part_roles::text[]) AS p (address, display, role)
		WHERE p.role = 'requester' OR NOT EXISTS (SELECT FROM mailbox WHERE mailbox.address = p.address)
			AND (SELECT count(*) FROM ticket_participant old WHERE old.ticket_id = ids.ticket AND old.role = 'cc') < 30
		ON CONFLICT (ticket_id, address) DO NOTHING),
	new_document AS (` + search.Add + `)`

// args are the named arguments of messageIn. Who writes first is the requester; later only new Cc join.
func (m Incoming) args(tx *pg.Tx, first bool) pgx.NamedArgs {
	addresses, names, roles := m.participants(first)
	args := named("now", tx.Now, "mailbox", m.MailboxID, "from", m.From.Address, "from_name", m.From.Name, "reply_to", strings.Join(m.ReplyTo, ", "),
		"to", readable(m.To), "cc", readable(m.Cc), "subject", m.Subject, "rfc_id", m.RFCID, "rfc_refs", orNone(m.Refs), "excerpt", m.Excerpt,
		"language", m.Language, "automatic", m.Automatic, "flags", orNone(m.Flags), "dated_at", m.DatedAt, "fetched_at", m.FetchedAt,
		"inbound", m.InboundID, "text", m.Text, "html", m.HTML, "quote_at", m.QuoteAt, "cleaner", m.Cleaner, "remote_pictures", m.RemotePictures,
		"unchecked", m.Unchecked, "part_addresses", addresses, "part_names", names, "part_roles", roles)
	n := len(m.Files)
	blobs, sizes, inlines := make([]int64, n), make([]int64, n), make([]bool, n)
	fileNames, types, cids := make([]string, n), make([]string, n), make([]string, n)
	for i, f := range m.Files {
		blobs[i], fileNames[i], types[i], sizes[i], cids[i], inlines[i] = f.BlobID, f.Name, f.Type, f.Size, f.ContentID, f.Inline
	}
	args["file_blobs"], args["file_names"], args["file_types"] = blobs, fileNames, types
	args["file_sizes"], args["file_cids"], args["file_inlines"] = sizes, cids, inlines
	return args
}

// ringUnchecked wakes who checks the files, with the commit of tx.
func (m Incoming) ringUnchecked(tx *pg.Tx) {
	if m.Unchecked && len(m.Files) > 0 {
		event.Ring(tx, UncheckedRing)
	}
}

// document is what the mail is found by. What it quotes counts least.
func (m Incoming) document(ticketSubject string, customer *int64, first bool) search.Document {
	d := search.Document{Language: m.Language, Subject: search.Subjects(ticketSubject, m.Subject), CustomerID: customer, Body: m.Text, People: []string{m.From.Name, m.From.Address}}
	for _, a := range m.Cc[:min(len(m.Cc), MaxCc)] {
		d.People = append(d.People, a.Name, a.Address)
	}
	for _, f := range m.Files {
		d.Rest = append(d.Rest, f.Name)
	}
	if at := m.QuoteAt; at != nil && *at >= 0 && *at <= len(m.Text) {
		d.Body = m.Text[:*at]
		d.Rest = append(d.Rest, search.Quoted(m.Text[*at:], first))
	}
	return d
}

// hasFiles tells whether there is something to download: pictures that stand within the text do not count.
func (m Incoming) hasFiles() bool {
	for _, f := range m.Files {
		if !f.Inline {
			return true
		}
	}
	return false
}

// readable is "Name <address>" for reading, at most 200 of them.
func readable(list []mail.Address) []string {
	out := []string{}
	for _, a := range list[:min(len(list), 200)] {
		switch {
		case a.Name != "" && a.Address != "":
			out = append(out, a.Name+" <"+a.Address+">")
		case a.Address != "":
			out = append(out, a.Address)
		default:
			out = append(out, a.Name)
		}
	}
	return out
}

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// addMessage writes a mail into a ticket that exists, which changes now and becomes unread; with the commit of tx.
func addMessage(tx *pg.Tx, r row, id int64, m Incoming) {
	args := m.args(tx, false)
	args["ticket"], args["message"], args["unread"], args["has_files"] = r.ID, id, !m.AutoReply, m.hasFiles()
	m.document(r.Subject, r.CustomerID, false).Into(args)
	m.ringUnchecked(tx)
	pg.Later(tx, `
		WITH `+messageIn+`
		UPDATE ticket SET has_files = has_files OR @has_files, last_in_id = CASE WHEN @unread THEN @message ELSE last_in_id END,
			version = version + 1, changed_at = @now
		WHERE id = @ticket`, args)
}
