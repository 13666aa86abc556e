package search

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A query may hold this much; the rest is not read.
const (
	maxQuery = 1_000 // bytes
	maxTerms = 12
	maxParts = 12 // of a phrase
)

// Query is a text to be found, as somebody typed it: words that must all stand in a message, "phrases", -words that must not, begin* of words.
type Query struct {
	terms []term
}

// term is one word, or several that stand in a row.
type term struct {
	parts  []string
	piece  string // as it was typed, folded, its inner signs kept: "ax-4711"
	not    bool
	begins bool   // the last part is only the beginning of a word
	joined string // the parts in one, where hyphens bind them and no quotes: "tshirt"
}

// Parse understands any text; what holds no letter and no digit asks for nothing.
func Parse(text string) Query {
	var q Query
	for rest := strings.TrimSpace(cut(text, maxQuery)); rest != "" && len(q.terms) < maxTerms; rest = strings.TrimSpace(rest) {
		var t term
		t, rest = next(rest)
		if len(t.parts) > 0 && !slices.ContainsFunc(q.terms, t.same) {
			q.terms = append(q.terms, t)
		}
	}
	return q
}

// next reads the first term of a text.
func next(s string) (t term, rest string) {
	bare := strings.TrimPrefix(s, "-")
	t.not = bare != s
	if inside, ok := strings.CutPrefix(bare, `"`); ok {
		inside, rest, _ = strings.Cut(inside, `"`)
		bare = inside
	} else {
		end := strings.IndexFunc(bare, unicode.IsSpace)
		if end < 0 {
			end = len(bare)
		}
		bare, rest = bare[:end], bare[end:]
		if !strings.HasSuffix(bare, "*") {
			t.joined = joined(norm.NFC.String(bare))
		}
	}
	t.begins = strings.HasSuffix(bare, "*")
	t.parts = strings.Fields(words(maxQuery, bare))
	t.piece = fold(strings.Join(strings.Fields(strings.TrimFunc(bare, sign)), " "))
	if len(t.parts) > maxParts {
		t.parts = t.parts[:maxParts]
	}
	// The beginning of very many words says nothing.
	if n := len(t.parts); n > 0 && utf8.RuneCountInString(t.parts[n-1]) < 3 {
		t.begins = false
	}
	return t, rest
}

func (t term) same(other term) bool {
	return t.not == other.not && t.begins == other.begins && slices.EqualFunc(t.parts, other.parts, strings.EqualFold)
}

// Empty tells whether there is nothing to be found.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Apart is the query for the words of its phrases wherever they stand in a message; false when it has none. What signs bind, like an address, stays.
func (q Query) Apart() (apart Query, ok bool) {
	for _, t := range q.terms {
		if t.not || !strings.Contains(t.piece, " ") {
			apart.terms = append(apart.terms, t)
			continue
		}
		ok = true
		for i, p := range t.parts {
			apart.terms = append(apart.terms, term{parts: []string{p}, piece: fold(p), begins: t.begins && i == len(t.parts)-1})
		}
	}
	return apart, ok
}

// Number is the number of a ticket, when the text is one and nothing else.
func (q Query) Number() (id int64, ok bool) {
	if len(q.terms) != 1 || q.terms[0].not || len(q.terms[0].parts) != 1 {
		return 0, false
	}
	id, err := strconv.ParseInt(q.terms[0].parts[0], 10, 64)
	return id, err == nil
}

// pieces are the words as they are looked for inside headings, names and addresses; none when a word is excluded, and none when all of them say too
// little.
func (q Query) pieces() []string {
	var out []string
	enough := false
	for _, t := range q.terms {
		if t.not {
			return nil
		}
		if t.piece == "" {
			continue // an accent that stands on no letter
		}
		out = append(out, t.piece)
		enough = enough || utf8.RuneCountInString(t.piece) >= 3
	}
	if !enough {
		return nil
	}
	return out
}

// digits is what a text says as a telephone number, "" when it holds anything else or too little, or leaves something out. Noughts before it are
// dialled or left out as the country before it is: 0171 is +49 171, and 0049 is +49.
func (q Query) digits() string {
	var all string
	for _, t := range q.terms {
		if t.not {
			return ""
		}
		all += strings.Join(t.parts, "")
	}
	if all = strings.TrimLeft(all, "0"); len(all) < 4 || len(all) > 18 || strings.Trim(all, "0123456789") != "" {
		return ""
	}
	return all
}
