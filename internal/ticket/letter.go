package ticket

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/internal/blob"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/zone"
)

// maxQuote is how much of the answered message is quoted, in bytes.
const maxQuote = 32 << 10

// Letters builds the letters of these outbox rows as they are to be composed at now, by outbox id (PRODUCT S6). Their files are read with ctx
// when they are written. It is for the system: no access is asked. What the message said when it was written counts; of the mailbox only its
// address and sender name of that time.
func Letters(ctx context.Context, r pg.Reader, outboxIDs []int64, now time.Time) (map[int64]mail.Letter, error) {
	var b pg.Batch
	var rows []letterRow
	b.Steady()
	pg.Ask(&b, &rows, lettersSQL, outboxIDs)
	if err := b.Run(ctx, r); err != nil {
		return nil, fmt.Errorf("read letters: %w", err)
	}
	out := make(map[int64]mail.Letter, len(rows))
	for _, l := range rows {
		m := l.letter(now)
		for _, f := range l.Files {
			m.Attachments = append(m.Attachments, f.file(ctx, r))
		}
		out[l.ID] = m
	}
	return out, nil
}

type letterRow struct {
	ID          int64
	TicketID    int64
	Kind        string
	RFCID       string
	FromAddress string
	FromName    string
	Subject     string
	RFCRefs     []string
	Text        string
	Language    string
	Recipients  []outbox.Recipient
	Zone        string
	QuotedText  *string
	QuotedAt    *int
	QuotedFrom  string
	QuotedWhen  *time.Time
	Files       []letterFile
}

type letterFile struct {
	Blob int64  `json:"blob"`
	Name string `json:"name"`
	Type string `json:"type"`
}

// file is read from its blob while the letter is written, piece by piece.
func (f letterFile) file(ctx context.Context, r pg.Reader) mail.File {
	return mail.File{Name: f.Name, Type: f.Type, Open: func() (io.ReadCloser, error) {
		b, err := blob.Open(ctx, r, f.Blob)
		return io.NopCloser(b), err
	}}
}

// The answered message is the last of the references. Only what a customer wrote is quoted, and of that only what was new in it.
const lettersSQL = `
	SELECT o.id, o.ticket_id, o.kind, o.rfc_id, m.from_address, m.from_name, m.subject, m.rfc_refs, COALESCE(b.text, '') AS text,
		COALESCE(NULLIF(q.language, 'other'), NULLIF(t.language, 'other'), m.language) AS language, k.time_zone AS zone,
		qb.text AS quoted_text, qb.quote_at AS quoted_at, COALESCE(NULLIF(q.from_name, ''), q.from_address, '') AS quoted_from,
		COALESCE(q.dated_at, q.at) AS quoted_when,
		(SELECT jsonb_agg(jsonb_build_object('address', x.address, 'display', x.display, 'kind', x.kind) ORDER BY x.position)
			FROM outbox_recipient x WHERE x.outbox_id = o.id) AS recipients,
		(SELECT jsonb_agg(jsonb_build_object('blob', f.blob_id, 'name', f.name, 'type', f.type) ORDER BY f.position)
			FROM message_file f WHERE f.message_id = m.id) AS files
	FROM outbox o
	JOIN message m ON m.id = o.message_id
	LEFT JOIN message_body b ON b.message_id = m.id
	JOIN ticket t ON t.id = o.ticket_id
	JOIN queue ON queue.id = t.queue_id
	JOIN calendar k ON k.id = queue.calendar_id
	LEFT JOIN LATERAL (
		SELECT a.id, a.from_name, a.from_address, a.dated_at, a.at, a.language FROM message a
		WHERE a.rfc_id = m.rfc_refs[cardinality(m.rfc_refs)] AND a.ticket_id = o.ticket_id AND a.kind = 'in'
		ORDER BY a.id DESC LIMIT 1) q ON true
	LEFT JOIN message_body qb ON qb.message_id = q.id
	WHERE o.id = ANY($1)`

func (l letterRow) letter(now time.Time) mail.Letter {
	body := l.Text
	if q := l.quote(); q != "" && !quotes(body) {
		body += "\n\n" + q
	}
	m := mail.Letter{
		MessageID:  l.RFCID,
		Date:       now,
		From:       mail.Address{Name: l.FromName, Address: l.FromAddress},
		Subject:    mail.WithTag(l.Subject, l.TicketID),
		References: l.RFCRefs,
		Text:       body,
	}
	if n := len(l.RFCRefs); n > 0 {
		m.Subject = mail.WithTag(mail.ReplySubject(l.Subject), l.TicketID)
		m.InReplyTo = l.RFCRefs[n-1]
	}
	if l.Kind == outbox.AutoReply {
		m.AutoSubmitted, m.Loop = "auto-replied", l.FromAddress
	}
	for _, r := range l.Recipients {
		a := mail.Address{Name: r.Display, Address: r.Address}
		if r.Kind == "cc" {
			m.Cc = append(m.Cc, a)
		} else {
			m.To = append(m.To, a)
		}
	}
	return m
}

// quote is the answered message with ">" before its lines, under a line that says who wrote it when, in the ticket's language.
func (l letterRow) quote() string {
	if l.QuotedText == nil || l.QuotedWhen == nil {
		return ""
	}
	said := *l.QuotedText
	if l.QuotedAt != nil && *l.QuotedAt > 0 && *l.QuotedAt <= len(said) {
		said = said[:*l.QuotedAt]
	}
	said = strings.TrimSpace(head(said, maxQuote))
	if said == "" {
		return ""
	}
	there, err := zone.Load(l.Zone)
	if err != nil {
		there = time.UTC
	}
	reader := text.For(l.Language).In(there)
	var b strings.Builder
	b.WriteString(reader.T(text.QuotedIntro, "when", reader.Full(*l.QuotedWhen), "who", oneLine(l.QuotedFrom)))
	for line := range strings.SplitSeq(said, "\n") {
		b.WriteString("\n" + strings.TrimRight("> "+strings.TrimRight(line, "\r"), " "))
	}
	return b.String()
}

// quotes tells whether the writer has put a quote into the text already.
func quotes(s string) bool {
	return strings.HasPrefix(s, ">") || strings.Contains(s, "\n>")
}

// head cuts s to at most n bytes at the end of a line, else of a character.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	if i := strings.LastIndexByte(s, '\n'); i > 0 {
		return s[:i] + "\n…"
	}
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}
