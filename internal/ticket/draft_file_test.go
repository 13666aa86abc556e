package ticket_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// attach puts a file into an agent's draft.
func attach(d *fixture.Desk, by agent.Agent, id int64, kind, name, content string) (f ticket.DraftFile, err error) {
	err = d.DB.InTx(d.Context(), func(tx *pg.Tx) error {
		f, err = ticket.AddDraftFile(d.Context(), tx, by, id, kind, ticket.Upload{Name: name, Type: "image/png", Bytes: blob.Bytes([]byte(content))})
		return err
	})
	return f, err
}

func attached(d *fixture.Desk, id int64, kind, name string) int64 {
	d.Helper()
	f, err := attach(d, d.Agent, id, kind, name, "bytes of "+name)
	if err != nil {
		d.Fatal(err)
	}
	return f.ID
}

func waiting(c ticket.Card) (names []string) {
	for _, f := range c.Waiting {
		names = append(names, f.Name)
	}
	return names
}

func refusal(err error, field string) text.Key {
	var bad fault.Invalid
	errors.As(err, &bad)
	return bad[field].Key
}

func TestFilesOfAReplyLeaveTheDraftForTheMessage(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	photo, list, unwanted := attached(d, l.TicketID, "reply", "Zdjęcie usterki.png"), attached(d, l.TicketID, "reply", "Prüfliste.pdf"), attached(d, l.TicketID, "reply", "wrong.txt")
	elsewhere := attached(d, l.TicketID, "reply", "from the phone.jpg") // the form that is sent did not show it
	aside := attached(d, l.TicketID, "comment", "for us.txt")
	if got := waiting(d.Card(d.Agent, l.TicketID)); len(got) != 5 {
		t.Fatalf("on another device the draft has %v", got)
	}
	if got := waiting(d.Card(d.Admin, l.TicketID)); len(got) != 0 {
		t.Errorf("a colleague sees the files of a draft: %v", got)
	}
	p := reply(l.MessageID)
	p.Files, p.Dropped = []int64{photo, list}, []int64{unwanted}
	w, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	c := d.Card(d.Agent, l.TicketID)
	var names []string
	for _, f := range c.Files {
		if f.MessageID == w.MessageID {
			names = append(names, f.Name)
		}
	}
	if !slices.Equal(names, []string{"Zdjęcie usterki.png", "Prüfliste.pdf"}) {
		t.Errorf("the message has %v", names)
	}
	if got := waiting(c); !slices.Equal(got, []string{"from the phone.jpg", "for us.txt"}) {
		t.Errorf("what the form did not show is %v", got)
	}
	q, _ := filter.Parse("has:attachment Prüfliste")
	if found, err := ticket.List(t.Context(), d.DB, d.Agent, ticket.Filter{View: ticket.All, Query: q}); err != nil || len(found.Lines) != 1 {
		t.Errorf("the ticket is not found by its file: %v, %v", found.Lines, err)
	}
	letters, err := ticket.Letters(t.Context(), d.DB, []int64{w.OutboxID}, time.Now())
	if err != nil || len(letters[w.OutboxID].Attachments) != 2 {
		t.Fatalf("%+v, %v", letters, err)
	}
	f := letters[w.OutboxID].Attachments[1]
	in, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(in); err != nil || f.Name != "Prüfliste.pdf" || f.Type != "image/png" || string(body) != "bytes of Prüfliste.pdf" {
		t.Errorf("%+v %q %v", f, body, err)
	}
	p.Files, p.Dropped, p.Base = []int64{photo}, nil, w.MessageID
	if _, err := send(d, l.TicketID, p); refusal(err, "files") != text.RefusalFileGone {
		t.Errorf("a file that is gone: %v", err)
	}
	p.Files = []int64{aside}
	if _, err := send(d, l.TicketID, p); refusal(err, "files") != text.RefusalFileGone {
		t.Errorf("a file of the comment went by mail: %v", err)
	}
	p.Files = []int64{elsewhere}
	if _, err := send(d, l.TicketID, p); err != nil {
		t.Error(err)
	}
	if c := d.Card(d.Agent, l.TicketID); len(c.Drafts) != 1 || c.Drafts[0].Kind != "comment" {
		t.Errorf("drafts left: %+v", c.Drafts)
	}
}

func TestACommentMayBeAPhotoAlone(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := ticket.Comment{Files: []int64{attached(d, l.TicketID, "comment", "photo.jpg")}}
	write := func(p ticket.Comment) (w ticket.Written, err error) {
		err = d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
			w, err = ticket.CreateComment(t.Context(), tx, d.Agent, l.TicketID, p)
			return err
		})
		return w, err
	}
	long := p
	long.Text = strings.Repeat("x", ticket.MaxText+1)
	if _, err := write(long); refusal(err, "text") != text.RefusalTextTooLong {
		t.Errorf("beside a text that is too long: %v", err)
	}
	w, err := write(p)
	if err != nil {
		t.Fatal(err)
	}
	c := d.Card(d.Agent, l.TicketID)
	if m := c.Messages[len(c.Messages)-1]; m.ID != w.MessageID || m.Excerpt != "photo.jpg" || m.Text != "" || len(c.Drafts) != 0 {
		t.Errorf("%+v, drafts %v", m, c.Drafts)
	}
	if n, err := pg.One[int](t.Context(), d.DB, `SELECT count(*) FROM outbox`); n != 0 || err != nil {
		t.Errorf("%d letters, %v", n, err)
	}
	if _, err := write(ticket.Comment{}); refusal(err, "text") != text.RefusalTextEmpty {
		t.Errorf("nothing at all was taken: %v", err)
	}
}

func TestCancellingGivesTextAndFilesBack(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.Files = []int64{attached(d, l.TicketID, "reply", "a.png"), attached(d, l.TicketID, "reply", "b.png")}
	w, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	attached(d, l.TicketID, "reply", "late.png") // the next one begins with a file
	d.Tx(func(tx *pg.Tx) error { _, err := ticket.CancelReply(t.Context(), tx, d.Admin, w.OutboxID); return err })
	c := d.Card(d.Agent, l.TicketID)
	if len(c.Drafts) != 1 || c.Drafts[0].Fields["text"] != p.Text || c.Drafts[0].Fields["to"] != ann {
		t.Errorf("drafts %+v", c.Drafts)
	}
	if got := waiting(c); !slices.Equal(got, []string{"late.png", "a.png", "b.png"}) {
		t.Errorf("files %v", got)
	}
	d.Clock.Advance(25 * time.Hour)
	d.Tx(func(tx *pg.Tx) error { _, _, err := blob.Collect(t.Context(), tx, 0); return err })
	for _, f := range c.Waiting {
		s, err := ticket.DraftFileOf(t.Context(), d.DB, d.Agent, l.TicketID, "reply", f.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := blob.Open(t.Context(), d.DB, s.BlobID); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

func TestFilesThatNobodyNeedsGoAfterADay(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	one, two := attached(d, l.TicketID, "reply", "one"), attached(d, l.TicketID, "comment", "two")
	blobs := func() int {
		n, err := pg.One[int](t.Context(), d.DB, `SELECT count(*) FROM blob`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := blobs()
	d.Tx(func(tx *pg.Tx) error { return ticket.DropDraftFile(t.Context(), tx, d.Agent, l.TicketID, "reply", one) })
	d.Tx(func(tx *pg.Tx) error { return ticket.DropDraft(t.Context(), tx, d.Agent, l.TicketID, "comment") })
	if c := d.Card(d.Agent, l.TicketID); len(c.Drafts) != 0 || len(c.Waiting) != 0 {
		t.Errorf("%+v %+v of %d are left", c.Drafts, c.Waiting, two)
	}
	d.Tx(func(tx *pg.Tx) error { _, _, err := blob.Collect(t.Context(), tx, 0); return err })
	if blobs() != before {
		t.Error("bytes went within the day")
	}
	d.Clock.Advance(25 * time.Hour)
	d.Tx(func(tx *pg.Tx) error { _, _, err := blob.Collect(t.Context(), tx, 0); return err })
	if blobs() != before-2 {
		t.Errorf("%d blobs are left of %d", blobs(), before)
	}
}

func TestADraftLivesAsLongAsItsTextOrItsFiles(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	keep := func(text string) {
		d.Tx(func(tx *pg.Tx) error {
			_, err := ticket.SaveDraft(t.Context(), tx, d.Agent, l.TicketID, "reply", ticket.Typed{Fields: map[string]string{"text": text, "to": ann}})
			return err
		})
	}
	file := attached(d, l.TicketID, "reply", "a")
	keep("some words")
	keep("")
	if c := d.Card(d.Agent, l.TicketID); len(c.Drafts) != 1 || c.Drafts[0].Fields["text"] != "" || len(c.Waiting) != 1 {
		t.Errorf("without its text: %+v %+v", c.Drafts, c.Waiting)
	}
	keep("other words")
	d.Tx(func(tx *pg.Tx) error {
		return ticket.DropDraftFile(t.Context(), tx, d.Agent, l.TicketID, "reply", file)
	})
	if c := d.Card(d.Agent, l.TicketID); len(c.Drafts) != 1 || c.Drafts[0].Fields["text"] != "other words" {
		t.Errorf("without its file: %+v", c.Drafts)
	}
	keep("")
	if c := d.Card(d.Agent, l.TicketID); len(c.Drafts) != 0 {
		t.Errorf("without either: %+v", c.Drafts)
	}
}

func TestFilesHaveLimits(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	for i := range ticket.MaxFiles {
		attached(d, l.TicketID, "comment", fmt.Sprint(i))
	}
	if _, err := attach(d, d.Agent, l.TicketID, "comment", "one more", "x"); refusal(err, "files") != text.RefusalTooManyFiles {
		t.Errorf("file %d: %v", ticket.MaxFiles+1, err)
	}
	big, err := blob.Spool(t.TempDir(), bytes.NewReader(make([]byte, ticket.MaxFile+1)))
	if err != nil {
		t.Fatal(err)
	}
	defer big.Close()
	err = d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := ticket.AddDraftFile(t.Context(), tx, d.Agent, l.TicketID, "reply", ticket.Upload{Name: "big", Bytes: big})
		return err
	})
	if refusal(err, "files") != text.RefusalFileTooLarge {
		t.Errorf("a file too large: %v", err)
	}

	// The server has said what it takes; base64 makes a third more of a file, and the letter needs room beside it.
	d.Tx(func(tx *pg.Tx) error { return outbox.ServerAnswers(t.Context(), tx, d.Mailbox, 200_000) })
	fits, err := attach(d, d.Agent, l.TicketID, "reply", "fits", strings.Repeat("x", 60_000))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attach(d, d.Agent, l.TicketID, "reply", "does not", strings.Repeat("x", 50_000)); refusal(err, "files") != text.RefusalTooBigForServer {
		t.Errorf("more than the server takes: %v", err)
	}
	if _, err := attach(d, d.Agent, l.TicketID, "comment", "never leaves", strings.Repeat("x", 50_000)); refusal(err, "files") == text.RefusalTooBigForServer {
		t.Error("a comment goes through no server")
	}
	p := reply(l.MessageID)
	p.Files, p.Text = []int64{fits.ID}, strings.Repeat("words ", 10_000)
	if _, err := send(d, l.TicketID, p); refusal(err, "files") != text.RefusalTooBigForServer {
		t.Errorf("a long text with a file: %v", err)
	}
	p.Text = "short"
	if _, err := send(d, l.TicketID, p); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheWriterHasTheFilesOfADraft(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	id := attached(d, l.TicketID, "reply", "a")
	reader := d.Agent
	reader.Permissions = []agent.Permission{agent.TicketRead}
	for name, c := range map[string]struct {
		by   agent.Agent
		want error
	}{"a colleague": {d.Admin, fault.NotFound}, "a stranger": {d.Stranger, fault.NotFound}, "one who may only read": {reader, fault.Forbidden}} {
		if _, err := ticket.DraftFileOf(t.Context(), d.DB, c.by, l.TicketID, "reply", id); c.by.ID != d.Agent.ID && !errors.Is(err, fault.NotFound) {
			t.Errorf("%s reads it: %v", name, err)
		}
		err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error { return ticket.DropDraftFile(t.Context(), tx, c.by, l.TicketID, "reply", id) })
		if !errors.Is(err, c.want) {
			t.Errorf("%s removes it: %v", name, err)
		}
		p := reply(l.MessageID)
		p.Files = []int64{id}
		err = d.DB.InTx(t.Context(), func(tx *pg.Tx) error { _, err := ticket.CreateReply(t.Context(), tx, c.by, l.TicketID, p); return err })
		if refusal(err, "files") != text.RefusalFileGone && !errors.Is(err, c.want) {
			t.Errorf("%s sends it: %v", name, err)
		}
		if c.by.ID == d.Admin.ID {
			continue
		}
		if _, err := attach(d, c.by, l.TicketID, "reply", "b", "b"); !errors.Is(err, c.want) {
			t.Errorf("%s attaches: %v", name, err)
		}
	}
	if _, err := attach(d, d.Agent, l.TicketID, "letter", "b", "b"); !errors.Is(err, fault.NotFound) {
		t.Errorf("another kind: %v", err)
	}
}

func TestFileNamesAreMadeSafe(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"Rechnung März.pdf": "Rechnung März.pdf", "Ma\u0308rz.pdf": "März.pdf", "żółć.png": "żółć.png", "../../etc/passwd": "passwd", `C:\Users\x\photo.jpg`: "photo.jpg",
		".htaccess": "htaccess", "a\r\nBcc: x.txt": "a Bcc: x.txt", "invoice\u202Egpj.exe": "invoicegpj.exe", "  many   blanks .txt ": "many blanks .txt", "": "file", "///": "file",
		"bad\xff.txt": "bad_.txt", strings.Repeat("ü", 300) + ".jpeg": strings.Repeat("ü", 120) + strings.Repeat("ü", 25) + ".jpeg",
	} {
		if got := ticket.FileName(given); got != want {
			t.Errorf("%q becomes %q, not %q", given, got, want)
		}
	}
}
