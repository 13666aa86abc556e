package text

import (
	"strconv"
	"time"
)

// Stamp is a moment, ready to print: Short beside a row ("10:41", "19 Nov", "19 Nov 2025"), Full as its
// title ("Thursday, 19 November 2026, 10:41:07"), Machine for the datetime attribute. The zero Stamp prints nothing.
type Stamp struct{ Short, Full, Machine string }

type dateWords struct {
	days, daysShort [7]string
	months          [12]string // as they stand in a date: Polish in the genitive
	monthsShort     [12]string
	dot             string // after the day's number
}

var words = map[string]dateWords{
	"en": {
		days:        [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		daysShort:   [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		months:      [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		monthsShort: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	},
	"pl": {
		days:        [7]string{"niedziela", "poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota"},
		daysShort:   [7]string{"niedz.", "pon.", "wt.", "śr.", "czw.", "pt.", "sob."},
		months:      [12]string{"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"},
		monthsShort: [12]string{"sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"},
	},
	"de": {
		days:        [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		daysShort:   [7]string{"So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."},
		months:      [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		monthsShort: [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
		dot:         ".",
	},
}

// Stamp is t as it is read at now, for a list: the time today, the day this year, else the whole date.
func (l *Local) Stamp(t, now time.Time) Stamp {
	if t.IsZero() {
		return Stamp{}
	}
	t, now = t.In(l.zone), now.In(l.zone)
	short := l.date(t)
	switch {
	case sameDay(t, now):
		short = t.Format("15:04")
	case t.Year() == now.Year():
		short = l.dayMonth(t)
	}
	return Stamp{Short: short, Full: l.Full(t), Machine: t.UTC().Format(time.RFC3339)}
}

// Moment is t for a conversation, where the hour matters on every day: "10:41", "Mon 16 Nov, 18:12",
// "16 Nov 2025, 18:12".
func (l *Local) Moment(t, now time.Time) Stamp {
	s := l.Stamp(t, now)
	if t.IsZero() {
		return s
	}
	t, now = t.In(l.zone), now.In(l.zone)
	switch {
	case sameDay(t, now):
	case t.Year() == now.Year():
		s.Short = l.word.daysShort[t.Weekday()] + sep(l.Lang) + l.dayMonth(t) + ", " + t.Format("15:04")
	default:
		s.Short = l.date(t) + ", " + t.Format("15:04")
	}
	return s
}

// Exact is Moment with the seconds: when a letter leaves, when a mail was fetched.
func (l *Local) Exact(t, now time.Time) Stamp {
	s := l.Moment(t, now)
	if s.Short != "" {
		s.Short += t.In(l.zone).Format(":05")
	}
	return s
}

// Full is the whole date and time: "Thursday, 19 November 2026, 10:41:07".
func (l *Local) Full(t time.Time) string {
	t = t.In(l.zone)
	return l.word.days[t.Weekday()] + ", " + l.longDate(t) + ", " + t.Format("15:04:05")
}

// Day heads the events of a day: "Today, Friday 20 November", "Friday 20 November", with the year where it is another.
func (l *Local) Day(t, now time.Time) string {
	t, now = t.In(l.zone), now.In(l.zone)
	s := l.word.days[t.Weekday()] + sep(l.Lang) + strconv.Itoa(t.Day()) + l.word.dot + " " + l.word.months[t.Month()-1]
	if t.Year() != now.Year() {
		s += " " + strconv.Itoa(t.Year())
	}
	switch {
	case sameDay(t, now):
		return l.T(TimeToday, "day", s)
	case sameDay(t, now.AddDate(0, 0, -1)):
		return l.T(TimeYesterday, "day", s)
	}
	return s
}

// DayYear is the year that Day leaves out, for paper, which is read in other years too.
func (l *Local) DayYear(t, now time.Time) string {
	if year := t.In(l.zone).Year(); year == now.In(l.zone).Year() {
		return strconv.Itoa(year)
	}
	return ""
}

// Clock is the time of day with seconds, "10:47:12".
func (l *Local) Clock(t time.Time) string { return t.In(l.zone).Format("15:04:05") }

// Zone is the reader's time zone, for reading what was typed into a date field.
func (l *Local) Zone() *time.Location { return l.zone }

// Field is t as a datetime-local input holds it, "2026-11-23T08:00".
func (l *Local) Field(t time.Time) string { return t.In(l.zone).Format("2006-01-02T15:04") }

func (l *Local) dayMonth(t time.Time) string {
	return strconv.Itoa(t.Day()) + l.word.dot + " " + l.word.monthsShort[t.Month()-1]
}

// Date is the day of t: "19 Nov 2025".
func (l *Local) Date(t time.Time) string { return l.date(t.In(l.zone)) }

func (l *Local) date(t time.Time) string { return l.dayMonth(t) + " " + strconv.Itoa(t.Year()) }

func (l *Local) longDate(t time.Time) string {
	return strconv.Itoa(t.Day()) + l.word.dot + " " + l.word.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

func sep(lang string) string {
	if lang == "en" {
		return " "
	}
	return ", "
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}
