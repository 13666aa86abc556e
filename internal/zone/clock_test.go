package zone

import (
	"testing"
	"time"
)

func TestAMinuteThatClocksSkipIsTheMomentTheySkipIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		place, date string
		minute      int
		want        string
	}{
		{"Africa/Cairo", "2026-04-24", 0, "2026-04-24T01:00:00+03:00"},
		{"America/Havana", "2026-03-08", 0, "2026-03-08T01:00:00-04:00"},
		{"America/New_York", "2026-03-08", 120, "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-03-08", 150, "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-03-08", 180, "2026-03-08T03:00:00-04:00"},
		{"Europe/Warsaw", "2026-03-29", 150, "2026-03-29T03:00:00+02:00"},
		{"Australia/Lord_Howe", "2026-10-04", 140, "2026-10-04T02:30:00+11:00"}, // half an hour is skipped
		{"Pacific/Apia", "2011-12-30", 600, "2011-12-31T00:00:00+14:00"},        // and here a day
		{"Europe/Warsaw", "2026-11-20", 1440, "2026-11-21T00:00:00+01:00"},
		{"UTC", "2026-11-20", 75, "2026-11-20T01:15:00Z"},
	} {
		loc, err := Load(c.place)
		if err != nil {
			t.Fatal(err)
		}
		day, err := time.Parse(time.DateOnly, c.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := At(day.Year(), day.Month(), day.Day(), c.minute, loc).Format(time.RFC3339); got != c.want {
			t.Errorf("minute %d of %s in %s is %s, want %s", c.minute, c.date, c.place, got, c.want)
		}
	}
}
