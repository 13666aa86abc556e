package web

import (
	"strings"
	"testing"
	"time"

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
