package filter

import (
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/zone"
)

// A date value is a day (2026-11-20), a month (2026-11), a year (2026), today, yesterday, an age (2d: the time since then), or a range of these
// with one end or both: 2026-11-01..2026-11-20, 2d.., ..2026. Ends that stand the wrong way round change places.
const span = ".."

const (
	today     = "today"
	yesterday = "yesterday"
)

// mostYears is the longest age: no moment that it reaches has a year beyond those a database and a reader know.
const mostYears = 999

// MostAge is the greatest number of an age.
const MostAge = 9999

// units are the letters of an age, longest word first.
var units = []struct {
	sign string
	back func(t time.Time, n int) time.Time
}{
	{"min", func(t time.Time, n int) time.Time { return t.Add(-time.Duration(n) * time.Minute) }},
	{"h", func(t time.Time, n int) time.Time { return t.Add(-time.Duration(n) * time.Hour) }},
	{"d", func(t time.Time, n int) time.Time { return t.AddDate(0, 0, -n) }},
	{"w", func(t time.Time, n int) time.Time { return t.AddDate(0, 0, -7*n) }},
	{"m", func(t time.Time, n int) time.Time { return monthsBefore(t, n) }},
	{"y", func(t time.Time, n int) time.Time { return monthsBefore(t, 12*n) }},
}

// Units are what an age counts, as they are spelled.
func Units() (signs []string) {
	for _, u := range units {
		signs = append(signs, u.sign)
	}
	return signs
}

// monthsBefore is the same day so many months ago, or the last one of a month that has no such day.
func monthsBefore(t time.Time, n int) time.Time {
	year, month, day := t.Date()
	last := time.Date(year, month-time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return t.AddDate(0, -n, min(last-day, 0))
}

// age reads "2d"; its one spelling has no leading zeros.
func age(s string) (string, bool) {
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, u.sign)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 || n > MostAge || u.sign == "y" && n > mostYears || digits[0] == '+' {
			return "", false
		}
		return strconv.Itoa(n) + u.sign, true
	}
	return "", false
}

// Age is the moment that an age counts back to.
func Age(value string, now time.Time) time.Time {
	for _, u := range units {
		if digits, ok := strings.CutSuffix(value, u.sign); ok {
			n, _ := strconv.Atoi(digits)
			return u.back(now, n)
		}
	}
	return now
}

// dates reads a date value.
func dates(s string) (string, bool) {
	from, to, ranged := strings.Cut(s, span)
	if !ranged {
		return point(s)
	}
	if from == "" && to == "" {
		return "", false
	}
	for _, end := range []*string{&from, &to} {
		if *end == "" {
			continue
		}
		one, ok := point(*end)
		if !ok {
			return "", false
		}
		*end = one
	}
	if backwards(from, to) {
		from, to = to, from
	}
	return from + span + to, true
}

// backwards tells whether a stretch would end before it begins, and not the other way round. Whether a day that is named lies before one that moves
// with the reader's depends on when they look: such ends stay as they are.
func backwards(from, to string) bool {
	if from == "" || to == "" || moving(from) != moving(to) {
		return false
	}
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) // any would do
	empty := func(first, last string) bool {
		begin, end := Span(first+span+last, noon)
		return !begin.Before(end)
	}
	return empty(from, to) && !empty(to, from)
}

// moving tells whether a point is counted from the moment of who looks.
func moving(point string) bool {
	_, aged := age(point)
	return aged || point == today || point == yesterday
}

func point(s string) (string, bool) {
	if s == today || s == yesterday {
		return s, true
	}
	if a, ok := age(s); ok {
		return a, true
	}
	for _, layout := range []string{time.DateOnly, "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return s, true
		}
	}
	return "", false
}

// Span is the stretch of time a date value means to somebody who looks at now: from its first moment to the first one after it. A zero end is
// open. Days begin where now is.
func Span(value string, now time.Time) (from, to time.Time) {
	first, last, ranged := strings.Cut(value, span)
	if !ranged {
		from, to = stretch(first, now)
		return from, to
	}
	if first != "" {
		from, _ = stretch(first, now)
	}
	if last != "" {
		var start time.Time
		if start, to = stretch(last, now); to.IsZero() {
			to = start // an age is a moment
		}
	}
	return from, to
}

func stretch(s string, now time.Time) (from, to time.Time) {
	begin := func(y int, m time.Month, d int) time.Time { return zone.At(y, m, d, 0, now.Location()) } // some days have no midnight
	y, m, d := now.Date()
	switch s {
	case today:
		return begin(y, m, d), begin(y, m, d+1)
	case yesterday:
		return begin(y, m, d-1), begin(y, m, d)
	}
	for i, layout := range []string{time.DateOnly, "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			y, m, d := t.Date()
			return begin(y, m, d), begin(y+btoi(i == 2), m+time.Month(btoi(i == 1)), d+btoi(i == 0))
		}
	}
	return Age(s, now), time.Time{}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
