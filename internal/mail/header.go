package mail

import (
	"bytes"
	"strings"
)

// A field is one header field, still folded and undecoded.
type field struct {
	name  string // lower-case
	value []byte // slice of the raw mail, line ends inside
}

// A header is the fields of one part in their order.
type header []field

// first returns the raw value of the first field with that lower-case name.
func (h header) first(name string) []byte {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// all returns the raw values of every field with that lower-case name.
func (h header) all(name string) [][]byte {
	var values [][]byte
	for _, f := range h {
		if f.name == name {
			values = append(values, f.value)
		}
	}
	return values
}

// A headerLimit bounds what readHeader keeps; it always walks to the end.
type headerLimit struct {
	bytes  int // of the whole block; beyond it each value is cut to share
	fields int
	share  int // bytes of one value that are kept once bytes is exceeded
}

var (
	mailHeaderLimit = headerLimit{bytes: maxHeaderBytes, fields: 2000, share: 16 << 10}
	partHeaderLimit = headerLimit{bytes: maxHeaderBytes, fields: 200, share: 4 << 10}
)

// readHeader splits the header at the start of raw (RFC 5322 2.2) and returns
// where the body begins. It forgives an mbox "From " line, spaces before the
// colon, stray lines between known fields, and a missing blank line. over is
// true when the block is larger than the limit: then long values are cut, so
// that a giant To does not cost the Subject behind it.
func readHeader(raw []byte, limit headerLimit) (h header, body int, over bool) {
	at := 0
	for at < len(raw) {
		end, next := lineEnd(raw, at)
		line := raw[at:end]
		if len(line) == 0 {
			at = next
			break
		}
		if isBlank(line) && !continues(raw[next:]) {
			at = next
			break
		}
		colon := fieldColon(line)
		if colon < 0 {
			goesOn := continues(raw[next:])
			if at == 0 && isMboxLine(line) || isBrokenField(line) && (goesOn || len(h) > 0) || goesOn && len(h) > 0 {
				at = next
				continue
			}
			break
		}
		for next < len(raw) && (raw[next] == ' ' || raw[next] == '\t') {
			e, n := lineEnd(raw, next)
			if isBlank(raw[next:e]) && !continues(raw[n:]) {
				break
			}
			end, next = e, n
		}
		if len(h) < limit.fields {
			h = append(h, field{lowerName(line[:colon]), raw[at+colon+1 : end]})
		} else {
			over = true
		}
		at = next
	}
	if at > limit.bytes {
		over = true
		for i := range h {
			h[i].value = h[i].value[:min(len(h[i].value), limit.share)]
		}
	}
	return h, at, over
}

// continues reports whether a header goes on at raw: a folded line, or a
// field whose name is well known.
func continues(raw []byte) bool {
	end, _ := lineEnd(raw, 0)
	line := raw[:min(end, 80)]
	if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
		return !isBlank(raw[:end])
	}
	colon := fieldColon(line)
	return colon > 0 && isKnownField(lowerName(line[:colon]))
}

func isKnownField(name string) bool {
	switch name {
	case "from", "to", "cc", "subject", "date", "message-id", "mime-version", "received", "sender",
		"reply-to", "in-reply-to", "references", "return-path", "delivered-to", "content-type",
		"content-transfer-encoding", "content-disposition", "content-id", "content-description",
		"dkim-signature", "bcc", "importance", "x-priority", "arc-seal", "authentication-results", "list-id", "list-unsubscribe", "user-agent", "x-mailer":
		return true
	}
	return false
}

// lineEnd returns where the line at at ends, without its line end, and where
// the next one starts.
func lineEnd(raw []byte, at int) (end, next int) {
	n := bytes.IndexByte(raw[at:], '\n')
	if n < 0 {
		return len(raw), len(raw)
	}
	end, next = at+n, at+n+1
	for end > at && raw[end-1] == '\r' {
		end--
	}
	return end, next
}

// fieldColon returns the place of the colon that ends a field name, or -1
// when the line is no field. Names are printable ASCII without spaces; spaces
// before the colon are forgiven. What starts with -- is a boundary.
func fieldColon(line []byte) int {
	if bytes.HasPrefix(line, []byte("--")) {
		return -1
	}
	for i, c := range line {
		switch {
		case c == ':':
			if i == 0 {
				return -1
			}
			return i
		case c == ' ' || c == '\t':
			rest := bytes.TrimLeft(line[i:], " \t")
			if i > 0 && len(rest) > 0 && rest[0] == ':' {
				return len(line) - len(rest)
			}
			return -1
		case c < '!' || c > '~' || i > 200:
			return -1
		}
	}
	return -1
}

// isBrokenField is true for a field whose name holds bytes it must not.
func isBrokenField(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	return colon > 0 && colon < 80 && !bytes.ContainsAny(line[:colon], " \t") &&
		!bytes.HasPrefix(line, []byte("--")) && !bytes.HasPrefix(line[colon:], []byte("://"))
}

func isMboxLine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
}

func isBlank(line []byte) bool {
	return len(bytes.TrimLeft(line, " \t\r")) == 0
}

func lowerName(name []byte) string {
	return strings.ToLower(string(bytes.TrimRight(name, " \t")))
}

// unfold makes one line of a raw value: a line end and the blanks after it
// become one space; other control characters go.
func unfold(value []byte) string {
	value = bytes.TrimSpace(value)
	if bytes.IndexFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0 {
		return string(value)
	}
	out := make([]byte, 0, len(value))
	folded := false
	for _, c := range value {
		switch {
		case c == '\n' || c == '\r':
			folded = true
			continue
		case c == '\t':
			c = ' '
		case c < ' ' && c != 0x1b && c != 0x0e && c != 0x0f || c == 0x7f:
			continue // but ESC, SO and SI belong to ISO-2022 charsets
		}
		if folded {
			if c == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
				continue
			}
			if c != ' ' {
				folded = false
			} else if len(out) > 0 {
				out = append(out, ' ')
				continue
			}
		}
		out = append(out, c)
	}
	return string(out)
}
