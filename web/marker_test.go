package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// marker breaks out of text, attributes, scripts, titles and comments wherever it is not escaped.
const marker = `z"'--></title></textarea></script><script>zz7()</script><i id=zz7 onzz7=1>` + "`${zz7}{{zz7}}"

// codes are columns that hold words of ours, which no form and no mail fills.
var codes = []string{
	"agent.email", "agent.language", "agent.time_zone", "agent.theme", "agent.density", "agent.layout", "agent.list_columns", "agent.list_layout",
	"agent.password_hash", "calendar.key", "calendar.time_zone", "event.kind", "event.subject_kind", "export.ordered", "export.reason", "export.view",
	"inbound.flags", "inbound.reason", "message.flags", "message.form_key", "message.language", "parameter.name", "priority.key", "profile.key",
	"profile.permissions", "queue.key", "saved_view.base", "saved_view.ordered", "status.key", "ticket.kind", "ticket.language",
	"message_body.html",       // cleaned when it is written: mail.TestHostileFragmentsOfDOMPurifyComeOutHarmless
	"message_file.content_id", // a picture of its text is asked for by it
}

// TestNothingComesOutUnescaped puts markup into every column of the database that takes a text, and reads every page in three languages (RELIABILITY C2): what
// colleagues type, customers are called and servers say is text wherever it is shown.
func TestNothingComesOutUnescaped(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	all := made(t, db, inbox(t, db))
	b := s.as(boss)
	exec(t, db, `INSERT INTO tag (name, created_at) VALUES ('quiet', now())`)
	exec(t, db, `INSERT INTO category (name) VALUES ('Hardware')`)
	exec(t, db, `UPDATE ticket SET tag_ids = ARRAY[(SELECT min(id) FROM tag)], category_id = (SELECT min(id) FROM category), assignee_id = $1`, agentID(t, db, insider))
	b.post("/tickets/"+all["tickets"]+"/comments", "text", "aside", "form_key", "k1")
	b.post("/tickets/"+all["tickets"]+"/changes", "priority", "1")
	filledIn := fill(t, db)
	if len(filledIn) < 40 {
		t.Fatalf("only %v take a text", filledIn)
	}
	shown := 0
	for _, lang := range []string{"en", "pl", "de"} {
		exec(t, db, `UPDATE agent SET language = $1`, lang)
		for _, path := range pagesOf(t, s, all) {
			for _, header := range []string{"", "true"} {
				if lang != "en" && header == "" {
					continue // the frame is the same
				}
				req := b.request(t.Context(), http.MethodGet, path, nil)
				req.Header.Set("HX-Request", header)
				a := b.serve(req)
				if a.StatusCode >= 500 {
					t.Errorf("%s: %s\n%s", path, a.Status, s.said.errors())
				}
				if h := a.Header.Get("Content-Type"); !strings.HasPrefix(h, "text/html") {
					continue
				}
				for _, raw := range []string{"<i id=zz7", "<script>zz7", "</title></textarea>"} {
					if at := strings.Index(a.body, raw); at >= 0 {
						t.Errorf("%s has markup in it: …%s…", path, a.body[max(0, at-200):min(len(a.body), at+100)])
					}
				}
				if page := a.page(t); page.Find("#zz7, [onzz7]").Length() > 0 {
					t.Errorf("%s has an element of ours", path)
				}
				shown += strings.Count(a.body, "zz7()")
			}
		}
	}
	t.Logf("%d columns, shown %d times", len(filledIn), shown)
	if shown < 1000 {
		t.Errorf("it is shown %d times only", shown)
	}
}

// fill sets every text that may be anything to the marker and says which those are.
func fill(t *testing.T, db *pg.DB) (done []string) {
	t.Helper()
	columns, err := pg.List[struct{ TableName, ColumnName, DataType string }](t.Context(), db, `
		SELECT c.table_name::text, c.column_name::text, CASE WHEN c.data_type = 'ARRAY' THEN c.udt_name ELSE c.data_type END::text AS data_type
		FROM information_schema.columns c JOIN pg_tables t ON t.tablename = c.table_name AND t.schemaname = c.table_schema
		WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER' AND c.table_name NOT LIKE 'goose%' ORDER BY 1, 2`)
	must(t, err)
	for _, c := range columns {
		value := `left($1, 190) || row_number`
		switch {
		case slices.Contains(codes, c.TableName+"."+c.ColumnName):
			continue
		case c.DataType == "text":
		case c.DataType == "_text":
			value = `ARRAY[` + value + `]`
		default:
			continue
		}
		err := db.InTx(t.Context(), func(tx *pg.Tx) error {
			n, err := pg.Exec(t.Context(), tx, `
				UPDATE `+c.TableName+` x SET `+c.ColumnName+` = `+value+` FROM (SELECT ctid AS place, row_number() OVER () AS row_number FROM `+c.TableName+`) r WHERE r.place = x.ctid`, marker)
			if n > 0 {
				done = append(done, c.TableName+"."+c.ColumnName)
			}
			return err
		})
		if err != nil && !strings.Contains(err.Error(), "constraint") {
			t.Fatal(err)
		}
	}
	return done
}
