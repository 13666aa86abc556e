package search

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/internal/pg"
)

// The ages of the desk, short and long: so many messages with one number behind another. search_vector writes both into each document.
const (
	short = 1 << 12
	long  = 1 << 16
)

// Step is a look at the documents that fit all its tsqueries. Index are those that the index on words is asked, side by side and not as one: so it leaps
// through each to where the others are, while of one query it reads every document that has its rarest word, or is of its age. Rows are for the
// documents that are fetched then: whether words stand in a row, the index does not know. Newest is the same look at the newest messages alone, to be
// taken too where this one leaves some out.
type Step struct {
	Index, Rows []string
	Forms       bool // at other forms of the words as well: it stands behind what holds the whole words
	Newest      *Step
}

// Steps is the way a search goes until it has found enough: through the newest messages first, then further and further back, so a common word costs no
// more than a rare one. Whole words and stems come first, over all ages: for the beginning of a word the index gathers every message that has one,
// however old, so those are asked for only while too little was found.
type Steps struct {
	w       Wanted
	from    int64  // the messages from this number on were looked at
	whole   bool   // all of them were, or there is no word to look for
	found   int    // documents that hold the whole words
	fetched int    // documents that were looked into
	last    []Step // what is left to do then; nil before it was found out
	counts  []int  // how many of the newest thousands of messages have each word; nil before they were counted, and for one alone
}

// Steps begins the way.
func (w Wanted) Steps() *Steps { return &Steps{w: w, from: w.newest + 1, whole: len(w.terms) == 0} }

// Next is the next step, when so much of what would be enough has been found (0 for nothing, 1 for enough) and the last step found so many documents of
// so many that were fetched. False when that is enough, or when there is none any more. There are about a dozen at most, for each looks at least twice as
// far back as all before it.
func (s *Steps) Next(ctx context.Context, r pg.Reader, got float64, found, fetched int) (Step, bool, error) {
	s.fetched += fetched
	if got >= 1 || s.fetched >= MostFetched {
		return Step{}, false, nil
	}
	if s.last == nil {
		s.found += found
	}
	if !s.whole {
		return s.further(got, fetched), true, nil
	}
	if s.last == nil {
		if err := s.end(ctx, r, got); err != nil {
			return Step{}, false, err
		}
	}
	if len(s.last) == 0 {
		return Step{}, false, nil
	}
	next := s.last[0]
	s.last = s.last[1:]
	return next, true, nil
}

// MostFetched is how many documents a step fetches at most, and where a search ends: words that are common stand next to each other in few of them, and
// what was common once may be rare now.
const MostFetched = 20_000

// Older tells whether there are messages that no step looked at.
func (s *Steps) Older() bool {
	return !s.whole && s.from > 0 || len(s.last) > 0 || s.fetched >= MostFetched
}

// few is how many documents hold the whole words at most where their other forms are sought everywhere at once. Of words that no document holds as they
// stand, half typed ones perhaps, nobody knows how many begin so.
const few = 1_000

// end finds out the last steps: for the beginnings of words, among the newest messages and everywhere. For each of the two the index gathers them anew,
// so words that are used, and seldom, are sought everywhere at once, unless little is missing that the newest may have without gathering a frequent
// word. A query that only excludes has no others.
func (s *Steps) end(ctx context.Context, r pg.Reader, got float64) error {
	s.last = []Step{}
	switch {
	case len(s.w.terms) == 0 && s.w.Not != "":
		s.last = append(s.last, s.step(s.w.newestAges()), s.step(s.w.newerAges()))
		return nil
	case slices.Equal(s.w.quick, s.w.terms):
		return nil
	}
	if err := s.count(ctx, r); err != nil {
		return err
	}
	frequent := s.frequent(s.w.newest)
	all, newest := s.beginnings(frequent), s.beginnings(frequent, s.w.newerAges())
	switch near, ok := s.near(got); {
	case ok:
		s.last = []Step{near}
	case s.w.newest <= 2*long:
	case s.found > 0 && s.found < few:
		all.Newest = &newest
	default:
		s.last = []Step{newest}
	}
	s.last = append(s.last, all)
	return nil
}

// atOnce is how many documents a step is to fetch at most, as far as the one before foretells it.
const atOnce = 4_000

// further looks for whole words as far back as it will take if they are as common there as they were so far: at least twice as far, at most sixteen
// times, unless nobody uses them now, and no further than where the search ends.
func (s *Steps) further(got float64, fetched int) Step {
	looked := s.w.newest + 1 - s.from
	back := looked
	switch {
	case back == 0 && strings.Contains(strings.Join(s.w.quick, ""), begins):
		back = 4 * short // each step gathers them anew
	case back == 0:
		back = short
	case fetched == 0:
		back *= 64
	default:
		times := min(1.3/got, atOnce/float64(fetched)) // nothing was got: infinite
		back = int64(float64(back) * min(max(times, 2), 16))
	}
	most := s.w.newest
	if s.fetched > 0 {
		most = looked*MostFetched/int64(s.fetched) + short
	}
	if back = min(back, most); back >= s.w.newest/2 && most >= s.w.newest {
		s.whole = true
		return s.step(s.w.quick...)
	}
	to := s.from
	s.from = (s.w.newest - back) / short * short
	return s.step(append([]string{s.w.stretch(s.from, to)}, s.w.quick...)...)
}

// near looks for every way to write the words as far back as no more documents are looked into than may be: no frequent word is gathered. False where
// that spares little, where everywhere is as near, or where it leaves too little, were other forms as many as the words themselves.
func (s *Steps) near(got float64) (Step, bool) {
	if len(s.counts) == 0 {
		return Step{}, false
	}
	back := looks * short / int64(max(slices.Min(s.counts), 1))
	words := s.frequent(back)
	ok := back < s.w.newest && slices.Contains(words, true) && got*float64(s.w.newest+back) >= float64(s.w.newest)
	return s.beginnings(words, s.w.stretch(s.w.newest-back, s.w.newest+1)), ok
}

// beginnings looks for every way to write the words; of those that are frequent, in the documents of the others alone.
func (s *Steps) beginnings(frequent []bool, stretch ...string) Step {
	var rows []string
	index := stretch
	for i, term := range s.w.terms {
		if frequent[i] {
			rows = append(rows, term)
		} else {
			index = append(index, term)
		}
	}
	out := s.step(index...)
	out.Rows, out.Forms = append(out.Rows, rows...), true
	return out
}

// step looks for documents by the index. It finds words that are to stand in a row wherever they stand: else the database fetched documents for itself,
// however many.
func (s *Steps) step(index ...string) (out Step) {
	for _, query := range index {
		apart := strings.ReplaceAll(query, before, " & ")
		if apart != query {
			out.Rows = append(out.Rows, query)
		}
		out.Index = append(out.Index, apart)
	}
	if s.w.Not != "" {
		out.Index[0] += " & !(" + s.w.Not + ")"
	}
	return out
}

// count finds out how frequent several words are.
func (s *Steps) count(ctx context.Context, r pg.Reader) (err error) {
	if s.counts != nil || len(s.w.terms) < 2 {
		return nil
	}
	s.counts, err = pg.List[int](ctx, r, `
		SELECT (SELECT count(*) FROM search_document WHERE words @@ (SELECT $1::tsquery) AND words @@ (SELECT word::tsquery))
		FROM unnest($2::text[]) WITH ORDINALITY AS w (word, n) ORDER BY n`, s.w.newestAges(), s.w.quick)
	if err != nil {
		return fmt.Errorf("count the words of a search: %w", err)
	}
	return nil
}

const (
	often  = short / 100 // so many of the newest thousands of messages have a word that is often used
	dearer = 4           // so many documents with a word or its other forms are gathered while one is looked into
	looks  = 2_500       // so many are looked into at most, as far as the newest foretell it: each may have to be read from the disk
)

// frequent are the words whose beginnings are not gathered in a step so far back: those that are often used, beside one that seldom is. Whoever has that
// one is asked for them.
func (s *Steps) frequent(back int64) []bool {
	out := make([]bool, len(s.w.terms))
	if len(s.counts) == 0 {
		return out
	}
	least := slices.Min(s.counts)
	seldom := int64(max(least, 1))
	for i, n := range s.counts {
		out[i] = n >= often && int64(n)*s.w.newest >= dearer*seldom*back && seldom*back/short <= looks
	}
	out[slices.Index(s.counts, least)] = false
	return out
}

// stretch is the condition that a document's message has at least the number from, and one below to. It is as exact as the short ages are.
func (w Wanted) stretch(from, to int64) string {
	var all []string
	for n := max(from, 0) / short * short; n < to; {
		if n%long == 0 && (n+long <= to || to > w.newest) {
			all = append(all, lexeme("~~"+strconv.FormatInt(n/long, 10)))
			n += long
			continue
		}
		all = append(all, lexeme("~"+strconv.FormatInt(n/short, 10)))
		n += short
	}
	return anyOf(all)
}

// newestAges are the newest one or two short ages, newerAges the newest one or two long ones.
func (w Wanted) newestAges() string { return w.stretch(w.newest-short, w.newest+1) }

func (w Wanted) newerAges() string { return w.stretch((w.newest/long-1)*long, w.newest+1) }
