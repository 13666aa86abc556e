package mail

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The structure beside each mail of the mime4j corpus: fields as written,
// bodies without transfer encoding in files of their own.
type xmlEntity struct {
	Fields  []string   `xml:"header>field"`
	Text    *xmlBody   `xml:"text-body"`
	Binary  *xmlBody   `xml:"binary-body"`
	Multi   *xmlMulti  `xml:"multipart"`
	Message *xmlEntity `xml:"message"`
}

type xmlMulti struct {
	Parts []xmlEntity `xml:"body-part"`
}

type xmlBody struct {
	Name string `xml:"name,attr"`
}

func mime4jCorpus(t *testing.T, root string) []expectation {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(root, "*", "*.msg"))
	var list []expectation
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(strings.TrimSuffix(file, ".msg") + "_decoded.xml")
		if err != nil {
			continue
		}
		var top xmlEntity
		decoder := xml.NewDecoder(strings.NewReader(strings.ToValidUTF8(string(data), "?")))
		decoder.Strict = false
		if err := decoder.Decode(&top); err != nil {
			t.Logf("%s: structure unreadable: %v", file, err)
			continue
		}
		name, _ := filepath.Rel(filepath.Dir(root), file)
		list = append(list, top.expectation(t, name, filepath.Dir(file), raw))
	}
	return list
}

func (x xmlEntity) expectation(t *testing.T, name, dir string, raw []byte) expectation {
	t.Helper()
	e := expectation{file: name, raw: raw}
	if from := x.field("From"); strings.Contains(from, "@") && isPlainASCII([]byte(from)) && !strings.Contains(from, "=?") {
		address := from
		if at := strings.LastIndexByte(from, '<'); at >= 0 {
			address = strings.TrimRight(from[at+1:], "> ")
		} else if words := strings.Fields(from); len(words) > 0 {
			address = words[0]
		}
		e.sender = &address
	}
	if subject := x.field("Subject"); isPlainASCII([]byte(subject)) && !strings.Contains(subject, "=?") {
		e.subject = &subject
	}
	text, files := "", []expectedFile{}
	x.collect(t, dir, true, false, &text, &files)
	e.text, e.attachments = &text, &files
	return e
}

func (x xmlEntity) field(name string) string {
	for _, f := range x.Fields {
		if key, value, found := strings.Cut(strings.TrimSpace(f), ":"); found && strings.EqualFold(strings.TrimSpace(key), name) {
			return fold(value)
		}
	}
	return ""
}

// collect sorts the leaves: text without a name, or standing first, is the
// body, of alternatives the plain one; the rest are files.
func (x xmlEntity) collect(t *testing.T, dir string, isFirst, plainOnly bool, text *string, files *[]expectedFile) {
	t.Helper()
	d := &decoder{}
	kind, disposition := d.contentType([]byte(x.field("Content-Type"))), d.contentType([]byte(x.field("Content-Disposition")))
	name := fileName((&part{kind: kind, disposition: disposition}).name())
	isText := x.Text != nil && disposition.value != "attachment" && (name == "" || isFirst) &&
		(kind.value == "text/plain" || kind.value == "text/html" || !strings.Contains(kind.value, "/"))
	switch {
	case x.Message != nil:
		*files = append(*files, expectedFile{name: name})
	case x.Multi != nil:
		if kind.value == "multipart/alternative" && x.hasPlain() {
			plainOnly = true
		}
		for i, child := range x.Multi.Parts {
			child.collect(t, dir, i == 0, plainOnly, text, files)
		}
	case isText && kind.value == "text/html" && plainOnly:
	case isText:
		one, _ := decodeCharset(x.read(t, dir, x.Text), kind.params["charset"], "")
		if kind.value == "text/html" {
			one = HTMLToText(one)
		}
		*text += one + "\n"
	case x.Text != nil:
		*files = append(*files, x.file(t, dir, name, x.Text))
	case x.Binary != nil:
		*files = append(*files, x.file(t, dir, name, x.Binary))
	}
}

func (x xmlEntity) hasPlain() bool {
	if x.Multi == nil {
		return x.Text != nil && !strings.HasPrefix(strings.ToLower(x.field("Content-Type")), "text/html")
	}
	for _, child := range x.Multi.Parts {
		if child.hasPlain() {
			return true
		}
	}
	return false
}

func (x xmlEntity) file(t *testing.T, dir, name string, body *xmlBody) expectedFile {
	t.Helper()
	data := string(x.read(t, dir, body))
	return expectedFile{name: name, sums: map[string]bool{sumOf(data): true, sumOf(unixLines(data)): true}}
}

func (x xmlEntity) read(t *testing.T, dir string, body *xmlBody) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, body.Name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
