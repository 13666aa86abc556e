package e2e

import (
	"testing"
)

// A browser without JavaScript: by forms and links alone.
func TestWithoutJavaScript(t *testing.T) {
	journey(t)
	s := furnish(t)
	s.drop(letter{From: "Bob Birch <bob@customer.test>", Subject: "Where is my desk?", Text: "It should have come on Friday.", Type: "text/html"})
	p := s.serve()
	ada := open(t, p.URL, "ada")
	ada.NoScripts()

	ada.Goto("/")
	ada.Fill("#email", "ada@desk.test")
	ada.Fill("#password", "not this one")
	ada.awaits("422")
	ada.awaits("401")
	ada.Click("button", "Sign in")
	ada.See(".error, .notice", "do not belong together")
	if got := Eval[string](ada, `document.querySelector("#email").value`); got != "ada@desk.test" {
		t.Errorf("the address typed became %q", got)
	}
	ada.Fill("#password", password)
	ada.Click("button", "Sign in")
	ada.See("#list")
	ada.again(".ticket-row[data-unread] a.subject", "Where is my desk?")
	ada.Shot("list")
	ada.Click(".ticket-row a.subject", "Where is my desk?")
	ada.See("#talk .event[data-kind=in] iframe.letter")
	ada.Wait("the message is in its frame", `document.querySelector("iframe.letter").contentDocument?.body.textContent.includes("on Friday")`)
	ada.Shot("card")

	// A reply with something missing comes back as it was typed.
	ada.Click("a[data-compose=reply]")
	ada.Fill("#reply-to", "nobody at all")
	ada.Fill("#reply-text", "It is on its way.")
	ada.Click("#compose-reply button[data-kind=primary]", "Send")
	ada.See("#reply-to-e")
	ada.Wait("the text refused stands there", `document.querySelector("#reply-text")?.value.trim() === "It is on its way."`)
	ada.Fill("#reply-to", "bob@customer.test")
	ada.Click("#compose-reply button[data-kind=primary]", "Send")
	ada.See("#talk .event[data-kind=out]", "It is on its way.", "leaves at")
	ada.Shot("waiting")

	// Taken back: the text stands in the form again. Then it is let go.
	ada.Click("#talk .event[data-kind=out] button", "Cancel and edit")
	ada.See("#talk .event[data-kind=out]", "taken back, not sent")
	ada.Wait("the text taken back stands there", `document.querySelector("#reply-text")?.value.trim() === "It is on its way."`)
	ada.Shot("back")
	ada.Click("#compose-reply button[data-kind=primary]", "Send")
	ada.Click("#talk .event[data-kind=out] button", "Send now")
	ada.Gone("#talk .event[data-kind=out] button", "Send now")
	ada.again("#talk .event[data-kind=out]:not([data-state=queued], [data-state=sending], [data-state=cancelled])", "It is on its way.")
	s.received("bob@customer.test", "INBOX", 1)

	ada.Click("a[data-compose=comment]")
	ada.Fill("#comment-text", "The carrier has lost it.")
	ada.Choose("#comment-status", "In progress")
	ada.Click("#compose-comment button[data-kind=primary]", "Add comment")
	ada.See("#talk .event[data-kind=comment]", "The carrier has lost it.", "In progress")
	ada.Choose("#d-assignee", "Ben Brook")
	ada.Click("#side button", "Save details")
	ada.See("#talk .event", "Assignee", "→ Ben Brook") // the page that came, not the one that was sent
	ada.Wait("the assignee is Ben", chosen("d-assignee", "Ben Brook"))
	ada.Shot("commented")
	ada.passes(axe(t), "a card without scripts")

	// What was picked is changed on a page of its own, which a phone's width is enough for.
	card := ada.Path()
	ada.speaks("pl")
	ada.Phone()
	ada.Goto("/tickets/bulk?list=view%3Dall&ticket=" + Eval[string](ada, `document.querySelector(".card").dataset.ticket`))
	ada.See("h1", "Zaznaczone zgłoszenia")
	ada.holds("the page of what was picked")
	ada.passes(axe(t), "the page of what was picked")
	ada.speaks("en")
	ada.Size(1440, 900)
	ada.Goto(card)

	// The menu and the details of a message are there, too.
	ada.Click("#talk .event[data-kind=out] a[data-drawer]")
	ada.See("main", "bob@customer.test")
	ada.Goto("/tickets")
	ada.Click("button.me")
	ada.Click("button", "Sign out")
	ada.See("#email")
}

// again loads the page until an element is there: what a person without live updates does.
func (b *browser) again(selector string, words ...string) {
	b.t.Helper()
	there := func() bool {
		b.Reload()
		return b.Count(selector, words...) > 0
	}
	if !eventually(b.t, there) {
		b.keep("again", true)
		b.t.Fatalf("%s: %s %q did not appear", b.name, selector, words)
	}
}
