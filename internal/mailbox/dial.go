package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// dial connects to s within the dial limit and returns the connection under watch. With implicit TLS the second value is the encrypted
// connection above it; otherwise the two are the same and STARTTLS is the protocol's affair.
func (a Account) dial(ctx context.Context, s Server) (*watch, net.Conn, error) {
	lim := a.Limits.orDefault()
	ctx, cancel := context.WithTimeoutCause(ctx, lim.Dial, ErrSilent)
	defer cancel()
	w, err := a.tcp(ctx, s)
	if err != nil || s.TLS != Implicit {
		return w, w, err
	}
	w.begin(lim.Dial, lim.Dial, lim.Bytes)
	defer w.end()
	t, err := a.encrypt(ctx, w, s)
	if err != nil {
		w.Close()
		return nil, nil, err
	}
	return w, t, nil
}

// tcp opens the bare connection, if the policy allows the address the host resolves to.
func (a Account) tcp(ctx context.Context, s Server) (*watch, error) {
	if err := s.valid(); err != nil {
		return nil, err
	}
	d := net.Dialer{Control: a.Policy.control(s.Host)}
	c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", s.Address(), plainDialError(err))
	}
	return newWatch(c, a.Limits.orDefault()), nil
}

// encrypt is the TLS handshake, within the dial limit.
func (a Account) encrypt(ctx context.Context, w *watch, s Server) (*tls.Conn, error) {
	cfg, err := a.tlsConfig(s)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, w.lim.Dial, ErrSilent)
	defer cancel()
	t := tls.Client(w, cfg)
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS with %s: %w", s.Address(), w.explain(ctx, err))
	}
	return t, nil
}

// tlsConfig demands TLS 1.2 and a certificate for the host, by the system's roots and the account's own.
func (a Account) tlsConfig(s Server) (*tls.Config, error) {
	cfg := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: a.TLSInsecure} //nolint:gosec // the operator's opt-out, shown in red
	if a.CAPEM == "" {
		return cfg, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM([]byte(a.CAPEM)) {
		return nil, errors.New("the extra CA file holds no certificate in PEM form")
	}
	cfg.RootCAs = roots
	return cfg, nil
}

// valid refuses what cannot be a server, before anything is resolved.
func (s Server) valid() error {
	switch {
	case s.Host == "" || hasControl(s.Host) || len(s.Host) > 253:
		return errors.New("the host name is empty or malformed")
	case s.Port < 1 || s.Port > 65535:
		return fmt.Errorf("port %d does not exist", s.Port)
	case s.TLS != Implicit && s.TLS != StartTLS:
		return fmt.Errorf("unknown TLS mode %q", string(s.TLS))
	case hasControl(s.User):
		return errors.New("the user name holds control characters")
	}
	return nil
}

// plainDialError takes the resolved address out of the library's text: a refusal must not tell where a name points to.
func plainDialError(err error) error {
	if errors.Is(err, ErrNotAllowed) {
		return ErrNotAllowed
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		if dns.IsNotFound {
			return errors.New("the host name is not known")
		}
		return errors.New("the host name could not be resolved")
	}
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if t := net.Error(nil); errors.As(err, &t) && t.Timeout() {
		return fmt.Errorf("%w while connecting", ErrSilent)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
