package search

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
)

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
