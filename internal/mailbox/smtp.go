package mailbox

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
)

// SMTP is one kept conversation with a submission server, for letter after letter. It belongs to one goroutine.
//
// The conversation is held on net/textproto itself: the client libraries hide what the outbox lives by, each recipient's own answer, the
// flush before the final dot and the line between "not sent" and "unknown" (RELIABILITY, section 1, 5).
type SMTP struct {
	account Account
	lim     Limits
	w       *watch
	text    *textproto.Conn
	ext     map[string]string
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
	s := &SMTP{account: a, lim: w.lim, w: w, text: textproto.NewConn(conn)}
	if err := s.greet(ctx, conn); err != nil {
		s.hangUp()
		return nil, fmt.Errorf("greet %s: %w", a.SMTP.Address(), err)
	}
	return s, nil
}

func (s *SMTP) greet(ctx context.Context, conn net.Conn) error {
	return s.do(ctx, s.patience(), func() error {
		if _, _, err := s.answer(220); err != nil {
			return err
		}
		if err := s.hello(); err != nil {
			return err
		}
		if s.account.SMTP.TLS != StartTLS {
			return nil
		}
		if _, ok := s.ext["STARTTLS"]; !ok {
			return fmt.Errorf("%w: it does not offer STARTTLS", ErrRefused)
		}
		if _, _, err := s.command(220, "STARTTLS"); err != nil {
			return err
		}
		if s.text.R.Buffered() > 0 { // words before the encryption would be taken for words after it
			return fmt.Errorf("%w: it spoke before the TLS handshake", ErrNonsense)
		}
		t, err := s.account.encrypt(ctx, s.w, s.account.SMTP)
		if err != nil {
			return ours{err}
		}
		s.text = textproto.NewConn(t)
		return s.hello()
	})
}

// hello learns what the server can do. The name given is the mailbox's own domain: "localhost" costs points at spam filters.
func (s *SMTP) hello() error {
	_, text, err := s.command(250, "EHLO "+s.helloName())
	if err != nil {
		return err
	}
	s.ext = map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			s.ext[strings.ToUpper(word)] = rest
		}
	}
	return nil
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
	offered := strings.Fields(strings.ToUpper(s.ext["AUTH"]))
	mech := s.account.mechanism(s.account.SMTP.User, func(m string) bool {
		for _, o := range offered {
			if o == m {
				return true
			}
		}
		return false
	})
	if mech == nil {
		return fmt.Errorf("%w: it offers no way to sign in with a password", ErrRefused)
	}
	err := s.do(ctx, s.patience(), func() error { return s.auth(mech) })
	var no *reply
	if errors.As(err, &no) && no.Code >= 500 {
		return fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	return err
}

// auth is the exchange of RFC 4954.
func (s *SMTP) auth(mech sasl.Client) error {
	name, resp, err := mech.Start()
	if err != nil {
		return err
	}
	line := "AUTH " + name
	if resp != nil {
		line += " " + base64.StdEncoding.EncodeToString(resp)
	}
	for {
		code, text, err := s.command(0, line)
		switch {
		case err != nil:
			return err
		case code == 235:
			return nil
		case code != 334:
			return &reply{Code: code, Text: said(text, s.account.Password)}
		}
		challenge, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return fmt.Errorf("%w: its challenge is not base64", ErrNonsense)
		}
		if resp, err = mech.Next(challenge); err != nil {
			return err
		}
		line = base64.StdEncoding.EncodeToString(resp)
	}
}

// MaxSize is the largest message the server takes, from EHLO; 0 when it does not say.
func (s *SMTP) MaxSize() int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s.ext["SIZE"]), 10, 64)
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
		_ = s.do(ctx, 2*time.Second, func() error { _, _, err := s.command(221, "QUIT"); return err })
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
	err := talk()
	untie()
	s.w.end()
	return s.ended(ctx, err)
}

// patience is the time for a part without mail in it: servers look up names and slow down strangers (RFC 5321, 4.5.3.2).
func (s *SMTP) patience() time.Duration { return 5 * s.lim.Command }

// ended says in our words what ended a part, and hangs up unless the server merely said no.
func (s *SMTP) ended(ctx context.Context, err error) error {
	var no *reply
	own := ours{}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no):
		if no.Code == 421 {
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
	if strings.ContainsAny(line, "\r\n\x00") {
		return 0, "", ours{errors.New("a command may not hold a line break")}
	}
	if err := s.text.PrintfLine("%s", line); err != nil {
		return 0, "", err
	}
	return s.answer(want)
}

// answer reads one answer, which may have several lines. Its code must begin with the digits of want; 0 takes any. It is read here and not
// by textproto, which rejects a code without words, though RFC 5321 (4.2) lets servers say no more.
func (s *SMTP) answer(want int) (code int, text string, err error) {
	var lines []string
	for more := true; more; {
		line, err := s.text.ReadLine()
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
	status, rest := enhanced(text)
	return code, rest, &reply{Code: code, Status: status, Text: said(rest, s.account.Password)}
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
