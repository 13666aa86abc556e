package delivery

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/event"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// desk is a database with a mailbox, a ticket that a customer opened, and senders that work on it.
type desk struct {
	testing.TB
	db      *pg.DB
	url     string
	clock   *pgtest.Clock
	seal    *mailbox.Sealer
	mailbox int64
	ticket  int64
	n       atomic.Int64
}

const (
	support = "support@desk.test"
	alice   = "alice@customer.test"
	asked   = "asked-1@customer.test" // Message-ID of what the customer wrote
)

func open(t testing.TB) *desk {
	t.Helper()
	d := &desk{TB: t, url: pgtest.URL(t), clock: new(pgtest.Clock)}
	d.db = pgtest.Open(t, d.url, d.clock)
	var err error
	if d.seal, err = mailbox.NewSealer(mailbox.NewKey()); err != nil {
		t.Fatal(err)
	}
	return d
}

// atSink is a desk whose mailbox sends to the sink.
func atSink(t testing.TB, s *mailworld.Sink) *desk {
	t.Helper()
	d := open(t)
	d.mailbox = d.addSink("Support", support, s)
	d.begin()
	return d
}

func (d *desk) addSink(name, address string, s *mailworld.Sink) int64 {
	return d.add(mailbox.Mailbox{Name: name, Address: address, IMAPHost: mailworld.Host, IMAPPort: 1, IMAPTLS: mailbox.Implicit, IMAPUser: address,
		SMTPHost: mailworld.Host, SMTPPort: s.Port, SMTPTLS: mailbox.StartTLS, SMTPUser: address, CAPEM: s.CAPEM, SentMode: mailbox.SentNone}, "canary-pw")
}

// inWorld is a desk whose mailbox lives in a real Dovecot and Exim.
func inWorld(t testing.TB, w *mailworld.World, sent mailbox.SentMode) *desk {
	t.Helper()
	d := open(t)
	d.mailbox = d.add(mailbox.Mailbox{Name: "Support", Address: support, SenderName: "Desk, Support",
		IMAPHost: mailworld.Host, IMAPPort: w.IMAPSPort, IMAPTLS: mailbox.Implicit, IMAPUser: support,
		SMTPHost: mailworld.Host, SMTPPort: w.SMTPSPort, SMTPTLS: mailbox.Implicit, SMTPUser: support, CAPEM: w.CAPEM,
		SentMode: sent, SentFolder: "Sent"}, mailbox.Secret(w.Password(support)))
	d.begin()
	return d
}

func (d *desk) add(m mailbox.Mailbox, password mailbox.Secret) (id int64) {
	d.Helper()
	m.Folders, m.PollSeconds, m.Take, m.Active, m.TrustPrivate = []string{"INBOX"}, 30, mailbox.TakeAll, true, true
	if m.SentFolder == "" {
		m.SentFolder = "Sent"
	}
	d.must(func(tx *pg.Tx) (err error) {
		m.QueueID = one[int64](d, tx, `SELECT id FROM queue LIMIT 1`)
		id, err = mailbox.Add(d.Context(), tx, m, password, d.seal)
		return err
	})
	return id
}

// begin makes the ticket and the customer's message in it, with a running reaction clock.
func (d *desk) begin() {
	d.Helper()
	d.must(func(tx *pg.Tx) error {
		d.ticket = one[int64](d, tx, `
			INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at, language)
			SELECT 'Printer jams', q.id, s.id, s.kind, q.default_priority_id, now(), now(), 'en' FROM queue q, status s WHERE s.key = 'new' RETURNING id`)
		in := one[int64](d, tx, `
			INSERT INTO message (ticket_id, kind, at, from_address, from_name, subject, rfc_id) VALUES ($1, 'in', now(), $2, 'Alice', 'Printer jams', $3) RETURNING id`,
			d.ticket, alice, asked)
		d.exec(tx, `INSERT INTO message_body (message_id, text, quote_at) VALUES ($1, $2, $3)`, in, "It jams.\nAlways.\n\n> older words", 18)
		d.exec(tx, `INSERT INTO ticket_clock (ticket_id, goal, minutes, due_at) VALUES ($1, 'reaction', 60, now() + interval '1 hour')`, d.ticket)
		return nil
	})
}

func one[T any](d *desk, r pg.Reader, sql string, args ...any) T {
	d.Helper()
	v, err := pg.One[T](d.Context(), r, sql, args...)
	if err != nil {
		d.Fatal(err)
	}
	return v
}

func (d *desk) exec(tx *pg.Tx, sql string, args ...any) {
	d.Helper()
	if _, err := pg.Exec(d.Context(), tx, sql, args...); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) must(fn func(tx *pg.Tx) error) {
	d.Helper()
	if err := d.db.InTx(d.Context(), fn); err != nil {
		d.Fatal(err)
	}
}

// written is a letter as a test wants it.
type written struct {
	mailbox int64
	after   time.Duration
	subject string
	text    string
	kind    string
	to      []outbox.Recipient
}

// put queues a letter to the addresses, due now.
func (d *desk) put(to ...string) int64 {
	w := written{}
	for _, a := range to {
		w.to = append(w.to, outbox.Recipient{Address: a, Kind: "to"})
	}
	return d.write(w)
}

func (d *desk) write(w written) (id int64) {
	d.Helper()
	n := d.n.Add(1)
	if w.mailbox == 0 {
		w.mailbox = d.mailbox
	}
	if w.subject == "" {
		w.subject = "Printer jams"
	}
	if w.text == "" {
		w.text = fmt.Sprintf("Answer %d, with an Umlaut: ü.\n.\n..dots", n)
	}
	d.must(func(tx *pg.Tx) (err error) {
		rfc := mail.NewMessageID([]byte("key"), "desk.test")
		m := one[int64](d, tx, `
			INSERT INTO message (ticket_id, kind, at, mailbox_id, from_address, from_name, subject, rfc_id, rfc_refs)
			SELECT $1, 'out', $2, id, address, sender_name, $4, $5, ARRAY['first@customer.test', $6] FROM mailbox WHERE id = $3 RETURNING id`,
			d.ticket, tx.Now, w.mailbox, w.subject, rfc, asked)
		d.exec(tx, `INSERT INTO message_body (message_id, text) VALUES ($1, $2)`, m, w.text)
		id, err = outbox.Put(d.Context(), tx, outbox.Letter{TicketID: d.ticket, MessageID: m, MailboxID: w.mailbox, Kind: w.kind, RFCID: rfc,
			SendAfter: tx.Now.Add(w.after), Recipients: w.to})
		return err
	})
	return id
}

func (d *desk) sender() *Sender {
	return &Sender{DB: d.db, Sealer: d.seal, TempDir: d.TempDir()}
}

func (d *desk) once(s *Sender) {
	d.Helper()
	if err := s.Once(d.Context()); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) delivery(id int64) outbox.Delivery {
	d.Helper()
	v, err := outbox.DeliveryOf(d.Context(), d.db, id)
	if err != nil {
		d.Fatal(err)
	}
	return v
}

func (d *desk) rfc(id int64) string {
	return one[string](d, d.db, `SELECT rfc_id FROM outbox WHERE id = $1`, id)
}

// events counts the events of a kind about a letter.
func (d *desk) events(id int64, k event.Kind) int {
	return one[int](d, d.db, `SELECT count(*) FROM event WHERE kind = $1 AND (data->>'outbox')::bigint = $2`, k, id)
}

func (d *desk) expireLeases(s *Sender) {
	d.Helper()
	s.prepare()
	if err := s.expire(d.Context()); err != nil {
		d.Fatal(err)
	}
}

// arrivals counts the letters of a ledger by Message-ID.
func arrivals(list []mailworld.Accepted) map[string]int {
	out := map[string]int{}
	for _, l := range list {
		out[messageID(l.Raw)]++
	}
	return out
}

func messageID(raw []byte) string { return mail.Parse(raw).MessageID }

// eventually waits for something that another goroutine is about to do.
func (d *desk) eventually(what string, is func() bool) {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), 2*time.Minute)
	defer cancel()
	for !is() {
		select {
		case <-ctx.Done():
			d.Fatalf("waited in vain: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
