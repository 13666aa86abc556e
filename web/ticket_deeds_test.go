package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/pg/pgtest"
)

func TestAPostponementUndonePutsBackWhatWas(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	id := newTicket(t, db, inbox(t, db))
	card := "/tickets/" + dec(id)
	state := func() string {
		return one[string](t, db, `SELECT concat_ws(' ', kind, postponed_until, closed_at) FROM ticket WHERE id = $1`, id)
	}
	postpone := func(until time.Time) (undo string) {
		t.Helper()
		toast := b.get(b.post(card+"/postponement", "until", dec(until.Unix())).Header.Get("Location")).page(t).Find("form[data-undoing]")
		if said := toast.Find("p").Text(); !strings.Contains(said, "Postponed. It comes back by itself") || !strings.HasPrefix(state(), "postponed") {
			t.Errorf("told %q, is %s", said, state())
		}
		return toast.AttrOr("action", "")
	}
	friday := time.Now().Add(48 * time.Hour)
	monday := friday.Add(72 * time.Hour)
	closed := dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'closed'`))
	for what, begin := range map[string]func(){
		"until Friday": func() { postpone(friday) },
		"closed":       func() { b.post(card+"/changes", "status", closed) },
	} {
		begin()
		was := state()
		b.post(postpone(monday))
		if got := state(); got != was {
			t.Errorf("%s, put off until Monday and that undone: %s, was %s", what, got, was)
		}
	}
}

func TestTheHelpTellsWhatMoreHoldsOnACardAndOnAList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(boss)
	page := b.get("/tickets/" + dec(newTicket(t, db, inbox(t, db)))).page(t)
	card := strings.ToLower(page.Find("#m-ticket").Text())
	list := strings.ToLower(b.get("/tickets/bulk?list=view%3Dall", "HX-Request", "true").page(t).Find("#m-bulk-more").Text())
	help := page.Find("#keys dt").FilterFunction(func(_ int, dt *goquery.Selection) bool { return strings.TrimSpace(dt.Text()) == "M" }).Next().Text()
	both, listOnly, cut := strings.Cut(strings.TrimPrefix(help, "More: "), "; in the list also ")
	if !cut {
		t.Fatalf("the help says %q", help)
	}
	for _, what := range strings.Split(both, ", ") {
		if !strings.Contains(card, what) || !strings.Contains(list, what) {
			t.Errorf("%s is not on both: card %q, list %q", what, card, list)
		}
	}
	for _, what := range strings.Split(listOnly, ", ") {
		if strings.Contains(card, what) || !strings.Contains(list, what) {
			t.Errorf("%s is on the card, or not on the list: card %q, list %q", what, card, list)
		}
	}
}

func TestADetailChangedOnACardCanBeUndone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(boss)
	id := newTicket(t, db, inbox(t, db))
	card := "/tickets/" + dec(id)
	state := func() string {
		return one[string](t, db, `SELECT concat_ws(' ', status_id, queue_id, COALESCE(assignee_id, 0), priority_id, tag_ids) FROM ticket WHERE id = $1`, id)
	}
	was := state()
	for _, c := range []struct{ field, value, said string }{
		{"assignee", dec(agentID(t, db, boss)), "1 ticket assigned to Boss"},
		{"status", dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'closed'`)), "1 ticket set to Closed"},
		{"queue", dec(secondQueue(t, db)), "1 ticket moved to Second"},
		{"tags", "urgent", "Tags of 1 ticket changed"},
	} {
		a := b.post(card+"/changes", c.field, c.value, c.field+"_was", formOf(b.get(card).page(t).Find("form[data-autosave]")).Get(c.field+"_was"))
		undo := b.get(a.Header.Get("Location")).page(t).Find("form[data-undoing]")
		if said := undo.Find("p").Text(); said != c.said || state() == was {
			t.Errorf("%s: %s, told %q, want %q", c.field, a.Status, said, c.said)
		}
		if b.post(undo.AttrOr("action", "")); state() != was {
			t.Errorf("%s undone: %s, was %s", c.field, state(), was)
		}
	}
	if to := b.post(card+"/changes", "subject", "Other").Header.Get("Location"); to != card {
		t.Errorf("a new subject leads to %s", to)
	}
}

func TestWhoDeletesATicketIsToldWhatBecomesOfItsLetters(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	b := start(t, db).as(boss)
	other := made(t, db, inbox(t, db))["outbox"]
	exec(t, db, `UPDATE queue SET mailbox_id = (SELECT min(id) FROM mailbox)`)
	var cards []string
	both := url.Values{"next": {"/tickets?view=all"}, "delete": {"1"}}
	for range 2 {
		id := newTicket(t, db, inbox(t, db))
		cards = append(cards, "/tickets/"+dec(id))
		both.Add("ticket", dec(id))
		written(t, db, b, "/tickets/"+dec(id))
	}
	states := func() string {
		return one[string](t, db, `SELECT string_agg(state, ' ' ORDER BY id) FROM outbox WHERE id <> `+other)
	}
	if said := told(t, b, b.post(cards[0]+"/deletion")); !strings.HasSuffix(said, "deleted, 1 message that waited does not leave") || states() != "cancelled queued" {
		t.Errorf("deleted: %q, letters are %s", said, states())
	}
	if said := told(t, b, b.post(cards[0]+"/restoration")); !strings.HasSuffix(said, "is back, 1 message leaves after all, at its time") || states() != "queued queued" {
		t.Errorf("and back: %q, letters are %s", said, states())
	}
	card := b.get(cards[0]).page(t)
	if history := words(card.Text()); !strings.Contains(history, "took the deletion back, 1 message leaves after all, at its time") || card.Find("[action$='/cancellation'], [formaction$='/cancellation']").Length() == 0 {
		t.Errorf("its card says %s", history)
	}
	many := b.send(http.MethodPost, "/tickets/bulk", both)
	if said := told(t, b, many); said != "2 tickets deleted, 2 messages that waited do not leave" || states() != "cancelled cancelled" {
		t.Errorf("both deleted: %q, letters are %s", said, states())
	}
	undo := b.get(many.Header.Get("Location")).page(t).Find("form[data-undoing]").AttrOr("action", "")
	if said := told(t, b, b.post(undo)); said != "2 tickets are as they were, 2 messages leave after all, at their time" || states() != "queued queued" {
		t.Errorf("and back: %q, letters are %s", said, states())
	}
}

// The answer to the first click is lost with the second one, so that one has to say the same.
func TestADeedAskedForTwiceIsDoneOnceAndToldTwice(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(boss)
	gone, card := "/tickets/"+dec(newTicket(t, db, inbox(t, db))), "/tickets/"+dec(newTicket(t, db, inbox(t, db)))
	for _, c := range []struct {
		path, said, count string
		form              []string
	}{
		{gone + "/deletion", "Ticket #" + strings.TrimPrefix(gone, "/tickets/") + " deleted", `SELECT count(*) FROM event WHERE kind = 'deleted'`, nil},
		{card + "/postponement", "Postponed. It comes back by itself", `SELECT count(*) FROM event WHERE kind = 'postponed'`, []string{"until", dec(time.Now().Add(time.Hour).Unix())}},
		{"/views", "The view is saved", `SELECT count(*) FROM saved_view`, []string{"name", "Late", "list", "view=all&q=is:unread"}},
	} {
		first, second := b.post(c.path, c.form...), b.post(c.path, c.form...)
		if first.Header.Get("Location") != second.Header.Get("Location") || told(t, b, second) != c.said || one[int](t, db, c.count) != 1 {
			t.Errorf("%s: led to %q and %q, done %d times", c.path, first.Header.Get("Location"), second.Header.Get("Location"), one[int](t, db, c.count))
		}
	}
	if a := b.post("/views", "name", "Late", "list", "view=all&q=is:unassigned"); a.StatusCode != http.StatusSeeOther || one[int](t, db, `SELECT count(*) FROM saved_view`) != 2 {
		t.Errorf("another view of that name: %s", a.Status)
	}
}
