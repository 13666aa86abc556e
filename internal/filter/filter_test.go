package filter

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/text"
)

func TestQueriesAreReadAndWrittenInOneSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, spelled string }{
		{`queue:Sales is:unassigned tag:vip older:2d "broken glass"`, `queue:Sales is:unassigned tag:vip older:2d "broken glass"`},
		{`"broken glass"  Queue:"Customer care",Sales -TAG:spam`, `queue:"Customer care",Sales -tag:spam "broken glass"`},
		{`#100001 -#100002 id:#7,8`, `#100001 -id:100002 id:7,8`},
		{`tag:"a,b",c,C`, `tag:"a,b",c`},
		{`tag:"say \"hi\""`, `tag:"say \"hi\""`},
		{`assignee:ME,None,anna@desk.test`, `assignee:me,none,anna@desk.test`},
		{`category:NONE tag:None,ME queue:None`, `category:none tag:none,ME queue:None`},
		{`has:files IS:Unread`, `has:attachment is:unread`},
		{`#0 #+7 id:#07`, `#7 #0 #+7`},
		{`created:2026-11 changed:2D.. closed:..2026-11-20`, `created:2026-11 changed:2d.. closed:..2026-11-20`},
		{`older:02d newer:9999h created:1970..2199`, `older:2d newer:9999h created:1970..2199`},
		{`created:1d..2d changed:2026-11-20..2026-11-01 closed:today..yesterday`, `created:2d..1d changed:2026-11-01..2026-11-20 closed:yesterday..today`}, // the wrong way round
		{`created:2d..1h changed:2026-11-20..2026-11 closed:2026-11-01..2d`, `created:2d..1h changed:2026-11-20..2026-11 closed:2026-11-01..2d`},
		{`created:today..2d changed:today..1h closed:2d..2d`, `created:2d..today changed:today..1h closed:2d..2d`},
		{`Re: https://lamp.test/7 12:30 -word -"two words"`, `Re: https://lamp.test/7 12:30 -word -"two words"`},
		{`"never closed`, `"never closed"`},
		{`is:late -is:late is:late`, `is:late -is:late`},
		{`   `, ``},
		{`- "" tag:x`, `tag:x`},
		{"tag:zażółć\u00a0gęślą", "tag:zażółć gęślą"},
		{"tag:gro\u0308ße Z\u0307o\u0301łw", "tag:größe Żółw"},
	} {
		q, problems := Parse(c.typed)
		if q.String() != c.spelled || len(problems) > 0 {
			t.Errorf("%s is spelled %s, want %s; %v", c.typed, q, c.spelled, problems)
		}
	}
}

func TestWhatIsNotUnderstoodIsToldAndLeftOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, left string
		keys        []text.Key
	}{
		{`colour:red lamp`, `lamp`, []text.Key{text.FilterUnknown}},
		{`colour:"dark red" is:late`, `is:late`, []text.Key{text.FilterUnknown}},
		{`is:sunny`, ``, []text.Key{text.FilterNoValue}},
		{`is:sunny,late`, `is:late`, []text.Key{text.FilterNoValue}},
		{`source:pigeon`, ``, []text.Key{text.FilterNoValue}},
		{`tag:`, ``, []text.Key{text.FilterEmpty}},
		{`created:2026-13-01`, ``, []text.Key{text.FilterNoDate}},
		{`created:..`, ``, []text.Key{text.FilterNoDate}},
		{`older:9999y -newer:1000y older:999y`, `older:999y`, []text.Key{text.FilterNoAge, text.FilterNoAge}},
		{`created:9999y..today`, ``, []text.Key{text.FilterNoDate}},
		{`created:0000-00-00 changed:99999-01-01 closed:0001`, ``, []text.Key{text.FilterNoDate, text.FilterNoDate, text.FilterNoDate}},
		{`#9223372036854775808 id:9223372036854775808`, `#9223372036854775808`, []text.Key{text.FilterNoNumber}},
		{`older:soon -older:0d newer:10000h`, ``, []text.Key{text.FilterNoAge, text.FilterNoAge, text.FilterNoAge}},
		{`created:1969 changed:2200`, ``, []text.Key{text.FilterNoDate, text.FilterNoDate}},
		{`older:+2d`, ``, []text.Key{text.FilterNoAge}},
		{`id:x,0,+7,7`, `#7`, []text.Key{text.FilterNoNumber, text.FilterNoNumber, text.FilterNoNumber}},
		{`- "`, ``, []text.Key{text.FilterNoWords}},
	} {
		q, problems := Parse(c.typed)
		var keys []text.Key
		for _, p := range problems {
			keys = append(keys, p.Key)
		}
		if q.String() != c.left || !slices.Equal(keys, c.keys) {
			t.Errorf("%s leaves %q with %v, want %q with %v", c.typed, q, keys, c.left, c.keys)
		}
	}
}

func TestATermIsAddedOnceAndTakenAwayAndTheQueryStaysAsItWas(t *testing.T) {
	t.Parallel()
	q, _ := Parse(`is:late -tag:a tag:b lamp`)
	a, b := q.With(Term{Field: Tag, Values: []string{"c"}}), q.With(Term{Field: Tag, Values: []string{"d"}})
	for want, got := range map[string]Query{
		`is:late -tag:a tag:b tag:c lamp`: a, `is:late -tag:a tag:b tag:d lamp`: b, `is:late -tag:a tag:b lamp`: q.With(q.Terms[1]),
		`-tag:a tag:b lamp`: q.Without(0), `is:late -tag:a lamp`: q.Without(2),
	} {
		if got.String() != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, none := range []int{-1, 3} {
		if got := q.Without(none); got.String() != q.String() {
			t.Errorf("without the term at %d: %s", none, got)
		}
	}
}

func TestAValueIsReadBackAsOne(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"a\tb", "a\x00b", "a\u00a0b", "a\ufffdb", "a\xffb", "a,b", `"a`, `a"b \`, "a\u200bb"} {
		want := Term{Field: Tag, Values: []string{Clean(v)}}
		if q, problems := Parse(Term{Field: Tag, Values: []string{v}}.String() + " is:late"); len(problems) > 0 || q.Text != "" || len(q.Terms) != 2 || !want.equal(q.Terms[0]) {
			t.Errorf("%q is read back as %+v, %v", v, q, problems)
		}
	}
}

func TestAQueryHasAMeasureAndWhatIsBeyondItIsTold(t *testing.T) {
	t.Parallel()
	many := func(n int, before, between string) string {
		var all []string
		for i := range n {
			all = append(all, before+strconv.Itoa(1000+i))
		}
		return strings.Join(all, between)
	}
	for name, c := range map[string]struct {
		typed, left string
		told        text.Key
	}{
		"values of a term": {"tag:" + many(mostEach+1, "", ","), "tag:" + many(mostEach, "", ","), text.FilterTooMany},
		"terms":            {many(mostTerms+2, "#", " "), many(mostTerms, "#", " "), text.FilterTooManyTerms},
		"characters":       {strings.Repeat("x", longest) + "y", strings.Repeat("x", longest), text.FilterTooLong},
		"their spelling":   {strings.Repeat(`"a"`, longest), strings.TrimSpace(strings.Repeat(`"a" `, longest/4)), text.FilterTooLong},
	} {
		if q, problems := Parse(c.typed); q.String() != c.left || len(problems) != 1 || problems[0].Key != c.told {
			t.Errorf("%s: left %q, told %v", name, q, problems)
		}
		if q, problems := Parse(c.left); q.String() != c.left || len(problems) > 0 {
			t.Errorf("%s: what fits is %q, told %v", name, q, problems)
		}
	}
}

func TestAQueryLooksForFewNames(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range mostNames - 2 {
		many = append(many, "name"+strconv.Itoa(i))
	}
	first := "customer:" + strings.Join(many, ",")
	q, problems := Parse(first + " tag:a,b,c -from:x,y,z company:w company:v")
	if q.String() != first+" tag:a,b,c -from:x,y" || len(problems) != 1 || problems[0].Key != text.FilterTooManyNames {
		t.Errorf("%s, %v", q, problems)
	}
	if again, problems := Parse(q.String()); !reflect.DeepEqual(q, again) || len(problems) > 0 {
		t.Errorf("%s is read back as %s, %v", q, again, problems)
	}
}

func TestSpansFollowTheReadersDay(t *testing.T) {
	t.Parallel()
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 20, 10, 41, 0, 0, warsaw)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, warsaw) }
	for _, c := range []struct {
		value    string
		from, to time.Time
	}{
		{"today", day(2026, 11, 20), day(2026, 11, 21)},
		{"yesterday", day(2026, 11, 19), day(2026, 11, 20)},
		{"2026-10-25", day(2026, 10, 25), day(2026, 10, 26)}, // 25 hours long
		{"2026-11", day(2026, 11, 1), day(2026, 12, 1)},
		{"2025", day(2025, 1, 1), day(2026, 1, 1)},
		{"2026-11-01..2026-11-03", day(2026, 11, 1), day(2026, 11, 4)},
		{"..2026-10", time.Time{}, day(2026, 11, 1)},
		{"2d", now.AddDate(0, 0, -2), time.Time{}},
		{"2w..3h", now.AddDate(0, 0, -14), now.Add(-3 * time.Hour)},
		{"..30min", time.Time{}, now.Add(-30 * time.Minute)},
	} {
		from, to := Span(c.value, now)
		if !from.Equal(c.from) || !to.Equal(c.to) {
			t.Errorf("%s is %v to %v, want %v to %v", c.value, from, to, c.from, c.to)
		}
	}
}

func TestAMonthAgoIsInTheMonthBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ now, value, want string }{
		{"2026-03-31", "1m", "2026-02-28"},
		{"2026-03-31", "2m", "2026-01-31"},
		{"2026-03-31", "4m", "2025-11-30"},
		{"2026-03-15", "1m", "2026-02-15"},
		{"2026-01-31", "11m", "2025-02-28"},
		{"2026-01-01", "1m", "2025-12-01"},
		{"2028-03-30", "1m", "2028-02-29"},
		{"2028-02-29", "1y", "2027-02-28"},
		{"2028-02-29", "4y", "2024-02-29"},
		{"2026-12-31", "999y", "1027-12-31"},
	} {
		now, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := Age(c.value, now.Add(9*time.Hour)).Format("2006-01-02 15"); got != c.want+" 09" {
			t.Errorf("%s before %s is %s, want %s", c.value, c.now, got, c.want)
		}
	}
}

func TestADayWithoutMidnightBeginsWhereTheOneBeforeEnds(t *testing.T) {
	t.Parallel()
	for place, date := range map[string]string{"Africa/Cairo": "2026-04-24", "America/Havana": "2026-03-08"} {
		loc, err := time.LoadLocation(place)
		if err != nil {
			t.Fatal(err)
		}
		now, _ := time.ParseInLocation(time.DateOnly+" 15", date+" 12", loc)
		from, to := Span(date, now)
		if from.Format(time.DateTime) != date+" 01:00:00" || to.Sub(from) != 23*time.Hour {
			t.Errorf("%s in %s is %v to %v", date, place, from, to)
		}
		if begin, end := Span(today, now); !begin.Equal(from) || !end.Equal(to) {
			t.Errorf("today in %s is %v to %v", place, begin, end)
		}
		if _, end := Span(yesterday, now); !end.Equal(from) {
			t.Errorf("yesterday in %s ends %v", place, end)
		}
		if _, end := Span(now.AddDate(0, 0, -1).Format(time.DateOnly), now); !end.Equal(from) {
			t.Errorf("the day before %s in %s ends %v", date, place, end)
		}
	}
}

func TestValuesInABoxOfTheirOwnAreReadBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, spelled string
		values         []string
	}{
		{`anna`, `anna`, []string{"anna"}},
		{` Anna  Nowak,bob `, `Anna Nowak, bob`, []string{"Anna Nowak", "bob"}},
		{`"Nowak, Anna" , bob,`, `"Nowak, Anna", bob`, []string{"Nowak, Anna", "bob"}},
		{`"say \"hi\", \\o", the "Lamp" shop`, `"say \"hi\", \\o", the "Lamp" shop`, []string{`say "hi", \o`, `the "Lamp" shop`}},
		{`"\"Lamp\" & Sons"`, `"\"Lamp\" & Sons"`, []string{`"Lamp" & Sons`}},
		{`"Lamp" & Sons, bob`, `"\"Lamp\" & Sons, bob"`, []string{`"Lamp" & Sons, bob`}},
		{`100001,100002`, `100001, 100002`, []string{"100001", "100002"}},
		{` , `, ``, nil},
	} {
		got := Values(c.typed)
		if again := Values(Alone(got)); !slices.Equal(got, c.values) || Alone(got) != c.spelled || !slices.Equal(again, got) {
			t.Errorf("%s is %q, spelled %s, read back as %q; want %q and %s", c.typed, got, Alone(got), again, c.values, c.spelled)
		}
	}
}

// TestLongSpellingsAreReadBack: quotes, words of the language and signs may make a query longer than it was typed.
func TestLongSpellingsAreReadBack(t *testing.T) {
	t.Parallel()
	parts := []string{`"a"`, `"b`, `x`, `-"c d"`, ` `, ` has:file`, ` -#7`, ` tag:"e f",g`, ` from:zoe`, ` ł`, `tag:"\`}
	rnd := rand.New(rand.NewPCG(7, 7))
	long := 0
	for range 3000 {
		some := parts[:1+rnd.IntN(len(parts))] // of few kinds some queries grow the most
		var typed strings.Builder
		for n := 500 + rnd.IntN(2000); typed.Len() < n; {
			typed.WriteString(some[rnd.IntN(len(some))])
		}
		q, problems := Parse(typed.String())
		if slices.ContainsFunc(problems, func(p Problem) bool { return p.Key == text.FilterTooLong }) {
			long++
		}
		again, problems := Parse(q.String())
		if len(problems) > 0 || !reflect.DeepEqual(q, again) {
			t.Fatalf("%q is spelled %q, read back as %q with %v", typed.String(), q, again, problems)
		}
	}
	if long < 100 {
		t.Errorf("%d queries were too long, which proves little", long)
	}
}

func FuzzSpellingIsReadBack(f *testing.F) {
	for _, s := range []string{`queue:"a b",c -tag:x #7 "p q" w`, `a"b "c"d`, `tag:"\"`, `-`, `--tag:x`, `is:,late`, `created:2d..today`, "tag:a\x00b", `x:y:z`, `#0 id:01`, `"a" "b`, `tag:\,"\\"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		q, _ := Parse(typed)
		again, problems := Parse(q.String())
		if len(problems) > 0 || !reflect.DeepEqual(q, again) {
			t.Errorf("%q is %#v, spelled %q, read back as %#v with %v", typed, q, q.String(), again, problems)
		}
	})
}
