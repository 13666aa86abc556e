package web

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// TestAFormSentToSeveralTicketsAtOnceIsWrittenInOne is a key that two windows share: who comes second is told, with the text kept.
func TestAFormSentToSeveralTicketsAtOnceIsWrittenInOne(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(insider)
	ids := []string{made(t, db, inbox(t, db))["tickets"], dec(newTicket(t, db, inbox(t, db))), dec(newTicket(t, db, inbox(t, db)))}
	for _, writing := range []struct{ kind, path string }{{"comment", "/comments"}, {"reply", "/replies"}} {
		t.Run(writing.kind, func(t *testing.T) {
			composer := "#compose-" + writing.kind
			forms, answers := make([]url.Values, len(ids)), make([]answer, len(ids))
			var crowd sync.WaitGroup
			must(t, db.InTx(t.Context(), func(tx *pg.Tx) error { // all have looked for the key before one has written it
				_, err := pg.Exec(t.Context(), tx, `LOCK TABLE message IN SHARE ROW EXCLUSIVE MODE`)
				must(t, err)
				for i, id := range ids {
					f := formOf(b.get("/tickets/" + id).page(t).Find(composer))
					f.Set("text", "It is on its way.")
					f.Set("to", "ann@customer.test")
					f.Set("form_key", "one of "+writing.kind)
					forms[i] = f
					crowd.Go(func() { answers[i] = b.send(http.MethodPost, "/tickets/"+id+writing.path, f) })
				}
				soon(t, "all are about to write", func() bool {
					return one[int](t, db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == len(ids)
				})
				return nil
			}))
			crowd.Wait()
			taken := 0
			for i, a := range answers {
				switch a.StatusCode {
				case http.StatusSeeOther:
					taken++
				case http.StatusConflict:
					page := a.page(t)
					back := formOf(page.Find(composer))
					if said := page.Find(composer + " .conflict").Text(); back.Get("text") != "It is on its way." || !strings.Contains(said, "another ticket") {
						t.Errorf("told %q, and the form comes back as %v", said, back)
					}
					if again := b.send(http.MethodPost, "/tickets/"+ids[i]+writing.path, back); again.StatusCode != http.StatusSeeOther {
						t.Errorf("once more: %s", again.Status)
					}
				default:
					t.Errorf("%s\n%s", a.Status, a.body)
				}
			}
			if n := one[int](t, db, `SELECT count(*) FROM message m JOIN message_body b ON b.message_id = m.id WHERE b.text = 'It is on its way.' AND kind = $1`,
				either(writing.kind == "reply", "out", "comment")); taken != 1 || n != len(ids) {
				t.Errorf("%d were taken at once, %d are there in the end", taken, n)
			}
			for i, id := range ids { // long after
				if a := b.send(http.MethodPost, "/tickets/"+id+writing.path, forms[i]); a.StatusCode == http.StatusSeeOther {
					taken++
				}
			}
			if taken != 2 {
				t.Errorf("the same form later: %d were taken, want that of the ticket where it was written", taken-1)
			}
		})
	}
}

// TestTwoAgentsOnOneTicketOverwriteNothing is fault row 36, over two processes: comments are all kept, and of changes that were made from the same
// sight of the ticket one is taken and the others are told.
func TestTwoAgentsOnOneTicketOverwriteNothing(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 36)
	db := pgtest.New(t)
	staffed(t, db)
	all := made(t, db, inbox(t, db))
	card := "/tickets/" + all["tickets"]
	agents := []*browser{start(t, db).as(insider), start(t, db).as(boss)}
	subject := func() string { return one[string](t, db, `SELECT subject FROM ticket WHERE id = $1`, all["tickets"]) }
	const rounds, atOnce = 10, 10
	var comments, told atomic.Int64
	lost := 0
	for round := range rounds {
		seen := subject()
		var taken sync.Map
		var crowd sync.WaitGroup
		for i := range atOnce {
			b := agents[i%2]
			crowd.Go(func() {
				wish := fmt.Sprintf("Subject %d of round %d", i, round)
				switch a := b.send(http.MethodPost, card+"/changes", url.Values{"subject": {wish}, "subject_was": {seen}}); a.StatusCode {
				case http.StatusSeeOther:
					taken.Store(wish, true)
				case http.StatusConflict:
					told.Add(1)
				default:
					t.Errorf("a change: %s", a.Status)
				}
			})
			crowd.Go(func() {
				a := b.send(http.MethodPost, card+"/comments", url.Values{"text": {fmt.Sprintf("Comment %d of round %d", i, round)}, "form_key": {rand.Text()}, "version": {"1"}})
				if a.StatusCode == http.StatusSeeOther {
					comments.Add(1)
				} else if a.StatusCode != http.StatusConflict {
					t.Errorf("a comment: %s", a.Status)
				}
			})
		}
		crowd.Wait()
		n := 0
		taken.Range(func(any, any) bool { n++; return true })
		if _, ok := taken.Load(subject()); !ok || n != 1 {
			t.Errorf("round %d: %d changes of one sight were taken, the subject is %q", round, n, subject())
			lost++
		}
	}
	kept := one[int64](t, db, `SELECT count(DISTINCT text) FROM message m JOIN message_body b ON b.message_id = m.id WHERE m.ticket_id = $1 AND b.text LIKE 'Comment % of round %'`, all["tickets"])
	changes := one[int](t, db, `SELECT count(*) FROM event WHERE subject_kind = 'ticket' AND subject_id = $1 AND data::text LIKE '%of round%'`, all["tickets"])
	row.Injected("%d changes of the subject and %d comments by two agents over two processes, %d of each at once", rounds*atOnce, rounds*atOnce, atOnce)
	row.Counted("%d comments taken, %d there; %d changes taken, %d told, %d overwritten", comments.Load(), kept, rounds*atOnce-int(told.Load()), told.Load(), lost)
	if kept != comments.Load() || comments.Load() == 0 {
		t.Errorf("%d comments were taken, %d are there", comments.Load(), kept)
	}
	if changes < rounds {
		t.Errorf("%d changes stand in the history, want %d", changes, rounds)
	}
}

func TestASubjectRenamedMeanwhileIsAConflictThatKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	s := start(t, db)
	card := "/tickets/" + dec(newTicket(t, db, inbox(t, db)))
	first, second := s.as(insider), s.as(colleague)
	a, b := formOf(first.get(card).page(t).Find(".subject-edit form")), formOf(second.get(card).page(t).Find(".subject-edit form"))
	a.Set("subject", "Printer on fire")
	b.Set("subject", "Printer order 4711")
	if got := first.send(http.MethodPost, card+"/changes", a); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("the first: %s", got.Status)
	}
	got := second.send(http.MethodPost, card+"/changes", b)
	if got.StatusCode != http.StatusConflict {
		t.Errorf("the second, who saw what was there before: %s", got.Status)
	}
	back := got.page(t).Find(".subject-edit[open] form")
	if typed, was := back.Find("#subject").AttrOr("value", ""), back.Find("[name=subject_was]").AttrOr("value", ""); typed != "Printer order 4711" || was != "Printer on fire" {
		t.Errorf("the form comes back with %q over %q, want what was typed over what is stored", typed, was)
	}
}

func TestPostponingLeavesWhatAColleagueDecidedMeanwhile(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	id := newTicket(t, db, inbox(t, db))
	card := "/tickets/" + dec(id)
	s := start(t, db)
	emma, beata := s.as(insider), s.as(boss)
	state := func() string {
		return one[string](t, db, `SELECT concat_ws(' ', kind, postponed_until, closed_at) FROM ticket WHERE id = $1`, id)
	}
	now := time.Now().UTC() // the agents' zone
	in := func(days int) string { return now.AddDate(0, 0, days).Format("2006-01-02T15:04") }
	postpone := func(b *browser, at string, f url.Values, headers ...string) answer {
		f.Set("until", "at")
		f.Set("until_at", at)
		return b.send(http.MethodPost, card+"/postponement", f, headers...)
	}
	menu := `[action$="/postponement"]`
	seen := func(b *browser) url.Values { return formOf(b.get(card).page(t).Find(menu)) }
	closed := dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'closed'`))
	for _, c := range []struct {
		what      string
		meanwhile func(url.Values)
		code      int
	}{
		{"postponed to another day", func(f url.Values) { postpone(beata, in(3), f) }, http.StatusConflict},
		{"moved on again", func(f url.Values) { postpone(beata, in(4), f) }, http.StatusConflict},
		{"closed", func(url.Values) { beata.post(card+"/changes", "status", closed) }, http.StatusConflict},
		{"given a priority", func(url.Values) {
			beata.post(card+"/changes", "priority", dec(one[int64](t, db, `SELECT id FROM priority WHERE key = 'high'`)))
		}, http.StatusSeeOther},
	} {
		form, hers := seen(emma), seen(beata)
		c.meanwhile(hers)
		was := state()
		for _, script := range [][]string{nil, {"HX-Request", "true"}} {
			got := postpone(emma, in(2), form, script...)
			if got.StatusCode != c.code || got.StatusCode == http.StatusConflict && state() != was {
				t.Fatalf("%s: %s, it is %s, was %s", c.what, got.Status, state(), was)
			}
			if got.StatusCode == http.StatusSeeOther {
				break
			}
			page := got.page(t)
			if back, said := formOf(page.Find(menu)), page.Find(".notice, .toast").Text(); back.Get("until_at") != in(2) || !strings.Contains(said, "Somebody else changed this") {
				t.Errorf("%s: told %q, and the form comes back as %v", c.what, said, back)
			}
		}
	}
	past := postpone(emma, "2020-01-01T08:00", seen(emma)).page(t)
	if back, said := formOf(past.Find(menu)), past.Find(".notice").Text(); back.Get("until_at") != "2020-01-01T08:00" || said == "" {
		t.Errorf("a time that has passed: told %q, and the form comes back as %v", said, back)
	}
}

func TestAStatusSetMeanwhileIsNotOverwrittenByAReplyOrComment(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	id := made(t, db, inbox(t, db))["tickets"]
	card := "/tickets/" + id
	s := start(t, db)
	first, second := s.as(boss), s.as(insider)
	closed := dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'closed'`))
	waiting := dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'waiting'`))
	for _, writing := range []struct{ kind, path string }{{"reply", "/replies"}, {"comment", "/comments"}} {
		t.Run(writing.kind, func(t *testing.T) {
			status := func() string { return dec(one[int64](t, db, `SELECT status_id FROM ticket WHERE id = $1`, id)) }
			composer := "#compose-" + writing.kind
			letter := formOf(second.get(card).page(t).Find(composer))
			letter.Set("text", "It is on its way.")
			letter.Set("to", "ann@customer.test")
			letter.Set("status", waiting)
			if got := first.post(card+"/changes", "status", closed); got.StatusCode != http.StatusSeeOther {
				t.Fatalf("the first: %s", got.Status)
			}
			got := second.send(http.MethodPost, card+writing.path, letter)
			page := got.page(t)
			back := formOf(page.Find(composer))
			if got.StatusCode != http.StatusConflict || status() != closed {
				t.Fatalf("%s, and the status is %s", got.Status, status())
			}
			if back.Get("text") != letter.Get("text") || back.Get("status") != waiting || back.Get("status_was") != closed {
				t.Errorf("the form comes back as %v", back)
			}
			if said := page.Find(composer + " .conflict").Text(); !strings.Contains(said, "Status → Closed") {
				t.Errorf("it says %q", said)
			}
			if got := second.send(http.MethodPost, card+writing.path, back); got.StatusCode != http.StatusSeeOther || status() != waiting {
				t.Errorf("once more: %s, and the status is %s", got.Status, status())
			}
		})
	}
}

func one[T any](t *testing.T, db *pg.DB, sql string, args ...any) T {
	t.Helper()
	v, err := pg.One[T](t.Context(), db, sql, args...)
	must(t, err)
	return v
}
