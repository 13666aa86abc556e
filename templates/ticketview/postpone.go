package ticketview

import "frontdesk/templates/ui"

// Postpone is when a ticket may come back. Its fields: until = seconds (Unix), or at with until_at, "2026-11-23T08:00" in the agent's zone; on a card also
// what there is, the id of the status and until in seconds, 0 for none.
type Postpone struct {
	Action  string // href.Postponement; "" in the form of many tickets
	Choices []PostponeChoice
	At      ui.Field
	AtMin   string
	AtMax   string

	StatusWas, UntilWas string
}

// PostponeChoice is a ready time.
type PostponeChoice struct {
	Value string
	Name  string // "Tomorrow morning"
	When  string // "Tue 24 Nov, 08:00"
}

// Deeds are what can be done to the ticket from its bar; an empty address = not by this agent.
type Deeds struct {
	Star     string // href.Star
	Starred  bool
	Observe  string // href.Observation
	Observed bool
	Postpone Postpone
	Asleep   string // "Postponed until Mon 23 Nov, 08:00"
	Wake     string // href.Waking; "" when it is not postponed
	Delete   string // href.Deletion
	From     string // the view to go back to
}
