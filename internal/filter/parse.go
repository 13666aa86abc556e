package filter

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"frontdesk/internal/fault"
	"frontdesk/internal/text"
)

// Problem is what could not be understood, as a sentence to show beside the box.
type Problem = fault.Reason

// The measures of a query: longer ones are nobody's, and each term costs.
const (
	longest   = 2000 // characters, as they are typed and in the one spelling
	mostTerms = 20
	mostEach  = 50 // values of a term
	mostNames = 20 // values that are looked for in the names of all customers or senders
)

// Parse reads what a person typed. What it does not understand is left out and told; nothing is refused.
func Parse(typed string) (Query, []Problem) {
	p := parser{rest: []rune(Clean(typed))}
	if len(p.rest) > longest {
		p.rest = p.rest[:longest]
		p.tell(text.FilterTooLong, "most", longest)
	}
	for p.skipSpace(); len(p.rest) > 0; p.skipSpace() {
		p.token()
	}
	p.query.Text = strings.Join(p.words, " ")
	if p.query.Empty() && len(p.problems) == 0 && strings.TrimSpace(typed) != "" {
		p.tell(text.FilterNoWords)
	}
	return p.query, p.problems
}

// Clean makes one kind of space of everything that is no character, and of each letter the one that keyboards make, with its accent in it: what has
// others cannot be asked for.
func Clean(typed string) string {
	return strings.Map(func(r rune) rune {
		if blank(r) {
			return ' '
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(typed, " ")))
}

func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar
}

type parser struct {
	rest     []rune
	query    Query
	words    []string
	problems []Problem
	names    int // so many were taken
	length   int // of the spelling
}

func (p *parser) tell(key text.Key, args ...any) {
	p.problems = append(p.problems, fault.Because(key, args...))
}

func (p *parser) told(key text.Key) bool {
	return slices.ContainsFunc(p.problems, func(w Problem) bool { return w.Key == key })
}

func (p *parser) skipSpace() {
	for len(p.rest) > 0 && p.rest[0] == ' ' {
		p.rest = p.rest[1:]
	}
}

// token reads a number, a phrase, a term or a word.
func (p *parser) token() {
	start := p.rest
	not := p.rest[0] == '-'
	if not {
		p.rest = p.rest[1:]
	}
	if len(p.rest) > 0 && p.rest[0] == '"' {
		p.phrase(not)
		return
	}
	word := string(p.rest[:p.until(" ")])
	if id, ok := strings.CutPrefix(word, "#"); ok && number(id) != "" {
		p.rest = p.rest[len([]rune(word)):]
		p.add(Term{Field: ID, Not: not, Values: []string{number(id)}})
		return
	}
	if name, after, ok := strings.Cut(word, ":"); ok && name != "" && strings.IndexFunc(name, notLetter) < 0 {
		field := Field(strings.ToLower(name))
		known := slices.Contains(Fields, field)
		if known || after != "" && after[0] != '/' { // "Re:" and "https://" are words
			p.rest = p.rest[len(name)+1:]
			values := p.values(", ")
			if !known {
				p.tell(text.FilterUnknown, "name", name+":")
				return
			}
			p.term(field, not, values)
			return
		}
	}
	p.rest = start
	n := p.until(" ")
	w := string(p.rest[:n])
	p.rest = p.rest[n:]
	if w != "-" {
		p.word(w)
	}
}

// word takes a word or phrase of the text.
func (p *parser) word(w string) {
	if p.room(w) {
		p.words = append(p.words, w)
	}
}

// room tells whether one more part of the query may be spelled; where not, nothing more is read.
func (p *parser) room(spelled string) bool {
	n := utf8.RuneCountInString(spelled)
	if p.length+n > longest {
		if p.rest = nil; !p.told(text.FilterTooLong) {
			p.tell(text.FilterTooLong, "most", longest)
		}
		return false
	}
	p.length += n + 1 // and a space
	return true
}

func notLetter(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }

// until is how many characters there are before the next of stops.
func (p *parser) until(stops string) int {
	for i, r := range p.rest {
		if strings.ContainsRune(stops, r) {
			return i
		}
	}
	return len(p.rest)
}

// phrase reads words in quotes; without a closing quote it goes to the end.
func (p *parser) phrase(not bool) {
	p.rest = p.rest[1:]
	n := p.until(`"`)
	words := strings.Join(strings.Fields(string(p.rest[:n])), " ")
	p.rest = p.rest[min(n+1, len(p.rest)):]
	if words == "" {
		return
	}
	sign := ""
	if not {
		sign = "-"
	}
	p.word(sign + `"` + words + `"`)
}

// Values reads what was typed in a box for the values of one term. What quotes do not part in full is one value.
func Values(typed string) []string {
	p := parser{rest: []rune(Clean(typed))}
	all := p.values(",")
	if len(p.rest) > 0 {
		return []string{typed}
	}
	return all
}

// values reads what stands behind the colon, each value up to one of stops.
func (p *parser) values(stops string) []string {
	var all []string
	apart := func() {
		if !strings.Contains(stops, " ") {
			p.skipSpace()
		}
	}
	for {
		var v string
		apart()
		if len(p.rest) > 0 && p.rest[0] == '"' {
			v = p.inQuotes()
			apart()
		} else {
			n := p.until(stops)
			v, p.rest = string(p.rest[:n]), p.rest[n:]
		}
		if v = strings.Join(strings.Fields(v), " "); v != "" {
			all = append(all, v)
		}
		if len(p.rest) == 0 || p.rest[0] != ',' {
			return all
		}
		p.rest = p.rest[1:]
	}
}

func (p *parser) inQuotes() string {
	var v []rune
	for p.rest = p.rest[1:]; len(p.rest) > 0; p.rest = p.rest[1:] {
		switch {
		case p.rest[0] == '"':
			p.rest = p.rest[1:]
			return string(v)
		case p.rest[0] == '\\' && len(p.rest) > 1:
			p.rest = p.rest[1:]
		}
		v = append(v, p.rest[0])
	}
	return string(v)
}

// term takes a term with those of its values that mean something.
func (p *parser) term(f Field, not bool, values []string) {
	if len(values) == 0 {
		p.tell(text.FilterEmpty, "name", string(f)+":")
		return
	}
	t := Term{Field: f, Not: not}
	for _, v := range values {
		one, ok := spelled(f, v)
		switch {
		case !ok:
			p.tell(hint(f), "name", string(f)+":", "value", v, "known", strings.Join(known[f], ", "))
		case !slices.ContainsFunc(t.Values, func(o string) bool { return strings.EqualFold(o, one) }):
			t.Values = append(t.Values, one)
		}
	}
	if len(t.Values) > mostEach {
		p.tell(text.FilterTooMany, "name", string(f)+":", "most", mostEach)
		t.Values = t.Values[:mostEach]
	}
	if f == Customer || f == Company || f == From {
		t.Values = p.fewNames(t.Values)
	}
	if len(t.Values) > 0 {
		p.add(t)
	}
}

// fewNames leaves out those that are more than a query may look for.
func (p *parser) fewNames(values []string) []string {
	most := min(len(values), mostNames-p.names)
	if most < len(values) && !p.told(text.FilterTooManyNames) {
		p.tell(text.FilterTooManyNames, "most", mostNames)
	}
	p.names += most
	return values[:most]
}

func (p *parser) add(t Term) {
	switch {
	case slices.ContainsFunc(p.query.Terms, t.equal):
	case len(p.query.Terms) < mostTerms:
		if p.room(t.String()) {
			p.query = p.query.With(t)
		}
	case !p.told(text.FilterTooManyTerms):
		p.tell(text.FilterTooManyTerms, "most", mostTerms)
	}
}

// hint is what to say of a value that field f does not know.
func hint(f Field) text.Key {
	switch f {
	case Created, Changed, Closed:
		return text.FilterNoDate
	case Older, Newer:
		return text.FilterNoAge
	case ID:
		return text.FilterNoNumber
	}
	return text.FilterNoValue
}

// known are the values of fields that have no others.
var known = map[Field][]string{Is: States, Source: Sources, Has: {Attachment}}

// spelled is a value in its one spelling; false when field f knows no such value. Names are not looked up here.
func spelled(f Field, v string) (string, bool) {
	low := strings.ToLower(v)
	switch f {
	case Is, Source:
		return low, slices.Contains(known[f], low)
	case Has:
		return Attachment, slices.Contains([]string{Attachment, "attachments", "file", "files"}, low)
	case Created, Changed, Closed:
		return dates(low)
	case Older, Newer:
		return age(low)
	case ID:
		n := number(strings.TrimPrefix(v, "#"))
		return n, n != ""
	}
	if (f == Assignee && low == Me) || ((f == Assignee || f == Category || f == Tag) && low == None) {
		return low, true
	}
	return v, true
}

// number is the digits of a ticket's number, "" for anything else.
func number(s string) string {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || s[0] == '+' {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
