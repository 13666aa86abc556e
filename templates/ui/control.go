package ui

// Duration is a length of time to type: a number in the field of its name, and a unit in the one of its name and "_unit".
type Duration struct {
	Field string
	Label string
	Value string // the number as typed
	Most  string // the greatest that is taken
	Units Choice // Field and Error are not used
	Error string
}

// Tab is one part of a page.
type Tab struct {
	Name    string
	Count   string
	Href    string
	Current bool
}
