package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/clerk"
	"frontdesk/internal/export"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// clones makes n tickets like one that newTicket makes, in one statement.
func clones(t *testing.T, db *pg.DB, queue int64, n int) {
	t.Helper()
	exec(t, db, `
		INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
		SELECT '=Łódź ' || n, $1, s.id, s.kind, p.id, now(), now() FROM generate_series(1, $2::int) n, status s, priority p WHERE s.key = 'new' AND p.key = 'normal'`, queue, n)
}

// rows are the rows of a sheet below its headings.
func rows(t *testing.T, a answer) [][]string {
	t.Helper()
	if kind := a.Header.Get("Content-Type"); a.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/csv; charset=utf-8") {
		t.Fatalf("%s, %s\n%.300s", a.Status, kind, a.body)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\uFEFF"))).ReadAll()
	must(t, err)
	return all[1:]
}

func TestAShortListIsADownload(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	second := secondQueue(t, db)
	clones(t, db, inbox(t, db), 3)
	clones(t, db, second, 2)
	b := s.as(boss)
	menu := b.get("/tickets?view=all&q=queue:Second").page(t).Find("#m-list form")
	if to := menu.AttrOr("action", ""); to != "/exports" {
		t.Fatalf("the list's menu leads to %q", to)
	}
	a := b.post("/exports", "list", menu.Find("[name=list]").AttrOr("value", ""))
	got := rows(t, a)
	if len(got) != 2 || got[0][1] != "'=Łódź 2" || got[0][4] != "Second" || !strings.HasSuffix(got[0][13], "Z") {
		t.Errorf("%q", got)
	}
	if d := a.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") || !strings.Contains(d, "queue_Second") || !strings.Contains(d, ".csv") {
		t.Errorf("Content-Disposition %q", d)
	}
	if n := s.as(insider).get("/tickets").page(t).Find("#m-list").Length(); n != 0 {
		t.Error("who may not export is offered it")
	}

	// A manager of one queue gets that queue.
	exec(t, db, `UPDATE profile SET permissions = permissions || '{ticket.export}'::text[] WHERE key = 'agent'`)
	for _, list := range []string{"view=all", "view=all&q=queue:Second,inbox", "view=all&q=-queue:Inbox", "view=all&q=id:100001,100002,100003,100004,100005"} {
		for _, row := range rows(t, s.as(insider).post("/exports", "list", list)) {
			if row[4] != "Inbox" {
				t.Errorf("%s of who works in the inbox holds %q", list, row)
			}
		}
	}
	if got := rows(t, s.as(outsider).post("/exports", "list", "view=all")); len(got) != 0 {
		t.Errorf("who works nowhere gets %q", got)
	}
}

// Ten thousand tickets are a download, one more is a file that is made in the background, which belongs to who asked for it.
func TestALongListIsMadeInTheBackground(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	clones(t, db, inbox(t, db), export.Direct)
	b := s.as(boss)
	if got := rows(t, b.post("/exports", "list", "view=all")); len(got) != export.Direct {
		t.Errorf("%d rows at once", len(got))
	}
	clones(t, db, inbox(t, db), 1)
	if a := b.post("/exports", "list", "view=all"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/exports" {
		t.Fatalf("one more: %s to %q", a.Status, a.Header.Get("Location"))
	}
	page := b.get("/exports").page(t)
	if page.Find("progress").Length() != 1 || page.Find(`a[href="/exports"].button`).Length() != 1 || page.Find("form[action$=cancellation]").Length() != 1 {
		t.Error("the page does not show that the file is being made, or offers no way to look again or to cancel")
	}
	if a := b.get("/exports/1/file"); a.StatusCode != http.StatusNotFound {
		t.Errorf("fetched before it is ready: %s", a.Status)
	}
	if n, err := (clerk.Clerk{DB: db, TempDir: t.TempDir()}).Once(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	page = b.get("/exports").page(t)
	file := page.Find("a[download]").AttrOr("href", "")
	if got := rows(t, b.get(file)); len(got) != export.Direct+1 {
		t.Errorf("%d rows in the file", len(got))
	}
	if note := page.Find(".export-state").Text(); !strings.Contains(note, "10,001 tickets") {
		t.Errorf("the page says %q", note)
	}
	news := b.get("/exports/news", "HX-Request", "true")
	if toast := news.page(t).Find(".toast[data-news]"); toast.Length() != 1 || !strings.Contains(toast.Text(), "ready") || toast.Find(`a[href="/exports"]`).Length() != 1 {
		t.Errorf("the news are %s", news.body)
	}

	// To everybody else, also who may export, there is no such file.
	exec(t, db, `UPDATE profile SET permissions = permissions || '{ticket.export}'::text[] WHERE key = 'agent'`)
	other := s.as(insider)
	for _, path := range []string{"file", "cancellation", "retry"} {
		method := map[bool]string{true: http.MethodGet, false: http.MethodPost}[path == "file"]
		there, none := other.send(method, "/exports/1/"+path, nil), other.send(method, "/exports/999/"+path, nil)
		if there.StatusCode != http.StatusNotFound || there.body != none.body {
			t.Errorf("%s of another's: %s", path, there.Status)
		}
	}
	if strings.Contains(other.get("/exports").body, "All tickets ") || strings.Contains(other.get("/exports/news").body, "toast") {
		t.Error("another's exports are shown")
	}

	// Taken away from the asker it is gone for them, and the page says why.
	exec(t, db, `UPDATE profile SET permissions = array_remove(permissions, 'queue.all') WHERE key = 'admin'`)
	exec(t, db, `DELETE FROM agent_queue WHERE agent_id = $1`, agentID(t, db, boss))
	if a := b.get(file); a.StatusCode != http.StatusNotFound {
		t.Errorf("without the queue: %s", a.Status)
	}
	if page := b.get("/exports").page(t); page.Find("a[download]").Length() != 0 || !strings.Contains(page.Find(".export-state").Text(), "withheld") {
		t.Error("the page offers a file that is withheld")
	}
	if a := b.post("/exports/1/cancellation"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("thrown away: %s", a.Status)
	}
	if a := b.post("/exports/1/cancellation"); a.StatusCode != http.StatusConflict {
		t.Errorf("thrown away twice: %s", a.Status)
	}
	exec(t, db, `UPDATE profile SET permissions = array_remove(permissions, 'ticket.export')`)
	if a := b.post("/exports", "list", "view=all"); a.StatusCode != http.StatusForbidden {
		t.Errorf("without the permission: %s", a.Status)
	}
}

// A file that cannot be ended does not look whole: the connection is cut.
func TestABrokenExportIsNoWholeFile(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	clones(t, db, inbox(t, db), 1200)
	b := s.as(boss)
	b.get("/tickets") // the process knows what the desk calls things
	// The rights are read with every batch; the second one finds none.
	exec(t, db, `CREATE SEQUENCE batches`)
	exec(t, db, `ALTER TABLE profile RENAME TO profile_kept`)
	exec(t, db, `CREATE VIEW profile AS SELECT id, key, name, CASE key WHEN 'admin' THEN CASE WHEN nextval('batches') > 2 THEN '{}' ELSE permissions END END AS permissions FROM profile_kept`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/exports", strings.NewReader("list=view%3Dall"))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.http.Do(req)
	must(t, err)
	defer resp.Body.Close()
	var n int
	for buf := make([]byte, 4096); err == nil; {
		var got int
		got, err = resp.Body.Read(buf)
		n += got
	}
	if resp.StatusCode != http.StatusOK || n < 10_000 || err == nil || err.Error() != "unexpected EOF" {
		t.Errorf("%s, %d bytes, then %v", resp.Status, n, err)
	}
}

// Only the own exports ring, and only for who made them.
func TestExportsRingTheirAgent(t *testing.T) {
	t.Parallel()
	mine := &stream{agent: agent.Agent{ID: 7}}
	got, ok := mine.ringFor(news{exports: []string{"x:7", "x:8", "p:77", "p:7"}})
	if want := fmt.Sprint([]string{"x:7", "p:7"}); !ok || fmt.Sprint(got.Keys) != want {
		t.Errorf("%v, %v, want %s", got.Keys, ok, want)
	}
	if got, ok := mine.ringFor(news{exports: []string{"x:8"}}); ok {
		t.Errorf("another's export rings: %v", got)
	}
}
