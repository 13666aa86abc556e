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
	root.Wait("after a second it is read", `!("unread" in `+row+`.dataset)`)
	root.passes(axe(t), "a ticket beside the list")
	root.Shot("split")

	// What others do is told and moves nothing.
	s.drop(letter{From: "Klient 9 <bob@customer.test>", Subject: "Latest question", Text: "The last one."})
	root.See("#list-fresh", "1 new message. Show")
	root.Wait("the rows stand still", `document.querySelectorAll(".ticket-row").length === 6 && document.activeElement.closest(".ticket-row") === `+row)

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
}
