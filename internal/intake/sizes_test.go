package intake_test

import (
	"slices"
	"testing"

	"frontdesk/internal/alarm"
)

func TestAMailWhoseSizeCannotBeToldHoldsUpNobodyAndIsTold(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"TAG NO message 2 could not be converted",
		"* 2 FETCH (UID 2 FLAGS () INTERNALDATE NIL RFC822.SIZE 100)\r\nTAG OK done",
		"* 2 FETCH (UID 2 FLAGS () INTERNALDATE \"yesterday\" RFC822.SIZE 100)\r\nTAG OK done",
		"* 2 FETCH (UID 2 FLAGS () INTERNALDATE \"02-Mar-2026 10:00:00 +0100\" RFC822.SIZE NIL)\r\nTAG OK done",
	} {
		o := oddly(t, 4, &odd{sizes: func(uids []int) string { return map[bool]string{true: answer}[slices.Contains(uids, 2)] }})
		if err := o.passes(3); err == nil || o.tickets() != 3 { // together with the others, alone, alone once more
			t.Errorf("%d of the 3 mails that are well have a ticket: %v", o.tickets(), err)
		}
		o.once() // it is left in peace
		if a := o.alarms(); len(a) != 1 || a[0].Kind != alarm.Withheld || a[0].N != 1 {
			t.Errorf("alarms: %+v", a)
		}
		o.sizes = nil
		o.rested()
		o.once()
		if a := o.alarms(); o.tickets() != 4 || len(a) != 0 {
			t.Errorf("%d tickets once the server tells, and %+v", o.tickets(), a)
		}
	}
}

func TestAReadMailWhoseSizeCannotBeToldIsTakenOnceItCan(t *testing.T) {
	t.Parallel()
	o := oddly(t, 4, &odd{seen: true, sizes: func(uids []int) string { return map[bool]string{true: "TAG NO"}[slices.Contains(uids, 2)] }}, alsoRead)
	_ = o.passes(3)
	o.once()
	if a := o.alarms(); o.tickets() != 3 || len(a) != 1 || a[0].N != 1 {
		t.Errorf("%d tickets, alarms: %+v", o.tickets(), a)
	}
	o.sizes = nil
	o.rested()
	o.once()
	if o.tickets() != 4 {
		t.Errorf("%d tickets, looked up to %d", o.tickets(), ask[int](o.desk, `SELECT looked_uid FROM inbound_folder`))
	}
}

func TestTheSafetyNetIsDrawnAlthoughOneMailTearsIt(t *testing.T) {
	t.Parallel()
	o := oddly(t, 4, &odd{unseen: "3 4", sizes: func(uids []int) string {
		return map[bool]string{true: "TAG NO message 2 could not be read"}[len(uids) > 2]
	}})
	o.netDue()
	if err := o.passes(5); err != nil || o.tickets() != 2 || ask[int](o.desk, `SELECT missed FROM inbound_folder WHERE missed_at > now() - interval '1 day'`) != 0 {
		t.Errorf("%d tickets, and no pass succeeds any more: %v", o.tickets(), err)
	}
}
