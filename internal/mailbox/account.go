// Package mailbox is an e-mail account: its settings and sealed password, the conversations with its IMAP and SMTP servers, and the test
// that says which step of them fails.
//
// The conversations know no ticket and no ledger. They promise three things the libraries beneath do not (RELIABILITY, section 1): every
// wait ends, nothing half-received is handed over as whole, and what happened to a letter is told by phase and per recipient.
package mailbox

import (
	"log/slog"
	"strconv"
	"time"
)

// TLS says how a connection is encrypted. There is no third way: without encryption no password leaves the house.
type TLS string

const (
	Implicit TLS = "implicit" // TLS from the first byte: imaps 993, smtps 465
	StartTLS TLS = "starttls" // required: a server that does not offer it is left (RFC 8314)
)

// Secret is a password or an access token. It prints as stars, whoever prints it.
type Secret string

// String implements fmt.Stringer.
func (Secret) String() string { return "***" }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return "***" }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalText implements encoding.TextMarshaler, so that JSON shows stars too.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Server is one end to connect to.
type Server struct {
	Host string
	Port int
	TLS  TLS
	User string
}

// Address is host:port for people and errors.
func (s Server) Address() string { return s.Host + ":" + strconv.Itoa(s.Port) }

// Account is all that is needed to talk to the servers of one mailbox.
type Account struct {
	IMAP, SMTP  Server
	Password    Secret
	Token       bool   // Password is an OAuth2 access token, shown by XOAUTH2
	CAPEM       string // certificates trusted besides those of the system
	TLSInsecure bool   // the operator's opt-out: certificates are not verified
	Policy      Policy // where the connection may go
	Limits      Limits // zero: the limits of RELIABILITY, section 2
}

// Limits bound every wait of a conversation (RELIABILITY, section 2, step 2). Zero fields mean the default.
type Limits struct {
	Dial    time.Duration // connecting and the TLS handshake together: 15 s
	Idle    time.Duration // silence while an answer is due: 30 s
	Command time.Duration // a command from its first byte to its end: 60 s
	PerMiB  time.Duration // on top of that for each MiB of mail under way: 120 s
	Dot     time.Duration // the answer to the final dot: 10 min (RFC 5321, 4.5.3.2.6)
	Bytes   int64         // what an answer without mail in it may measure: 16 MiB
}

func (l Limits) orDefault() Limits {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&l.Dial, 15*time.Second)
	set(&l.Idle, 30*time.Second)
	set(&l.Command, time.Minute)
	set(&l.PerMiB, 2*time.Minute)
	set(&l.Dot, 10*time.Minute)
	if l.Bytes == 0 {
		l.Bytes = 16 << 20
	}
	return l
}

// forBytes is the time a command may take that moves n bytes of mail.
func (l Limits) forBytes(n int64) time.Duration {
	return l.Command + time.Duration(float64(l.PerMiB)*float64(n)/(1<<20))
}
