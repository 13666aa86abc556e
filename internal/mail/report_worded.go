package mail

import (
	"bytes"
	"regexp"
	"strings"
)

// readWorded recognises a delivery report that a mail server wrote in words of its own, as qmail, Exim, sendmail and many providers do: from a
// mailer-daemon, with the returned mail or its Message-ID in it, and with a recipient named as these programs name one. Since it says so in no
// form that was agreed upon, it counts only for who knows the letter (Worded).
func readWorded(m *Message, failed []byte, root *part) *Bounce {
	if !isMailerDaemon(m.Author().Address) || m.ReturnPath != "" && !isMailerDaemon(m.ReturnPath) {
		return nil
	}
	words, original := m.Text, returnedID(root)
	if at := writtenID.FindStringSubmatchIndex(words); at != nil {
		if original == "" {
			original = cleanMessageID([]byte(words[at[2]:at[3]]))
		}
		words = words[:at[0]]
	}
	if original == "" {
		return nil
	}
	b := &Bounce{MessageID: original, Worded: true, Recipients: wordedRecipients(words)}
	for _, address := range strings.Split(string(failed), ",") { // Exim names them in a field too
		b.add(BounceRecipient{Address: NormalAddress(address)})
	}
	if len(b.Recipients) == 0 {
		return nil
	}
	late := delayedWords.MatchString(m.Subject) || delayedWords.MatchString(words)
	for i := range b.Recipients {
		b.Recipients[i].judge(late)
	}
	return b
}

// returnedID is the Message-ID of the mail that came along.
func returnedID(root *part) (id string) {
	eachLeaf(root, func(p *part) {
		switch p.kind.value {
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
			if id == "" {
				id = References(bytes.TrimLeft(p.data, "\r\n")).MessageID
			}
		}
	})
	return id
}

var (
	// writtenID is the Message-ID of a mail returned within the text.
	writtenID = regexp.MustCompile(`(?im)^[>|\s]*message-id:\s*<([^<>\s]+)>`)
	// namedRecipient is an address at the beginning of a line, as reports name one: alone, or with what was the matter behind it.
	namedRecipient = regexp.MustCompile(`^\s*<?([^\s<>"'(),;:]+@[^\s<>"'(),;:]+?)>?\s*(?:$|:|\.\.\.|\(|\s-\s)\s*(.*)$`)
	enhancedStatus = regexp.MustCompile(`\b([245])\.\d{1,3}\.\d{1,3}\b`)
	replyCode      = regexp.MustCompile(`\b([45])\d\d\b`)
	delayedWords   = regexp.MustCompile(`(?i)\bdelayed\b|will be retried|retry for|not yet been delivered|verzögert|weitere zustellversuche|opóźnion|ponowne próby`)
)

// wordedRecipients reads them from the words above the returned mail, each with the lines below it as what was the matter.
func wordedRecipients(words string) []BounceRecipient {
	var b Bounce
	open := false // the lines belong to the last one
	for line := range strings.Lines(words) {
		if found := namedRecipient.FindStringSubmatch(strings.TrimRight(line, "\r\n")); found != nil && len(line) < 1000 {
			if address := NormalAddress(found[1]); address != "" && len(b.Recipients) < maxRecipients {
				b.add(BounceRecipient{Address: address, Diagnostic: strings.TrimSuffix(strings.TrimSpace(found[2]), ")")})
				open = true
				continue
			}
		}
		if line = strings.TrimSpace(line); line == "" {
			open = false
		} else if last := len(b.Recipients) - 1; open && len(b.Recipients[last].Diagnostic) < 2000 {
			b.Recipients[last].Diagnostic = strings.TrimSpace(b.Recipients[last].Diagnostic + " " + line)
		}
	}
	return b.Recipients
}

// add takes each address once.
func (b *Bounce) add(r BounceRecipient) {
	for _, known := range b.Recipients {
		if known.Address == r.Address {
			return
		}
	}
	if r.Address != "" {
		b.Recipients = append(b.Recipients, r)
	}
}

// judge takes status and action from the other server's words; late says that the report speaks of a delay.
func (r *BounceRecipient) judge(late bool) {
	r.Diagnostic = cut(r.Diagnostic, 2000)
	r.Action, r.Status = Failed, "5.0.0"
	if late {
		r.Action, r.Status = Delayed, "4.0.0"
	}
	if status := enhancedStatus.FindString(r.Diagnostic); status != "" {
		r.Status = status
	} else if code := replyCode.FindStringSubmatch(r.Diagnostic); code != nil && !late {
		r.Status = code[1] + ".0.0"
	}
}
