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
	if err := s.valid(); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, lim.Dial, ErrSilent)
	defer cancel()
	d := net.Dialer{Control: a.Policy.control(s.Host)}
	c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return nil, nil, fmt.Errorf("connect to %s: %w", s.Address(), plainDialError(err))
	}
	w := newWatch(c, lim)
	if s.TLS != Implicit {
		return w, w, nil
	}
	cfg, err := a.tlsConfig(s)
	if err != nil {
		w.Close()
		return nil, nil, err
	}
	t := tls.Client(w, cfg)
	w.begin(lim.Dial, lim.Dial, lim.Bytes)
	defer w.end()
	if err := t.HandshakeContext(ctx); err != nil {
		w.Close()
		return nil, nil, fmt.Errorf("TLS with %s: %w", s.Address(), w.explain(ctx, err))
	}
	return w, t, nil
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

// starttls upgrades by hand where the protocol's library does not.
func (a Account) starttls(ctx context.Context, w *watch, s Server) (*tls.Conn, error) {
	cfg, err := a.tlsConfig(s)
	if err != nil {
		return nil, err
	}
	t := tls.Client(w, cfg)
	ctx, cancel := context.WithTimeoutCause(ctx, w.lim.Dial, ErrSilent)
	defer cancel()
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS with %s: %w", s.Address(), w.explain(ctx, err))
	}
	return t, nil
}
