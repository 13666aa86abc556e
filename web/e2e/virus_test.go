package e2e

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/fixture/mailworld"
)

// A mail with a picture and a virus comes while clamd is away: both wait. When it is back the open card says what was found, without being touched,
// and the letter shows its picture. The virus is for the administrator alone.
func TestAVirusIsHeldBack(t *testing.T) {
	journey(t)
	home, err := os.MkdirTemp("", "clamd-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	scanner, err := mailworld.RunClamd(home)
	if errors.Is(err, mailworld.ErrNoClamd) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(scanner.Stop)
	door := filepath.Join(home, "door") // leads nowhere yet
	s := furnish(t)
	s.env = append(s.env, "FRONTDESK_CLAMD=unix:"+door)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	s.drop(letter{From: "Alice <alice@customer.test>", Subject: "Invoice", Type: "multipart/mixed; boundary=mixed", Text: strings.ReplaceAll("--mixed\nContent-Type: multipart/related; boundary=related\n\n--related\n"+
		leaf("text/html; charset=utf-8", "", `<p>Please pay <img src="cid:logo@x" alt="logo"></p>`)+"--related\n"+
		leaf("image/png; name=logo.png", "Content-ID: <logo@x>\r\nContent-Disposition: inline\r\n", picture.String())+"--related--\n--mixed\n"+
		leaf("application/octet-stream", "Content-Disposition: attachment; filename=invoice.exe\r\n", string(mailworld.EICAR))+"--mixed--", "\r", "")})
	p := s.serve()
	ada, root := open(t, p.URL, "ada"), open(t, p.URL, "root")
	ada.signIn("ada@desk.test", password)
	ada.Click(".ticket-row a.subject", "Invoice")
	ada.See(".file[data-held]", "invoice.exe", "being checked")
	ada.See(".file[data-held]", "logo.png", "being checked")
	ada.Mark()
	if err := os.Symlink(scanner.Socket, door); err != nil {
		t.Fatal(err)
	}
	ada.See(".file[data-held]", "invoice.exe", mailworld.EICARName+" found")
	ada.See(".event-line", mailworld.EICARName, "was found in the file invoice.exe")
	ada.Gone(".file[data-held]", "being checked")
	ada.Wait("the letter shows its picture", `document.querySelector("iframe.letter").contentDocument.images[0]?.naturalWidth === 40`)
	if !ada.Marked() {
		t.Error("the page was loaded anew")
	}
	ada.Gone("a.file[data-held]")
	ada.Shot("virus")
	ada.passes(axe(t), "a card with a virus")

	root.signIn("root@desk.test", password)
	root.Goto(ada.Path())
	root.Click("a.file[data-held]", "invoice.exe")
	root.See("#main h1", "invoice.exe")
	root.See("#main form button", "Download all the same")
	root.passes(axe(t), "the page before a virus")

	phone := open(t, p.URL, "phone")
	phone.Phone()
	phone.signIn("root@desk.test", password)
	phone.Goto(ada.Path())
	phone.See("a.file[data-held]", "invoice.exe")
	phone.fits("a card with a virus on a phone")
	phone.Shot("virus-phone")
	phone.Click("a.file[data-held]", "invoice.exe")
	phone.See("#main form button", "Download all the same")
	phone.fits("the page before a virus on a phone")
	phone.passes(axe(t), "the page before a virus on a phone")
	phone.Shot("held-phone")
}
