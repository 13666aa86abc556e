package mail

import (
	"bytes"
	"strings"
)

// damagedBase64 is what the scanner calls base64 that enmime must not decode.
const damagedBase64 = "x-damaged-base64"

// decodeTransfer undoes the Content-Transfer-Encodings (RFC 2045 6) that
// enmime leaves to others. ok is false when the encoding is unknown or bytes
// had to be guessed.
func decodeTransfer(data []byte, encoding string) (decoded []byte, ok bool) {
	switch strings.ToLower(encoding) {
	case damagedBase64:
		return decodeBase64(data)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		if files, _ := splitUuencoded(data, 1); len(files) > 0 {
			return files[0].data, true
		}
		return data, false
	case "", "7bit", "8bit", "binary", "base64", "quoted-printable":
		return data, true
	}
	return data, false
}

const (
	b64Skip = 0xff
	b64Pad  = 0xfe
)

var base64Values = func() (table [256]byte) {
	for i := range table {
		table[i] = b64Skip
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[c] = byte(i)
	}
	table['-'], table['_'] = 62, 63 // the URL alphabet, seen in the wild
	table['='] = b64Pad
	return table
}()

// decodeBase64 skips what is no base64 and keeps a cut-off tail. What follows
// the padding is read only when it is base64 of its own (joined encodings),
// not a list's footer. A body that is plainly no base64 comes back as it is.
// ok is false when more than line ends had to be skipped.
func decodeBase64(body []byte) (data []byte, ok bool) {
	if !looksBase64(body) {
		return body, false
	}
	data = make([]byte, 0, len(body)/4*3+3)
	var group uint32
	n, skipped, joined := 0, 0, false
	for i, c := range body {
		v := base64Values[c]
		if v < 64 {
			group = group<<6 | uint32(v)
			if n++; n == 4 {
				data = append(data, byte(group>>16), byte(group>>8), byte(group))
				group, n = 0, 0
			}
			continue
		}
		if v == b64Pad {
			data = appendTail(data, group, n)
			group, n = 0, 0
			if rest := body[i+1:]; !joined && len(rest) > 0 && rest[0] != '=' {
				if joined = isWholeBase64(rest); !joined {
					return data, len(bytes.TrimSpace(rest)) == 0 && skipped == 0
				}
			}
		} else if c > ' ' {
			skipped++
		}
	}
	return appendTail(data, group, n), skipped == 0
}

// looksBase64 is false when more than a tenth of the first kilobyte is
// neither of the alphabet nor blank.
func looksBase64(body []byte) bool {
	sample := body[:min(len(body), 1024)]
	foreign := 0
	for _, c := range sample {
		if base64Values[c] == b64Skip && c > ' ' {
			foreign++
		}
	}
	return foreign*10 <= len(sample)
}

// isWholeBase64 is true for full groups of the alphabet and nothing else.
func isWholeBase64(rest []byte) bool {
	n := 0
	for _, c := range rest {
		if base64Values[c] != b64Skip {
			n++
		} else if c > ' ' {
			return false
		}
	}
	return n > 0 && n%4 == 0
}

// isCleanBase64 is true for the alphabet between blanks, padded or not, in a
// length that decodes.
func isCleanBase64(body []byte) bool {
	body = bytes.TrimRight(body, "= \t\r\n")
	n := 0
	for _, c := range body {
		switch {
		case c == '-' || c == '_' || c == '=':
			return false
		case base64Values[c] != b64Skip:
			n++
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return false
		}
	}
	return n%4 != 1
}

func appendTail(data []byte, group uint32, n int) []byte {
	switch n {
	case 2:
		return append(data, byte(group>>4))
	case 3:
		return append(data, byte(group>>10), byte(group>>2))
	}
	return data
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
