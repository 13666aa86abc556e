package mail

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// Limits of the tree. A browser's tree of one mail of 46 KB can have two
// million nodes (the reconstruction of formatting elements), and so can the
// one of x/net/html; this one has at most a small multiple of the tags sent,
// and is built in linear time.
const (
	maxTreeTags       = 150_000 // more "<" than this: text only
	maxTreeNodes      = 600_000
	maxTreeDepth      = 250
	maxTreeFormatting = 24 // nested b, i, font …; a browser rebuilds these for each paragraph
	maxTreeReopened   = 8
)

// A node is an element we know or a piece of text (tag ""). Everything else
// of the source is gone when the tree stands: unknown elements leave their
// content, scripts and styles leave nothing.
type node struct {
	tag    string
	text   string
	attrs  []html.Attribute // as sent; cleanNode decides which of them stay
	parent *node
	kids   []*node
	quote  quoteKind
}

// treeVoid are the known elements without content.
var treeVoid = wordSet("br hr img wbr col")

// treeFormatting are those that HTML5 keeps open across blocks.
var treeFormatting = wordSet("a b big code em font i s small strike strong tt u")

// treeKnown are the elements a mail may show. Not among them, on purpose:
// details and summary, which only we make.
var treeKnown = wordSet(`a abbr acronym address article aside b big blockquote br caption center cite code col
	colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li
	main mark ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th thead tr tt u
	ul var wbr`)

// treeBlock are those that end an open paragraph.
var treeBlock = wordSet(`address article aside blockquote center dd div dl dt figcaption figure footer h1 h2 h3
	h4 h5 h6 header hr li main ol p pre section table ul`)

// treeTable are the parts of a table; they make sense within one only.
var treeTable = wordSet("caption col colgroup tbody td tfoot th thead tr")

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

type treeBuilder struct {
	root       *node
	open       []*node        // open[0] is the root
	ignored    map[string]int // start tags over a limit, whose end tags close nothing
	standing   map[string]int // open elements by name
	nodes      int
	formatting int
}

// htmlTree reads HTML as mail has it, however broken. ok is false when the
// limits are met: then the caller shows the text only.
func htmlTree(source string) (root *node, ok bool) {
	if strings.Count(source, "<") > maxTreeTags {
		return nil, false
	}
	b := &treeBuilder{root: &node{tag: "div"}, ignored: map[string]int{}, standing: map[string]int{}}
	b.open = []*node{b.root}
	z := html.NewTokenizer(strings.NewReader(source))
	raw := "" // inside an element whose content is no markup
	for b.nodes < maxTreeNodes {
		switch z.Next() {
		case html.ErrorToken:
			return b.root, true
		case html.TextToken:
			if !treeDropped[raw] {
				b.text(z.Token().Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			raw = token.Data
			b.start(token)
		case html.EndTagToken:
			name, _ := z.TagName()
			raw = ""
			b.end(string(name))
		}
	}
	return nil, false
}

// treeDropped are the elements whose text is nothing to read. The tokenizer
// hands it over as one text token right after the start tag.
var treeDropped = wordSet("script style title iframe noembed noframes")

func (b *treeBuilder) top() *node { return b.open[len(b.open)-1] }

func (b *treeBuilder) text(s string) {
	if s == "" {
		return
	}
	s = strings.ReplaceAll(s, "\x00", "")
	b.add(&node{text: strings.ToValidUTF8(s, "\uFFFD")})
}

func (b *treeBuilder) add(n *node) {
	n.parent = b.top()
	n.parent.kids = append(n.parent.kids, n)
	b.nodes++
}

func (b *treeBuilder) start(token html.Token) {
	tag := treeName(token.Data)
	if tag == "body" {
		tag, token.Attr = "div", bodyAttrs(token.Attr)
	}
	if !treeKnown[tag] || treeTable[tag] && b.standing["table"] == 0 {
		return
	}
	b.closeBefore(tag)
	if treeVoid[tag] {
		b.add(&node{tag: tag, attrs: token.Attr})
		return
	}
	if len(b.open) > maxTreeDepth || treeFormatting[tag] && b.formatting >= maxTreeFormatting {
		b.ignored[tag]++
		return
	}
	b.push(&node{tag: tag, attrs: token.Attr, quote: quoteKindOf(tag, token.Attr)})
}

func (b *treeBuilder) push(n *node) {
	b.add(n)
	b.open = append(b.open, n)
	b.standing[n.tag]++
	if treeFormatting[n.tag] {
		b.formatting++
	}
}

// popTo ends all elements down to open[i], that one included.
func (b *treeBuilder) popTo(i int) {
	for _, n := range b.open[i:] {
		b.standing[n.tag]--
		if treeFormatting[n.tag] {
			b.formatting--
		}
	}
	b.open = b.open[:i]
}

// closeBefore ends what HTML ends silently when tag starts: a paragraph
// before a block, a cell before the next one.
func (b *treeBuilder) closeBefore(tag string) {
	if treeBlock[tag] && b.standing["p"] > 0 {
		b.closeOpen(wordSetP, treeCellBarrier)
	}
	switch tag {
	case "li":
		b.closeOpen(wordSetLi, treeListBarrier)
	case "dd", "dt":
		b.closeOpen(wordSetDd, treeListBarrier)
	case "a":
		b.closeOpen(wordSetA, treeCellBarrier)
	case "td", "th":
		b.closeOpen(wordSetCell, treeRowBarrier)
	case "tr":
		b.closeOpen(wordSetRow, treeTableBarrier)
	case "tbody", "thead", "tfoot", "caption", "colgroup":
		b.closeOpen(wordSetGroup, treeTableBarrier)
	}
}

var (
	wordSetP     = wordSet("p")
	wordSetLi    = wordSet("li")
	wordSetDd    = wordSet("dd dt")
	wordSetA     = wordSet("a")
	wordSetCell  = wordSet("td th caption")
	wordSetRow   = wordSet("tr caption colgroup")
	wordSetGroup = wordSet("tbody thead tfoot caption colgroup")

	treeCellBarrier  = wordSet("table td th caption")
	treeListBarrier  = wordSet("table td th caption ul ol dl")
	treeRowBarrier   = wordSet("table tr")
	treeTableBarrier = wordSet("table")
)

// closeOpen ends the outermost open element of the set that no barrier
// hides.
func (b *treeBuilder) closeOpen(set, barrier map[string]bool) {
	found := 0
	for i := len(b.open) - 1; i > 0 && !barrier[b.open[i].tag]; i-- {
		if set[b.open[i].tag] {
			found = i
		}
	}
	// A barrier may be in the set itself: a cell is ended by the next cell.
	if found > 0 {
		b.popTo(found)
	}
}

// end ends the nearest open element of that name. Formatting that is ended
// outside its block (<b><p></b></p>) is reopened without it, as browsers do.
func (b *treeBuilder) end(name string) {
	tag := treeName(name)
	if tag == "body" || !treeKnown[tag] {
		return
	}
	if tag == "br" {
		b.add(&node{tag: "br"})
		return
	}
	if b.ignored[tag] > 0 {
		b.ignored[tag]--
		return
	}
	if b.standing[tag] == 0 {
		return
	}
	for i := len(b.open) - 1; i > 0; i-- {
		if b.open[i].tag == tag {
			b.endAt(i)
			return
		}
		if treeCellBarrier[b.open[i].tag] && !treeTable[tag] && tag != "table" || b.open[i].tag == "table" {
			return
		}
	}
}

func (b *treeBuilder) endAt(i int) {
	inner := b.open[i+1:]
	reopen := treeFormatting[b.open[i].tag] && len(inner) > 0 && len(inner) <= maxTreeReopened
	again := append([]*node(nil), inner...)
	b.popTo(i)
	if !reopen {
		return
	}
	for _, n := range again {
		b.push(&node{tag: n.tag, attrs: n.attrs})
	}
}

// treeName is the element a tag stands for here: elements with another name
// and the same look come down to one.
func treeName(tag string) string {
	switch tag {
	case "details", "dialog", "fieldset", "hgroup", "legend", "nav", "search", "summary":
		return "div"
	case "dir", "menu":
		return "ul"
	case "listing", "plaintext", "textarea", "xmp":
		return "pre"
	case "image":
		return "img"
	}
	return tag
}

// bodyAttrs keeps of <body> what gives the mail its colours, in the form that
// an element within the page has them.
func bodyAttrs(attrs []html.Attribute) []html.Attribute {
	var kept []html.Attribute
	colours, own := "", ""
	for _, a := range attrs {
		switch a.Key {
		case "bgcolor":
			colours += "background-color:" + hexColour.ReplaceAllString(a.Val, "#$0") + ";"
		case "text":
			colours += "color:" + hexColour.ReplaceAllString(a.Val, "#$0") + ";"
		case "style":
			own = a.Val
		case "background", "dir", "lang":
			kept = append(kept, a)
		}
	}
	return append(kept, html.Attribute{Key: "style", Val: colours + own})
}

// hexColour is one without its sign, which attributes may leave out.
var hexColour = regexp.MustCompile(`^[0-9a-fA-F]{6}$`)

// attr is the value of an attribute as sent; the first one counts.
func attrOf(attrs []html.Attribute, key string) string {
	for _, a := range attrs {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// visible says whether a person would see anything of the node.
func (n *node) visible() bool {
	if n.tag == "" {
		return strings.TrimFunc(n.text, isBlankRune) != ""
	}
	if n.tag == "img" {
		return true
	}
	for _, k := range n.kids {
		if k.visible() {
			return true
		}
	}
	return false
}

// isBlankRune holds for what nobody sees.
func isBlankRune(r rune) bool { return isGapRune(r) || isUnseenRune(r) }

// isGapRune holds for what stands between words.
func isGapRune(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\f', '\u00a0':
		return true
	}
	return false
}

// isUnseenRune holds for what has no width. It stands within words, and alone
// as the fillers mail programs write.
func isUnseenRune(r rune) bool {
	switch r {
	case '\u200b', '\u200c', '\u200d', '\ufeff', '\u034f', '\u00ad':
		return true
	}
	return false
}

// index is the place of the node among its parent's children.
func (n *node) index() int {
	for i, k := range n.parent.kids {
		if k == n {
			return i
		}
	}
	return -1
}

// words is the text of the node, at most about limit bytes of it.
func (n *node) words(limit int) string {
	var b strings.Builder
	n.appendWords(&b, limit, "\n")
	return b.String()
}

// rows are the lines of the node that a reader sees, of at most about limit
// bytes: those of the source are none.
func (n *node) rows(limit int) []string {
	var b strings.Builder
	n.appendWords(&b, limit, "\x00") // no text holds one
	var rows []string
	for row := range strings.SplitSeq(b.String(), "\x00") {
		if words := strings.FieldsFunc(row, isBlankRune); len(words) > 0 {
			rows = append(rows, strings.Join(words, " "))
		}
	}
	return rows
}

// breaksLine says whether what follows the node, and what it holds, stands on
// a line of its own.
func (n *node) breaksLine() bool { return n.tag == "br" || treeBlock[n.tag] || n.tag == "tr" }

func (n *node) appendWords(b *strings.Builder, limit int, lineBreak string) {
	if b.Len() >= limit {
		return
	}
	if n.tag == "" {
		b.WriteString(n.text)
		return
	}
	if n.breaksLine() {
		b.WriteString(lineBreak)
	}
	for _, k := range n.kids {
		k.appendWords(b, limit, lineBreak)
	}
	if n.breaksLine() && n.tag != "br" {
		b.WriteString(lineBreak)
	}
}
