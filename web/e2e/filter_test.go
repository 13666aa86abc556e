package e2e

import (
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// A list is narrowed by keys and by mouse, sorted, kept as a view, and found again behind a card; nonsense is told.
func TestFiltersAndSavedViews(t *testing.T) {
	journey(t)
	s, p := furnishWith(t, 4)
	root := open(t, p.URL, "root")
	root.signIn("root@desk.test", password)
	root.again(".ticket-row a.subject", "Question 4")
	root.Wait("four tickets", `document.querySelectorAll(".ticket-row").length === 4`)

	// A term is picked by keys: F, the field, the value.
	root.Press("f")
	root.See("#m-filter:popover-open a", "Status")
	root.passes(axe(t), "the menu of filters")
	root.Press("Enter")
	root.See("#picker h2", "Status")
	root.Wait("the first value has the focus", `document.activeElement.name === "value"`)
	root.passes(axe(t), "the picker")
	root.Shot("picker")
	root.Press("Escape")
	root.Gone("#picker form")
	root.Wait("the focus is back", `document.activeElement.matches(".chip-add")`)
	root.Press("f")
	root.Press("Enter")
	root.See("#picker h2", "Status")
	root.Click("#picker label", "New")
	root.Click("#picker button", "Apply")
	root.See(".chip", "Status", "is New")
	root.Wait("it stands in the address", `location.search === "?view=queues&q=status:new"`)

	// The same by words.
	root.Press("/")
	root.Wait("the box has the focus", `document.activeElement.id === "filter-q"`)
	root.Type(" colour:red -is:starred")
	root.Press("Enter")
	root.See("#filter-problems", "There is no filter “colour:”")
	root.See(".chip", "State", "is not Starred")
	root.Wait("four fit", `document.querySelectorAll(".ticket-row").length === 4`)
	root.passes(axe(t), "a filtered list with a problem")
	root.Shot("filters")

	// How long ago, by keys: the length of time is taken up where it was left, and gives way to what is chosen over it.
	root.Goto("/tickets?view=queues&q=status:new+older:3w")
	root.Click(".chip a[data-pick]", "Created")
	root.See("#picker h2", "Created")
	root.Wait("the number has the focus", `document.activeElement.name === "age" && document.activeElement.value === "3"`)
	root.passes(axe(t), "the picker of a date")
	root.Shot("picker-date")
	root.Click("#picker label", "at most")
	root.Click("#pick-age")
	root.Press("Enter")
	root.See(".chip", "Created", "in the last 3 weeks")
	root.Wait("four are as young", `document.querySelectorAll(".ticket-row").length === 4`)
	root.Click(".chip a[data-pick]", "Created")
	root.Click("#picker label", "yesterday")
	root.Click("#picker button", "Apply")
	root.See(".chip", "Created", "yesterday")
	root.Goto("/tickets?view=queues&q=status:new+-is:starred")

	// Sorted by a menu, the other way round by the column's head.
	root.Click("[popovertarget=m-sort]")
	root.Click("#m-sort a", "Last change, oldest first")
	root.See("th[data-col=changed][aria-sort=ascending]")
	root.Click("th[data-col=changed] a")
	root.See("th[data-col=changed][aria-sort=descending]")
	root.Click("th[data-col=changed] a")
	root.See("th[data-col=changed][aria-sort=ascending]")
	root.Wait("the oldest is first", `(all => all.length === 4 && all.every((t, i) => i === 0 || all[i - 1] <= t))([...document.querySelectorAll(".ticket-row [data-col=changed] time")].map(t => t.dateTime))`)

	// Kept as a view, which counts beside the others.
	root.Click("[popovertarget=m-save]")
	root.See("#m-save:popover-open h2", "Keep this list as a view")
	root.passes(axe(t), "saving a view")
	root.Type("Fresh ones")
	root.Press("Enter")
	root.See("h1", "Fresh ones")
	root.See("#passing .toast", "The view is saved")
	root.Wait("it is said once", `/^\?view=s\d+$/.test(location.search)`)
	root.See("#counters a[aria-current=page]", "Fresh ones", "4")

	// A card leads back to where it was opened.
	root.Click(".ticket-row:first-child a.subject")
	root.See(".card h1", "Question")
	root.Click("a[data-back]")
	root.See("h1", "Fresh ones")
	root.See("th[data-col=changed][aria-sort=ascending]")

	// Without one of its filters the view offers to keep the change.
	root.Click(".chip .off")
	root.See("[popovertarget=m-view]", "Save changes")
	root.Click("[popovertarget=m-view]")
	root.Click("#m-view button", "Save changes")
	root.Wait("the view is as it is shown", `document.querySelectorAll(".chip").length === 1 && /^\?view=s\d+$/.test(location.search)`)
	root.Click("[popovertarget=m-view]")
	root.Click("#m-view button", "Remove view")
	root.See("h1", "My queues")
	root.Gone("#g-saved")

	// The columns are the reader's own: one more, one less, one moved by keys; the rows are low.
	root.Click("[data-columns]")
	root.See("#columns[open] h2", "Columns")
	root.passes(axe(t), "the choice of columns")
	root.Click("#columns label", "Tags")
	root.Click("#columns label", "Queue")
	root.Click("#columns label", "Compact")
	Eval[bool](root, `document.querySelector("#columns [name=up][value=tags]").focus() ?? true`)
	root.Press("Enter")
	root.Wait("it says where the column is", `document.querySelector("#columns [data-at]").textContent === "Tags: place 10 of 13"`)
	root.Wait("the focus stays", `document.activeElement.value === "tags"`)
	root.Shot("columns")
	root.Click("#columns .columns-foot button", "Save")
	root.Wait("the list has them", `[...document.querySelectorAll(".tickets th:not([data-to=line])")].map(t => t.dataset.col).join() === "pick,clock,number,subject,customer,status,priority,assignee,created,tags,changed"`)
	root.Wait("a row is 30 pixels high", `document.querySelector(".ticket-row").offsetHeight === 30`)
	root.passes(axe(t), "a list of one's own columns")
	s.exports(root)
}

// exports has a list made into a file: short at once, long in the background, where it is followed, told of, fetched and thrown away.
func (s *stage) exports(root *browser) {
	s.t.Helper()
	const export = `fetch("/exports", {method: "POST", body: new URLSearchParams({list: new URL(location).search.slice(1)})})`
	root.Goto("/tickets?view=all&q=status:new")
	root.Click("[popovertarget=m-list]")
	root.See("#m-list:popover-open button", "Export as CSV")
	root.passes(axe(s.t), "the menu of a list")
	root.Press("Escape")
	if got := Eval[string](root, `(async () => { const a = await `+export+`; return a.headers.get("Content-Type") + (await a.text()).split("\r\n").length; })()`); got != "text/csv; charset=utf-8; header=present6" {
		s.t.Errorf("a short list is %q, not a sheet of six lines", got)
	}
	pgtest.Tx(s.t, pgtest.Open(s.t, s.db, nil), func(tx *pg.Tx) {
		_, err := pg.Exec(s.t.Context(), tx, `
			INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
			SELECT 'Copy ' || n, t.queue_id, t.status_id, t.kind, t.priority_id, t.created_at - interval '1 year', t.changed_at - interval '1 year'
			FROM (SELECT * FROM ticket LIMIT 1) t, generate_series(1, 10001) n`)
		if err != nil {
			s.t.Fatal(err)
		}
	})
	root.Goto("/tickets?view=all")
	root.See(".ticket-row")
	root.Wait("the page hears what rings", `document.documentElement.dataset.stream === "on"`)
	Eval[bool](root, export+`.then(a => a.ok)`)
	root.See(".toasts .toast", "The export of", "All tickets", "is ready")
	root.passes(axe(s.t), "the news of an export")
	root.Shot("export-news")
	root.Click(".toasts .toast a", "Show")
	root.See(".export[data-state=ready]", "10,005 tickets")
	if n := Eval[int](root, `fetch(document.querySelector("a[download]").href).then(a => a.text()).then(text => text.split("\r\n").length)`); n != 1+10005+1 {
		s.t.Errorf("the file has %d lines", n)
	}

	// From the palette, to the page that follows it.
	root.Goto("/tickets?view=all&q=-is:closed")
	root.Press("Control+k")
	root.Type("export as")
	root.See("#palette-list [aria-selected=true]", "Export as CSV")
	root.Press("Enter")
	root.See(".export", "-is:closed")
	root.See(".export[data-state=ready]", "-is:closed", "10,005 tickets")
	root.passes(axe(s.t), "the exports")
	root.Shot("exports")
	root.Goto("/tickets?view=all")
	root.See(".ticket-row")
	root.Gone(".toasts .toast", "is ready") // it was seen
	root.Goto("/exports")
	root.Click("#exports li:first-child button", "Delete file")
	root.See("#exports li:first-child[data-state=cancelled]", "Make again")
}
