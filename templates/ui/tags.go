package ui

import "strings"

// Tags is the field for tags: names, separated by commas where there is no script.
type Tags struct {
	Field string // the form name
	Label string // of the field in which names are typed
	Names []string
	Error string
	Key   string // its shortcut, "" for none
}

func (t Tags) value() string { return strings.Join(t.Names, ", ") }

// TagOffer is what fits what has been typed so far.
type TagOffer struct {
	Typed  string
	Names  []string
	Create bool // Typed is new, and this agent may make it a tag
}
