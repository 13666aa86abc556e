package ticketview

import "frontdesk/templates/ui"

// Card is a ticket, in screen order: bar, details, conversation, customer.
type Card struct {
	ID       string // the number
	Number   string // "#104817"
	Href     string // of this card
	Share    bool   // hand the link on, instead of copying it
	Absolute string // the same as a link to hand on, with scheme and host
	Back     Back
	Beside   Beside
	Write    Write // from where the composer does not stand
	Deeds    Deeds
	Subject  Subject
	Notice   ui.Notice // above the conversation: a conflict of details, a deed that came too late
	Goals    Goals
	Details  Details
	About    []ui.Fact
	Talk     Talk
	Compose  Compose
	Customer Customer
	Seen     Seen
	Glance   Glance
}

// Back leads to the list the ticket was opened from.
type Back struct {
	Name string
	Href string
}

// Beside are the neighbours in the list the ticket was opened from; empty when it was opened from none.
type Beside struct {
	Next     string
	Previous string
}

// Write leads to the card with its composer open.
type Write struct {
	Reply   string
	Comment string
}

// Subject and its form.
type Subject struct {
	Text    string
	Lang    string // of the text, "" for that of the page
	MayEdit bool
	Action  string // href.Changes
	Version string
	Field   ui.Field // while it is being edited
	Was     string   // what is stored
	Editing bool
}

// Goals is the SLA panel; without goals it is not drawn.
type Goals struct {
	Hours string // "Mon–Fri 8–18"
	List  []Goal
	Dates []ui.Fact // exact cut-off dates
}

// Goal is one time and how far it has run.
type Goal struct {
	Name  string
	State string // "" inside the time, react, near, late, kept, paused
	Said  string // what the clock of that state says; "" = no clock is drawn
	Short string // "in 51 min", "2 h 10 over"
	Text  string // for the bar: "First response: 51 of 240 minutes"
	Value string // of the bar
	Max   string
}

// Details are the values that can be changed at once.
type Details struct {
	Action  string // href.Changes
	Version string
	MayEdit bool
	Choices []ui.Choice // status, queue, assignee, category, priority
	Tags    ui.Tags
	TagsWas []string
	Cc      ui.Field // addresses, by commas
	CcWas   string
	Error   string
}

// Talk is the conversation, oldest first; on a phone the newest first.
type Talk struct {
	Items       []Item
	Count       string // "13"
	NewestFirst bool
}

func (t Talk) order() string {
	if t.NewestFirst {
		return "newest"
	}
	return "oldest"
}

// Item is exactly one of a day's heading, a fold over events in the middle, or an event.
type Item struct {
	Day   string
	Year  string // for paper, where Day says none
	Fold  *Fold
	Event *Event
}

// Fold hides events that were read long ago until somebody asks for them.
type Fold struct {
	Text  string // "+4 between"
	Open  bool
	Items []Item
}

// Seen is how the page reports that the newest message was read.
type Seen struct {
	Action  string // href.Seen; "" when there is nothing unread
	Message string
}

// Glance is what the sides say in short: beside a list, under the subject where there is no room for them, and on paper.
type Glance struct {
	Customer string
	Clock    ui.Clock
	Status   ui.Status
	Priority ui.Priority
	Assignee ui.Person
	Queue    string
}

// Customer is the right column.
type Customer struct {
	Name    string
	Under   string // company, or where the name comes from
	Avatar  ui.Avatar
	Unknown bool // no customer card: only an address
	Contact []Contact
	Note    string
	Recent  []Mini
	Linked  []Mini
}

// Contact is an address or a number.
type Contact struct {
	Icon string // mail, phone
	Text string
	Href string
	Desc string
}

// Mini is another ticket in one line.
type Mini struct {
	Status  ui.Status
	Subject string
	Href    string
	When    ui.When
	Note    string // why it is linked
}
