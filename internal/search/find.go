package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/internal/pg"
)

// Wanted is a query as the database takes it.
type Wanted struct {
	All    string   // tsquery of all that fits
	Exact  string   // tsquery of the words as they were typed, for ranking
	Not    string   // tsquery of what must stand nowhere in a ticket
	Each   []string // tsquery of each word, when any of them will do; else none
	Pieces []string // LIKE patterns for headings and names, all of which must fit
	Digits string   // LIKE pattern for telephone numbers, "" = none
	Nearly []Nearly // for when nothing fits: words as they may be misspelled in headings
	Marks  Marks

	terms  []string // every way to write each word
	quick  []string // of them those that the index need not gather from words that begin so
	newest int64
}

// Nearly is a word of which one half or the other stands somewhere, as LIKE patterns: a typing error spoils only one.
type Nearly struct{ Word, Front, Back string }

// form is one way to write a word, with what the configurations make of it.
type form struct {
	Part             string
	Word, En, De     []string
	SmallEn, SmallDe bool // a word that says nothing in that language
	Newest           int64
}

// Want looks the words up: one round trip.
func Want(ctx context.Context, r pg.Reader, q Query) (Wanted, error) {
	var parts []string
	for _, t := range q.terms {
		for _, p := range append(slices.Clip(t.parts), strings.Fields(t.joined)...) {
			parts = append(parts, append(umlauts(p), p)...)
		}
	}
	slices.Sort(parts)
	list, err := pg.List[form](ctx, r, `
		SELECT part, tsvector_to_array(to_tsvector('search_word', part)) AS word, tsvector_to_array(to_tsvector('search_en', part)) AS en,
			tsvector_to_array(to_tsvector('search_de', part)) AS de,
			ts_lexize('english_stem', search_plain(part)) = '{}' AS small_en, ts_lexize('german_stem', search_plain(part)) = '{}' AS small_de,
			(SELECT COALESCE(max(message_id), 0) FROM search_document) AS newest
		FROM unnest($1::text[]) AS part`, slices.Compact(parts))
	if err != nil {
		return Wanted{}, fmt.Errorf("look up the words of a search: %w", err)
	}
	if len(list) == 0 {
		return Wanted{}, nil
	}
	forms := make(map[string]form, len(list))
	for _, f := range list {
		forms[f.Part] = f
	}
	return q.wanted(forms, list[0].Newest), nil
}

func (q Query) wanted(forms map[string]form, newest int64) Wanted {
	w := Wanted{Digits: contains(q.digits()), newest: newest}
	terms := q.meaningful(forms)
	var exact, not []string
	for _, t := range terms {
		ways := t.ways(forms, &w.Marks)
		switch {
		case len(ways) == 0:
		case t.not:
			not = append(not, anyOf(ways))
		default:
			w.terms, w.quick, exact = append(w.terms, anyOf(ways)), append(w.quick, anyOf(quick(ways))), append(exact, t.exact(forms))
		}
	}
	w.Not, w.Exact = strings.Join(not, " | "), strings.Join(exact, " & ")
	w.All = w.all()
	for _, p := range (Query{terms}).pieces() {
		w.Pieces = append(w.Pieces, contains(p))
		w.Marks.pieces = append(w.Marks.pieces, strings.FieldsFunc(p, sign)...)
	}
	w.Nearly = nearly(terms)
	return w
}

// all is the query for what holds every word and none that is excluded. One that only excludes asks for all else, which is not looked for everywhere.
func (w Wanted) all() string {
	all := w.terms
	if len(all) == 0 && w.Not != "" {
		all = []string{w.newerAges()}
	}
	if w.Not != "" {
		all = append(slices.Clone(all), "!("+w.Not+")")
	}
	return strings.Join(all, " & ")
}

// Any is the query for messages that hold some of the words; false when there is only one.
func (w Wanted) Any() (Wanted, bool) {
	if len(w.terms) < 2 {
		return w, false
	}
	w.Each, w.Exact, w.Pieces, w.Digits = w.terms, "", nil, ""
	w.quick, w.terms = []string{anyOf(w.quick)}, []string{anyOf(w.terms)}
	w.All = w.all()
	return w, true
}

// nearly splits the long words of a query, and takes the others as they are; none when one is excluded.
func nearly(terms []term) []Nearly {
	var out []Nearly
	long := false
	for _, t := range terms {
		r := []rune(fold(t.parts[0]))
		if t.not || len(t.parts) > 1 {
			return nil
		}
		n := Nearly{string(r), contains(string(r[:len(r)/2])), contains(string(r[(len(r)+1)/2:]))}
		if len(r) < 6 || !onlyLetters(n.Word) {
			n.Front, n.Back = contains(n.Word), contains(n.Word)
		} else {
			long = true
		}
		out = append(out, n)
	}
	if !long {
		return nil
	}
	return out
}

// meaningful leaves out small words, unless there is nothing else.
func (q Query) meaningful(forms map[string]form) []term {
	left := slices.DeleteFunc(slices.Clone(q.terms), func(t term) bool {
		f := forms[t.parts[0]]
		return len(t.parts) == 1 && !t.not && !t.begins && (f.SmallEn || f.SmallDe || smallPolish[fold(t.parts[0])])
	})
	if slices.ContainsFunc(left, func(t term) bool { return !t.not }) {
		return left
	}
	return q.terms
}

// ways are all in which a term may be written: as typed, by its stems, with other endings, with umlauts written out; what hyphens bind, also in one.
func (t term) ways(forms map[string]form, m *Marks) (ways []string) {
	written := cmp.Or(t.joined, t.parts[0])
	if len(t.parts) > 1 || t.begins {
		if !t.not {
			m.add(t)
		}
		if p := t.phrase(forms); p != "" {
			ways = append(ways, p)
		}
		if t.joined == "" {
			return ways
		}
		ways = append(ways, t.endings(forms, m)...)
	}
	add := func(sign string, lexemes ...string) {
		for _, l := range lexemes {
			if s := lexeme(l) + sign; l != "" && !slices.Contains(ways, s) {
				ways = append(ways, s)
				if !t.not {
					m.word(l, sign != "")
				}
			}
		}
	}
	for _, p := range append([]string{written}, umlauts(written)...) {
		f := forms[p]
		add("", f.Word...)
		add("", f.En...)
		add("", f.De...)
		if t.not {
			continue
		}
		m.stem(f)
		switch word := fold(p); {
		case !onlyLetters(word):
		case len(word) >= 6:
			add(begins, beginnings(word)...)
		default:
			add("", shortForms(word)...)
		}
	}
	return ways
}

// endings are the parts in a row, the last with what its other forms begin with: t-shirt, T-Shirts.
func (t term) endings(forms map[string]form, m *Marks) (ways []string) {
	n := len(t.parts) - 1
	row, last := term{parts: t.parts[:n]}.phrase(forms), forms[t.parts[n]]
	for _, l := range slices.Concat(last.En, last.De) {
		if way := row + before + lexeme(l) + begins; row != "" && utf8.RuneCountInString(l) >= 4 && !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	if !t.not {
		m.stem(last)
	}
	return ways
}

// quick are the ways that name whole words: of words that begin somehow the index reads every message that has one, however old. Where there are
// only such, these.
func quick(ways []string) []string {
	whole := slices.DeleteFunc(slices.Clone(ways), func(s string) bool { return strings.HasSuffix(s, begins) })
	if len(whole) == 0 {
		return ways
	}
	return whole
}

// The signs of a tsquery behind the beginning of a word, and between two of which the second stands right behind the first.
const (
	begins = ":*"
	before = " <-> "
)

func anyOf(ways []string) string { return "(" + strings.Join(ways, " | ") + ")" }

// exact is the term as it was typed.
func (t term) exact(forms map[string]form) string { return "(" + t.phrase(forms) + ")" }

// phrase is the parts in a row; a star makes the last one a beginning.
func (t term) phrase(forms map[string]form) string {
	var row []string
	for i, p := range t.parts {
		sign := ""
		if t.begins && i == len(t.parts)-1 {
			sign = begins
		}
		for _, l := range forms[p].Word {
			row = append(row, lexeme(l)+sign)
		}
	}
	return strings.Join(row, before)
}

func lexeme(s string) string {
	return `'` + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + `'`
}

// contains is the LIKE pattern for a piece anywhere; "" for none.
func contains(piece string) string {
	if piece == "" {
		return ""
	}
	return `%` + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(piece) + `%`
}

// umlauts are a word with ä, ö, ü written out, or ae, oe, ue drawn together: people without those keys write Mueller, others Muller.
func umlauts(word string) []string {
	lower := strings.ToLower(word)
	out := []string{
		strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue").Replace(lower),
		strings.NewReplacer("ae", "a", "oe", "o", "ue", "u").Replace(lower),
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == lower })
}

// onlyLetters tells whether a folded word is made of the letters a to z.
func onlyLetters(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' })
}
