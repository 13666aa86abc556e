package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

type mailboxTestCommand struct {
	Name string `arg:"" help:"What people call the mailbox."`
}

// steps are what a person reads; the order is that of the test.
var steps = map[mailbox.StepName]string{
	mailbox.StepIMAPResolve: "IMAP: find the host", mailbox.StepIMAPConnect: "IMAP: connect", mailbox.StepIMAPTLS: "IMAP: encrypt and greet",
	mailbox.StepIMAPSignIn: "IMAP: sign in", mailbox.StepIMAPFolder: "IMAP: open the folder",
	mailbox.StepSMTPResolve: "SMTP: find the host", mailbox.StepSMTPConnect: "SMTP: connect", mailbox.StepSMTPTLS: "SMTP: encrypt and greet",
	mailbox.StepSMTPSignIn: "SMTP: sign in", mailbox.StepSMTPSize: "SMTP: largest letter",
}

// Run takes every step to both servers, changes nothing there and sends nothing. It fails when a step does; when none does, letters that rest
// because of an earlier failure leave at once.
func (c mailboxTestCommand) Run(ctx context.Context, s surroundings) error {
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	m, err := mailboxNamed(ctx, d.DB, c.Name)
	if err != nil {
		return err
	}
	seal, err := mailbox.NewSealer(d.Keys.Seal())
	if err != nil {
		return err
	}
	account, err := m.Account(seal, mailbox.Policy{PrivateHosts: d.Config.PrivateHosts})
	if err != nil {
		return err
	}
	folders := slices.Clone(m.Folders)
	if m.SentFolder != "" { // the copies of letters need it, and so does what a restore finds out about them
		folders = append(folders, m.SentFolder)
	}
	taken := mailbox.Test(ctx, account, folders...)
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, step := range taken {
		mark := "ok"
		if !step.OK {
			mark = "FAILED"
		}
		fmt.Fprintf(w, "%s\t%s\t%d ms\t%s\n", mark, steps[step.Name], step.Took/time.Millisecond, step.Detail)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !mailbox.Passed(taken) {
		fmt.Fprint(s.out, advice(taken, m.Name))
		return errors.New("the mailbox cannot be used yet")
	}
	return d.DB.InTx(ctx, func(tx *pg.Tx) error { return outbox.TryServerNow(ctx, tx, m.ID) })
}

// advice is what to do about the failures that an administrator meets on the first day and whose reason does not say it.
func advice(steps []mailbox.Step, name string) string {
	for _, step := range steps {
		switch {
		case errors.As(step.Err, new(x509.UnknownAuthorityError)):
			return fmt.Sprintf("If the certificate is your own, trust the authority that signed it: frontdesk mailbox set %q --ca FILE\n", name)
		case errors.As(step.Err, new(tls.RecordHeaderError)):
			return "That port does not begin with TLS: for STARTTLS the address begins with imap:// or smtp://, not with imaps:// or smtps://\n"
		}
	}
	return ""
}
