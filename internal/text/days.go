package text

import "strings"

// Days is a stretch of weekdays, Monday is 0: "Mon–Fri", "Sat".
func (l *Local) Days(first, last int) string {
	short := func(day int) string { return strings.TrimSuffix(l.word.daysShort[(day+1)%7], ".") }
	if first == last {
		return short(first)
	}
	return short(first) + "–" + short(last)
}
