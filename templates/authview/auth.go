// Package authview shows the pages before anybody has signed in.
package authview

import (
	"context"

	"frontdesk/internal/text"
	"frontdesk/templates/ui"
)

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

// focus is the field to begin with: the first that was not taken, or the password, which never comes back.
func (v SetUp) focus() string {
	switch {
	case v.Token.Value == "" || v.Token.Error != "":
		return "token"
	case v.Name.Error != "":
		return "name"
	case v.Email.Error != "":
		return "email"
	}
	return "password"
}

func (v SignIn) heading(ctx context.Context) string {
	if v.Desk == "" || v.Desk == "Frontdesk" {
		return text.T(ctx, text.AuthSignIn)
	}
	return text.T(ctx, text.AuthSignInTo, "desk", v.Desk)
}

// password carries the error of the pair: it stands below the lower field, and never says which of the two is wrong.
func (v SignIn) password() ui.Field {
	f := ui.Field{Error: v.Password.Error}
	if f.Error == "" {
		f.Error = v.Error
	}
	return f
}
