package ticketview

import "frontdesk/templates/ui"

// Filter is the bar above a list: what narrows it, and how it is sorted.
type Filter struct {
	List     string // the page of the list, as href.List spells it, for forms
	View     string // hidden in the search form
	Order    string // the same; "" for the view's own
	Typed    string // in the search box
	Problems []string
	Chips    []Chip
	Add      []FilterField
	Clear    string // "" when nothing narrows the list
	Save     *SaveView
	Edit     *EditView
	Sort     []SortLink
	Sorted   string // the order's name
	Picker   *Picker
}

// Chip is one condition: field, verb and value, and a way to take it away.
type Chip struct {
	Field, Verb, Value string
	Text               string // the whole sentence
	Edit               string // "" when it is changed in the box only
	Off                string
	Open               bool // its picker is shown
}

// FilterField is something that can be asked for.
type FilterField struct {
	Name  string
	Note  string // what is to be found there; "" where the name says so
	Href  string
	Apart bool // a line above
}

// SortLink is an order.
type SortLink struct {
	Name    string
	Href    string
	Current bool
}

// Head is the head of one column: its name, where a click sorts by it, and how it is sorted, "" as long as it is not.
type Head struct {
	Name string
	Href string
	Sort string // ascending, descending
}

// Picker chooses the values of one term.
type Picker struct {
	Title  string
	Close  string // the list as it is
	View   string // hidden fields
	Query  string
	Order  string
	Field  string
	At     string
	Not    bool
	Simple bool   // the term cannot be turned round
	Kind   string // values, text, dates
	Values []ui.Option
	Text   string      // in the field for further values, before those that are chosen by name
	Age    ui.Duration // dates: how long ago
	Over   bool        // longer than that
	From   string
	To     string
	Verbs  [2]string // is, is not
}

// SaveView keeps the list under a name.
type SaveView struct {
	List     string
	Name     ui.Field
	MayShare bool
	Shared   bool
}

// EditView changes or removes a saved view.
type EditView struct {
	Action   string
	Remove   string
	List     string
	Name     ui.Field
	MayShare bool
	Shared   bool
	Changed  bool // the list is not as it was saved
}
