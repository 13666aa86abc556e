package mail

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Parse reads any bytes as a mail. It never fails: what can be saved is in
// the Message, what was odd is in its Warnings. enmime reads the parts, behind
// a scan that keeps its work linear in the length of raw: bounded in parts,
// depth, header size and parameters (DECISIONS, Parser). Beyond a limit the
// Message is Limited.
func Parse(raw []byte) (m *Message) {
	defer func() {
		if fault := recover(); fault != nil {
			m = plainMessage(raw, fmt.Sprintf("reading the mail failed: %v", fault))
		}
	}()
	raw = normalBytes(raw)
	d := &decoder{}
	h, body, over := readHeader(raw, mailHeaderLimit)
	s := scan(d, raw, h, body)
	m = &Message{}
	if over {
		m.limit("header larger than 256 KB")
	}
	for _, what := range s.exceeded {
		m.limit(what)
	}
	d.learnFrom(h.first("subject"))
	d.learnFrom(h.first("from"))
	m.readHeaders(d, h, raw)
	m.readTree(d, h, s, body)
	return m
}

// readTree reads the body part by part, or, when that cannot be, saves its
// readable text.
func (m *Message) readTree(d *decoder, h header, s *scanner, body int) {
	if len(s.exceeded) == 0 {
		root, err := m.readParts(d, s.mail())
		if err == nil && (!root.isMultipart || len(root.children) > 0 || s.isMet) {
			m.readBodies(d, root)
			if m.Bounce = readBounce(d, m, root); m.Bounce == nil {
				m.Bounce = readWorded(m, h.first("x-failed-recipients"), root)
			}
			if !root.isPartial || strings.TrimSpace(m.Text) != "" {
				return
			}
		}
		m.warn("the parts of the mail cannot be told apart")
	}
	m.Text = d.readable(s.raw[body:])
}

// PlainText is raw as text, for a mail that a person wants taken as it
// stands: headers where they can be read, everything else as text.
func PlainText(raw []byte) *Message {
	return plainMessage(raw, "taken as plain text")
}

func plainMessage(raw []byte, warning string) *Message {
	raw = normalBytes(raw)
	d := &decoder{}
	h, body, _ := readHeader(raw, mailHeaderLimit)
	m := &Message{}
	m.warn(warning)
	m.readHeaders(d, h, raw)
	text, _ := decodeCharset(raw[body:min(len(raw), body+maxReadable)], "", "")
	m.Text = unixLines(text)
	return m
}

// normalBytes brings odd files into the form the scanner reads: UTF-16 to
// UTF-8, a byte order mark and blank lines in front off, CR-only line ends to
// LF. Ordinary mail is returned as it is, not copied.
func normalBytes(raw []byte) []byte {
	if bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) || looksUTF16(raw) {
		if out, err := utf16Order(raw).NewDecoder().Bytes(raw); err == nil {
			raw = out
		}
	}
	raw = bytes.TrimPrefix(raw, []byte{0xef, 0xbb, 0xbf})
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.ReplaceAll(raw, []byte{'\r'}, []byte{'\n'})
	}
	if trimmed := bytes.TrimLeft(raw, "\r\n"); len(trimmed) < len(raw) && continues(trimmed) {
		raw = trimmed
	}
	return raw
}

func (m *Message) warn(what string) {
	if len(m.Warnings) < 50 {
		m.Warnings = append(m.Warnings, what)
	}
}

func (m *Message) limit(what string) {
	m.Limited = true
	m.warn("limit met: " + what)
}

// readHeaders fills in everything that stands in the top header.
func (m *Message) readHeaders(d *decoder, h header, raw []byte) {
	t := References(raw)
	m.MessageID, m.InReplyTo, m.References = t.MessageID, t.InReplyTo, t.References
	if m.MessageID == "" {
		m.warn("no Message-ID")
	}
	m.readFrom(d, h)
	m.Sender = m.readList(d, h, "sender")
	m.ReplyTo = m.readList(d, h, "reply-to")
	m.To = m.readList(d, h, "to")
	m.Cc = m.readList(d, h, "cc")
	m.Subject = cut(strings.Map(dropControl, d.text(h.first("subject"))), MaxSubject)
	if date := h.first("date"); date != nil {
		var ok bool
		if m.Date, ok = parseDate(date); !ok {
			m.warn("unreadable Date")
		}
	}
	for i, value := range h.all("authentication-results") {
		if i < 20 {
			m.AuthenticationResults = append(m.AuthenticationResults, cut(d.text(value), 2000))
		}
	}
	m.readAutomatic(d, h)
	if len(h) == 0 {
		m.warn("no header")
	}
}

// readFrom takes the first From field. More than one is a trick (RFC 5322 3.6
// allows one), and so are several addresses in it: RFC 5322 allows them, but
// nobody writes so, and what checks a sender looks at one (RFC 7489 6.6.1).
func (m *Message) readFrom(d *decoder, h header) {
	fields := h.all("from")
	if len(fields) > 1 {
		m.ManyFrom = true
		m.warn("more than one From: the first is taken")
	}
	if len(fields) > 0 {
		p := d.parseAddresses(fields[0])
		m.From, m.OddFrom = p.list, p.odd
	}
	for _, a := range m.From {
		m.ManyFrom = m.ManyFrom || strings.Contains(a.Address, "@") && a.Address != m.From[0].Address
		m.OddFrom = m.OddFrom || oddlySpelled(a)
	}
	switch {
	case len(m.From) == 0:
		m.warn("no From")
	case m.From[0].Address == "":
		m.warn("From without an address")
	}
}

func (m *Message) readList(d *decoder, h header, name string) []Address {
	var list []Address
	for _, value := range h.all(name) {
		some, more := d.addresses(value)
		list = append(list, some...)
		if more || len(list) > maxAddresses {
			list = list[:min(len(list), maxAddresses)]
			m.warn("more than 1,000 addresses in " + name)
			break
		}
	}
	return list
}

// readBodies sorts the leaves into text, HTML and attachments and decodes
// them.
func (m *Message) readBodies(d *decoder, root *part) {
	c := sortParts(root)
	var files []*part
	m.Text, files = m.joinText(d, c.text)
	m.HTML = m.joinHTML(d, c.html)
	if strings.TrimSpace(m.Text) == "" && m.HTML != "" {
		m.Text = HTMLToText(m.HTML)
	}
	shown := contentIDs(m.HTML)
	for _, p := range append(c.attachments, files...) {
		m.attach(d, p, shown)
	}
}

// attach decodes a part into an attachment; a winmail.dat becomes what is
// inside.
func (m *Message) attach(d *decoder, p *part, shown map[string]bool) {
	a := Attachment{Type: mediaType(p.kind.value), Data: p.data, Name: fileName(p.name()), ContentID: p.contentID}
	if p.isDamaged {
		m.warn("damaged transfer encoding in an attachment")
	}
	if isTNEF(a.Type, a.Name) && m.unpackTNEF(d, a.Data) {
		return
	}
	a.Inline = standsWithin(a, shown)
	a.SHA256 = sha256.Sum256(a.Data)
	m.Attachments = append(m.Attachments, a)
}

// name is what the part calls its file, "" when nothing does.
func (p *part) name() string {
	if name := p.disposition.params["filename"]; name != "" {
		return name
	}
	if name := p.kind.params["name"]; name != "" {
		return name
	}
	return p.kind.params["filename"]
}

// mediaType lets only well-formed types through.
func mediaType(s string) string {
	major, minor, _ := strings.Cut(s, "/")
	if !isToken(major) || !isToken(minor) || len(s) > 127 {
		return "application/octet-stream"
	}
	return s
}

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$&^_.+-", r))
	})
}

// standsWithin tells whether the reader sees the attachment in the HTML: a picture that can be drawn and that shown refers to. Whatever else the
// sender says of it, it is a file like others then and must be listed as one. Of two with one Content-ID the first is the one that is seen.
func standsWithin(a Attachment, shown map[string]bool) bool {
	switch a.Type {
	case "image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/gif", "image/webp":
	default:
		return false
	}
	within := shown[a.ContentID]
	delete(shown, a.ContentID)
	return within
}

var cidAddress = regexp.MustCompile(`(?i)cid:([^"' >)&\\\n]+)`)

// contentIDs are the cid: addresses an HTML body refers to, decoded, in one pass.
func contentIDs(html string) map[string]bool {
	ids := map[string]bool{}
	for _, found := range cidAddress.FindAllStringSubmatch(html, 10*maxParts) {
		id, err := url.PathUnescape(found[1])
		if err != nil {
			id = found[1]
		}
		ids[id] = true
	}
	return ids
}
