package mail

import (
	"strings"
	"unicode/utf8"
)

// A decoder holds what is learnt about one mail while its headers and bodies
// are read: a charset that was declared somewhere helps where none is.
type decoder struct {
	hint string
}

// text decodes a raw header value for reading: unfolded, encoded words
// (RFC 2047) and bare 8-bit undone, runs of blanks made one.
func (d *decoder) text(raw []byte) string {
	return strings.Join(strings.Fields(d.words(unfold(raw))), " ")
}

// words decodes the encoded words of an unfolded value. Neighbours in one
// charset are joined before decoding, because senders split characters
// between them. Linear: a word without its end stops the search.
func (d *decoder) words(s string) string {
	if !strings.Contains(s, "=?") {
		return d.plain(s)
	}
	var out strings.Builder
	var pending []byte // bytes of the words before, not yet decoded
	charset := ""
	flush := func() {
		if len(pending) > 0 {
			text, _ := decodeCharset(pending, charset, d.hint)
			out.WriteString(text)
			pending = nil
		}
	}
	for len(s) > 0 {
		start := strings.Index(s, "=?")
		if start < 0 {
			break
		}
		word, size := parseEncodedWord(s[start:])
		if size == 0 {
			flush()
			out.WriteString(d.plain(s[:start+2]))
			s = s[start+2:]
			continue
		}
		if size < 0 {
			break
		}
		if between := s[:start]; len(pending) == 0 || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(d.plain(between))
		} else if !strings.EqualFold(charset, word.charset) {
			flush()
		}
		charset, pending = word.charset, append(pending, word.data...)
		s = s[start+size:]
	}
	flush()
	out.WriteString(d.plain(s))
	return out.String()
}

// plain decodes a stretch without encoded words: UTF-8, else bare 8-bit.
func (d *decoder) plain(s string) string {
	if isPlainASCII([]byte(s)) {
		return s
	}
	text, _ := decodeCharset([]byte(s), "", d.hint)
	return text
}

type encodedWord struct {
	charset string
	data    []byte
}

// parseEncodedWord reads the encoded word s begins with. size is 0 when it is
// none, -1 when no end follows at all.
func parseEncodedWord(s string) (w encodedWord, size int) {
	head := s[2:min(len(s), 80)]
	mark := strings.IndexByte(head, '?')
	if mark <= 0 || mark+2 >= len(head) || head[mark+2] != '?' || strings.ContainsAny(head[:mark], " =") {
		return w, 0
	}
	kind, rest := head[mark+1]|0x20, s[2+mark+3:]
	if kind != 'b' && kind != 'q' {
		return w, 0
	}
	end := strings.Index(rest, "?=")
	if end < 0 {
		return w, -1
	}
	w.charset, _, _ = strings.Cut(head[:mark], "*")
	size = 2 + mark + 3 + end + 2
	if kind == 'b' {
		w.data = decodeBase64([]byte(rest[:end]))
		return w, size
	}
	text := []byte(strings.ReplaceAll(rest[:end], "_", " "))
	w.data = appendUnescaped(make([]byte, 0, len(text)), text)
	return w, size
}

// appendUnescaped appends text with its hexadecimal escapes (=3D) undone;
// broken ones stay.
func appendUnescaped(data, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] != '=' {
			data = append(data, text[i])
			continue
		}
		if i+2 < len(text) {
			hi, lo := hexValue(text[i+1]), hexValue(text[i+2])
			if hi < 16 && lo < 16 {
				data = append(data, hi<<4|lo)
				i += 2
				continue
			}
		}
		data = append(data, text[i])
	}
	return data
}

func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// learn remembers a charset that says something about undeclared bytes.
func (d *decoder) learn(label string) {
	if label = normalCharset(label); d.hint == "" && label != "" && label != "utf-8" && label != "us-ascii" {
		d.hint = label
	}
}

// learnFrom takes the charset of the first encoded word in a raw value.
func (d *decoder) learnFrom(raw []byte) {
	s := string(raw[:min(len(raw), 4096)])
	if at := strings.Index(s, "=?"); at >= 0 {
		if w, size := parseEncodedWord(s[at:]); size > 0 {
			d.learn(w.charset)
		}
	}
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
