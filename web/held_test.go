package web

import (
	"net/http"
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// heldDesk is a desk with a mail whose file "a.txt" and whose picture came to what found says; NULL while they wait.
func heldDesk(t *testing.T, found any) (*site, things) {
	t.Helper()
	db := pgtest.New(t)
	staffed(t, db)
	all := made(t, db, inbox(t, db))
	exec(t, db, `UPDATE message_file SET found = $1 WHERE message_id = $2`, found, all["messages"])
	return start(t, db), all
}

// paths of what a held file keeps back.
func (all things) heldPaths() (file, source, picture string) {
	return "/attachments/" + all["attachments"] + "/a.txt", "/messages/" + all["messages"] + "/source", "/messages/" + all["messages"] + "/parts/pic@x"
}

func TestAHeldFileIsForWhoHoldsThePermission(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		found any
		says  string
	}{{"Eicar-Test", "“Eicar-Test” was found in a.txt."}, {nil, "a.txt is still being checked"}, {":too_large", "too large for the scanner"}, {":failed", "broke off"}} {
		s, all := heldDesk(t, c.found)
		file, source, picture := all.heldPaths()
		agent, admin := s.as(insider), s.as(boss)
		for _, path := range []string{file, source} {
			if a := agent.get(path); a.StatusCode != http.StatusForbidden || path == file && !strings.Contains(a.body, c.says) || strings.Contains(a.body, "hello") {
				t.Errorf("%v: an agent asks for %s: %s\n%s", c.found, path, a.Status, a.body)
			}
			if back, _ := agent.get(path).page(t).Find("#main a.button").Attr("href"); back != "/tickets/"+all["tickets"]+"#m"+all["messages"] {
				t.Errorf("%v: from the refusal of %s one goes back to %q", c.found, path, back)
			}
			if a := agent.post(path); a.StatusCode != http.StatusForbidden || !strings.Contains(a.body, "file.infected") {
				t.Errorf("%v: an agent posts to %s: %s", c.found, path, a.Status)
			}
			a := admin.get(path)
			if a.StatusCode != http.StatusOK || a.Header.Get("Content-Disposition") != "" || path == file && !strings.Contains(a.body, c.says) {
				t.Errorf("%v: what stands before %s: %s\n%s", c.found, path, a.Status, a.body)
			}
			if action, _ := a.page(t).Find("#main form").Attr("action"); action != path {
				t.Errorf("%v: %s leads to %q", c.found, path, action)
			}
			a = admin.post(path)
			if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(strings.ToLower(a.body), "hello") {
				t.Errorf("%v: an administrator takes %s: %s %q", c.found, path, a.Status, a.body)
			}
		}
		for _, b := range []*browser{agent, admin} {
			if a := b.get(picture); a.StatusCode != http.StatusForbidden {
				t.Errorf("%v: the picture: %s", c.found, a.Status)
			}
			if a := b.get("/messages/" + all["messages"] + "/body"); strings.Contains(a.body, "/parts/") {
				t.Errorf("%v: the picture stands in the text: %s", c.found, a.body)
			}
		}
		if a := s.as(outsider).get(file); a.StatusCode != http.StatusNotFound {
			t.Errorf("%v: who may not see the ticket: %s", c.found, a.Status)
		}
	}
}

func TestACardMarksHeldFiles(t *testing.T) {
	t.Parallel()
	s, all := heldDesk(t, "Eicar-Test")
	exec(t, s.db, `UPDATE message_file SET found = NULL WHERE id <> $1`, all["attachments"])
	file, source, _ := all.heldPaths()
	for _, x := range []struct {
		who string
		may bool
	}{{insider, false}, {boss, true}} {
		b := s.as(x.who)
		held := b.get("/tickets/" + all["tickets"]).page(t).Find("#m" + all["messages"] + " .file[data-held]")
		if held.Length() != 2 || !strings.Contains(held.Eq(0).Text(), "being checked") || !strings.Contains(held.Eq(1).Text(), "Eicar-Test found") {
			t.Errorf("%s: %s", x.who, held.Text())
		}
		drawer := b.get("/messages/" + all["messages"]).page(t)
		if got := drawer.Find(".file[data-held]").Text(); !strings.Contains(got, "Eicar-Test found") {
			t.Errorf("%s, details: %s", x.who, got)
		}
		if got := drawer.Find(`a[href="`+source+`"]`).Length() > 0; got != x.may {
			t.Errorf("%s, details: a way to the source: %v", x.who, got)
		}
		if got := held.Filter(`a[href="`+file+`"]:not([download])`).Length() > 0; got != x.may {
			t.Errorf("%s: a way to the file: %v", x.who, got)
		}
	}
}

func TestWhatWasFoundStandsInTheHistoryInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	s, all := heldDesk(t, "Eicar-Test")
	pgtest.Tx(t, s.db, func(tx *pg.Tx) {
		_, err := pg.Exec(t.Context(), tx, `
			INSERT INTO event (at, subject_kind, subject_id, kind, data)
			SELECT $1, 'ticket', $2::bigint, k, d::jsonb FROM (VALUES ('file_infected', '{"name": "a.txt", "text": "Eicar-Test"}'), ('file_unchecked', '{"name": "b.iso", "reason": "too_large"}'),
				('file_unchecked', '{"name": "c.zip", "reason": "failed"}')) AS x (k, d)`, tx.Now, all["tickets"])
		must(t, err)
	})
	b := s.as(insider)
	for language, sentences := range map[string][]string{
		"en": {"“Eicar-Test” was found in the file a.txt", "The file b.iso could not be checked for viruses: it is too large for the scanner", "the scanner broke off each time"},
		"pl": {"W pliku a.txt wykryto „Eicar-Test”", "jest za duży dla skanera", "przerywał"},
		"de": {"In der Datei a.txt wurde „Eicar-Test“ gefunden", "Sie ist zu groß", "brach jedes Mal ab"},
	} {
		exec(t, s.db, `UPDATE agent SET language = $1`, language)
		text := b.get("/tickets/" + all["tickets"]).page(t).Find("#talk").Text()
		for _, want := range sentences {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing", language, want)
			}
		}
	}
}
