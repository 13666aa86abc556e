package mailbox_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

// local may go to the loopback, where all test servers are.
var local = mailbox.Policy{AllowPrivate: true}

// accountIn is an account of the world, over implicit TLS.
func accountIn(w *mailworld.World, address string) mailbox.Account {
	return mailbox.Account{
		IMAP:     mailbox.Server{Host: mailworld.Host, Port: w.IMAPSPort, TLS: mailbox.Implicit, User: address},
		SMTP:     mailbox.Server{Host: mailworld.Host, Port: w.SMTPSPort, TLS: mailbox.Implicit, User: address},
		Password: mailbox.Secret(w.Password(address)), CAPEM: w.CAPEM, Policy: local,
	}
}

// starttls is the same account over STARTTLS.
func starttls(w *mailworld.World, a mailbox.Account) mailbox.Account {
	a.IMAP.Port, a.IMAP.TLS = w.IMAPPort, mailbox.StartTLS
	a.SMTP.Port, a.SMTP.TLS = w.SMTPPort, mailbox.StartTLS
	return a
}

// odd is the account of a scripted IMAP server.
func odd(s *mailworld.OddIMAP) mailbox.Account {
	return mailbox.Account{
		IMAP:     mailbox.Server{Host: mailworld.Host, Port: s.Port, TLS: mailbox.Implicit, User: "u"},
		Password: "secret-canary", CAPEM: s.CAPEM, Policy: local,
		Limits: mailbox.Limits{Bytes: 1 << 20},
	}
}

// letter is a mail with a serial number in subject and body, padded to size.
func letter(n, size int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Alice <alice@customer.test>\r\nTo: support@desk.test\r\nSubject: letter %d\r\nMessage-ID: <letter-%d@customer.test>\r\n\r\nletter %d\r\n", n, n, n)
	line := strings.Repeat(string(rune('a'+n%26)), 70) + "\r\n"
	for b.Len() < size {
		b.WriteString(line)
	}
	return b.Bytes()
}

func letters(n, size int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = letter(i, size)
	}
	return out
}

func connect(t *testing.T, a mailbox.Account) *mailbox.IMAP {
	t.Helper()
	m, err := mailbox.Connect(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func inbox(t *testing.T, a mailbox.Account) *mailbox.IMAP {
	t.Helper()
	m := connect(t, a)
	if _, err := m.Select(t.Context(), "INBOX"); err != nil {
		t.Fatal(err)
	}
	return m
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
