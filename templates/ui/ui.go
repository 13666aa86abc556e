// Package ui holds the small parts every page is made of, with the values they print. A view model is in screen order and ready
// to print: it knows no domain type, no clock and no permission.
package ui

import (
	"slices"

	"frontdesk/internal/text"
)

// When is a moment as it is printed; text.Local makes it.
type When = text.Stamp

// Status is a shape and a word.
type Status struct {
	Kind  string // new, open, waiting, postponed, merged, closed
	Name  string
	Below string // the status it is a part of, told to the ear and on hover; "" for one of its own
}

// whole is a status with the one it is a part of.
func (s Status) whole() string { return s.Below + ": " + s.Name }

// Priority is bars and a word; Level 1 is the most urgent, 4 the least.
type Priority struct {
	Level string
	Name  string
}

// Clock is an alarm clock; the zero Clock (inside all times) is not drawn.
type Clock struct {
	State string // react, near, late, kept
	Text  string // the whole sentence: "Execution time exceeded by 2 h 10 min"
	By    string // beside the glyph: "2 h"
}

// Avatar stands beside a name and says nothing by itself.
type Avatar struct {
	Initials string
	Hue      string // "1" to "8"; "" for a customer
	Kind     string // "", customer, company
}

// Person is an agent; the zero Person is "Unassigned".
type Person struct {
	Name   string
	Avatar Avatar
}

// Option is one line of a choice; at most one of Status, Priority and Person is drawn before its name.
type Option struct {
	Value    string
	Name     string
	Above    string // where in a tree it stands: "Damage › "
	Depth    string // how deep, "" at the root
	Chosen   bool
	Status   Status
	Priority Priority
	Person   Person
}

// Choice is a select: one field of a form.
type Choice struct {
	Field   string // the form name: status, queue, assignee, priority
	Label   string
	Options []Option
	Was     string // the value of what is stored, which forms of a ticket send along
	Error   string
	Key     string // its shortcut, "" for none
}

// Chosen is the option that is shown; the first one when none is marked, as a browser does.
func (c Choice) Chosen() Option {
	for _, o := range c.Options {
		if o.Chosen {
			return o
		}
	}
	if len(c.Options) > 0 {
		return c.Options[0]
	}
	return Option{}
}

// Choosing is the choice with another option shown, as it was chosen in a form that comes back; what is not offered is not shown.
func (c Choice) Choosing(value string) Choice {
	if !slices.ContainsFunc(c.Options, func(o Option) bool { return o.Value == value }) {
		return c
	}
	c.Options = slices.Clone(c.Options)
	for i := range c.Options {
		c.Options[i].Chosen = c.Options[i].Value == value
	}
	return c
}

// Field is what was typed and what is wrong with it.
type Field struct {
	Value string
	Error string
}

// Fact is a line of a description list; Href makes the value a link, When prints a time.
type Fact struct {
	Label string
	Value string
	Href  string
	When  When
}

// Mark is a small sign with its meaning: an attachment, a change saved with a message.
type Mark struct {
	Icon  string // a name of the sprite
	Text  string
	Count string // beside the sign, "" for none
	Kind  string // "", change, good, bad
}

// File is an attachment.
type File struct {
	Icon string // image, file-text, paperclip …
	Name string
	Size string
	Href string // "" for one that may not be had
	Held Mark   // why it is held back; the zero Mark for a file that is not
}

// Notice is a box that says what is the matter.
type Notice struct {
	Kind  string // "" (information), good, warn, bad
	Title string
	Text  string
}

// Shown tells a notice from the absence of one.
func (n Notice) Shown() bool { return n.Title != "" || n.Text != "" }

// Empty stands where a list has nothing to show.
type Empty struct {
	Icon   string
	Title  string
	Text   string
	Action string
	Href   string
}
