package mail

import (
	"encoding/base64"
	"slices"
	"strings"
)

// headerText makes a string fit to stand in a header: controls, NUL, line
// and paragraph separators become blanks, broken UTF-8 its replacement sign.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func printableASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// plainWords is text as go-mail can write it into a header. It encodes what is
// not ASCII and folds at blanks; three kinds of ASCII would not come back as
// they were: words that look encoded, words too long for a line, and blanks in
// a row, of which a fold leaves one. They are made RFC 2047 words here.
func plainWords(s string) string {
	s = strings.TrimSpace(headerText(s))
	if !printableASCII(s) || !strings.Contains(s, "=?") && !strings.Contains(s, "  ") && longestWord(s) < 900 {
		return s
	}
	var words []string
	for piece := range slices.Chunk([]byte(s), 45) {
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString(piece)+"?=")
	}
	return strings.Join(words, " ")
}

func longestWord(s string) int {
	longest := 0
	for word := range strings.SplitSeq(s, " ") {
		longest = max(longest, len(word))
	}
	return longest
}
