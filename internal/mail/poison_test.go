package mail

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/internal/fixture/matrix"
)

// poisons are mails built to cost time or memory out of proportion.
func poisons() map[string][]byte {
	list := map[string][]byte{
		"50,000 parts":             []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 50_000) + "--b--\n"),
		"50,000 empty parts":       []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n", 50_000)),
		"20,000 parameters":        []byte("Content-Type: text/plain" + strings.Repeat("; a=b", 20_000) + "\n\nthe text\n"),
		"20,000 pieces of a name":  []byte("Content-Type: text/plain" + strings.Repeat("; name*1*=b", 20_000) + "\n\nthe text\n"),
		"10 MB line":               []byte("From: a@b.example\n\n" + strings.Repeat("x", 10<<20)),
		"10 MB header line":        []byte("X-Long: " + strings.Repeat("x", 10<<20) + "\nFrom: a@b.example\n\nthe text\n"),
		"1 MB subject":             []byte("Subject: " + strings.Repeat("é", 1<<19) + "\nFrom: a@b.example\n\nthe text\n"),
		"1 MB of encoded words":    []byte("Subject: " + strings.Repeat("=?utf-8?q?=C3?= ", 1<<16) + "\n\nthe text\n"),
		"encoded words unended":    []byte("Subject: " + strings.Repeat("=?utf-8?q?x ", 20_000) + "\nFrom: " + strings.Repeat("=?utf-8?q?x ", 10_000) + "\n\nthe text\n"),
		"1 MB references":          []byte("References: " + strings.Repeat("<a.b.c.d.e@example.org> ", 1<<16) + "\n\nthe text\n"),
		"references of brackets":   []byte("References: " + strings.Repeat("<", 1<<19) + strings.Repeat(">", 1<<19) + "\n\nthe text\n"),
		"50,000 recipients":        []byte("To: " + strings.Repeat("\"A, B\" <a@example.org>, ", 50_000) + "\nFrom: a@b.example\nSubject: s\n\nthe text\n"),
		"open brackets":            []byte("To: " + strings.Repeat("(", 200_000) + ")\nCc: " + strings.Repeat("<", 40_000) + "\n\nthe text\n"),
		"open quotes":              []byte("To: " + strings.Repeat(`"a" `, 40_000) + "\"\nCc: " + strings.Repeat("\"\",", 60_000) + "\n\nthe text\n"),
		"colons":                   []byte("To: " + strings.Repeat("x ", 40_000) + "a@b " + strings.Repeat(": ", 60_000) + "\n\nthe text\n"),
		"50,000 fields":            []byte(strings.Repeat("Received: x\n", 50_000) + "From: a@b.example\n\nthe text\n"),
		"50,000 From fields":       []byte(strings.Repeat("From: a@b.example\n", 50_000) + "\nthe text\n"),
		"NULs":                     append([]byte("From: a\x00@b.example\nSubject: x\x00y\n\n"), make([]byte, 1<<20)...),
		"folded for ever":          []byte("Subject: x\n" + strings.Repeat(" y\n", 300_000) + "\nthe text\n"),
		"blank folds":              []byte("Subject: x\n" + strings.Repeat(" \n", 300_000) + "\nthe text\n"),
		"uuencode begins":          []byte("\n" + strings.Repeat("begin 644 x\n", 100_000)),
		"uuencode never ends":      []byte("\nbegin 644 x\n" + strings.Repeat("M"+strings.Repeat("A", 60)+"\n", 100_000)),
		"broken HTML":              []byte("Content-Type: text/html\n\n" + strings.Repeat("<div><b><p>", 200_000)),
		"cid for ever":             []byte("Content-Type: text/html\n\n" + strings.Repeat("cid:", 500_000)),
		"CR only":                  []byte(strings.Repeat("a: b\r", 100_000) + "\rthe text\r"),
		"flowed":                   []byte("Content-Type: text/plain; format=flowed; delsp=yes\n\n" + strings.Repeat("x \n", 300_000)),
		"header never ends":        []byte(strings.Repeat("Content-Type: multipart/mixed; boundary=x\n", 50_000)),
		"base64 of nothing":        []byte("Content-Transfer-Encoding: base64\n\n" + strings.Repeat("!", 10<<20)),
		"8-bit as printable":       []byte("Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("\xfc", 2<<20)),
		"escapes as printable":     []byte("Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", 2<<20)),
		"boundaries in lines":      []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("x--b \n", 50_000) + "\nthe text\n--b--\n"),
		"boundaries in one line":   []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nthe text\n" + strings.Repeat("--b ", 50_000)),
		"our boundaries in lines":  []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("x--b y--frontdesk-1 \n", 40_000) + "\nthe text\n--b--\n"),
		"boundaries behind a dash": []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nthe text\n" + strings.Repeat("---b\n", 50_000)),
		"boundaries in headers":    []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n"+strings.Repeat("X: --b \n", 100)+"\nthe text\n", 500)),
		"dashes":                   []byte("Content-Type: multipart/mixed; boundary=-\n\n---\n\nthe text\n" + strings.Repeat("-", 1<<20)),
		"12 deep, 80 times, never closed": []byte("Content-Type: multipart/mixed; boundary=top\n\n" +
			strings.Repeat("--top\n"+string(nested(11, false)[len("From: a@b.example\nSubject: deep\n"):]), 80)),
		"12 deep, with 2 MB":       append(nested(12, false), bytes.Repeat([]byte("some words on a line\n"), 100_000)...),
		"1,000 parts, one by one":  []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nthe text\n", maxParts-1) + "--b--\n"),
		"boundaries opened, ended": []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nthe text\n--b--\n", 500)),
		"group of groups":          []byte("To: " + strings.Repeat("a:", 50_000) + strings.Repeat(";", 50_000) + "\n\nthe text\n"),
	}
	for _, depth := range []int{10, 25, 100, 10_000} {
		list[fmt.Sprintf("nested %d deep, never closed", depth)] = nested(depth, false)
		list[fmt.Sprintf("nested %d deep", depth)] = nested(depth, true)
		list[fmt.Sprintf("message in message %d deep", depth)] = []byte(strings.Repeat("Content-Type: message/rfc822\n\n", depth) + "Subject: in\n\nthe text\n")
	}
	return list
}

func nested(depth int, close bool) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@b.example\nSubject: deep\n")
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("Content-Type: text/plain\n\nthe text\n")
	for i := depth - 1; close && i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\n", i)
	}
	return b.Bytes()
}

// TestPoisonIsReadAndItsTextSaved needs seconds for all of them; were one
// exponential or square in its length, the timeout of the tests would end it.
func TestPoisonIsReadAndItsTextSaved(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 18, 19)
	row.Injected("%d kinds of poison", len(poisons()))
	row.Counted("each read, its text saved")
	for name, raw := range poisons() {
		start := time.Now()
		m := Parse(raw)
		t.Logf("%8v for %8d bytes: %s", time.Since(start).Round(time.Millisecond), len(raw), name)
		if bytes.Contains(raw, []byte("the text")) && !strings.HasPrefix(name, "message in") && !strings.Contains(m.Text, "the text") {
			t.Errorf("%s: the text is lost: %q", name, cut(m.Text, 100))
		}
		checkSane(t, name, m)
		References(raw)
		fingerprint(string(raw))
	}
}

func TestLimitsAreMarked(t *testing.T) {
	t.Parallel()
	limited := map[string]bool{
		"50,000 parts": true, "20,000 parameters": true, "nested 25 deep": true, "nested 100 deep, never closed": true,
		"nested 10,000 deep": true, "1 MB subject": true, "50,000 recipients": true, "50,000 fields": true,
		"nested 10 deep": false, "message in message 10 deep": false, "10 MB line": false, "NULs": false,
	}
	list := poisons()
	for name, want := range limited {
		raw, known := list[strings.Replace(name, "10,000 deep", "10000 deep", 1)]
		if !known {
			t.Fatalf("no poison %q", name)
		}
		if m := Parse(raw); m.Limited != want {
			t.Errorf("%s: Limited = %v, want %v (%v)", name, m.Limited, want, m.Warnings)
		}
	}
}

func TestALargeMailMayNestLessDeep(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("some words on a line\n"), 2_000_000)
	for depth, want := range map[int]bool{2: false, 7: true} {
		if m := Parse(append(nested(depth, false), large...)); m.Limited != want || !strings.Contains(m.Text, "the text") {
			t.Errorf("%d deep: limited %v (%v)", depth, m.Limited, m.Warnings)
		}
	}
}

func TestHeadersBehindAGiantFieldAreKept(t *testing.T) {
	t.Parallel()
	m := Parse(poisons()["50,000 recipients"])
	if m.Author().Address != "a@b.example" || m.Subject != "s" || !m.Limited || len(m.To) == 0 || len(m.To) > maxAddresses {
		t.Errorf("from %v, subject %q, limited %v, to %d", m.From, m.Subject, m.Limited, len(m.To))
	}
}

func TestPartsBeyondTheLimitDoNotBecomeFiles(t *testing.T) {
	t.Parallel()
	m := Parse([]byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: image/png\n\nx\n", 5000) + "--b--\n"))
	if n := len(m.Attachments); n != 0 || !m.Limited {
		t.Errorf("%d files, limited %v", n, m.Limited)
	}
}

// checkSane holds for every message whatever it was read from.
func checkSane(t *testing.T, name string, m *Message) {
	t.Helper()
	texts := []string{m.MessageID, m.InReplyTo, m.Subject, m.Text, m.HTML, m.ReturnPath, m.Automatic.AutoSubmitted, m.Automatic.Precedence}
	texts = append(append(append(texts, m.References...), m.Warnings...), m.AuthenticationResults...)
	for _, list := range [][]Address{m.From, m.Sender, m.ReplyTo, m.To, m.Cc} {
		for _, a := range list {
			texts = append(texts, a.Name, a.Address, a.Written)
			if strings.ContainsAny(a.Address+a.Name, "\r\n") {
				t.Errorf("%s: line end in %q", name, a)
			}
		}
	}
	for _, a := range m.Attachments {
		texts = append(texts, a.Name, a.Type, a.ContentID, a.FileName())
		if a.FileName() == "" || strings.ContainsAny(a.FileName(), "/\\\r\n") {
			t.Errorf("%s: file name %q", name, a.FileName())
		}
	}
	if m.Bounce != nil {
		for _, r := range m.Bounce.Recipients {
			texts = append(texts, r.Address, r.Original, r.Status, r.Diagnostic, r.Action)
		}
	}
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			t.Errorf("%s: not storable: %q", name, cut(strings.ToValidUTF8(s, "?"), 200))
		}
	}
	if n := utf8.RuneCountInString(m.Subject); n > MaxSubject || strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("%s: subject of %d characters %q", name, n, cut(m.Subject, 50))
	}
	if len(m.References) > MaxReferences {
		t.Errorf("%s: %d references", name, len(m.References))
	}
	if _, err := m.MarshalJSON(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// FuzzParse looks for mail that makes Parse fail or hand out what cannot be
// stored.
func FuzzParse(f *testing.F) {
	real(f)
	f.Add([]byte(""))
	f.Add([]byte("\x00"))
	f.Add([]byte("From: =?utf-8?q?x?= <a@b>\nTo: a:b@c,d;\n\nx"))
	f.Add([]byte("Content-Type: multipart/report; boundary=b\nReturn-Path: <>\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822;x@y\nStatus: 5.1.1\n--b--"))
	f.Add([]byte("Content-Type: text/plain; charset=utf-7; format=flowed\n\n+AGE- \nx"))
	f.Add([]byte("Content-Type: text/html; name*0*=utf-8''%41; name*1=b\nContent-Transfer-Encoding: base64\n\nPGI+"))
	f.Add([]byte("Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\x00\x00\x01\x0c\x80\x02\x00\x01\x00\x00\x00x\x00\x00"))
	f.Add([]byte("\nbegin 644 x\n#0V%T\n`\nend\n"))
	f.Add([]byte("\xff\xfeF\x00r\x00o\x00m\x00:\x00 \x00a\x00@\x00b\x00\n\x00\n\x00x\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		m := Parse(raw)
		for _, w := range m.Warnings {
			if strings.HasPrefix(w, "reading the mail failed") {
				t.Error(w)
			}
		}
		checkSane(t, "fuzz", m)
		PlainText(raw)
		fingerprint(string(raw))
		if !bytes.Equal(raw, before) {
			t.Error("the raw mail was changed")
		}
	})
}
