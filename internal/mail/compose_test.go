package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jhillyerd/enmime/v2"
)

func plainLetter() Letter {
	return Letter{
		From: Address{Name: "Support", Address: "support@desk.test"}, To: []Address{{Name: "Ann Smith", Address: "ann@customer.test"}},
		Subject: "Re: Printer [#100001]", Text: "Hello Ann,\n\nplease restart it.\n", MessageID: "o.abc.def@desk.test",
		Date: time.Date(2025, 2, 3, 10, 15, 0, 0, time.FixedZone("", 3600)),
	}
}

func composed(t *testing.T, l Letter) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Compose(l, &out); err != nil {
		t.Fatal(err)
	}
	checkLines(t, out.Bytes())
	return out.Bytes()
}

// checkLines holds for every mail: CRLF only, printable ASCII, no line over
// 998 bytes, no empty or blank line within the header.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) || bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\r")) {
		t.Error("a bare CR or LF")
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes: %.80q", len(line), line)
		}
		if line != "" && strings.TrimSpace(line) == "" {
			t.Error("a line of blanks")
		}
		if !printableASCII(strings.ReplaceAll(line, "\t", " ")) {
			t.Errorf("not ASCII: %.100q", line)
		}
	}
}

func fileOf(name, kind, content string) File {
	return File{Name: name, Type: kind, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func TestLetterIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	l.Cc = []Address{{Address: "bob@customer.test"}, {Name: `Żółć "Zbyszek" Ćma, Dr.`, Address: "z@customer.test"}}
	l.ReplyTo = []Address{{Name: "Desk", Address: "support@desk.test"}}
	l.Subject = "Re: Zażółć gęślą jaźń – 日本語のとても長い件名 " + strings.Repeat("słowo ", 60) + "[#100001]"
	l.Text = "Zażółć\n.\n..dots\nFrom here\n" + strings.Repeat("x", 2000) + "\n日本語 \n"
	l.HTML = `<p>Zażółć <img src="cid:pic@desk.test"></p>`
	l.InReplyTo, l.References = "<in@x.test>", []string{"first@x.test", "<in@x.test>"}
	picture, data := fileOf("bild ä.png", "image/png", "\x89PNG"), fileOf("Rechnung für März 2025 – Zażółć gęślą jaźń.pdf", "application/pdf; x=\r\ny", strings.Repeat("pdf\x00\xff", 50_000))
	picture.Inline, picture.ContentID = true, "<pic@desk.test>"
	l.Attachments = []File{picture, data, fileOf(`report "final".txt`, "text/plain", ""), fileOf("mail.eml", "message/rfc822", "Subject: x\r\n\r\ny")}

	e, err := enmime.ReadEnvelope(bytes.NewReader(composed(t, l)))
	if err != nil || len(e.Errors) > 0 {
		t.Fatal(err, e.Errors)
	}
	want := map[string]string{
		"Subject": l.Subject, "Message-Id": "<o.abc.def@desk.test>", "In-Reply-To": "<in@x.test>", "References": "<first@x.test> <in@x.test>",
		"From": `"Support" <support@desk.test>`, "To": `"Ann Smith" <ann@customer.test>`, "Date": "Mon, 03 Feb 2025 10:15:00 +0100",
		"Reply-To": `"Desk" <support@desk.test>`, "Auto-Submitted": "", "X-Loop": "", "Bcc": "",
	}
	for name, value := range want {
		if got := e.GetHeader(name); got != value {
			t.Errorf("%s\n got %q\nwant %q", name, got, value)
		}
	}
	cc, err := e.AddressList("Cc")
	if err != nil || len(cc) != 2 || cc[0].Address != "bob@customer.test" || cc[1].Name != l.Cc[1].Name || cc[1].Address != "z@customer.test" {
		t.Errorf("Cc is %v, %v", cc, err)
	}
	if got := strings.ReplaceAll(e.Text, "\r\n", "\n"); got != l.Text {
		t.Errorf("text %s", cmp.Diff(l.Text, got))
	}
	if !strings.Contains(e.HTML, l.HTML) || !strings.HasPrefix(e.HTML, "<!DOCTYPE html>") {
		t.Errorf("html is %q", e.HTML)
	}
	if len(e.Inlines) != 1 || e.Inlines[0].ContentID != "pic@desk.test" || e.Inlines[0].FileName != "bild ä.png" || string(e.Inlines[0].Content) != "\x89PNG" {
		t.Errorf("inline parts %v", e.Inlines)
	}
	var names []string
	for _, a := range e.Attachments {
		names = append(names, a.FileName+" "+a.ContentType+" "+fmt.Sprint(len(a.Content)))
	}
	if diff := cmp.Diff([]string{
		"Rechnung für März 2025 – Zażółć gęślą jaźń.pdf application/pdf 250000", `report "final".txt text/plain 0`, "mail.eml application/octet-stream 15",
	}, names); diff != "" {
		t.Errorf("attachments -want +got\n%s", diff)
	}
}

// Our own reader and a foreign one find the file names a customer will see.
func TestFileNamesComeBack(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("很长的文件名", 30)
	l := plainLetter()
	var want []string
	for given, kept := range map[string]string{
		"a.txt": "a.txt", `report "final".txt`: `report "final".txt`, "50% & more; x=y's.pdf": "50% & more; x=y's.pdf", "Zażółć gęślą jaźń.pdf": "Zażółć gęślą jaźń.pdf",
		"日本語.docx": "日本語.docx", "😀.png": "😀.png", "../../etc/passwd": "passwd", `C:\temp\a.doc`: "a.doc", "": "attachment",
		long + ".docx": long[:249] + ".docx", strings.Repeat("x", 5000): strings.Repeat("x", 255),
	} {
		l.Attachments, want = append(l.Attachments, fileOf(given, "application/pdf", "x")), append(want, kept)
	}
	raw := composed(t, l)
	e, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil || len(e.Attachments) != len(want) {
		t.Fatalf("%d files, %v", len(e.Attachments), err)
	}
	ours := Parse(raw).Attachments
	if len(ours) != len(want) {
		t.Fatalf("we read %d files, want %d", len(ours), len(want))
	}
	for i := range want {
		if e.Attachments[i].FileName != want[i] || ours[i].Name != want[i] {
			t.Errorf("%q: enmime reads %q, we read %q", want[i], e.Attachments[i].FileName, ours[i].Name)
		}
	}
}

// An apostrophe may stand outside quotes (RFC 2045, 5.1), but Python's reader gives up the whole field then.
func TestFileNamesStandInQuotes(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	l.Attachments = []File{fileOf("O'Neil.pdf", "application/pdf", "x"), fileOf(`a"\b".pdf`, "application/pdf", "x")}
	raw := string(composed(t, l))
	for _, want := range []string{`application/pdf; name="O'Neil.pdf"`, `attachment; filename="O'Neil.pdf"`, `filename="b\".pdf"`} {
		if !strings.Contains(raw, want) {
			t.Errorf("%s is not in\n%s", want, raw)
		}
	}
}

func TestEveryLetterHasTextAndHTML(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	e, err := enmime.ReadEnvelope(bytes.NewReader(composed(t, l)))
	if err != nil || !strings.Contains(e.HTML, "<p>please restart it.</p>") || !strings.HasPrefix(e.Root.ContentType, "multipart/alternative") {
		t.Errorf("%v: html of a text letter is %q in %s", err, e.HTML, e.Root.ContentType)
	}
	l.Text, l.HTML = "", `<p>Hello</p><ul><li>one</li></ul><p><a href="https://x.test">here</a></p>`
	e, err = enmime.ReadEnvelope(bytes.NewReader(composed(t, l)))
	if err != nil || strings.TrimSpace(strings.ReplaceAll(e.Text, "\r\n", "\n")) != "Hello\n\n- one\n\nhere <https://x.test>" {
		t.Errorf("%v: text of an HTML letter is %q", err, e.Text)
	}
}

func boundaryOf(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	return params["boundary"]
}

// RELIABILITY C17: the sent bytes are read again and their headers counted.
func TestNoFieldCanAddAHeader(t *testing.T) {
	t.Parallel()
	full := func(poison string) Letter {
		l := plainLetter()
		l.From.Name += poison
		l.To[0].Name += poison
		l.Cc = []Address{{Name: poison, Address: "c@customer.test"}}
		l.ReplyTo = []Address{{Name: "x" + poison + "y", Address: "r@customer.test"}}
		l.Subject += poison
		l.Text += poison
		l.InReplyTo = "in@x.test" + poison
		l.References = []string{"a@x.test", "b@x.test" + poison, "c@x.test"}
		l.AutoSubmitted = "auto-replied" + poison
		l.Loop = "desk.test" + poison
		f := fileOf("a"+poison+".txt", "text/plain"+poison, "x")
		p := fileOf(poison+"b.png", "image/png; name="+poison, "x")
		p.Inline, p.ContentID = true, "pic@desk.test"
		q := fileOf("c", "x/y", "x")
		q.ContentID = "cid" + poison
		l.Attachments = []File{f, p, q}
		return l
	}
	plain := countHeaders(t, composed(t, full("")))
	for _, poison := range []string{
		"\r\nBcc: evil@e.test", "\nBcc: evil@e.test", "\rBcc: evil@e.test", "\r\n\r\nbody", "\n\nbody", "\x00Bcc: evil@e.test", "\u2028Bcc: evil@e.test",
		"\u2029Bcc: e", "\u0085Bcc: e", "\v\fBcc: e", "\r\n .\r\n", "\r\n.\r\n", "\x7f\x1b[31m", "\xff\xfe\r\nBcc: e", "=?utf-8?Q?=0D=0ABcc:_e@e.test?=",
		"\" <evil@e.test>, \"", "<evil@e.test>", ",evil@e.test", "; filename=evil.exe", "\"; filename=\"evil.exe", "\\", "\\\"\r\nBcc: e", strings.Repeat(" ", 2000) + "Bcc: e",
		strings.Repeat("x", 5000), strings.Repeat("ż", 5000), strings.Repeat(" \t", 500), "😀\r\nBcc: e", "\u202etxt.exe",
	} {
		raw := composed(t, full(poison))
		got := countHeaders(t, raw)
		for name := range got {
			if _, known := plain[name]; !known {
				t.Errorf("%.40q made a header %q", poison, name)
			}
		}
		for name, n := range plain {
			if name != "In-Reply-To" && name != "X-Auto-Response-Suppress" && name != "Precedence" && name != "Content-Id" && got[name] != n {
				t.Errorf("%.40q: %d times %s, want %d", poison, got[name], name, n)
			}
		}
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"From": "support@desk.test", "To": "ann@customer.test", "Cc": "c@customer.test", "Reply-To": "r@customer.test"} {
			list, err := m.Header.AddressList(name)
			if err != nil || len(list) != 1 || list[0].Address != want {
				t.Errorf("%.40q: %s is %v, %v", poison, name, list, err)
			}
		}
		e, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil || len(e.Attachments)+len(e.Inlines)+len(e.OtherParts) != 3 {
			t.Errorf("%.40q: %v, %d parts", poison, err, len(e.Attachments)+len(e.Inlines)+len(e.OtherParts))
		}
	}
}

// countHeaders counts the header fields of the mail and of all its parts.
func countHeaders(t *testing.T, raw []byte) map[string]int {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	countPart(t, count, m.Header, m.Body)
	return count
}

func countPart(t *testing.T, count map[string]int, header map[string][]string, body io.Reader) {
	for name, values := range header {
		count[name] += len(values)
	}
	kind, params, err := mime.ParseMediaType(header["Content-Type"][0])
	if err != nil {
		t.Errorf("Content-Type %q: %v", header["Content-Type"], err)
		return
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		countPart(t, count, part.Header, part)
	}
}

func TestAddressThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "x", "a@b@c.test", "a b@c.test", "a@c.test\r\nBcc: e", "a@c.test>, <e@e.test", "a@c.test\x00", "ż@c.test",
		"a@c.test (x", "<a@c.test>", "a@c.test, e@e.test", "group: a@c.test;", "a@" + strings.Repeat("x", 400) + ".test"} {
		l := plainLetter()
		l.To = []Address{{Name: "x", Address: address}}
		var out bytes.Buffer
		if err := Compose(l, &out); err == nil || out.Len() > 0 {
			t.Errorf("%q was written:\n%.200s", address, out.String())
		}
	}
	l := plainLetter()
	l.To = []Address{{Name: "Odd", Address: `"a b"@c.test`}}
	if raw := composed(t, l); !bytes.Contains(raw, []byte(`"Odd" <"a b"@c.test>`)) {
		t.Errorf("a quoted local part was lost:\n%.300s", raw)
	}
}

func TestLetterWithoutItsEssentialsIsRefused(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(*Letter){
		"Message-ID": func(l *Letter) { l.MessageID = "" }, "bad Message-ID": func(l *Letter) { l.MessageID = "a\r\nb@c" },
		"date": func(l *Letter) { l.Date = time.Time{} }, "recipient": func(l *Letter) { l.To = nil }, "sender": func(l *Letter) { l.From = Address{} },
	} {
		l := plainLetter()
		spoil(&l)
		if err := Compose(l, io.Discard); err == nil {
			t.Errorf("a letter without %s was written", what)
		}
	}
}

func TestNamesComeBackAsWritten(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Ann", `Ann "The Boss" Smith`, `back\slash`, "Smith, Ann", "a@b.test", "Dr. (Ann) <x>", "Żółć", "日本 太郎",
		"O'Neil; & Sons: Ltd.", "=?utf-8?Q?x?=", "Ünï “quoted”, Inc.", strings.Repeat("Long Name ", 14) + "end"} {
		l := plainLetter()
		l.From.Name = name
		m, err := netmail.ReadMessage(bytes.NewReader(composed(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		from, err := m.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Name != name || from[0].Address != "support@desk.test" {
			t.Errorf("%q came back as %v, %v", name, from, err)
		}
	}
}

func TestSubjectOfAnyFormComesBack(t *testing.T) {
	t.Parallel()
	decoder := mime.WordDecoder{}
	for _, subject := range []string{"", "x", strings.Repeat("word ", 500) + "end", strings.Repeat("x", 5000), "a  b   c" + strings.Repeat(" ", 80) + "d",
		strings.Repeat("y", 70) + "   " + strings.Repeat("z", 200), "=?utf-8?Q?not_encoded?=", "ż", strings.Repeat("ż", 1000), "a\u00a0b", "😀😀 ok"} {
		l := plainLetter()
		l.Subject = subject
		m, err := netmail.ReadMessage(bytes.NewReader(composed(t, l)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decoder.DecodeHeader(m.Header.Get("Subject"))
		if err != nil || got != subject {
			t.Errorf("%.60q came back as %.60q, %v", subject, got, err)
		}
		if m.Header.Get("From") == "" || m.Header.Get("Mime-Version") != "1.0" {
			t.Errorf("%.60q ate a header", subject)
		}
	}
}

func TestReferencesAreTheFirstAndTheNewest(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 50 {
		all = append(all, fmt.Sprintf("<id-%d@x.test>", i))
	}
	got := strings.Fields(referencesValue(append(all, all[49]), "id-49@x.test"))
	if len(got) != keptReferences+1 || got[0] != all[0] || got[1] != all[30] || got[len(got)-1] != all[49] {
		t.Errorf("%d references: %v", len(got), got)
	}
	if got := referencesValue([]string{"a@x", "bad id@x", "<a@x>"}, "b@x"); got != "<a@x> <b@x>" {
		t.Errorf("got %q", got)
	}
}

func TestAnAnswerNamesTheMailByTheIDItHas(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	for id, want := range map[string]string{
		"a(b)@x.test": "a(b)@x.test", "<x,y@z.test>": "x,y@z.test", "[1;2:3]\\\"q\"@z": "[1;2:3]\\\"q\"@z", "=?x?=@z": "=?x?=@z",
		"a b@x": "", "a\r\nBcc: x@y": "", "a>b@x": "", "a<b@x": "", "ü@x": "", "a\x7f@x": "", "": "",
	} {
		l.InReplyTo, l.References = id, []string{"first@x", id}
		got := References(composed(t, l))
		refs := []string{"first@x"}
		if want != "" {
			refs = append(refs, want)
		}
		if got.InReplyTo != want || !slices.Equal(got.References, refs) {
			t.Errorf("%q: In-Reply-To %q, References %q", id, got.InReplyTo, got.References)
		}
	}
}

func TestAutomaticLettersSaySo(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	l.AutoSubmitted, l.Loop = "auto-replied", "desk.test"
	m, err := netmail.ReadMessage(bytes.NewReader(composed(t, l)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "Precedence": "bulk", "X-Loop": "desk.test"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

type tornReader struct{}

func (tornReader) Read([]byte) (int, error) { return 0, errors.New("disk gone") }

func TestFileThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	l.Attachments = []File{{Name: "a", Open: func() (io.ReadCloser, error) { return nil, errors.New("no such blob") }}}
	if err := Compose(l, io.Discard); err == nil || !strings.Contains(err.Error(), "no such blob") {
		t.Errorf("got %v", err)
	}
	l.Attachments = []File{{Name: "a", Open: func() (io.ReadCloser, error) { return io.NopCloser(tornReader{}), nil }}}
	if err := Compose(l, io.Discard); err == nil || !strings.Contains(err.Error(), "disk gone") {
		t.Errorf("got %v", err)
	}
}

// A file is read as a stream and written as it is read, however large it is. Not
// parallel, for it counts the memory of the whole process.
func TestLargeFilesAreNotHeld(t *testing.T) {
	l := plainLetter()
	size := int64(0)
	l.Attachments = []File{{Name: "big.bin", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(zeroReader{}, size)), nil
	}}}
	allocated := func(n int64) uint64 {
		size = n
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := Compose(l, io.Discard); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(1) // what is made once
	if small, large := allocated(1<<10), allocated(16<<20); large > small+detectorCosts<<20 {
		t.Errorf("1 KB takes %d bytes of memory, 16 MB take %d", small, large)
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// What is quoted below an answer is the text of the mail, whatever that holds.
func TestAQuoteLoadsNothing(t *testing.T) {
	t.Parallel()
	page := TextToHTML("Thanks\n\nOn 3 February 2025, Ann <b> wrote:\n> <img src=\"http://e.test/1\">\n>> older\n")
	if strings.Contains(page, "<img") || strings.Contains(page, "<b>") || strings.Count(page, "<blockquote") != 2 {
		t.Errorf("html is %s", page)
	}
	if seen, folded := splitFolds(Clean(page).HTML); strings.Contains(seen, "older") || !strings.Contains(folded, "older") {
		t.Errorf("our own quote does not fold: %s", page)
	}
}

func TestBase64LinesAreWhole(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 56, 57, 58, 114, 1000} {
		l := plainLetter()
		content := strings.Repeat("z", n)
		l.Attachments = []File{fileOf("a.bin", "", content)}
		raw := string(composed(t, l))
		_, body, _ := strings.Cut(raw[strings.LastIndex(raw, "base64\r\n"):], "\r\n\r\n")
		body = strings.TrimSuffix(body[:strings.Index(body, "\r\n--")], "\r\n")
		for line := range strings.SplitSeq(body, "\r\n") {
			if len(line) > 76 || line == "" && n > 0 {
				t.Errorf("%d bytes: a line of %d", n, len(line))
			}
		}
		got, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\r\n", ""))
		if err != nil || string(got) != content {
			t.Errorf("%d bytes came back as %d, %v", n, len(got), err)
		}
	}
}

// No content can end a part: boundaries are random, so who writes the content
// cannot know them.
func TestTextCannotEndItsPart(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	known := boundaryOf(t, composed(t, l))
	l.Text = "before\n--" + known + "--\nafter\n--" + known + "\nContent-Type: text/html\n\n<b>x"
	l.HTML = "<pre>" + l.Text + "</pre>"
	raw := composed(t, l)
	boundary := boundaryOf(t, raw)
	if boundary == known || len(boundary) < 40 {
		t.Fatalf("boundary %q after %q", boundary, known)
	}
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, boundary)
	n := 0
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			break
		}
		n++
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil || !bytes.Contains(body, []byte("after")) {
			t.Errorf("part %d is %q, %v", n, body, err)
		}
	}
	if n != 2 {
		t.Errorf("%d parts", n)
	}
}

// fullAfter is a disk that is full after n bytes.
type fullAfter struct{ n int }

func (f *fullAfter) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return 0, errors.New("disk full")
	}
	f.n -= len(p)
	return len(p), nil
}

// Half a letter is never taken for a whole one, wherever the writing fails.
func TestLetterThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	picture := fileOf("b.png", "image/png", "png")
	picture.Inline, picture.ContentID = true, "pic@desk.test"
	l.Attachments = []File{picture, fileOf("a.txt", "text/plain", strings.Repeat("a", 500))}
	for n := range len(composed(t, l)) {
		if err := Compose(l, &fullAfter{n}); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Fatalf("a disk full after %d bytes gives %v", n, err)
		}
	}
}
