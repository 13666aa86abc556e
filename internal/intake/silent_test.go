package intake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

// However many servers have stopped answering, the mail of one that answers is taken while the others are still waited for.
func TestSilentServersHoldUpNobody(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	const silent = 16
	asked := make(chan struct{}, 100)
	s := mailworld.StartOddIMAP(t, nil, func(c *mailworld.OddConn, _, command string) bool {
		if !strings.HasPrefix(command, "SELECT") {
			return false
		}
		asked <- struct{}{}
		c.Hang()
		return true
	})
	for i := range silent {
		d.mailbox(fmt.Sprint("silent", i, "@desk.test"), func(m *mailbox.Mailbox) { m.IMAPPort, m.CAPEM = s.Port, s.CAPEM })
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.in.Run(ctx) }()
	for range silent {
		<-asked
	}
	d.mailbox("support@desk.test")
	d.deliver(letter("a@customer.test", "1@c", "Meanwhile", ""))
	d.await(`SELECT EXISTS (SELECT FROM ticket WHERE subject = 'Meanwhile')`)
	if n := ask[int](d, `SELECT count(*) FROM mailbox WHERE failures > 0`); n > 0 {
		t.Errorf("it was taken after %d of the others were given up", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAServerThatHangsUpOnListenersIsNotSignedInToEverySecond(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	s := mailworld.StartOddIMAP(t, [][]byte{[]byte("Subject: Taken\r\nFrom: a@customer.test\r\n\r\nHello\r\n")}, func(c *mailworld.OddConn, _, command string) bool {
		if command == "IDLE" {
			c.Close()
		}
		return command == "IDLE"
	})
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.IMAPPort, m.CAPEM = s.Port, s.CAPEM })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.in.Run(ctx) }()
	d.await(`SELECT EXISTS (SELECT FROM mailbox WHERE retry_at - last_error_at >= interval '2 seconds')`)
	if n := ask[int](d, `SELECT count(*) FROM inbound`); n != 1 {
		t.Errorf("%d mails were taken meanwhile", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
