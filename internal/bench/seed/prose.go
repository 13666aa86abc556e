package seed

import (
	"fmt"
	"html"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// models is how many different names of models there are. The r-th is named about r times less often than the first, as words are (Zipf):
// a search finds rare, middling and common ones.
const models = 40_000

// Searches are words for measurements: how many messages hold one of each kind differs by orders of magnitude.
type Searches struct{ Rare, Middling, Common []string }

// Words are searches whose answers the seeded desk knows.
func Words() Searches {
	var s Searches
	for i := range 20 {
		s.Rare = append(s.Rare, model(models/2+i*97))
		s.Middling = append(s.Middling, model(5+i))
	}
	s.Common = []string{"order", "delivery", "Bestellung", "Lieferung", "zamówienie", "dostawa"}
	return s
}

// writer writes what one message says. Equal numbers make equal messages, so that one can be quoted without being kept.
type writer struct {
	rnd *rand.Rand
	tongue
}

func write(seed uint64, number int64, t tongue) writer {
	return writer{rand.New(rand.NewPCG(seed, uint64(number)*2+1)), t}
}

// letter is a message of a customer or an agent without what it quotes: greeting, sentences, name.
func (w writer) letter(from []string, name string) string {
	var b strings.Builder
	b.WriteString(w.pick(w.hello) + ",\n\n")
	said := map[string]bool{}
	for i := range min(2+int(w.rnd.ExpFloat64()*3), 40) {
		pattern := w.pick(from)
		if said[pattern] { // nobody says the same twice
			continue
		}
		said[pattern] = true
		s := w.sentence(pattern)
		if i > 0 {
			first, size := utf8.DecodeRuneInString(s) // after the greeting some languages go on in small letters
			s = string(unicode.ToUpper(first)) + s[size:]
			if w.rnd.IntN(4) == 0 {
				b.WriteString("\n\n")
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(s)
	}
	b.WriteString("\n\n" + w.pick(w.close) + "\n" + name)
	return b.String()
}

// note is a comment.
func (w writer) note() string {
	s := w.sentence(w.pick(w.notes))
	if w.rnd.IntN(3) == 0 {
		s += " " + w.sentence(w.pick(w.notes))
	}
	return s
}

// sentence fills the places of a pattern.
func (w writer) sentence(pattern string) string {
	thing := w.things[zipf(w.rnd, len(w.things))]
	var b strings.Builder
	for {
		at := strings.IndexByte(pattern, '%')
		if at < 0 {
			b.WriteString(pattern)
			return b.String()
		}
		b.WriteString(pattern[:at])
		b.WriteString(w.place(pattern[at+1], thing))
		pattern = pattern[at+2:]
	}
}

func (w writer) place(which byte, thing []string) string {
	switch which {
	case 'n':
		return thing[0]
	case 'g':
		return thing[1]
	case 'a':
		return thing[2]
	case 'i':
		return thing[3]
	case 'q':
		return w.pick(w.parts)
	case 'k':
		return w.pick(w.colours)
	case 'm', 'x':
		return model(zipf(w.rnd, models))
	case 'o':
		return strconv.Itoa(1_000_000 + w.rnd.IntN(9_000_000))
	case 'c':
		return w.pick(w.cities)
	case 'p':
		return w.pick(w.first)
	case 'd':
		return w.days[w.rnd.IntN(len(w.days))]
	case 'u':
		return strconv.Itoa(2 + w.rnd.IntN(90))
	}
	panic(fmt.Sprintf("the pattern %%%c is not known", which)) // words.go
}

func (w writer) pick(from []string) string { return from[zipf(w.rnd, len(from))] }

// zipf is a number below n; k comes about as often as 1/(k+1).
func zipf(rnd *rand.Rand, n int) int { return int(math.Exp(rnd.Float64()*math.Log(float64(n+1)))) - 1 }

// model is the name of the n-th model: pronounceable, of three syllables or more, no two alike.
func model(n int) string {
	var b strings.Builder
	for n += len(syllables) * len(syllables); n > 0; n /= len(syllables) {
		b.WriteString(syllables[n%len(syllables)])
	}
	s := b.String()
	return strings.ToUpper(s[:1]) + s[1:]
}

// excerpt is the first line of the list: one line of at most 200 characters.
func excerpt(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	return string(line[:min(len(line), 200)])
}

// page is the HTML of a letter as the cleaner leaves it.
func page(text string) string {
	var b strings.Builder
	for p := range strings.SplitSeq(text, "\n\n") {
		b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(p), "\n", "<br>") + "</p>")
	}
	return b.String()
}
