package ticket_test

import (
	"testing"
	"time"

	"frontdesk/internal/fixture"
	"frontdesk/internal/sla"
	"frontdesk/internal/ticket"
)

func TestManyPausesCostNothingOfThePromise(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	began := clockOf(d, l.TicketID, sla.Execution)
	for range 10 {
		for _, key := range []string{"waiting", "open"} {
			if err := update(d, d.Agent, l.TicketID, ticket.Change{Status: ticket.To(d.Status(key))}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c := clockOf(d, l.TicketID, sla.Execution); c.DueAt == nil || c.DueAt.Before(began.DueAt.Add(-time.Minute)) {
		t.Errorf("due %v after ten pauses within a moment, began with %v", c.DueAt, began.DueAt)
	}
}
