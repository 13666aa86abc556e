package mailbox

import (
	"fmt"

	"github.com/emersion/go-sasl"
)

// mechanism chooses how to sign in from what the server offers: the token by XOAUTH2, a password by PLAIN, else LOGIN. nil means that
// nothing fits.
func (a Account) mechanism(user string, offers func(mech string) bool) sasl.Client {
	switch {
	case a.Token:
		return &xoauth2{user: user, token: string(a.Password)}
	case offers("PLAIN"):
		return sasl.NewPlainClient("", user, string(a.Password))
	case offers("LOGIN"):
		return sasl.NewLoginClient(user, string(a.Password))
	}
	return nil
}

// xoauth2 is Google's and Microsoft's bearer mechanism; go-sasl has none.
type xoauth2 struct{ user, token string }

// Start implements sasl.Client.
func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next implements sasl.Client. A challenge here is the server's refusal in JSON. It is returned as the error: answering with nothing
// makes the IMAP library send "=", which hides the reason (STACK 3.5).
func (x *xoauth2) Next(challenge []byte) ([]byte, error) {
	return nil, fmt.Errorf("%w: %s", ErrCredentials, said(string(challenge), Secret(x.token)))
}
