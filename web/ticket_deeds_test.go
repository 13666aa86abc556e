package web

import (
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
