package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"frontdesk/internal/mail"
)

// Phase is a step of handing over one letter.
type Phase string

const (
	PhaseMail Phase = "MAIL"
	PhaseRcpt Phase = "RCPT"
	PhaseData Phase = "DATA"
	PhaseBody Phase = "body"
	PhaseDot  Phase = "dot"
)

// Outcome is what became of a letter.
type Outcome string

const (
	Sent      Outcome = "sent"      // the server took it for at least one recipient
	Temporary Outcome = "temporary" // not sent to anybody; trying again is right
	Permanent Outcome = "permanent" // not sent to anybody; trying again is useless
	Ambiguous Outcome = "ambiguous" // the final dot went out and no answer came: it may have been sent
)

// Verdict is what the server decided about one recipient.
type Verdict string

const (
	Pending  Verdict = "pending"  // nothing was decided
	Accepted Verdict = "accepted" // the letter is on its way to this one
	Refused  Verdict = "refused"  // never
	Deferred Verdict = "deferred" // not now
)

// Recipient is one address and what became of it.
type Recipient struct {
	Address string
	Verdict Verdict
	Code    int    // 0 when the server did not come to answer
	Status  string // enhanced status, as 5.1.1
	Text    string // one line, safe to show
}

// Result is the whole outcome of one letter. Code, Status and Text are the last answer that decided it; Err is set when the connection
// broke or we ended it ourselves, and says why.
//
// A Temporary result in PhaseMail with Code 0 on a conversation used before means that the server had closed it meanwhile: dial again and
// send at once.
type Result struct {
	Outcome    Outcome
	Phase      Phase // the last one begun
	Code       int
	Status     string
	Text       string
	Recipients []Recipient
	Err        error
}

// Envelope is where a letter goes, whatever its header says. Addresses are bare, their domains in punycode. An empty From is the null
// sender of automatic replies.
type Envelope struct {
	From string
	To   []string
}

// Send hands over one letter of size bytes with CRLF lines. One refused recipient does not stop the others. beforeDot is called when all
// of the body has left and only the final dot is missing, with the answers to RCPT, which it may not keep: there the caller commits these, and
// that the outcome may become unknown; when it fails the dot is not sent and the outcome is Temporary. After 2yz the outcome is Sent whatever
// happens to the connection.
func (s *SMTP) Send(ctx context.Context, e Envelope, size int64, body io.Reader, beforeDot func(context.Context, []Recipient) error) Result {
	r := newResult(e.To)
	if s.closed {
		return r.failed(Temporary, errors.New("the connection is closed"))
	}
	if err := s.do(ctx, s.patience(), func() error { return s.envelope(e, size, r) }); err != nil {
		return r.said(err)
	}
	if !r.any(Accepted) {
		return r.nobody()
	}
	r.Phase = PhaseData
	if err := s.do(ctx, s.patience(), func() error { _, _, err := s.command(354, "DATA"); return err }); err != nil {
		return r.said(err)
	}
	r.Phase = PhaseBody
	dot := s.client.Text.DotWriter()
	if err := s.do(ctx, s.uploadTime(size), func() error { return s.pour(dot, size, body) }); err != nil {
		s.hangUp()
		return r.said(err)
	}
	if err := beforeDot(ctx, r.Recipients); err != nil || ctx.Err() != nil {
		s.hangUp()
		return r.failed(Temporary, cmp.Or(err, ctx.Err()))
	}
	r.Phase = PhaseDot
	var code int
	var text string
	err := s.do(ctx, s.lim.Dot, func() (err error) {
		s.w.begin(s.lim.Dot, s.lim.Dot, s.lim.Bytes)
		if err = dot.Close(); err == nil {
			code, text, err = s.answer(2)
		}
		return err
	})
	if err != nil {
		return r.said(err)
	}
	s.dirty = false
	return r.sent(code, text, s.account.Password)
}

// envelope sends MAIL and all RCPT, in one flight where the server can (RFC 2920), and notes each answer.
func (s *SMTP) envelope(e Envelope, size int64, r *Result) error {
	if s.dirty {
		if _, _, err := s.command(250, "RSET"); err != nil {
			return lost(err)
		}
	}
	s.dirty = true
	from, err := s.mailLine(e, size)
	if err != nil {
		return err
	}
	lines := []string{from}
	var asked []*Recipient
	for i := range r.Recipients {
		to := &r.Recipients[i]
		spec, ok := mail.Writable(to.Address)
		if !ok {
			to.Verdict, to.Code, to.Status, to.Text = Refused, 553, "5.1.3", "the address is malformed"
			continue
		}
		lines, asked = append(lines, "RCPT TO:<"+spec+">"), append(asked, to)
	}
	flight := s.offers("PIPELINING")
	if flight {
		if _, err := s.client.Text.W.WriteString(strings.Join(lines, "\r\n") + "\r\n"); err != nil {
			return err
		}
		if err := s.client.Text.W.Flush(); err != nil {
			return err
		}
	}
	ask := func(want int, line string) error {
		if !flight {
			_, _, err := s.command(want, line)
			return err
		}
		_, _, err := s.answer(want)
		return err
	}
	mailErr := ask(250, from)
	if mailErr != nil && !flight {
		return mailErr
	}
	for i, to := range asked {
		if mailErr == nil {
			r.Phase = PhaseRcpt
		}
		if err := r.heard(to, ask(25, lines[i+1]), mailErr == nil); err != nil {
			return cmp.Or(mailErr, err)
		}
	}
	return mailErr
}

// mailLine is the MAIL command with what the server understands.
func (s *SMTP) mailLine(e Envelope, size int64) (string, error) {
	from, ok := mail.Writable(e.From)
	if e.From != "" && !ok {
		return "", &reply{Code: 553, Text: "the sender address is malformed"}
	}
	line := "MAIL FROM:<" + from + ">"
	if s.offers("SIZE") {
		line += fmt.Sprintf(" SIZE=%d", size)
	}
	if s.offers("8BITMIME") {
		line += " BODY=8BITMIME"
	}
	return line, nil
}

// uploadTime lets a line of 512 bytes a second finish: what counts is that bytes keep moving, which each write is watched for.
func (s *SMTP) uploadTime(size int64) time.Duration {
	return s.patience() + time.Duration(size/512)*time.Second
}

// pour writes the body and flushes it, so that nothing but the dot is left when the caller commits. Exactly size bytes are taken: a
// shorter body is an error of ours, never a letter cut off.
func (s *SMTP) pour(dot io.Writer, size int64, body io.Reader) error {
	in := &marker{r: io.LimitReader(body, size)}
	n, err := io.Copy(dot, in)
	if in.err != nil {
		return ours{in.err}
	}
	if err == nil && n != size {
		return ours{fmt.Errorf("the letter has %d bytes, not %d", n, size)}
	}
	if err == nil {
		err = s.client.Text.W.Flush()
	}
	return err
}

// marker remembers that it was our side that failed to read.
type marker struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (m *marker) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}
