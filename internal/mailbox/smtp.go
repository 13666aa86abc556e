package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// SMTP is one kept conversation with a submission server, for letter after letter. It belongs to one goroutine.
//
// Greeting, EHLO, STARTTLS, sign-in and QUIT are go-mail's client. RSET, MAIL, RCPT, DATA and the dot are said on its Text, for it hides
// what the outbox lives by (RELIABILITY, section 1, 5): the flight of all recipients and each one's own answer, SIZE, the moment between
// the flushed body and the dot, and answers of a code without words, which it takes for nonsense where they must decide.
type SMTP struct {
	account Account
	lim     Limits
	w       *watch
	client  *smtp.Client
	dirty   bool // an unfinished transaction: RSET before the next
	closed  bool
}

// DialSMTP connects, encrypts and signs in. Errors are of the surroundings, never of a letter; ErrCredentials when the server refused
// user and password.
func DialSMTP(ctx context.Context, a Account) (*SMTP, error) {
	s, err := openSMTP(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := s.signIn(ctx); err != nil {
		s.hangUp()
		return nil, fmt.Errorf("sign in at %s: %w", a.SMTP.Address(), err)
	}
	return s, nil
}

// openSMTP is DialSMTP up to the encrypted EHLO.
func openSMTP(ctx context.Context, a Account) (*SMTP, error) {
	w, conn, err := a.dial(ctx, a.SMTP)
	if err != nil {
		return nil, err
	}
	s := &SMTP{account: a, lim: w.lim, w: w}
	err = s.do(ctx, s.patience(), func() error { return s.greet(conn) })
	if err == nil && a.SMTP.TLS == StartTLS {
		err = s.do(ctx, s.lim.Command+s.lim.Dial, s.encrypt)
	}
	if err != nil {
		s.hangUp()
		return nil, fmt.Errorf("greet %s: %w", a.SMTP.Address(), err)
	}
	return s, nil
}

// greet says who we are. The name given is the mailbox's own domain: "localhost" costs points at spam filters.
func (s *SMTP) greet(conn net.Conn) (err error) {
	if s.client, err = smtp.NewClient(conn, s.account.SMTP.Host); err != nil {
		return err
	}
	s.client.ErrorHandlerRegistry.SetDefaultHandler(once{})
	return s.client.Hello(s.helloName())
}

// once ends a conversation that broke: else the client says HELO after each failure of EHLO, and a silent server is waited for twice.
type once struct{}

// HandleError implements smtp.ResponseErrorHandler.
func (once) HandleError(_, _ string, text *textproto.Conn, err error) error {
	if !errors.As(err, new(*textproto.Error)) {
		text.Close()
	}
	return err
}

func (s *SMTP) encrypt() error {
	if !s.offers("STARTTLS") {
		return fmt.Errorf("%w: it does not offer STARTTLS", ErrRefused)
	}
	cfg, err := s.account.tlsConfig(s.account.SMTP)
	if err != nil {
		return ours{err}
	}
	s.w.begin(s.lim.Dial, s.lim.Command+s.lim.Dial, s.lim.Bytes)
	inClear := s.client.Text
	if err := s.client.StartTLS(cfg); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	if inClear.R.Buffered() > 0 { // words before the encryption: dropped by the client, but somebody tried
		return fmt.Errorf("%w: it spoke before the TLS handshake", ErrNonsense)
	}
	return nil
}

func (s *SMTP) offers(extension string) bool {
	ok, _ := s.client.Extension(extension)
	return ok
}

func (s *SMTP) helloName() string {
	if _, domain, ok := strings.Cut(s.account.SMTP.User, "@"); ok && plainDomain(domain) {
		return domain
	}
	return "[127.0.0.1]"
}

func plainDomain(d string) bool {
	return d != "" && !strings.ContainsFunc(d, func(r rune) bool {
		return r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func (s *SMTP) signIn(ctx context.Context) error {
	if s.account.SMTP.User == "" {
		return nil
	}
	mech := s.mechanism()
	if mech == nil {
		return fmt.Errorf("%w: it offers no way to sign in with a password", ErrRefused)
	}
	err := s.do(ctx, s.patience(), func() error { return s.client.Auth(mech) })
	var no *reply
	if errors.As(err, &no) && no.Code >= 500 {
		return fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	return err
}

// mechanism chooses from what the server offers: the token by XOAUTH2, a password by PLAIN, else LOGIN. nil means that nothing fits.
func (s *SMTP) mechanism() smtp.Auth {
	a := s.account
	_, list := s.client.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(list))
	switch {
	case a.Token:
		return smtp.XOAuth2Auth(a.SMTP.User, string(a.Password))
	case slices.Contains(offered, "PLAIN"):
		return smtp.PlainAuth("", a.SMTP.User, string(a.Password), a.SMTP.Host, false)
	case slices.Contains(offered, "LOGIN"):
		return smtp.LoginAuth(a.SMTP.User, string(a.Password), a.SMTP.Host, false)
	}
	return nil
}

// MaxSize is the largest message the server takes, from EHLO; 0 when it does not say.
func (s *SMTP) MaxSize() int64 {
	_, size := s.client.Extension("SIZE")
	n, err := strconv.ParseInt(strings.TrimSpace(size), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Closed tells whether the conversation is over and the next letter needs a new one.
func (s *SMTP) Closed() bool { return s.closed }

// Close says QUIT, waits two seconds for the answer and ends the connection. Nothing that happens here changes what was sent.
func (s *SMTP) Close() error {
	if !s.closed {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = s.do(ctx, 2*time.Second, s.client.Quit)
		s.hangUp()
	}
	return nil
}

func (s *SMTP) hangUp() {
	s.closed = true
	s.w.Close()
}

// do runs a part of the conversation under the watch; an error that is not the server's own answer ends the connection.
func (s *SMTP) do(ctx context.Context, total time.Duration, talk func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.w.begin(s.lim.Command, total, s.lim.Bytes)
	untie := context.AfterFunc(ctx, func() { s.w.fail(context.Cause(ctx)) })
	err := s.inOurWords(talk())
	untie()
	s.w.end()
	return s.ended(ctx, err)
}

// patience is the time for a part without mail in it: servers look up names and slow down strangers (RFC 5321, 4.5.3.2).
func (s *SMTP) patience() time.Duration { return 5 * s.lim.Command }

// inOurWords turns what go-mail's client says of an answer into our words.
func (s *SMTP) inOurWords(err error) error {
	var no *textproto.Error
	var odd textproto.ProtocolError
	switch {
	case errors.As(err, &no):
		return s.no(no.Code, no.Msg)
	case errors.As(err, &odd):
		return ours{fmt.Errorf("%w: %s", ErrNonsense, said(odd.Error(), s.account.Password))}
	}
	return err
}

// ended says in our words what ended a part, and hangs up unless the server merely said no. Who says yes to something else is out of step: the next
// answer may be to what was said before.
func (s *SMTP) ended(ctx context.Context, err error) error {
	var no *reply
	own := ours{}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no):
		if no.Code == 421 || no.Code < 400 {
			s.hangUp()
		}
		return err
	case errors.As(err, &own):
		err = own.error
	default:
		err = s.w.explain(ctx, err)
	}
	s.hangUp()
	return err
}

// reply is the server's answer when it is not the one hoped for.
type reply struct {
	Code   int
	Status string // enhanced status (RFC 3463), "" when none
	Text   string
}

// Error implements error.
func (r *reply) Error() string { return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Text)) }

// command sends a line and reads the answer. want 0 takes any code.
func (s *SMTP) command(want int, line string) (int, string, error) {
	if err := s.client.Text.PrintfLine("%s", line); err != nil {
		return 0, "", err
	}
	return s.answer(want)
}

// answer reads one answer, which may have several lines. Its code must begin with the digits of want; 0 takes any. It is read here and not
// by textproto, which rejects a code without words, though RFC 5321 (4.2) lets servers say no more.
func (s *SMTP) answer(want int) (code int, text string, err error) {
	var lines []string
	for more := true; more; {
		line, err := s.client.Text.ReadLine()
		if err != nil {
			return 0, "", err
		}
		n, dash, words, ok := replyLine(line)
		if !ok || len(lines) > 0 && n != code {
			return 0, "", ours{fmt.Errorf("%w: %q", ErrNonsense, said(line, s.account.Password))}
		}
		code, more, lines = n, dash, append(lines, words)
	}
	text = strings.Join(lines, "\n")
	if want == 0 || strings.HasPrefix(strconv.Itoa(code), strconv.Itoa(want)) {
		return code, text, nil
	}
	return code, text, s.no(code, text)
}

func (s *SMTP) no(code int, text string) *reply {
	status, rest := enhanced(text)
	return &reply{Code: code, Status: status, Text: said(rest, s.account.Password)}
}

// replyLine reads "250-words", "250 words" or "250".
func replyLine(line string) (code int, more bool, words string, ok bool) {
	if len(line) < 3 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return 0, false, "", false
	}
	n, err := strconv.ParseUint(line[:3], 10, 16)
	if err != nil || n < 200 || n > 599 {
		return 0, false, "", false
	}
	if len(line) > 3 {
		more, words = line[3] == '-', line[4:]
	}
	return int(n), more, words, true
}

// enhanced splits "5.1.1 no such user" and takes the status off every further line.
func enhanced(text string) (status, rest string) {
	status, rest, ok := strings.Cut(text, " ")
	part := strings.Split(status, ".")
	if !ok || len(part) != 3 || len(part[0]) != 1 {
		return "", text
	}
	for _, p := range part {
		if _, err := strconv.ParseUint(p, 10, 16); err != nil {
			return "", text
		}
	}
	return status, strings.ReplaceAll(rest, "\n"+status+" ", "\n")
}
