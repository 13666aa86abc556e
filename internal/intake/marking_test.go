package intake_test

import "testing"

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
	}
}
