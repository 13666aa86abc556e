package ticket_test

import (
	"slices"
	"testing"

	"frontdesk/internal/event"
	"frontdesk/internal/fixture"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

func onCc(c ticket.Card) (list []string) {
	for _, p := range c.Participants {
		if p.Role == "cc" {
			list = append(list, p.Address)
		}
	}
	return list
}

func TestCcIsChangedByTheAddressesThatDiffer(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	set := func(was, is string) error {
		return update(d, d.Agent, l.TicketID, ticket.Change{Cc: ticket.From(was, is)})
	}
	if err := set("", "Bob <Bob@Customer.test>; carla@customer.test, bob@customer.test"); err != nil {
		t.Fatal(err)
	}
	c := d.Card(d.Agent, l.TicketID)
	if got := onCc(c); !slices.Equal(got, []string{"bob@customer.test", "carla@customer.test"}) {
		t.Errorf("on the Cc: %v", got)
	}
	if e := c.Events[len(c.Events)-1]; e.Kind != event.Changed || len(e.Data.Changes) != 2 || e.Data.Changes[0] != (event.Change{Field: "cc", NewName: "bob@customer.test"}) {
		t.Errorf("%+v", e)
	}
	// Somebody who has not seen Bob and Carla adds Dan; somebody takes Bob off.
	if err := set("", "dan@customer.test"); err != nil {
		t.Fatal(err)
	}
	if err := set("bob@customer.test, carla@customer.test", "carla@customer.test"); err != nil {
		t.Fatal(err)
	}
	if got := onCc(d.Card(d.Agent, l.TicketID)); !slices.Equal(got, []string{"carla@customer.test", "dan@customer.test"}) {
		t.Errorf("on the Cc: %v", got)
	}
	for typed, why := range map[string]text.Key{"nobody": text.RefusalAddressWrong, "jörg@y.test": text.RefusalAddressLetters, "support@desk.test": text.RefusalOwnAddress, "x@y.test, ": ""} {
		if err := set("", typed); refusal(err, "cc") != why {
			t.Errorf("%q: %v", typed, err)
		}
	}
	before := len(d.Card(d.Agent, l.TicketID).Events)
	if err := set("", ann); err != nil { // the requester is written to anyway
		t.Fatal(err)
	}
	if c := d.Card(d.Agent, l.TicketID); len(c.Events) != before || slices.Contains(onCc(c), ann) {
		t.Errorf("the requester was put on the Cc: %+v", c.Participants)
	}
}
