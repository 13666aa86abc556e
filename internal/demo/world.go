package demo

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"frontdesk/internal/mailbox"
)

// The support mailbox of the demo's company.
const (
	supportAddress  = "support@lindenwald.example"
	supportPassword = "linden-and-wald"
)

// world is a mail provider in memory: the support mailbox by IMAP, submission by SMTP, both over TLS on loopback.
type world struct {
	caPEM string
	imap  net.Listener
	smtp  net.Listener
	box   *imapmemserver.User
	sent  chan letter // what the desk sends to customers

	closers []func() error
}

// letter is a mail the desk submitted.
type letter struct {
	to  []string
	raw []byte
}

func openWorld() (*world, error) {
	config, ca, err := certificate()
	if err != nil {
		return nil, err
	}
	w := &world{caPEM: ca, box: imapmemserver.NewUser(supportAddress, supportPassword), sent: make(chan letter, 100)}
	for _, folder := range []string{"INBOX", "Sent"} {
		if err := w.box.Create(folder, nil); err != nil {
			return nil, err
		}
	}
	if w.imap, err = tls.Listen("tcp", "127.0.0.1:0", config); err != nil {
		return nil, err
	}
	if w.smtp, err = tls.Listen("tcp", "127.0.0.1:0", config); err != nil {
		return nil, err
	}
	w.serveIMAP()
	w.serveSMTP()
	return w, nil
}

func (w *world) serveIMAP() {
	memory := imapmemserver.New()
	memory.AddUser(w.box)
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		InsecureAuth: true, // TLS lies below
		Logger:       log.New(io.Discard, "", 0),
	})
	go s.Serve(w.imap)
	w.closers = append(w.closers, s.Close)
}

func (w *world) serveSMTP() {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{w: w}, nil }))
	s.Domain, s.AllowInsecureAuth, s.MaxMessageBytes = "mail.lindenwald.example", true, 50<<20
	s.ErrorLog = log.New(io.Discard, "", 0)
	go s.Serve(w.smtp)
	w.closers = append(w.closers, s.Close)
}

func (w *world) close() {
	for _, c := range w.closers {
		c()
	}
}

// deliver puts a mail into the support mailbox, unread.
func (w *world) deliver(raw []byte) error {
	_, err := w.box.Append("INBOX", literal{bytes.NewReader(raw), int64(len(raw))}, &imap.AppendOptions{Time: time.Now()})
	return err
}

// numberBehind has the next mail of the support mailbox numbered after those of earlier runs, as by a server that kept them.
func (w *world) numberBehind(used int) error {
	for range used {
		if _, err := w.box.Append("INBOX", literal{strings.NewReader(""), 0}, &imap.AppendOptions{Flags: []imap.Flag{imap.FlagDeleted}}); err != nil {
			return err
		}
	}
	s := imapmemserver.NewUserSession(w.box)
	defer s.Close()
	if _, err := s.Select("INBOX", &imap.SelectOptions{}); err != nil {
		return err
	}
	return s.Expunge(nil, nil)
}

type literal struct {
	io.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

// servers are the addresses of the world as a mailbox has them.
func (w *world) servers() (in, out mailbox.Server) {
	port := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
	return mailbox.Server{Host: "localhost", Port: port(w.imap), TLS: mailbox.Implicit, User: supportAddress},
		mailbox.Server{Host: "localhost", Port: port(w.smtp), TLS: mailbox.Implicit, User: supportAddress}
}

// session is one conversation of a submission client.
type session struct {
	w      *world
	signed bool
	to     []string
}

var errSignIn = &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "authentication failed"}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if mechanism == sasl.Login {
		return newLoginServer(s.signIn), nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return s.signIn(user, password) }), nil
}

func (s *session) signIn(user, password string) error {
	if user != supportAddress || password != supportPassword {
		return errSignIn
	}
	s.signed = true
	return nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.signed {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "authentication required"}
	}
	return nil
}

// Rcpt knows the customers; to anybody else this provider does not deliver, so that a sending error can be seen too.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !known(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user in the demo"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	select {
	case s.w.sent <- letter{s.to, raw}:
	default: // nobody plays any more; the letter is delivered all the same
	}
	return nil
}

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

// newLoginServer is the server's half of AUTH LOGIN, which go-sasl does not have.
func newLoginServer(check func(user, password string) error) sasl.Server {
	return &loginServer{check: check}
}

type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		if response == nil {
			return []byte("Username:"), false, nil
		}
		l.step++
		fallthrough
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	case 3:
		return nil, true, l.check(l.user, string(response))
	}
	return nil, false, errors.New("unexpected answer")
}

// certificate makes a certificate for localhost and the authority that a mailbox trusts for it.
func certificate() (*tls.Config, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "Frontdesk demo"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, "", err
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	return config, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}
