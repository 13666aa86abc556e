// Package mail reads and writes RFC 5322 messages. It is pure: bytes in,
// values out; no files, no network, no database, no clock.
package mail

import (
	"bytes"
	"strings"
	"time"
)

// MaxSubject is how many characters of a subject are kept.
const MaxSubject = 1000

// A Message is what a mail says, decoded: every string is valid UTF-8 and
// holds no NUL. Nothing in it is trusted: names, dates and addresses are
// the sender's claims.
type Message struct {
	MessageID  string   // without angle brackets; empty when the mail has none
	InReplyTo  string   // the first one, without brackets
	References []string // oldest first, at most MaxReferences, without brackets
	Date       time.Time

	From    []Address
	Sender  []Address
	ReplyTo []Address
	To      []Address
	Cc      []Address
	// ManyFrom says that the mail had more than one From field, or one with
	// several addresses; From is the first field. A forger's trick: show the
	// mail flagged.
	ManyFrom bool
	// OddFrom says that From is written so that other programs, the one that
	// checks DMARC among them, may read another address in it, or none: an
	// address that is spelled oddly, words with an @ beside it, what stands
	// behind its brackets, brackets that never close, one within quotes.
	OddFrom bool

	Subject     string
	Text        string // line ends are \n; made from HTML when the mail has no text
	HTML        string // as sent, NOT cleaned; empty when the mail has none
	Attachments []Attachment

	Automatic             Automatic
	Bounce                *Bounce // nil unless the mail is a delivery report
	ReturnPath            string  // address of the first Return-Path; "" also when empty
	AuthenticationResults []string

	Warnings []string // what was odd or lost, in English, for the source view
	Limited  bool     // a limit of the pre-scan was met: the source holds more
}

// An Address is a mailbox of a header. Address is lower-case with the domain
// in punycode, so equal addresses are equal strings; Written is as it stood.
// It always comes from the raw addr-spec, never out of an encoded word
// (RELIABILITY 4.5). Either of Name and Address may be empty, not both.
type Address struct {
	Name    string
	Address string
	Written string
}

// An Attachment is any part that is not the body. Data is without transfer
// encoding, and otherwise the bytes as sent.
type Attachment struct {
	Name      string // as sent, on one line; hostile: it may hold folders; empty when it had none
	Type      string // "image/png", lower-case
	Data      []byte
	SHA256    [32]byte
	ContentID string // without angle brackets
	Inline    bool   // a picture that the HTML shows
}

// Author is whom the mail is from: the first From that has an address, else
// the Sender, else the Reply-To, else the Return-Path. The zero Address when
// the mail names nobody.
func (m *Message) Author() Address {
	for _, list := range [][]Address{m.From, m.Sender, m.ReplyTo, {{Address: m.ReturnPath}}} {
		for _, a := range list {
			if a.Address == "" {
				continue
			}
			if a.Name == "" && len(m.From) > 0 {
				a.Name = m.From[0].Name
			}
			return a
		}
	}
	return Address{}
}

// Claimant is the one address that From claims and every program reads in it,
// "" when there is none: only such a sender takes part in a conversation
// (RELIABILITY 4, rule 2). Sender, Reply-To and Return-Path claim nothing.
func (m *Message) Claimant() string {
	if m.ManyFrom || m.OddFrom || len(m.From) == 0 {
		return ""
	}
	return m.From[0].Address
}

// FileName is a name to show and to save under: the last element of Name, and
// for parts without one "invite.ics", "image.png", or the subject of a mail:
// Outlook names none of those it sends on.
func (a Attachment) FileName() string {
	name := strings.TrimRight(a.Name, `/\. `)
	if name = name[strings.LastIndexAny(name, `/\`)+1:]; name != "" {
		return cut(name, 200)
	}
	switch a.Type {
	case "message/rfc822", "message/global":
		return mailFileName(a.Data)
	case "message/delivery-status", "message/disposition-notification":
		return "report.txt"
	case "text/rfc822-headers":
		return "headers.txt"
	case "text/calendar":
		return "invite.ics"
	case "text/html", "text/x-amp-html", "text/watch-html":
		return "part.html"
	case "application/pgp-signature":
		return "signature.asc"
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return "smime.p7s"
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return "smime.p7m"
	case "application/pdf":
		return "attachment.pdf"
	case "image/jpeg":
		return "image.jpg"
	case "image/png", "image/gif", "image/webp":
		return "image." + a.Type[len("image/"):]
	}
	if strings.HasPrefix(a.Type, "text/") {
		return "part.txt"
	}
	return "attachment.bin"
}

// mailFileName is the subject of a mail as the name of a file.
func mailFileName(raw []byte) string {
	h, _, _ := readHeader(bytes.TrimLeft(raw, "\r\n"), partHeaderLimit)
	d := &decoder{}
	subject := strings.NewReplacer("/", "-", `\`, "-").Replace(fileName(d.text(h.first("subject"))))
	if subject = strings.Trim(subject, ". "); subject == "" {
		subject = "message"
	}
	return cut(subject, 100) + ".eml"
}
