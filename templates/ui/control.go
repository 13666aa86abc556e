package ui

// Tab is one part of a page.
type Tab struct {
	Name    string
	Count   string
	Href    string
	Current bool
}
