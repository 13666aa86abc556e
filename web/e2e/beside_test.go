package e2e

import (
	"fmt"
	"strings"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// beside reads tickets beside the list, by keys; a letter is answered on the card, which leads back to where one was.
func beside(root *browser, s *stage) {
	t := root.t
	t.Helper()
	root.Goto("/tickets?view=queues")
	root.Press("v")
	root.See("#preview", "No ticket chosen")
	root.Away()
	root.Press("j")
	root.Press("j")
	row := `document.querySelectorAll(".ticket-row")[1]`
	root.Wait("the second ticket is shown", `document.querySelector("#preview").dataset.ticket === `+row+`.id.slice(1) && location.search.endsWith("open=" + `+row+`.id.slice(1))`)
	root.Wait("the focus stays in the list", `document.activeElement.closest(".ticket-row") === `+row)
	root.Wait("each fact says to the ear what it is of", `/Status:.*Priority:.*Queue:.*Assignee:.*Customer:/s.test(document.querySelector(".preview-facts").textContent)`)
	root.Wait("after a second it is read", `!("unread" in `+row+`.dataset)`)
	root.passes(axe(t), "a ticket beside the list")
	root.Shot("split")

	// What others do is told and moves nothing.
	s.drop(letter{From: "Klient 9 <bob@customer.test>", Subject: "Latest question", Text: "The last one."})
	root.See("#list-fresh", "1 new message. Show")
	root.Wait("the rows stand still", `document.querySelectorAll(".ticket-row").length === 6 && document.activeElement.closest(".ticket-row") === `+row)
	root.Press("j")
	root.Wait("who reads on sees what they have read", `!("unread" in document.querySelectorAll(".ticket-row")[2].dataset)`)
	root.See("#list-fresh", "1 new message. Show")

	root.Press("r")
	root.Wait("the reply has the focus", `document.activeElement.id === "reply-text"`)
	id := Eval[string](root, `document.querySelector(".card").dataset.ticket`)
	for range 3 { // out of the field, the composer, the card
		root.Press("Escape")
	}
	root.Wait("the list is back, with the ticket beside it", `document.querySelector("#preview")?.dataset.ticket === `+quote(id)+` && document.activeElement.closest(".ticket-row")?.id === "t" + `+quote(id))
	root.Wait("the new one is there", `document.querySelectorAll(".ticket-row").length === 7`)
	root.Click(".ticket-row a.subject", "Latest question")
	root.See("#preview h2", "Latest question")
	root.Press("Escape")
	root.See("#preview", "No ticket chosen")
	if to := root.Path(); strings.Contains(to, "open=") {
		t.Errorf("nothing is shown, and the address is %s", to)
	}
	root.Press("v")
	root.Gone("#preview")
	root.See("th[data-col=changed]")
}

// further scrolls a long list, whose next page comes by itself; the way to a card, on to its neighbour and back keeps the place, and so does a reload.
func further(root *browser, s *stage) {
	t := root.t
	t.Helper()
	db := pgtest.Open(t, s.db, nil)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		_, err := pg.Exec(t.Context(), tx, `
			INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
			SELECT 'Old ' || n, queue_id, status_id, kind, priority_id, created_at - n * interval '1 hour', changed_at - n * interval '1 hour'
			FROM generate_series(1, 235) n, (SELECT * FROM ticket ORDER BY id LIMIT 1) t`)
		if err != nil {
			t.Fatal(err)
		}
	})
	root.keepsTheCursor()
	root.Goto("/tickets?view=queues&order=created")
	root.attend()
	down := func(rows int, last string) {
		t.Helper()
		root.Wait("the list goes on", `((p) => { p.scrollTop = p.scrollHeight; return document.querySelectorAll(".ticket-row").length === `+fmt.Sprint(rows)+`})(document.querySelector("#list .scroll"))`)
		root.See(".ticket-row a.subject", last)
	}
	down(100, "Old 93")
	down(150, "Old 143")
	root.Wait("no more than three pages stand here", `((p) => { p.scrollTop = p.scrollHeight; return document.querySelector(".ticket-row:last-child a.subject").textContent.trim() === "Old 235"})(document.querySelector("#list .scroll"))`)
	root.Wait("150 rows", `document.querySelectorAll(".ticket-row").length === 150 && document.querySelectorAll(".ticket-row[id]").length === new Set([...document.querySelectorAll(".ticket-row")].map(r => r.id)).size`)
	root.Wait("the address follows", `location.search.startsWith("?view=queues&order=created&start=")`)
	top := `Math.round([...document.querySelectorAll(".ticket-row")].find(r => r.textContent.includes("Old 225"))?.getBoundingClientRect().top ?? -1)`
	was := Eval[int](root, top)
	root.Click(".ticket-row a.subject", "Old 225")
	root.See(".card h1", "Old 225")
	root.Press("j")
	root.See(".card h1", "Old 226")
	root.Press("k")
	root.See(".card h1", "Old 225")
	root.Press("Escape")
	same := fmt.Sprintf(`Math.abs(%s - %d) <= 2`, top, was)
	root.Wait("the row is where it was, under the cursor", same+` && document.activeElement.textContent.includes("Old 225")`)
	root.Reload()
	root.Wait("so it is after a reload", same)
	root.enlarged()
}

// enlarged is the same list at 400 %: what floats over the rows elsewhere stands above them, and the page scrolls as the list did.
func (b *browser) enlarged() {
	b.t.Helper()
	b.Size(320, 256)
	b.Goto("/tickets?view=queues&order=created")
	b.Wait("nothing lies over the rows", `[...document.querySelectorAll(".next, .chip-add")].every(e => getComputedStyle(e).position === "static")`)
	b.attend()
	b.Wait("the list goes on to its end", `((p) => { p.scrollTop = p.scrollHeight; return document.querySelector(".ticket-row:last-child a.subject").textContent.trim() === "Old 235" && p.scrollTop + innerHeight > p.scrollHeight - 2})(document.scrollingElement)`)
	b.Wait("the address follows", `location.search.startsWith("?view=queues&order=created&start=")`)
	top := `Math.round(document.querySelector(".ticket-row:last-child").getBoundingClientRect().top)`
	was := Eval[int](b, top)
	b.Click(".ticket-row a.subject", "Old 235")
	b.See(".card h1", "Old 235")
	b.Wait("every control is on the screen", `[...document.querySelectorAll("#card-bar :is(a, button)")].every(e => !e.checkVisibility() || e.getBoundingClientRect().right <= innerWidth)`)
	b.Press("Escape")
	b.Wait("the row is where it was", fmt.Sprintf(`Math.abs(%s - %d) <= 2 && document.activeElement.textContent.includes("Old 235")`, top, was))
}

// keepsTheCursor does deeds from the list: the cursor, and the focus with it, stays on the ticket, and goes to what took its place when it has left.
func (b *browser) keepsTheCursor() {
	b.t.Helper()
	b.Goto("/tickets?view=queues&order=changed")
	for range 5 {
		b.Press("j")
	}
	b.cursor(4)
	b.Press("p")
	b.See("#m-bulk-priority:popover-open")
	b.Press("Enter")
	b.See("#passing .toast", "1 ticket")
	b.cursor(5) // its ticket is the first now

	b.Goto("/tickets?view=queues&order=created")
	for range 8 {
		b.Press("j")
	}
	b.cursor(7)
	b.Press("p")
	b.See("#m-bulk-priority:popover-open")
	b.Press("End")
	b.Press("Enter")
	b.See("#passing .toast", "1 ticket")
	b.Gone(".selection")
	b.cursor(7)
	b.Press("j")
	b.cursor(8)
	next := Eval[string](b, `document.querySelectorAll(".ticket-row")[9].id`)
	b.Press("s")
	b.See("#m-bulk-status:popover-open button", "Closed")
	for !Eval[bool](b, `document.activeElement.textContent.includes("Closed")`) {
		b.Press("ArrowDown")
	}
	b.Press("Enter")
	b.See("#passing .toast", "1 ticket set to Closed")
	b.cursor(8)
	b.Wait("the cursor is on what came next", `document.querySelector(".ticket-row[data-cursor]").id === `+quote(next))
	b.Press("z")
	b.See("#passing .toast", "1 ticket is as it was")
	b.Wait("it is on the list again", `document.querySelectorAll(".ticket-row")[9].id === `+quote(next))
	b.Wait("what is undone is offered no more", `![...document.querySelectorAll("[data-undoing]")].some(f => f.textContent.includes("Closed"))`)
}

// answersAFind goes from a search to an answer, on the card at the message that was found.
func (b *browser) answersAFind() {
	b.t.Helper()
	b.Goto("/tickets?view=queues&q=%22this+is+question%22")
	b.again(".ticket-row .hit", "This is question")
	b.Press("j")
	b.Wait("the cursor is on a find", `document.activeElement.matches(".ticket-row[data-cursor] a.subject") && /#m\d+$/.test(document.activeElement.href)`)
	b.Press("r")
	b.Wait("the reply has the focus, once all is there", `document.readyState === "complete" && document.activeElement.id === "reply-text"`)
	for _, key := range []string{"j", "x"} {
		b.Press(key)
	}
	if got := Eval[string](b, `document.querySelector("#reply-text").value`); !strings.HasPrefix(got, "jx") && !strings.HasSuffix(got, "jx") {
		b.t.Errorf("what is typed became %q", got)
	}
	b.Click("#compose-reply [data-discard]")
	b.Gone("#reply-text")
}
