package mailbox

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

var (
	// ErrCredentials says that the server refused the user name, password or token.
	ErrCredentials = errors.New("the server refused the user name or the password")
	// ErrGone says that a message was expunged before it could be fetched.
	ErrGone = errors.New("the message is gone")
	// ErrRefused says that the server understood and said NO.
	ErrRefused = errors.New("the server refused")
	// ErrNonsense says that the server's answer cannot be what the protocol means.
	ErrNonsense = errors.New("the server's answer makes no sense")
)

// UID is a message's number in its folder, good for one UIDVALIDITY.
type UID = imap.UID

// IMAP is one conversation with an IMAP server. It belongs to one goroutine; only Close may come from another. After any error but
// ErrGone, and a refusal to mark or to IDLE, the connection is closed and the caller connects anew: a conversation whose state is in doubt is not continued.
type IMAP struct {
	account Account
	lim     Limits
	w       *watch
	c       *imapclient.Client

	folder   string       // opened last
	bySeq    bool         // this server puts UID behind the body: fetch by sequence number (STACK 3.4, 3)
	noIdle   bool         // it offers IDLE and refuses it
	expunges atomic.Int64 // expunges seen, so that a sequence number is trusted only while none came
	news     chan struct{}
}

// Connect dials, encrypts, signs in, and reads what the server can do.
func Connect(ctx context.Context, a Account) (*IMAP, error) {
	m, err := open(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := m.signIn(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// open is Connect up to the greeting.
func open(ctx context.Context, a Account) (*IMAP, error) {
	w, conn, err := a.dial(ctx, a.IMAP)
	if err != nil {
		return nil, err
	}
	m := &IMAP{account: a, lim: w.lim, w: w, news: make(chan struct{}, 1)}
	opt := &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Expunge: func(uint32) { m.expunges.Add(1) },
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				m.ring()
			}
		},
	}}
	stop := m.start(ctx, m.lim.Dial, m.lim.Bytes)
	defer stop()
	if a.IMAP.TLS == StartTLS {
		if opt.TLSConfig, err = a.tlsConfig(a.IMAP); err != nil {
			w.Close()
			return nil, err
		}
		m.c, err = imapclient.NewStartTLS(conn, opt)
	} else {
		m.c = imapclient.New(conn, opt)
	}
	if err == nil {
		err = m.c.WaitGreeting()
	}
	if err != nil {
		err = fmt.Errorf("greet %s: %w", a.IMAP.Address(), m.refusedOr(err, w.explain(ctx, err)))
		m.hangUp()
		return nil, err
	}
	return m, nil
}

// signIn shows the password or the token, only over TLS (dial and open saw to it).
func (m *IMAP) signIn(ctx context.Context) error {
	err := m.do(ctx, m.lim.Command, m.lim.Bytes, func() error {
		caps := m.c.Caps()
		if caps == nil {
			return fmt.Errorf("%w: no capabilities", ErrNonsense)
		}
		mech := m.account.mechanism(m.account.IMAP.User, func(name string) bool { return caps.Has(imap.Cap("AUTH=" + name)) })
		if mech != nil {
			return m.c.Authenticate(mech)
		}
		if caps.Has(imap.CapLoginDisabled) {
			return fmt.Errorf("%w: it offers no way to sign in with a password", ErrRefused)
		}
		return m.c.Login(m.account.IMAP.User, string(m.account.Password)).Wait()
	})
	if err == nil {
		err = m.do(ctx, m.lim.Command, m.lim.Bytes, func() error { m.c.Caps(); return nil })
	}
	if no := (*refusal)(nil); errors.As(err, &no) && !no.passing() {
		err = fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	if err != nil {
		return fmt.Errorf("sign in at %s: %w", m.account.IMAP.Address(), err)
	}
	return nil
}

// Close ends the connection. It may be called more than once and from another goroutine.
func (m *IMAP) Close() error {
	m.hangUp()
	return nil
}

// hangUp closes the socket first: the library's own Close waits for its reader, which may wait for us (STACK 3.4, 2).
func (m *IMAP) hangUp() {
	m.w.Close()
	if m.c != nil {
		go func() { _ = m.c.Close() }()
	}
}

// do runs one command under the watch. Any error ends the connection.
func (m *IMAP) do(ctx context.Context, total time.Duration, bytes int64, command func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := m.start(ctx, total, bytes)
	err := m.outlived(command)
	stop()
	if err == nil {
		return nil
	}
	err = m.broken(ctx, err)
	m.hangUp()
	return err
}

// request is do for a command without which the conversation goes on: an ErrRefused does not end the connection.
func (m *IMAP) request(ctx context.Context, command func() error) error {
	var no error
	err := m.do(ctx, m.lim.Command, m.lim.Bytes, func() error {
		err := command()
		if answer := (*imap.Error)(nil); errors.As(err, &answer) && (answer.Type == imap.StatusResponseTypeNo || answer.Type == imap.StatusResponseTypeBad) {
			no, err = m.refusedOr(err, nil), nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return no
}

// grace is how long a command may take to end after its connection broke.
const grace = 5 * time.Second

// outlived runs a command and leaves it alone when it does not end although its connection broke: a library that misses the end of a connection
// would hold up its mailbox for ever.
func (m *IMAP) outlived(command func() error) error {
	done := make(chan error, 1)
	go func() { done <- command() }()
	select {
	case err := <-done:
		return err
	case <-m.w.broken:
	}
	select {
	case err := <-done:
		return err
	case <-time.After(grace):
		return errClosed
	}
}

// start arms the watch and ties it to ctx; stop undoes both.
func (m *IMAP) start(ctx context.Context, total time.Duration, bytes int64) (stop func()) {
	m.w.begin(min(m.lim.Idle, total), total, bytes)
	untie := context.AfterFunc(ctx, func() { m.w.fail(context.Cause(ctx)) })
	return func() {
		untie()
		m.w.end()
	}
}

// broken says in our words what ended a command.
func (m *IMAP) broken(ctx context.Context, err error) error {
	if own := (ours{}); errors.As(err, &own) {
		return own.error
	}
	for _, known := range []error{ErrGone, ErrNonsense, ErrRefused, ErrCredentials, ErrTooMuch} {
		if errors.Is(err, known) {
			return err
		}
	}
	why := m.w.explain(ctx, err)
	if why == err && ctx.Err() == nil { //nolint:errorlint // the same value: the watch knew no better
		why = fmt.Errorf("%w: %s", ErrNonsense, said(err.Error(), m.account.Password))
	}
	return m.refusedOr(err, why)
}

// refusedOr prefers the server's NO or BAD to any other reading of err.
func (m *IMAP) refusedOr(err, other error) error {
	var no *imap.Error
	if errors.As(err, &no) {
		return &refusal{code: no.Code, text: said(no.Text, m.account.Password)}
	}
	return other
}

// refusal is the server's NO or BAD.
type refusal struct {
	code imap.ResponseCode
	text string
}

// Error implements error.
func (r *refusal) Error() string { return ErrRefused.Error() + ": " + r.text }

// Is makes it an ErrRefused.
func (*refusal) Is(target error) bool { return target == ErrRefused }

// passing tells whether the refusal is about the moment, not about who asks (RFC 5530).
func (r *refusal) passing() bool {
	switch r.code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug:
		return true
	}
	return false
}

// ours marks an error of the caller's own reader or writer: it ends the conversation but is not the server's doing.
type ours struct{ error }

// ring notes that the folder changed.
func (m *IMAP) ring() {
	select {
	case m.news <- struct{}{}:
	default:
	}
}
