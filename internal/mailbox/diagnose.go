package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// StepName is a step of the connection test, in the order they are taken. People read a sentence made of it in their language.
type StepName string

const (
	StepIMAPResolve StepName = "imap_resolve"
	StepIMAPConnect StepName = "imap_connect"
	StepIMAPTLS     StepName = "imap_tls"
	StepIMAPSignIn  StepName = "imap_sign_in"
	StepIMAPFolder  StepName = "imap_folder"
	StepSMTPResolve StepName = "smtp_resolve"
	StepSMTPConnect StepName = "smtp_connect"
	StepSMTPTLS     StepName = "smtp_tls"
	StepSMTPSignIn  StepName = "smtp_sign_in"
	StepSMTPSize    StepName = "smtp_size"
)

// Step is one step taken and how it went. Detail is a fact (the folder's size, the largest letter) or the reason of the failure in one line,
// without the password and, before the sign-in, without words of the other side (RELIABILITY, C9).
type Step struct {
	Name   StepName
	OK     bool
	Detail string
	Err    error // nil when OK
	Took   time.Duration
}

// Test walks through both conversations and stops each at its first failure. Nothing is changed at the servers and no mail is sent.
func Test(ctx context.Context, a Account, folders ...string) []Step {
	t := &trial{ctx: ctx, account: a}
	t.imap(folders)
	t.smtp()
	return t.steps
}

// Passed tells whether every step went well.
func Passed(steps []Step) bool {
	for _, s := range steps {
		if !s.OK {
			return false
		}
	}
	return len(steps) > 0
}

type trial struct {
	ctx     context.Context
	account Account
	steps   []Step
}

// step takes one step and notes it. quiet hides what the other side said.
func (t *trial) step(name StepName, quiet bool, do func() (detail string, err error)) bool {
	began := time.Now()
	detail, err := do()
	s := Step{Name: name, OK: err == nil, Detail: detail, Err: err, Took: time.Since(began)}
	if err != nil {
		s.Detail = said(err.Error(), t.account.Password)
		if quiet && (errors.Is(err, ErrNonsense) || errors.As(err, new(*reply))) {
			s.Err, s.Detail = ErrNonsense, ErrNonsense.Error()
		}
	}
	t.steps = append(t.steps, s)
	return s.OK
}

func (t *trial) imap(folders []string) {
	a := t.account
	if !t.reach(StepIMAPResolve, StepIMAPConnect, a.IMAP) {
		return
	}
	var m *IMAP
	if !t.step(StepIMAPTLS, true, func() (_ string, err error) { m, err = open(t.ctx, a); return "", err }) {
		return
	}
	defer m.Close()
	if !t.step(StepIMAPSignIn, false, func() (string, error) { return "", m.signIn(t.ctx) }) {
		return
	}
	for _, f := range folders {
		ok := t.step(StepIMAPFolder, false, func() (string, error) {
			d, err := m.Select(t.ctx, f)
			if err == nil && !d.KeepsSeen {
				err = fmt.Errorf("folder %q does not keep the mark for read mail", f)
			}
			return fmt.Sprintf("%s: %d", f, d.Messages), err
		})
		if !ok {
			return
		}
	}
}

func (t *trial) smtp() {
	a := t.account
	if !t.reach(StepSMTPResolve, StepSMTPConnect, a.SMTP) {
		return
	}
	var s *SMTP
	if !t.step(StepSMTPTLS, true, func() (_ string, err error) { s, err = openSMTP(t.ctx, a); return "", err }) {
		return
	}
	defer s.Close()
	if !t.step(StepSMTPSignIn, false, func() (string, error) { return "", s.signIn(t.ctx) }) {
		return
	}
	t.step(StepSMTPSize, false, func() (string, error) {
		if n := s.MaxSize(); n > 0 {
			return fmt.Sprintf("%d MB", n>>20), nil
		}
		return "", nil
	})
}

// reach looks the name up, then opens a connection and closes it.
func (t *trial) reach(resolve, connect StepName, s Server) bool {
	ctx, cancel := context.WithTimeoutCause(t.ctx, t.account.Limits.orDefault().Dial, ErrSilent)
	defer cancel()
	found := t.step(resolve, true, func() (string, error) {
		if err := s.valid(); err != nil {
			return "", err
		}
		list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", s.Host)
		if err != nil {
			return "", plainDialError(err)
		}
		err = ErrNotAllowed
		for _, addr := range list {
			if t.account.Policy.Check(s.Host, addr) == nil {
				err = nil
			}
		}
		return "", err
	})
	return found && t.step(connect, true, func() (string, error) {
		w, err := t.account.tcp(ctx, s)
		if err != nil {
			return "", err
		}
		return "", w.Close()
	})
}
