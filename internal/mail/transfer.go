package mail

import (
	"bytes"
	"encoding/base64"
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
		if !looksBase64(data) {
			return data, false
		}
		return decodeBase64(data), false
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

// decodeBase64 skips what is no base64 and keeps a cut-off tail. What follows
// the padding is read only when it is base64 of its own (joined encodings),
// not a list's footer.
func decodeBase64(body []byte) (data []byte) {
	for isJoined := false; len(body) > 0; {
		end := bytes.IndexByte(body, '=')
		if end < 0 {
			end = len(body)
		}
		letters := bytes.Map(base64Letter, body[:end])
		if len(letters)%4 == 1 {
			letters = letters[:len(letters)-1]
		}
		data, _ = base64.RawStdEncoding.AppendDecode(data, letters)
		body = bytes.TrimLeft(body[end:], "= \t\r\n")
		if isJoined = isJoined || isWholeBase64(body); !isJoined {
			break
		}
	}
	return data
}

// isWholeBase64 is true for full groups of the alphabet and nothing else.
func isWholeBase64(body []byte) bool {
	body = bytes.Join(bytes.Fields(body), nil)
	return len(body)%4 == 0 && isCleanBase64(bytes.ReplaceAll(body, []byte("="), nil))
}

// base64Letter keeps the alphabet; that of URLs is seen in the wild.
func base64Letter(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '+', r == '/':
		return r
	case r == '-':
		return '+'
	case r == '_':
		return '/'
	}
	return -1
}

// isCleanBase64 is true for the alphabet between blanks, padded or not, in a
// length that decodes.
func isCleanBase64(body []byte) bool {
	n := 0
	for _, c := range bytes.TrimRight(body, "= \t\r\n") {
		switch {
		case base64Letter(rune(c)) == rune(c):
			n++
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return false
		}
	}
	return n%4 != 1
}

// looksBase64 is false when more than a tenth of the first kilobyte is
// neither of the alphabet nor blank.
func looksBase64(body []byte) bool {
	sample := body[:min(len(body), 1024)]
	foreign := 0
	for _, c := range sample {
		if c > ' ' && c != '=' && base64Letter(rune(c)) < 0 {
			foreign++
		}
	}
	return foreign*10 <= len(sample)
}
