package ui

// Tab is one part of a page.
type Tab struct {
	Name    string
	Count   string
	Href    string
	Current bool
}

// Drop is a field for files.
type Drop struct {
	Field string
	Text  string
	State string // "", over: something is held above it
}
