package e2e

import (
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// What people call things may be long, without a space, or run from right to left: all of it can be read, nothing lies outside its place, and what
// a list has no room for is told by the tooltip.
func TestLongNamesAreReadWhole(t *testing.T) {
	journey(t)
	s := furnish(t)
	name, subject := strings.Repeat("Hohenlohe", 9), strings.Repeat("Reklamation", 16)
	s.drop(letter{From: name + " <alice@customer.test>", Subject: subject, Text: "مرحبا"})
	p := s.serve()
	ada := open(t, p.URL, "ada")
	ada.signIn("ada@desk.test", password)
	ada.See(".ticket-row a.subject", subject)
	pgtest.Tx(t, pgtest.Open(t, s.db, nil), func(tx *pg.Tx) {
		for _, do := range []string{
			`INSERT INTO tag (name, created_at) VALUES (repeat('schaden-', 6), now())`,
			`INSERT INTO category (name) VALUES ('Versand und Zustellung außerhalb der Europäischen Union')`,
			`INSERT INTO category (parent_id, name) SELECT id, 'Zollinhaltserklärung und Nachbearbeitung' FROM category`,
			`INSERT INTO status (kind, name, parent_id) SELECT 'waiting', 'Wartet auf Rückmeldung des Speditionspartners', id FROM status WHERE key = 'waiting'`,
			`INSERT INTO saved_view (agent_id, name, base, query, ordered, changed_at) SELECT id, 'Refunds of Monday', 'all', 'is:open', 'changed', now() FROM agent`,
			`UPDATE ticket SET kind = 'waiting', status_id = (SELECT max(id) FROM status), category_id = (SELECT max(id) FROM category), tag_ids = (SELECT array_agg(id) FROM tag),
				assignee_id = (SELECT min(id) FROM agent)`,
			`INSERT INTO message_file (message_id, blob_id, name, type, size, position, found)
				SELECT m.id, b.id, repeat('rechnung', 1 + 5 * n) || '.exe', 'application/octet-stream', 1, n, 'Win.Trojan.' || repeat('Agent-', 12) FROM message m, (SELECT min(id) AS id FROM blob) b, generate_series(0, 1) n`,
		} {
			if _, err := pg.Exec(t.Context(), tx, do); err != nil {
				t.Fatal(err)
			}
		}
	})

	// In the list: a part of a status stands for it, what it is a part of is told.
	ada.Reload()
	ada.See(".ticket-row .status", "Wartet auf")
	if got := ada.Text(".ticket-row .status > span:last-child"); !strings.HasPrefix(got, "Wartet") {
		t.Errorf("the status is called %q", got)
	}
	for selector, words := range map[string]string{`[data-col=subject] .subject`: subject, `[data-col=customer] > span`: name, `.status`: "Waiting for customer: Wartet auf", `.priority`: "Normal"} {
		ada.Hover(".ticket-row " + selector)
		ada.See("#tooltip", words)
	}

	// Where only the picture of a person has room, and of many tags the first.
	for width, selector := range map[int64]string{1024: `[data-col=assignee] .person`, 1280: `.tags`} {
		ada.Size(width, 800)
		ada.Away()
		ada.Hover(".ticket-row " + selector)
		ada.See("#tooltip", map[int64]string{1024: "Ada Lovelace", 1280: "schaden-schaden-schaden-schaden-schaden-schaden-"}[width])
	}
	// Words of any length leave the last button of the bar within reach.
	ada.Size(768, 1024)
	ada.Press("j")
	ada.Press("x")
	ada.See(".selection button:last-child")
	if got := Eval[string](ada, `(() => { for (const w of document.querySelectorAll(".selection .button")) w.append("Warteschlange"); const r = document.querySelector(".selection").getBoundingClientRect(); return r.right <= innerWidth && r.left >= 0 ? "" : r.left + " to " + r.right; })()`); got != "" {
		t.Errorf("the bar of what is selected reaches from %s", got)
	}
	ada.Press("Escape")
	ada.Size(1280, 800)

	// On the card.
	ada.Click(".ticket-row a.subject")
	ada.See(".card h1")
	ada.isNotCut("at a desk")
	ada.Hover(".talk-title h1")
	ada.See("#tooltip", subject)
	if !Eval[bool](ada, `(() => { const r = document.createRange(), of = document.querySelector(".event .prose"); r.selectNodeContents(of); return r.getBoundingClientRect().right > of.getBoundingClientRect().right - 4; })()`) {
		t.Error("an Arabic text begins on the left")
	}
	ada.See(`.rail-link:has([title*="Refunds of Monday"]) .letters`, "RM")
	ada.passes(axe(t), "a card of long names")
	ada.Hover(".card-bar [title], .bar [title]")
	ada.See("#tooltip")
	ada.Paper(true)
	ada.Gone("#tooltip")
	for _, cut := range Eval[[]string](ada, `[...document.querySelectorAll("h1, .event-who, .event-to, .event-text, .file > .clip")]
		.filter((e) => e.checkVisibility() && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) && getComputedStyle(e).overflow !== "visible").map((e) => e.className + " " + e.textContent)`) {
		t.Errorf("cut on paper: %s", cut)
	}
	ada.Shot("paper")
	ada.Paper(false)
	ada.Press("Control+k")
	ada.Type("refunds of")
	ada.See("#palette-list [aria-selected=true]", "Refunds of Monday")
	ada.Press("Escape")
	ada.Phone()
	ada.Reload()
	ada.See(".card h1")
	ada.See(".file[data-held]", "rechnung.exe")
	ada.Wait("every file lies within its message", `[...document.querySelectorAll(".event .file")].every((f) => f.getBoundingClientRect().right < f.closest(".event").getBoundingClientRect().right)`)
	ada.awaits("404")
	ada.awaits("htmx:error")
	Eval[bool](ada, `htmx.ajax("POST", "/tickets/1/star", { source: document.body, swap: "none" }) && true`)
	ada.See(".toast[data-kind=bad] small")
	if !Eval[bool](ada, `[...document.querySelectorAll(".toast small")].every((e) => e.scrollWidth <= e.clientWidth)`) {
		t.Error("what went wrong is cut")
	}
	ada.Click(".glance button")
	ada.See("#side .tag")
	ada.isNotCut("on a phone")
	ada.fits("long names on a phone")
}

// isNotCut finds what is cut or lies outside its part of the card, and shapes that lie on their words.
func (b *browser) isNotCut(where string) {
	b.t.Helper()
	for _, wrong := range Eval[[]string](b, `(() => {
		const wrong = [];
		const say = (e, what) => wrong.push(e.localName + "." + e.className + " " + e.textContent.trim().slice(0, 30) + " " + what);
		for (const e of document.querySelectorAll(".talk-title h1, .brief .name, #side .tag, #side [data-untag], #side .details selectedcontent > *")) {
			if (!e.checkVisibility()) continue;
			const own = e.getBoundingClientRect(), place = e.closest(".talk-title, .card-side").getBoundingClientRect();
			if (own.right > place.right || e.matches("h1, .name") && e.scrollWidth > e.clientWidth + 1) say(e, "is cut");
		}
		for (const e of document.querySelectorAll("#side .details selectedcontent:has(> .status, > .avatar)")) {
			const shape = e.firstElementChild.getBoundingClientRect(), words = document.createRange();
			words.selectNodeContents(e.lastElementChild);
			if (shape.right > words.getBoundingClientRect().left || shape.bottom > words.getClientRects()[0].bottom + 4) say(e, "has its shape on its words");
		}
		const [path, own] = document.querySelectorAll("#side [name=category] selectedcontent > span");
		if (own.getBoundingClientRect().top < path.getBoundingClientRect().bottom - 30) say(own, "stands beside what it is a part of");
		return wrong;
	})()`) {
		b.t.Errorf("%s: %s", where, wrong)
	}
}

// Most of a desk's tickets are of other years: their dates stand whole in the list, in whatever month and language.
func TestDatesOfOtherYearsAreReadWhole(t *testing.T) {
	journey(t)
	s := furnish(t)
	s.drop(letter{From: "Alice <alice@customer.test>", Subject: "Old", Text: "Old"})
	p := s.serve()
	ada := open(t, p.URL, "ada")
	ada.signIn("ada@desk.test", password)
	ada.See(".ticket-row a.subject", "Old")
	do := func(sql string) {
		pgtest.Tx(t, pgtest.Open(t, s.db, nil), func(tx *pg.Tx) {
			if _, err := pg.Exec(t.Context(), tx, sql); err != nil {
				t.Fatal(err)
			}
		})
	}
	do(`INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
		SELECT 'Month ' || n, queue_id, status_id, kind, priority_id, make_date(2020, n, 28), make_date(2020, n, 28) FROM ticket, generate_series(1, 12) n`)
	do(`UPDATE agent SET list_columns = '{subject,created,changed}'`)
	for _, language := range []string{"en", "pl", "de"} {
		do(`UPDATE agent SET language = '` + language + `'`)
		ada.Goto("/tickets?view=all&q=changed:2020")
		ada.See(`html[lang="`+language+`"] .ticket-row`, "Month 12")
		if cut := Eval[string](ada, `[...document.querySelectorAll(".ticket-row :is([data-col=created], [data-col=changed])")].filter(td => td.scrollWidth > td.clientWidth).map(td => td.innerText).join()`); cut != "" {
			t.Errorf("%s: cut are %s", language, cut)
		}
	}
	ada.passes(axe(t), "dates of other years")

	// On a phone, whatever the status: whose a ticket is, and that nobody has it.
	do(`UPDATE ticket t SET (kind, status_id) = (SELECT kind, id FROM status ORDER BY id OFFSET t.id % 6 LIMIT 1)`)
	do(`UPDATE agent SET list_columns = '{number,subject,customer,status,priority,assignee}'`)
	ada.Phone()
	for _, language := range []string{"en", "pl", "de"} {
		do(`UPDATE agent SET language = '` + language + `'`)
		ada.Goto("/tickets?view=all&q=changed:2020")
		ada.See(`html[lang="`+language+`"] .ticket-row`, "Month 12")
		if cut := Eval[string](ada, `[...document.querySelectorAll(".ticket-row :is(.person, .status) > span:last-child")].filter(w => w.scrollWidth > w.clientWidth).map(w => w.closest("tr").innerText).join("; ")`); cut != "" {
			t.Errorf("%s, on a phone: cut are %s", language, cut)
		}
		ada.Shot("phone-" + language)
	}
	ada.passes(axe(t), "tickets that nobody has, on a phone")
}
