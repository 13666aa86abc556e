// Package layout is the frame around every page: the document, the rail with its counters, the toasts, the error pages.
package layout

import "frontdesk/templates/ui"

// Folded is a rail of icons, with the numbers of what is new and what is wrong.
const Folded = "folded"

// Shell is what every page of a signed-in agent shows around its own content, in screen order.
type Shell struct {
	Title   string // of the page, without the counter and the product's name
	Desk    string // the name of this desk, beside the brand sign
	Views   []Link
	Saved   []Link // filters with a name
	Queues  []Link
	Desks   []Link // below the views: administration, when the agent may go there; in the admin area, its pages
	Me      Me
	Fresh   int // new messages that wait for this agent: the number in the title
	Undo    []Undo
	Toast   []Toast
	Exports bool   // this agent may export, so news of it may come
	Rail    string // Folded on card pages

	Narrow   bool // made for a phone
	Insecure bool // plain http outside loopback was allowed (DECISIONS, Web edge): said in red
}

// Link is a line of the rail.
type Link struct {
	Icon    string
	Letters string // stand for the icon where the rail has room for nothing else
	Name    string
	Title   string // when it says more than the name
	Href    string
	Key     string // the letter that leads there after G; "" for none
	Count   string // "14", "1,000+"; "" for none
	New     bool   // the count asks for this agent
	Late    bool   // the count is of failures
	Current bool
}

// Me is the agent who looks.
type Me struct {
	Name     string
	Email    string
	Avatar   ui.Avatar
	Language string // en, pl, de
	Theme    string // "" (as the system), light, dark
	Density  string // "" (normal), compact, relaxed
	Keys     bool   // single-letter shortcuts are on
	Here     string // path to come back to after a setting changed
}

// Undo is a letter that has not left yet, with its countdown (PRODUCT S1).
type Undo struct {
	ID      string // of the outbox row
	Title   string // "Leaves at 10:47:12"
	Text    string // "Reply to Agnieszka"
	Cancel  string // href.Cancel
	Seconds int    // the whole delay
	Left    int    // of it, when the server made the page
}

// Toast is a line that says what just happened.
type Toast struct {
	Kind string // "" or bad
	Text string
	Undo string // a POST that takes it back, "" for none
	Href string // or a page to go to, by the word Go
	Go   string
	News string // names what is told once in a browser, however often it is asked for
}

// seconds is how long it stands, "" for the usual time: what went wrong is not read in passing.
func (t Toast) seconds() string {
	if t.Kind == "bad" {
		return "15"
	}
	return ""
}

// Problem is an error page: what happened, what is kept, what to do.
type Problem struct {
	Code    int
	Icon    string
	Title   string
	Text    string
	Request string // id, to tell the operator
	Action  string
	Href    string
	Undo    string  // takes back what led here
	Told    []Toast // beside it, what was done all the same
}
