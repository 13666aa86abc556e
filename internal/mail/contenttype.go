package mail

import (
	"regexp"
	"strings"

	"github.com/jhillyerd/enmime/v2/mediatype"
)

// A contentType is a value with parameters: Content-Type or
// Content-Disposition (RFC 2045 5.1, RFC 2183).
type contentType struct {
	value  string // lower-case: "text/plain", "attachment"
	params map[string]string
}

// contentType has enmime read a raw field. What it cannot: 8-bit bytes and
// extended parameters (RFC 2231) in other charsets than UTF-8.
func (d *decoder) contentType(raw []byte) contentType {
	s := d.plain(unfold(raw))
	if at := strings.IndexAny(s, "; "); at > 0 && s[at] == ' ' && strings.Contains(s[:at], "/") {
		s = s[:at] + ";" + s[at:]
	}
	label := ""
	s = extendedCharset.ReplaceAllStringFunc(s, func(found string) string {
		match := extendedCharset.FindStringSubmatch(found)
		label = match[2]
		return match[1] + "utf-8'"
	})
	value, params, _, err := mediatype.Parse(s)
	if err != nil {
		value, _, _ = strings.Cut(s, ";")
	}
	t := contentType{strings.ToLower(strings.Trim(value, " \"'")), make(map[string]string, len(params))}
	for name, value := range params {
		if value, _ = decodeCharset([]byte(value), label, d.hint); strings.Contains(value, "=?") {
			value = d.words(value)
		}
		if name != "boundary" { // blanks at its end may be part of it
			value = strings.TrimRight(value, " \t")
		}
		t.params[name] = value
	}
	return t
}

// extendedCharset is the label in name*=label'language'value.
var extendedCharset = regexp.MustCompile(`(\*\s*=\s*"?)([\w.:-]*)'`)

// fileName is a name on one line and at most 1,000 characters; folders stay.
func fileName(s string) string {
	s = strings.Map(dropControl, strings.ReplaceAll(s, "\t", " "))
	return cut(strings.TrimSpace(s), 1000)
}
