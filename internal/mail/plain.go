package mail

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// maxPlain is how much text is made from HTML, in bytes.
const maxPlain = 1 << 20

// TextToHTML writes a plain text as safe HTML: paragraphs, line breaks,
// indentation, "> " lines as nested quotes, web and mail addresses as links.
// For the text view and for the HTML side of a plain-text reply.
func TextToHTML(text string) string {
	w := textHTML{}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		w.line(line)
	}
	w.quoteTo(0)
	w.endParagraph()
	return w.out.String()
}

// maxQuoteDepth bounds nested quotes: deeper ones keep their ">" signs.
const maxQuoteDepth = 10

type textHTML struct {
	out       strings.Builder
	depth     int
	paragraph bool
}

func (w *textHTML) line(line string) {
	depth, rest := quoteDepth(line)
	w.quoteTo(depth)
	rest = strings.TrimRightFunc(rest, unicode.IsSpace)
	if rest == "" {
		w.endParagraph()
		return
	}
	if w.paragraph {
		w.out.WriteString("<br>\n")
	} else {
		w.out.WriteString("<p>")
		w.paragraph = true
	}
	w.out.WriteString(linkify(rest))
}

func (w *textHTML) quoteTo(depth int) {
	if depth == w.depth {
		return
	}
	w.endParagraph()
	for ; w.depth < depth; w.depth++ {
		w.out.WriteString(`<blockquote type="cite">`)
	}
	for ; w.depth > depth; w.depth-- {
		w.out.WriteString("</blockquote>\n")
	}
}

func (w *textHTML) endParagraph() {
	if w.paragraph {
		w.out.WriteString("</p>\n")
		w.paragraph = false
	}
}

// quoteDepth counts the ">" at the start of a line and gives what follows.
func quoteDepth(line string) (depth int, rest string) {
	rest = line
	for depth < maxQuoteDepth {
		trimmed := strings.TrimPrefix(rest, " ")
		if !strings.HasPrefix(trimmed, ">") {
			break
		}
		depth++
		rest = trimmed[1:]
	}
	if depth > 0 {
		rest = strings.TrimPrefix(rest, " ")
	}
	return depth, rest
}

var addresses = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>"]+|(?:\bmailto:)?\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+`)

// mayHoldAddress is a look that spares most of a text the expression: what it matches has one of these.
func mayHoldAddress(s string) bool {
	return strings.Contains(s, "@") || strings.Contains(s, "://") || strings.Contains(strings.ToLower(s), "www.")
}

// linkify escapes one line and makes its addresses links.
func linkify(line string) string {
	if !mayHoldAddress(line) {
		return keepSpaces(line)
	}
	var out strings.Builder
	rest := 0
	for _, at := range addresses.FindAllStringIndex(line, -1) {
		found := trimAddress(line[at[0]:at[1]])
		target := found
		if !strings.Contains(found, "://") && strings.Contains(found, "@") && !strings.HasPrefix(strings.ToLower(found), "mailto:") &&
			!strings.HasPrefix(strings.ToLower(found), "www.") {
			target = "mailto:" + found
		}
		link := linkURL(target)
		if link == "" || strings.HasPrefix(target, "mailto:") && inName(line[:at[0]]) {
			continue
		}
		out.WriteString(keepSpaces(line[rest:at[0]]))
		out.WriteString(`<a href="` + html.EscapeString(link) + `" target="_blank" rel="noopener noreferrer">` + html.EscapeString(found) + `</a>`)
		rest = at[0] + len(found)
	}
	out.WriteString(keepSpaces(line[rest:]))
	return out.String()
}

// trimAddress leaves the punctuation of the sentence out of an address, and
// a closing bracket that was opened before it.
func trimAddress(found string) string {
	round := strings.Count(found, ")") - strings.Count(found, "(")
	square := strings.Count(found, "]") - strings.Count(found, "[")
	for found != "" {
		last, size := utf8.DecodeLastRuneInString(found)
		switch {
		case strings.ContainsRune(".,;:!?'*_“”’«»…", last):
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
		default:
			return found
		}
		found = found[:len(found)-size]
	}
	return found
}

// inName tells whether what stands before an address is the beginning of its
// name, in letters that such an address has no place for.
func inName(before string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	return unicode.Is(unicode.Latin, last)
}

// keepSpaces escapes text and keeps runs of blanks visible, as tables drawn
// with blanks need it.
func keepSpaces(s string) string {
	s = strings.ReplaceAll(s, "\t", "    ")
	s = html.EscapeString(s)
	return strings.ReplaceAll(s, "  ", "\u00a0 ")
}

// Excerpt is the beginning of what is new in a text, on one line: without
// quoted history, at most n characters, cut between words with an ellipsis.
func Excerpt(text string, n int) string {
	if at := QuoteAt(text); at >= 0 {
		text = text[:at]
	}
	text = text[:min(len(text), n*16+1000)]
	words := slices.DeleteFunc(strings.FieldsFunc(strings.ToValidUTF8(text, ""), isGapRune), func(word string) bool { return strings.TrimFunc(word, isUnseenRune) == "" })
	line := strings.Join(words, " ")
	runes := []rune(line)
	if len(runes) <= n {
		return line
	}
	if n < 1 {
		return ""
	}
	cut := n - 1
	for i := cut; i > cut-30 && i > 0; i-- {
		if runes[i] == ' ' {
			cut = i
			break
		}
	}
	return strings.TrimRight(string(runes[:cut]), " .,;:") + "…"
}
