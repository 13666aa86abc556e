package mail

import (
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// A Letter is a mail to be sent. There is no Bcc: nobody receives what the
// others cannot see (RELIABILITY C18).
type Letter struct {
	From    Address
	To, Cc  []Address
	ReplyTo []Address
	Subject string

	// Text and HTML are the same message twice; the missing one is made of
	// the other. HTML may be a fragment and must be clean already.
	Text, HTML string

	MessageID  string // required; with or without angle brackets
	InReplyTo  string
	References []string // oldest first
	Date       time.Time

	// AutoSubmitted is empty for what a person wrote, else "auto-replied"
	// or "auto-generated" (RFC 3834).
	AutoSubmitted string
	// Loop goes into X-Loop, so that two desks do not answer each other.
	Loop string

	Attachments []File
}

// What stands in References: the first, for the thread's name, and the
// newest (RFC 5322, 3.6.4; long ones are cut by servers anyway).
const keptReferences = 20

// Compose writes the bytes of a letter. They are made once and kept, every
// attempt to send them sends the same (RELIABILITY 3.3); two renderings differ
// in their boundaries. Lines end in CRLF and hold at most 998 bytes of ASCII;
// dot-stuffing is the SMTP client's. Of a file only some kilobytes at a time are
// held in memory.
//
// No field can add a header: controls and line separators become blanks,
// what is no address or no media type is refused or replaced. The error says
// what is wrong with the letter, or what reading a file or writing w gave.
func Compose(l Letter, w io.Writer) error {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := setFields(msg, l); err != nil {
		return fmt.Errorf("compose letter: %w", err)
	}
	out := &splicer{w: w}
	setBody(msg, l, out)
	_, err := msg.WriteTo(out)
	if err == nil {
		err = out.missing()
	}
	if err != nil {
		return fmt.Errorf("compose letter %s: %w", canonicalID(l.MessageID), err)
	}
	return nil
}

func setFields(msg *gomail.Msg, l Letter) error {
	id := canonicalID(l.MessageID)
	switch {
	case id == "":
		return errors.New("no usable Message-ID")
	case l.Date.IsZero():
		return errors.New("no date")
	case len(l.To)+len(l.Cc) == 0:
		return errors.New("no recipient")
	}
	if err := setAddresses(msg, l); err != nil {
		return err
	}
	msg.Subject(plainWords(l.Subject))
	msg.SetDateWithValue(l.Date)
	msg.SetMessageIDWithValue(id)
	if parent := canonicalID(l.InReplyTo); parent != "" {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+parent+">")
	}
	if refs := referencesValue(l.References, l.InReplyTo); refs != "" {
		msg.SetGenHeader(gomail.HeaderReferences, refs)
	}
	markAutomatic(msg, l)
	return nil
}

func setAddresses(msg *gomail.Msg, l Letter) error {
	for _, list := range []struct {
		field gomail.AddrHeader
		of    []Address
	}{{gomail.HeaderFrom, []Address{l.From}}, {gomail.HeaderTo, l.To}, {gomail.HeaderCc, l.Cc}, {gomail.HeaderReplyTo, l.ReplyTo}} {
		var written []*netmail.Address
		for _, a := range list.of {
			one, err := fieldAddress(a)
			if err != nil {
				return fmt.Errorf("%s: %w", list.field, err)
			}
			written = append(written, one)
		}
		if len(written) > 0 {
			msg.SetAddrHeaderFromMailAddress(list.field, written...)
		}
	}
	return nil
}

// fieldAddress is handed to go-mail in parts, for of a joined one it loses the
// quotes within the name. The local part stands without its own; net/mail
// writes them where they are needed.
func fieldAddress(a Address) (*netmail.Address, error) {
	if _, ok := Writable(a.Address); !ok {
		return nil, fmt.Errorf("%q is no address that can be written to", a.Address)
	}
	at := strings.LastIndexByte(a.Address, '@')
	name := strings.Join(strings.Fields(headerText(a.Name)), " ")
	if runes := []rune(name); len(runes) > 150 {
		name = string(runes[:150])
	}
	return &netmail.Address{Name: name, Address: unquote(a.Address[:at]) + a.Address[at:]}, nil
}

// markAutomatic marks what no person wrote, so that no robot answers it.
func markAutomatic(msg *gomail.Msg, l Letter) {
	switch l.AutoSubmitted {
	case "", "no":
	case "auto-replied", "auto-generated":
		msg.SetGenHeader("Auto-Submitted", l.AutoSubmitted)
		msg.SetBulk()
	default:
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	if loop := plainWords(l.Loop); loop != "" {
		msg.SetGenHeader("X-Loop", loop)
	}
}

// referencesValue is the first and the newest ids, none twice, the answered
// one last.
func referencesValue(references []string, inReplyTo string) string {
	var ids []string
	seen := map[string]bool{}
	all := append(append([]string(nil), references...), inReplyTo)
	for i := len(all) - 1; i >= 0; i-- { // the last place of an id counts
		if id := canonicalID(all[i]); id != "" && !seen[id] {
			seen[id] = true
			ids = append(ids, "<"+id+">")
		}
	}
	if len(ids) > keptReferences+1 {
		ids = append(ids[:keptReferences], ids[len(ids)-1])
	}
	for i, j := 0, len(ids)-1; i < j; i, j = i+1, j-1 {
		ids[i], ids[j] = ids[j], ids[i]
	}
	return strings.Join(ids, " ")
}

// setBody makes mixed{ related{ alternative{ text, html }, pictures }, files };
// go-mail leaves out a level that would hold one thing.
func setBody(msg *gomail.Msg, l Letter, out *splicer) {
	text, page := l.Text, l.HTML
	if strings.TrimSpace(page) == "" {
		page = TextToHTML(text)
	}
	if strings.TrimSpace(text) == "" {
		text = HTMLToText(page)
	}
	msg.SetBodyString(gomail.TypeTextPlain, bodyText(text))
	msg.AddAlternativeString(gomail.TypeTextHTML, bodyText(wholePage(page)))
	var pictures, files []*gomail.File
	for _, f := range l.Attachments {
		if f.shownInside() {
			pictures = append(pictures, out.part(f))
		} else {
			files = append(files, out.part(f))
		}
	}
	msg.SetEmbeds(pictures)
	msg.SetAttachments(files)
}

func bodyText(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}

func wholePage(page string) string {
	if strings.Contains(strings.ToLower(page[:min(len(page), 500)]), "<html") {
		return page
	}
	return "<!DOCTYPE html>\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head>\n<body>\n" +
		page + "\n</body></html>\n"
}
