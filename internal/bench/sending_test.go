//go:build bench

package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"golang.org/x/sync/errgroup"

	"frontdesk/internal/agent"
	"frontdesk/internal/delivery"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// TestSending lets 3,000 due replies leave, and a bare client with four connections send as many to the same server before and after them: the machine
// changes its speed within seconds.
func TestSending(t *testing.T) {
	const count = 3000
	pgs := server(t)
	var ours, bare []took
	for i := range 2*rounds - 1 {
		sink := mailworld.StartSink(t)
		db := database(t, pgs, fmt.Sprintf("send%d", i))
		sender := dueReplies(t, db, sink, count)
		send := func(list *[]took, fn func()) {
			t.Helper()
			before := len(sink.Ledger())
			*list = append(*list, measure(fn))
			if n := len(sink.Ledger()) - before; n != count {
				t.Fatalf("%d of %d were sent", n, count)
			}
		}
		send(&bare, func() { bareSending(t, sink, count) })
		send(&ours, func() { ourSending(t, db, sink, sender, count) })
		send(&bare, func() { bareSending(t, sink, count) })
	}
	report("sending, letters", count, median(ours), median(bare), ">= 0.08, goal 0.25")
}

func bareSending(t *testing.T, sink *mailworld.Sink, count int) {
	raw := bytes.ReplaceAll([]byte("From: support@desk.test\nTo: ann@customer.test\nSubject: Re: Printer\nMessage-ID: <x@desk.test>\n\n"+letterText+"\n"), []byte("\n"), []byte("\r\n"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(sink.CAPEM))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			c, err := smtp.DialStartTLS(fmt.Sprintf("127.0.0.1:%d", sink.Port), &tls.Config{RootCAs: roots, ServerName: mailworld.Host})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if err := c.Auth(sasl.NewPlainClient("", "support", "x")); err != nil {
				t.Error(err)
				return
			}
			for range count / 4 {
				if err := c.SendMail("support@desk.test", []string{"ann@customer.test"}, bytes.NewReader(raw)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

const letterText = "Hello Ann,\n\nthank you for writing. We have looked at it and a new one leaves the warehouse tomorrow.\n\nKind regards\nEmma"

// dueReplies writes replies as an agent would, all due at once, and makes the sender that will take them.
func dueReplies(t *testing.T, db *pg.DB, sink *mailworld.Sink, count int) *delivery.Sender {
	t.Helper()
	key := mailbox.NewKey()
	sealer, err := mailbox.NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	var me agent.Agent
	var queue, box int64
	err = db.InTx(ctx, func(tx *pg.Tx) error {
		id, err := agent.AddFirst(ctx, tx, agent.New{Email: "emma@desk.test", Name: "Emma", Password: "walnut-and-oak-26"})
		if err != nil {
			return err
		}
		if queue, err = desk.QueueByName(ctx, tx, "inbox"); err != nil {
			return err
		}
		session, err := agent.Enter(ctx, tx, id, "127.0.0.1", "bench")
		if err != nil {
			return err
		}
		s, err := agent.BySession(ctx, tx, session, tx.Now)
		me = s.Agent
		if err != nil {
			return err
		}
		box, err = mailbox.Add(ctx, tx, mailbox.Mailbox{Name: "Bench", Address: "support@desk.test", IMAPHost: mailworld.Host, IMAPPort: 143, IMAPTLS: mailbox.StartTLS, IMAPUser: "support",
			Folders: []string{"INBOX"}, SMTPHost: mailworld.Host, SMTPPort: sink.Port, SMTPTLS: mailbox.StartTLS, SMTPUser: "support", CAPEM: sink.CAPEM, TrustPrivate: true,
			PollSeconds: 30, Take: mailbox.TakeAll, SentMode: mailbox.SentNone, QueueID: queue, Active: true}, "secret", sealer)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var g errgroup.Group
	g.SetLimit(4)
	for i := range count {
		g.Go(func() error {
			from := fmt.Sprintf("ann%d@customer.test", i)
			var l ticket.Landed
			err := db.InTx(ctx, func(tx *pg.Tx) (err error) {
				l, err = ticket.Open(ctx, tx, ticket.Incoming{MailboxID: box, Mailbox: "Bench", From: mail.Address{Name: "Ann", Address: from}, To: []mail.Address{{Address: "support@desk.test"}},
					Subject: "Printer", RFCID: fmt.Sprintf("m%d@customer.test", i), Text: "It prints nothing.", Excerpt: "It prints nothing.", Language: "en", FetchedAt: tx.Now}, ticket.Place{QueueID: queue})
				return err
			})
			if err != nil {
				return err
			}
			return db.InTx(ctx, func(tx *pg.Tx) error {
				_, err := ticket.CreateReply(ctx, tx, me, l.TicketID, ticket.Reply{To: from, Text: letterText, Base: l.MessageID, IDKey: key})
				return err
			})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return &delivery.Sender{DB: db, Sealer: sealer, TempDir: t.TempDir(), Broker: event.NewBroker(db)}
}

func ourSending(t *testing.T, db *pg.DB, sink *mailworld.Sink, sender *delivery.Sender, count int) {
	ctx, stop := context.WithCancel(t.Context())
	all := len(sink.Ledger()) + count
	done := make(chan error, 1)
	go func() { done <- sender.Run(ctx) }()
	for left := true; left; {
		time.Sleep(10 * time.Millisecond) // a measurement, not a test
		if len(sink.Ledger()) < all {
			continue // asking the database for each would be half the work that is measured
		}
		var err error
		if left, err = pg.One[bool](t.Context(), db, `SELECT EXISTS (SELECT FROM outbox WHERE state <> 'sent')`); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	<-done
}
