package e2e

import (
	"errors"
	"fmt"
	"testing"
)

// Nothing is lost, and whoever may see it sees that: the alarms with their buttons, both lines of the equation, on a desk and on a phone, in three
// languages. An alarm that begins is counted on an open page, and one that ends goes from it.
func TestReconcile(t *testing.T) {
	journey(t)
	source := axe(t)
	s := furnish(t)
	run(t, s.env, "", "mailbox", "set", "Support", "--poll", "10m") // however slow the machine, no interval is missed
	for _, subject := range []string{"Question 1", "Question 2"} {
		s.drop(letter{From: "Alice Amber <alice@customer.test>", Subject: subject, Text: "This is a question."})
	}
	p := s.serve()
	root := open(t, p.URL, "root")
	root.signIn("root@desk.test", password)
	root.See(".ticket-row", "Question 2")
	root.Goto("/admin/reconcile")
	root.See("#reconcile .health[data-state=good]", "Nothing is out of order")
	root.See(".account .health", "Balances")
	root.See(".account .equation", "received")
	root.passes(source, "reconcile without alarms")

	s.StopDovecot() // a session under way would write the old numbers down again
	if err := errors.Join(s.Renumber(support), s.StartDovecot()); err != nil {
		t.Fatal(err)
	}
	root.See(".alarms .notice", "the server numbered the mails of INBOX anew")
	root.See(".rail-link[aria-current=page] .count[data-late]", "1")
	root.passes(source, "reconcile with an alarm")
	for _, lang := range []struct{ code, name string }{{"pl", "Polski"}, {"de", "Deutsch"}, {"en", "English"}} {
		root.Click("button.me")
		root.Click("#m-me button", lang.name)
		root.Wait("the page is in "+lang.name, fmt.Sprintf(`document.documentElement.lang === %q`, lang.code))
		root.See(".alarms .notice")
		if root.Shot("reconcile-" + lang.code); lang.code != "en" {
			root.noEnglish("reconcile in " + lang.name)
		}
	}
	root.Theme("dark")
	root.Shot("reconcile-dark")
	root.Theme("light")

	phone := open(t, p.URL, "phone")
	phone.Phone()
	phone.signIn("root@desk.test", password)
	phone.Goto("/admin/reconcile")
	phone.See(".alarms .notice")
	phone.fits("reconcile on a phone")
	phone.passes(source, "reconcile on a phone")
	phone.Shot("reconcile-phone")

	phone.Mark()
	root.TabTo(".alarms .notice button")
	root.Press("Enter")
	root.See("#passing .toast", "Noted")
	root.Gone(".alarms .notice")
	phone.Gone(".alarms .notice")
	if !phone.Marked() {
		t.Error("the page was loaded anew to hear that an alarm is over")
	}
	ada := open(t, p.URL, "ada")
	ada.signIn("ada@desk.test", password)
	ada.Gone(".rail-link[href='/admin/reconcile']")
}
