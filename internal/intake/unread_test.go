package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

// Nobody has tidied such a mailbox for years; what comes now is taken all the same.
func TestNewMailIsTakenBehindAHundredThousandUnreadOnes(t *testing.T) {
	t.Parallel()
	const old = 100_000
	raw := []byte(strings.ReplaceAll(letter("a@customer.test", "new@c", "new", ""), "\n", "\r\n"))
	mails := make([][]byte, old)
	for i := range mails {
		mails[i] = raw
	}
	d := bareDesk(t)
	s := mailworld.StartOddIMAP(t, mails, func(c *mailworld.OddConn, tag, cmd string) bool {
		if !strings.HasPrefix(cmd, "UID SEARCH") {
			return false
		}
		first := 1
		if _, after, ok := strings.Cut(cmd, "UID SEARCH UID "); ok {
			_, _ = fmt.Sscanf(after, "%d:*", &first)
		}
		var b strings.Builder
		if !strings.Contains(cmd, "SINCE") {
			for i := first; i <= len(c.Server.Messages); i++ {
				fmt.Fprint(&b, " ", i)
			}
		}
		c.Send("* SEARCH%s\r\n%s OK done\r\n", b.String(), tag)
		return true
	})
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.IMAPPort, m.CAPEM, m.Take = s.Port, s.CAPEM, mailbox.TakeNew })
	d.once()
	s.Messages = append(s.Messages, raw)
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM ticket`); n != 1 {
		t.Errorf("%d tickets of the one mail that is new", n)
	}
}
