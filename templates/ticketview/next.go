package ticketview

import "frontdesk/templates/ui"

// NothingNext is the answer to "Handle next" when no ticket is free: the agent's own, the most pressing first, and those that wake soonest.
type NothingNext struct {
	Empty  ui.Empty
	Own    []Mini
	Asleep []Mini
}
