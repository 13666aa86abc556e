package mail

import (
	"strings"

	"golang.org/x/net/html"
)

// QuoteForReply is the answered message as it stands below an answer, as
// text and as HTML. attribution is the line above it ("On 3 February 2025 at
// 10:15, Ann Smith wrote:"), in the language of the desk. source is the
// cleaned HTML of the message; without one the text is used.
//
// Nothing remote comes along: quoting must not load a picture, here or at
// the next reader (RELIABILITY C10). Pictures within the mail keep their
// cid:, the caller attaches them or lets them go.
func QuoteForReply(text, source, attribution string) (quotedText, quotedHTML string) {
	attribution = strings.Join(strings.Fields(attribution), " ")
	if strings.TrimSpace(source) == "" {
		source = TextToHTML(text)
	}
	if strings.TrimSpace(text) == "" {
		text = HTMLToText(source)
	}
	quotedHTML = `<div>` + html.EscapeString(attribution) + `</div>` + "\n" +
		`<blockquote type="cite" style="margin: 0 0 0 .8ex; border-left: 1px solid #cccccc; padding-left: 1ex">` + "\n" +
		withoutMarks(source) + "\n</blockquote>\n"
	return attribution + "\n" + quoteLines(text), quotedHTML
}

func quoteLines(text string) string {
	var out strings.Builder
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n ")
	for line := range strings.SplitSeq(text, "\n") {
		switch line = strings.TrimRight(line, " \r"); {
		case line == "":
			out.WriteString(">\n")
		case line[0] == '>':
			out.WriteString(">" + line + "\n")
		default:
			out.WriteString("> " + line + "\n")
		}
	}
	return out.String()
}

// withoutMarks takes out what only our own pages understand: folds, and the
// places of remote pictures.
func withoutMarks(cleaned string) string {
	cleaned = strings.NewReplacer(foldStart, "", foldEnd, "").Replace(cleaned)
	return editTags(cleaned, func(token *html.Token) {
		kept := token.Attr[:0]
		for _, a := range token.Attr {
			if !strings.HasPrefix(a.Key, "data-remote-") {
				kept = append(kept, a)
			}
		}
		token.Attr = kept
	})
}
