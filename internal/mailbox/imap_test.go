package mailbox_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

// TestConversationKeepsItsPromises runs one contract against every honest server we have.
func TestConversationKeepsItsPromises(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{NoExim: true, Accounts: []string{"tls@desk.test", "start@desk.test"}})
	for _, c := range []struct {
		name    string
		account mailbox.Account
		deliver func(raw ...[]byte) error
	}{
		{"Dovecot over TLS", accountIn(w, "tls@desk.test"), func(raw ...[]byte) error { return w.Deliver("tls@desk.test", raw...) }},
		{"Dovecot over STARTTLS", starttls(w, accountIn(w, "start@desk.test")), func(raw ...[]byte) error { return w.Deliver("start@desk.test", raw...) }},
		memoryServer(t),
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			contract(t, c.account, c.deliver, c.name != "imapmemserver")
		})
	}
}

// contract: the server in memory gives an empty message a line, so that one is asked of the others only.
func contract(t *testing.T, a mailbox.Account, deliver func(raw ...[]byte) error, empty bool) {
	sent := append(letters(40, 300), letter(40, 2500_000), letter(41, 1<<20))
	if empty {
		sent = append(sent, []byte{})
	}
	if err := deliver(sent...); err != nil {
		t.Fatal(err)
	}
	ctx := soon(t)
	m := connect(t, a)
	f, err := m.Select(ctx, "INBOX")
	if err != nil || f.UIDValidity == 0 || int(f.Messages) != len(sent) || !f.KeepsSeen {
		t.Fatalf("SELECT gave %+v, %v", f, err)
	}
	uids, err := m.Unseen(ctx, 1)
	if err != nil || len(uids) != len(sent) || !slices.IsSorted(uids) {
		t.Fatalf("unseen %v, %v", uids, err)
	}
	metas, err := m.Envelopes(ctx, uids)
	if err != nil || len(metas) != len(sent) {
		t.Fatalf("asked %d sizes, got %d (%v)", len(uids), len(metas), err)
	}
	var batch []mailbox.Meta
	for i, meta := range metas {
		if meta.UID != uids[i] || meta.InternalDate.IsZero() {
			t.Errorf("meta %+v does not belong to UID %d", meta, uids[i])
		}
		var one bytes.Buffer
		n, err := m.Fetch(ctx, meta.UID, meta.Size, &one)
		if err != nil || n != meta.Size || !slices.ContainsFunc(sent, func(s []byte) bool { return bytes.Equal(s, one.Bytes()) }) {
			t.Fatalf("message %d of %d bytes came back as %d bytes: %v", meta.UID, meta.Size, n, err)
		}
		if meta.Size < 1000 {
			batch = append(batch, meta)
		}
	}
	got := map[string]bool{}
	gone, err := m.FetchBatch(ctx, append(batch, mailbox.Meta{UID: 9999}), func(_ mailbox.Meta, body io.Reader) error {
		raw, err := io.ReadAll(body)
		got[string(raw)] = true
		return err
	})
	if err != nil || len(got) != len(batch) || !slices.Equal(gone, []mailbox.UID{9999}) {
		t.Fatalf("batch of %d brought %d, gone %v: %v", len(batch), len(got), gone, err)
	}
	if h, err := m.Header(ctx, uids[0], 64<<10); err != nil || !bytes.Contains(h, []byte("Message-ID:")) || bytes.Contains(h, []byte("\nletter")) {
		t.Errorf("header %q, %v", h, err)
	}
	if _, err := m.Fetch(ctx, 9999, 10, io.Discard); !errors.Is(err, mailbox.ErrGone) {
		t.Errorf("a message that is not there: %v, want ErrGone", err)
	}
	if again, err := m.Unseen(ctx, 1); err != nil || len(again) != len(sent) {
		t.Errorf("fetching marked mail: %d unseen of %d (%v)", len(again), len(sent), err)
	}
	if err := m.MarkSeen(ctx, uids[1:]); err != nil {
		t.Fatal(err)
	}
	if again, err := m.Unseen(ctx, 1); err != nil || !slices.Equal(again, uids[:1]) {
		t.Errorf("unseen after marking: %v (%v), want %v", again, err, uids[:1])
	}
	idleContract(t, m, deliver)
	fileContract(t, a)
}

func idleContract(t *testing.T, m *mailbox.IMAP, deliver func(raw ...[]byte) error) {
	ctx := soon(t)
	if changed, err := m.Idle(ctx, time.Millisecond); changed || err != nil {
		t.Fatalf("a quiet folder: changed %v, %v", changed, err)
	}
	delivered := make(chan error, 1)
	go func() { delivered <- deliver(letter(100, 0)) }()
	for changed := false; !changed; {
		var err error
		if changed, err = m.Idle(ctx, 5*time.Second); err != nil {
			t.Fatalf("IDLE: %v", err)
		}
	}
	if err := <-delivered; err != nil {
		t.Fatal(err)
	}
	if uids, err := m.Unseen(ctx, 1); err != nil || len(uids) != 2 {
		t.Errorf("after IDLE %v unseen (%v), want 2", uids, err)
	}
}

func fileContract(t *testing.T, a mailbox.Account) {
	ctx := soon(t)
	m := connect(t, a)
	list, err := m.Folders(ctx)
	if err != nil || !slices.ContainsFunc(list, func(f mailbox.FolderInfo) bool { return f.Name == "Sent" }) {
		t.Fatalf("folders %v, %v", list, err)
	}
	raw := letter(7, 5000)
	if found, err := m.FindMessageID(ctx, "Sent", "letter-7@customer.test"); found || err != nil {
		t.Fatalf("found before it was filed: %v, %v", found, err)
	}
	if _, err := m.Append(ctx, "Sent", int64(len(raw)), bytes.NewReader(raw), time.Now()); err != nil {
		t.Fatal(err)
	}
	if found, err := m.FindMessageID(ctx, "Sent", "letter-7@customer.test"); !found || err != nil {
		t.Fatalf("not found after it was filed: %v, %v", found, err)
	}
	for _, folder := range []string{"No such folder", "a\r\nx DELETE INBOX", `"`, "{5}", "Zażółć"} {
		m := connect(t, a)
		if _, err := m.Append(ctx, folder, int64(len(raw)), bytes.NewReader(raw), time.Now()); !errors.Is(err, mailbox.ErrRefused) {
			t.Errorf("filing in %q: %v, want ErrRefused", folder, err)
		}
		m = connect(t, a)
		if _, err := m.Select(ctx, folder); !errors.Is(err, mailbox.ErrRefused) || strings.Contains(err.Error(), "\n") {
			t.Errorf("opening %q: %v, want ErrRefused in one line", folder, err)
		}
	}
}

func memoryServer(t *testing.T) (c struct {
	name    string
	account mailbox.Account
	deliver func(raw ...[]byte) error
}) {
	ca := mailworld.NewCA()
	mem := imapmemserver.New()
	user := imapmemserver.NewUser("support@desk.test", "support-pw")
	for _, f := range []string{"INBOX", "Sent"} {
		if err := user.Create(f, nil); err != nil {
			t.Fatal(err)
		}
	}
	mem.AddUser(user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		TLSConfig: ca.Config(mailworld.Host),
		Caps:      imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
	})
	l, err := tls.Listen("tcp", "127.0.0.1:0", ca.Config(mailworld.Host))
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close() })
	c.name = "imapmemserver"
	c.account = mailbox.Account{
		IMAP:     mailbox.Server{Host: mailworld.Host, Port: l.Addr().(*net.TCPAddr).Port, TLS: mailbox.Implicit, User: "support@desk.test"},
		Password: "support-pw", CAPEM: ca.PEM, Policy: local,
	}
	c.deliver = func(raw ...[]byte) error {
		for _, r := range raw {
			if _, err := user.Append("INBOX", literal{bytes.NewReader(r)}, &imap.AppendOptions{}); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return int64(l.Len()) }

func TestWrongPasswordIsToldApart(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{})
	for _, a := range []mailbox.Account{accountIn(w, "support@desk.test"), starttls(w, accountIn(w, "support@desk.test"))} {
		a.Password = "canary-7261"
		_, imapErr := mailbox.Connect(soon(t), a)
		_, smtpErr := mailbox.DialSMTP(soon(t), a)
		for _, err := range []error{imapErr, smtpErr} {
			if !errors.Is(err, mailbox.ErrCredentials) || strings.Contains(err.Error(), "canary") {
				t.Errorf("wrong password: %v, want ErrCredentials without the password", err)
			}
		}
	}
}

func TestServersAreVerified(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{})
	good := accountIn(w, "support@desk.test")
	for name, spoil := range map[string]func(*mailbox.Account){
		"unknown authority": func(a *mailbox.Account) { a.CAPEM = "" },
		"other authority":   func(a *mailbox.Account) { a.CAPEM = mailworld.NewCA().PEM },
		"another host":      func(a *mailbox.Account) { a.IMAP.Host, a.SMTP.Host = "ip6-localhost.localdomain.invalid", "127.0.0.2" },
		"no PEM":            func(a *mailbox.Account) { a.CAPEM = "nonsense" },
	} {
		for _, base := range []mailbox.Account{good, starttls(w, good)} {
			a := base
			spoil(&a)
			if _, err := mailbox.Connect(soon(t), a); err == nil {
				t.Errorf("%s: IMAP connected", name)
			}
			if _, err := mailbox.DialSMTP(soon(t), a); err == nil {
				t.Errorf("%s: SMTP connected", name)
			}
		}
	}
	a := good
	a.CAPEM, a.TLSInsecure = "", true
	if m, err := mailbox.Connect(soon(t), a); err != nil {
		t.Errorf("the operator's opt-out: %v", err)
	} else {
		m.Close()
	}
}

func TestExpiredAndOldTLSAreRefused(t *testing.T) {
	t.Parallel()
	ca := mailworld.NewCA()
	expiredCert, expiredKey := ca.IssueFor(mailworld.Host, time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	expired, err := tls.X509KeyPair([]byte(expiredCert), []byte(expiredKey))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := pem.Decode([]byte(expiredCert)); b == nil {
		t.Fatal("no certificate to test with")
	}
	old := ca.Config(mailworld.Host)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 //nolint:gosec // what must be refused
	for name, cfg := range map[string]*tls.Config{"expired": {Certificates: []tls.Certificate{expired}}, "TLS 1.1": old} {
		l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				go fmt.Fprint(c, "* OK hello\r\n")
			}
		}()
		s := mailbox.Server{Host: mailworld.Host, Port: l.Addr().(*net.TCPAddr).Port, TLS: mailbox.Implicit, User: "u"}
		a := mailbox.Account{IMAP: s, SMTP: s, Password: "p", CAPEM: ca.PEM, Policy: local}
		if _, err := mailbox.Connect(soon(t), a); err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("IMAP, %s: %v, want a TLS error", name, err)
		}
		if _, err := mailbox.DialSMTP(soon(t), a); err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("SMTP, %s: %v, want a TLS error", name, err)
		}
	}
}

func TestPrivateHostsAreRefusedUnlessAllowed(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{NoExim: true})
	a := accountIn(w, "support@desk.test")
	a.Policy = mailbox.Policy{}
	if _, err := mailbox.Connect(soon(t), a); !errors.Is(err, mailbox.ErrNotAllowed) || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("the loopback: %v, want ErrNotAllowed without the address", err)
	}
	a.Policy = mailbox.Policy{PrivateHosts: []string{"LOCALHOST"}}
	if m, err := mailbox.Connect(soon(t), a); err != nil {
		t.Errorf("a host the operator named: %v", err)
	} else {
		m.Close()
	}
}

func TestCancelEndsAWaitAtOnce(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{NoExim: true})
	m := inbox(t, accountIn(w, "support@desk.test"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := m.Idle(ctx, time.Minute)
		ended <- err
	}()
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	case <-soon(t).Done():
		t.Fatal("IDLE goes on after its context ended")
	}
}
