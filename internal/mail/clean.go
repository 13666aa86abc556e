package mail

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// Cleaner is the version of Clean. It is stored with what Clean made; raise
// it with every change of the result, and old rows are made anew from the
// raw mail (DECISIONS, Bodies).
const Cleaner = 1

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
func Clean(source string) Cleaned {
	if len(source) > maxHTML || markupSize(source) > maxMarkup {
		return cleanAsText(source)
	}
	root, ok := htmlTree(source)
	if !ok {
		return cleanAsText(source)
	}
	foldQuotes(root)
	c := cleaning{}
	for _, k := range root.kids {
		c.write(k)
	}
	return Cleaned{HTML: mailPolicy().Sanitize(c.out.String()), RemotePictures: c.remote}
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
	for _, k := range n.kids {
		c.write(k)
	}
	c.out.WriteString("</" + n.tag + ">")
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
	for i, a := range n.attrs {
		if a.Namespace != "" || i > maxAttributes || repeated(n.attrs[:i], a.Key) {
			continue
		}
		value := strings.ToValidUTF8(strings.ReplaceAll(a.Val, "\x00", ""), "")
		switch a.Key {
		case "style":
			if style := c.style(value); style != "" {
				c.attribute("style", style)
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
	"size": regexp.MustCompile(`^[+-]?[0-9]{1,2}$`), "face": regexp.MustCompile(`^[\p{L}\p{N} ,'"._-]{1,200}$`),
	"nowrap": regexp.MustCompile(`^(?i:nowrap|true)?$`), "noshade": regexp.MustCompile(`^(?i:noshade)?$`),
	"start": attrCount, "value": attrCount, "type": regexp.MustCompile(`^(?i:1|a|i|disc|circle|square)$`),
	"alt": attrText, "title": attrText,
}

// pictureURL accepts what needs no connection: a part of the mail (cid:) or
// a picture in the attribute itself. SVG is no picture here, it may script.
func pictureURL(raw string) string {
	raw = strings.TrimSpace(raw)
	if len(raw) > 4 && strings.EqualFold(raw[:4], "cid:") {
		cid := raw[4:]
		if len(cid) > 500 || !cidForm.MatchString(cid) {
			return ""
		}
		return "cid:" + cid
	}
	if len(raw) < 11 || !strings.EqualFold(raw[:11], "data:image/") {
		return ""
	}
	kind, data, ok := strings.Cut(raw, ",")
	if !ok || !dataForm.MatchString(kind) {
		return ""
	}
	data = base64Only(data)
	if data == "" {
		return ""
	}
	return strings.ToLower(kind) + "," + data
}

var (
	cidForm  = regexp.MustCompile(`^[^\s"'<>\\^{}|\x60\x00-\x20\x7f]+$`)
	dataForm = regexp.MustCompile(`^(?i:data:image/(?:png|jpe?g|gif|webp);base64)$`)
)

// base64Only removes blanks; "" when anything else is not base64.
func base64Only(data string) string {
	blank := false
	for _, c := range []byte(data) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/', c == '=':
		case c == ' ', c == '\n', c == '\r', c == '\t':
			blank = true
		default:
			return ""
		}
	}
	if blank {
		data = strings.NewReplacer(" ", "", "\n", "", "\r", "", "\t", "").Replace(data)
	}
	return data
}

// remoteURL accepts the address of a picture on the web.
func remoteURL(raw string) string {
	link := linkURL(raw)
	if strings.HasPrefix(link, "http://") || strings.HasPrefix(link, "https://") {
		return link
	}
	return ""
}

// linkURL gives an address that may be clicked, or "": absolute, and http,
// https, mailto or tel (RELIABILITY section 7, 1.2.2).
func linkURL(raw string) string {
	raw = stripBlanks(raw)
	switch {
	case len(raw) > 8000:
		return ""
	case strings.HasPrefix(raw, "//"):
		raw = "https:" + raw
	case len(raw) > 4 && strings.EqualFold(raw[:4], "www."):
		raw = "https://" + raw
	}
	u, err := url.Parse(badPercent.ReplaceAllString(raw, "%25$1"))
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
	case "mailto", "tel":
		if u.Opaque == "" {
			return ""
		}
	default:
		return ""
	}
	return u.String()
}

var badPercent = regexp.MustCompile(`%([^0-9a-fA-F]|[0-9a-fA-F][^0-9a-fA-F]|[0-9a-fA-F]?$)`)

// stripBlanks removes what browsers remove from URLs before they read the
// scheme: blanks and controls around, tabs and line ends anywhere.
func stripBlanks(raw string) string {
	raw = strings.TrimFunc(raw, func(r rune) bool { return r <= ' ' || isBlankRune(r) })
	raw = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, raw)
	return strings.ReplaceAll(raw, " ", "%20")
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

// ShowRemote puts the remote pictures of cleaned HTML back, over https only:
// the message frame allows nothing else. For one answer, after a click.
func ShowRemote(cleaned string) string {
	return editTags(cleaned, func(token *html.Token) {
		for i, a := range token.Attr {
			switch a.Key {
			case "data-remote-src", "data-remote-background":
				token.Attr[i].Key = strings.TrimPrefix(a.Key, "data-remote-")
				if rest, ok := strings.CutPrefix(a.Val, "http://"); ok {
					token.Attr[i].Val = "https://" + rest
				}
			}
		}
	})
}

// ResolveCID gives the pictures within the mail their addresses. find is
// asked for every Content-ID, without "cid:" and decoded; a picture it does
// not know loses its src and shows its alternative text.
func ResolveCID(cleaned string, find func(cid string) (address string, ok bool)) string {
	return editTags(cleaned, func(token *html.Token) {
		kept := token.Attr[:0]
		for _, a := range token.Attr {
			if cid, ok := strings.CutPrefix(a.Val, "cid:"); ok && a.Key == "src" {
				if plain, err := url.PathUnescape(cid); err == nil {
					cid = plain
				}
				address, known := find(cid)
				if !known {
					continue
				}
				a.Val = address
			}
			kept = append(kept, a)
		}
		token.Attr = kept
	})
}

// editTags rewrites the attributes of tags that carry a picture and copies
// everything else as it stands.
func editTags(cleaned string, edit func(*html.Token)) string {
	if !strings.Contains(cleaned, "cid:") && !strings.Contains(cleaned, "data-remote-") {
		return cleaned
	}
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(cleaned))
	for z.Next() != html.ErrorToken {
		raw := z.Raw()
		if raw[0] != '<' || !bytes.Contains(raw, []byte("cid:")) && !bytes.Contains(raw, []byte("data-remote-")) {
			out.Write(raw)
			continue
		}
		token := z.Token()
		edit(&token)
		out.WriteString(token.String())
	}
	return out.String()
}
