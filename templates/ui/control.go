package ui

// Duration is a length of time to type: a number and its unit, which is a field of its own.
type Duration struct {
	Field string
	Label string
	Value string // the number as typed
	Most  string // the greatest that is taken
	Units Choice
	Error string
}

// Tab is one part of a page.
type Tab struct {
	Name    string
	Count   string
	Href    string
	Current bool
}
