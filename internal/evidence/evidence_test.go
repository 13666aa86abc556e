package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(\w+ \*testing\.T\)`)

func TestEveryNamedTestExists(t *testing.T) {
	t.Parallel()
	for _, s := range packages(rows) {
		there := map[string]bool{}
		files, err := filepath.Glob(filepath.Join("../..", s.dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			source, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range testFunc.FindAllStringSubmatch(string(source), -1) {
				there[m[1]] = true
			}
		}
		for _, test := range s.tests {
			if !there[test] {
				t.Errorf("%s has no %s: name the test that shows the row now", s.dir, test)
			}
		}
	}
}

// asked are the rows of RELIABILITY: a row that is forgotten is not a row that holds.
const asked = `I1 I2 I3 I4 I5
	C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25
	1.1.1 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.9 1.3.1 1.3.4 1.3.6 1.3.7 1.3.11 2.2.1 2.2.2 2.3.3 2.3.4 2.4.1
	3.2.1 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.5.1 3.5.2 3.5.3 3.5.5 3.7.2 4.1.1 4.1.3
	5.1.1 5.2.1 5.2.2 5.2.3 5.3.2 5.4.1 5.4.2 5.4.3
	6.2.1 6.2.3 6.2.4 6.2.9 6.2.12 6.3.1 6.3.2 6.3.3 6.3.4 6.4.1 6.4.3 6.5.1 6.5.5 6.6.3
	7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.5 7.5.1 7.5.2 8.1.1 8.2.1 8.2.2 8.2.3 8.3.1
	11.3.2 11.4.2 11.5.1 12.1.1 12.3.1 12.3.2 13.3.1 13.4.2 13.4.5 14.2.1 14.3.1 14.3.2 15.1.2 15.2.2 15.3.1 15.3.2 15.3.3 15.3.4
	16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.5.1 16.5.2 16.5.3`

func TestEveryRowIsThereOnceAndAnswered(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, r := range rows {
		for _, id := range r.items() {
			seen[id]++
		}
		if r.asks == "" || r.tests == "" && r.later == "" && r.open == "" || r.tests != "" && r.how == "" {
			t.Errorf("%s: it says too little", r.id)
		}
	}
	for _, id := range strings.Fields(asked) {
		if seen[id] != 1 {
			t.Errorf("%s stands %d times", id, seen[id])
		}
		delete(seen, id)
	}
	for id := range seen {
		t.Errorf("%s is asked nowhere", id)
	}
}

func TestTheWorstOfItsTestsIsTheVerdictOfARow(t *testing.T) {
	t.Parallel()
	p := page{at: time.Unix(0, 0), rows: []row{
		{id: "C1", asks: "a|b", how: "x", tests: "mail.TestA mail.TestB"}, {id: "C2", asks: "c", how: "y", tests: "mail.TestA web/e2e.TestC"},
		{id: "C3", asks: "d", how: "z", tests: "web.TestD"}, {id: "C4", asks: "e", later: "exports"}, {id: "C5", asks: "f", open: "a test", later: "a feature"},
		{id: "C6", asks: "g", how: "h", tests: "web.TestE"},
	}, said: map[string]verdict{}}
	for dir, events := range map[string]string{
		"internal/mail": `{"Action":"start"}{"Action":"run","Test":"TestA"}{"Action":"fail","Test":"TestA/one"}{"Action":"pass","Test":"TestA"}{"Action":"pass","Test":"TestB"}{"Action":"pass"}`,
		"web/e2e":       `{"Action":"fail","Test":"TestC"}{"Action":"fail"}`,
		"web":           `{"Action":"skip","Test":"TestD"}`,
	} {
		if err := note(dir, []byte(events), p.said); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{holds, broken, mute, absent, open, mute} {
		if got := p.verdict(p.rows[i]); got != want {
			t.Errorf("%s %s, want %s", p.rows[i].id, got, want)
		}
	}
	if got := strings.Join(p.broken(), " "); got != "C2 C3 C6" {
		t.Errorf("broken are %s", got)
	}
	text := p.text()
	for _, want := range []string{`| C1 | a\|b | x | ` + "`mail.TestA`<br>`mail.TestB` | holds |", "`web/e2e.TestC` **fail** | DOES NOT HOLD", "5 tests", "1 holds, 1 DOES NOT HOLD, 2 not run, 1 open, 1 not yet"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if err := note("web", []byte(`{"Action":`), p.said); err == nil {
		t.Error("half an event was read")
	}
}
