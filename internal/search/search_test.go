package search

import (
	"context"
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
		{"ccordio no AX-4711", []string{"ccordio", "ax-4711"}, 0, ""},
		{"ccordio -broken", nil, 0, ""}, // a heading with the word is no reason to leave a ticket out, nor to find it
		{"100001", []string{"100001"}, 100001, "100001"}, {"#100001", []string{"100001"}, 100001, "100001"}, {"-100001", nil, 0, ""}, {"600 -712", nil, 0, ""},
		{"99999999999999999999", []string{"99999999999999999999"}, 0, ""},
		{"+48 600-712", []string{"600-712"}, 0, "48600712"}, {"0048 600", []string{"0048", "600"}, 0, "48600"}, {"0171", []string{"0171"}, 171, ""}, {"4711b", []string{"4711b"}, 0, ""},
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

// way are all the steps of a search that finds nothing.
func way(w Wanted, counts ...int) (all []Step) {
	s := w.Steps()
	s.counts = counts
	for {
		step, ok, _ := s.Next(context.Background(), nil, 0, 0, 0)
		if !ok {
			return all
		}
		all = append(all, step)
	}
}

var twoWords = map[string]form{"delivery": {Part: "delivery", Word: []string{"delivery"}, En: []string{"deliveri"}}, "door": {Part: "door", Word: []string{"door"}}}

func TestBeginningsOfWordsAreAskedForLast(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"delivery": "wwbb", "delivery door": "wwbb", "door": "ww", `"delivery door"`: "ww", "door -delivery": "ww", "-door": "ww", "door*": "bb", "": ""} {
		w := Parse(typed).wanted(twoWords, 500_000)
		kinds := ""
		for _, step := range way(w, make([]int, len(w.terms))...) {
			kind := "w"
			if strings.Contains(strings.Join(step.Index, " "), ":*") {
				kind = "b"
			}
			kinds += kind
			if held := strings.Contains(step.Index[0], "!("); held != strings.Contains(typed, "-") {
				t.Errorf("%s: a step looks among %q", typed, step.Index)
			}
		}
		if kinds != want {
			t.Errorf("%s: steps %s, want %s", typed, kinds, want)
		}
	}
}

// What the index gathers for a beginning it gathers for every step, so a word that is used, and seldom, has one. Where that finds more than is fetched, the
// newest are sought by themselves: also for a word that nobody may use as it stands.
func TestOtherFormsOfASeldomWordAreSoughtEverywhereAtOnce(t *testing.T) {
	t.Parallel()
	w := Parse("delivery").wanted(twoWords, 500_000)
	for _, c := range []struct {
		whole, forms int
		got          float64
		want         string
	}{{3, 20, 0.5, "e+n"}, {3, 20, 1, "e+n"}, {0, 0, 0, "ne"}, {0, 20, 1, "n"}, {900, 5000, 0.5, "ne"}} {
		s, kinds, got, found := w.Steps(), "", 0.0, c.whole
		for {
			step, ok, _ := s.Next(t.Context(), nil, got, found, found)
			if !ok {
				break
			}
			if strings.Contains(strings.Join(step.Index, " "), begins) {
				got, found = c.got, c.forms
				kinds += map[bool]string{true: "e", false: "n"}[len(step.Index) == 1]
				if step.Newest != nil {
					kinds += map[bool]string{true: "+e", false: "+n"}[len(step.Newest.Index) == 1]
				}
			}
		}
		if kinds != c.want || s.Older() != (c.want == "n") {
			t.Errorf("%+v: steps %s, older ones left: %t", c, kinds, s.Older())
		}
	}
}

func TestAFrequentWordIsNotGatheredByItsBeginning(t *testing.T) {
	t.Parallel()
	steps := way(Parse("delivery door").wanted(twoWords, 500_000), 900, 20)
	for _, step := range steps[2:] {
		if strings.Contains(strings.Join(step.Index, " "), ":*") || len(step.Rows) != 1 || !strings.Contains(step.Rows[0], ":*") {
			t.Errorf("the index is asked for %q, rows for %q", step.Index, step.Rows)
		}
	}
}

func TestAWordIsFrequentBesideARareOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counts []int
		newest int64
		want   []bool
	}{
		{[]int{0, 900}, 500_000, []bool{false, true}}, {[]int{900, 1, 20}, 500_000, []bool{true, false, false}},
		{[]int{20, 900}, 500_000, []bool{false, true}}, {[]int{60, 500}, 500_000, []bool{false, false}}, {[]int{0, 30}, 500_000, []bool{false, false}},
		{[]int{20, 900}, 5_000_000, []bool{false, false}}, // too many to look into
	} {
		s := Steps{w: Wanted{terms: make([]string, len(c.counts)), newest: c.newest}, counts: c.counts}
		if got := s.frequent(c.newest); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.counts, got, c.want)
		}
	}
}

// Where little is missing, as many documents of the newest are looked into as may be, before a frequent word is gathered: never where that gathers it
// all the same, or looks everywhere.
func TestWhatIsMissingIsSoughtAmongTheNewestFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counts []int
		newest int64
		got    float64
		back   int64 // 0: there is no such step
	}{
		{[]int{500, 60}, 500_000, 0.8, 170_000}, {[]int{500, 60}, 500_000, 0.7, 0}, // which would find too little
		{[]int{500, 22}, 500_000, 0.6, 465_000}, {[]int{500, 20}, 500_000, 0.6, 0}, // everywhere are no more
		{[]int{70, 60}, 500_000, 0.98, 0}, {[]int{70, 60}, 5_000_000, 0.98, 170_000}, // gathered soon; not so on a large desk
		{[]int{500, 0}, 500_000, 0.98, 0}, {nil, 500_000, 0.98, 0},
	} {
		s := Parse([]string{"delivery", "delivery door"}[min(len(c.counts), 1)]).wanted(twoWords, c.newest).Steps()
		s.counts, s.whole = c.counts, true
		step, ok, err := s.Next(t.Context(), nil, c.got, 1, 1)
		if err != nil || !ok || !step.Forms {
			t.Fatalf("%+v: %+v, %v", c, step, err)
		}
		if c.back == 0 {
			if len(step.Rows) == 1 && len(step.Index) == 2 {
				t.Errorf("%+v: looks into %q of %q", c, step.Rows, step.Index)
			}
			continue
		}
		if len(step.Rows) != 1 || !strings.Contains(step.Rows[0], "delivery") || len(step.Index) != 2 {
			t.Errorf("%+v: looks into %q of %q", c, step.Rows, step.Index)
		}
		if from, to := numbers(t, step); c.newest-from < c.back-long || c.newest-from > c.back+short || to <= c.newest {
			t.Errorf("%+v: looks from %d to %d", c, from, to)
		}
		if next, ok, _ := s.Next(t.Context(), nil, 0.9, 1, 1); !ok || len(next.Index) == 2 && len(next.Rows) == 1 {
			t.Errorf("%+v: then into %q of %q", c, next.Rows, next.Index)
		}
	}
}

// numbers are the messages of the ages of a step, which follow one another.
func numbers(t *testing.T, step Step) (from, to int64) {
	t.Helper()
	for i, age := range strings.Split(strings.Trim(step.Index[0], "()"), " | ") {
		size, name := int64(short), strings.Trim(age, "'~")
		if strings.HasPrefix(age, "'~~") {
			size = long
		}
		n, err := strconv.ParseInt(name, 10, 64)
		if err != nil || i > 0 && n*size != to {
			t.Fatalf("%s does not follow %d", age, to)
		}
		if i == 0 {
			from = n * size
		}
		to = (n + 1) * size
	}
	return from, to
}

func TestASearchGoesBackAsFarAsItWillTake(t *testing.T) {
	t.Parallel()
	for _, newest := range []int64{0, 1, short, 2*short - 1} { // a desk that has just begun
		if steps := way(Parse("door").wanted(twoWords, newest)); len(steps) != 1 || len(steps[0].Index) != 1 {
			t.Errorf("among %d messages it goes by %+v", newest, steps)
		}
	}
	const newest = 5_000_000
	w := Parse("door").wanted(twoWords, newest)
	for _, c := range []struct {
		got   float64
		found int
		times float64
	}{{0, 0, 64}, {0, 3, 16}, {0.01, 3, 16}, {0.5, 40, 2.6}, {0.9, 50, 2}, {0.1, 1000, 4}, {0.1, 4000, 2}} {
		s := w.Steps()
		one, _, _ := s.Next(t.Context(), nil, 0, 0, 0)
		if from, end := numbers(t, one); end <= newest || newest-from < short {
			t.Fatalf("the first step looks from %d to %d", from, end)
		}
		two, _, _ := s.Next(t.Context(), nil, 0.2, 1, 1) // far enough for the ages to be short beside it
		from, _ := numbers(t, two)
		three, _, _ := s.Next(t.Context(), nil, c.got, c.found, c.found)
		want := float64(newest+1-from) * c.times
		if want > newest/2 {
			if len(three.Index) != 1 {
				t.Errorf("after %v: it does not look everywhere", c)
			}
			continue
		}
		further, to := numbers(t, three)
		if back := float64(newest - further); to != from || back < want-short || back > want+short {
			t.Errorf("after %v: from %d to %d, want %.0f back to %d", c, further, to, want, from)
		}
	}
	s := w.Steps()
	back := int64(0)
	for n := 1; ; n++ {
		step, ok, _ := s.Next(t.Context(), nil, 0.95, 10, 10)
		if !ok || n > 12 {
			t.Fatalf("in %d steps it does not look everywhere", n)
		}
		if len(step.Index) == 1 {
			if back < newest/8 {
				t.Errorf("after %d messages it looks everywhere", back)
			}
			return
		}
		from, _ := numbers(t, step)
		back = newest - from
	}
}

// Two common words stand in very many messages, and next to each other in few or none: how many have both is what a search for them in a row costs.
func TestASearchForWordsInARowEndsWhereItHasLookedIntoEnough(t *testing.T) {
	t.Parallel()
	const newest = 5_000_000
	for _, c := range []struct {
		everyNth int64 // has both words
		older    bool
	}{{1, true}, {5, true}, {200, true}, {260, false}, {100_000, false}} {
		s := Parse(`"delivery door"`).wanted(twoWords, newest).Steps()
		began, sum, fetched := int64(newest+1), int64(0), int64(0)
		for {
			step, ok, err := s.Next(t.Context(), nil, 0, 0, int(fetched))
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if asked := strings.Join(step.Index, " "); strings.Contains(asked, before) || len(step.Rows) != 1 || !strings.Contains(step.Rows[0], before) {
				t.Errorf("the index is asked for %s, rows for %q", asked, step.Rows)
			}
			from := int64(0)
			if len(step.Index) == 2 {
				from, _ = numbers(t, step)
			}
			fetched = (began - from) / c.everyNth
			if began, sum = from, sum+fetched; fetched > MostFetched {
				t.Errorf("one of %d: a step fetches %d", c.everyNth, fetched)
			}
		}
		if s.Older() != c.older || c.older != (began > 0) || sum > 2*MostFetched || c.older && sum < MostFetched {
			t.Errorf("one of %d: it fetched %d, down to %d, and %t that there may be older ones", c.everyNth, sum, began, s.Older())
		}
	}
}
