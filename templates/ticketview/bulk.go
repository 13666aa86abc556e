package ticketview

import (
	"strconv"

	"frontdesk/internal/text"
	"frontdesk/templates/ui"
)

// Pick is what a list needs so that several of its tickets can be dealt with at once.
type Pick struct {
	Action string // href.Bulk
	List   string // the list, as the query of its address
	AsOf   string // when it was made
	Next   string // where to go afterwards
}

// BulkTools are the menus of the selection; their fields stand in the form bulk.
type BulkTools struct {
	Assignee ui.Choice
	Status   ui.Choice
	Queue    ui.Choice
	Priority ui.Choice
	Category ui.Choice
	Add      ui.Tags
	Drop     ui.Tags
	Postpone Postpone
	Delete   bool
	Whole    string // "Select all 87 of this list"
	Count    int    // how many that are

	// For the page without JavaScript.
	Pick    Pick
	Tickets []string
	Picked  string // "3 selected"
}

func (t BulkTools) count() string { return strconv.Itoa(t.Count) }

func opposite(on bool) string {
	if on {
		return "0"
	}
	return "1"
}

func pressed(on bool) string { return strconv.FormatBool(on) }

func either(on bool, yes, no text.Key) text.Key {
	if on {
		return yes
	}
	return no
}
