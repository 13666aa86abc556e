package ticketview

import "frontdesk/templates/ui"

// NothingNext is the answer to "Handle next" when no ticket is free: the agent's own, the most pressing first, and those that wake soonest.
type NothingNext struct {
	Free   bool // there is one by now
	Empty  ui.Empty
	Own    []Mini
	Asleep []Mini
}

// kind is that of the button: it is what there is to do once there is a ticket for it.
func (n NothingNext) kind() string {
	if n.Free {
		return "primary"
	}
	return ""
}
