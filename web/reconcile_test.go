package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/alarm"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// words is what a part of a page says, its spaces as one.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestReconcileShowsBothLinesAndTheAlarmsWithWhatToDo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(boss)
	if page := b.get("/admin/reconcile").page(t); !strings.Contains(page.Find("#reconcile").Text(), "Nothing is out of order") || page.Find(".notice").Length() != 0 ||
		!strings.Contains(page.Find("#reconcile").Text(), "No mailbox yet") {
		t.Errorf("an empty desk: %s", words(page.Find("#reconcile").Text()))
	}
	all := made(t, db, inbox(t, db)) // a ticket, a delivery report and one in quarantine
	exec(t, db, `
		INSERT INTO inbound_folder (mailbox_id, folder, uidvalidity, connected_at, missed, missed_at, server_known, server_unread, changed_at, change)
		VALUES (`+all["reconcile"]+`, 'INBOX', 4711, now(), 4, now(), 3, 3, now(), 'uidvalidity')`)
	page := b.get("/admin/reconcile").page(t)
	var lines []string
	for _, e := range page.Find(".account .equation").EachIter() {
		lines = append(lines, words(strings.ReplaceAll(e.Text(), "+", " + ")))
	}
	want := []string{"10 on the server = 3 received + 3 unread + 4 never fetched",
		"3 received = 0 waiting + 1 tickets + 0 replies + 1 delivery reports + 0 ignored + 0 duplicates + 1 in quarantine + 0 removed"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if got := words(page.Find(".account").Text()); !strings.Contains(got, "4 still at the server") || !strings.Contains(got, "INBOX: 4711, since ") || !strings.Contains(got, "Last successnever") {
		t.Error(got)
	}
	var alarms []string
	for _, n := range page.Find(".alarms .notice").EachIter() {
		alarms = append(alarms, words(n.Find("b").Text())+" | "+words(n.Find("button, a").Text()))
	}
	name := words(page.Find(".account h3").Text())
	want = []string{name + ", INBOX: 4 messages were read in another program first and never fetched | Fetch now", name + ": 1 message waits in quarantine | Open quarantine",
		name + ": the server numbered the mails of INBOX anew | Mark as known"}
	if diff := cmp.Diff(want, alarms); diff != "" {
		t.Error(diff)
	}
	for deed, left := range map[string]string{"/admin/quarantine/missed/" + all["missed"]: "never fetched |", "/admin/reconcile/" + all["reconcile"] + "/acknowledgement": "anew |"} {
		if a := s.as(insider).post(deed); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s without the permission: %s", deed, a.Status)
		}
		for range 2 { // pressed twice is pressed once
			a := b.post(deed)
			to := a.Header.Get("Location")
			if page = b.get(to).page(t); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/admin/reconcile?said=") || page.Find("#passing .toast").Length() != 1 {
				t.Errorf("%s: %s to %q", deed, a.Status, to)
			}
		}
		for _, n := range page.Find(".alarms .notice").EachIter() {
			if said := words(n.Find("b").Text()) + " |"; strings.HasSuffix(said, left) {
				t.Errorf("after %s it is still said: %s", deed, said)
			}
		}
	}
	for _, deed := range []string{"/admin/quarantine/missed/999999", "/admin/reconcile/999999/acknowledgement"} {
		if a := b.post(deed); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s of a mailbox that is none: %s", deed, a.Status)
		}
	}
	exec(t, db, `DELETE FROM message WHERE inbound_id IS NOT NULL`)
	if got := words(b.get("/admin/reconcile").page(t).Find(".account .health").Text()); got != "1 message has no place in a ticket" {
		t.Errorf("a ticket lost its mail: %s", got)
	}
}

func TestReconcileAsksTheSameHoweverManyMailboxes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(boss)
	at, err := url.Parse(s.url)
	must(t, err)
	asked := func() int {
		ctx, n := pg.CountQueries(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/admin/reconcile", nil)
		for _, c := range b.http.Jar.Cookies(at) {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatal(w.Code)
		}
		return n()
	}
	one := asked()
	for range 4 {
		made(t, db, inbox(t, db))
	}
	if five := asked(); one != 11 || five != one {
		t.Errorf("%d questions without a mailbox and %d with four; want 11: who asks, the page's four and the frame's six", one, five)
	}
}

func TestAnAlarmRingsAndIsCountedForThoseWhoMayDealWithIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	ticket := newTicket(t, db, inbox(t, db))
	root, agent := s.as(boss).watch(), s.as(insider).watch()
	count := func(email string) string {
		return s.as(email).get("/tickets").page(t).Find("a.rail-link[href='/admin/reconcile'] .count[data-late]").Text()
	}
	keep := func() {
		t.Helper()
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			_, err := alarm.Machine{Name: "here"}.Keep(t.Context(), tx, nil)
			must(t, err)
		})
	}
	made(t, db, inbox(t, db)) // one mail in quarantine
	for _, want := range []string{"1", ""} {
		keep()
		if diff := cmp.Diff(ring{Keys: []string{alarm.Ring}, Counters: true}, root.next()); diff != "" {
			t.Error(diff)
		}
		if got := count(boss); got != want {
			t.Errorf("the rail counts %q, want %q", got, want)
		}
		if got := fmt.Sprint(s.as(insider).get("/tickets").page(t).Find("a.rail-link[href='/admin/reconcile']").Length()); got != "0" {
			t.Error("who may not see it is led there")
		}
		exec(t, db, `UPDATE inbound SET state = 'removed' WHERE state = 'quarantined'`)
	}
	rung(t, db, ticket)
	if r := agent.next(); len(r.Keys) != 1 || r.Keys[0] == alarm.Ring {
		t.Errorf("an agent without the permission heard %v", r.Keys)
	}
}
