package e2e

import (
	"fmt"
	"testing"
)

// enter goes through the sign-in page.
func (b *browser) enter(email, password string) {
	b.t.Helper()
	b.Goto("/")
	b.Fill("#email", email)
	b.Fill("#password", password)
	b.Press("Enter")
	b.See("#list")
}

// signIn goes through the sign-in page, and has read what is said to a newcomer.
func (b *browser) signIn(email, password string) {
	b.t.Helper()
	b.enter(email, password)
	if Eval[bool](b, `document.querySelector(".welcome") !== null`) {
		b.understood()
	}
}

// understood puts what is said to a newcomer away.
func (b *browser) understood() {
	b.t.Helper()
	b.Click(".welcome button", "Got it")
	b.Gone(".welcome")
	b.See("#list")
}

// What `make run` shows: mail comes by itself, is opened, answered, taken back once, sent the second time; the customer answers into the same
// ticket, and a new mail is signalled.
func TestDemoFromTheFirstMailToTheCustomersAnswer(t *testing.T) {
	journey(t)
	d := start(t, onItsOwn(t), "demo", "--write", "6s", "--answer", "2s")
	account := d.Find(`sign in as +(\S+) +password +(\S+)`)
	emma := open(t, d.URL, "emma")
	emma.signIn(account[0], account[1])
	emma.See(".ticket-row .tag") // colleagues have begun to work

	// A mail arrives while the page stands there; it is bold and says so.
	emma.Mark()
	emma.See(".ticket-row[data-unread] a.subject")
	before := Eval[[]string](emma, `[...document.querySelectorAll(".ticket-row")].map(r => r.id)`)
	emma.Away()
	emma.Wait("a mail arrives by itself", fmt.Sprintf(`[...document.querySelectorAll(".ticket-row[data-unread]")].some(r => !%s.includes(r.id))`, quote(before)))
	if weight := Eval[int](emma, `Number(getComputedStyle(document.querySelector(".ticket-row[data-unread] a.subject")).fontWeight)`); weight < 600 {
		t.Errorf("an unread subject has weight %d", weight)
	}
	emma.Wait("the title counts", `/^\(\d+\) /.test(document.title)`)
	emma.Shot("list")
	if !emma.Marked() {
		t.Error("the list was loaded again")
	}

	// Open the newest, answer with the keyboard.
	emma.Click(".ticket-row[data-unread] a.subject")
	emma.See(".card h1")
	emma.See("#talk .event[data-kind=in]")
	ticket := Eval[string](emma, `document.querySelector(".card").dataset.ticket`)
	emma.Mark()
	emma.Shot("card")
	emma.Press("r")
	emma.See("#compose-reply textarea")
	const text = "Hello, we are looking into it and will write again tomorrow."
	emma.Type(text)
	emma.Press("Control+Enter")

	// It can be taken back as long as the countdown runs.
	emma.See("#undos .toast [data-seconds-left]", " s")
	emma.See("#talk .event[data-kind=out]", text)
	emma.Shot("undo")
	emma.Press("z")
	emma.Gone("#undos .toast")
	emma.Wait("the text is back", fmt.Sprintf(`document.querySelector("#compose-reply textarea").value.includes(%s)`, quote(text)))
	emma.See("#compose-reply textarea")
	emma.Wait("one can go on writing", `document.activeElement.id === "reply-text"`)
	emma.Shot("back")

	// The second time it leaves at once.
	emma.Click("#compose-reply button[popovertarget=m-send]")
	emma.Click("#m-send label", "At once")
	emma.Gone("#m-send")
	emma.Click("#compose-reply button", "Send")
	emma.Wait("the letter is sent", `[...document.querySelectorAll("#talk .event[data-kind=out]")].some(e => !["queued", "sending", "cancelled"].includes(e.dataset.state ?? "") && e.textContent.includes("to the customer"))`)

	// The customer answers into the same ticket.
	emma.Wait("the customer's answer lands here", `document.querySelectorAll("#talk .event[data-kind=in]").length >= 2`)
	if got := Eval[string](emma, `document.querySelector(".card").dataset.ticket`); got != ticket {
		t.Errorf("the answer is in ticket %s, not %s", got, ticket)
	}
	if !emma.Marked() {
		t.Error("the card was loaded again")
	}
	emma.Shot("answered")
	emma.passes(axe(t), "a card with its answer")

	// In the list, a new mail waits behind a line while somebody reads there.
	emma.Click("a[data-back]")
	emma.See("#list")
	emma.Press("j")
	emma.See(".ticket-row[data-cursor]")
	cursor := Eval[string](emma, `document.querySelector(".ticket-row[data-cursor]").id`)
	emma.See("#list-fresh", "Show")
	emma.Shot("fresh")
	emma.Click("#list-fresh")
	emma.Gone("#list-fresh")
	emma.Wait("the cursor is still on its ticket", fmt.Sprintf(`document.getElementById(%s)?.dataset.cursor === ""`, quote(cursor)))
}
