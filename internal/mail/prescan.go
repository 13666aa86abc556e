package mail

import "bytes"

// The limits of the pre-scan (DECISIONS, Parser). A mail beyond them is still
// read as far as they reach, and marked.
const (
	maxDepth       = 12
	maxParts       = 1000
	maxHeaderBytes = 256 << 10
	maxParameters  = 100
)

// A part is one node of the MIME tree. Its body is a slice of the raw mail:
// scanning copies nothing.
type part struct {
	header      header
	kind        contentType
	disposition contentType
	transfer    string
	body        []byte // of a leaf
	preamble    []byte // of a multipart: what stands before its first boundary
	children    []*part
	isMultipart bool
	met         bool   // one of its boundaries stood in the mail
	outside     string // subtype of the multipart it stands in
	isFirst     bool   // in that multipart

	html   *string // of an HTML part, once it is decoded
	file   []byte  // decoded data, when the part came out of another format
	isFile bool
}

// A scanner splits a mail into parts in one pass over its lines (RFC 2046 5).
// It keeps a stack of open boundaries, so nothing is looked at twice and
// nothing nested can cost more than its length.
type scanner struct {
	decoder  *decoder
	raw      []byte
	open     []openPart
	closed   []openPart // ended by --boundary--, but a sloppy sender may go on
	leaf     *part      // collects lines from leafAt on
	leafAt   int
	parts    int
	exceeded []string
}

type openPart struct {
	part     *part
	boundary string
}

// scan builds the tree of raw. exceeded names the limits that were met, once
// each; then the tree holds what lay within them.
func scan(d *decoder, raw []byte) (root *part, exceeded []string) {
	s := scanner{decoder: d, raw: raw}
	root, at := s.readPart(0, mailHeaderLimit, "text/plain")
	for at < len(raw) {
		if len(s.open)+len(s.closed) == 0 {
			break
		}
		end, next := lineEnd(raw, at)
		if at+2 < end && raw[at] == '-' && raw[at+1] == '-' {
			if after, hit := s.boundary(at, end, next); hit {
				at = after
				continue
			}
		}
		at = next
	}
	s.endLeaf(len(raw))
	return root, s.exceeded
}

// readPart reads the header at at and makes the part the current one.
func (s *scanner) readPart(at int, limit headerLimit, defaultKind string) (p *part, body int) {
	h, size, over := readHeader(s.raw[at:], limit)
	if over {
		s.exceed("header larger than 256 KB")
	}
	s.parts++
	p = &part{header: h}
	p.kind, p.disposition = s.decoder.contentType(h.first("content-type")), s.decoder.contentType(h.first("content-disposition"))
	p.transfer = string(bytes.TrimSpace(h.first("content-transfer-encoding")))
	if p.kind.over || p.disposition.over {
		s.exceed("more than 100 parameters in a header")
	}
	if p.kind.value == "" {
		p.kind.value = defaultKind
	}
	s.decoder.learn(p.kind.params["charset"])
	body = at + size
	s.leaf, s.leafAt = p, body
	if len(p.kind.value) > len("multipart/") && p.kind.value[:len("multipart/")] == "multipart/" {
		s.openMultipart(p, body)
	}
	return p, body
}

func (s *scanner) openMultipart(p *part, body int) {
	boundary := p.kind.params["boundary"]
	if boundary == "" {
		boundary = s.guessBoundary(body)
	}
	boundary = string(bytes.TrimRight([]byte(boundary), " \t"))
	if boundary == "" {
		return
	}
	if len(s.open) >= maxDepth {
		s.exceed("nested deeper than 12")
		return
	}
	p.isMultipart = true
	s.open = append(s.open, openPart{part: p, boundary: boundary})
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

// boundary handles a line that starts with "--"; hit is false when it belongs
// to no open multipart.
func (s *scanner) boundary(at, end, next int) (after int, hit bool) {
	line := bytes.TrimRight(s.raw[at+2:end], " \t\r")
	for i := len(s.open) - 1; i >= 0; i-- {
		switch matchBoundary(line, s.open[i].boundary) {
		case boundaryNext:
			s.endLeaf(at)
			s.open, s.closed = s.open[:i+1], nil
			return s.startChild(next), true
		case boundaryEnd:
			s.endLeaf(at)
			s.open[i].part.met = true
			s.closed = append(s.closed[:0], s.open[i])
			s.open = s.open[:i]
			return next, true
		}
	}
	for _, c := range s.closed {
		if matchBoundary(line, c.boundary) == boundaryNext {
			s.endLeaf(at)
			s.open, s.closed = append(s.open, c), nil
			return s.startChild(next), true
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

// matchBoundary forgives whatever stands behind a blank after the boundary.
func matchBoundary(line []byte, boundary string) boundaryMatch {
	if len(line) < len(boundary) || string(line[:len(boundary)]) != boundary {
		return boundaryNone
	}
	rest, match := line[len(boundary):], boundaryNext
	if bytes.HasPrefix(rest, []byte("--")) {
		rest, match = rest[2:], boundaryEnd
	}
	if len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t' {
		return match
	}
	return boundaryNone
}

// startChild reads the part behind a boundary of the innermost multipart.
func (s *scanner) startChild(at int) (body int) {
	top := &s.open[len(s.open)-1]
	top.part.met = true
	if s.parts >= maxParts {
		s.exceed("more than 1,000 parts")
		s.leaf = nil
		return at
	}
	if end, _ := lineEnd(s.raw, at); end > at+2 && s.raw[at] == '-' && s.raw[at+1] == '-' && s.isOpenBoundary(s.raw[at+2:end]) {
		s.leaf = nil // the boundary stands twice: nothing between
		return at
	}
	kind := "text/plain"
	if top.part.kind.value == "multipart/digest" {
		kind = "message/rfc822"
	}
	parent := top.part
	child, body := s.readPart(at, partHeaderLimit, kind)
	child.outside, child.isFirst = parent.kind.value[len("multipart/"):], len(parent.children) == 0
	parent.children = append(parent.children, child)
	return body
}

func (s *scanner) isOpenBoundary(line []byte) bool {
	line = bytes.TrimRight(line, " \t\r")
	for _, o := range s.open {
		if matchBoundary(line, o.boundary) != boundaryNone {
			return true
		}
	}
	return false
}

// endLeaf gives the current part its body: up to the line end before the
// boundary at at.
func (s *scanner) endLeaf(at int) {
	p := s.leaf
	s.leaf = nil
	if p == nil {
		return
	}
	end := at
	if at < len(s.raw) && end > s.leafAt && s.raw[end-1] == '\n' {
		end--
		if end > s.leafAt && s.raw[end-1] == '\r' {
			end--
		}
	}
	if p.isMultipart {
		p.preamble = s.raw[s.leafAt:max(end, s.leafAt)]
		return
	}
	p.body = s.raw[s.leafAt:max(end, s.leafAt)]
}

func (s *scanner) exceed(what string) {
	for _, known := range s.exceeded {
		if known == what {
			return
		}
	}
	s.exceeded = append(s.exceeded, what)
}
