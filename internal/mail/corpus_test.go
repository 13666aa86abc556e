package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"
)

// expectation is what a corpus says about one mail. nil means it says nothing.
type expectation struct {
	file        string
	raw         []byte
	sender      *string // address, lower-case
	name        *string
	subject     *string
	text        *string
	attachments *[]expectedFile
}

type expectedFile struct {
	name string
	sums map[string]bool // any of these; none: the corpus does not say
}

// TestCorporaAreReadAsExpected holds Parse to the corpora beside the project.
// Every miss stands with its reason in testdata/misses.txt: a new one fails,
// and so does a listed one that is no miss any more. A reason that starts with
// "corpus:" says why the corpus wants nothing a person would want; such a line
// is left out of the rates.
func TestCorporaAreReadAsExpected(t *testing.T) {
	t.Parallel()
	root := corpora(t)
	expected := append(mailParserCorpus(t, filepath.Join(root, "mail-parser")), mime4jCorpus(t, filepath.Join(root, "mime4j"))...)
	counts := map[string][2]int{}
	found, listed := map[string]string{}, listedMisses(t)
	for _, e := range expected {
		for _, c := range e.compare(Parse(e.raw)) {
			key, n := e.file+" "+c.what, counts[c.what]
			if c.difference != "" {
				found[key] = c.difference
			}
			if strings.HasPrefix(listed[key], "corpus: ") {
				continue
			}
			n[1]++
			if c.difference == "" {
				n[0]++
			}
			counts[c.what] = n
		}
	}
	for what, least := range map[string]int{"sender": 99, "name": 99, "subject": 99, "attachments": 97, "text": 95} {
		n := counts[what]
		t.Logf("%-12s %d of %d", what, n[0], n[1])
		if n[0]*100 < least*n[1] {
			t.Errorf("%s: %d of %d right, at least %d %% wanted", what, n[0], n[1], least)
		}
	}
	compareMisses(t, found, listed)
}

func compareMisses(t *testing.T, found, listed map[string]string) {
	t.Helper()
	var keys []string
	for key := range found {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		if listed[key] == "" {
			t.Errorf("new miss: %s: %s", key, found[key])
		}
	}
	for key := range listed {
		if found[key] == "" {
			t.Errorf("%s is listed in testdata/misses.txt and is right now: take it out", key)
		}
	}
}

// listedMisses reads lines "file what: reason".
func listedMisses(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/misses.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, reason, found := strings.Cut(line, ": ")
		if !found || reason == "" {
			t.Errorf("testdata/misses.txt: no reason in %q", line)
		}
		listed[key] = reason
	}
	return listed
}

type comparison struct{ what, difference string }

func (e expectation) compare(m *Message) []comparison {
	var list []comparison
	say := func(what string, want *string, got string) {
		if want != nil {
			list = append(list, comparison{what, differ(fold(*want), fold(got))})
		}
	}
	sender := Address{}
	if len(m.From) > 0 {
		sender = m.From[0]
	}
	if e.sender != nil {
		normal := NormalAddress(*e.sender)
		say("sender", &normal, sender.Address)
	}
	say("name", e.name, sender.Name)
	say("subject", e.subject, m.Subject)
	say("text", e.text, m.Text)
	if e.attachments != nil {
		list = append(list, comparison{"attachments", differFiles(*e.attachments, m.Attachments)})
	}
	return list
}

func fold(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\x00", "")), " ")
}

// sameText takes the sign for a lost character in what is wanted for any
// character: the corpus lost it, the mail did not.
func sameText(want, got string) bool {
	if want == got {
		return true
	}
	w, g := []rune(want), []rune(got)
	if len(w) != len(g) {
		return false
	}
	for i := range w {
		if w[i] != g[i] && w[i] != utf8.RuneError {
			return false
		}
	}
	return true
}

func differ(want, got string) string {
	if sameText(want, got) {
		return ""
	}
	at := 0
	for at < len(want) && at < len(got) && want[at] == got[at] {
		at++
	}
	from := max(0, at-20)
	return fmt.Sprintf("want …%q, got …%q", cut(want[from:], 60), cut(got[from:], 60))
}

func differFiles(want []expectedFile, got []Attachment) string {
	var names []string
	for _, a := range got {
		names = append(names, a.Type+" "+a.Name)
	}
	if len(want) != len(got) {
		return fmt.Sprintf("want %d files %v, got %d %q", len(want), want, len(got), names)
	}
	for i, w := range want {
		if !sameText(fold(w.name), fold(got[i].Name)) {
			return fmt.Sprintf("want name %q, got %q", w.name, got[i].Name)
		}
		if len(w.sums) > 0 && !w.sums[hex.EncodeToString(got[i].SHA256[:])] && !w.sums[utf8Sum(got[i])] {
			return fmt.Sprintf("file %d %q: other bytes (%d)", i, names[i], len(got[i].Data))
		}
	}
	return ""
}

// utf8Sum is the sum of a text file's bytes turned into UTF-8, for a corpus
// that keeps text and not bytes.
func utf8Sum(a Attachment) string {
	text, _ := decodeCharset(a.Data, "", "")
	return sumOf(unixLines(text))
}

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// corpora finds the folder beside the project's root.
func corpora(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	root := filepath.Join(dir, "..", "shared", "corpora")
	if _, err := os.Stat(root); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the corpora are missing: %v", err)
		}
		t.Skipf("the corpora are not here (%v): the mails of others are not tried", err)
	}
	return root
}
