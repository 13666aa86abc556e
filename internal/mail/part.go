package mail

import (
	"fmt"
	"io"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// A part is one node of the MIME tree that enmime read.
type part struct {
	kind        contentType
	disposition contentType
	contentID   string
	data        []byte // of a leaf, without transfer encoding
	isDamaged   bool   // its transfer encoding did not fit
	isPartial   bool   // enmime gave up one of the parts below
	children    []*part
	isMultipart bool
	outside     string // subtype of the multipart it stands in
	isFirst     bool   // in that multipart

	html *string // of an HTML part, once it is decoded
}

// readParts has enmime read a mail that the scanner went through.
func (m *Message) readParts(d *decoder, mail io.Reader) (*part, error) {
	root, err := enmime.NewParser(
		enmime.SetCustomParseMediaType(d.structure),
		enmime.SkipMalformedParts(true),
		enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.DisableCharacterDetection(true),
		enmime.MaxStoredPartErrors(20),
	).ReadParts(mail)
	if err != nil {
		return nil, fmt.Errorf("read parts: %w", err)
	}
	return m.newPart(d, root, "text/plain"), nil
}

// structure tells enmime what it needs to split a mail. Everything that is no
// multipart is data to it, so that text keeps its bytes: charsets are missing
// or wrong too often to be converted by their label.
func (d *decoder) structure(value string) (kind string, params map[string]string, invalid []string, err error) {
	t := d.contentType([]byte(value))
	if boundary := t.params["boundary"]; boundary != "" && strings.HasPrefix(t.value, "multipart/") {
		return t.value, map[string]string{"boundary": boundary}, nil, nil
	}
	return "application/octet-stream", nil, nil, nil
}

// newPart takes over one node and those below it.
func (m *Message) newPart(d *decoder, e *enmime.Part, defaultKind string) *part {
	get := func(name string) []byte { return []byte(e.Header.Get(name)) }
	p := &part{
		kind: d.contentType(get("Content-Type")), disposition: d.contentType(get("Content-Disposition")),
		contentID:   strings.Trim(d.text(get("Content-Id")), "<> "),
		isMultipart: e.Boundary != "",
	}
	if p.kind.value == "" {
		p.kind.value = defaultKind
	}
	if !p.isMultipart {
		data, ok := decodeTransfer(e.Content, e.Header.Get("Content-Transfer-Encoding"))
		p.data, p.isDamaged = data, !ok
	}
	childKind := "text/plain"
	if p.kind.value == "multipart/digest" {
		childKind = "message/rfc822"
	}
	for child := e.FirstChild; child != nil; child = child.NextSibling {
		c := m.newPart(d, child, childKind)
		c.outside, c.isFirst = strings.TrimPrefix(p.kind.value, "multipart/"), len(p.children) == 0
		p.children = append(p.children, c)
		p.isPartial = p.isPartial || c.isPartial
	}
	for _, problem := range e.Errors {
		if problem.Severe {
			m.warn(cut(cleanText(problem.Name+": "+problem.Detail), 200))
			p.isPartial = p.isPartial || problem.Name == enmime.ErrorMalformedChildPart
		}
	}
	return p
}

func eachLeaf(p *part, do func(*part)) {
	if !p.isMultipart {
		do(p)
	}
	for _, child := range p.children {
		eachLeaf(child, do)
	}
}
