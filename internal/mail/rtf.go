package mail

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// rtfDictionary primes the decompression (MS-OXRTFCP 2.1.2.1).
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// maxRTF bounds the text one body may unfold to.
const maxRTF = 4 << 20

// decompressRTF undoes MS-OXRTFCP compression; nil when it is none.
func decompressRTF(data []byte) []byte {
	if len(data) < 16 {
		return nil
	}
	kind, body := binary.LittleEndian.Uint32(data[8:]), data[16:]
	switch kind {
	case 0x414c454d: // MELA: stored
		return body
	case 0x75465a4c: // LZFu
	default:
		return nil
	}
	var window [4096]byte
	at := copy(window[:], rtfDictionary)
	out := make([]byte, 0, min(len(body)*3, maxRTF))
	for len(body) > 0 && len(out) < maxRTF {
		flags := body[0]
		body = body[1:]
		for bit := 0; bit < 8 && len(body) > 0; bit, flags = bit+1, flags>>1 {
			if flags&1 == 0 {
				out, window[at] = append(out, body[0]), body[0]
				at, body = (at+1)%4096, body[1:]
				continue
			}
			if len(body) < 2 {
				return out
			}
			pair := int(body[0])<<8 | int(body[1])
			body = body[2:]
			from, n := pair>>4, pair&15+2
			if from == at {
				return out // the end mark
			}
			for ; n > 0; n-- {
				c := window[from]
				out, window[at] = append(out, c), c
				from, at = (from+1)%4096, (at+1)%4096
			}
		}
	}
	return out
}

// An rtfReader turns RTF into text: destinations that are no text are
// skipped, everything about looks is ignored.
type rtfReader struct {
	in      []byte
	at      int
	out     strings.Builder
	bytes   []byte // \'e4 bytes waiting for their charset
	charset string
	skip    []bool // one for each open group
	unicode int    // characters that stand in for a \u and are to be dropped
}

// rtfText is the text of an RTF document, "" for anything else.
func rtfText(rtf []byte) string {
	if !strings.HasPrefix(string(rtf[:min(len(rtf), 5)]), `{\rtf`) {
		return ""
	}
	r := rtfReader{in: rtf, charset: "windows-1252", skip: []bool{false}}
	for r.at < len(r.in) {
		r.step()
	}
	r.flush()
	return strings.TrimSpace(cleanText(r.out.String()))
}

func (r *rtfReader) step() {
	c := r.in[r.at]
	r.at++
	switch c {
	case '{':
		if len(r.skip) < 1000 {
			r.skip = append(r.skip, r.skip[len(r.skip)-1])
		}
	case '}':
		if len(r.skip) > 1 {
			r.skip = r.skip[:len(r.skip)-1]
		}
	case '\\':
		r.control()
	case '\r', '\n', 0:
	default:
		r.char(c)
	}
}

// control reads a control word or symbol.
func (r *rtfReader) control() {
	if r.at >= len(r.in) {
		return
	}
	c := r.in[r.at]
	if lower := c | 0x20; lower < 'a' || lower > 'z' {
		r.at++
		r.symbol(c)
		return
	}
	start := r.at
	for r.at < len(r.in) && r.in[r.at]|0x20 >= 'a' && r.in[r.at]|0x20 <= 'z' {
		r.at++
	}
	word, from := string(r.in[start:min(r.at, start+32)]), r.at
	for r.at < len(r.in) && (r.in[r.at] >= '0' && r.in[r.at] <= '9' || r.in[r.at] == '-' && r.at == from) {
		r.at++
	}
	number, _ := strconv.Atoi(string(r.in[from:min(r.at, from+12)]))
	if r.at < len(r.in) && r.in[r.at] == ' ' {
		r.at++
	}
	r.word(word, number)
}

func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\'':
		if r.at+2 <= len(r.in) {
			hi, lo := hexValue(r.in[r.at]), hexValue(r.in[r.at+1])
			r.at += 2
			r.char(hi<<4 | lo&15)
		}
	case '*':
		r.skip[len(r.skip)-1] = true
	case '~':
		r.text(" ")
	case '_':
		r.text("-")
	case '\\', '{', '}':
		r.char(c)
	case '\r', '\n':
		r.text("\n")
	}
}

func (r *rtfReader) word(word string, number int) {
	switch word {
	case "par", "line", "row", "sect", "page":
		r.text("\n")
	case "tab", "cell":
		r.text("\t")
	case "emdash", "endash":
		r.text("–")
	case "bullet":
		r.text("•")
	case "lquote", "rquote":
		r.text("’")
	case "ldblquote", "rdblquote":
		r.text("\"")
	case "u":
		r.text(string(rune(uint16(int16(number)))))
		r.unicode = 1
	case "ansicpg":
		r.charset = codepageName(uint32(number))
	case "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "themedata", "listtable":
		r.skip[len(r.skip)-1] = true
	}
}

func (r *rtfReader) char(c byte) {
	switch {
	case r.skip[len(r.skip)-1]:
	case r.unicode > 0:
		r.unicode--
	case c < 0x80:
		r.flush()
		r.out.WriteByte(c)
	default:
		r.bytes = append(r.bytes, c)
	}
}

func (r *rtfReader) text(s string) {
	if !r.skip[len(r.skip)-1] {
		r.flush()
		r.out.WriteString(s)
	}
}

func (r *rtfReader) flush() {
	if len(r.bytes) > 0 {
		text, _ := decodeCharset(r.bytes, r.charset, "")
		r.out.WriteString(text)
		r.bytes = r.bytes[:0]
	}
}
