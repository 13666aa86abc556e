package intake

import (
	"time"

	"frontdesk/internal/mail"
)

// Limits of what of one mail is stored as readable text. The source holds everything.
const (
	maxText  = 1 << 20
	maxHTML  = 4 << 20
	maxFiles = 1000
	// How much of a text is enough to tell its language.
	enoughWords = 1500
)

// understood is all that intake needs of a mail, made from its bytes alone: so all work that grows with a mail happens in the child.
type understood struct {
	Mail           mail.Message // without HTML as sent and without the bytes of attachments
	HTML           string       // cleaned
	Cleaner        int
	RemotePictures int
	QuoteAt        int // -1: no earlier mail in the text
	Excerpt        string
	Language       string
	Tag            int64 // [#number] in the subject
	DerivedID      string
	Limited        bool
}

// understand parses, cleans and measures. plain takes the mail as text, by the wish of a person.
func understand(raw []byte, plain bool) understood {
	m := mail.Parse
	if plain {
		m = mail.PlainText
	}
	u := understood{Mail: *m(raw), QuoteAt: -1}
	u.Limited = u.Mail.Limited
	if u.Mail.MessageID == "" {
		u.DerivedID = mail.DerivedMessageID(raw)
	}
	u.readBodies()
	u.dropFiles()
	u.Tag, _ = mail.TagIn(u.Mail.Subject)
	return u
}

// readBodies cleans the HTML once and measures the text.
func (u *understood) readBodies() {
	if u.Mail.HTML != "" {
		c := u.Mail.Clean()
		u.HTML, u.RemotePictures, u.Cleaner = c.HTML, c.RemotePictures, mail.Cleaner
		u.Limited = u.Limited || c.TextOnly
		u.Mail.HTML = ""
	}
	if len(u.HTML) > maxHTML {
		u.HTML, u.RemotePictures, u.Cleaner, u.Limited = "", 0, 0, true
	}
	if len(u.Mail.Text) > maxText {
		u.Mail.Text, u.Limited = cut(u.Mail.Text, maxText), true
	}
	u.QuoteAt = u.Mail.QuoteAt()
	own := u.Mail.Text
	if u.QuoteAt >= 0 {
		own = own[:u.QuoteAt]
	}
	u.Excerpt = mail.Excerpt(own, 200)
	if u.Excerpt == "" {
		u.Excerpt = mail.Excerpt(u.Mail.Text, 200)
	}
	u.Language = mail.Language(cut(u.Mail.Subject+"\n"+own, enoughWords))
}

func (u *understood) dropFiles() {
	if len(u.Mail.Attachments) > maxFiles {
		u.Mail.Attachments, u.Limited = u.Mail.Attachments[:maxFiles], true
	}
}

// dated is the Date header where it can be stored and is not absurd.
func (u *understood) dated() *time.Time {
	if y := u.Mail.Date.Year(); y < 1970 || y > 9999 {
		return nil
	}
	d := u.Mail.Date.UTC()
	return &d
}

// cut shortens valid UTF-8 to at most n bytes between characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
