package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marks knows which words of a text a query found.
type Marks struct {
	words      []string // folded
	beginnings []string
	pieces     []string // stand anywhere in a word of a heading; in messages whole words are looked for, and what words begin with
}

// Part is a stretch of a snippet; Hit says that it was found.
type Part struct {
	Text string
	Hit  bool
}

func (m *Marks) word(lexeme string, begins bool) {
	if begins {
		m.beginnings = append(m.beginnings, lexeme)
	} else {
		m.words = append(m.words, lexeme)
	}
}

// stem marks the forms that share a stem: the stem begins them, or nearly (happy, happiness).
func (m *Marks) stem(f form) {
	for _, l := range slices.Concat(f.En, f.De) {
		if n := utf8.RuneCountInString(l); n >= 4 {
			m.beginnings = append(m.beginnings, l)
		}
	}
}

// add marks the words of a phrase.
func (m *Marks) add(t term) {
	for i, p := range t.parts {
		m.word(fold(p), t.begins && i == len(t.parts)-1)
	}
}

// fits tells whether a folded word is one of those that were found.
func (m Marks) fits(word string) bool {
	return slices.Contains(m.words, word) || slices.ContainsFunc(m.pieces, func(p string) bool { return len(p) >= 3 && strings.Contains(word, p) }) ||
		slices.ContainsFunc(m.beginnings, func(b string) bool { return strings.HasPrefix(word, b) })
}

// mostSpans is how many found words of a text are marked; after them it is not read.
const mostSpans = 1_000

// span is a found word, in bytes of the text, and folded.
type span struct {
	from, to int
	word     string
}

// In finds the words in a heading, or in a name.
func (m Marks) In(text string) []Part { return parts(text, m.spans(text), 0, len(text)) }

// spans finds the words, those that are bound together also as one; each word of the text is folded once.
func (m Marks) spans(text string) (out []span) {
	start, bound, was := -1, 0, 0 // where the word begins, what is bound to it, and where the one before ended
	end := func(at int) {
		if between := text[was:start]; !strings.Contains(bonds, between) || utf8.RuneCountInString(between) != 1 || at-bound > maxWord {
			bound = start
		}
		if word := fold(text[start:at]); m.fits(word) {
			out = append(out, span{start, at, word})
		} else if bound < start {
			if word := fold(joined(text[bound:at])); m.fits(word) {
				out = append(out, span{bound, at, word})
			}
		}
		was, start = at, -1
	}
	for i, r := range text {
		switch {
		case len(out) == mostSpans:
			return out
		case sign(r) && start >= 0:
			end(i)
		case !sign(r) && start < 0:
			start = i
		}
	}
	if start >= 0 {
		end(len(text))
	}
	return out
}

// Snippet is the stretch of a message of about this many characters in which most of the words stand, on one line, with the words marked; "…" where it
// was cut. Without any of the words it is the beginning.
func (m Marks) Snippet(text string, length int) []Part {
	m.pieces = nil
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, " "), blank), " ")
	spans := m.spans(text)
	from := wordStart(text, densest(spans, length)-length/4)
	if len(text) <= length*3/2 {
		from = 0
	}
	to := wordEnd(text, from, length)
	out := parts(text, spans, from, to)
	if from > 0 {
		out = append([]Part{{Text: "… "}}, out...)
	}
	if to < len(text) {
		out = append(out, Part{Text: " …"})
	}
	return out
}

// densest is where the first stretch of this length begins in which most different words stand. Every span enters the stretch once and leaves it once.
func densest(spans []span, length int) (from int) {
	within := map[string]int{}
	end, best := 0, 0
	for i, s := range spans {
		for end = max(end, i); end < len(spans) && spans[end].to-s.from <= length; end++ {
			within[spans[end].word]++
		}
		if len(within) > best {
			from, best = s.from, len(within)
		}
		if within[s.word]--; within[s.word] <= 0 {
			delete(within, s.word)
		}
	}
	return from
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// wordStart is the start of a word at or after i.
func wordStart(text string, i int) int {
	if i <= 0 {
		return 0
	}
	if at := strings.IndexByte(text[i-1:], ' '); at >= 0 && at < 40 {
		return i + at
	}
	for i > 0 && !utf8.RuneStart(text[i]) {
		i--
	}
	return i
}

// wordEnd is the end of a word at most length characters after from.
func wordEnd(text string, from, length int) int {
	n, end := 0, from
	for i, r := range text[from:] {
		if n++; n > length {
			if end == from {
				end = from + i
			}
			return end
		}
		if r == ' ' {
			end = from + i
		}
	}
	return len(text)
}

// parts cuts the text at its spans.
func parts(text string, spans []span, from, to int) []Part {
	var out []Part
	for _, s := range spans {
		if s.from < from || s.to > to {
			continue
		}
		if s.from > from {
			out = append(out, Part{Text: text[from:s.from]})
		}
		out = append(out, Part{text[s.from:s.to], true})
		from = s.to
	}
	if from < to {
		out = append(out, Part{Text: text[from:to]})
	}
	return out
}
