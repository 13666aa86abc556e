package search

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestQueriesAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed string
		want  []term
	}{
		{`broken glass`, []term{{parts: []string{"broken"}, piece: "broken"}, {parts: []string{"glass"}, piece: "glass"}}},
		{`"broken glass" -Refund`, []term{{parts: []string{"broken", "glass"}, piece: "broken glass"}, {parts: []string{"Refund"}, piece: "refund", not: true}}},
		{`AX-4711/b`, []term{{parts: []string{"AX", "4711", "b"}, piece: "ax-4711/b"}}},
		{`fakt* a*`, []term{{parts: []string{"fakt"}, piece: "fakt", begins: true}, {parts: []string{"a"}, piece: "a"}}},
		{`"never closed`, []term{{parts: []string{"never", "closed"}, piece: "never closed"}}},
		{`Glass glass GLASS`, []term{{parts: []string{"Glass"}, piece: "glass"}}},
		{`glass -glass`, []term{{parts: []string{"glass"}, piece: "glass"}, {parts: []string{"glass"}, piece: "glass", not: true}}},
		{`-"two words"`, []term{{parts: []string{"two", "words"}, piece: "two words", not: true}}},
		{`- "" * & | ! ()`, nil},
	} {
		if got := Parse(c.typed).terms; !slices.EqualFunc(got, c.want, func(a, b term) bool {
			return a.same(b) && a.piece == b.piece
		}) {
			t.Errorf("%s is %+v, want %+v", c.typed, got, c.want)
		}
	}
}

func TestAQueryIsReadAsFarAsItsMeasure(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range maxTerms + 1 {
		many = append(many, "word"+strconv.Itoa(i))
	}
	if got := Parse(strings.Join(many, " ")).terms; len(got) != maxTerms {
		t.Errorf("%d terms, want %d", len(got), maxTerms)
	}
	if got := Parse(`"` + strings.Repeat("word ", maxParts+1) + `"`).terms[0].parts; len(got) != maxParts {
		t.Errorf("a phrase of %d words, want %d", len(got), maxParts)
	}
	if got := Parse(strings.Repeat("x", maxQuery) + " y").terms; len(got) > 1 {
		t.Errorf("behind its end stands %v", got)
	}
}

func TestAQueryMayBeAPieceATicketOrATelephoneNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed  string
		pieces []string
		number int64
		digits string
	}{
		{"ccordio no AX-4711", []string{"ccordio", "no", "ax-4711"}, 0, ""},
		{"no 7", nil, 0, ""}, {"ccordio \u0301", []string{"ccordio"}, 0, ""},
		{"ccordio -broken", nil, 0, ""}, // a heading with the word is no reason to leave a ticket out, nor to find it
		{"100001", []string{"100001"}, 100001, "100001"}, {"#100001", []string{"100001"}, 100001, "100001"}, {"-100001", nil, 0, ""}, {"600 -712", nil, 0, ""},
		{"99999999999999999999", []string{"99999999999999999999"}, 0, ""},
		{"+48 600-712", []string{"48", "600-712"}, 0, "48600712"}, {"0048 600", []string{"0048", "600"}, 0, "48600"}, {"0171", []string{"0171"}, 171, ""}, {"4711b", []string{"4711b"}, 0, ""},
	} {
		q := Parse(c.typed)
		if id, ok := q.Number(); ok != (c.number != 0) || ok && id != c.number || q.digits() != c.digits || !slices.Equal(q.pieces(), c.pieces) {
			t.Errorf("%s: pieces %q, ticket %d, telephone %q; want %q, %d, %q", c.typed, q.pieces(), id, q.digits(), c.pieces, c.number, c.digits)
		}
	}
}

func TestFormsOfAPolishWordShareABeginning(t *testing.T) {
	t.Parallel()
	for _, forms := range []string{
		"faktura fakture faktury fakturze faktur fakturami", "przesylka przesylki przesylke przesylce przesylek", "reklamacja reklamacje reklamacji",
		"zamowienie zamowienia zamowieniu zamowieniem", "uszkodzony uszkodzonego uszkodzona uszkodzonych uszkodzone", "wrzesien wrzesnia", "krzeslo krzesla krzesel krzeslami krzeslach", "rekawiczka rekawiczek rekawiczki",
	} {
		words := strings.Fields(forms)
		for _, asked := range words {
			for _, stands := range words {
				fits := slices.ContainsFunc(beginnings(asked), func(b string) bool { return strings.HasPrefix(stands, b) })
				if !fits && asked != stands {
					t.Errorf("%s does not find %s: %v", asked, stands, beginnings(asked))
				}
			}
		}
	}
	for _, forms := range []string{"haslo hasla hasel hasle", "kabel kabla kable kabli"} {
		words := strings.Fields(forms)
		for _, asked := range words {
			for _, stands := range words {
				if asked != stands && !slices.Contains(shortForms(asked), stands) {
					t.Errorf("%s does not find %s: %v", asked, stands, shortForms(asked))
				}
			}
		}
	}
	for asked, stands := range map[string]string{"zwrot": "zwrocie", "konto": "koncie", "kwota": "kwocie", "woda": "wodzie", "numer": "numerze"} {
		if !slices.Contains(shortForms(asked), stands) {
			t.Errorf("%s does not find %s: %v", asked, stands, shortForms(asked))
		}
	}
	for _, word := range []string{"adresy", "abonament", "ostrze", "station"} {
		for _, b := range beginnings(word) {
			if len(b) < 4 {
				t.Errorf("%s is looked for by %s: that says nothing", word, b)
			}
		}
	}
}

func TestSignsPartWordsAndAccentsStayWithTheirLetters(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"RE/2026-17: <b>Größe</b>\x00x": "RE 2026 17 b Größe b x ", "cafe\u0301": "café ", "a\xffb": "a b ", "Rech\u00adnungs\u00adnummer \ufeff \u00ad": "Rechnungsnummer ", "❤\ufe0fdanke": "danke ", strings.Repeat("x", 101) + " y": "y ", "…„ ”": "",
	} {
		if got := words(1000, in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got := words(20, strings.Repeat("żółw ", 100)); len(got) > 30 || !utf8.ValidString(got) {
		t.Errorf("cut to %q", got)
	}
	for in, want := range map[string]string{"Łódź": "lodz", "STRAẞE": "strasse", "Größe": "grosse", "Ærø": "aero", "naïve": "naive", "Rech\u00adnung": "rechnung"} {
		if got := fold(in); got != want {
			t.Errorf("fold(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestSnippetsShowTheWordsOnOneLine(t *testing.T) {
	t.Parallel()
	m := Marks{words: []string{"zolw"}, beginnings: []string{"faktur"}}
	show := func(parts []Part) string {
		var b strings.Builder
		for _, p := range parts {
			if p.Hit {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		return b.String()
	}
	for _, c := range []struct{ text, want string }{
		{"A żółw\n\n<i>ate</i>\tthe fakturę.", "A [żółw] <i>ate</i> the [fakturę]."},
		{"die Fak\u00adtura", "die [Fak\u00adtura]"},
		{"nothing", "nothing"},
		{"", ""},
		{strings.Repeat("Żółw ", 30) + "fakturami zolw", "… [Żółw] [Żółw] [Żółw] [Żółw] [fakturami] [zolw]"},
		{strings.Repeat("word ", 30) + "żółw fakturami " + strings.Repeat("more ", 30), "… word word [żółw] [fakturami] more more more …"},
		{"żółw " + strings.Repeat("more ", 30) + "fakturami " + strings.Repeat("more ", 30) + "last żółw fakturami", "… more last [żółw] [fakturami]"},
		{"żółw " + strings.Repeat("more ", 30) + "żółw", "[żółw] more more more more more more more …"},
	} {
		if got := show(m.Snippet(c.text, 40)); got != c.want {
			t.Errorf("%.40q is shown as %q, want %q", c.text, got, c.want)
		}
	}
}

func TestASnippetShowsTheWordAndNoneThatItIsAPieceOf(t *testing.T) {
	t.Parallel()
	m := Parse("art").wanted(map[string]form{"art": {Part: "art", Word: []string{"art"}}}, 0).Marks
	got := m.Snippet("The party cart did start. "+strings.Repeat("More words. ", 9)+"Modern art!", 40)
	if !slices.ContainsFunc(got, func(p Part) bool { return p.Hit && p.Text == "art" }) || slices.ContainsFunc(got, func(p Part) bool { return p.Hit && p.Text != "art" }) {
		t.Errorf("art is shown as %+v", got)
	}
	left := Parse("art -cart").wanted(map[string]form{"art": {Part: "art", Word: []string{"art"}}, "cart": {Part: "cart", Word: []string{"cart"}}}, 0).Marks
	if got := left.In("cart"); len(got) != 1 || got[0].Hit {
		t.Errorf("a word that is left out is shown as %+v", got)
	}
	if got := m.In("The party"); len(got) != 2 || !got[1].Hit {
		t.Errorf("a heading that is found by a piece is shown as %+v", got)
	}
}

func TestNoTextCostsMoreThanItsWords(t *testing.T) { // not parallel: it counts what is allocated
	m := Marks{beginnings: []string{"zolc"}}
	text := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString("żółć" + strconv.Itoa(i) + " ")
		}
		return b.String()
	}
	cost := func(text string, length int) float64 {
		return testing.AllocsPerRun(1, func() { m.Snippet(text, length) })
	}
	few, many := text(mostSpans/4), text(mostSpans)
	if short, long := cost(many, 40), cost(many, 4000); long > 2*short {
		t.Errorf("a hundred times the length allocates %.0f, once it is %.0f", long, short)
	}
	if a, b := cost(few, 160), cost(many, 160); b > 6*a {
		t.Errorf("four times the text allocates %.0f, once it is %.0f", b, a)
	}
	if a, b := cost(many, 160), cost(text(10*mostSpans), 160); b > 1.1*a {
		t.Errorf("after %d found words a text is read on: %.0f, %.0f to there", mostSpans, b, a)
	}
}

func FuzzNoTextBreaksQueryOrSnippet(f *testing.F) {
	for _, s := range []string{`a "b c" -d e*`, "żółć\x00", `-"`, "\xff", strings.Repeat(`"`, 50), "日本語*", "e\u0301*", "A\u202eB"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, typed, text string) {
		q := Parse(typed)
		forms := map[string]form{}
		for _, term := range q.terms {
			for _, p := range append([]string{term.parts[0]}, term.parts...) {
				forms[p] = form{Part: p, Word: []string{fold(p)}}
			}
		}
		w := q.wanted(forms, 1<<20)
		asked := []string{w.All, w.Exact, w.Not}
		for _, step := range way(w, make([]int, len(w.terms))...) {
			asked = slices.Concat(asked, step.Index, step.Rows)
		}
		for _, s := range asked {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Errorf("%q asks for %q", typed, s)
			}
		}
		var all strings.Builder
		for _, p := range w.Marks.Snippet(text, 20) {
			all.WriteString(p.Text)
		}
		if !utf8.ValidString(all.String()) {
			t.Errorf("the snippet of %q is %q", text, all.String())
		}
	})
}
