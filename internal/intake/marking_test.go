package intake_test

import (
	"strings"
	"testing"

	"frontdesk/internal/alarm"
)

func TestAServerThatMarksNothingStopsNoMail(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"NO [NOPERM] you may not set flags here", "BAD the folder is open for reading only"} {
		o := oddly(t, 4, &odd{unseen: "1 2", store: answer})
		o.once()
		o.unseen = "1 2 3 4" // two more come
		o.once()
		o.once()
		if n := ask[int](o.desk, `SELECT count(*) FROM inbound`); o.tickets() != 4 || n != 4 {
			t.Errorf("%d tickets, %d in the ledger, want 4: %s", o.tickets(), n, answer)
		}
		_, words, _ := strings.Cut(answer, "] ")
		if a := o.alarms(); len(a) != 1 || a[0].Kind != alarm.Unmarked || a[0].N != 4 || !strings.Contains(a[0].Said, words) {
			t.Errorf("alarms: %+v", a)
		}
		o.store = ""
		o.once()
		if a := o.alarms(); len(a) != 0 {
			t.Errorf("after they were marked: %+v", a)
		}
	}
}
