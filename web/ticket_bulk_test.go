package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/ticket"
)

func TestBulkDeedIsToldOnTheListAndUndone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	own := []int64{newTicket(t, db, inbox(t, db)), newTicket(t, db, inbox(t, db))}
	foreign := newTicket(t, db, secondQueue(t, db))
	me := agentID(t, db, insider)
	b := s.as(insider)
	assigned := func() int {
		t.Helper()
		n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM ticket WHERE assignee_id = $1`, me)
		must(t, err)
		return n
	}
	f := url.Values{"assignee": {fmt.Sprint(me)}, "next": {"/tickets?view=queues"}}
	for _, id := range append(own, foreign, 999999999) {
		f.Add("ticket", fmt.Sprint(id))
	}
	a := b.send(http.MethodPost, "/tickets/bulk", f)
	to := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/tickets?view=queues&said=bulk&of=") || assigned() != 2 {
		t.Fatalf("%s to %q, %d assigned\n%s", a.Status, to, assigned(), a.body)
	}
	toast := b.get(to).page(t).Find("form[data-undoing]")
	if said := toast.Find("p").Text(); !strings.Contains(said, "2 tickets assigned to Insider, 2 not found") {
		t.Errorf("told %q", said)
	}
	if other := s.as(boss).get(to); strings.Contains(other.body, "data-undoing") {
		t.Error("somebody else is told, and may undo it")
	}
	undo, _ := toast.Attr("action")
	if a := b.post(undo, "next", "/tickets?view=queues&pages=3"); !strings.HasPrefix(a.Header.Get("Location"), "/tickets?view=queues&pages=3&said=") || assigned() != 0 {
		t.Errorf("undone: %s to %q, %d assigned", a.Status, a.Header.Get("Location"), assigned())
	}
	if a := b.post(undo); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("undone twice: %s", a.Status)
	}
}

func TestAnUndoingThatFindsNothingSaysThatNothingWasChanged(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	high := dec(one[int64](t, db, `SELECT id FROM priority WHERE key = 'high'`))
	a := b.post("/tickets/bulk", "ticket", dec(newTicket(t, db, inbox(t, db))), "priority", high, "next", "/tickets?view=queues")
	undo := b.get(a.Header.Get("Location")).page(t).Find("form[data-undoing]").AttrOr("action", "")
	exec(t, db, `DELETE FROM agent_queue`)
	if got, want := told(t, b, b.post(undo)), "No ticket was changed, 1 not found"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestBulkDeedTakesTheWholeListAndNothingOfOthers(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	for range 60 { // more than a page
		newTicket(t, db, inbox(t, db))
	}
	foreign := newTicket(t, db, secondQueue(t, db))
	b := s.as(insider)
	if a := b.get("/tickets/bulk?list=view%3Dall", "HX-Request", "true"); !strings.Contains(a.body, `data-whole-count="60"`) {
		t.Errorf("the list has another number of tickets:\n%s", a.body)
	}
	a := b.post("/tickets/bulk", "all", "1", "list", "view=all", "star", "1", "next", "/tickets?view=all")
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM ticket_star WHERE ticket_id <> $1`, foreign)
	must(t, err)
	if all, _ := pg.One[int](t.Context(), db, `SELECT count(*) FROM ticket_star`); n != 60 || all != 60 {
		t.Errorf("%d of %d stars are on tickets of the list, want 60", n, all)
	}
}

// While somebody looks at a search, what fits may go; then the list shows what comes close.
func TestADeedToASearchTouchesNothingThatOnlyComesClose(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	id := newTicket(t, db, inbox(t, db))
	heard(t, db, id, "The toner is empty")
	b := s.as(insider)
	for words, fits := range map[string]int{"toner": 1, "toner zebra": 0} {
		list := "view=all&q=" + url.QueryEscape(words)
		if a := b.get("/tickets?" + list); !strings.Contains(a.body, fmt.Sprintf(`href="/tickets/%d`, id)) {
			t.Fatalf("%s shows nothing", words)
		}
		if a := b.get("/tickets/bulk?list="+url.QueryEscape(list), "HX-Request", "true"); !strings.Contains(a.body, fmt.Sprintf(`data-whole-count="%d"`, fits)) {
			t.Errorf("%s has another number of tickets than %d:\n%s", words, fits, a.body)
		}
		b.post("/tickets/bulk", "all", "1", "list", list, "star", "1", "next", "/tickets")
		n, err := pg.One[int](t.Context(), db, `WITH gone AS (DELETE FROM ticket_star RETURNING 1) SELECT count(*) FROM gone`)
		must(t, err)
		if n != fits {
			t.Errorf("of the tickets of %s %d were touched, want %d", words, n, fits)
		}
	}
}

// A saved view is its owner's, who may make another one of it, or none, while somebody else has it on the screen.
func TestWhatIsDoneToAListIsDoneToTheOneThatWasShown(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	exec(t, db, `UPDATE profile SET permissions = permissions || '{ticket.export}'::text[] WHERE key = 'agent'`)
	shown := newTicket(t, db, inbox(t, db))
	newTicket(t, db, inbox(t, db))
	s := start(t, db)
	owner, b := s.as(manager), s.as(insider)
	at, _, _ := strings.Cut(owner.post("/views", "list", "view=queues&q=id:"+dec(shown), "name", "One", "shared", "1").Header.Get("Location"), "&")
	of := func(form string) string {
		return listOf(t, b, at).page(t).Find(form+" [name=list]").AttrOr("value", "")
	}
	bulk, export := of("#bulk"), of("#m-list")
	stars := func() []int64 {
		ids, err := pg.List[int64](t.Context(), db, `SELECT ticket_id FROM ticket_star`)
		must(t, err)
		return ids
	}

	id := strings.TrimPrefix(at, "/tickets?view=s")
	owner.post("/views/"+id, "list", "view=s"+id+"&q=is:open", "name", "All of them", "shared", "1")
	if a := b.post("/tickets/bulk", "all", "1", "list", bulk, "star", "1"); a.StatusCode != http.StatusSeeOther || !slices.Equal(stars(), []int64{shown}) {
		t.Errorf("of a view that became wider: %s, stars on %v, want %d", a.Status, stars(), shown)
	}

	exec(t, db, `DELETE FROM ticket_star`)
	owner.post("/views/" + id + "/removal")
	for path, form := range map[string][]string{"/tickets/bulk": {"all", "1", "list", bulk, "star", "1"}, "/exports": {"list", export}, "/views": {"list", bulk, "name", "Kept"}} {
		if a := b.post(path, form...); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "no longer the list you saw") {
			t.Errorf("%s of a view that is gone: %s", path, a.Status)
		}
	}
	if a := b.post("/views", "list", "view=all&q=is:lat+is:open", "name", "Wider"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a view is saved without what was not understood: %s", a.Status)
	}
	if kept := one[int](t, db, `SELECT count(*) FROM saved_view`); len(stars()) > 0 || kept > 0 {
		t.Errorf("stars on %v, %d views kept", stars(), kept)
	}
}

// twoBatches are tickets for a deed that one transaction does not do.
func twoBatches(t *testing.T, db *pg.DB) {
	t.Helper()
	exec(t, db, `
		INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
		SELECT 'Printer', $1, s.id, s.kind, p.id, now(), now() FROM status s, priority p, generate_series(1, $2) WHERE s.key = 'new' AND p.key = 'normal'`, inbox(t, db), ticket.BulkBatch+50)
}

func TestADeedToManyIsDoneToItsEndThoughTheVisitorLeaves(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	twoBatches(t, db)
	stars := func() int { return one[int](t, db, `SELECT count(*) FROM ticket_star`) }
	must(t, db.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `SELECT FROM ticket ORDER BY id DESC LIMIT 1 FOR UPDATE`)
		must(t, err)
		ctx, leave := context.WithCancel(t.Context())
		form := url.Values{"all": {"1"}, "list": {"view=all"}, "star": {"1"}}
		ask, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+"/tickets/bulk", strings.NewReader(form.Encode()))
		must(t, err)
		ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		left := make(chan error)
		go func() {
			a, err := b.http.Do(ask)
			if err == nil {
				err = a.Body.Close()
			}
			left <- err
		}()
		soon(t, "the first batch is done", func() bool { return stars() == ticket.BulkBatch })
		leave()
		if <-left == nil {
			t.Error("answered before the visitor left")
		}
		return nil
	}))
	soon(t, "all are starred, and it is told", func() bool {
		return stars() == ticket.BulkBatch+50 && one[int](t, db, `SELECT count(*) FROM event WHERE kind = 'bulk_done'`) == 1
	})
}

func TestADeedIsUndoneOnceHoweverManyPress(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	id := newTicket(t, db, inbox(t, db))
	closed := dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'closed'`))
	a := b.post("/tickets/bulk", "ticket", dec(id), "status", closed, "next", "/tickets")
	undo := b.get(a.Header.Get("Location")).page(t).Find("form[data-undoing]").AttrOr("action", "")
	var did, told atomic.Int64
	var crowd sync.WaitGroup
	must(t, db.InTx(t.Context(), func(tx *pg.Tx) error { // all of them have come before the first is done
		_, err := pg.Exec(t.Context(), tx, `SELECT FROM ticket WHERE id = $1 FOR UPDATE`, id)
		must(t, err)
		for range 6 {
			crowd.Go(func() {
				switch a := b.post(undo); a.StatusCode {
				case http.StatusSeeOther:
					did.Add(1)
				case http.StatusUnprocessableEntity:
					told.Add(1)
				default:
					t.Errorf("%s\n%s", a.Status, a.body)
				}
			})
		}
		soon(t, "six wait", func() bool {
			return one[int](t, db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 6
		})
		return nil
	}))
	crowd.Wait()
	if n := one[int](t, db, `SELECT count(*) FROM event WHERE kind = 'bulk_undone'`); n != 1 || did.Load() != 1 || told.Load() != 5 {
		t.Errorf("%d did it, %d were told that it was done, %d events", did.Load(), told.Load(), n)
	}
}

// The database fails in the second batch of an undoing: the next press does the rest, and no ticket counts twice.
func TestAnUndoingThatBrokeOffIsFinishedByTheNextPress(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	twoBatches(t, db)
	closed := dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'closed'`))
	a := b.post("/tickets/bulk", "all", "1", "list", "view=all", "status", closed, "next", "/tickets?view=all")
	to := a.Header.Get("Location")
	undo := func() string { return b.get(to).page(t).Find("form[data-undoing]").AttrOr("action", "") }
	exec(t, db, `CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'canceling statement due to lock timeout' USING ERRCODE = '55P03'; END $$`)
	exec(t, db, `CREATE TRIGGER held BEFORE UPDATE ON ticket FOR EACH ROW WHEN (OLD.id = `+one[string](t, db, `SELECT max(id)::text FROM ticket`)+`) EXECUTE FUNCTION held()`)
	if a := b.post(undo()); a.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("with a ticket that cannot be written: %s", a.Status)
	}
	exec(t, db, `DROP TRIGGER held ON ticket`)
	if a := b.post(undo()); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("once more: %s", a.Status)
	}
	if n := one[int](t, db, `SELECT count(*) FROM ticket WHERE kind = 'closed'`); n != 0 {
		t.Errorf("%d are still closed", n)
	}
	if page := b.get(to).page(t); !strings.Contains(page.Text(), "250 tickets are as they were") || page.Find("form[data-undoing]").Length() != 0 {
		t.Errorf("told %q", page.Find(".toast").Text())
	}
}

// The database fails in the second batch, at once or when it is to be committed: what the first one did stands, is told, and can be taken back.
func TestWhatWasDoneOfADeedThatBrokeOffIsToldAndUndone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	twoBatches(t, db)
	exec(t, db, `CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'canceling statement due to lock timeout' USING ERRCODE = '55P03'; END $$`)
	closed := dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'closed'`))
	for when, headers := range map[string][]string{
		`TRIGGER held BEFORE UPDATE ON ticket`:                                         nil,
		`CONSTRAINT TRIGGER held AFTER UPDATE ON ticket DEFERRABLE INITIALLY DEFERRED`: {"HX-Request", "true"},
	} {
		exec(t, db, `CREATE `+when+` FOR EACH ROW WHEN (OLD.id = `+one[string](t, db, `SELECT max(id)::text FROM ticket`)+`) EXECUTE FUNCTION held()`)
		f := url.Values{"all": {"1"}, "list": {"view=all"}, "status": {closed}, "next": {"/tickets?view=all"}}
		a := b.send(http.MethodPost, "/tickets/bulk", f, headers...)
		if n := one[int](t, db, `SELECT count(*) FROM ticket WHERE kind = 'closed'`); a.StatusCode != http.StatusServiceUnavailable || n != ticket.BulkBatch {
			t.Fatalf("%s, %d closed", a.Status, n)
		}
		told := a.page(t)
		if headers == nil {
			told = b.get(told.Find("main a").AttrOr("href", "")).page(t)
		}
		toast := told.Find("form[data-undoing]")
		if said := toast.Find("p").Text(); !strings.Contains(said, "200 tickets set to Closed") {
			t.Errorf("%s: told %q\n%s", when, said, a.body)
		}
		a = b.post(toast.AttrOr("action", ""))
		if n := one[int](t, db, `SELECT count(*) FROM ticket WHERE kind = 'closed'`); a.StatusCode != http.StatusSeeOther || n != 0 {
			t.Errorf("undone: %s, %d closed", a.Status, n)
		}
		exec(t, db, `DROP TRIGGER held ON ticket`)
	}
}

// A form that names a ticket twice does its deed once, and the last batch tells it however often the last ticket was named.
func TestBulkFormsCountATicketOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(insider)
	id := fmt.Sprint(newTicket(t, db, inbox(t, db)))
	for _, deed := range [][2]string{{"1", "1 ticket starred"}, {"0", "Star removed from 1 ticket"}} {
		a := b.send(http.MethodPost, "/tickets/bulk", url.Values{"star": deed[:1], "next": {"/tickets?view=queues"}, "ticket": slices.Repeat([]string{id}, ticket.BulkMost+1)})
		if said := b.get(a.Header.Get("Location")).page(t).Find("form[data-undoing] p").Text(); a.StatusCode != http.StatusSeeOther || said != deed[1] {
			t.Errorf("%s, told %q, want %q", a.Status, said, deed[1])
		}
	}
	if got, want := numbers([]string{"7", "5", "x", "-1", "7", "5"}), []int64{5, 7}; !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
	var many []string
	for n := range ticket.BulkMost + 1 {
		many = append(many, dec(int64(n+1)))
	}
	if got := numbers(many); len(got) != ticket.BulkMost {
		t.Errorf("%d numbers, want as many as a deed takes", len(got))
	}
}

// The page without a script shows all deeds at once: a button does its own, whatever stands in the other fields.
func TestAButtonOfTheBulkPageDoesItsOwnDeedAlone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(boss)
	id := newTicket(t, db, inbox(t, db))
	tags := func() int { return one[int](t, db, `SELECT cardinality(tag_ids) FROM ticket WHERE id = $1`, id) }
	for _, only := range []string{"status", "none"} {
		a := b.post("/tickets/bulk", "ticket", dec(id), "only", only, "status", "", "add_tags", "vip")
		if a.StatusCode != http.StatusUnprocessableEntity || tags() != 0 {
			t.Errorf("%s with nothing chosen: %s, %d tags", only, a.Status, tags())
		}
	}
	if a := b.post("/tickets/bulk", "ticket", dec(id), "only", "tags", "status", "", "add_tags", "vip"); a.StatusCode != http.StatusSeeOther || tags() != 1 {
		t.Errorf("tags: %s, %d tags", a.Status, tags())
	}
}

func TestBulkFormsThatMeanNothingAreRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	id := fmt.Sprint(newTicket(t, db, inbox(t, db)))
	b := s.as(insider)
	for name, f := range map[string][]string{"no ticket": {"star", "1"}, "no deed": {"ticket", id}, "no such status": {"ticket", id, "status", "99999"},
		"a time that is none": {"ticket", id, "until", "at", "until_at", "soon"}, "a new tag": {"ticket", id, "add_tags", "brand new"}} {
		if a := b.post("/tickets/bulk", f...); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", name, a.Status)
		}
	}
	if a := b.post("/tickets/bulk", "ticket", id, "delete", "1"); a.StatusCode != http.StatusForbidden {
		t.Errorf("deleted without the permission: %s", a.Status)
	}
}
