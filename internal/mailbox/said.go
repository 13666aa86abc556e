package mailbox

import (
	"encoding/base64"
	"strings"
	"unicode"
)

// maxSaid is how much of a server's words is kept, in characters.
const maxSaid = 300

// said makes a server's words fit for a log, a database and a page: one line of valid UTF-8 without control characters, not long, and
// without the secret, should a server have echoed it (RELIABILITY, C18).
func said(text string, secret Secret) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(secret) >= 4 {
		text = strings.ReplaceAll(text, string(secret), "***")
		text = strings.ReplaceAll(text, base64.StdEncoding.EncodeToString([]byte(secret)), "***")
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Cf, r)
	}), " ")
	if r := []rune(text); len(r) > maxSaid {
		text = string(r[:maxSaid-1]) + "…"
	}
	return text
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
	})
}
