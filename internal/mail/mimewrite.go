package mail

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A mimeWriter writes headers and parts; after the first error nothing.
//
// Written here rather than with go-mail: that holds each attachment and its
// base64 in memory, and writes file names as RFC 2047 words inside quotes.
type mimeWriter struct {
	w    *bufio.Writer
	seed string
	err  error
}

func (w *mimeWriter) write(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

const foldAt = 76

// field writes a header field, folded before words. value has no controls.
func (w *mimeWriter) field(name, value string) {
	w.folded(name, foldableWords(strings.TrimSpace(value)))
}

// folded writes a header field from its words; a word starts with the blanks
// before it, and is never parted.
func (w *mimeWriter) folded(name string, words []string) {
	line := name + ":"
	for i, word := range words {
		if i > 0 && len(line)+len(word) > foldAt {
			w.write(line + "\r\n")
			line = ""
		}
		line += word
	}
	w.write(line + "\r\n")
}

func foldableWords(value string) []string {
	value = " " + value
	var words []string
	start := 0
	for i := 1; i < len(value); i++ {
		if value[i] == ' ' && value[i-1] != ' ' {
			words = append(words, value[start:i])
			start = i
		}
	}
	return append(words, value[start:])
}

func (w *mimeWriter) multipart(kind string, parts func(part func())) {
	boundary := w.boundary(kind)
	w.field("Content-Type", "multipart/"+kind+"; boundary=\""+boundary+"\"")
	w.write("\r\n")
	parts(func() { w.write("\r\n--" + boundary + "\r\n") })
	w.write("\r\n--" + boundary + "--\r\n")
}

// words writes a text part; line ends of any kind become CRLF.
func (w *mimeWriter) words(kind, text string) {
	w.field("Content-Type", kind+"; charset=utf-8")
	w.field("Content-Transfer-Encoding", "quoted-printable")
	w.write("\r\n")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if w.err != nil {
		return
	}
	qp := quotedprintable.NewWriter(w.w)
	_, w.err = io.WriteString(qp, text)
	if err := qp.Close(); w.err == nil {
		w.err = err
	}
}

func (w *mimeWriter) file(f File) {
	kind := attachedType(f)
	disposition := "attachment"
	if f.Inline && canonicalID(f.ContentID) != "" {
		disposition = "inline"
	}
	name := attachedName(f)
	w.folded("Content-Type", parameters(kind, "name", name))
	w.folded("Content-Disposition", parameters(disposition, "filename", name))
	if id := canonicalID(f.ContentID); id != "" {
		w.field("Content-ID", "<"+id+">")
	}
	w.field("Content-Transfer-Encoding", "base64")
	w.write("\r\n")
	if w.err == nil {
		w.err = w.content(f)
	}
}

func (w *mimeWriter) content(f File) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("open attachment %q: %w", f.Name, err)
	}
	defer in.Close()
	lines := &base64Lines{w: w.w}
	enc := base64.NewEncoder(base64.StdEncoding, lines)
	if _, err := io.Copy(enc, in); err != nil {
		return fmt.Errorf("read attachment %q: %w", f.Name, err)
	}
	return enc.Close()
}

// base64Lines breaks its input into lines of 76.
type base64Lines struct {
	w      io.Writer
	column int
}

func (b *base64Lines) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		if b.column == foldAt {
			if _, err := io.WriteString(b.w, "\r\n"); err != nil {
				return 0, err
			}
			b.column = 0
		}
		n := min(len(p), foldAt-b.column)
		if _, err := b.w.Write(p[:n]); err != nil {
			return 0, err
		}
		b.column += n
		p = p[n:]
	}
	return total, nil
}

// attachedType is a plain media type. Mails and multiparts may not be encoded as
// base64 (RFC 2046, 5.2.1), so they travel as files.
func attachedType(f File) string {
	kind, _, _ := strings.Cut(f.Type, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if !mediaTypes.MatchString(kind) || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return "application/octet-stream"
	}
	return kind
}

var mediaTypes = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,90}$`)

// attachedName keeps the last part of a name, at most 120 characters with its
// extension.
func attachedName(f File) string {
	name := strings.TrimSpace(headerText(f.Name))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if runes := []rune(name); len(runes) > 120 {
		ext := []rune(path.Ext(name))
		if len(ext) > 20 {
			ext = nil
		}
		name = string(runes[:120-len(ext)]) + string(ext)
	}
	if name == "" {
		name = "attachment"
	}
	return name
}

// parameters gives the words of value; name="file", or of the RFC 2231 form
// when the file name is long or not ASCII.
func parameters(value, name, file string) []string {
	if printableASCII(file) && len(file) <= 60 {
		file = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(file)
		return []string{" " + value + ";", " " + name + `="` + file + `"`}
	}
	pieces := percentPieces(file)
	if len(pieces) == 1 {
		return []string{" " + value + ";", " " + name + "*=" + pieces[0]}
	}
	words := []string{" " + value}
	for i, piece := range pieces {
		words[i] += ";"
		words = append(words, fmt.Sprintf(" %s*%d*=%s", name, i, piece))
	}
	return words
}

// percentPieces encodes as RFC 2231 does, in pieces that fit on a line.
func percentPieces(s string) []string {
	var pieces []string
	piece := "utf-8''"
	for i := range len(s) {
		encoded := s[i : i+1]
		if !parameterSafe[encoded] {
			encoded = fmt.Sprintf("%%%02X", s[i])
		}
		if len(piece)+len(encoded) > 50 {
			pieces = append(pieces, piece)
			piece = ""
		}
		piece += encoded
	}
	return append(pieces, piece)
}

var parameterSafe = wordSet(strings.Join(strings.Split("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", ""), " "))

// headerText makes a string fit to stand in a header: controls, NUL, line
// and paragraph separators become blanks, broken UTF-8 its replacement sign.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func printableASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// encodeWords writes text as it is if it is ASCII with words that fold, else
// as RFC 2047 words. Readers make one blank of a fold, so several in a row
// are encoded where a fold could meet them.
func encodeWords(s string) string {
	s = strings.TrimSpace(s)
	if printableASCII(s) && !strings.Contains(s, "=?") && longestWord(s) < 900 && (len(s) < 60 || !strings.Contains(s, "  ")) {
		return s
	}
	if !printableASCII(s) && nonASCII(s)*3 < len(s) {
		return mime.QEncoding.Encode("utf-8", s)
	}
	return base64Words(s)
}

// base64Words encodes always, which the standard library does only where it
// sees need.
func base64Words(s string) string {
	var words []string
	for s != "" {
		n := min(len(s), 45)
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// longestWord counts the blanks before a word too: both stay on one line.
func longestWord(s string) int {
	longest, start := 0, 0
	for i := 1; i < len(s); i++ {
		if s[i] == ' ' && s[i-1] != ' ' {
			longest, start = max(longest, i-start), i
		}
	}
	return max(longest, len(s)-start)
}

func nonASCII(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

func addressList(list []Address) (string, error) {
	var parts []string
	for _, a := range list {
		one, err := writeAddress(a)
		if err != nil {
			return "", err
		}
		parts = append(parts, one)
	}
	return strings.Join(parts, ", "), nil
}

// writeAddress writes "Name" <local@domain>. The address must be one that
// every server takes: ASCII, no controls, one @.
func writeAddress(a Address) (string, error) {
	parsed, err := netmail.ParseAddress("<" + a.Address + ">")
	if err != nil || !printableASCII(a.Address) || len(a.Address) > 320 ||
		parsed.Address != a.Address && !strings.HasPrefix(a.Address, `"`) {
		return "", fmt.Errorf("%q is no address that can be written to", a.Address)
	}
	name := strings.Join(strings.Fields(headerText(a.Name)), " ")
	if runes := []rune(name); len(runes) > 150 {
		name = string(runes[:150])
	}
	bare := (&netmail.Address{Address: parsed.Address}).String()
	switch {
	case name == "":
		return strings.TrimSuffix(strings.TrimPrefix(bare, "<"), ">"), nil
	case strings.Contains(name, "=?"): // would be read as an encoded word
		return base64Words(name) + " " + bare, nil
	}
	return (&netmail.Address{Name: name, Address: parsed.Address}).String(), nil
}
