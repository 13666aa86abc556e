package e2e

import (
	"testing"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// While somebody is at a list, nothing of it moves: a row that a colleague has settled stays and says so, and what is new is counted, whichever
// columns there are. The keyboard stays where it was used.
func TestAListTellsWhatHappensWhereOneIs(t *testing.T) {
	journey(t)
	s := furnish(t)
	first := s.drop(letter{From: "Alice <alice@customer.test>", Subject: "Question 1", Text: "One."})
	p := s.serve()
	ada := open(t, p.URL, "ada")
	ada.signIn("ada@desk.test", password)
	ada.again(".ticket-row a.subject", "Question 1")
	for _, subject := range []string{"Question 2", "Question 3"} {
		s.drop(letter{From: "Bob <bob@customer.test>", Subject: subject, Text: "More."})
		ada.again(".ticket-row a.subject", subject)
	}
	db := pgtest.Open(t, s.db, nil)
	do := func(sql string) {
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			id, err := pg.One[int64](t.Context(), tx, sql)
			if err != nil {
				t.Fatal(err)
			}
			event.Ring(tx, event.TicketKey(id))
		})
	}
	do(`UPDATE agent SET list_columns = '{number,subject,customer,status}' WHERE email = 'ada@desk.test' RETURNING id`)

	ada.Goto("/tickets?view=queues&q=is:open")
	ada.Away()
	ada.Press("j")
	do(`UPDATE ticket SET (kind, status_id) = (SELECT kind, id FROM status WHERE key = 'closed') WHERE subject = 'Question 2' RETURNING id`)
	ada.See(".ticket-row[data-left] a.subject", "No longer in this list: Question 2")
	ada.Wait("no row has moved", `[...document.querySelectorAll(".ticket-row a.subject")].map((a) => a.textContent.trim().slice(-10)).join() === "Question 3,Question 2,Question 1"`)
	ada.passes(axe(t), "a list with a row that has left it")
	for _, theme := range []string{"light", "dark"} {
		ada.Theme(theme)
		ada.Shot("left-" + theme)
	}
	s.drop(letter{From: "Alice <alice@customer.test>", Subject: "Re: Question 1", Text: "Are you there?", Answers: first})
	ada.See("#list-fresh", "1 new message. Show")
	ada.Phone()
	ada.See(".ticket-row[data-left]")
	ada.Shot("left-phone")
	ada.touch = false
	ada.Size(1440, 900)
	do(`UPDATE ticket SET (kind, status_id) = (SELECT kind, id FROM status WHERE key = 'new') WHERE subject = 'Question 2' RETURNING id`)
	ada.Gone(".ticket-row[data-left]")
	ada.Click("#list-fresh")
	ada.Wait("the newest message stands first", `document.querySelector(".ticket-row a.subject").textContent.includes("Question 1")`)

	// In another window the language was changed: this page stays in its own, up to the next one.
	do(`UPDATE agent SET language = 'de' WHERE email = 'ada@desk.test' RETURNING id`)
	do(`UPDATE ticket SET subject = 'Question 4' WHERE subject = 'Question 3' RETURNING id`)
	ada.See(".ticket-row a.subject", "Question 4")
	ada.See(".ticket-row .status", "New")
	ada.See("#counters", "All")
	do(`UPDATE agent SET language = 'en' WHERE email = 'ada@desk.test' RETURNING id`)

	// The focus.
	ada.Goto("/tickets?view=queues&q=is:open+-tag:none")
	ada.TabTo("#chip-off-0")
	ada.Press("Enter")
	ada.Wait("the next filter has the focus", `document.querySelectorAll(".chip").length === 1 && document.activeElement.id === "chip-off-0"`)
	ada.Press("Enter")
	ada.Wait("the way to add one has it", `document.querySelectorAll(".chip").length === 0 && document.activeElement.matches(".chip-add")`)
	ada.TabTo("[data-layout] button", true)
	for _, pressed := range []string{"true", "false"} {
		ada.Press("Enter")
		ada.Wait("the button has the focus", `document.activeElement.matches("[data-layout] button[aria-pressed=`+pressed+`]")`)
	}

	// What is written after the session has ended is not kept: the form says why.
	ada.awaits("401 (Unauthorized)")
	ada.Click(".ticket-row a.subject", "Question 1")
	ada.See("#talk .event")
	ada.signOutBeside()
	ada.Press("c")
	ada.Fill("#comment-text", "What I wrote since.")
	ada.See("#compose-comment .composer-state", "Your session has ended")
}
