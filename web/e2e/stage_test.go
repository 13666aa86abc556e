package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/smtp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

const support = "support@desk.test"

// password is what everybody signs in with.
const password = "a-lamp-for-the-hall-9"

// stage is a whole installation: Dovecot and Exim, one database, and as many processes as the journey starts on it, furnished by the product's
// own commands.
type stage struct {
	*mailworld.World

	t   *testing.T
	db  string
	env []string
}

// furnish makes an installation with one mailbox, which `mailbox test` has found to work, and the people ada and ben (agents) and root (admin).
func furnish(t *testing.T) *stage {
	t.Helper()
	s := &stage{World: mailworld.Start(t, mailworld.Options{}), t: t, db: pgtest.URL(t)}
	s.env = onDatabase(t, s.db)
	s.user("ada", "Ada Lovelace", "agent")
	s.user("ben", "Ben Brook", "agent")
	s.user("root", "Ruth Root", "admin")
	run(t, s.env, s.Password(support)+"\n", "mailbox", "add", "--name", "Support", "--address", support, "--queue", "Inbox", "--poll", "5s",
		"--sent", "append:Sent", "--take", "all", "--ca", s.CAFile, "--password-stdin",
		"--imap", s.IMAPURL("imaps", support, "INBOX"), "--smtp", s.SMTPURL("smtp", support))
	return s
}

func (s *stage) user(account, name, profile string) {
	s.t.Helper()
	run(s.t, s.env, password+"\n", "user", "add", "--email", account+"@desk.test", "--name", name, "--profile", profile, "--password-stdin")
}

// serve starts one more process.
func (s *stage) serve() *process { s.t.Helper(); return start(s.t, s.env, "serve") }

// outsider is an agent who works in no queue.
func (s *stage) outsider(account, name string) {
	s.t.Helper()
	s.user(account, name, "agent")
	ctx := s.t.Context()
	db := pgtest.Open(s.t, s.db, nil)
	pgtest.Tx(s.t, db, func(tx *pg.Tx) {
		id, err := pg.One[int64](ctx, tx, `SELECT id FROM agent WHERE email = $1`, account+"@desk.test")
		if err != nil {
			s.t.Fatal(err)
		}
		d, err := desk.ReadDirectory(ctx, tx)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, q := range d.QueuesInUse() {
			if err := agent.TakeQueue(ctx, tx, 0, id, q.ID); err != nil {
				s.t.Fatal(err)
			}
		}
	})
}

// letter is a mail of a customer.
type letter struct {
	From, Subject, Text string
	Answers             string // a Message-ID with its angle brackets
	Type                string // text/plain when empty
	Header              string // further lines, each with CR LF
}

var letters atomic.Int64

// bytes is the mail as it travels, and its Message-ID.
func (l letter) bytes() ([]byte, string) {
	id := fmt.Sprintf("<%d.%d@customer.test>", time.Now().UnixNano(), letters.Add(1))
	var b strings.Builder
	fmt.Fprintf(&b, "Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: %s\r\n", time.Now().Format(time.RFC1123Z), l.From, support, l.Subject, id)
	if l.Answers != "" {
		fmt.Fprintf(&b, "In-Reply-To: %s\r\nReferences: %s\r\n", l.Answers, l.Answers)
	}
	kind := l.Type
	if kind == "" {
		kind = "text/plain"
	}
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n%s\r\n%s\r\n", kind, l.Header,
		strings.ReplaceAll(l.Text, "\n", "\r\n"))
	return []byte(b.String()), id
}

// drop puts a mail into the support mailbox, as if another server had delivered it.
func (s *stage) drop(l letter) (id string) {
	s.t.Helper()
	raw, id := l.bytes()
	if err := s.Deliver(support, raw); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// submit sends a mail through Exim as a customer with an account there does.
func (s *stage) submit(account string, l letter) (id string) {
	s.t.Helper()
	raw, id := l.bytes()
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM([]byte(s.CAPEM))
	conn, err := tls.Dial("tcp", fmt.Sprintf("%s:%d", mailworld.Host, s.SMTPSPort), &tls.Config{RootCAs: trust, ServerName: mailworld.Host})
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	c, err := smtp.NewClient(conn, mailworld.Host)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { return c.Auth(smtp.PlainAuth("", account, s.Password(account), mailworld.Host)) },
		func() error { return c.Mail(account) },
		func() error { return c.Rcpt(support) },
		func() error {
			w, err := c.Data()
			if err != nil {
				return err
			}
			if _, err := w.Write(raw); err != nil {
				return err
			}
			return w.Close()
		},
		c.Quit,
	} {
		if err := step(); err != nil {
			s.t.Fatalf("send as %s: %v", account, err)
		}
	}
	return id
}

// received waits until an account has n mails in a folder and returns them as text.
func (s *stage) received(account, folder string, n int) []string {
	s.t.Helper()
	var mails []mailworld.Mail
	if !eventually(s.t, func() bool {
		var err error
		mails, err = s.Messages(account, folder)
		return err == nil && len(mails) >= n
	}) {
		s.t.Fatalf("%s has %d mails in %s, not %d", account, len(mails), folder, n)
	}
	var out []string
	for _, m := range mails {
		out = append(out, string(m.Raw))
	}
	return out
}
