package mail

import (
	"encoding/hex"
	"encoding/json"
	"time"
)

// MarshalJSON is the form `frontdesk mail parse --json` prints: lists are
// never null, strings are valid UTF-8 without NUL, the date is RFC 3339 or "".
func (m *Message) MarshalJSON() ([]byte, error) {
	s := summary{
		MessageID: m.MessageID, InReplyTo: m.InReplyTo, References: notNull(m.References),
		From: addressSummaries(m.From), ReplyTo: addressSummaries(m.ReplyTo),
		To: addressSummaries(m.To), Cc: addressSummaries(m.Cc),
		Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		Attachments:   []attachmentSummary{},
		AutoSubmitted: m.Automatic.AutoSubmitted,
		Bounce:        m.Bounce.summary(),
		Warnings:      notNull(m.Warnings),
	}
	if !m.Date.IsZero() {
		s.Date = m.Date.Format(time.RFC3339)
	}
	for _, a := range m.Attachments {
		s.Attachments = append(s.Attachments, attachmentSummary{a.Name, a.Type, len(a.Data), hex.EncodeToString(a.SHA256[:]), a.ContentID, a.Inline})
	}
	return json.Marshal(s)
}

type summary struct {
	MessageID     string              `json:"message_id"`
	InReplyTo     string              `json:"in_reply_to"`
	References    []string            `json:"references"`
	Date          string              `json:"date"`
	From          []addressSummary    `json:"from"`
	ReplyTo       []addressSummary    `json:"reply_to"`
	To            []addressSummary    `json:"to"`
	Cc            []addressSummary    `json:"cc"`
	Subject       string              `json:"subject"`
	Text          string              `json:"text"`
	HTML          string              `json:"html"`
	Attachments   []attachmentSummary `json:"attachments"`
	AutoSubmitted string              `json:"auto_submitted"`
	Bounce        *bounceSummary      `json:"bounce"`
	Warnings      []string            `json:"warnings"`
}

type addressSummary struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

type attachmentSummary struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Size      int    `json:"size"`
	SHA256    string `json:"sha256"`
	ContentID string `json:"content_id"`
	Inline    bool   `json:"inline"`
}

type bounceSummary struct {
	MessageID  string             `json:"message_id"`
	Recipients []recipientSummary `json:"recipients"`
}

type recipientSummary struct {
	Address    string `json:"address"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnostic"`
}

func addressSummaries(list []Address) []addressSummary {
	out := make([]addressSummary, 0, len(list))
	for _, a := range list {
		out = append(out, addressSummary{a.Name, a.Address})
	}
	return out
}

func (b *Bounce) summary() *bounceSummary {
	if b == nil {
		return nil
	}
	s := &bounceSummary{MessageID: b.MessageID, Recipients: []recipientSummary{}}
	for _, r := range b.Recipients {
		s.Recipients = append(s.Recipients, recipientSummary{r.Address, r.Status, r.Diagnostic})
	}
	return s
}

func notNull(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
