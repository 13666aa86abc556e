package mail

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
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

// A File is read once, while the letter is written.
type File struct {
	Name      string
	Type      string // "image/png"; parameters are dropped
	ContentID string
	Inline    bool // shown in the HTML by cid:ContentID
	Open      func() (io.ReadCloser, error)
}

// What stands in References: the first, for the thread's name, and the
// newest (RFC 5322, 3.6.4; long ones are cut by servers anyway).
const keptReferences = 20

// Compose writes the bytes of a letter: the same bytes for the same letter.
// They are made once and kept, every attempt to send them sends the same
// (RELIABILITY 3.3). Lines end in CRLF and hold at most 998 bytes of ASCII;
// dot-stuffing is the SMTP client's. Files are streamed, never held whole.
//
// No field can add a header: controls and line separators become blanks,
// what is no address or no media type is refused or replaced. The error says
// what is wrong with the letter, or what reading a file or writing w gave.
func Compose(l Letter, w io.Writer) error {
	fields, err := letterFields(l)
	if err != nil {
		return fmt.Errorf("compose letter: %w", err)
	}
	out := &mimeWriter{w: bufio.NewWriterSize(w, 32<<10), seed: l.MessageID}
	for _, f := range fields {
		out.field(f.name, f.value)
	}
	out.field("MIME-Version", "1.0")
	out.body(l)
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("compose letter %s: %w", canonicalID(l.MessageID), out.err)
	}
	return nil
}

type letterField struct{ name, value string }

func letterFields(l Letter) ([]letterField, error) {
	id := canonicalID(l.MessageID)
	switch {
	case id == "":
		return nil, errors.New("no usable Message-ID")
	case l.Date.IsZero():
		return nil, errors.New("no date")
	case len(l.To)+len(l.Cc) == 0:
		return nil, errors.New("no recipient")
	}
	var fields []letterField
	for _, list := range []struct {
		name string
		of   []Address
	}{{"From", []Address{l.From}}, {"To", l.To}, {"Cc", l.Cc}, {"Reply-To", l.ReplyTo}} {
		if len(list.of) == 0 {
			continue
		}
		value, err := addressList(list.of)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", list.name, err)
		}
		fields = append(fields, letterField{list.name, value})
	}
	fields = append(fields,
		letterField{"Subject", encodeWords(headerText(l.Subject))},
		letterField{"Date", l.Date.Format("Mon, 2 Jan 2006 15:04:05 -0700")},
		letterField{"Message-ID", "<" + id + ">"})
	if parent := canonicalID(l.InReplyTo); parent != "" {
		fields = append(fields, letterField{"In-Reply-To", "<" + parent + ">"})
	}
	if refs := referencesValue(l.References, l.InReplyTo); refs != "" {
		fields = append(fields, letterField{"References", refs})
	}
	return append(fields, automaticFields(l)...), nil
}

// automaticFields marks what no person wrote, so that no robot answers it.
func automaticFields(l Letter) []letterField {
	var fields []letterField
	switch l.AutoSubmitted {
	case "", "no":
	case "auto-replied", "auto-generated":
		fields = append(fields, letterField{"Auto-Submitted", l.AutoSubmitted},
			letterField{"X-Auto-Response-Suppress", "All"}, letterField{"Precedence", "bulk"})
	default:
		fields = append(fields, letterField{"Auto-Submitted", "auto-generated"})
	}
	if loop := encodeWords(headerText(l.Loop)); loop != "" {
		fields = append(fields, letterField{"X-Loop", loop})
	}
	return fields
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

// body writes mixed{ alternative{ text, related{ html, pictures } }, files };
// a level that would hold one thing is left out.
func (w *mimeWriter) body(l Letter) {
	text, page := l.Text, l.HTML
	if strings.TrimSpace(page) == "" {
		page = TextToHTML(text)
	}
	if strings.TrimSpace(text) == "" {
		text = HTMLToText(page)
	}
	var pictures, files []File
	for _, f := range l.Attachments {
		if f.Inline && canonicalID(f.ContentID) != "" {
			pictures = append(pictures, f)
		} else {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		w.alternative(text, page, pictures)
		return
	}
	w.multipart("mixed", func(part func()) {
		part()
		w.alternative(text, page, pictures)
		for _, f := range files {
			part()
			w.file(f)
		}
	})
}

func (w *mimeWriter) alternative(text, page string, pictures []File) {
	w.multipart("alternative", func(part func()) {
		part()
		w.words("text/plain", text)
		part()
		if len(pictures) == 0 {
			w.words("text/html", wholePage(page))
			return
		}
		w.multipart("related", func(part func()) {
			part()
			w.words("text/html", wholePage(page))
			for _, f := range pictures {
				part()
				w.file(f)
			}
		})
	})
}

func wholePage(page string) string {
	if strings.Contains(strings.ToLower(page[:min(len(page), 500)]), "<html") {
		return page
	}
	return "<!DOCTYPE html>\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head>\n<body>\n" +
		page + "\n</body></html>\n"
}

// boundary is made of the Message-ID, so that the bytes repeat; "=_" cannot
// stand in quoted-printable or base64, so no content can hold it.
func (w *mimeWriter) boundary(kind string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + w.seed))
	return "=_" + kind[:3] + "_" + hex.EncodeToString(sum[:12])
}
