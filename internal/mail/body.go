package mail

import (
	"bytes"
	"slices"
	"strings"
)

// maxReadable bounds the text that is saved from a mail beyond the limits.
const maxReadable = 1 << 20

// A sorting says which leaves are the body, in order, and which are files.
type sorting struct {
	text, html, attachments []*part
}

// sortParts follows RFC 8621 4.1.4: of alternatives one each for text and
// HTML, of everything else in a row all that is text; the rest are files.
// Media shown in the row are files too.
func sortParts(root *part) sorting {
	var s sorting
	if !root.isMultipart {
		s.sortLeaf(root, "", false, &s.text, &s.html)
	} else {
		s.sortChildren(root, root.kind.value == "multipart/alternative", &s.text, &s.html)
	}
	s.promote()
	return s
}

// promote makes a text of multipart/related that does not stand first there,
// or one of a kind we do not know, the body when nothing else is one.
func (s *sorting) promote() {
	if len(s.text)+len(s.html) > 0 {
		return
	}
	for i, p := range s.attachments {
		if (p.outside == "related" && p.textKind() != "" || p.isOddText()) && p.disposition.value != "attachment" && p.name() == "" {
			s.text, s.html = []*part{p}, []*part{p}
			s.attachments = slices.Delete(s.attachments, i, i+1)
			return
		}
	}
}

// sortChildren fills text and html; either is nil when the alternatives
// around have it already.
func (s *sorting) sortChildren(p *part, inAlternative bool, text, html *[]*part) {
	subtype := p.kind.value[len("multipart/"):]
	texts, htmls := length(text), length(html)
	for _, child := range p.children {
		if child.isMultipart {
			s.sortChildren(child, inAlternative || child.kind.value == "multipart/alternative", text, html)
			continue
		}
		text, html = s.sortLeaf(child, subtype, inAlternative, text, html)
	}
	if subtype != "alternative" || text == nil || html == nil {
		return
	}
	switch { // only one kind was offered: it stands for both
	case len(*text) == texts && len(*html) > htmls:
		*text = append(*text, (*html)[htmls:]...)
	case len(*html) == htmls && len(*text) > texts:
		*html = append(*html, (*text)[texts:]...)
	}
}

func (s *sorting) sortLeaf(p *part, subtype string, inAlternative bool, text, html *[]*part) (*[]*part, *[]*part) {
	kind := p.textKind()
	if kind == "" || !p.isBody(subtype) {
		s.attachments = append(s.attachments, p)
		return text, html
	}
	if subtype == "alternative" {
		if kind == "text/plain" {
			push(text, p)
		} else {
			push(html, p)
		}
		return text, html
	}
	if inAlternative && kind == "text/plain" {
		html = nil
	} else if inAlternative {
		text = nil
	}
	push(text, p)
	push(html, p)
	return text, html
}

func length(list *[]*part) int {
	if list == nil {
		return -1
	}
	return len(*list)
}

func push(list *[]*part, p *part) {
	if list != nil {
		*list = append(*list, p)
	}
}

// textKind is text/plain or text/html for a part that may be shown, else "".
// A missing or unreadable type is text, unless it carries a file name.
func (p *part) textKind() string {
	kind := p.kind.value
	switch {
	case kind == "text/plain" || kind == "text/html":
		return kind
	case kind == "text" || strings.HasPrefix(kind, "multipart/"):
		return "text/plain"
	case !strings.Contains(kind, "/") && p.name() == "":
		return "text/plain"
	}
	return ""
}

// isOddText is true for a text of a kind we do not know: it reads as plain text
// where there is nothing else to read (RFC 2046, 4.1.4).
func (p *part) isOddText() bool {
	subtype, isText := strings.CutPrefix(p.kind.value, "text/")
	return isText && subtype != "plain" && subtype != "html" && !textOfData[subtype]
}

// textOfData are texts that programs read, not people.
var textOfData = wordSet("calendar vcard x-vcard directory csv css javascript ecmascript xml rtf rfc822-headers x-amp-html watch-html")

// isBody is false for files: named or marked as attachments, and everything
// behind the first in multipart/related.
func (p *part) isBody(subtype string) bool {
	if p.disposition.value == "attachment" {
		return false
	}
	if subtype == "" || p.isFirst {
		return true
	}
	return subtype != "related" && p.name() == ""
}

// joinText is the body as text, with uuencoded files taken out.
func (m *Message) joinText(d *decoder, parts []*part) (text string, files []*part) {
	var all strings.Builder
	for _, p := range parts {
		if p.textKind() == "text/html" {
			joinLines(&all, HTMLToText(d.htmlText(p)))
			continue
		}
		if p.isDamaged {
			m.warn("damaged transfer encoding in the text")
		}
		found, rest := splitUuencoded(p.data, 100)
		for _, f := range found {
			files = append(files, &part{kind: contentType{value: "application/octet-stream", params: map[string]string{"name": f.name}}, data: f.data})
		}
		one, ok := decodeCharset(rest, p.kind.params["charset"], d.hint)
		if !ok {
			m.warn("the charset of the text was guessed")
		}
		one = unixLines(one)
		if p.kind.value == "text/enriched" || p.kind.value == "text/richtext" {
			one = unenrich(one)
		}
		if strings.EqualFold(p.kind.params["format"], "flowed") {
			one = unflow(one, strings.EqualFold(p.kind.params["delsp"], "yes"))
		}
		joinLines(&all, one)
	}
	return all.String(), files
}

func joinLines(all *strings.Builder, text string) {
	if all.Len() > 0 && !strings.HasSuffix(all.String(), "\n") {
		all.WriteByte('\n')
	}
	all.WriteString(text)
}

// joinHTML is the body as HTML; text between HTML parts is escaped. "" when
// no part is HTML.
func (m *Message) joinHTML(d *decoder, parts []*part) string {
	isHTML := func(p *part) bool { return p.textKind() == "text/html" }
	if !slices.ContainsFunc(parts, isHTML) {
		return ""
	}
	if len(parts) == 1 {
		return d.htmlText(parts[0])
	}
	var all strings.Builder
	for _, p := range parts {
		if isHTML(p) {
			all.WriteString(d.htmlText(p))
			continue
		}
		text, _ := decodeCharset(p.data, p.kind.params["charset"], d.hint)
		all.WriteString(TextToHTML(unixLines(text)))
	}
	return all.String()
}

// htmlText decodes an HTML part, once; without a declared charset its <meta>
// is asked.
func (d *decoder) htmlText(p *part) string {
	if p.html == nil {
		label := p.kind.params["charset"]
		if normalCharset(label) == "" {
			label = metaCharset(p.data)
		}
		text, _ := decodeCharset(p.data, label, d.hint)
		text = unixLines(text)
		p.html = &text
	}
	return *p.html
}

func metaCharset(data []byte) string {
	head := bytes.ToLower(data[:min(len(data), 4096)])
	at := bytes.Index(head, []byte("charset="))
	if at < 0 {
		return ""
	}
	label := bytes.TrimLeft(head[at+len("charset="):], `"' `)
	if end := bytes.IndexAny(label, `"' ;/>`+"\r\n"); end >= 0 {
		label = label[:end]
	}
	if name := normalCharset(string(label)); encodingOf(name) != nil && !isStateful(name) {
		return name
	}
	return ""
}

// unixLines makes every line end \n.
func unixLines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// unflow joins the soft line breaks of format=flowed (RFC 3676) outside
// quotes, and removes the space-stuffing. The line before a signature's dashes
// ends there whatever it says (4.3).
func unflow(s string, deleteSpace bool) string {
	var out strings.Builder
	out.Grow(len(s))
	for len(s) > 0 {
		line, rest, more := strings.Cut(s, "\n")
		s = rest
		quoted := strings.HasPrefix(line, ">")
		next, _, _ := strings.Cut(rest, "\n")
		line = strings.TrimPrefix(line, " ")
		soft := more && !quoted && strings.HasSuffix(line, " ") && line != "-- " && next != "-- " && !strings.HasPrefix(next, ">")
		if soft && deleteSpace {
			line = line[:len(line)-1]
		}
		out.WriteString(line)
		if more && !soft {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// readable saves text from the body of a mail that cannot be parsed: lines
// that are no boundary, no part header and no encoded data.
func (d *decoder) readable(source []byte) string {
	source = source[:min(len(source), maxReadable)]
	var out []byte
	inHeader := false
	for at := 0; at < len(source); {
		end, next := lineEnd(source, at)
		line := source[at:end]
		at = next
		switch {
		case bytes.HasPrefix(line, []byte("--")):
			inHeader = true
		case inHeader && (fieldColon(line) > 0 || len(line) > 0 && (line[0] == ' ' || line[0] == '\t')):
		case inHeader && isBlank(line):
			inHeader = false
		case len(line) >= 60 && bytes.IndexByte(line, ' ') < 0:
		default:
			inHeader = false
			out = append(append(out, line...), '\n')
		}
	}
	text, _ := decodeCharset(out, "", d.hint)
	return unixLines(text)
}
