package mail

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads a Date field (RFC 5322 3.3) in any order and with whatever
// stands around it. ok is false when there is no day in it, or a year no mail
// was ever sent in.
func parseDate(raw []byte) (t time.Time, ok bool) {
	s := unfold(raw[:min(len(raw), 300)])
	if iso, err := time.Parse(time.RFC3339, s); err == nil {
		return iso, saneYear(iso.Year())
	}
	if at := strings.IndexByte(s, '('); at > 0 {
		s = s[:at]
	}
	var d dateParts
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		d.take(word)
	}
	return d.time()
}

type dateParts struct {
	day, month, year     int
	hour, minute, second int
	hasTime, hasZone     bool
	zone                 int // seconds east
}

func (d *dateParts) take(word string) {
	switch {
	case !d.hasTime && strings.Contains(word, ":"):
		d.takeClock(word)
	case d.hasTime && !d.hasZone && (word[0] == '+' || word[0] == '-'):
		d.takeZone(word)
	case word[0] >= '0' && word[0] <= '9':
		d.takeNumber(word)
	default:
		d.takeName(word)
	}
}

func (d *dateParts) takeClock(word string) {
	// "10:00:00+0200" keeps its zone
	if at := strings.IndexAny(word, "+-"); at > 0 {
		d.takeZone(word[at:])
		word = word[:at]
	}
	numbers := [3]int{}
	for i, part := range strings.SplitN(word, ":", 3) {
		part, _, _ = strings.Cut(part, ".")
		numbers[i], _ = strconv.Atoi(part)
	}
	d.hour, d.minute, d.second, d.hasTime = numbers[0], numbers[1], numbers[2], true
}

func (d *dateParts) takeZone(word string) {
	digits := strings.ReplaceAll(word[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) < 2 || len(digits) > 4 {
		return
	}
	if len(digits) == 2 {
		n *= 100
	}
	d.zone, d.hasZone = (n/100*60+n%100)*60, true
	if word[0] == '-' {
		d.zone = -d.zone
	}
}

func (d *dateParts) takeNumber(word string) {
	if parts := strings.FieldsFunc(word, func(r rune) bool { return r == '-' || r == '/' || r == '.' }); len(parts) == 3 {
		for _, p := range parts {
			d.take(p)
		}
		return
	}
	n, err := strconv.Atoi(word)
	switch {
	case err != nil:
	case len(word) >= 4 || d.day != 0:
		d.takeYear(n, len(word))
	default:
		d.day = n
	}
}

func (d *dateParts) takeYear(n, digits int) {
	if d.year != 0 {
		return
	}
	switch {
	case digits == 2 && n < 50:
		n += 2000
	case digits <= 3:
		n += 1900
	}
	d.year = n
}

func (d *dateParts) takeName(word string) {
	if len(word) < 3 {
		word += "  "
	}
	name := strings.ToLower(word)
	if at := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", name[:3]); at >= 0 && at%3 == 0 && d.month == 0 {
		d.month = at/3 + 1
		return
	}
	if hours, known := map[string]int{"ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
		"mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "cet": 1, "cest": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3,
		"msk": 3, "bst": 1, "jst": 9}[strings.TrimSpace(name)]; known && d.hasTime && !d.hasZone {
		d.zone, d.hasZone = hours*3600, true
	}
}

func (d *dateParts) time() (time.Time, bool) {
	if d.month == 0 || d.day < 1 || d.day > 31 || !saneYear(d.year) || d.hour > 24 || d.minute > 59 || d.second > 60 || d.zone > 18*3600 || d.zone < -18*3600 {
		return time.Time{}, false
	}
	zone := time.UTC
	if d.zone != 0 {
		zone = time.FixedZone("", d.zone)
	}
	return time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, zone), true
}

func saneYear(year int) bool { return year >= 1970 && year < 2200 }
