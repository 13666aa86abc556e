package web

import (
	"testing"

	"frontdesk/internal/sla"
	"frontdesk/internal/text"
)

func TestOnlyAPlainWeekIsSaidInShort(t *testing.T) {
	t.Parallel()
	day, short := []sla.Span{{From: 8 * 60, To: 18 * 60}}, []sla.Span{{From: 8 * 60, To: 13*60 + 30}}
	for name, c := range map[string]struct {
		week [7][]sla.Span
		want string
	}{
		"five days":        {[7][]sla.Span{day, day, day, day, day}, "Mon–Fri 8–18"},
		"half hours":       {[7][]sla.Span{nil, short, short}, "Tue–Wed 8–13:30"},
		"a shorter Friday": {[7][]sla.Span{day, day, day, day, short}, ""},
		"a day between":    {[7][]sla.Span{day, nil, day}, ""},
		"a break":          {[7][]sla.Span{{day[0], day[0]}}, ""},
		"never":            {[7][]sla.Span{}, ""},
	} {
		if got := (reader{l: text.For("en")}).hours(sla.Calendar{Week: c.week}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
