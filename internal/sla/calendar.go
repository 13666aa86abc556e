// Package sla is the arithmetic of promised times: business hours, due times, clock colours. Pure: no database, no clock of its own.
package sla

import (
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/internal/zone"
)

// Span is a stretch of one day, in minutes from local midnight: [From, To).
type Span struct{ From, To int }

// Calendar says when somebody works. A special day replaces the weekly hours of its date; an empty one is a holiday.
type Calendar struct {
	Location *time.Location
	Week     [7][]Span // Monday first
	Special  map[string][]Span
}

// horizon bounds the search in a calendar that never opens.
const horizon = 5 * 366

// ParseCalendar reads the stored form: hours are seven lists of [from,to], special maps a date (2026-12-25) to such a list.
func ParseCalendar(place string, hours, special []byte) (Calendar, error) {
	loc, err := zone.Load(place)
	if err != nil {
		return Calendar{}, fmt.Errorf("calendar zone: %w", err)
	}
	c := Calendar{Location: loc, Special: map[string][]Span{}}
	var week [][][2]int
	if err := json.Unmarshal(hours, &week); err != nil {
		return Calendar{}, fmt.Errorf("calendar hours: %w", err)
	}
	for i := range min(len(week), 7) {
		c.Week[i] = spans(week[i])
	}
	var days map[string][][2]int
	if err := json.Unmarshal(special, &days); err != nil {
		return Calendar{}, fmt.Errorf("calendar special days: %w", err)
	}
	for date, list := range days {
		c.Special[date] = spans(list)
	}
	return c, nil
}

func spans(list [][2]int) []Span {
	out := make([]Span, 0, len(list))
	for _, s := range list {
		out = append(out, Span{s[0], s[1]})
	}
	return out
}

// Add is the first moment that lies d of business time behind t, or before it where d is negative: the evening on which somebody works last, not the
// morning after it. In a calendar without any hours the answer is the zero time: never.
func (c Calendar) Add(t time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return c.back(t, -d)
	}
	day := t.In(c.Location)
	for range horizon {
		for _, s := range c.on(day) {
			from, to := later(t, s.from), s.to
			if !from.Before(to) {
				continue
			}
			if open := to.Sub(from); d > open {
				d -= open
				continue
			}
			return from.Add(d).UTC()
		}
		day = nextDay(day, 1)
	}
	return time.Time{}
}

func (c Calendar) back(t time.Time, d time.Duration) time.Time {
	day := t.In(c.Location)
	for range horizon {
		list := c.on(day)
		for i := len(list) - 1; i >= 0; i-- {
			from, to := list[i].from, earlier(t, list[i].to)
			if !from.Before(to) {
				continue
			}
			if open := to.Sub(from); d >= open {
				d -= open
				continue
			}
			return to.Add(-d).UTC()
		}
		day = nextDay(day, -1)
	}
	return time.Time{}
}

// Between is the business time from a to b, negative when b is earlier.
func (c Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	last := b.In(c.Location).Format(time.DateOnly)
	for day, n := a.In(c.Location), 0; n < horizon; day, n = nextDay(day, 1), n+1 {
		for _, s := range c.on(day) {
			if from, to := later(a, s.from), earlier(b, s.to); from.Before(to) {
				sum += to.Sub(from)
			}
		}
		if day.Format(time.DateOnly) >= last {
			break
		}
	}
	return sum
}

type stretch struct{ from, to time.Time }

// on lists the open stretches of the local day that t falls on. Minutes are wall-clock: a span over a clock change is as long as it is.
func (c Calendar) on(t time.Time) []stretch {
	list, ok := c.Special[t.Format(time.DateOnly)]
	if !ok {
		list = c.Week[(int(t.Weekday())+6)%7]
	}
	y, m, d := t.Date()
	out := make([]stretch, 0, len(list))
	for _, s := range list {
		out = append(out, stretch{zone.At(y, m, d, s.From, c.Location), zone.At(y, m, d, s.To, c.Location)})
	}
	return out
}

// nextDay is noon of the day n days on: noon exists on every day of every zone.
func nextDay(t time.Time, n int) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+n, 12, 0, 0, 0, t.Location())
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
