package mailbox_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

// stripped is a server that speaks in clear and says answer to STARTTLS, as an attacker in between would. It keeps what it heard.
type stripped struct {
	port  int
	mu    sync.Mutex
	heard []string
}

func startStripped(t *testing.T, greeting string, answer func(line string) string) *stripped {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &stripped{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go func() {
				defer c.Close()
				fmt.Fprint(c, greeting)
				in := bufio.NewScanner(c)
				for in.Scan() {
					s.mu.Lock()
					s.heard = append(s.heard, in.Text())
					s.mu.Unlock()
					fmt.Fprint(c, answer(in.Text()))
				}
			}()
		}
	}()
	return s
}

func (s *stripped) account() mailbox.Account {
	server := mailbox.Server{Host: mailworld.Host, Port: s.port, TLS: mailbox.StartTLS, User: "u@desk.test"}
	return mailbox.Account{IMAP: server, SMTP: server, Password: "canary", Policy: local,
		Limits: mailbox.Limits{Command: 3 * time.Second}}
}

func (s *stripped) leaked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := strings.ToUpper(strings.Join(s.heard, "\n"))
	return strings.Contains(all, "CANARY") || strings.Contains(all, "AUTH") || strings.Contains(all, "LOGIN")
}

func TestWithoutSTARTTLSNoPasswordIsShown(t *testing.T) {
	t.Parallel()
	tag := func(line string) string { tag, _, _ := strings.Cut(line, " "); return tag }
	for name, c := range map[string]struct {
		greeting string
		answer   func(line string) string
	}{
		"IMAP without it": {"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n", func(l string) string { return tag(l) + " BAD unknown command\r\n" }},
		"IMAP that says OK and goes on in clear": {"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN STARTTLS] hi\r\n", func(l string) string {
			return tag(l) + " OK go\r\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] still here\r\n"
		}},
		"IMAP already signed in": {"* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n", func(l string) string { return tag(l) + " BAD already\r\n" }},
	} {
		s := startStripped(t, c.greeting, c.answer)
		if _, err := mailbox.Connect(soon(t), s.account()); err == nil || s.leaked() {
			t.Errorf("%s: error %v, heard %q", name, err, s.heard)
		}
	}
	for name, answer := range map[string]func(line string) string{
		"SMTP without it": func(l string) string { return "250-x\r\n250 AUTH PLAIN LOGIN\r\n" },
		"SMTP that refuses it": func(l string) string {
			if l == "STARTTLS" {
				return "454 not now\r\n"
			}
			return "250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
		},
		"SMTP that speaks before the handshake": func(l string) string {
			if l == "STARTTLS" {
				return "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n"
			}
			return "250-x\r\n250 STARTTLS\r\n"
		},
	} {
		s := startStripped(t, "220 hi\r\n", answer)
		if _, err := mailbox.DialSMTP(soon(t), s.account()); err == nil || s.leaked() {
			t.Errorf("%s: error %v, heard %q", name, err, s.heard)
		}
	}
}

func TestServerSilentAtEHLOIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   error
	}{"silent": {"", mailbox.ErrSilent}, "nonsense": {"hello?\r\n", mailbox.ErrNonsense}} {
		s := startStripped(t, "220 hi\r\n", func(string) string { return c.answer })
		if _, err := mailbox.DialSMTP(soon(t), s.account()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		s.mu.Lock()
		if len(s.heard) != 1 || !strings.HasPrefix(s.heard[0], "EHLO ") {
			t.Errorf("%s: heard %q", name, s.heard)
		}
		s.mu.Unlock()
	}
}

func TestAServerIsGreetedByTheMailboxesDomain(t *testing.T) {
	t.Parallel()
	for user, name := range map[string]string{"u@desk.test": "desk.test", "u": "[127.0.0.1]", "u@żółw.test": "[127.0.0.1]", "u@a b": "[127.0.0.1]", "u@": "[127.0.0.1]"} {
		s := startStripped(t, "220 hi\r\n", func(string) string { return "250 x\r\n" })
		a := s.account()
		a.SMTP.User = user
		if _, err := mailbox.DialSMTP(soon(t), a); err == nil {
			t.Errorf("%s: signed in without encryption", user)
		}
		s.mu.Lock()
		if len(s.heard) == 0 || s.heard[0] != "EHLO "+name {
			t.Errorf("%s: heard %q, want %s", user, s.heard, name)
		}
		s.mu.Unlock()
	}
}

func TestSignInFallsBackToLOGIN(t *testing.T) {
	t.Parallel()
	heard := make(chan string, 20)
	for caps, want := range map[string]bool{"IMAP4rev1": true, "IMAP4rev1 LOGINDISABLED": false} {
		s := mailworld.StartOddIMAP(t, nil, func(c *mailworld.OddConn, tag, cmd string) bool {
			switch {
			case cmd == "GREETING":
				c.Send("* OK [CAPABILITY %s] hi\r\n", caps)
				c.Serve()
				return true
			case strings.HasPrefix(cmd, "CAPABILITY"):
				c.Send("* CAPABILITY %s\r\n%s OK\r\n", caps, tag)
				return true
			}
			heard <- cmd
			return false
		})
		m, err := mailbox.Connect(soon(t), odd(s))
		if (err == nil) != want {
			t.Errorf("with %s: %v", caps, err)
			continue
		}
		if want {
			m.Close()
			if got := <-heard; got != `LOGIN "u" "secret-canary"` {
				t.Errorf("with %s it said %q", caps, got)
			}
		}
	}
}
