package e2e

import "testing"

// Z takes back what was done last, and says so; a letter under way takes no more words; in a menu a letter chooses a line and does no deed beside it; a
// tag that was typed is not thrown away; a second press on "Handle next" before the first has led anywhere takes no second ticket.
func TestAKeyMeansWhatIsLastAndNearest(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 3)
	root := open(t, p.URL, "root")
	root.signIn("root@desk.test", password)
	root.again(".ticket-row a.subject", "Question 3")
	root.Click(".ticket-row a.subject", "Question 1")
	root.See(".card h1", "Question 1")
	root.Press("r")
	root.Fill("#reply-text", "All of it.")
	root.See("#compose-reply .composer-state", "saved")
	root.Click("#compose-reply button[popovertarget=m-send]") // time for all that follows, on any machine
	root.Click("#m-send label", "In 5 minutes")
	root.Gone("#m-send")
	root.holdBack()
	root.Click("#compose-reply .button[data-kind=primary]")
	root.Wait("it takes no more words and says that it is under way", `document.querySelector("#reply-text").readOnly && document.querySelector("#compose-reply .button[data-kind=primary]").getAttribute("aria-busy") === "true"`)
	root.letGo()
	root.See("#undos [data-undo][data-newest] kbd", "Z")

	// In a menu.
	root.Goto("/tickets?view=queues")
	root.See(".ticket-row")
	root.Press("j")
	root.Press("x")
	root.Press("p")
	root.See("#m-bulk-priority:popover-open button", "Low")
	root.Wait("the menu has the focus", `document.activeElement.closest("#m-bulk-priority")`)
	root.passes(axe(t), "the menu of priorities")
	root.Press("l")
	root.Wait("a letter goes to its line", `document.activeElement.textContent.trim() === "Low"`)
	root.Press("h")
	root.Wait("and to no other deed", `document.activeElement.textContent.trim() === "High" && location.pathname === "/tickets"`)
	root.Press("Enter")

	// The newest of two.
	root.See("#passing [data-undoing][data-newest]", "1 ticket now has the priority High")
	root.See("#undos [data-undo]:not([data-newest])")
	root.Press("z")
	root.See("#passing .toast", "1 ticket is as it was")
	root.Press("z")
	root.Wait("then the letter", `document.querySelector("#reply-text")?.value === "All of it."`)

	// A tag that is left.
	root.Press("Escape")
	root.Press("Escape")
	root.Press("t")
	root.Type("broken")
	root.See(".combobox-box ~ .listbox [role=option]", "Create “broken”")
	root.Press("Tab")
	root.See("#side .tag", "broken")

	// The last rows leave their list by a deed: the focus is in the list, not at the beginning of the page.
	root.Goto("/tickets?view=queues&q=priority:normal")
	root.See(".ticket-row")
	for range 3 {
		root.Press("j")
		root.Press("x")
	}
	root.Press("p")
	root.See("#m-bulk-priority:popover-open button", "Low")
	root.Wait("the menu has the focus", `document.activeElement.closest("#m-bulk-priority")`)
	root.Press("l")
	root.Press("Enter")
	root.Gone(".ticket-row")
	root.Wait("the focus is in the empty list", `document.activeElement.id === "main"`)
	root.passes(axe(t), "a list that a deed has emptied")

	// Twice before the answer.
	root.Goto("/tickets?view=queues")
	root.See(".ticket-row")
	const twice = `(() => { let n = 0; addEventListener("submit", e => { if (!e.defaultPrevented) n++; e.preventDefault(); });
		const next = document.querySelector("form[data-next]"); next.requestSubmit(); next.requestSubmit(); return n; })()`
	if n := Eval[int](root, twice); n != 1 {
		t.Errorf("two presses take %d tickets", n)
	}
}
