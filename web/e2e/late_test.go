package e2e

import (
	"strings"
	"testing"
)

// What is asked for over a slow line comes to who still waits for it: it takes no focus and no words from who has gone on; what was chosen or ended
// before an answer is done in its turn; and where no answer comes nothing else is claimed.
func TestWhatComesLateIsInNobodysWay(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 3)
	root := open(t, p.URL, "root")
	root.signIn("root@desk.test", password)
	root.again(".ticket-row a.subject", "Question 3")
	root.again(".ticket-row a.subject", "Question 1")
	root.goesOnInTheList()
	root.hearsNothing()
	root.Goto("/tickets?view=queues")
	root.Click(".ticket-row a.subject", "Question 1")
	root.See(".card h1", "Question 1")
	root.choosesTwice()
	root.tagsInARow()
	root.answersLate()
}

// holdBack keeps the page's own questions from the server until letGo.
func (b *browser) holdBack() {
	b.t.Helper()
	Eval[bool](b, `(() => { const ask = window.fetch, go = []; window.fetch = (...a) => new Promise(r => go.push(() => r(ask(...a)))); window.letGo = () => { window.fetch = ask; go.forEach(f => f()); return true; }; return true; })()`)
}

func (b *browser) letGo() { b.t.Helper(); Eval[bool](b, `letGo()`) }

// goesOnInTheList asks for a menu, a filter and the columns, and does something else before they are there.
func (b *browser) goesOnInTheList() {
	b.t.Helper()
	b.Goto("/tickets?view=queues")
	b.See(".ticket-row")
	b.attend()
	b.holdBack()
	b.Press("j", "x", "s", "Escape")
	b.letGo()
	b.Wait("the menus are there", `document.querySelector("#m-bulk-status")`)
	b.tagsSeveral()
	b.Press("p")
	b.See("#m-bulk-priority:popover-open")
	b.Wait("the menu has the focus", `document.activeElement.closest("#m-bulk-priority")`)
	b.Press("Escape", "Escape")

	b.holdBack()
	Eval[bool](b, `(["a[data-columns]", "#m-filter a[data-pick]"].forEach((asked) => document.querySelector(asked).click()), true)`) // as screen readers press
	b.letGo()
	b.See("#picker [data-picker]")
	b.Gone("#columns[open]")
	b.Press("Escape")
	b.Gone("#picker [data-picker]")

	for _, asked := range []string{`#m-filter a[data-pick]`, `a[data-columns]`} {
		b.holdBack()
		Eval[bool](b, `(document.querySelector(`+quote(asked)+`).click(), true)`)
		b.Press("/")
		b.letGo()
		b.Type("a")
		b.Wait("what was asked for is there, or not needed", `window.fetch.toString().includes("native")`)
		b.Press("Control+k")
		b.See("#palette-list [role=option]")
		b.Press("Escape")
		b.Wait("who types is not disturbed", `document.activeElement.id === "filter-q" && document.querySelector("#filter-q").value.endsWith("a") && !document.querySelector("#picker [data-picker], dialog[open]")`)
		b.Press("Escape")
	}
}

// tagsSeveral ends a tag and goes on to those that are taken away, before there was anything to choose.
func (b *browser) tagsSeveral() {
	b.t.Helper()
	b.Press("t")
	b.Wait("the field has the focus", `document.activeElement.id === "bulk-add"`)
	b.holdBack()
	b.Type("broken")
	b.Press("Tab")
	b.Type("x")
	b.letGo()
	b.See("#m-bulk-tags .tag", "broken")
	b.Press("Escape", "Escape")
	b.Gone("#m-bulk-tags:popover-open")
}

// hearsNothing has no answer for the palette, the pane beside the list and the next filter: it is told so, stays where it is, and asks again.
func (b *browser) hearsNothing() {
	b.t.Helper()
	b.cutOff()
	b.Press("Control+k")
	b.Type("question")
	b.See("#palette-none", "The server does not answer")
	b.passes(axe(b.t), "a palette without an answer")
	b.Press("Escape")
	Eval[bool](b, `(document.querySelector("#m-filter a[data-pick]").click(), true)`)
	b.See("#passing .toast", "The server does not answer")
	b.joined()

	b.Press("v")
	b.See("#preview", "No ticket chosen")
	b.attend()
	b.cutOff()
	b.Press("j")
	b.See("#preview [data-said]", "The server does not answer")
	b.joined()
	b.Press("j")
	b.See("#preview h2", "Question")
	b.Press("Escape")
	b.See("#preview [data-said]", "Click one")
	b.Press("v")
	b.Gone("#preview")

	b.attend()
	id := Eval[string](b, `document.querySelector(".ticket-row").id.slice(1)`)
	b.holdBack()
	b.Press("Control+k")
	b.Type("#" + id)
	b.Press("Enter")
	b.letGo()
	b.Wait("Enter waits for what it chooses", `location.pathname === "/tickets/`+id+`"`)
}

// choosesTwice changes its mind before the first choice is answered.
func (b *browser) choosesTwice() {
	b.t.Helper()
	b.holdBack()
	b.Choose("#d-priority", "High")
	b.Choose("#d-priority", "Low")
	b.letGo()
	b.See("#passing .toast", "1 ticket now has the priority Low")
	b.Wait("the last choice stands", `document.querySelector("#d-priority").selectedOptions[0].textContent.trim() === "Low"`)
	b.Gone("#passing .toast", "Somebody else")
}

// tagsInARow types faster than tags are offered; what it has begun and lets go is not saved.
func (b *browser) tagsInARow() {
	b.t.Helper()
	b.Press("t")
	b.holdBack()
	b.Type("broken")
	b.Press("Enter")
	b.Type("late")
	b.Press("Enter")
	b.letGo()
	for _, name := range []string{"broken", "late"} {
		b.See("#side .combobox .tag", name)
	}
	b.Press("Tab")
	b.See("#passing .toast", "Tags of 1 ticket changed")
	b.Press("Escape")
	b.Gone("#passing .toast")

	// Without an answer what was decided before is saved all the same.
	b.Press("t")
	Eval[bool](b, `(() => { window.reaches = window.fetch; window.fetch = (to, ...a) => String(to).includes("?q=") ? Promise.reject(new TypeError("cut off")) : reaches(to, ...a); return true; })()`)
	b.holdBack()
	b.Press("Backspace")
	b.Type("nothing")
	b.Press("Tab")
	b.letGo()
	b.See("#passing .toast", "Tags of 1 ticket changed")
	b.joined()
	b.Gone("#side .combobox .tag", "late")
	b.Press("Escape")
	b.Press("t")
	b.Type("nonsense")
	b.See(".combobox-box ~ .listbox [role=option]", "Create “nonsense”")
	b.Press("Escape", "Escape")
	b.Wait("Escape lets it go", `document.querySelector("#d-tags").value === "" && document.activeElement.id !== "d-tags"`)
	b.Gone("#side .combobox .tag", "nonsense")
	b.Fill("#d-cc", "half@")
	b.Press("Escape")
	b.Wait("and half an address", `document.querySelector("#d-cc").value === "" && document.activeElement.id !== "d-cc" && !document.querySelector(".app .htmx-request")`)
	b.Gone("#d-cc-e")
}

// answersLate chooses the message to answer while it writes: no word is lost, those that could not be kept neither; and with the reply gone what is
// begun beside it has the focus.
func (b *browser) answersLate() {
	b.t.Helper()
	const text = `document.querySelector("#reply-text").value`
	b.Press("c")
	b.Fill("#comment-text", "Half a comment")
	b.See("#compose-comment .composer-state", "saved")
	b.Press("Escape", "Escape")
	b.Press("r")
	b.Fill("#reply-text", "First. ")
	b.See("#compose-reply .composer-state", "saved")
	b.cutOff()
	b.Type("Second. ")
	b.Click("a[data-answer]")
	b.See("#compose-reply .composer-state[data-bad]", "Not saved")
	b.joined()
	b.Wait("what is not kept stays", text+`.endsWith("Second. ")`)
	b.See("#compose-reply .composer-state", "saved")

	b.holdBack()
	b.Click("a[data-answer]")
	b.Wait("meanwhile it takes no words", `document.querySelector("#reply-text").readOnly`)
	b.letGo()
	b.Wait("the quote has come to the words", text+`.includes("> This is question 1") && !document.querySelector("#reply-text").readOnly`)
	if got := Eval[string](b, text); !strings.Contains(got, "First. Second.") {
		b.t.Errorf("the reply is %q", got)
	}
	b.Wait("the reply has the focus", `document.activeElement.id === "reply-text"`)
	b.Press("Control+Enter")
	b.See("#undos [data-undo]")
	b.Wait("the comment has the focus", `document.activeElement.id === "comment-text" && document.activeElement.value === "Half a comment"`)
}
