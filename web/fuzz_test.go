package web

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

var (
	asksFor = regexp.MustCompile(`\?([a-z_]+(?:\|[a-z_]+)*)=`)
	word    = regexp.MustCompile(`"([a-z][a-z_]{0,24})"`)
)

// askedFor are the names behind question marks that the address book lists.
func askedFor(t *testing.T) (names []string) {
	t.Helper()
	book, err := os.ReadFile("../templates/href/href.go")
	must(t, err)
	for _, m := range asksFor.FindAllStringSubmatch(string(book), -1) {
		names = append(names, strings.Split(m[1], "|")...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// wordsOf are all words that stand in quotes in the source of this package: every field a handler reads is among them.
func wordsOf(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, f := range append(files, "../templates/href/list.go") {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		source, err := os.ReadFile(f)
		must(t, err)
		for _, m := range word.FindAllStringSubmatch(string(source), -1) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var hostileValues = []string{
	`'`, `"`, `\`, `' OR '1'='1`, `'; DROP TABLE ticket; --`, `1 UNION SELECT password_hash FROM agent`, `$1`, `%s%n`, `{{.}}`, `${x}`, "a\x00b", "\xff\xfe",
	"\u2028", "\r\nX-Evil: 1", "%", "_", `*`, `(`, `[`, `id:`, `tag:"`, `older:9999999999d`, "-1", "0", "1e999", "NaN", "9223372036854775807",
	"9223372036854775808", "99999999999999999999999", "0001-01-01T00:00", "294277-01-01T00:00", "2026-02-30T25:61", "view=s0&q=%zz", "view=%00&order='",
	strings.Repeat("x", 10_000), strings.Repeat("(", 3_000), "\u202e", "🜁", "null", "[]", "true",
}

// TestNoValueIsAServerError puts quotes, NUL, long and odd values into every name behind a question mark of every page, and into every field of every form
// (RELIABILITY C21, ASVS 1.2.4): whatever they get, it is no failure of ours.
func TestNoValueIsAServerError(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	all := made(t, db, inbox(t, db))
	b := s.as(boss)
	names, words := askedFor(t), wordsOf(t)
	if len(names) < 20 || len(words) < 100 {
		t.Fatalf("%d names, %d words", len(names), len(words))
	}
	sent := 0
	send := func(method, path string, form url.Values) {
		sent++
		if a := b.serve(b.request(t.Context(), method, path, form)); a.StatusCode >= 500 {
			t.Errorf("%s %.200s %.300v: %s\n%s", method, path, form, a.Status, s.said.errors())
		}
	}
	turn := 0
	value := func() string { turn++; return hostileValues[turn%len(hostileValues)] }
	for _, rt := range s.routes() {
		if streams(rt) || rt.path == "/sign-out" || rt.path == "/sign-in" && rt.method == http.MethodPost || rt.path == "/set-up" {
			continue // guesses there are counted
		}
		path := filled(t, rt.path, all)
		if rt.method == http.MethodGet {
			for _, name := range names {
				send(rt.method, path+"?"+url.Values{name: {value()}}.Encode(), nil)
			}
			for range len(hostileValues) / 2 {
				v, every := value(), url.Values{}
				for _, name := range names {
					every.Set(name, v)
				}
				send(rt.method, path+"?"+every.Encode(), nil)
			}
			send(rt.method, path+"?%zz=%&=&q", nil)
			continue
		}
		good := all.form(rt)
		for field := range good {
			for range 2 {
				bad := maps.Clone(good)
				bad[field] = []string{value(), value()}
				send(rt.method, path, bad)
			}
		}
		for range 4 {
			bad := maps.Clone(good)
			for _, w := range words {
				if !good.Has(w) {
					bad.Set(w, value())
				}
			}
			send(rt.method, path, bad)
		}
	}
	t.Logf("%d requests", sent)
}

// TestNoFormChangesWhatItDoesNotOffer posts the name of every column of the database to every form (RELIABILITY C23): what is sent under it is found in none
// but the columns that stand here.
func TestNoFormChangesWhatItDoesNotOffer(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(boss)
	columns, err := pg.List[string](t.Context(), db, `SELECT DISTINCT column_name::text FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1`)
	must(t, err)
	words := wordsOf(t)
	routes := s.routes()
	for i, rt := range routes {
		if rt.method != http.MethodPost || rt.path == "/sign-out" || rt.who == anybody {
			continue
		}
		all := made(t, db, inbox(t, db))
		path, good := filled(t, rt.path, all), all.form(rt)
		post := func(add url.Values) {
			form := maps.Clone(good)
			maps.Copy(form, add)
			form.Set("form_key", rand.Text())
			b.serve(b.request(t.Context(), rt.method, path, form))
		}
		canary := fmt.Sprintf("canary%dx", i)
		texts, numbers := url.Values{}, url.Values{}
		for _, c := range columns {
			if !slices.Contains(words, c) {
				texts.Set(c, canary)
				numbers.Set(c, fmt.Sprint(7770000+i))
			}
		}
		post(texts)
		post(numbers)
		var known []string
		for _, c := range columns {
			if slices.Contains(words, c) && c != "form_key" && (!good.Has(c) || c == "text") {
				known = append(known, c)
			}
		}
		for some := range slices.Chunk(known, 5) { // all at once, they would hinder one another
			add := url.Values{}
			for _, c := range some {
				add.Set(c, canary)
			}
			post(add)
		}
	}
	var found []string
	for _, h := range holding(t, db, "canary([0-9]+)x|777([0-9]{4})") {
		var i int
		_, err := fmt.Sscan(strings.TrimLeft(h.Value, "0"), &i)
		must(t, err)
		found = append(found, routes[i].path+" "+h.At)
	}
	slices.Sort(found)
	var want []string
	for _, form := range []string{"comments", "replies"} {
		for _, at := range []string{"message.excerpt", "message_body.text", "search_document.words"} {
			want = append(want, "/tickets/{ticket}/"+form+" "+at)
		}
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}

// held is a value in a column.
type held struct{ At, Value string }

// holding are the columns in which something stands, with the first part of the pattern that matched.
func holding(t *testing.T, db *pg.DB, pattern string) (all []held) {
	t.Helper()
	tables, err := pg.List[string](t.Context(), db, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'`)
	must(t, err)
	for _, table := range tables {
		found, err := pg.List[held](t.Context(), db, `
			SELECT DISTINCT $1 || '.' || e.key AS at, COALESCE(m[1], m[2]) AS value FROM `+table+` r, jsonb_each_text(to_jsonb(r)) e, regexp_matches(e.value, $2, 'g') m`, table, pattern)
		must(t, err)
		all = append(all, found...)
	}
	return all
}
