package web

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/ticket"
)

// paper is a form with files as a browser sends it.
type paper struct {
	fields [][2]string
	files  [][2]string // name and content
}

func (b *browser) upload(path string, s paper, headers ...string) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range s.fields {
		must(b.t, w.WriteField(f[0], f[1]))
	}
	for _, f := range s.files {
		part, err := w.CreateFormFile("upload", f[0])
		must(b.t, err)
		_, err = io.WriteString(part, f[1])
		must(b.t, err)
	}
	must(b.t, w.Close())
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, &body)
	must(b.t, err)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Content-Type", w.FormDataContentType())
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := b.http.Do(req)
	must(b.t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	must(b.t, err)
	return answer{resp, string(got)}
}

// desked is a process with one ticket that has a mail, looked at by the insider.
func desked(t *testing.T) (*browser, *pg.DB, things) {
	t.Helper()
	db := pgtest.New(t)
	staffed(t, db)
	all := made(t, db, inbox(t, db))
	exec(t, db, `DELETE FROM draft`)
	return start(t, db, func(o *Options) { o.TempDir = t.TempDir() }).as(insider), db, all
}

func version(t *testing.T, b *browser, card string) string {
	t.Helper()
	v, ok := b.get(card).page(t).Find(`#compose-reply [name="version"]`).Attr("value")
	if !ok {
		t.Fatal("the card has no composer")
	}
	return v
}

func names(t *testing.T, db *pg.DB, table string) string {
	t.Helper()
	list, err := pg.List[string](t.Context(), db, `SELECT name || ':' || size FROM `+table+` WHERE name NOT IN ('pic.png', 'a.txt') ORDER BY id`)
	must(t, err)
	return strings.Join(list, " ")
}

func TestAPlainFormSendsItsFiles(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	card := "/tickets/" + all["tickets"]
	fields := [][2]string{{"version", version(t, b, card)}, {"form_key", "k1"}, {"to", "not an address"}, {"text", "Here it is: zażółć."}, {"delay", "3600"}}
	files := [][2]string{{"Zdjęcie 1.jpg", "first"}, {`C:\fakepath\list 24%22.pdf`, "second!"}, {"", ""}} // %22 is how browsers write the sign for inches

	// What is wrong with the rest keeps nothing from being there.
	a := b.upload(card+"/replies", paper{fields, files})
	if a.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	page := a.page(t)
	if got := page.Find("#compose-reply .composer-files .file a").Text(); got != `Zdjęcie 1.jpglist 24".pdf` {
		t.Errorf("the form that comes back has %q", got)
	}
	if got := page.Find("#reply-text").Text(); !strings.Contains(got, "zażółć") {
		t.Errorf("and says %q", got)
	}
	if names(t, db, "draft_file") != `Zdjęcie 1.jpg:5 list 24".pdf:7` {
		t.Errorf("the draft has %s", names(t, db, "draft_file"))
	}

	// The second time one is left out and one is new.
	fields[2][1] = "ann@customer.test"
	ids, err := pg.List[int64](t.Context(), db, `SELECT id FROM draft_file ORDER BY id`)
	must(t, err)
	fields = append(fields, [2]string{"shown", fmt.Sprint(ids[0])}, [2]string{"shown", fmt.Sprint(ids[1])}, [2]string{"file", fmt.Sprint(ids[1])})
	if a := b.upload(card+"/replies", paper{fields, [][2]string{{"three", "333"}}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	if got := names(t, db, "message_file"); got != `list 24".pdf:7 three:3` {
		t.Errorf("the letter has %s", got)
	}
	if got := names(t, db, "draft_file"); got != "" {
		t.Errorf("the draft still has %s", got)
	}
	event := b.get(card).page(t).Find("#talk .event[data-kind=out]").Last()
	if got := event.Find(".files .file .clip").Text(); got != `list 24".pdfthree` {
		t.Errorf("the event shows %q", got)
	}
	link, _ := event.Find(".files a").First().Attr("href")
	if a := b.get(link); a.body != "second!" || a.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasSuffix(a.Header.Get("Content-Disposition"), "UTF-8''list%2024_.pdf") {
		t.Errorf("its download: %v %q", a.Header, a.body)
	}
}

// However often a form is posted, and be it at once, it writes once, and its files wait in no draft.
func TestAFormPostedAgainLeavesNoFileBehind(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	card := "/tickets/" + all["tickets"]
	for i, path := range []string{"/comments", "/replies"} {
		key := fmt.Sprint("k", i)
		p := paper{[][2]string{{"version", version(t, b, card)}, {"form_key", key}, {"to", "ann@customer.test"}, {"text", "Look at this"}}, [][2]string{{"photo.jpg", "small"}}}
		var crowd sync.WaitGroup
		for range 3 {
			crowd.Go(func() {
				if a := b.upload(card+path, p); a.StatusCode != http.StatusSeeOther {
					t.Errorf("%s: %s", path, a.Status)
				}
			})
		}
		crowd.Wait()
		b.upload(card+path, p)
		written := one[int](t, db, `SELECT count(*) FROM message WHERE form_key = $1`, key)
		sent := one[int](t, db, `SELECT count(*) FROM message_file f JOIN message m ON m.id = f.message_id WHERE m.form_key = $1`, key)
		if left := one[int](t, db, `SELECT count(*) FROM draft`); written != 1 || sent != 1 || left != 0 {
			t.Errorf("%s: %d messages with %d files; %d drafts are left: %s", path, written, sent, left, names(t, db, "draft_file"))
		}
	}
}

func TestAFileTooLargeIsRefusedAloneAndTextIsKept(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	card := "/tickets/" + all["tickets"]
	s := paper{[][2]string{{"version", version(t, b, card)}, {"form_key", "k1"}, {"text", "Look at this"}}, [][2]string{{"film.mp4", strings.Repeat("x", ticket.MaxFile+1)}, {"photo.jpg", "small"}}}
	a := b.upload(card+"/comments", s)
	page := a.page(t)
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page.Find("#compose-comment .composer-files .error").Text(), "film.mp4 is not attached: at most 25\u00a0MB a file") {
		t.Errorf("%s %q", a.Status, page.Find("#compose-comment .composer-files").Text())
	}
	if page.Find("#comment-text").Text() != "Look at this" || names(t, db, "draft_file") != "photo.jpg:5" {
		t.Errorf("kept: %q and %s", page.Find("#comment-text").Text(), names(t, db, "draft_file"))
	}
	if n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM message WHERE kind = 'comment'`); n != 0 || err != nil {
		t.Errorf("%d comments, %v", n, err)
	}
}

func TestAFileIsSentAheadAndRemovedAgain(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	files := "/tickets/" + all["tickets"] + "/drafts/comment/files"
	a := b.upload(files, paper{files: [][2]string{{"Foto ä.png", "12345"}}})
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s\n%s", a.Status, a.body)
	}
	item := a.page(t).Find("li.file")
	link, _ := item.Find("a").Attr("href")
	if got := b.get(link); got.StatusCode != http.StatusOK || got.body != "12345" {
		t.Errorf("its writer reads %s %q", got.Status, got.body)
	}
	colleague := b.as(boss)
	remove, _ := item.Find("button").Attr("data-remove")
	if got := colleague.get(link); got.StatusCode != http.StatusNotFound {
		t.Errorf("a colleague reads it: %s", got.Status)
	}
	if got := colleague.post(remove); got.StatusCode != http.StatusNotFound {
		t.Errorf("a colleague removes it: %s", got.Status)
	}
	if a := b.upload(files, paper{files: [][2]string{{"big.bin", strings.Repeat("x", ticket.MaxFile+1)}}}); a.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "big.bin is not attached") {
		t.Errorf("%s %q", a.Status, a.body)
	}
	if got := b.get("/tickets/" + all["tickets"]).page(t).Find("#comment-files .file").Length(); got != 1 {
		t.Errorf("the composer shows %d files", got)
	}
	if a := b.send(http.MethodPost, remove, nil, "Accept", "application/json"); a.StatusCode != http.StatusNoContent {
		t.Errorf("%s", a.Status)
	}
	if got := names(t, db, "draft_file"); got != "" {
		t.Errorf("left: %s", got)
	}
}

func TestFormsWithFilesAreBounded(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	card := "/tickets/" + all["tickets"]
	long := paper{fields: [][2]string{{"text", strings.Repeat("x", medium+1)}}}
	if a := b.upload(card+"/comments", long); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a text of 4 MB in a form with files: %s", a.Status)
	}
	named := paper{fields: [][2]string{{strings.Repeat("n", medium/2), ""}, {strings.Repeat("m", medium/2), ""}}}
	if a := b.upload(card+"/comments", named); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("names of fields of 4 MB: %s", a.Status)
	}
	empty := paper{fields: slices.Repeat([][2]string{{"file", "1"}}, medium/perField)}
	if a := b.upload(card+"/comments", empty); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d fields: %s", len(empty.fields), a.Status)
	}
	var many paper
	for i := range ticket.MaxFiles + 3 {
		many.files = append(many.files, [2]string{fmt.Sprint("f", i), "x"})
	}
	many.fields = [][2]string{{"version", version(t, b, card)}, {"form_key", "k"}, {"text", "so many"}}
	if a := b.upload(card+"/comments", many); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "at most 20 files") {
		t.Errorf("%s", a.Status)
	}
	if n := len(strings.Fields(names(t, db, "draft_file"))); n != ticket.MaxFiles {
		t.Errorf("%d files are kept", n)
	}
	f := url.Values{}
	for i := range ticket.MaxFiles + 3 {
		f["file"], f["shown"] = append(f["file"], dec(int64(i)), dec(int64(i))), append(f["shown"], dec(int64(i)), dec(int64(-i)))
	}
	if keep, drop := filesOf(f); len(keep) != ticket.MaxFiles || len(drop) != ticket.MaxFiles {
		t.Errorf("a form that names too many sends %d and leaves out %d", len(keep), len(drop))
	}
	if a := b.upload("/me/settings", paper{fields: [][2]string{{"theme", "dark"}}}); a.StatusCode >= 500 {
		t.Errorf("where no files are awaited: %s", a.Status)
	}
}
