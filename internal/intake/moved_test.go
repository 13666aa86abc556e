package intake_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mailbox"
)

// TestAMailboxThatMovedIsNotTakenTwice is fault row 14: what lay at the old server is copied to the new one as such programs do, in another order,
// unread, with the trace of its way on top, and the mailbox is told to go there.
func TestAMailboxThatMovedIsNotTakenTwice(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 14)
	d := newDesk(t)
	d.set(`UPDATE parameter SET value = '1000000' WHERE name = 'max_message_bytes'`)
	n := 30
	if os.Getenv("FRONTDESK_FAULTS") != "" {
		n = 1000
	}
	for i := range n {
		raw := letter(fmt.Sprintf("a%d@customer.test", i), fmt.Sprint("moved", i, "@c"), fmt.Sprint("mail ", i), "")
		if i%5 == 0 { // without a Message-ID nothing but its bytes tells what it is
			raw = strings.Replace(raw, "Message-ID:", "Comment:", 1)
		}
		d.deliver(raw)
	}
	d.deliverRaw("support@desk.test", large("too-large@c", 1_200_000))
	d.once()
	d.deliver(letter("late@customer.test", "late@c", "Unread when it moved", "")) // no poll sees it here
	old := d.account["support@desk.test"]
	copies := d.copied(old)
	d.account["support@desk.test"] = accountName(accounts.Add(1))
	d.deliver(letter("early@customer.test", "early@c", "Came to the new server first", "")) // other numbers for all that follows
	d.deliverRaw("support@desk.test", copies...)
	d.moveTo(mailworld.StartProxy(t, d.world.IMAPSPort).Port, d.account["support@desk.test"])
	d.once()
	d.deliver(letter("a1@customer.test", "new@c", "Re: mail 1", "In-Reply-To: <moved1@c>\n"))
	d.once()
	row.Injected("%d mails copied to another server, unread, in another order, with other trace lines", len(copies))
	got := ask[string](d, `SELECT string_agg(state || n, ' ' ORDER BY state) FROM (SELECT state, count(*) n FROM inbound GROUP BY state) s`)
	row.Counted("%d messages, %s", ask[int](d, `SELECT count(*) FROM message`), got)
	if want := fmt.Sprintf("duplicate%d reply1 ticket%d", n+1, n+3); got != want {
		t.Errorf("%s, want %s; twice: %s", got, want, ask[string](d, `SELECT COALESCE(string_agg(subject, ', '), '') FROM (SELECT subject FROM ticket GROUP BY subject HAVING count(*) > 1) s`))
	}
	if k := d.unseen("support@desk.test"); k != 0 {
		t.Errorf("%d are unread at the new server", k)
	}
}

// copied is what another program brings of an account to a new server.
func (d *desk) copied(account string) (list [][]byte) {
	d.t.Helper()
	mails, err := d.world.Messages(account, "INBOX")
	if err != nil {
		d.t.Fatal(err)
	}
	slices.SortFunc(mails, func(a, b mailworld.Mail) int { return bytes.Compare(b.Raw, a.Raw) })
	for _, m := range mails {
		raw := m.Raw
		if bytes.Contains(raw, []byte("\nMessage-ID:")) {
			raw = append([]byte("Return-Path: <copy@tool.test>\r\nReceived: from old.test\r\n\tby new.test; Mon, 2 Mar 2026 11:00:00 +0100\r\nX-Copied: yes\r\n"), raw...)
		}
		list = append(list, raw)
	}
	return list
}

// moveTo tells support@'s mailbox where its mail lies now.
func (d *desk) moveTo(port int, user string) {
	d.t.Helper()
	d.change(func(m *mailbox.Mailbox) { m.IMAPPort, m.IMAPUser = port, user })
	d.set(`UPDATE mailbox SET secret = $1`, sealer.Seal(mailbox.Secret(d.world.Password(user))))
}

// A new server may give its mails the UIDVALIDITY of the old one: what it numbers lower than what lay at the old one before us is no old mail.
func TestAMailboxThatTakesNewMailMovesWithinOneUIDValidity(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	mails := func(n int) (list [][]byte) {
		for i := range n {
			list = append(list, []byte(strings.ReplaceAll(letter("a@customer.test", fmt.Sprint(i, "@c"), fmt.Sprint("mail ", i), ""), "\n", "\r\n")))
		}
		return list
	}
	old := mailworld.StartOddIMAP(t, mails(10), nil)
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.IMAPPort, m.CAPEM, m.Take = old.Port, old.CAPEM, mailbox.TakeNew })
	d.once()
	old.Messages = mails(11)
	d.once()
	next := mailworld.StartOddIMAP(t, append(mails(2), mails(13)[11:]...), func(c *mailworld.OddConn, tag, command string) bool {
		if !strings.Contains(command, "RFC822.SIZE") {
			return false
		}
		for i, raw := range c.Server.Messages {
			at := time.Now().Add(-30 * 24 * time.Hour)
			if i >= 2 {
				at = time.Now().Add(time.Minute)
			}
			c.Send("* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE \"%s\" FLAGS ())\r\n", i+1, i+1, len(raw), at.Format("_2-Jan-2006 15:04:05 -0700"))
		}
		c.Send("%s OK done\r\n", tag)
		return true
	})
	d.change(func(m *mailbox.Mailbox) { m.IMAPPort, m.CAPEM = next.Port, next.CAPEM })
	d.once()
	d.once()
	if got := ask[string](d, subjects); got != "mail 10, mail 11, mail 12" {
		t.Error(got)
	}
}
