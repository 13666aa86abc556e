package main

import (
	"context"
	"errors"
	"fmt"
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
	taken := mailbox.Test(ctx, account, m.Folders...)
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
		return errors.New("the mailbox cannot be used yet")
	}
	return d.DB.InTx(ctx, func(tx *pg.Tx) error { return outbox.TryServerNow(ctx, tx, m.ID) })
}
