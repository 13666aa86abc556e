package mail

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// Cleaner is the version of Clean. It is stored with what Clean made; raise
// it with every change of the result, and old rows are made anew from the
// raw mail (DECISIONS, Bodies).
const Cleaner = 4

// What is cleaned as HTML; beyond it only the text of a mail is kept. The
// pictures in data: URLs do not count as markup.
const (
	maxMarkup = 2 << 20
	maxHTML   = 12 << 20
)

// A Cleaned is HTML that may be shown in the message frame.
type Cleaned struct {
	// HTML is a fragment: no scripts, styles, forms, frames, ids or classes
	// of the sender; cid: pictures and the places of remote pictures kept,
	// see ResolveCID and ShowRemote; earlier mail folded, see Document.
	HTML string
	// RemotePictures is how many pictures wait for a click.
	RemotePictures int
	// TextOnly says that the mail was too large or too deep, and HTML holds
	// the words of its beginning only.
	TextOnly bool
}

// Clean makes the HTML of a mail safe to show (RELIABILITY, A-XSS, C1, C10):
// an allow-list of elements, attributes, style properties and URL schemes,
// nothing that loads from elsewhere by itself. It never fails, and takes time
// linear in the source.
//
// The work is done twice on purpose. The first pass reads the mail as
// browsers do, keeps what it knows, folds quotes and writes balanced HTML;
// the second is bluemonday with a policy of its own, so that a mistake in the
// first is no hole.
func Clean(source string) Cleaned { return clean(source, foldAll) }

func clean(source string, may folds) Cleaned {
	if len(source) > maxHTML || markupSize(source) > maxMarkup {
		return cleanAsText(source)
	}
	root, ok := htmlTree(source)
	if !ok {
		return cleanAsText(source)
	}
	foldQuotes(root, may)
	c := cleaning{}
	c.writeAll(root.kids)
	return Cleaned{HTML: mailPolicy().Sanitize(c.out.String()), RemotePictures: c.remote}
}

// Beside is what to show of a mail that also has a text. HTML in which nobody
// sees anything, as programs write for a mail in plain text, would only stand
// in front of it.
func (c Cleaned) Beside(text string) Cleaned {
	if saysNothing(text) || c.RemotePictures > 0 || c.shows() {
		return c
	}
	return Cleaned{TextOnly: c.TextOnly}
}

// shows tells whether there are words or a picture in the HTML.
func (c Cleaned) shows() bool {
	for z := html.NewTokenizer(strings.NewReader(c.HTML)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.TextToken:
			if !saysNothing(z.Token().Data) {
				return true
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); string(name) == "img" {
				return true
			}
		}
	}
}

// saysNothing tells of a text that it has nothing to read, only space and signs
// without a shape.
func saysNothing(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !isBlankRune(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) })
}

func cleanAsText(source string) Cleaned {
	return Cleaned{HTML: TextToHTML(HTMLToText(source)), TextOnly: true}
}

// markupSize is the length without the bytes of embedded pictures.
func markupSize(source string) int {
	size := len(source)
	for rest := source; ; {
		at := strings.Index(rest, ";base64,")
		if at < 0 {
			return size
		}
		rest = rest[at+len(";base64,"):]
		end := strings.IndexAny(rest, `"'> )`)
		if end < 0 {
			end = len(rest)
		}
		size -= end
		rest = rest[end:]
	}
}

type cleaning struct {
	out    strings.Builder
	remote int
	folded bool              // within a fold
	styles map[string]string // cleaned before: newsletters repeat a few
}

func (c *cleaning) write(n *node) {
	switch n.tag {
	case "":
		c.out.WriteString(html.EscapeString(n.text))
		return
	case "summary":
		c.out.WriteString(foldSummary)
		return
	case "details":
		if c.folded { // what is within a fold is opened with it
			c.writeAll(n.kids[1:])
			return
		}
		c.folded = true
		defer func() { c.folded = false }()
		c.out.WriteString(`<details class="quoted">`)
	default:
		if n.tag == "img" && !c.picture(n) {
			return
		}
		c.out.WriteString("<" + n.tag)
		c.attributes(n)
		c.out.WriteString(">")
		if treeVoid[n.tag] {
			return
		}
	}
	c.writeAll(n.kids)
	c.out.WriteString("</" + n.tag + ">")
}

func (c *cleaning) writeAll(nodes []*node) {
	for _, n := range nodes {
		c.write(n)
	}
}

func (c *cleaning) attribute(key, value string) {
	c.out.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
}

func (c *cleaning) style(value string) string {
	style, known := c.styles[value]
	if !known {
		style = cleanStyle(value)
		if c.styles == nil {
			c.styles = map[string]string{}
		}
		if len(c.styles) < 500 {
			c.styles[value] = style
		}
	}
	return style
}

// picture decides over an <img>: one without a usable address is shown as
// its alternative text.
func (c *cleaning) picture(n *node) bool {
	src := attrOf(n.attrs, "src")
	if pictureURL(src) != "" || remoteURL(src) != "" {
		return true
	}
	if alt := strings.TrimSpace(attrOf(n.attrs, "alt")); alt != "" {
		c.out.WriteString(html.EscapeString("[" + alt + "]"))
	}
	return false
}

func (c *cleaning) attributes(n *node) {
	style := outlookStyle(n)
	for i, a := range n.attrs {
		if a.Namespace != "" || i > maxAttributes || repeated(n.attrs[:i], a.Key) {
			continue
		}
		value := strings.ToValidUTF8(strings.ReplaceAll(a.Val, "\x00", ""), "")
		switch a.Key {
		case "style":
			if own := c.style(value); style == "" || own == "" {
				style += own
			} else {
				style += "; " + own
			}
		case "src":
			c.source(n, "src", "data-remote-src", value)
		case "background":
			c.source(n, "background", "data-remote-background", value)
		case "href":
			if link := linkURL(value); n.tag == "a" && link != "" {
				c.attribute("href", link)
				c.attribute("target", "_blank")
				c.attribute("rel", "noopener noreferrer")
			}
		default:
			if pattern := plainAttributes[a.Key]; pattern != nil && len(value) < 2000 && pattern.MatchString(value) {
				c.attribute(a.Key, value)
			}
		}
	}
	if style != "" {
		c.attribute("style", style)
	}
}

// maxAttributes of an element are read; no mail program writes a tenth of it.
const maxAttributes = 100

// repeated says whether an attribute stood before: the first one counts.
func repeated(before []html.Attribute, key string) bool {
	for _, a := range before {
		if a.Key == key {
			return true
		}
	}
	return false
}

// source writes where a picture comes from: pictures within the mail as they
// are, remote ones moved aside.
func (c *cleaning) source(n *node, key, aside, value string) {
	if key == "src" && n.tag != "img" || key == "background" && !hasBackground[n.tag] {
		return
	}
	if own := pictureURL(value); own != "" && key == "src" {
		c.attribute(key, own)
		return
	}
	if remote := remoteURL(value); remote != "" {
		c.remote++
		c.attribute(aside, remote)
	}
}

var hasBackground = wordSet("table td th tr div")

var (
	attrNumber = regexp.MustCompile(`^[0-9]{1,5}(?:\.[0-9]{1,3})?(?:px|%)?$`)
	attrCount  = regexp.MustCompile(`^[0-9]{1,3}$`)
	attrColour = regexp.MustCompile(`^(?:#?[0-9a-fA-F]{3,8}|[a-zA-Z]{3,25})$`)
	attrWord   = regexp.MustCompile(`^[a-zA-Z]{1,20}$`)
	attrText   = regexp.MustCompile(`^[^<>\x00-\x08\x0e-\x1f]*$`)
)

// plainAttributes may stand on every element we know; on one they do not
// belong to, they do nothing.
var plainAttributes = map[string]*regexp.Regexp{
	"align": attrWord, "valign": attrWord, "dir": regexp.MustCompile(`^(?i:ltr|rtl|auto)$`),
	"lang":  regexp.MustCompile(`^[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8})*$`),
	"width": attrNumber, "height": attrNumber, "border": attrNumber, "hspace": attrNumber, "vspace": attrNumber,
	"cellpadding": attrNumber, "cellspacing": attrNumber, "colspan": attrCount, "rowspan": attrCount, "span": attrCount,
	"bgcolor": attrColour, "color": attrColour, "bordercolor": attrColour,
	"size": regexp.MustCompile(`^[+-]?[0-9]{1,2}$`), "face": regexp.MustCompile(`^[\p{L}\p{N} ,'"._-]+$`),
	"nowrap": regexp.MustCompile(`^(?i:nowrap|true)?$`), "noshade": regexp.MustCompile(`^(?i:noshade)?$`),
	"start": attrCount, "value": attrCount, "type": regexp.MustCompile(`^(?i:1|a|i|disc|circle|square)$`),
	"alt": attrText, "title": attrText,
}

// mailPolicy is the second, independent pass: what may be in the result.
var mailPolicy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	for tag := range treeKnown {
		p.AllowElements(tag)
		p.AllowNoAttrs().OnElements(tag)
	}
	p.AllowNoAttrs().OnElements("details", "summary")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^quoted$`)).OnElements("details", "summary")
	for key, pattern := range plainAttributes {
		p.AllowAttrs(key).Matching(pattern).Globally()
	}
	p.AllowAttrs("style").Matching(cleanStyles).Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("target").Matching(regexp.MustCompile(`^_blank$`)).OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^noopener noreferrer$`)).OnElements("a")
	p.AllowAttrs("src").Matching(ownPicture).OnElements("img")
	remote := regexp.MustCompile(`^https?://[^\s"'<>\\]+$`)
	p.AllowAttrs("data-remote-src").Matching(remote).OnElements("img")
	p.AllowAttrs("data-remote-background").Matching(remote).OnElements("table", "td", "th", "tr", "div")
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.AllowURLSchemeWithCustomPolicy("data", func(u *url.URL) bool { return ownPicture.MatchString(u.String()) })
	p.RequireParseableURLs(true)
	return p
})

var ownPicture = regexp.MustCompile(`^(?:cid:[^\s"'<>]+|data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+)$`)
