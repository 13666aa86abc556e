package text

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Duration is d in the two largest units that matter: "2 h 10 min", "3 d 4 h", "25 min", "40 s". Its sign is dropped.
func (l *Local) Duration(d time.Duration) string {
	u := l.units()
	d = d.Abs()
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0:
		return pair(days, u.days(days), hours, u.hour)
	case hours > 0:
		return pair(hours, u.hour, minutes, u.minute)
	case minutes > 0:
		return pair(minutes, u.minute, 0, "")
	}
	return pair(int(d/time.Second), u.second, 0, "")
}

// Brief is d in its largest unit, for the clock column: "2 h", "38 min", "3 d".
func (l *Local) Brief(d time.Duration) string {
	first, _, _ := strings.Cut(l.Duration(d), " ")
	return first
}

// Size is a number of bytes: "118 kB", "2.4 MB".
func (l *Local) Size(n int64) string {
	const k = 1000
	switch {
	case n < k:
		return l.Number(n) + "\u00a0B"
	case n < k*k:
		return l.Number((n+k/2)/k) + "\u00a0kB"
	case n < k*k*k:
		return l.tenths(n, k*k) + "\u00a0MB"
	}
	return l.tenths(n, k*k*k) + "\u00a0GB"
}

// Bytes is a value of a message that is printed as a Size.
type Bytes int64

// sized prints the sizes among the values of a message.
func (l *Local) sized(args []any) []any {
	for i, v := range args {
		if n, ok := v.(Bytes); ok {
			args = slices.Clone(args)
			args[i] = l.Size(int64(n))
		}
	}
	return args
}

// Number is n with its thousands grouped as the language does: 2,114, 2 114, 2.114. Polish leaves four digits
// together, as its style guides ask.
func (l *Local) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	mark := map[string]string{"en": ",", "pl": "\u00a0", "de": "."}[l.Lang]
	if len(digits) <= 3 || (l.Lang == "pl" && len(digits) == 4) {
		return sign + digits
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

func (l *Local) tenths(n, unit int64) string {
	tenths := (n*10 + unit/2) / unit
	s := l.Number(tenths / 10)
	if rest := tenths % 10; rest > 0 && tenths < 1000 {
		point := ","
		if l.Lang == "en" {
			point = "."
		}
		s += point + strconv.FormatInt(rest, 10)
	}
	return s
}

type unitWords struct{ day, manyDays, hour, minute, second string }

func (u unitWords) days(n int) string {
	if n == 1 {
		return u.day
	}
	return u.manyDays
}

func (l *Local) units() unitWords {
	switch l.Lang {
	case "pl":
		return unitWords{"dzień", "dni", "godz.", "min", "s"}
	case "de":
		return unitWords{"Tag", "Tage", "Std.", "Min.", "Sek."}
	default:
		return unitWords{"d", "d", "h", "min", "s"}
	}
}

// pair keeps a figure and its unit on one line and lets the two break apart.
func pair(a int, unit string, b int, small string) string {
	s := strconv.Itoa(a) + "\u00a0" + unit
	if b > 0 {
		s += " " + strconv.Itoa(b) + "\u00a0" + small
	}
	return s
}
