package e2e

import (
	"testing"

	"frontdesk/internal/pg/pgtest"
)

// The first start: the set-up page with the token of the log, then the ways in and out.
func TestFirstStartSignInAndOut(t *testing.T) {
	journey(t)
	p := start(t, onDatabase(t, pgtest.URL(t)), "serve")
	token := p.Find(`token=([a-z2-7]{20,})`)[0]
	ruth := open(t, p.URL, "ruth")
	ruth.awaits("422 (Unprocessable")
	ruth.awaits("401 (Unauthorized)")
	ruth.Goto("/")
	ruth.See("h1", "Your account")
	ruth.Fill("#token", "abcdefghijklmnop")
	ruth.Fill("#name", "Ruth Root")
	ruth.Fill("#email", "ruth@desk.test")
	ruth.Fill("#password", password)
	ruth.Press("Enter")
	ruth.See("#token-e", "not the token")
	ruth.Shot("token")
	ruth.passes(axe(t), "the set-up page with an error")
	if got := Eval[string](ruth, `document.querySelector("#name").value`); got != "Ruth Root" {
		t.Errorf("the name typed became %q", got)
	}
	ruth.Fill("#token", token)
	ruth.Fill("#password", "short")
	ruth.Click("button", "Create account")
	ruth.See("#password-e")
	ruth.Fill("#password", password)
	ruth.Click("button", "Create account")
	ruth.See("#list .empty")
	ruth.passes(axe(t), "an empty list")
	ruth.See(".rail", "Quarantine")
	if code := get(t, p.URL+"/set-up"); code != 404 {
		t.Errorf("the set-up page answers %d once somebody works here", code)
	}

	// Out, and nothing is left behind: not by going back either.
	ruth.Click("button.me")
	ruth.Click("#m-me button", "Sign out")
	ruth.See("#email")
	ruth.Shot("signed-out")
	Eval[bool](ruth, "history.back() ?? true")
	ruth.See("#email")

	ruth.Goto("/tickets?view=all")
	ruth.Fill("#email", "ruth@desk.test")
	ruth.Fill("#password", "wrong password")
	ruth.Press("Enter")
	ruth.See("form .error, .notice", "do not belong together")
	ruth.Fill("#password", password)
	ruth.Press("Enter")
	ruth.See("#list")
	if got := ruth.Path(); got != "/tickets?view=all" {
		t.Errorf("signing in led to %s, not to the page asked for", got)
	}

	// A session that ended elsewhere ends here.
	other := open(t, p.URL, "phone")
	other.signIn("ruth@desk.test", password)
	ruth.See("#list")
}
