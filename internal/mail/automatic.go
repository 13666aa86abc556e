package mail

import "strings"

// Automatic is what a mail says about having been sent by a machine (PRODUCT
// M7, RFC 3834).
type Automatic struct {
	AutoSubmitted string // keyword in lower case: "auto-replied", "auto-generated", "no"; "" when absent
	Precedence    string // lower-case: "bulk", "list", "junk", "auto_reply"
	List          bool   // any List-* field
	Suppress      bool   // X-Auto-Response-Suppress asks for silence
	EmptySender   bool   // Return-Path: <>
	Robot         bool   // from mailer-daemon, postmaster, no-reply and the like
	Loop          bool   // X-Loop
	Replied       bool   // answered by a program that does not call it auto-replied
}

// NoReply is true when no automatic reply may go to this mail.
func (a Automatic) NoReply() bool {
	return a.AutoSubmitted != "" && a.AutoSubmitted != "no" || a.bulk() ||
		a.List || a.Suppress || a.EmptySender || a.Robot || a.Loop || a.Replied
}

// IsReply is true when the mail is itself an automatic reply: it joins its
// ticket and changes nothing there (DECISIONS, Odd mail).
func (a Automatic) IsReply() bool {
	return a.AutoSubmitted == "auto-replied" || a.Precedence == "auto_reply" || a.Replied
}

func (a Automatic) bulk() bool {
	switch a.Precedence {
	case "bulk", "list", "junk", "auto_reply":
		return true
	}
	return false
}

// readAutomatic knows auto-responders older than RFC 3834 by their fields, and
// those of Exchange, which call an answer auto-generated like any mail of a
// machine, by what only an answer has. What a rule redirects or forwards was
// written by a person.
func (m *Message) readAutomatic(d *decoder, h header) {
	a := &m.Automatic
	byRule := false
	for _, f := range h {
		switch {
		case f.name == "auto-submitted" && a.AutoSubmitted == "":
			a.AutoSubmitted = keyword(d, f.value)
		case f.name == "precedence" || f.name == "x-precedence":
			if a.Precedence == "" || !a.bulk() {
				a.Precedence = keyword(d, f.value)
			}
		case strings.HasPrefix(f.name, "list-"):
			a.List = true
		case f.name == "x-auto-response-suppress":
			a.Suppress = a.Suppress || keyword(d, f.value) != "none"
		case f.name == "x-loop" || f.name == "x-autoreply-loop":
			a.Loop = true
		case f.name == "x-autoreply" || f.name == "x-autorespond" || f.name == "x-autoresponder" || f.name == "x-auto-reply":
			a.Replied = a.Replied || keyword(d, f.value) != "no"
		case f.name == "x-ms-exchange-inbox-rules-loop":
			byRule = true
		case f.name == "x-ms-exchange-generated-message-source":
			byRule = byRule || strings.EqualFold(d.text(f.value), "Mailbox Rules Agent")
		}
	}
	m.readReturnPath(d, h)
	answers := (byRule || a.EmptySender && m.InReplyTo != "") && h.first("resent-from") == nil && !m.sentOn()
	a.Replied = a.Replied || a.AutoSubmitted == "auto-generated" && answers || isReceipt(d.contentType(h.first("content-type")))
	a.Robot = isRobot(m.Author().Address) || isRobot(m.ReturnPath)
}

// isReceipt knows a disposition notification (RFC 8098 3): "your mail was
// displayed", or deleted.
func isReceipt(t contentType) bool {
	return t.value == "multipart/report" && strings.EqualFold(t.params["report-type"], "disposition-notification")
}

// readReturnPath takes the first one: the field nearest the mailbox.
func (m *Message) readReturnPath(d *decoder, h header) {
	value := h.first("return-path")
	if value == nil {
		return
	}
	path := unfold(value)
	if strings.ReplaceAll(path, " ", "") == "<>" {
		m.Automatic.EmptySender = true
		return
	}
	if list, _ := d.addresses(value); len(list) > 0 {
		m.ReturnPath = list[0].Address
	}
}

// keyword is the first word of a value in lower case, without parameters and
// comments.
func keyword(d *decoder, value []byte) string {
	s := strings.ToLower(d.text(value))
	if at := strings.IndexAny(s, ";(, "); at >= 0 {
		s = s[:at]
	}
	return cut(s, 100)
}

// unsigned takes the signs out of a local part: no-reply, no_reply, no.reply.
var unsigned = strings.NewReplacer("-", "", "_", "", ".", "")

// isRobot knows the local parts nobody reads.
func isRobot(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	switch unsigned.Replace(local) {
	case "noreply", "donotreply", "noresponse", "nepasrepondre", "nichtantworten",
		"keineantwort", "nieodpowiadaj", "bounce", "bounces", "autoreply", "autoresponder":
		return true
	}
	return isMailerDaemon(local)
}

// isMailerDaemon knows the senders of delivery reports; that of Exchange has
// the same number everywhere.
func isMailerDaemon(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	switch unsigned.Replace(local) {
	case "mailerdaemon", "maildaemon", "postmaster", "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e":
		return true
	}
	return false
}
