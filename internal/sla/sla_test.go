package sla

import (
	"testing"
	"time"

	"frontdesk/internal/fixture/matrix"
)

func office(t *testing.T) Calendar {
	t.Helper()
	c, err := ParseCalendar("Europe/Warsaw", []byte(`[[[480,1080]],[[480,1080]],[[480,1080]],[[480,720],[780,1080]],[[480,1080]],[],[]]`), []byte(`{"2026-12-25": [], "2026-12-24": [[480,720]]}`))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	loc, _ := time.LoadLocation("Europe/Warsaw")
	v, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDueTimeCountsBusinessHoursOnly(t *testing.T) {
	t.Parallel()
	c := office(t)
	for _, row := range []struct {
		name, from string
		minutes    int
		want       string
	}{
		{"inside a day", "2026-11-16 10:00", 60, "2026-11-16 11:00"},
		{"before opening", "2026-11-16 06:00", 60, "2026-11-16 09:00"},
		{"over the night", "2026-11-16 17:30", 60, "2026-11-17 08:30"},
		{"over the weekend", "2026-11-20 17:30", 60, "2026-11-23 08:30"},
		{"over the lunch break", "2026-11-19 11:30", 60, "2026-11-19 13:30"},
		{"to the very end of a day", "2026-11-16 17:00", 60, "2026-11-16 18:00"},
		{"short day, holiday, weekend", "2026-12-24 11:00", 120, "2026-12-28 09:00"},
		{"over the end of summer time", "2026-10-23 17:00", 120, "2026-10-26 09:00"},
		{"backwards over the weekend", "2026-11-23 08:30", -60, "2026-11-20 17:30"},
		{"backwards to the very end of a day", "2026-11-17 09:00", -60, "2026-11-16 18:00"},
		{"nothing at night", "2026-11-16 20:00", 0, "2026-11-16 18:00"},
		{"nothing at work", "2026-11-16 10:00", 0, "2026-11-16 10:00"},
	} {
		if got := c.Add(at(t, row.from), time.Duration(row.minutes)*time.Minute); !got.Equal(at(t, row.want)) {
			t.Errorf("%s: %s + %d min = %s, want %s", row.name, row.from, row.minutes, got.In(c.Location).Format("2006-01-02 15:04"), row.want)
		}
		if got := c.Between(at(t, row.from), at(t, row.want)); got != time.Duration(row.minutes)*time.Minute {
			t.Errorf("%s: between is %v, want %d min", row.name, got, row.minutes)
		}
	}
}

func TestNightShiftOverTheClockChangeIsAsLongAsItIs(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 29)
	row.Injected("a night in which the clock is put back")
	row.Counted("seven hours of work between 0:00 and 6:00")
	c, err := ParseCalendar("Europe/Warsaw", []byte(`[[],[],[],[],[],[],[[0,360]]]`), []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	// 2026-10-25: the hour from 2 to 3 runs twice, so 0:00 to 6:00 lasts seven hours.
	if got := c.Between(at(t, "2026-10-25 00:00"), at(t, "2026-10-25 06:00")); got != 7*time.Hour {
		t.Errorf("lasted %v, want 7 h", got)
	}
}

// Where clocks are put forward over the opening time, that hour is nobody's.
func TestAnHourThatClocksSkipIsNotWorked(t *testing.T) {
	t.Parallel()
	c, err := ParseCalendar("America/New_York", []byte(`[[],[],[],[],[],[],[[120,480]]]`), []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	midnight := time.Date(2026, 3, 8, 0, 0, 0, 0, c.Location)
	if got := c.Between(midnight, midnight.AddDate(0, 0, 1)); got != 5*time.Hour {
		t.Errorf("2:00 to 8:00 lasted %v, want 5 h", got)
	}
	if got := c.Add(midnight, 5*time.Hour).In(c.Location).Format(time.TimeOnly); got != "08:00:00" {
		t.Errorf("five hours end at %s, want 8:00", got)
	}
}

func TestCalendarThatNeverOpensIsNeverDue(t *testing.T) {
	t.Parallel()
	c := Calendar{Location: time.UTC}
	if got := c.Add(time.Now(), time.Minute); !got.IsZero() {
		t.Errorf("due %v, want never", got)
	}
}

func TestColourIsTheMostPressingGoal(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	due := func(g Goal, in time.Duration) Clock { d := now.Add(in); return Clock{Goal: g, DueAt: &d} }
	met := due(Reaction, -time.Hour)
	met.MetAt = &now
	left := -10
	for _, row := range []struct {
		name   string
		clocks []Clock
		state  State
		by     time.Duration
	}{
		{"inside all times", []Clock{due(Reaction, time.Hour), due(Alarm, time.Hour), due(Execution, 2*time.Hour)}, None, 0},
		{"reaction exceeded", []Clock{due(Reaction, -time.Hour), due(Alarm, time.Hour)}, React, time.Hour},
		{"deadline near", []Clock{due(Reaction, -time.Hour), due(Alarm, -time.Minute), due(Execution, 25*time.Minute)}, Near, 25 * time.Minute},
		{"whatever their order", []Clock{due(Execution, 25*time.Minute), due(Alarm, -time.Minute), due(Reaction, -time.Hour)}, Near, 25 * time.Minute},
		{"execution exceeded", []Clock{due(Alarm, -time.Hour), due(Execution, -time.Minute)}, Late, time.Minute},
		{"met goals are quiet", []Clock{met}, None, 0},
		{"paused after it was over", []Clock{{Goal: Execution, Left: &left}}, Late, 10 * time.Minute},
	} {
		if state, by := Colour(row.clocks, now); state != row.state || by != row.by {
			t.Errorf("%s: %q by %v, want %q by %v", row.name, state, by, row.state, row.by)
		}
	}
}
