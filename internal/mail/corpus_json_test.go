package mail

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// The tree beside each mail of the mail-parser corpus.
type treeMessage struct {
	TextBody    []int      `json:"text_body"`
	Attachments []int      `json:"attachments"`
	Parts       []treePart `json:"parts"`
}

type treePart struct {
	Headers []struct {
		Name  any             `json:"name"`
		Value json.RawMessage `json:"value"`
	} `json:"headers"`
	Body       json.RawMessage `json:"body"`
	OffsetBody int             `json:"offset_body"`
	OffsetEnd  int             `json:"offset_end"`
}

func mailParserCorpus(t *testing.T, root string) []expectation {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(root, "*", "*.eml"))
	var list []expectation
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var tree treeMessage
		if err := json.Unmarshal(data, &tree); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name, _ := filepath.Rel(filepath.Dir(root), file)
		list = append(list, tree.expectation(name, raw))
	}
	return list
}

func (tree treeMessage) expectation(file string, raw []byte) expectation {
	e := expectation{file: file, raw: raw}
	top := tree.Parts[0]
	if address, name, ok := top.from(); ok {
		e.sender, e.name = &address, &name
	}
	subject := top.text("subject")
	e.subject = &subject
	text := ""
	for _, i := range tree.TextBody {
		var body struct{ Text, Html *string }
		json.Unmarshal(tree.Parts[i].Body, &body)
		switch {
		case body.Text != nil:
			text += *body.Text + "\n"
		case body.Html != nil:
			text += HTMLToText(*body.Html) + "\n"
		}
	}
	e.text = &text
	attachments := []expectedFile{}
	for _, i := range tree.Attachments {
		attachments = append(attachments, tree.Parts[i].file(raw))
	}
	e.attachments = &attachments
	return e
}

func (p treePart) value(name string) json.RawMessage {
	for _, h := range p.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return nil
}

func (p treePart) text(name string) string {
	var v struct {
		Text     string
		TextList []string
	}
	json.Unmarshal(p.value(name), &v)
	return v.Text + strings.Join(v.TextList, " ")
}

type treeAddress struct {
	Name    *string `json:"name"`
	Address *string `json:"address"`
}

func (p treePart) from() (address, name string, ok bool) {
	var v struct {
		Address struct {
			List  []treeAddress
			Group []struct {
				Addresses []treeAddress `json:"addresses"`
			}
		}
	}
	raw := p.value("from")
	if raw == nil {
		return "", "", false
	}
	json.Unmarshal(raw, &v)
	list := v.Address.List
	for _, g := range v.Address.Group {
		list = append(list, g.Addresses...)
	}
	if len(list) == 0 {
		return "", "", true
	}
	if list[0].Name != nil {
		name = *list[0].Name
	}
	if list[0].Address != nil {
		address = *list[0].Address
	}
	return address, name, true
}

// file takes the name as the tree has it and every form of the bytes the tree
// can stand for: a text there is decoded and has no bytes.
func (p treePart) file(raw []byte) expectedFile {
	f := expectedFile{name: p.parameter("content_disposition", "filename"), sums: map[string]bool{}}
	if f.name == "" {
		f.name = p.parameter("content_type", "name")
	}
	var body struct {
		Text, Html           *string
		Binary, InlineBinary []uint16
		Message              json.RawMessage
	}
	json.Unmarshal(p.Body, &body)
	for _, text := range []*string{body.Text, body.Html} {
		if text != nil && !strings.ContainsRune(*text, utf8.RuneError) {
			f.sums[sumOf(*text)], f.sums[sumOf(unixLines(*text))] = true, true
		}
	}
	switch {
	case body.Message != nil && p.text("content_transfer_encoding") == "":
		f.sums[sumOf(string(raw[p.OffsetBody:p.OffsetEnd]))] = true
		f.sums[sumOf(string(bytes.TrimSuffix(bytes.TrimSuffix(raw[p.OffsetBody:p.OffsetEnd], []byte("\n")), []byte("\r"))))] = true
	case body.Message != nil:
	case body.Binary != nil || body.InlineBinary != nil:
		data := make([]byte, 0, len(body.Binary))
		for _, c := range append(body.Binary, body.InlineBinary...) {
			data = append(data, byte(c))
		}
		f.sums[sumOf(string(data))] = true
	}
	return f
}

func (p treePart) parameter(header, name string) string {
	var v struct {
		ContentType struct {
			Attributes []struct{ Name, Value string }
		}
	}
	json.Unmarshal(p.value(header), &v)
	for _, a := range v.ContentType.Attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}
