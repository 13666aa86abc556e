package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// maxAddresses is how many mailboxes of one header are read.
const maxAddresses = 1000

// addresses reads an address list (RFC 5322 3.4) as people and programs write
// it: commas in names without quotes, semicolons between, groups, comments,
// trailing dots, no domain. more is true when the list went on.
func (d *decoder) addresses(raw []byte) (list []Address, more bool) {
	p := d.parseAddresses(raw)
	return p.list, p.more
}

func (d *decoder) parseAddresses(raw []byte) *addressParser {
	p := &addressParser{decoder: d, in: unfold(raw)}
	p.lastAngle = strings.LastIndexByte(p.in, '<')
	p.run()
	return p
}

// An addressParser walks the list once; a piece is what stands between two
// separators.
type addressParser struct {
	*decoder
	in   string
	at   int
	list []Address
	more bool
	odd  bool // another program may read another address in it
	free bool // a group, or a name beside an address without brackets

	lastAngle int  // place of the last <, so that no search is repeated
	noWords   bool // no encoded word ends any more

	words   []addressWord
	sawAt   bool
	comment string
	angle   string
	isAngle bool
	held    string // a piece without an address: perhaps "Doe" of "Doe, Jane <…>"
}

type addressWord struct {
	raw    string
	quoted bool // one quoted string and nothing else
	glued  bool // no blank before it
}

func (p *addressParser) run() {
	for p.at < len(p.in) && !p.more {
		switch c := p.in[p.at]; c {
		case ' ', '>':
			p.at++
		case ',', ';':
			p.at++
			p.endPiece(c == ';')
		case '(':
			p.readComment()
		case '<':
			if p.isAngle {
				p.endPiece(true)
			}
			p.readAngle()
		case ':':
			p.at++
			p.free = true
			if !p.isAngle && !p.sawAt {
				p.words, p.comment = nil, "" // the name of a group
			}
		default:
			p.readWord()
		}
	}
	p.endPiece(true)
}

// readComment skips (…), nested, and keeps its text: it may be the name.
func (p *addressParser) readComment() {
	depth := 0
	for i := p.at; i < len(p.in); i++ {
		switch p.in[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				if p.comment == "" {
					p.comment = p.in[p.at+1 : i]
				}
				p.at = i + 1
				return
			}
		}
	}
	p.in = p.in[:p.at] + strings.ReplaceAll(p.in[p.at:], "(", " ") // never closed: stray signs
}

// readAngle takes <…>; without its end it runs to the next comma.
func (p *addressParser) readAngle() {
	rest := p.in[p.at+1:]
	end := strings.IndexAny(rest, "><")
	if end < 0 || rest[end] == '<' {
		p.odd = true
		if end = strings.IndexAny(rest, ",;<"); end < 0 {
			end = len(rest)
		}
		p.angle, p.isAngle = rest[:end], true
		p.at += 1 + end
		return
	}
	p.angle, p.isAngle = rest[:end], true
	p.at += 1 + end + 1
}

// readWord takes an atom, a quoted string, or both in one ("a b"@example.org).
func (p *addressParser) readWord() {
	start := p.at
	quoted := p.in[p.at] == '"'
	if !p.noWords && strings.HasPrefix(p.in[p.at:], "=?") {
		_, size := parseEncodedWord(p.in[p.at:])
		p.at += max(size, 0) // an encoded word may hold commas and brackets
		p.noWords = size < 0
	}
	for p.at < len(p.in) && !strings.ContainsRune(" ,;<(:", rune(p.in[p.at])) {
		if p.in[p.at] != '"' {
			quoted = quoted && p.at == start
			p.at++
			continue
		}
		end := closingQuote(p.in, p.at)
		if end < 0 {
			p.in = p.in[:p.at] + strings.ReplaceAll(p.in[p.at:], `"`, " ")
			quoted = false
			break
		}
		quoted = quoted && p.at == start
		p.at = end + 1
		if quoted && p.at < len(p.in) && p.in[p.at] != '@' && p.in[p.at] != '.' {
			break
		}
	}
	if p.at == start {
		p.at++
		if p.in[start] == ' ' {
			return
		}
	}
	glued := start > 0 && p.in[start-1] != ' ' && len(p.words) > 0
	p.sawAt = p.sawAt || strings.Contains(p.in[start:p.at], "@")
	p.odd = p.odd || p.isAngle // words behind the >
	p.words = append(p.words, addressWord{p.in[start:p.at], quoted, glued})
}

func closingQuote(s string, at int) int {
	for i := at + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// endPiece makes an address of what was gathered. hard is false at a comma,
// which may stand inside a name.
func (p *addressParser) endPiece(hard bool) {
	words, comment, angle, isAngle := p.words, p.comment, p.angle, p.isAngle
	p.words, p.sawAt, p.comment, p.angle, p.isAngle = nil, false, "", "", false
	if len(words) == 0 && !isAngle {
		if hard {
			p.release()
		}
		return
	}
	spec := strings.TrimSpace(angle)
	if !isAngle {
		var plain bool
		spec, words, plain = pickAddrSpec(words)
		p.odd = p.odd || !plain
		p.free = p.free || spec != "" && len(words) > 0
	}
	p.odd = p.odd || rivals(words, spec, isAngle)
	if !isAngle && spec == "" && !hard && p.held == "" && p.at <= p.lastAngle {
		p.held = p.phrase(words)
		return
	}
	name := p.phrase(words)
	if name == "" && comment != "" {
		name = p.phrase([]addressWord{{raw: comment}})
	}
	if p.held != "" && isAngle && name != "" {
		name, p.held = p.held+", "+name, ""
	}
	p.release()
	p.add(name, spec)
}

// release lists a piece that waited for an address and got none.
func (p *addressParser) release() {
	if p.held != "" {
		held := p.held
		p.held = ""
		p.add(held, "")
	}
}

func (p *addressParser) add(name, spec string) {
	if len(p.list) >= maxAddresses {
		p.more = true
		return
	}
	a := Address{Name: cut(name, 500), Written: cut(cleanText(p.plain(spec)), 1000)}
	a.Address = NormalAddress(a.Written)
	if a.Name == "" && a.Address == "" {
		return
	}
	p.list = append(p.list, a)
}

// isLocalWord is true for one plain word, which may be a local user.
func isLocalWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' || r == '+')
	})
}

// rivals tells whether a program that looks for words with an @ may take one of
// these for the address spec. In a name before <…> a quoted string and an
// encoded word are none, "Ann @ Acme" is no address, and the address itself is
// no other.
func rivals(words []addressWord, spec string, inName bool) bool {
	address := NormalAddress(spec)
	for i, w := range words {
		bare, next := w.raw, ""
		if i+1 < len(words) {
			next = words[i+1].raw
		}
		switch {
		case inName && w.quoted:
			continue
		case inName && strings.HasPrefix(bare, "@") && !strings.Contains(bare+next, "."):
			continue
		case inName && strings.HasPrefix(bare, "=?"):
			_, size := parseEncodedWord(bare)
			bare = bare[max(size, 0):]
		}
		if strings.Contains(bare, "@") && NormalAddress(bare) != address {
			return true
		}
	}
	return false
}

// pickAddrSpec finds the word with the @ and gives the others back as a name.
// Blanks around the @ are closed. A quoted string counts only when nothing
// else does. plain is false when the address does not stand there as one word.
func pickAddrSpec(words []addressWord) (spec string, rest []addressWord, plain bool) {
	for i, w := range words {
		if w.quoted || !strings.Contains(w.raw, "@") || strings.HasPrefix(w.raw, "=?") {
			continue
		}
		from, to := i, i+1
		spec = w.raw
		if strings.HasPrefix(spec, "@") && i > 0 {
			from--
			spec = words[from].raw + spec
		}
		if strings.HasSuffix(spec, "@") && to < len(words) {
			spec += words[to].raw
			to++
		}
		return spec, append(append([]addressWord{}, words[:from]...), words[to:]...), to == from+1
	}
	if len(words) == 1 && words[0].quoted && strings.Count(words[0].raw, "@") == 1 {
		inside := unquote(words[0].raw)
		if lt := strings.IndexByte(inside, '<'); lt >= 0 {
			spec = strings.TrimRight(inside[lt+1:], "> ")
			return spec, []addressWord{{raw: inside[:lt]}}, false
		}
		if !strings.ContainsAny(inside, " ,;") {
			return inside, nil, false
		}
	}
	return "", words, true
}

// phrase decodes a display name (RFC 5322 3.2.5, RFC 2047).
func (p *addressParser) phrase(words []addressWord) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 && !w.glued {
			b.WriteByte(' ')
		}
		if strings.Contains(w.raw, `"`) {
			b.WriteString(unquote(w.raw))
		} else {
			b.WriteString(w.raw)
		}
	}
	name := strings.Join(strings.Fields(p.decoder.words(b.String())), " ")
	name = strings.ReplaceAll(name, `\"`, `"`)
	if n := len(name); n > 2 && (name[0] == '\'' || name[0] == '"') && name[n-1] == name[0] {
		name = strings.TrimSpace(name[1 : n-1])
	}
	return strings.Map(dropControl, name)
}

// dropControl removes characters that could break a line, or turn its
// direction, in a place that shows one line.
func dropControl(r rune) rune {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0, r == '\u2028', r == '\u2029', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return -1
	}
	return r
}

// unquote drops the quotes of every quoted string in s and its backslashes.
func unquote(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			continue
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}

// NormalAddress is the form addresses are compared and stored in: without
// brackets, mailto:, route and blanks, lower-case, the domain in punycode
// (RFC 5891) without a final dot. "" stands for no address; a name without
// domain stays as it is.
func NormalAddress(s string) string {
	s = strings.Trim(s, " \t\r\n<>,;'")
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") { // a route: @relay,@relay:user@domain
		if colon := strings.LastIndexByte(s, ':'); colon >= 0 {
			s = s[colon+1:]
		}
	}
	if words := strings.Fields(s); len(words) > 1 && strings.Index(words[len(words)-1], "@") > 0 && !strings.HasSuffix(s, "@") {
		if !strings.HasPrefix(s, `"`) || strings.HasSuffix(words[len(words)-2], `"`) {
			s = words[len(words)-1] // <Jane jane@example.org>
		}
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return lowerWord(s)
	}
	local, domain := plainLocal(strings.TrimSpace(s[:at])), strings.Trim(s[at+1:], " .,;>\"'")
	if domain == "" {
		return lowerWord(local)
	}
	return lowerWord(local) + "@" + Domain(domain)
}

// plainLocal takes the quotes off a local part that needs none to be told from
// the rest.
func plainLocal(local string) string {
	if plain := unquote(local); strings.HasPrefix(local, `"`) && isLocalWord(plain) {
		return plain
	}
	return local
}

func lowerWord(s string) string {
	if strings.HasPrefix(s, `"`) {
		return strings.ToLower(s)
	}
	return strings.Map(dropControl, strings.ToLower(strings.Join(strings.Fields(s), "")))
}

// Domain is the one spelling under which the domain of an address is kept: lower case, in punycode.
func Domain(domain string) string {
	domain = lowerWord(domain)
	if strings.IndexFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return domain
	}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		return ascii
	}
	if ascii, err := idna.Punycode.ToASCII(domain); err == nil {
		return ascii
	}
	return domain
}

// oddlySpelled tells whether an address only becomes what we read by leaving
// signs out or by taking one for another (UTS 46: full-width letters, the
// ideographic full stop, what has no width; the Kelvin sign, a k in lower
// case), which not every program does.
// Letter case, a final dot, needless quotes and punycode are no oddity.
func oddlySpelled(a Address) bool {
	if strings.ContainsFunc(a.Written, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r >= utf8.RuneSelf && unicode.ToLower(r) < utf8.RuneSelf
	}) {
		return true
	}
	at := strings.LastIndexByte(a.Written, '@') + 1
	local, domain := strings.TrimSuffix(a.Written[:at], "@"), strings.TrimSuffix(a.Written[at:], ".")
	if !isPlainASCII([]byte(domain)) {
		var err error
		if domain, err = idna.Punycode.ToASCII(norm.NFC.String(strings.ToLower(domain))); err != nil {
			return true
		}
	}
	return strings.ToLower(plainLocal(local)+a.Written[len(local):at]+domain) != a.Address
}
