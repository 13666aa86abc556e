package mail

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// real adds what real programs sent: the mails of the corpora that are not large.
func real(f *testing.F) {
	f.Helper()
	for _, dir := range []string{"mail-parser", "mime4j"} {
		_ = filepath.WalkDir(filepath.Join("../../../shared/corpora", dir), func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return nil
			}
			if raw, err := os.ReadFile(path); err == nil && len(raw) < 20_000 && strings.HasSuffix(path, ".eml") {
				f.Add(raw)
			}
			return nil
		})
	}
}

// FuzzReferences looks for headers that make identifiers no database or header takes, or of which the threading before the parse reads something
// else than the parse.
func FuzzReferences(f *testing.F) {
	real(f)
	for _, s := range []string{
		"Message-ID: <a@b>\nIn-Reply-To: <c@d>\nReferences: <e@f> <g@h>\n\n", "References: <a\n b@c>\nReferences: x@y z@w\n\n", "message-id: a@b\n\n", "Message-ID: <<a@b>>\n\n",
		"Message-ID: <>\nIn-Reply-To: \"my mail\" <a@b> of Monday\n\n", "References: <a@b\x00> <\xff@c> <a\r@b>\n\n", "References:" + strings.Repeat(" <a@b>", 100) + "\n\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		th := References(raw)
		if len(th.References) > MaxReferences {
			t.Errorf("%d references", len(th.References))
		}
		for _, id := range append([]string{th.MessageID, th.InReplyTo}, th.References...) {
			if len(id) > maxMessageID || !utf8.ValidString(id) || strings.ContainsFunc(id, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || r == '<' || r == '>' }) {
				t.Errorf("not an identifier: %q", id)
			}
		}
		m := Parse(raw)
		if again := (Threading{m.MessageID, m.InReplyTo, m.References}); th.MessageID != again.MessageID && !m.Limited {
			t.Errorf("before the parse %q, in it %q", th.MessageID, again.MessageID)
		}
		if OurMessageID([][]byte{[]byte("a key that nobody guesses")}, th.MessageID) {
			t.Errorf("%q counts as ours", th.MessageID)
		}
	})
}

// FuzzQuotes looks for texts and HTML of which folding loses a word or that answer to nothing.
func FuzzQuotes(f *testing.F) {
	for _, s := range []string{
		"Yes.\n\nOn Monday, Ann wrote:\n> Is it?\n", "Ja\n\n-----Ursprüngliche Nachricht-----\nVon: A\nGesendet: B\nAn: C\nBetreff: D\n\nx", "Tak\n\nW dniu 3.02.2025 o 10:15, Jan pisze:\n> a\n>> b\n",
		"> only\n> a quote\n", "a\n> b\nc\n> d", "|> x\n|> y", "From:\nTo:\n", "\u00a0\n>\u00a0\n",
		`<p>x</p><div class="gmail_quote">On 3 wrote:<blockquote>y`, `x<hr><div id=divRplyFwdMsg><b>From:</b> a<br>Sent: b<br>To: c</div>y`, `<blockquote type="cite">a</blockquote>b`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if !utf8.ValidString(source) {
			return // decoded before it comes here
		}
		at := QuoteAt(source)
		if at == 0 || at < -1 || at >= len(source) && at > 0 {
			t.Fatalf("QuoteAt is %d of %d", at, len(source))
		}
		if at > 0 && source[at-1] != '\n' {
			t.Errorf("the fold begins within a line, at %d", at)
		}
		if plain, folded := words(TextToHTML(source)), words(FoldText(source, at)); plain != folded {
			t.Errorf("folding a text:\nbefore %q\nafter  %q", plain, folded)
		}
		checkHarmless(t, "quoted", TextToHTML(source))
	})
}

// words are the words of a fragment as a reader sees them.
func words(fragment string) string { return strings.Join(strings.Fields(HTMLToText(fragment)), " ") }

// FuzzReport looks for delivery reports that name what is no address, or too many.
func FuzzReport(f *testing.F) {
	f.Add([]byte("Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no\n"), []byte("Message-ID: <a@b>\nSubject: x\n"))
	f.Add([]byte("\n\n\n"), []byte("\n"))
	f.Add([]byte("Original-Recipient: utf-8; =?utf-8?q?x?= <a@b\r\nAction: FAILED (x)\r\nStatus: 5.1.1 (y)\r\nX-Original-Message-ID: <c@d>\r\n"), []byte(""))
	f.Add([]byte("Final-Recipient: rfc822;a;b;c@d\nStatus: 4\n\n"+strings.Repeat("Final-Recipient: rfc822;a@b\n\n", 200)), []byte("References: <x@y>\n\nbody"))
	f.Add([]byte("Final-Recipient: \"a\nb\"@c\x00\xff\nDiagnostic-Code: x y; z\n"), []byte("Message-ID: <a\x00@b>\n"))
	f.Fuzz(func(t *testing.T, status, original []byte) {
		if bytes.Contains(status, []byte("--b")) || bytes.Contains(original, []byte("--b")) {
			return
		}
		var raw bytes.Buffer
		raw.WriteString("Return-Path: <>\nFrom: mailer-daemon@mx.test\nContent-Type: multipart/report; boundary=b\n\n--b\n\nIt came back.\n--b\nContent-Type: message/delivery-status\n\n")
		raw.Write(status)
		raw.WriteString("\n--b\nContent-Type: text/rfc822-headers\n\n")
		raw.Write(original)
		raw.WriteString("\n--b--\n")
		m := Parse(raw.Bytes())
		checkSane(t, "report", m)
		if m.Bounce == nil {
			if !m.Limited {
				t.Fatal("the report is none")
			}
			return
		}
		if n := len(m.Bounce.Recipients); n > maxRecipients {
			t.Errorf("%d recipients", n)
		}
		for _, r := range m.Bounce.Recipients {
			for _, s := range []string{r.Address, r.Original, r.Action, r.Status} {
				if strings.ContainsAny(s, "\r\n\x00") {
					t.Errorf("a line end in %q", s)
				}
			}
		}
	})
}
