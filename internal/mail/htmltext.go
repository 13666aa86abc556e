package mail

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// HTMLToText is the plain text of an HTML mail, as a person would type it:
// paragraphs, lists with their marks, cells of a row on one line, links with
// their address, "> " before quotes. Linear in the source, at most 1 MB.
func HTMLToText(source string) string {
	if len(source) > maxHTML || markupSize(source) > maxMarkup {
		return roughText(source)
	}
	root, ok := htmlTree(source)
	if !ok {
		return roughText(source)
	}
	var w plainWriter
	w.kids(root)
	return strings.TrimRight(w.out.String(), " \n")
}

// roughText is for what is too large or too deep: words and line ends only.
func roughText(source string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(source))
	raw := ""
	for out.Len() < maxPlain {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(out.String())
		case html.TextToken:
			if !treeDropped[raw] {
				text := strings.ToValidUTF8(strings.ReplaceAll(string(z.Text()), "\x00", ""), "\uFFFD")
				out.WriteString(blanks.ReplaceAllString(html.UnescapeString(text[:min(len(text), maxPlain)]), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			raw = string(name)
			if (raw == "br" || raw == "tr" || treeBlock[raw]) && !strings.HasSuffix(out.String(), "\n") {
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			raw = ""
		}
	}
	return strings.ToValidUTF8(strings.TrimSpace(out.String()), "") + " …"
}

var (
	blanks       = regexp.MustCompile(`[ \t\r\n\f]+`)
	hiddenStyles = regexp.MustCompile(`(?i)display\s*:\s*none`)
)

type plainWriter struct {
	out     strings.Builder
	prefix  string // "> " and the indentation of lists
	quotes  int
	pending int    // line ends owed before the next word
	gap     string // the prefix of blank lines among them
	space   bool   // a blank is owed before the next word
	mark    string
	marked  bool // a list mark stands, the item has no word yet
	cell    bool // inside a cell shown on the line of its row
}

// breakLine asks for n line ends before the next word: 1 a new line, 2 a
// blank line between.
func (w *plainWriter) breakLine(n int) {
	if w.cell || w.marked {
		w.space = true
		return
	}
	w.owe(max(w.pending, n))
}

// lineEnd is one more: two of them leave a line blank.
func (w *plainWriter) lineEnd() {
	if w.cell || w.marked {
		w.space = true
		return
	}
	w.owe(min(w.pending+1, 2))
}

// paragraph stands between blank lines; one of Outlook is a line.
func (w *plainWriter) paragraph(n *node) {
	ends := 2
	if outlookStyle(n) != "" {
		ends = 1
	}
	if ends == 1 && !n.visible() {
		w.lineEnd()
		return
	}
	w.breakLine(ends)
	w.kids(n)
	w.breakLine(ends)
}

// owe notes the line ends to write, and the least prefix since: a blank line
// before a quote is not part of it.
func (w *plainWriter) owe(n int) {
	if w.pending == 0 || len(w.prefix) < len(w.gap) {
		w.gap = w.prefix
	}
	w.pending = n
}

func (w *plainWriter) word(s string) {
	if w.mark != "" {
		mark := w.mark
		w.mark = ""
		w.raw(mark)
		w.space = false
	}
	w.raw(s)
	w.marked = false
}

func (w *plainWriter) raw(s string) {
	switch {
	case w.out.Len() == 0:
		w.out.WriteString(w.prefix)
	case w.pending > 0:
		for i := 1; i < w.pending; i++ {
			w.out.WriteString("\n" + strings.TrimRight(w.gap, " "))
		}
		w.out.WriteString("\n" + w.prefix)
	case w.space:
		w.out.WriteByte(' ')
	}
	w.pending, w.space = 0, false
	w.out.WriteString(s)
}

func (w *plainWriter) kids(n *node) {
	for _, k := range n.kids {
		if w.out.Len() > maxPlain {
			return
		}
		w.node(k)
	}
}

func (w *plainWriter) node(n *node) {
	if style := attrOf(n.attrs, "style"); style != "" && len(style) < maxStyle && hiddenStyles.MatchString(style) {
		return
	}
	switch n.tag {
	case "":
		w.text(n.text)
	case "br":
		w.lineEnd()
	case "hr":
		w.breakLine(1)
		w.word("----------")
		w.breakLine(1)
	case "img":
		if alt := strings.Join(strings.Fields(attrOf(n.attrs, "alt")), " "); alt != "" && len(alt) < 1000 {
			w.word("[" + alt + "]")
		}
	case "a":
		w.link(n)
	case "pre":
		w.verbatim(n)
	case "blockquote":
		w.quote(n)
	case "ul", "ol":
		w.list(n)
	case "tr":
		w.row(n)
	case "p":
		w.paragraph(n)
	case "h1", "h2", "h3", "h4", "h5", "h6", "table":
		w.breakLine(2)
		w.kids(n)
		w.breakLine(2)
	default:
		if treeBlock[n.tag] {
			w.breakLine(1)
			if !n.visible() && strings.Contains(n.words(1000), "\u00a0") { // how mail programs write a blank line
				w.lineEnd()
				return
			}
			w.kids(n)
			w.breakLine(1)
			return
		}
		w.kids(n)
	}
}

// text writes words. What has no width joins what it stands in, and a place to
// hyphenate is none in a text.
func (w *plainWriter) text(s string) {
	s = strings.TrimFunc(s, isUnseenRune)
	wrote := false
	w.space = w.space || strings.IndexFunc(s, isGapRune) == 0
	for word := range strings.FieldsFuncSeq(s, isGapRune) {
		if word = strings.ReplaceAll(word, "\u00ad", ""); strings.TrimFunc(word, isUnseenRune) == "" {
			continue
		}
		w.word(word)
		wrote, w.space = true, true
	}
	if last, _ := utf8.DecodeLastRuneInString(s); wrote {
		w.space = isGapRune(last)
	} else {
		w.space = w.space || s != ""
	}
}

// link writes the words of a link, and its address unless the words say it.
func (w *plainWriter) link(n *node) {
	start := w.out.Len()
	w.kids(n)
	said := strings.TrimSpace(w.out.String()[start:])
	address := linkURL(attrOf(n.attrs, "href"))
	if said == "" || address == "" || len(address) > 500 {
		return
	}
	short := strings.TrimPrefix(strings.TrimPrefix(address, "mailto:"), "tel:")
	short = strings.TrimPrefix(strings.TrimPrefix(short, "https://"), "http://")
	short = strings.TrimSuffix(strings.TrimPrefix(short, "www."), "/")
	if strings.Contains(strings.ToLower(strings.ReplaceAll(said, " ", "")), strings.ToLower(short)) {
		return
	}
	after := w.space
	w.space = true
	w.word("<" + strings.TrimPrefix(address, "mailto:") + ">")
	w.space = after
}

func (w *plainWriter) verbatim(n *node) {
	w.breakLine(1)
	for line := range strings.SplitSeq(strings.Trim(n.words(maxPlain), "\n"), "\n") {
		w.space = false
		if line = strings.TrimRight(line, " \t\r"); line != "" {
			w.word(line)
		}
		w.owe(min(w.pending+1, 2))
	}
	w.breakLine(1)
}

func (w *plainWriter) quote(n *node) {
	w.breakLine(1)
	before := w.prefix
	if w.quotes < maxQuoteDepth {
		w.prefix += "> "
	}
	w.quotes++
	w.kids(n)
	w.quotes--
	w.prefix = before
	w.breakLine(2)
}

func (w *plainWriter) list(n *node) {
	w.breakLine(1)
	before := w.prefix
	number, _ := strconv.Atoi(attrOf(n.attrs, "start"))
	number = max(number, 1)
	for _, item := range n.kids {
		if item.tag != "li" {
			w.node(item)
			continue
		}
		mark := "- "
		if n.tag == "ol" {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		w.marked = false
		w.breakLine(1)
		w.mark, w.marked = mark, true
		w.item(item, before, len(mark))
	}
	w.mark, w.marked = "", false
	w.breakLine(1)
}

// item indents what follows the first line of a list item under its mark.
func (w *plainWriter) item(item *node, before string, indent int) {
	first := w.mark
	for _, k := range item.kids {
		if w.mark != first && len(w.prefix) < 60 {
			w.prefix = before + strings.Repeat(" ", indent)
		}
		w.node(k)
	}
	w.prefix = before
}

// row puts the cells of a table row on one line, if they are short things;
// a table that only makes a layout comes out as its blocks.
func (w *plainWriter) row(n *node) {
	if w.cell {
		w.kids(n)
		return
	}
	w.breakLine(1)
	start, lineful := -1, false
	for _, cell := range n.kids {
		if blocks := countBlocks(cell, 0); blocks > 1 || cell.tag == "table" {
			w.breakLine(1)
			w.node(cell)
			w.breakLine(1)
			lineful = false
			continue
		}
		if lineful && w.out.Len() > start && cell.visible() {
			w.space = true
			w.word("|")
			w.space = true
		}
		start = w.out.Len()
		w.cell = true
		w.kids(cell)
		w.cell = false
		lineful = lineful || w.out.Len() > start
		if lineful {
			start = -1
		}
	}
	w.breakLine(1)
}

// countBlocks counts the blocks in a cell, and stops at two.
func countBlocks(n *node, found int) int {
	for _, k := range n.kids {
		if found > 1 {
			return found
		}
		if k.tag == "table" || k.tag == "ul" || k.tag == "ol" || k.tag == "br" || k.tag == "blockquote" {
			return 2
		}
		if treeBlock[k.tag] {
			found++
		}
		found = countBlocks(k, found)
	}
	return found
}
