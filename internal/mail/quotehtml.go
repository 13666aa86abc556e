package mail

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// A quoteKind says what an element's class, id or style tells about history.
// It is read from the mail before classes and ids are dropped.
type quoteKind int

const (
	noQuote    quoteKind = iota
	wholeQuote           // the element is the history
	quoteIntro           // "On … wrote:", belongs to the quote behind it
	quoteStart           // history starts here and goes on behind the element
	quoteRule            // a rule above it, as stands above history
	signature            // says nothing new, wherever it stands
)

// The marks in stored HTML; Document puts the reader's words between the
// summary tags. No mail can write them: Clean drops details, summary, class.
const (
	foldSummary = `<summary class="quoted"></summary>`
	foldStart   = `<details class="quoted">` + foldSummary
	foldEnd     = `</details>`
)

const (
	maxHeaderWords = 4000 // bytes of a header block: many recipients
	maxIntro       = 600  // bytes of an attribution
	maxIntroKids   = 20   // pieces of it: a link in it is one
	shortQuote     = 400  // bytes: a quote this short above an answer is its context and stays open
	// Both bound the work on a mail made to be slow, not on one to be read.
	maxFoldTries = 100
	maxFolds     = 100
)

var (
	wholeQuoteMarks = wordSet(`gmail_quote gmail_quote_container yahoo_quoted protonmail_quote zmail_extra
		moz-email-quoted tutanota_quote nh_extra ms-outlook-mobile-reference-message
		mail-editor-reference-message-container quoted-text gmx_quote`)
	introMarks = wordSet(`moz-cite-prefix gmail_attr reply-intro`)
	signMarks  = wordSet(`moz-signature gmail_signature ms-outlook-mobile-signature`)
	startMarks = wordSet(`divrplyfwdmsg outlookmessageheader zwchr _origmsg_`)
	topRule    = regexp.MustCompile(`(?i)border-top:\s*solid\s+#(?:e1e1e1|b5c4df)\b|border:\s*none;\s*border-top:\s*solid`)
	leftRule   = regexp.MustCompile(`(?i)border-left(?:-[a-z]+)?:\s*[^;]*(?:solid|[0-9])`)
)

func quoteKindOf(tag string, attrs []html.Attribute) quoteKind {
	if len(attrs) == 0 {
		return noQuote
	}
	style := attrOf(attrs, "style")
	if tag == "blockquote" && (strings.EqualFold(attrOf(attrs, "type"), "cite") || attrOf(attrs, "cite") != "" ||
		len(style) < maxStyle && leftRule.MatchString(style)) {
		return wholeQuote
	}
	marks := attrOf(attrs, "class") + " " + attrOf(attrs, "id")
	if tag == "div" && attrOf(attrs, "name") == "quote" {
		return wholeQuote
	}
	for mark := range strings.FieldsSeq(strings.ToLower(marks[:min(len(marks), 500)])) {
		mark = strings.TrimPrefix(mark, "x_") // Outlook's prefix on what it quotes
		switch {
		case introMarks[mark]:
			return quoteIntro
		case signMarks[mark]:
			return signature
		case startMarks[mark]:
			return quoteStart
		case wholeQuoteMarks[mark], strings.HasPrefix(mark, "ydp") && strings.HasSuffix(mark, "yahoo_quoted"): // Yahoo's prefix on its own
			return wholeQuote
		}
	}
	if tag == "div" && strings.Contains(style, "border-top") && len(style) < maxStyle && topRule.MatchString(style) {
		return quoteRule
	}
	return noQuote
}

// A folding goes through a mail in reading order and collects its quotes.
type folding struct {
	quotes []*node
	before []bool // something was said before the quote
	said   bool   // something was said outside quotes so far
	after  int    // number of quotes when the last thing was said
	tries  int
	tail   *node // history starts here; nothing behind it was looked at
	all    bool  // there may be history without marks
}

// foldQuotes puts earlier mail into <details>, which opens without a script.
// What stays open: a mail that is nothing but a quote, what was forwarded,
// answers below or between quotes, and short quotes above an answer.
func foldQuotes(root *node, may folds) {
	if may == foldNothing {
		return
	}
	f := folding{all: may == foldAll}
	f.walk(root)
	for i, q := range f.quotes {
		trailing := i >= f.after
		if may == foldMarked && !quotesSomebody(q) {
			continue
		}
		if !trailing && len(q.words(shortQuote+1)) <= shortQuote || trailing && !f.before[i] || isForwarded(q) {
			continue
		}
		from := introIndex(q)
		foldKids(q.parent, from, q.index()+1)
	}
	if f.tail != nil {
		foldTail(f.tail)
	}
}

func (f *folding) walk(n *node) {
	for i := 0; i < len(n.kids) && f.tail == nil; i++ {
		k := n.kids[i]
		switch {
		case k.tag == "":
			f.readText(k)
		case k.quote == quoteIntro && isIntro(k), k.quote == signature:
			continue
		case (k.quote == quoteStart || k.quote == quoteRule) && f.all && f.said && f.startsHistory(k):
			f.tail = k
		case k.tag == "blockquote" && k.quote == noQuote && f.isAttributed(k):
			k.quote = wholeQuote
			f.quote(k)
		case k.quote == wholeQuote && len(f.quotes) < maxFolds && !f.answeredInside(k):
			f.quote(k)
		case k.tag == "img":
			f.said, f.after = true, len(f.quotes)
		default:
			f.walk(k)
		}
	}
}

// isAttributed says whether "On … wrote:" stands right above a plain
// blockquote.
func (f *folding) isAttributed(k *node) bool {
	f.tries++
	return f.tries <= maxFoldTries && len(f.quotes) < maxFolds && isAttribution(lastLine(k))
}

func (f *folding) quote(q *node) {
	f.quotes = append(f.quotes, q)
	f.before = append(f.before, f.said)
}

// readText notes that something was said, unless it is an attribution or
// the first line of history.
func (f *folding) readText(k *node) {
	line := strings.TrimFunc(k.text, isBlankRune)
	if strings.Trim(line, "-_=*~") == "" {
		return
	}
	if len(line) < 300 && f.tries < maxFoldTries {
		switch {
		case f.all && f.said && originalMark.MatchString(line):
			f.tail = k
			return
		case f.all && f.said && fromWord.MatchString(line):
			f.tries++
			if isHeaderBlock(linesFrom(k)) {
				f.tail = k
				return
			}
		case strings.HasSuffix(line, ":"):
			f.tries++
			if isAttribution(strings.Join(strings.Fields(blockOf(k).words(maxIntro)), " ")) {
				return
			}
		}
	}
	f.said, f.after = true, len(f.quotes)
}

var fromWord = regexp.MustCompile(`(?i)^(?:from|von|od|nadawca|de|da|van)[\s\x{a0}]?:`)

// startsHistory keeps a ruled-off div that is no header from folding a mail.
// Below a program's own mark two labels are enough.
func (f *folding) startsHistory(k *node) bool {
	f.tries++
	if f.tries > maxFoldTries {
		return false
	}
	if k.tag == "hr" {
		return true
	}
	b := readHeaderBlock(linesFrom(k))
	if k.quote == quoteRule {
		return b.complete()
	}
	return b.sent && (b.to || b.subject) || b.to && b.subject
}

// linesFrom are the lines that start at k, those of a header block if there
// is one: they stand in one block or in one for each. There is always a line.
func linesFrom(k *node) []textLine {
	block := blockOf(k)
	words := block.words(maxHeaderWords)
	if at := strings.Index(words, strings.TrimFunc(firstText(k), isBlankRune)); at > 0 {
		words = words[at:]
	}
	if block.parent != nil {
		at := block.index()
		for i := at + 1; i < len(block.parent.kids) && len(words) < maxHeaderWords && i < at+8; i++ {
			words += "\n" + block.parent.kids[i].words(300)
		}
	}
	var said []textLine
	for _, l := range textLines(labelBreaks.ReplaceAllString(words, "$1")) {
		if l.words != "" {
			said = append(said, l)
		}
	}
	return append(said, textLine{})
}

// labelBreaks mends "From:\nAnn", which a label in its own block gives.
var labelBreaks = regexp.MustCompile(`(:)\s*\n`)

func firstText(n *node) string {
	if n.tag == "" {
		return n.text
	}
	for _, k := range n.kids {
		if k.visible() {
			return firstText(k)
		}
	}
	return ""
}

// blockOf is the nearest block around a node, itself included.
func blockOf(n *node) *node {
	for n.parent != nil && !treeBlock[n.tag] {
		n = n.parent
	}
	return n
}

// answeredInside says whether somebody wrote into Gmail's wrapper: below the
// blockquote in it, or above it into the place of the attribution. Then the
// wrapper is no quote, the blockquote is.
func (f *folding) answeredInside(wrapper *node) bool {
	if wrapper.tag == "blockquote" || isForwarded(wrapper) {
		return false
	}
	if f.tries++; f.tries > maxFoldTries {
		return true
	}
	var above strings.Builder
	inner := firstBlockquote(wrapper, &above)
	if inner == nil {
		return writtenAbove(wrapper)
	}
	intro := strings.TrimFunc(above.String(), isBlankRune)
	if writtenAbove(wrapper) || len(intro) < maxIntro && (intro == "" || strings.HasSuffix(intro, ":")) && writtenBelow(inner, wrapper) {
		inner.quote = wholeQuote
		return true
	}
	return false
}

// firstBlockquote gives the first one within a node in reading order, and the
// beginning of the words above it.
func firstBlockquote(n *node, above *strings.Builder) *node {
	for _, k := range n.kids {
		if k.tag == "blockquote" {
			return k
		}
		if above.Len() < maxIntro {
			above.WriteString(k.text)
		}
		if inner := firstBlockquote(k, above); inner != nil {
			return inner
		}
	}
	return nil
}

func writtenAbove(wrapper *node) bool {
	said := false
	for _, k := range wrapper.kids {
		if k.quote == quoteIntro {
			return said || len(k.rows(maxIntro)) > 1
		}
		said = said || k.visible()
	}
	return false
}

func writtenBelow(inner, wrapper *node) bool {
	for n := inner; n != wrapper; n = n.parent {
		for _, later := range n.parent.kids[n.index()+1:] {
			if later.tag != "blockquote" && later.visible() {
				return true
			}
		}
	}
	return false
}

func isForwarded(q *node) bool {
	for line := range strings.SplitSeq(lastLine(q)+"\n"+q.words(400), "\n") {
		if isForwardMark(strings.TrimFunc(line, isBlankRune)) {
			return true
		}
	}
	return false
}

// foldKids puts the children from, …, to-1 of a node into <details>, and the
// empty lines and the rule above them.
func foldKids(parent *node, from, to int) {
	for from > 0 && parent.kids[from-1].tag != "details" && !parent.kids[from-1].visible() {
		from--
	}
	details := &node{tag: "details", parent: parent}
	details.kids = append(details.kids, &node{tag: "summary", parent: details})
	for _, k := range parent.kids[from:to] {
		k.parent = details
		details.kids = append(details.kids, k)
	}
	rest := append([]*node{details}, parent.kids[to:]...)
	parent.kids = append(parent.kids[:from:from], rest...)
}
