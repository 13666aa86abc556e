package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestMailReadElsewhereIsShownAndTakenByAButton(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	all := made(t, db, inbox(t, db))
	b := s.as(boss)
	if page := b.get("/admin/quarantine").page(t); page.Find(".sum-missed").Length() != 0 {
		t.Error("nothing was missed, and yet it is shown")
	}
	exec(t, db, `INSERT INTO inbound_folder (mailbox_id, folder, uidvalidity, connected_at, missed) VALUES (`+all["missed"]+`, 'INBOX', 1, now(), 3)`)
	exec(t, db, `UPDATE mailbox SET also_read = true WHERE id = `+all["missed"])
	sum := b.get("/admin/quarantine").page(t).Find(".sum")
	action, _ := sum.Find(".sum-missed form").Attr("action")
	if !strings.Contains(sum.Text(), "3 messages were read in another program first") || !strings.Contains(sum.Text(), "also takes") || action != "/admin/quarantine/missed/"+all["missed"] {
		t.Fatalf("%q: %s", action, sum.Text())
	}
	if a := s.as(insider).post(action); a.StatusCode != http.StatusForbidden {
		t.Errorf("without the permission: %s", a.Status)
	}
	for range 2 { // pressed twice is pressed once
		a := b.post(action)
		page := b.get(a.Header.Get("Location")).page(t)
		if a.StatusCode != http.StatusSeeOther || page.Find(".sum-missed form").Length() != 0 || !strings.Contains(page.Find(".sum-missed").Text(), "next poll") ||
			!strings.Contains(page.Find("#passing").Text(), "next poll") {
			t.Errorf("%s: %s", a.Status, page.Find(".sum-missed").Text())
		}
	}
	told, err := pg.List[string](t.Context(), db, `SELECT subject_kind || subject_id || (data->>'reason') FROM event WHERE kind = 'quarantine_done'`)
	if err != nil || fmt.Sprint(told) != "[mailbox"+all["missed"]+"take_missed]" {
		t.Errorf("%v, %v", told, err)
	}
}

func TestQuarantineKnowsNoOtherAddresses(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(boss)
	for _, full := range []bool{false, true} {
		if full {
			all := made(t, db, inbox(t, db))
			if a := b.get("/admin/quarantine/" + all["quarantine"]); a.StatusCode != http.StatusOK {
				t.Errorf("the one there is: %s", a.Status)
			}
		}
		if a := b.get("/admin/quarantine"); a.StatusCode != http.StatusOK {
			t.Errorf("the page: %s", a.Status)
		}
		for _, path := range []string{"abc", "0", "007", "-1", "999999999", "missed"} {
			if a := b.get("/admin/quarantine/" + path); a.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s", path, a.Status)
			}
		}
	}
}

func TestAMailThatWasDecidedInAnotherWindowSaysSo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(boss)
	entry := "/admin/quarantine/" + made(t, db, inbox(t, db))["quarantine"]
	if got := told(t, b, b.post(entry+"/discard")); got != "Discarded" {
		t.Fatalf("discarding says %q", got)
	}
	for what, again := range map[string]answer{"retry": b.post(entry + "/retry"), "plain": b.post(entry + "/plain"), "discard": b.post(entry + "/discard"), "back": b.get(entry)} {
		if got, want := told(t, b, again), "Somebody has dealt with this already"; got != want {
			t.Errorf("%s says %q, want %q", what, got, want)
		}
	}
}
