package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is the longest word that is searched, in bytes: what is longer was made by machines.
const maxWord = 100

// words takes the signs out of texts, so that "RE/2026-17" is three words whatever Postgres thinks of slashes; of all texts together at most
// this many bytes are read.
func words(most int, texts ...string) string {
	var b strings.Builder
	for _, s := range texts {
		s = cut(s, most-b.Len())
		for word := range strings.FieldsFuncSeq(norm.NFC.String(s), sign) {
			if word = strings.Map(heard, word); word != "" && len(word) <= maxWord {
				b.WriteString(word)
				b.WriteByte(' ')
			}
		}
		if b.Len() >= most {
			break
		}
	}
	return b.String()
}

// indexed are the words of texts, and behind them those that are bound together written in one: e-mail is found by email.
func indexed(most int, texts ...string) string {
	var bound []string
	for _, s := range texts {
		for chunk := range strings.FieldsSeq(cut(s, most)) {
			if one := joined(chunk); one != "" {
				bound = append(bound, one)
			}
		}
	}
	return words(most, append(slices.Clip(texts), bound...)...)
}

// bonds are hyphens and apostrophes, which bind words to one another.
const bonds = "-\u2010\u2011'’"

// joined is a word of several that are bound together, written in one; "" for any other.
func joined(word string) string {
	if !strings.ContainsAny(word, bonds) {
		return ""
	}
	word = strings.TrimFunc(word, sign)
	parts := strings.FieldsFunc(word, sign)
	between := strings.Map(func(r rune) rune {
		if sign(r) {
			return r
		}
		return -1
	}, word)
	if len(parts) < 2 || strings.Trim(between, bonds) != "" || utf8.RuneCountInString(between) != len(parts)-1 || !strings.ContainsFunc(word, unicode.IsLetter) {
		return ""
	}
	return strings.Map(heard, strings.Join(parts, ""))
}

// Quoted is what of the earlier mail below a message is searched. Below the first message of a ticket it stands nowhere else. Later it is mostly what
// the ticket holds already; but what has no mark of a quote may be an answer between the lines, and nothing somebody wrote may be beyond finding.
func Quoted(text string, first bool) string {
	if first {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimLeft(line, " \t"), ">") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// sign is what parts words. An accent that stands by itself belongs to its letter, and a place where a word may be broken is within it.
func sign(r rune) bool {
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return false
	}
	return r < utf8.RuneSelf || !unicode.IsMark(r) && heard(r) == r
}

// heard drops what is not seen of a word: soft hyphens, which newsletters are full of, what holds letters together or apart, and what colours a sign
// before it.
func heard(r rune) rune {
	switch r {
	case '\u00ad', '\u200c', '\u200d', '\u2060', '\ufeff', '\ufe0e', '\ufe0f':
		return -1
	}
	return r
}

// cut keeps at most n bytes, whole characters, nothing that Postgres cannot hold.
func cut(s string, n int) string {
	n = max(n, 0)
	if len(s) > n {
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, " "), "\x00", " ")
}

// fold is a word without case and accents, as the configurations see it, near enough to mark it in a text.
func fold(word string) string {
	word = strings.ToLower(word)
	if plain(word) {
		return word
	}
	b := make([]byte, 0, len(word))
	for i, r := range word {
		if r < utf8.RuneSelf {
			b = append(b, word[i])
			continue
		}
		parts := norm.NFD.PropertiesString(word[i:]).Decomposition()
		if parts == nil {
			parts = utf8.AppendRune(make([]byte, 0, utf8.UTFMax), r)
		}
		for _, r := range string(parts) {
			switch {
			case unicode.IsMark(r), heard(r) != r:
			case letters[r] != "":
				b = append(b, letters[r]...)
			default:
				b = utf8.AppendRune(b, r)
			}
		}
	}
	return string(b)
}

func plain(word string) bool {
	for i := range len(word) {
		if word[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// letters are those that are no plain letter with an accent.
var letters = map[rune]string{'ł': "l", 'ß': "ss", 'ø': "o", 'æ': "ae", 'œ': "oe", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h"}
