package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/alarm"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

// odd is a desk whose server has a few mails that came after the first look; the fields say how it behaves at the moment.
type odd struct {
	*desk
	there  bool
	seen   bool                    // another program has read them all
	unseen string                  // what UNSEEN finds; "" = all
	sizes  func(uids []int) string // what a FETCH of sizes brings, with TAG for its tag; "" = all of them
	body   func(uid int) bool      // which bodies are refused
	empty  func(uid int) bool      // which come out as NIL
	store  string                  // how STORE ends; "" = well
}

// oddly begins with the first look, before any of the n mails was there.
func oddly(t *testing.T, n int, o *odd, change ...func(*mailbox.Mailbox)) *odd {
	t.Helper()
	var all [][]byte
	for i := range n {
		all = append(all, []byte(strings.ReplaceAll(letter("a@customer.test", fmt.Sprint(i, "@c"), fmt.Sprint("mail ", i), ""), "\n", "\r\n")))
	}
	o.desk = bareDesk(t)
	came := time.Now().Add(time.Hour).UTC().Format("02-Jan-2006 15:04:05 -0700")
	s := mailworld.StartOddIMAP(t, all, func(c *mailworld.OddConn, tag, cmd string) bool {
		switch {
		case strings.HasPrefix(cmd, "SELECT") && !o.there:
			c.Send("* 0 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 1] n\r\n%s OK done\r\n", tag)
		case strings.HasPrefix(cmd, "UID SEARCH") && (!o.there || o.seen && strings.Contains(cmd, "UNSEEN")):
			c.Send("* SEARCH\r\n%s OK done\r\n", tag)
		case strings.HasPrefix(cmd, "UID SEARCH") && strings.Contains(cmd, "UNSEEN") && o.unseen != "":
			c.Send("* SEARCH %s\r\n%s OK done\r\n", o.unseen, tag)
		case strings.HasPrefix(cmd, "UID FETCH") && strings.Contains(cmd, "INTERNALDATE"):
			o.tellSizes(c, tag, mailworld.Numbers(strings.Fields(cmd)[2]), all, came)
		case strings.Contains(cmd, "BODY.PEEK"):
			o.handOut(c, tag, cmd, all)
		case strings.HasPrefix(cmd, "UID STORE") && o.store != "":
			c.Send("%s %s\r\n", tag, o.store)
		default:
			return false
		}
		return true
	})
	o.mailbox("support@desk.test", append(change, func(m *mailbox.Mailbox) { m.IMAPPort, m.CAPEM = s.Port, s.CAPEM })...)
	o.once()
	o.there = true
	return o
}

func (o *odd) tellSizes(c *mailworld.OddConn, tag string, uids []int, all [][]byte, came string) {
	if o.sizes != nil {
		if end := o.sizes(uids); end != "" {
			c.Send("%s\r\n", strings.ReplaceAll(end, "TAG", tag))
			return
		}
	}
	for _, i := range uids {
		c.Send("* %d FETCH (UID %d FLAGS (%s) INTERNALDATE \"%s\" RFC822.SIZE %d)\r\n", i, i, map[bool]string{true: `\Seen`}[o.seen], came, len(all[i-1]))
	}
	c.Send("%s OK done\r\n", tag)
}

func (o *odd) handOut(c *mailworld.OddConn, tag, cmd string, all [][]byte) {
	for _, i := range mailworld.Numbers(strings.Fields(cmd)[2]) {
		name, part := mailworld.Section(cmd, all[i-1])
		switch {
		case o.body != nil && o.body(i):
			c.Send("%s NO message %d could not be read\r\n", tag, i)
			return
		case o.empty != nil && o.empty(i):
			c.Send("* %d FETCH (UID %d BODY[]%s NIL)\r\n", i, i, name)
		default:
			c.Send("* %d FETCH (UID %d BODY[]%s {%d}\r\n%s)\r\n", i, i, name, len(part), part)
		}
	}
	c.Send("%s OK done\r\n", tag)
}

func second(uid int) bool { return uid == 2 }

// passes answers how the last of n passes ended.
func (o *odd) passes(n int) (err error) {
	for range n {
		_, err = o.in.Once(o.t.Context())
	}
	return err
}

// rested forgets how often mails were refused, as time does.
func (o *odd) rested() { o.in = o.intake(o.db) }

// netDue makes the safety net due.
func (o *odd) netDue() {
	o.set(`UPDATE inbound_folder SET missed_at = missed_at - interval '2 days'`)
}

func (o *odd) tickets() int { return ask[int](o.desk, `SELECT count(*) FROM ticket`) }

func (o *odd) alarms() []alarm.Alarm {
	o.t.Helper()
	found, err := alarm.Find(o.t.Context(), o.db, time.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	return found
}
