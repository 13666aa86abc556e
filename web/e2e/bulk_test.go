package e2e

import (
	"fmt"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// Several tickets at once, by mouse and by keys; what was done is taken back; two who look at the list lose neither place nor selection.
func TestManyTicketsAtOnce(t *testing.T) {
	journey(t)
	s, p := furnishWith(t, 5)
	root, ben := open(t, p.URL, "root"), open(t, p.URL, "ben")
	root.signIn("root@desk.test", password)
	root.again(".ticket-row a.subject", "Question 5")
	root.Away()
	root.Wait("five tickets", `document.querySelectorAll(".ticket-row").length === 5`)
	ben.signIn("ben@desk.test", password)

	// By keys: one, then a range; a menu; a person; undo.
	for _, key := range []string{"j", "x", "j", "j", "X"} {
		root.Press(key)
	}
	root.See(".selection .count", "3 selected")
	root.Wait("three rows are selected", `document.querySelectorAll(".ticket-row[aria-selected=true]").length === 3`)
	root.passes(axe(t), "the selection")
	root.Press("a")
	root.See("#m-bulk-assignee:popover-open button", "Ben Brook")
	root.passes(axe(t), "the menu of people")
	root.Shot("assign")
	root.Click("#m-bulk-assignee button", "Ben Brook")
	root.See("#passing .toast", "3 tickets assigned to Ben Brook")
	root.Gone(".selection")
	root.Wait("Ben has three", `[...document.querySelectorAll(".ticket-row")].filter(r => r.textContent.includes("Ben Brook")).length === 3`)
	ben.Wait("Ben sees them", `[...document.querySelectorAll(".ticket-row")].filter(r => r.textContent.includes("Ben Brook")).length === 3`)
	root.Press("z")
	root.See("#passing .toast", "3 tickets are as they were")
	root.Wait("nobody has them", `![...document.querySelectorAll(".ticket-row")].some(r => r.textContent.includes("Ben Brook"))`)

	// A refresh keeps what is selected.
	root.Click(".ticket-row:nth-child(2) .pick")
	root.See(".selection .count", "1 selected")
	id := Eval[string](root, `document.querySelector(".ticket-row[aria-selected=true]").id`)
	s.drop(letter{From: "Klient 9 <bob@customer.test>", Subject: "Late question", Text: "One more."})
	root.See("#list-fresh, .ticket-row a.subject", "1 new message", "Show")
	root.Wait("it is still selected", fmt.Sprintf(`document.getElementById(%q)?.getAttribute("aria-selected") === "true"`, id))
	root.Press("Escape")
	root.Gone(".selection")

	// The page, tags, a status; without the letters one may click as well.
	root.Click("[data-pick-page]")
	root.Press("t")
	root.Wait("the field has the focus", `document.activeElement.id === "bulk-add"`)
	root.Type("damaged")
	root.See("#bulk-add-l [role=option]", "Create “damaged”")
	root.Press("Enter")
	root.See("#m-bulk-tags .tag", "damaged")
	root.Click("#m-bulk-tags button", "Apply")
	root.See("#passing .toast", "Tags of", "changed")
	root.Wait("the five have the tag", `[...document.querySelectorAll(".ticket-row")].filter(r => r.querySelector(".tag")?.textContent.trim() === "damaged").length >= 5`)
	narrowed(root, s)
	root.asksOnce()
	beside(root, s)
	root.answersAFind()
	further(root, s)
}

// narrowed finds what is chosen by typing, without the accents of its name: in a filter's list, and in a menu of the bar.
func narrowed(root *browser, s *stage) {
	t := root.t
	t.Helper()
	pgtest.Tx(t, pgtest.Open(t, s.db, nil), func(tx *pg.Tx) {
		_, err := pg.Exec(t.Context(), tx, `INSERT INTO category (name) SELECT unnest(ARRAY['Günther', 'Łódź']) UNION ALL SELECT 'Hall ' || n FROM generate_series(1, 10) n`)
		if err != nil {
			t.Fatal(err)
		}
	})
	leaves := func(menu, typed, name string) {
		t.Helper()
		root.Fill(menu+" [data-narrow]", typed)
		root.Wait(typed+" leaves "+name, find(menu+" .menu-item")+`.map(e => e.textContent.trim()).join() === `+quote(name))
	}
	root.Goto("/tickets?view=queues")
	root.Press("f")
	root.Click("#m-filter a", "Category")
	leaves("#picker", "gunther", "Günther")
	root.Press("Enter")
	leaves("#picker", "lodz", "Łódź")
	root.Click("#picker label", "Łódź")
	leaves("#picker", "gunther", "Günther,Łódź") // what is chosen stays
	root.Press("Escape")
	root.Gone("#picker form")

	root.Click(".ticket-row .pick")
	root.Click(".selection [data-act=more]")
	root.Click("#m-bulk-more [data-act=category]")
	root.Wait("the field has the focus", `document.activeElement.matches("#m-bulk-category [data-narrow]")`)
	leaves("#m-bulk-category", "lodz", "Łódź")
	leaves("#m-bulk-category", "GUNTHER", "Günther")
	root.passes(axe(t), "a menu narrowed by typing")
	root.Click("#m-bulk-category button", "Günther")
	root.See("#passing .toast", "1 ticket", "Günther")
}

// On the card: a tag, a category, a star; postponed and back; deleted and taken back.
func TestDeedsOfTheCard(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 1)
	root := open(t, p.URL, "root")
	root.signIn("root@desk.test", password)
	root.again(".ticket-row a.subject", "Question 1")
	root.Click(".ticket-row a.subject", "Question 1")
	root.See(".card h1")
	root.Press("t")
	root.Wait("the tags have the focus", `document.activeElement.id === "d-tags"`)
	root.Type("vip")
	root.See("#d-tags-l [role=option]", "Create “vip”")
	root.passes(axe(t), "the tag picker")
	root.Press("Enter")
	root.See("#side .tag", "vip")
	root.Wait("nothing more is offered", `document.getElementById("d-tags-l").hidden`)
	root.Press("Escape")
	root.See("#talk .event", "Tag vip added")

	// A change that does not reach the server is not shown as done.
	root.awaits("htmx:error")
	root.cutOff()
	root.Choose("#d-status", "In progress")
	root.See("#passing .toast", "Not changed")
	root.Wait("the status is as it was", chosen("d-status", "New"))
	root.joined()

	root.Click("#card-bar button", "Star")
	root.See("#card-bar button[aria-pressed=true]", "Starred")
	root.Click("#card-bar button", "Observe")
	root.See("#card-bar button[aria-pressed=true]", "Observed")

	root.Click("[popovertarget=m-ticket]")
	root.See("#m-ticket", "Tomorrow morning")
	root.passes(axe(t), "the menu of the card")
	root.Shot("menu")
	root.Click("#m-ticket button", "Tomorrow morning")
	root.See("#talk .event", "postponed this ticket until")
	root.Wait("it is postponed", chosen("d-status", "Postponed"))
	root.See("#passing .toast", "Postponed")
	root.Press("z")
	root.Wait("it is back", chosen("d-status", "New"))

	// A colleague who has it open is told.
	ben := open(t, p.URL, "ben")
	ben.signIn("ben@desk.test", password)
	ben.Click(".ticket-row a.subject", "Question 1")
	ben.See(".card h1")

	// Whose change is refused is told so, whatever rings meanwhile.
	ben.awaits("409 (Conflict)")
	ben.Wait("the details save themselves", `document.getElementById("d-status").form.matches("[data-htmx-powered]")`)
	Eval[bool](ben, `(() => {
		const status = document.getElementById("d-status");
		status.form.elements.status_was.value = "999";
		status.value = [...status.options].find((o) => o.textContent.includes("In progress")).value;
		return status.dispatchEvent(new Event("change", { bubbles: true }));
	})()`)
	ben.See("#passing .toast[data-kind=bad]", "Somebody else changed this meanwhile")
	root.Choose("#d-priority", "High")
	ben.Wait("the priority is High", chosen("d-priority", "High"))
	ben.See("#passing .toast[data-kind=bad]", "Somebody else changed this meanwhile")
	ben.awaits("404")
	root.Click("[popovertarget=m-ticket]")
	root.Click("#m-ticket button", "Delete ticket")
	ben.See("#passing .toast", "no longer here")
	root.See("#list")
	root.See("#passing .toast", "deleted")
	root.Wait("it is on no list", `document.querySelectorAll(".ticket-row").length === 0`)
	root.Shot("deleted")
	root.Press("z")
	root.See(".card h1", "Question 1")
	root.See("#talk .event", "took the deletion back")

	// Enlarged, the window has little room; it does not scroll for all that.
	card := root.Path()
	root.Sized(720, 360)
	root.Goto(card)
	root.See(".card h1", "Question 1")
	root.Wait("the page is as high as the window", `document.documentElement.scrollHeight === innerHeight && scrollY === 0`)
}

// cutOff lets no question of the page's own reach the server, and counts them; joined ends that.
func (b *browser) cutOff() {
	b.t.Helper()
	Eval[bool](b, `(() => { window.reaches = window.fetch; window.asked = 0; window.fetch = () => { window.asked++; return Promise.reject(new TypeError("cut off")); }; return true; })()`)
}

func (b *browser) joined() { b.t.Helper(); Eval[bool](b, `(window.fetch = window.reaches) !== null`) }

// asksOnce picks a ticket whose menus cannot be had: the agent is told, and they are asked for again with the next one that is picked.
func (b *browser) asksOnce() {
	b.t.Helper()
	b.Goto("/tickets?view=queues")
	b.attend()
	b.cutOff()
	b.Click(".ticket-row:nth-child(1) .pick")
	b.See("#passing .toast", "The server does not answer")
	if n := Eval[int](b, `new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(window.asked))))`); n > 3 {
		b.t.Errorf("the page asked %d times", n)
	}
	b.joined()
	b.Click(".ticket-row:nth-child(2) .pick")
	b.Wait("the menus are there", `document.querySelector("#m-bulk-status")`)
}

// Without JavaScript: boxes, a page of forms, the result, undo.
func TestManyTicketsWithoutJavaScript(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 2)
	ada := open(t, p.URL, "ada")
	ada.NoScripts()
	ada.signIn("ada@desk.test", password)
	ada.again(".ticket-row a.subject", "Question 2")
	ada.again(".ticket-row a.subject", "Question 1")
	ada.Size(390, 844)
	ada.Wait("nothing lies over 'Handle next'", `((e, r = e.getBoundingClientRect()) => e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)))(document.querySelector(".next .button"))`)
	ada.Size(1440, 900)
	ada.Click(".ticket-row .pick")
	ada.Click("button", "Act on the selected tickets")
	ada.See(".bar-note", "1 selected")
	ada.passes(axe(t), "deeds to many without scripts")
	ada.Choose("#p-status", "In progress")
	ada.Click("button[value=status]")
	ada.See(".toast", "1 ticket set to In progress")
	ada.Click(".toast button", "Undo")
	ada.See(".toast", "1 ticket is as it was")
}
