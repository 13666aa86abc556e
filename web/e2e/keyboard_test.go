package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// Everything by keys, never by mouse: signing in, through the list, a filter, several tickets at once, a card, a reply and its way back, the next
// ticket, the palette; and without single letters for who does not want them.
func TestKeyboard(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 3)
	ada := open(t, p.URL, "ada")
	ada.handsOff = true
	ada.Goto("/")
	if !Eval[bool](ada, `document.activeElement.id === "email"`) {
		ada.TabTo("#email")
	}
	ada.Type("ada@desk.test")
	ada.TabTo("#password")
	ada.Type(password)
	ada.Press("Enter")
	ada.Wait("three tickets", `document.querySelectorAll(".ticket-row").length === 3`)
	ada.throughTheList()
	ada.actsOnMany()
	ada.opensAndWrites()
	ada.takesTheNext()
	ada.jumps()
	ada.typesInPeace()
	ada.letsLettersGo()
}

// cursor waits until the cursor, and the focus with it, is on a row.
func (b *browser) cursor(row int) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("the cursor is on row %d", row), fmt.Sprintf(`[...document.querySelectorAll(".ticket-row")].findIndex(r => "cursor" in r.dataset && r.contains(document.activeElement)) === %d`, row))
}

func (b *browser) throughTheList() {
	b.t.Helper()
	for _, step := range []struct {
		key string
		row int
	}{{"j", 0}, {"j", 1}, {"j", 2}, {"j", 2}, {"k", 1}} {
		b.Press(step.key)
		b.cursor(step.row)
	}
	b.Shot("cursor")

	// A filter, picked and taken away.
	b.Press("f")
	b.See("#m-filter:popover-open a", "Status")
	b.goesThrough("#m-filter")
	b.Press("Enter")
	b.Wait("the first value has the focus", `document.activeElement.name === "value"`)
	b.Press("Space")
	b.Press("Enter")
	b.See(".chip", "Status", "is New")
	b.TabTo(".chip .off")
	b.Press("Enter")
	b.Gone(".chip")
	b.Wait("three tickets again", `document.querySelectorAll(".ticket-row").length === 3`)
}

func (b *browser) actsOnMany() {
	b.t.Helper()
	b.Press("j")
	b.cursor(0)
	b.Press("a") // nothing is selected: it is meant for the ticket under the cursor
	b.See(".selection .count", "1 selected")
	b.See("#m-bulk-assignee:popover-open button", "Ben Brook")
	b.Press("Escape")
	b.Gone("#m-bulk-assignee:popover-open")
	b.Press("Escape")
	b.Gone(".selection")
	b.Press("j")
	b.cursor(1)
	for _, key := range []string{"x", "j", "X"} {
		b.Press(key)
	}
	b.See(".selection .count", "2 selected")
	b.Press("a")
	b.See("#m-bulk-assignee:popover-open button", "Ben Brook")
	b.Wait("the menu has the focus", `document.activeElement.closest("#m-bulk-assignee")`) // it takes it a moment after it is seen
	b.TabTo("#m-bulk-assignee button:not([data-untag])")
	for !Eval[bool](b, `document.activeElement.textContent.includes("Ben Brook")`) {
		b.Press("ArrowDown")
	}
	b.Press("Enter")
	b.See("#passing .toast", "2 tickets assigned to Ben Brook")
	b.Press("z")
	b.See("#passing .toast", "2 tickets are as they were")
	b.Gone(".selection")
}

func (b *browser) opensAndWrites() {
	b.t.Helper()
	b.Press("j")
	b.Wait("a row has the cursor", `document.activeElement.matches(".ticket-row[data-cursor] a.subject")`)
	subject := b.Text(".ticket-row[data-cursor] a.subject")
	b.Press("Enter")
	b.See(".card h1")
	if h1 := b.Text(".card h1"); !strings.Contains(subject, h1) {
		b.t.Errorf("Enter opened %q, not %q", h1, subject)
	}

	// All keys, said by the desk itself; letters do nothing behind it.
	b.Press("?")
	b.See("#keys[open]", "Keyboard shortcuts", "Go to: Closed")
	b.passes(axe(b.t), "the help")
	b.Shot("keys")
	b.Press("r")
	b.Press("Escape")
	b.Gone("#keys[open]")
	b.Gone("#compose-reply textarea")

	b.Press("m")
	b.See("#m-ticket:popover-open")
	b.goesThrough("#m-ticket")
	b.Press("Escape")
	b.Gone("#m-ticket:popover-open")
	b.namesAnew()

	// In an open list letters choose.
	b.Press("a")
	b.Wait("the list of people is open", `document.querySelector("#d-assignee:open")`)
	for _, key := range []string{"b", "m"} {
		b.Press(key)
	}
	b.Wait("letters lead to a person", `document.querySelector("#d-assignee:open") && document.activeElement.textContent.includes("Ben Brook") && !document.querySelector("#m-ticket:popover-open")`)
	b.Press("Escape")
	b.Gone("#d-assignee:open")
	chosen := Eval[string](b, `document.activeElement.id + document.activeElement.value`)
	for _, letter := range []string{"b", "y"} { // a letter in a list that is shut changes nothing unseen
		b.Press(letter)
	}
	if got := Eval[string](b, `document.activeElement.id + document.activeElement.value`); !strings.HasPrefix(got, "d-assignee") || got != chosen {
		b.t.Errorf("letters turned %s into %s", chosen, got)
	}
	for _, key := range []string{"c", "n"} {
		b.Press(key)
		b.Wait("the comment has the focus", `document.activeElement.id === "comment-text"`)
		b.Press("Escape")
		b.Press("Escape")
		b.Gone("#compose-comment textarea")
	}
	b.Press("r")
	b.Wait("the reply has the focus", `document.activeElement.id === "reply-text"`)
	b.Type("jk?nz")
	if got := Eval[string](b, `document.activeElement.value`); strings.TrimSpace(got) != "jk?nz" {
		b.t.Errorf("letters in a field became %q", got)
	}
	b.TabTo("#reply-status")
	b.Press("Space")
	b.Wait("the list of states is open", `document.querySelector("#reply-status:open")`)
	b.Press("c")
	b.Wait("a letter leads to a state", `document.activeElement.textContent.includes("Closed")`)
	b.Press("Escape")
	b.Gone("#reply-status:open")
	b.See("#reply-text")
	b.TabTo("#reply-to", true)
	b.Press("Enter") // neither sends nor throws away
	if got := Eval[string](b, `document.querySelector("#reply-text").value`); strings.TrimSpace(got) != "jk?nz" {
		b.t.Errorf("Enter in the address left %q", got)
	}
	b.Press("Escape") // out of the field
	b.Wait("the field is left", `!document.activeElement.matches("input, textarea")`)
	b.Press("Escape") // out of the composer
	b.Gone("#compose-reply textarea")
	if n := b.Count("#talk .event[data-kind=out]"); n != 0 {
		b.t.Errorf("%d letters were sent by keys that send nothing", n)
	}

	// Sent, and called back.
	b.Press("r")
	b.Wait("the reply has the focus", `document.activeElement.id === "reply-text"`)
	b.Press("Control+Enter")
	b.See("#undos .toast", "Reply to")
	b.Wait("the focus is where the next answer begins", `document.activeElement.matches(".compose-shut [data-compose=reply]")`)
	b.Press("z")
	b.Gone("#undos .toast")
	b.See("#talk .event[data-kind=out]", "taken back, not sent")
	b.Wait("the text that came back has the focus", `document.activeElement.id === "reply-text"`)
	b.Press("Escape")
	b.Press("Escape")
	b.Gone("#compose-reply textarea")
}

// goesThrough walks an open menu with the arrow keys; the focus comes back to where it begins.
func (b *browser) goesThrough(menu string) {
	b.t.Helper()
	at := func(which string) string {
		return fmt.Sprintf(`(all => document.activeElement === all.at(%s))([...document.querySelectorAll(%s)].filter(e => e.checkVisibility()))`, which, quote(menu+" :is(a, button, input)"))
	}
	for _, step := range []struct{ key, to string }{{"ArrowDown", "1"}, {"End", "-1"}, {"ArrowDown", "0"}, {"End", "-1"}, {"Home", "0"}} {
		b.Press(step.key)
		b.Wait(fmt.Sprintf("%s leads to %s of %s", step.key, step.to, menu), at(step.to))
	}
}

// namesAnew changes the subject: the editor shuts, the tab has the new name, and letters are keys again.
func (b *browser) namesAnew() {
	b.t.Helper()
	name := b.Text(".card h1") + " anew"
	b.TabTo(".subject-edit summary")
	b.Press("Enter")
	b.Wait("the subject has the focus", `document.activeElement.id === "subject"`)
	b.Type(name)
	b.Press("Enter")
	b.See(".card h1", name)
	b.Wait("the editor is shut", `!document.querySelector(".subject-edit").open && document.activeElement.matches(".subject-edit summary")`)
	b.Wait("the tab has its name", `/^(\(\d+\) )?#\d+ /.test(document.title) && document.title.endsWith(`+quote(name+" · Frontdesk")+`)`)
}

func (b *browser) takesTheNext() {
	b.t.Helper()
	b.Goto("/tickets")
	b.See(".ticket-row")
	// Handle next gives out what is free, one by one, and says when nothing is left.
	for range 3 {
		before := b.Path()
		b.Press("h")
		b.Wait("another ticket is open", fmt.Sprintf(`document.readyState === "complete" && location.pathname + location.search !== %q && document.querySelector(".card") !== null`, before))
		b.See(".toasts", "The ticket is yours")
	}
	b.Press("h")
	b.See("#main", "No free ticket is left")
	b.See("#main .mini-tickets", "Question 1")
	b.passes(axe(b.t), "nothing next")
	b.Shot("nothing-next")
}

// jumps goes to views by two letters, the second soon after the first, and by the palette, in which letters are only letters.
func (b *browser) jumps() {
	b.t.Helper()
	b.Press("g", "a")
	b.See(".bar h1", "All tickets")
	b.Press("g", "d")
	b.See(".bar h1", "Undelivered")
	b.Press("Control+k")
	b.See("#palette[open]")
	for _, key := range strings.Split("closed", "") {
		b.Press(key)
	}
	b.See("#palette-list [aria-selected=true]", "Closed")
	b.passes(axe(b.t), "the palette")
	b.Press("Enter")
	b.See(".bar h1", "Closed")
	b.Press("g", "m")
	b.See(".bar h1", "Mine")
	b.Press("j")
	b.cursor(0)
	b.Press("r") // from the list to the answer
	b.Wait("a reply is open", `document.activeElement.id === "reply-text"`)
	b.Press("Escape")
	b.Press("Escape")
	b.Press("Escape")
	b.See("#list")
	b.See(".bar h1", "Mine")
}

// typesInPeace proves that nothing fires while somebody writes, whatever the keyboard.
func (b *browser) typesInPeace() {
	b.t.Helper()
	b.Goto("/tickets?view=all")
	b.See(".ticket-row")
	b.attend()
	moved := `document.querySelectorAll(".ticket-row[data-cursor], .ticket-row[aria-selected=true], dialog[open], [popover]:popover-open").length`
	said := Eval[string](b, `(() => {
		const press = (el, init) => el.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...init}));
		const note = document.createElement("div");
		note.contentEditable = "true";
		note.innerHTML = "<p><b>x</b></p>";
		const box = Object.assign(document.createElement("div"), {tabIndex: 0});
		box.setAttribute("role", "textbox");
		document.querySelector("main").append(note, box);
		const out = [];
		for (const key of ["j", "x", "h", "f", "?", "z", "c"]) {
			press(note, {key});
			press(note.querySelector("b"), {key});
			press(box, {key});
			press(document.getElementById("filter-q"), {key});
			press(document.body, {key, isComposing: true});
			press(document.body, {key, keyCode: 229});
			press(document.body, {key, ctrlKey: true});
			press(document.body, {key, altKey: true});
			if (`+moved+`) out.push(key);
		}
		note.remove();
		box.remove();
		press(document.body, {key: "x", repeat: true});
		if (`+moved+`) out.push("a held x");
		press(document.body, {key: "J"});
		if (!document.querySelector(".ticket-row[data-cursor]")) out.push("no j with Caps Lock");
		press(document.body, {key: "/", shiftKey: true});
		if (document.activeElement.id !== "filter-q") out.push("no / with Shift");
		document.activeElement.blur();
		press(document.body, {key: "?", shiftKey: true});
		if (!document.querySelector("#keys[open]")) out.push("no ?");
		document.getElementById("keys").close();
		return out.join(", ");
	})()`)
	if said != "" {
		b.t.Errorf("keys that did what they should not, or not what they should: %s", said)
	}
}

// letsLettersGo switches single letters off and on again (WCAG 2.1.4); off, none does anything, after a reload neither, while other keys still work.
func (b *browser) letsLettersGo() {
	b.t.Helper()
	b.Goto("/tickets?view=all")
	b.See(".ticket-row")
	b.TabTo("button.me")
	b.Press("Enter")
	b.See("#m-me:popover-open")
	b.TabTo("#m-me button[name=keys]")
	b.Press("Enter")
	b.Wait("letters are off", `document.documentElement.dataset.keys === "off"`)
	b.Reload()
	b.Wait("they stay off", `document.documentElement.dataset.keys === "off"`)
	path := b.Path()
	for _, key := range strings.Split("jkxXasqptmrcnehzf/?ga", "") {
		b.Press(key)
	}
	if n := Eval[int](b, `document.querySelectorAll(".ticket-row[data-cursor], .ticket-row[aria-selected=true], dialog[open], [popover]:popover-open").length`); n != 0 || b.Path() != path || Eval[bool](b, `document.activeElement.matches("input")`) {
		b.t.Error("a letter does something although letters are off")
	}
	b.Press("Control+k")
	b.See("#palette[open]")
	b.Type(">letter")
	b.See("#palette-list [aria-selected=true]", "Single-letter shortcuts")
	b.Press("Enter")
	b.Wait("letters are on", `document.documentElement.dataset.keys !== "off"`)
	b.Press("j")
	b.cursor(0)
}

// The cursor is never hidden behind the head of the columns or the bar of what is selected, however low the window; shutting the bar gives the focus back to the row. What
// selects a ticket is large enough to be hit, beside others too, and its number stays whole where a reader spaces letters out (WCAG 2.4.11, 2.4.3,
// 2.5.8, 1.4.12).
func TestARowIsSeenHitAndRead(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 12)
	ada := open(t, p.URL, "ada")
	ada.signIn("ada@desk.test", password)
	ada.again(".ticket-row a.subject", "Question 12")
	ada.Size(1280, 420)
	ada.Press("j")
	ada.Press("x")
	ada.See(".selection .count", "1 selected")
	for row := 1; row < 12; row++ {
		ada.Press("j")
		ada.cursor(row)
		if low := Eval[float64](ada, `document.querySelector(".ticket-row[data-cursor]").getBoundingClientRect().bottom - document.querySelector(".selection").getBoundingClientRect().top`); low > 0 {
			t.Errorf("row %d has the cursor and lies %.0f px behind the bar", row, low)
		}
	}
	for row := 10; row >= 0; row-- {
		ada.Press("k")
		ada.cursor(row)
		if high := Eval[float64](ada, `document.querySelector(".tickets thead th").getBoundingClientRect().bottom - document.querySelector(".ticket-row[data-cursor]").getBoundingClientRect().top`); high > 0 {
			t.Errorf("row %d has the cursor and lies %.0f px behind the head of the columns", row, high)
		}
	}
	ada.TabTo(".selection [data-unpick]")
	ada.Press("Enter")
	ada.Gone(".selection")
	ada.cursor(11) // which the Tab key came by last

	const small = `[...document.querySelectorAll(".ticket-row label")].map(l => l.getBoundingClientRect()).filter(r => r.width < 24 || r.height < 24).length`
	if n := Eval[int](ada, small); n > 0 {
		t.Errorf("%d boxes are smaller than 24 px", n)
	}
	const spaced = `(() => {
		const css = new CSSStyleSheet();
		css.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }");
		document.adoptedStyleSheets.push(css);
		return [...document.querySelectorAll("td[data-col=number]")].filter(td => getComputedStyle(td).overflow !== "visible" && td.scrollWidth > td.clientWidth).length;
	})()`
	if n := Eval[int](ada, spaced); n > 0 {
		t.Errorf("%d numbers are cut when letters are spaced out", n)
	}
	ada.Size(1280, 800)
	ada.Press("v")
	ada.See("#preview")
	if n := Eval[int](ada, small); n > 0 {
		t.Errorf("beside a ticket %d boxes are smaller than 24 px", n)
	}
	ada.passes(axe(t), "the list on a short window")
}

// Within a letter, which is a frame, the keys do what they do beside it, and it is seen that the focus is there when the Tab key led to it.
func TestKeysWorkWithinALetter(t *testing.T) {
	journey(t)
	s := furnish(t)
	s.drop(letter{From: "Alice <alice@customer.test>", Subject: "In colours", Type: "text/html", Text: "<p>The order is <b>L-4711</b>.</p>"})
	p := s.serve()
	ada := open(t, p.URL, "ada")
	ada.signIn("ada@desk.test", password)
	ada.again(".ticket-row a.subject", "In colours")
	ada.Click(".ticket-row a.subject", "In colours")
	ada.See("iframe.letter[data-fit]")
	ada.Click("iframe.letter")
	ada.Wait("the letter has the focus, and nothing is drawn around it", `document.activeElement.matches("iframe.letter:not([data-entered])")`)
	ada.Press("r")
	ada.Wait("the reply is being written", `document.activeElement.id === "reply-text"`)
	ada.Press("Escape")
	ada.Press("Escape")
	ada.TabTo("iframe.letter", true)
	ada.Wait("the letter is ringed", `getComputedStyle(document.activeElement).outlineStyle === "solid"`)
	ada.Press("Control+k")
	ada.See("#palette[open]")
	ada.passes(axe(t), "a card with an HTML mail")
}
