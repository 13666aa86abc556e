package mail

import (
	"bytes"
	"slices"
	"strings"
)

// A Bounce is a delivery report (RFC 3464): what became of a mail of ours.
type Bounce struct {
	MessageID  string // of the mail the report is about; "" when it does not say
	Recipients []BounceRecipient
	Worded     bool // in the other server's own words: a report only if MessageID is one of ours, else a mail like any other
}

// A BounceRecipient is one per-recipient group of the report.
type BounceRecipient struct {
	Address    string // Final-Recipient
	Original   string // Original-Recipient: what was written to; "" when not said
	Action     string // Failed, Delayed, or that it went on its way: delivered, relayed, expanded
	Status     string // "5.1.1"
	Diagnostic string // the other server's words
}

// What a report may say besides that all is well (RFC 3464, 2.3.3). A status tells less: who gives up after timeouts reports a failure with 4.4.1.
const (
	Failed  = "failed"
	Delayed = "delayed"
)

var actions = []string{Failed, Delayed, "delivered", "relayed", "expanded"}

// maxRecipients bounds the groups read of one report.
const maxRecipients = 100

// readBounce recognises a delivery report: multipart/report with a
// delivery-status part, from the empty sender or a mailer-daemon (DECISIONS,
// Odd mail). Anything else is nil: anybody can write "undeliverable".
func readBounce(d *decoder, m *Message, root *part) *Bounce {
	if root.kind.value != "multipart/report" {
		return nil
	}
	fromDaemon := m.ReturnPath == "" && (m.Automatic.EmptySender || isMailerDaemon(m.Author().Address))
	if !fromDaemon && !isMailerDaemon(m.ReturnPath) {
		return nil
	}
	var b *Bounce
	eachLeaf(root, func(p *part) {
		if p.kind.value == "message/delivery-status" || p.kind.value == "message/global-delivery-status" {
			if b == nil {
				b = &Bounce{}
			}
			b.readStatus(d, p)
		}
	})
	if b == nil {
		return nil
	}
	b.MessageID = firstOf(returnedID(root), b.MessageID, m.InReplyTo)
	if n := len(m.References); b.MessageID == "" && n > 0 {
		b.MessageID = m.References[n-1]
	}
	return b
}

// readStatus reads the groups of a delivery-status part: the first is about
// the message, each further one about a recipient.
func (b *Bounce) readStatus(d *decoder, p *part) {
	data := p.data
	for len(data) > 0 && len(b.Recipients) < maxRecipients {
		data = bytes.TrimLeft(data, "\r\n")
		h, size, _ := readHeader(data, partHeaderLimit)
		if size == 0 {
			_, size = lineEnd(data, 0)
		}
		data = data[size:]
		if ids := messageIDs(h.first("x-original-message-id")); len(ids) > 0 {
			b.MessageID = ids[0]
		}
		r := BounceRecipient{
			Address:    typedAddress(d, h.first("final-recipient")),
			Original:   typedAddress(d, h.first("original-recipient")),
			Action:     keyword(d, h.first("action")),
			Status:     keyword(d, h.first("status")),
			Diagnostic: cut(diagnostic(d.text(h.first("diagnostic-code"))), 2000),
		}
		if r.Address == "" {
			r.Address = r.Original
		}
		if !slices.Contains(actions, r.Action) {
			r.Action = actionOf(r.Status)
		}
		if r.Address != "" || r.Status != "" {
			b.Recipients = append(b.Recipients, r)
		}
	}
}

// actionOf stands in for an action that is missing or none of these.
func actionOf(status string) string {
	switch {
	case strings.HasPrefix(status, "2"):
		return "delivered"
	case strings.HasPrefix(status, "4"):
		return Delayed
	}
	return Failed
}

// typedAddress reads "rfc822; user@example.org".
func typedAddress(d *decoder, value []byte) string {
	text := d.text(value)
	if _, after, found := strings.Cut(text, ";"); found {
		text = after
	}
	return NormalAddress(text)
}

// diagnostic drops the type in front: "smtp; 550 no such user".
func diagnostic(text string) string {
	if kind, after, found := strings.Cut(text, ";"); found && !strings.Contains(strings.TrimSpace(kind), " ") {
		return strings.TrimSpace(after)
	}
	return text
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
