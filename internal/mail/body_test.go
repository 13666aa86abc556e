package mail

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func names(m *Message) string {
	var list []string
	for _, a := range m.Attachments {
		list = append(list, a.Type+" "+a.FileName())
	}
	return strings.Join(list, ", ")
}

func TestPartsBecomeBodyOrFiles(t *testing.T) {
	t.Parallel()
	part := func(head, body string) string { return "--b\n" + head + "\n\n" + body + "\n" }
	multi := func(kind string, parts ...string) string {
		return "Content-Type: multipart/" + kind + "; boundary=b\n\n" + strings.Join(parts, "") + "--b--\n"
	}
	plain, html := part("Content-Type: text/plain", "plain"), part("Content-Type: text/html", "<p>html</p>")
	for name, c := range map[string]struct{ mail, text, html, files string }{
		"plain":              {"\nhello", "hello", "", ""},
		"html only":          {"Content-Type: text/html\n\n<p>hi</p><p>you</p>", "hi you", "<p>hi</p><p>you</p>", ""},
		"alternative":        {multi("alternative", plain, html), "plain", "<p>html</p>", ""},
		"blank plain text":   {multi("alternative", part("Content-Type: text/plain", " "), html), "html", "<p>html</p>", ""},
		"mixed texts":        {multi("mixed", plain, plain), "plain plain", "", ""},
		"mixed kinds":        {multi("mixed", plain, html), "plain html", "<p>plain</p><p>html</p>", ""},
		"text file":          {multi("mixed", plain, part("Content-Type: text/plain; name=a.txt", "file")), "plain", "", "text/plain a.txt"},
		"marked as file":     {multi("mixed", part("Content-Disposition: attachment; filename=a.txt", "file")), "", "", "text/plain a.txt"},
		"forwarded mail":     {multi("mixed", plain, part("Content-Type: message/rfc822", "Subject: in\n\nthe inside")), "plain", "", "message/rfc822 in.eml"},
		"digest":             {multi("digest", part("", "Subject: in\n\nthe inside"), part("", "From: a@b\n\nx")), "", "", "message/rfc822 in.eml, message/rfc822 message.eml"},
		"calendar":           {multi("alternative", plain, part("Content-Type: text/calendar; method=REQUEST", "BEGIN:VCALENDAR")), "plain", "", "text/calendar invite.ics"},
		"signature":          {multi("signed", plain, part("Content-Type: application/pgp-signature; name=signature.asc", "-----")), "plain", "", "application/pgp-signature signature.asc"},
		"related, text last": {multi("related", part("Content-Type: image/png; name=x.png", "x"), html), "html", "<p>html</p>", "image/png x.png"},
		"picture only":       {"Content-Type: image/png; name=x.png\n\nx", "", "", "image/png x.png"},
		"unknown text":       {multi("mixed", part("Content-Type: image/png; name=x.png", "x"), part("Content-Type: text/markdown", "# hello")), "# hello", "", "image/png x.png"},
		"unknown beside":     {multi("alternative", plain, part("Content-Type: text/x-amp-html", "<html>"), html), "plain", "<p>html</p>", "text/x-amp-html part.html"},
		"unknown alone":      {multi("alternative", part("Content-Type: text/enriched", "<bold>hello</bold>")), "hello", "", ""},
		"unknown text file":  {multi("mixed", part("Content-Type: text/x-log; name=a.log", "file")), "", "", "text/x-log a.log"},
		"text that is data":  {"Content-Type: text/vcard\n\nBEGIN:VCARD", "", "", "text/vcard part.txt"},
		"unknown type":       {"Content-Type: nonsense\n\nhello", "hello", "", ""},
		"no boundary":        {"Content-Type: multipart/mixed\n\nhello", "hello", "", ""},
		"guessed boundary":   {"Content-Type: multipart/mixed\n\n--zzz\nContent-Type: text/plain\n\nhello\n--zzz--\n", "hello", "", ""},
		"never closed":       {"Content-Type: multipart/mixed; boundary=b\n\n" + plain, "plain", "", ""},
		"goes on after":      {multi("mixed", plain) + plain, "plain plain", "", ""},
		"same boundary":      {multi("mixed", part("Content-Type: multipart/alternative; boundary=b", "--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>html</p>\n--b--"), part("Content-Type: image/png; name=x.png", "x")), "plain", "<p>html</p>", "image/png x.png"},
		"uuencode":           {"\nbefore\nbegin 644 cat.txt\n#0V%T\n`\nend\nafter", "before after", "", "application/octet-stream cat.txt"},
		"not uuencode":       {"\nbegin 644 the day well\nand end it\nend", "begin 644 the day well and end it end", "", ""},
		"base64 text":        {"Content-Transfer-Encoding: base64\n\naGVsbG8=\n____\nThe list's footer\n", "hello", "", ""},
		"broken base64":      {"Content-Transfer-Encoding: base64\n\nThis isn't any, is it? No!", "This isn't any, is it? No!", "", ""},
		"flowed":             {"Content-Type: text/plain; format=flowed; delsp=yes\n\none \ntwo\n  three\n> quo \n> ted", "onetwo three > quo > ted", "", ""},
	} {
		m := Parse([]byte(c.mail))
		html := strings.ReplaceAll(m.HTML, "\n", "")
		if fold(m.Text) != c.text || html != c.html || names(m) != c.files {
			t.Errorf("%s: text %q, html %q, files %q", name, m.Text, html, names(m))
		}
	}
}

func TestSoftLineBreaksJoinWhatTheyBroke(t *testing.T) {
	t.Parallel()
	const flowed, quoted = "Content-Type: text/plain; format=flowed\n\n", "Content-Transfer-Encoding: quoted-printable\n\n"
	for mail, want := range map[string]string{
		flowed + "Hello \nthere": "Hello there", flowed + "Hello \n-- \nAnn": "Hello \n-- \nAnn", flowed + "Hello \n-- ": "Hello \n-- ", flowed + "Hello \n-- x": "Hello -- x",
		quoted + "soft=   \nend": "softend", quoted + "soft= \t\r\nend": "softend", quoted + "soft=\nend": "softend", quoted + "a = b\nc=3D  \nd": "a = b\nc=\nd",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + quoted + "soft= \nend\n--b\n" + quoted + "mo=  \nre\n--b--\n": "softend\nmore",
		"Content-Transfer-Encoding: Quoted-Printable (comment)\n\na=3Db":                                                     "a=b", "Content-Transfer-Encoding: BASE64; x=y\n\naGVsbG8=": "hello",
		"Content-Transfer-Encoding: base64 (soft)\n\naGVs bG8=\n____\nA list's footer\n": "hello", "Content-Transfer-Encoding: 8bit\n\na= \nb": "a= \nb",
	} {
		if got := Parse([]byte(mail)).Text; got != want {
			t.Errorf("%q: %q, want %q", mail, got, want)
		}
	}
}

func TestOddBytesGiveSomethingSane(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ mail, subject, text string }{
		"empty":               {"", "", ""},
		"one newline":         {"\n", "", ""},
		"no header":           {"Hello,\nthe printer is broken.\n", "", "Hello,\nthe printer is broken.\n"},
		"header only":         {"Subject: s", "s", ""},
		"CR only":             {"Subject: s\rFrom: a@b\r\rhello\rthere", "s", "hello\nthere"},
		"bare LF":             {"Subject: s\n\nhello\nthere", "s", "hello\nthere"},
		"mixed ends":          {"Subject: s\r\nTo: x\n\r\nhello\r\nthere\n", "s", "hello\nthere\n"},
		"byte order mark":     {"\ufeffSubject: s\n\nhello", "s", "hello"},
		"UTF-16":              {"\xff\xfeS\x00u\x00b\x00j\x00e\x00c\x00t\x00:\x00 \x00s\x00\n\x00\n\x00h\x00i\x00", "s", "hi"},
		"NULs":                {"Sub\x00ject: s\nSubject: t\x00\n\nhe\x00llo", "t", "hello"},
		"blank lines before":  {"\n\nSubject: s\n\nhello", "s", "hello"},
		"mbox line":           {"From jane Mon Mar  2 10:00:00 2026\nSubject: s\n\nhello", "s", "hello"},
		"stray line":          {"Subject: s\nwhat is this\nFrom: a@b\n\nhello", "s", "hello"},
		"no separator":        {"Subject: s\nHello, this is text", "s", "Hello, this is text"},
		"a boundary for text": {"Subject: s\n\n-- \nJane", "s", "-- \nJane"},
	} {
		m := Parse([]byte(c.mail))
		if m.Subject != c.subject || m.Text != c.text {
			t.Errorf("%s: subject %q, text %q", name, m.Subject, m.Text)
		}
		checkSane(t, name, m)
	}
}

func TestPlainTextTakesAnyBytes(t *testing.T) {
	t.Parallel()
	m := PlainText([]byte("Subject: s\nFrom: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\x00x\xff"))
	if m.Subject != "s" || m.Author().Address != "a@b.example" || !strings.Contains(m.Text, "--b") || len(m.Warnings) == 0 {
		t.Errorf("%+v", m)
	}
	checkSane(t, "plain", m)
}

func TestFileNamesAreReadHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		`Content-Disposition: attachment; filename="a b.txt"`:                                            "a b.txt",
		`Content-Disposition: attachment; filename=a b.txt`:                                              "a b.txt",
		`Content-Disposition: attachment; filename*=utf-8''%C3%BCber.txt`:                                "über.txt",
		"Content-Disposition: attachment; filename*0*=utf-8''%C3%BC;\n filename*1=b;\n filename*2*=%20c": "üb c",
		"Content-Disposition: attachment; filename*1=b; filename*0=a":                                    "ab",
		`Content-Disposition: attachment; filename=plain; filename*=utf-8''%C3%BC`:                       "ü",
		`Content-Type: image/png; name="=?utf-8?q?=C3=BCber.png?="`:                                      "über.png",
		`Content-Type: image/png; name==?utf-8?q?=C3=BCber.png?=`:                                        "über.png",
		`Content-Type: image/png; name="=?utf-8?b?w7xi?= =?utf-8?b?ZXI=?="`:                              "über",
		"Content-Type: image/png; name=\"\xfcber.png\"":                                                  "über.png",
		`Content-Type: image/png; name="a;b\"c.png"`:                                                     `a;b"c.png`,
		`Content-Type: image/png; name="C:\TEMP\new.png"`:                                                `C:\TEMP\new.png`,
		`Content-Type: image/png name=x.png`:                                                             "x.png",
		`Content-Type: image/png; name="never closed.png`:                                                "never closed.png",
		`Content-Type: image/png; name*=iso-2022-jp'ja'%1B$B%243%1B(B`:                                   "こ",
	} {
		m := Parse([]byte(head + "\nContent-Type: image/png\n\nx"))
		if len(m.Attachments) != 1 || m.Attachments[0].Name != want {
			t.Errorf("%s: want %q, got %q", head, want, names(m))
		}
	}
}

func TestHostileNamesAreSavedUnderTheirLastElement(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		`../../etc/passwd`: "passwd", `C:\TEMP\new.png`: "new.png", `a/`: "a", `/`: "attachment.bin", `..`: "attachment.bin", ``: "attachment.bin",
	} {
		if got := (Attachment{Name: name}).FileName(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestOnlyWhatTheHTMLShowsIsNoFile(t *testing.T) {
	t.Parallel()
	part := func(head string) string { return "--b\n" + head + "\n\nx\n" }
	m := Parse([]byte("Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src=\"CID:my%20photo@x\"><img src='cid:heic@x'><img src=cid:two@x>\n" +
		part("Content-Type: application/pdf\nContent-Disposition: inline; filename=invoice.pdf") +
		part("Content-Type: application/vnd.ms-word; name=letter.docx") +
		part("Content-Type: image/heic; name=IMG_1.HEIC\nContent-ID: <heic@x>\nContent-Disposition: inline") +
		part("Content-Type: image/png; name=unseen.png\nContent-ID: <unseen@x>\nContent-Disposition: inline") +
		part("Content-Type: image/jpeg; name=seen.jpg\nContent-ID: <my photo@x>\nContent-Disposition: attachment") +
		part("Content-Type: image/gif; name=two.gif\nContent-ID: <two@x>") + part("Content-Type: image/gif; name=too.gif\nContent-ID: <two@x>") + "--b--"))
	var files []string
	for _, a := range m.Attachments {
		if !a.Inline {
			files = append(files, a.Name)
		}
	}
	if want := []string{"invoice.pdf", "letter.docx", "IMG_1.HEIC", "unseen.png", "too.gif"}; len(m.Attachments) != 7 || !slices.Equal(files, want) {
		t.Errorf("of %d the files are %q, want %q", len(m.Attachments), files, want)
	}
}

func TestPicturesInTheHTMLAreInline(t *testing.T) {
	t.Parallel()
	m := Parse([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src=\"cid:one@x\">\n--b\nContent-Type: image/png\nContent-ID: <one@x>\nContent-Disposition: attachment; filename=1.png\n\n1\n--b\nContent-Type: image/png\nContent-ID: <two@x>\nContent-Disposition: attachment; filename=2.png\n\n2\n--b--"))
	if len(m.Attachments) != 2 || !m.Attachments[0].Inline || m.Attachments[0].ContentID != "one@x" || m.Attachments[1].Inline {
		t.Errorf("%+v", m.Attachments)
	}
}

func TestDatesAreReadInManyForms(t *testing.T) {
	t.Parallel()
	at := func(zone int) time.Time { return time.Date(2026, 3, 2, 10, 4, 5, 0, time.FixedZone("", zone)) }
	for in, want := range map[string]time.Time{
		"Mon, 2 Mar 2026 10:04:05 +0100":        at(3600),
		"Mon, 02 Mar 2026 10:04:05 +0100 (CET)": at(3600),
		"2 Mar 26 10:04:05 EST":                 at(-5 * 3600),
		"Mon Mar  2 10:04:05 2026":              at(0),
		"Mon Mar 2 10:04:05 GMT 2026":           at(0),
		"2-Mar-2026 10:04:05 -0530":             at(-5*3600 - 1800),
		"Monday, March 2, 2026 10:04:05 Z":      at(0),
		"2026-03-02T10:04:05+01:00":             at(3600),
		"Mon, 2 Mar 2026 10:04:05+0100":         at(3600),
		"Mon, 2 Mar 2026 10:04:05 +01:00":       at(3600),
		"nonsense":                              {},
		"Mon, 99 Mar 2026 10:04:05 +0100":       {},
		"Mon, 2 Mar 99999 10:04:05 +0100":       {},
		"":                                      {},
	} {
		got, _ := parseDate([]byte(in))
		if !got.Equal(want) {
			t.Errorf("%q: got %v, want %v", in, got, want)
		}
	}
}
