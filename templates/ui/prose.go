package ui

import (
	"context"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

// address is a link as people write it into a mail; what closes a sentence, a quotation or a bracket behind it is no part of it.
var address = regexp.MustCompile(`(?:https?://|\bwww\.\w)(?:[^\s<>"()]|\([^\s<>"()]*\))*(?:[^\s<>"'().,;:!?\[\]{}“”’«»…]|\([^\s<>"()]*\))`)

// Prose prints plain text as it was written, its web addresses as links that open beside the page.
func Prose(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		at := 0
		for _, m := range address.FindAllStringIndex(s, -1) {
			link := templ.EscapeString(s[m[0]:m[1]])
			b.WriteString(templ.EscapeString(s[at:m[0]]))
			to := link
			if link[0] == 'w' {
				to = "https://" + link
			}
			b.WriteString(`<a href="` + to + `" target="_blank" rel="noopener noreferrer">` + link + `</a>`)
			at = m[1]
		}
		b.WriteString(templ.EscapeString(s[at:]))
		_, err := io.WriteString(w, b.String())
		return err
	})
}
