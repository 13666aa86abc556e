package search

import (
	"slices"
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

func TestFormsOfAPolishWordShareABeginning(t *testing.T) {
	t.Parallel()
	for _, forms := range []string{
		"faktura fakture faktury fakturze faktur fakturami", "przesylka przesylki przesylke przesylce przesylek", "reklamacja reklamacje reklamacji",
		"zamowienie zamowienia zamowieniu zamowieniem", "uszkodzony uszkodzonego uszkodzona uszkodzonych uszkodzone", "wrzesien wrzesnia", "rekawiczka rekawiczek rekawiczki",
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
		"RE/2026-17: <b>Größe</b>\x00x": "RE 2026 17 b Größe b x ", "cafe\u0301": "café ", "a\xffb": "a b ", strings.Repeat("x", 101) + " y": "y ", "…„ ”": "",
	} {
		if got := words(1000, in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got := words(20, strings.Repeat("żółw ", 100)); len(got) > 30 || !utf8.ValidString(got) {
		t.Errorf("cut to %q", got)
	}
	for in, want := range map[string]string{"Łódź": "lodz", "STRAẞE": "strasse", "Größe": "grosse", "Ærø": "aero", "naïve": "naive"} {
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
		{"nothing", "nothing"},
		{"", ""},
		{strings.Repeat("word ", 30) + "żółw fakturami " + strings.Repeat("more ", 30), "… word word [żółw] [fakturami] more more more …"},
	} {
		if got := show(m.Snippet(c.text, 40)); got != c.want {
			t.Errorf("%.40q is shown as %q, want %q", c.text, got, c.want)
		}
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
		for _, s := range append(w.Steps, w.Exact, w.Not) {
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

func TestBeginningsOfWordsAreAskedForLast(t *testing.T) {
	t.Parallel()
	forms := map[string]form{"delivery": {Part: "delivery", Word: []string{"delivery"}, En: []string{"deliveri"}}, "door": {Part: "door", Word: []string{"door"}}}
	for typed, want := range map[string]string{"delivery": "wwwwbbb", "delivery door": "wwwwbbb", "door": "wwww", `"delivery door"`: "wwww", "door -delivery": "wwww", "-door": "ww"} {
		w := Parse(typed).wanted(forms, 500_000)
		kinds := ""
		for _, step := range w.Steps {
			kind := "w"
			if strings.Contains(step, ":*") {
				kind = "b"
			}
			kinds += kind
		}
		if kinds != want || w.All != w.Steps[len(w.Steps)-1] {
			t.Errorf("%s: steps %s, want %s; %q", typed, kinds, want, w.Steps)
		}
	}
}
