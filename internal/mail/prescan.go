package mail

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// The limits of the pre-scan (DECISIONS, Parser). A mail beyond them is not
// parsed: its headers and its readable text are saved.
const (
	maxDepth       = 12
	maxParts       = 1000
	maxHeaderBytes = 256 << 10
	maxParameters  = 100
	maxTypeBytes   = 16 << 10  // of one Content-Type or Content-Disposition
	maxCopied      = 240 << 20 // bytes of the mail times its depth, as every level copies them: seconds
)

// A scanner walks the lines of a mail once, before enmime does. enmime has no
// limits, and multiparts that are never closed cost it time exponential in
// their depth (RELIABILITY 1.1): the scanner counts, and notes the repairs
// after which every boundary is closed and every header holds what enmime
// needs. It keeps a stack of open boundaries, so nothing is looked at twice.
type scanner struct {
	decoder   *decoder
	raw       []byte
	ownNames  bool // no boundary is handed on as it is
	open      []openPart
	closed    []openPart // ended last, but a sloppy sender may go on
	leaf      leaf
	parts     int
	isMet     bool // a boundary stood in the mail
	isMidLine bool // and one stood within a line, where enmime takes it too
	repairs   []repair
	exceeded  []string
}

// An openPart is a multipart by the boundary of its header, and by the name
// enmime knows it by: another one when the boundary is missing, odd, or that
// of a multipart around.
type openPart struct {
	boundary, name string
	end            int // index of the repair of its end line
}

// A leaf is the part the current line belongs to.
type leaf struct {
	header   int // index of the repair of its header
	body     int // where it begins
	encoding string
}

// A repair puts insert in the place of raw[at:end].
type repair struct {
	at, end int
	insert  string
}

// scan looks through a mail whose header h ends at body. exceeded names the
// limits that were met, once each; then the walk has ended early.
func scan(d *decoder, raw []byte, h header, body int) *scanner {
	s := &scanner{decoder: d, raw: raw}
	if s.walk(h, body); s.isMidLine {
		s = &scanner{decoder: d, raw: raw, ownNames: true}
		if s.walk(h, body); s.isMidLine {
			s.exceed("boundaries that cannot be told from text")
		}
	}
	return s
}

func (s *scanner) walk(h header, body int) {
	s.startPart(0, h, body)
	for at := body; at < len(s.raw) && len(s.open)+len(s.closed) > 0 && len(s.exceeded) == 0; {
		end, next := lineEnd(s.raw, at)
		if after, hit := s.boundary(s.raw[at:end], at, next); hit {
			next = after
		} else {
			s.noteMidLine(s.raw[at:end])
		}
		at = next
	}
	s.endLeaf(len(s.raw))
	if len(s.open) > 0 && !bytes.HasSuffix(s.raw, []byte("\n")) {
		s.repair(len(s.raw), len(s.raw), "\r\n")
	}
	s.closeFrom(0, len(s.raw))
}

// mail is the mail with its repairs.
func (s *scanner) mail() io.Reader {
	var pieces []io.Reader
	at := 0
	for _, r := range s.repairs {
		pieces = append(pieces, bytes.NewReader(s.raw[at:r.at]), strings.NewReader(r.insert))
		at = r.end
	}
	return io.MultiReader(append(pieces, bytes.NewReader(s.raw[at:]))...)
}

func (s *scanner) repair(at, end int, insert string) {
	s.repairs = append(s.repairs, repair{at, end, insert})
}

// contentFields writes a header anew with what says how to read the body.
func contentFields(h header, encoding string) string {
	var b strings.Builder
	for _, name := range []string{"content-type", "content-disposition", "content-id"} {
		if value := h.first(name); value != nil {
			fmt.Fprintf(&b, "%s: %s\r\n", name, unfold(value))
		}
	}
	if encoding != "" {
		fmt.Fprintf(&b, "content-transfer-encoding: %s\r\n", encoding)
	}
	return b.String() + "\r\n"
}

// addField puts a field in front of a header that was written anew: of two,
// the first one counts.
func (s *scanner) addField(header int, field string) {
	s.repairs[header].insert = field + "\r\n" + s.repairs[header].insert
}

// startPart takes the part whose header stands in raw[at:body] for the current
// one.
func (s *scanner) startPart(at int, h header, body int) {
	s.parts++
	for _, name := range []string{"content-type", "content-disposition"} {
		if value := h.first(name); bytes.Count(value, []byte(";")) > maxParameters || len(value) > maxTypeBytes {
			s.exceed("more than 100 parameters in a header, or 16 KB of them")
			return
		}
	}
	encoding := keyword(s.decoder, h.first("content-transfer-encoding"))
	fields := contentFields(h, encoding)
	s.noteMidLine([]byte(fields))
	header := len(s.repairs)
	s.repair(at, body, fields)
	kind := s.decoder.contentType(h.first("content-type"))
	s.decoder.learn(kind.params["charset"])
	if strings.HasPrefix(kind.value, "multipart/") && s.openMultipart(header, kind, body) {
		return
	}
	s.leaf = leaf{header, body, encoding}
}

func (s *scanner) openMultipart(header int, kind contentType, body int) bool {
	p := openPart{boundary: s.asUsed(kind.params["boundary"], body)}
	if p.boundary == "" {
		p.boundary = s.guessBoundary(body)
	}
	if p.boundary == "" {
		return false
	}
	if depth := len(s.open) + 1; depth > maxDepth || depth*len(s.raw) > maxCopied {
		s.exceed("nested deeper than 12, or too deep for its size")
		return false
	}
	p.name = p.boundary
	if s.ownNames || kind.params["boundary"] == "" || !isPlainBoundary(p.boundary) || s.isOpen([]byte(p.boundary)) {
		p.name = fmt.Sprintf("frontdesk-%d", s.parts)
		s.addField(header, "Content-Type: "+kind.value+"; boundary="+p.name)
	}
	s.open = append(s.open, p)
	return true
}

// asUsed is the boundary with the blanks at its end where the mail has it so, else without: they are forbidden (RFC 2046 5.1.1), and some programs
// on the way drop them.
func (s *scanner) asUsed(boundary string, body int) string {
	bare := strings.TrimRight(boundary, " \t")
	if bare != boundary && bytes.Contains(s.raw[body:], []byte("\n--"+boundary)) {
		return boundary
	}
	return bare
}

// guessBoundary takes the first line of a multipart without boundary for one
// when it looks so and a part header follows.
func (s *scanner) guessBoundary(body int) string {
	for at, lines := body, 0; at < len(s.raw) && lines < 10; lines++ {
		end, next := lineEnd(s.raw, at)
		if line := s.raw[at:end]; len(line) > 4 && line[0] == '-' && line[1] == '-' {
			if to, _ := lineEnd(s.raw, next); bytes.HasPrefix(bytes.ToLower(s.raw[next:to]), []byte("content-")) {
				return string(line[2:])
			}
		}
		at = next
	}
	return ""
}

// isPlainBoundary is true for what RFC 2046 5.1.1 allows, without blanks, at
// twice the length.
func isPlainBoundary(s string) bool {
	return len(s) <= 140 && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("'()+_,-./:=?", r))
	})
}

// boundary handles a line of raw[at:next] and returns where to go on; hit is
// false when it is no boundary.
func (s *scanner) boundary(line []byte, at, next int) (after int, hit bool) {
	if line, hit = bytes.CutPrefix(line, []byte("--")); !hit {
		return next, false
	}
	for i := len(s.open) - 1; i >= 0; i-- {
		p := &s.open[i]
		match := p.match(line)
		if match == boundaryNone {
			continue
		}
		s.isMet = true
		s.endLeaf(at)
		s.closeFrom(i+1, at)
		if match == boundaryNext {
			return s.nextPart(*p, at, next), true
		}
		p.end = len(s.repairs)
		s.repair(at, next, "--"+p.name+"--\r\n")
		s.open, s.closed = s.open[:i], append(s.closed[:0], *p)
		return next, true
	}
	for _, p := range s.closed {
		if p.match(line) == boundaryNext { // its end was none: what stood behind it is one more part
			s.repairs[p.end].insert = "--" + p.name + "\r\n\r\n"
			s.open = append(s.open, p)
			return s.nextPart(p, at, next), true
		}
	}
	return next, false
}

type boundaryMatch int

const (
	boundaryNone boundaryMatch = iota
	boundaryNext
	boundaryEnd
)

// match forgives whatever stands behind a blank after the boundary, as enmime
// does.
func (p openPart) match(line []byte) boundaryMatch {
	rest, found := bytes.CutPrefix(line, []byte(p.boundary))
	if !found {
		if rest, found = bytes.CutPrefix(line, []byte(p.name)); !found {
			return boundaryNone
		}
	}
	rest, isEnd := bytes.CutPrefix(rest, []byte("--"))
	switch {
	case len(rest) > 0 && !unicode.IsSpace(rune(rest[0])):
		return boundaryNone
	case isEnd:
		return boundaryEnd
	}
	return boundaryNext
}

// isOpen reports whether line, without its dashes, is a boundary by now.
func (s *scanner) isOpen(line []byte) bool {
	return slices.ContainsFunc(s.open, func(p openPart) bool { return p.match(line) != boundaryNone })
}

// noteMidLine finds a boundary in the midst of a line.
func (s *scanner) noteMidLine(line []byte) {
	for !s.isMidLine {
		at := bytes.Index(line[min(1, len(line)):], []byte("--"))
		if at < 0 {
			return
		}
		line = line[1+at:]
		s.isMidLine = slices.ContainsFunc(s.open, func(p openPart) bool { return bytes.HasPrefix(line[2:], []byte(p.name)) })
	}
}

// closeFrom ends the multiparts from the i-th inwards that a boundary around
// them, or the end of the mail, left open.
func (s *scanner) closeFrom(i, at int) {
	for n := len(s.open) - 1; n >= i; n-- {
		s.repair(at, at, "--"+s.open[n].name+"--\r\n")
	}
	s.open = s.open[:i]
}

// nextPart reads the header behind a boundary of p, the innermost multipart.
func (s *scanner) nextPart(p openPart, at, next int) (body int) {
	s.closed = nil
	if end, _ := lineEnd(s.raw, next); bytes.HasPrefix(s.raw[next:end], []byte("--")) && s.isOpen(s.raw[next+2:end]) {
		s.repair(at, next, "") // the boundary stands twice: nothing between
		return next
	}
	if s.parts == maxParts {
		s.exceed("more than 1,000 parts")
		return next
	}
	s.repair(at, next, "--"+p.name+"\r\n")
	h, size, over := readHeader(s.raw[next:], partHeaderLimit)
	if over {
		s.exceed("header larger than 256 KB")
	}
	s.startPart(next, h, next+size)
	return next + size
}

// endLeaf looks at the part that ends at at. Base64 with anything foreign in
// it is renamed: enmime would keep an error for every such byte, and decode
// what stands behind the padding; decodeTransfer does better. Of quoted-printable
// the blanks go that were added behind a soft line break (RFC 2045 6.7 (3)):
// enmime would take its = for a letter.
func (s *scanner) endLeaf(at int) {
	p := s.leaf
	s.leaf = leaf{}
	body := s.raw[min(p.body, at):at]
	switch {
	case p.encoding == "base64" && !isCleanBase64(body):
		s.addField(p.header, "Content-Transfer-Encoding: "+damagedBase64)
	case p.encoding == "quoted-printable" && paddedBreak.Match(body):
		s.repair(at-len(body), at, string(paddedBreak.ReplaceAll(body, []byte("=$1"))))
	}
}

var paddedBreak = regexp.MustCompile(`=[ \t]+(\r?\n)`)

func (s *scanner) exceed(what string) {
	if !slices.Contains(s.exceeded, what) {
		s.exceeded = append(s.exceeded, what)
	}
}
