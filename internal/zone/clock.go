package zone

import "time"

// At is the moment on a day when clocks show so many minutes from midnight. Where they skip that minute it is the moment they skip it, which
// time.Date does not promise: a day that has no midnight begins there, and an opening time is no longer than it is.
func At(year int, month time.Month, day, minute int, loc *time.Location) time.Time {
	t := time.Date(year, month, day, 0, minute, 0, 0, loc)
	_, offset := t.Zone()
	asked, shown := time.Date(year, month, day, 0, minute, 0, 0, time.UTC), t.UTC().Add(time.Duration(offset)*time.Second)
	before, after := t.ZoneBounds()
	switch {
	case shown.Before(asked):
		return after.In(loc)
	case shown.After(asked):
		return before.In(loc)
	}
	return t
}
