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
	shortQuote = 400 // bytes: a quote this short above an answer is its context and stays open
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
		return quoteStart
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
}

// foldQuotes puts earlier mail into <details>, which opens without a script.
// What stays open: a mail that is nothing but a quote, what was forwarded,
// answers below or between quotes, and short quotes above an answer.
func foldQuotes(root *node) {
	var f folding
	f.walk(root)
	for i, q := range f.quotes {
		trailing := i >= f.after
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
		case k.quote == quoteIntro, k.quote == signature:
			continue
		case k.quote == quoteStart && f.said && f.startsHistory(k):
			f.tail = k
		case k.tag == "blockquote" && k.quote == noQuote && f.isAttributed(k):
			k.quote = wholeQuote
			f.quote(k)
		case k.quote == wholeQuote && len(f.quotes) < maxFolds && !answeredInside(k):
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
		case f.said && originalMark.MatchString(line):
			f.tail = k
			return
		case f.said && fromWord.MatchString(line):
			f.tries++
			if f.headerBlock(k) {
				f.tail = k
				return
			}
		case strings.HasSuffix(line, ":"):
			f.tries++
			if isAttribution(strings.Join(strings.Fields(blockOf(k).words(600)), " ")) {
				return
			}
		}
	}
	f.said, f.after = true, len(f.quotes)
}

var fromWord = regexp.MustCompile(`(?i)^(?:from|von|od|nadawca|de|da|van)\s?:`)

// startsHistory keeps a ruled-off div that is no header from folding a mail.
func (f *folding) startsHistory(k *node) bool {
	f.tries++
	if f.tries > maxFoldTries {
		return false
	}
	if k.tag == "hr" || !k.visible() {
		return true
	}
	return f.headerBlock(k)
}

// headerBlock says whether From:, Sent:, To: lines start at k, in one block
// or in one for each.
func (f *folding) headerBlock(k *node) bool {
	block := blockOf(k)
	words := block.words(1500)
	if at := strings.Index(words, strings.TrimFunc(firstText(k), isBlankRune)); at > 0 {
		words = words[at:]
	}
	if block.parent != nil {
		at := block.index()
		for i := at + 1; i < len(block.parent.kids) && len(words) < 1500 && i < at+8; i++ {
			words += "\n" + block.parent.kids[i].words(300)
		}
	}
	lines := textLines(labelBreaks.ReplaceAllString(words, "$1"))
	var said []textLine
	for _, l := range lines {
		if l.words != "" {
			said = append(said, l)
		}
	}
	return len(said) > 0 && isHeaderBlock(said)
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

// answeredInside says whether somebody wrote below the blockquote that
// stands in Gmail's wrapper; then the wrapper is no quote, the inner one is.
func answeredInside(wrapper *node) bool {
	if wrapper.tag == "blockquote" {
		return false
	}
	for i, k := range wrapper.kids {
		if k.tag != "blockquote" {
			continue
		}
		for _, later := range wrapper.kids[i+1:] {
			if later.tag != "blockquote" && later.visible() {
				k.quote = wholeQuote
				return true
			}
		}
		return false
	}
	return false
}

// lastLine is the text of the nearest visible thing before a node.
func lastLine(n *node) string {
	if n.parent == nil {
		return ""
	}
	i := n.index() - 1
	for i >= 0 && !n.parent.kids[i].visible() {
		i--
	}
	if i < 0 {
		return ""
	}
	return strings.Join(strings.Fields(n.parent.kids[i].words(600)), " ")
}

// introIndex is where the fold of a quote starts: at its attribution, when
// that is the sibling before it.
func introIndex(q *node) int {
	at := q.index()
	for i := at - 1; i >= 0 && i > at-4; i-- {
		k := q.parent.kids[i]
		if k.quote == quoteIntro {
			return i
		}
		if k.visible() {
			if k.tag != "" && isAttribution(strings.Join(strings.Fields(k.words(600)), " ")) {
				return i
			}
			return at
		}
	}
	return at
}

func isForwarded(q *node) bool {
	for line := range strings.SplitSeq(lastLine(q)+"\n"+q.words(400), "\n") {
		if isForwardMark(strings.TrimFunc(line, isBlankRune)) {
			return true
		}
	}
	return false
}

// foldTail folds from x on to the end of the element in which something was
// said before x.
func foldTail(x *node) {
	for x.parent != nil && x.parent.parent != nil && !visibleBefore(x) {
		x = x.parent
	}
	if x.parent == nil || x.parent.tag == "table" || treeTable[x.parent.tag] && !treeCellBarrier[x.parent.tag] {
		return
	}
	foldKids(x.parent, x.index(), len(x.parent.kids))
}

func visibleBefore(x *node) bool {
	for _, k := range x.parent.kids {
		if k == x {
			return false
		}
		if k.visible() {
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
