// Package authview shows the pages before anybody has signed in.
package authview

import "frontdesk/templates/ui"

// SignIn is the form.
type SignIn struct {
	Desk     string
	Lang     string // code; kept in the form
	Next     string
	Email    ui.Field
	Password ui.Field
	Error    string // of both together: they do not belong together, too many tries
	Version  string // of the program
	Insecure bool
}

// SetUp is the form of the first user.
type SetUp struct {
	Lang     string
	Token    ui.Field
	Name     ui.Field
	Email    ui.Field
	Password ui.Field
	Error    string
	Version  string
	Insecure bool
}
