package mail

import (
	"io"
	"mime"
	"net/textproto"
	"path"
	"strings"
	"unicode/utf8"
)

// A File is read once, while the letter is written.
type File struct {
	Name      string
	Type      string // "image/png"; parameters are dropped
	ContentID string
	Inline    bool // shown in the HTML by cid:ContentID
	Open      func() (io.ReadCloser, error)
}

func (f File) shownInside() bool { return f.Inline && canonicalID(f.ContentID) != "" }

// header are the fields of the part with its name. They are made here: go-mail
// writes RFC 2047 words inside the quotes, which no reader need understand, and
// replaces quotes in names; this is RFC 2231.
func (f File) header(name string) textproto.MIMEHeader {
	disposition, header := "attachment", textproto.MIMEHeader{}
	if f.shownInside() {
		disposition = "inline"
	}
	header.Set("Content-Type", named(attachedType(f.Type), "name", name))
	header.Set("Content-Disposition", named(disposition, "filename", name))
	if id := canonicalID(f.ContentID); id != "" {
		header.Set("Content-ID", "<"+id+">")
	}
	return header
}

// named adds a name in quotes; they are needed for most names, and readers expect them for all.
func named(value, parameter, name string) string {
	if !printableASCII(name) {
		return mime.FormatMediaType(value, map[string]string{parameter: name})
	}
	return value + "; " + parameter + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// attachedType is a plain media type. Mails and multiparts may not be encoded
// as base64 (RFC 2046, 5.2.1), so they travel as files.
func attachedType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	kind := mime.FormatMediaType(strings.TrimSpace(s), nil)
	major, _, whole := strings.Cut(kind, "/")
	if !whole || len(kind) > 127 || major == "multipart" || major == "message" {
		return "application/octet-stream"
	}
	return kind
}

// attachedName keeps the last part of a name, at most 255 bytes of it with its
// extension: what a file system takes, and short enough for one line.
func attachedName(s string) string {
	name := strings.TrimSpace(headerText(s))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if len(name) > 255 {
		ext := path.Ext(name)
		if len(ext) > 20 {
			ext = ""
		}
		end := 255 - len(ext)
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = name[:end] + ext
	}
	if name == "" {
		return "attachment"
	}
	return name
}
