package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/filter"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/search"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// heard is a message of a customer that can be found.
func heard(t *testing.T, db *pg.DB, id int64, text string) (message int64) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		message, err = pg.One[int64](t.Context(), tx, `
			WITH m AS (INSERT INTO message (ticket_id, kind, at, from_name, from_address) VALUES ($1, 'in', $2, 'Zoë', 'zoe@example.test') RETURNING id)
			INSERT INTO message_body (message_id, text) SELECT id, $3 FROM m RETURNING message_id`, id, tx.Now, text)
		must(t, err)
		must(t, search.Fill(t.Context(), tx, []int64{message}))
	})
	return message
}

func TestSearchResultsSayWhyAndLeadToTheMessage(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	id := newTicket(t, db, inbox(t, db))
	message := heard(t, db, id, "The <script>alert(1)</script> toner is empty again")
	b := start(t, db).as(insider)
	find := func(view, words string) answer {
		return listOf(t, b, "/tickets?view="+view+"&q="+url.QueryEscape(words))
	}
	page := find("all", "toners script")
	if strings.Contains(page.body, "<script>alert") {
		t.Error("a message's markup came into the list")
	}
	row := page.page(t).Find(".ticket-row")
	if got := strings.Join(strings.Fields(row.Find(".hit").Text()), " "); got != "Zoë The <script>alert(1)</script> toner is empty again" {
		t.Errorf("the row says %q", got)
	}
	if got := row.Find(".hit mark").Length(); got != 3 {
		t.Errorf("%d words are marked, want script twice and toner", got)
	}
	if got := row.Find("a.subject").AttrOr("href", ""); !strings.HasPrefix(got, fmt.Sprintf("/tickets/%d?from=", id)) || !strings.HasSuffix(got, fmt.Sprintf("#m%d", message)) {
		t.Errorf("the row leads to %s", got)
	}
	if page.page(t).Find(".searched").Length() != 0 {
		t.Error("a search of everything says that something was left out")
	}
	further := find("unassigned", "toner").page(t).Find(".searched a").AttrOr("href", "")
	if further != "/tickets?view=all&q=toner" {
		t.Errorf("a view that was searched leads on to %q", further)
	}
	if got := find("all", "toner unicorn").page(t).Find(".searched").Text(); !strings.Contains(got, "come close") {
		t.Errorf("what only comes close is announced as %q", got)
	}
	none := find("closed", "toner").page(t).Find(".empty a").AttrOr("href", "")
	if none != "/tickets?view=all&q=toner" {
		t.Errorf("nothing found leads to %q", none)
	}
}

func TestASearchSaysWhatWasNotLookedAt(t *testing.T) {
	t.Parallel()
	rd := reader{l: text.For("en")}
	for want, of := range map[string]ticket.View{"These are the best": ticket.All, "Only “My queues” was searched. These are the best": ticket.MyQueues} {
		l := listing{Filter: ticket.Filter{View: of, Query: filter.Query{Text: "toner"}}}
		if got := rd.searched(l, ticket.Page{Lines: make([]ticket.Line, 1), Part: true}).Note; !strings.HasPrefix(got, want) {
			t.Errorf("%s says %q, not %q", of, got, want)
		}
		for part, want := range map[bool]string{true: "None of the newest tickets fits exactly.", false: "No ticket fits exactly."} {
			if got := rd.searched(l, ticket.Page{Lines: make([]ticket.Line, 1), Near: true, Part: part}).Note; !strings.HasPrefix(got, want) {
				t.Errorf("%s with what comes close says %q, not %q", of, got, want)
			}
		}
		for part, want := range map[bool]string{true: "None of the newest fits", false: "No ticket fits"} {
			if got := rd.listEmpty(l, ticket.Page{Part: part}, ticket.Counters{}).Title; got != want {
				t.Errorf("%s without tickets says %q, not %q", of, got, want)
			}
		}
	}
}

func TestNoSearchIsAServerError(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	for _, words := range []string{`"`, `'`, `\`, "a\x00b", "\xff", `& | !`, `*`, `-`, `"a b`, strings.Repeat("x", 10_000), strings.Repeat(`"a b" -c `, 1_200)} {
		if a := b.get("/tickets?view=all&q=" + url.QueryEscape(words)); a.StatusCode >= 500 {
			t.Errorf("%.30q is answered with %d", words, a.StatusCode)
		}
	}
}
