package delivery

import (
	"bytes"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/event"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// inbox waits for mail of an account and returns it.
func (d *desk) inbox(w *mailworld.World, account, folder string, n int) []mailworld.Mail {
	d.Helper()
	var list []mailworld.Mail
	d.eventually("mail for "+account, func() bool {
		var err error
		if list, err = w.Messages(account, folder); err != nil {
			d.Fatal(err)
		}
		return len(list) >= n
	})
	if len(list) != n {
		d.Fatalf("%d mails for %s in %s, want %d", len(list), account, folder, n)
	}
	return list
}

func TestReplyReachesTheCustomerAndTheSentFolder(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{})
	d := inWorld(t, w, mailbox.SentAppend)
	d.must(func(tx *pg.Tx) error { d.exec(tx, `UPDATE mailbox SET sent_folder = ''`); return nil }) // the one that the server marks
	id := d.write(written{text: "Hello Alice,\n\nplease clean the rollers: żółć.", to: []outbox.Recipient{
		{Address: alice, Display: "Alice \"A\" Smith", Kind: "to"}, {Address: "bob@customer.test", Kind: "cc"}}})
	d.once(d.sender())

	v := d.delivery(id)
	if v.State != outbox.Sent || v.Trouble || v.SentCopy != "done" || v.Code != 250 {
		t.Fatalf("%+v", v)
	}
	for _, r := range v.Recipients {
		if r.State != outbox.Accepted {
			t.Errorf("%+v", r)
		}
	}
	m := mail.Parse(d.inbox(w, alice, "INBOX", 1)[0].Raw)
	d.inbox(w, "bob@customer.test", "INBOX", 1)
	tag := mail.SubjectTag(d.ticket)
	if m.Subject != "Re: Printer jams "+tag || m.MessageID != d.rfc(id) || m.InReplyTo != asked || m.From[0].Address != support || m.From[0].Name != "Desk, Support" {
		t.Errorf("%+v", m)
	}
	if diff := cmp.Diff([]string{"first@customer.test", asked}, m.References); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(m.Text, "Hello Alice,\n\nplease clean the rollers: żółć.\n\nOn ") || !strings.Contains(m.Text, "Alice wrote:\n> It jams.\n> Always.") ||
		strings.Contains(m.Text, "older words") || !strings.Contains(m.HTML, "<blockquote") {
		t.Errorf("text %q html %q", m.Text, m.HTML)
	}
	if at := mail.QuoteAt(m.Text); at < 0 || strings.Contains(m.Text[:at], "jams") {
		t.Errorf("our own quote is not folded: %d in %q", at, m.Text)
	}

	sent := d.inbox(w, support, "Sent", 1)[0]
	if messageID(sent.Raw) != d.rfc(id) || !strings.Contains(sent.Flags, "S") {
		t.Errorf("copy %q %s", sent.Raw[:200], sent.Flags)
	}
	if d.events(id, event.Sent) != 1 || one[int](d, d.db, `SELECT count(*) FROM ticket_clock WHERE met_at IS NOT NULL`) != 1 {
		t.Error("the ticket was not told")
	}
}

func TestCopyComesLaterWhenTheFolderCannotBeReached(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{})
	d := inWorld(t, w, mailbox.SentAppend)
	s := d.sender()
	w.StopDovecot()
	id := d.put(alice)
	d.once(s)
	if v := d.delivery(id); v.State != outbox.Sent || v.SentCopy != "pending" {
		t.Fatalf("%+v", v)
	}
	if err := w.StartDovecot(); err != nil {
		t.Fatal(err)
	}
	for range 3 { // the second and third find it there
		d.clock.Advance(2 * time.Minute)
		d.once(s)
		d.must(func(tx *pg.Tx) error {
			_, err := pg.Exec(t.Context(), tx, `UPDATE outbox SET sent_copy = 'pending', copy_after = $1, copy_attempts = 0`, tx.Now)
			return err
		})
	}
	d.once(s)
	d.inbox(w, support, "Sent", 1)
	if v := d.delivery(id); v.SentCopy != "done" {
		t.Errorf("%+v", v)
	}
	if n := one[int](d, d.db, `SELECT count(*) FROM event WHERE kind = 'sent'`); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// besideSink is a desk that sends to the sink, and whose provider files what was sent.
func besideSink(t *testing.T, w *mailworld.World, sink *mailworld.Sink) *desk {
	t.Helper()
	d := inWorld(t, w, mailbox.SentProvider)
	d.must(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE mailbox SET smtp_port = $1, smtp_tls = 'starttls', ca_pem = ca_pem || $2`, sink.Port, sink.CAPEM)
		return err
	})
	return d
}

// send is one pass without what comes afterwards.
func (d *desk) send(s *Sender) {
	d.Helper()
	s.prepare()
	if _, err := s.pass(d.Context()); err != nil {
		d.Fatal(err)
	}
	s.all.Wait()
}

func TestRefusalBeforeAnUncertainEndIsASendingError(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{NoExim: true})
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "rcpt", To: "bob", Code: 550, Text: "5.1.1 no such user"})
	sink.Fail(mailworld.Fault{Phase: "dot", Drop: true, Keep: true})
	d := besideSink(t, w, sink)
	s := d.sender()
	id := d.put(alice, "bob@customer.test")
	d.send(s)
	if v := d.delivery(id); v.State != outbox.Uncertain || v.Recipients[0].State != outbox.Pending || v.Recipients[1].State != outbox.Refused {
		t.Fatalf("%+v", v)
	}
	if err := w.DeliverTo(support, "Sent", sink.Ledger()[0].Raw); err != nil {
		t.Fatal(err)
	}
	if _, err := s.afterwards(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := d.delivery(id)
	if v.State != outbox.Sent || !v.Trouble || v.Recipients[0].State != outbox.Accepted || v.Recipients[1].State != outbox.Refused || v.Recipients[1].Text != "5.1.1 no such user" {
		t.Errorf("%+v", v)
	}
	if d.events(id, event.Sent) != 1 || d.events(id, event.SendFailed) != 1 {
		t.Error("the ticket was not told")
	}
}

func TestRefusedRecipientIsNotServedByTheResendSwitch(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "rcpt", To: "bob", Code: 550, Text: "5.1.1 no such user", Times: 1})
	sink.Fail(mailworld.Fault{Phase: "dot", Drop: true, Times: 1})
	d := atSink(t, sink)
	d.must(func(tx *pg.Tx) error { d.exec(tx, `UPDATE mailbox SET resend = true`); return nil })
	id := d.put(alice, "bob@customer.test")
	d.once(d.sender())
	d.clock.Advance(outbox.ResendAfter)
	d.once(d.sender())
	d.once(d.sender())
	v, l := d.delivery(id), sink.Ledger()
	if v.State != outbox.Sent || !v.Trouble || !v.Twice || v.Recipients[1].State != outbox.Refused || d.events(id, event.SendFailed) != 1 {
		t.Errorf("%+v", v)
	}
	if len(l) != 1 || !slices.Equal(l[0].To, []string{alice}) {
		t.Fatalf("%+v", l)
	}
	d.must(func(tx *pg.Tx) error { return outbox.Retry(t.Context(), tx, id) }) // a person asks for it
	d.once(d.sender())
	if l := sink.Ledger(); d.delivery(id).State != outbox.Sent || len(l) != 2 || !slices.Equal(l[1].To, []string{"bob@customer.test"}) {
		t.Errorf("%+v", l)
	}
}

func TestUncertainLetterIsFoundInTheProvidersFolder(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{NoExim: true})
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "dot", Drop: true, Keep: true})
	d := besideSink(t, w, sink)
	s := d.sender()
	there, lost := d.put(alice), d.put(alice)
	d.send(s)
	for _, id := range []int64{there, lost} {
		if v := d.delivery(id); v.State != outbox.Uncertain || v.Trouble {
			t.Fatalf("%+v", v)
		}
	}
	i := slices.IndexFunc(sink.Ledger(), func(a mailworld.Accepted) bool { return messageID(a.Raw) == d.rfc(there) })
	if err := w.DeliverTo(support, "Sent", sink.Ledger()[i].Raw); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := s.afterwards(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.clock.Advance(10 * time.Minute)
	}
	if v := d.delivery(there); v.State != outbox.Sent || v.Twice || v.SentCopy != "done" || d.events(there, event.Sent) != 1 {
		t.Errorf("the one that was sent: %+v", v)
	}
	if v := d.delivery(lost); v.State != outbox.Uncertain || !v.Trouble || d.events(lost, event.SendUncertain) != 1 {
		t.Errorf("the one that is not there: %+v", v)
	}
}

func TestRefusedRecipientOfTwoIsASendingError(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{})
	d := inWorld(t, w, mailbox.SentNone)
	id := d.put(alice, "nobody@customer.test")
	d.once(d.sender())
	v := d.delivery(id)
	if v.State != outbox.Sent || !v.Trouble || v.Recipients[1].State != outbox.Refused || v.Recipients[1].Code != 550 {
		t.Errorf("%+v", v)
	}
	if d.events(id, event.Sent) != 1 || d.events(id, event.SendFailed) != 1 {
		t.Error("the ticket was not told")
	}
	raw := d.inbox(w, alice, "INBOX", 1)[0].Raw
	if !bytes.Contains(raw, []byte("nobody@customer.test")) {
		t.Error("the header names both")
	}
}

// Whoever keeps signing in with a refused password has the account locked, and copies are many (RELIABILITY, section 6, row 16). A poller that had
// signed in before the password was changed goes on over its connection.
func TestCopiesDoNotSignInAgainAndAgainWithARefusedPassword(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	var signIns atomic.Int64
	imap := mailworld.StartOddIMAP(t, nil, func(c *mailworld.OddConn, tag, command string) bool {
		if !strings.HasPrefix(command, "AUTHENTICATE") {
			return false
		}
		signIns.Add(1)
		c.Send("%s NO [AUTHENTICATIONFAILED] who?\r\n", tag)
		return true
	})
	d := atSink(t, sink)
	d.must(func(tx *pg.Tx) error {
		d.exec(tx, `UPDATE mailbox SET sent_mode = 'append', imap_port = $1, ca_pem = ca_pem || $2`, imap.Port, imap.CAPEM)
		return nil
	})
	s := d.sender()
	for range 60 { // an hour
		d.put(alice)
		d.once(s)
		d.must(func(tx *pg.Tx) error { return mailbox.Worked(t.Context(), tx, d.mailbox) })
		d.clock.Advance(time.Minute)
	}
	n := signIns.Load()
	if n > 6 || n < 2 {
		t.Errorf("signed in %d times in an hour", n)
	}
	d.must(func(tx *pg.Tx) error { return outbox.TryServerNow(t.Context(), tx, d.mailbox) }) // somebody set the password right
	d.put(alice)
	if d.once(s); signIns.Load() != n+1 {
		t.Error("the settings were changed, and the server rests")
	}
	if n := one[int](d, d.db, `SELECT count(*) FROM outbox WHERE state = 'sent' AND sent_copy = 'pending'`); n != 61 {
		t.Errorf("%d copies wait, want 61", n)
	}
}
