package main

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

type mailboxAddCommand struct {
	Name          string        `required:"" help:"What people call it."`
	Address       string        `required:"" help:"Its e-mail address; replies come from it."`
	IMAP          string        `name:"imap" required:"" help:"imaps://user@host:port/FOLDER, or imap:// with STARTTLS."`
	SMTP          string        `name:"smtp" required:"" help:"smtps://user@host:port, or smtp:// with STARTTLS."`
	PasswordStdin bool          `help:"Read the password, one line, from standard input."`
	Queue         string        `required:"" help:"Queue for its new tickets."`
	Poll          time.Duration `default:"30s" help:"How often to look, 5s at least."`
	Sent          string        `default:"none" help:"Copy of sent letters: none, append:FOLDER, or provider[:FOLDER] when the provider files it."`
	Take          mailbox.Take  `default:"all" enum:"all,new" help:"Unread mail that lies there already: all makes tickets of it, new leaves it."`
	AlsoRead      bool          `help:"Also take what another program has read since the mailbox was connected."`
	Active        bool          `default:"true" negatable:"" help:"Fetch its mail. --no-active: only send from it, as from another address of an account that is fetched already."`
	CA            string        `name:"ca" help:"File of certificates to trust besides the system's." placeholder:"FILE"`
	TLSInsecure   bool          `name:"tls-insecure" help:"Do not verify certificates."`
}

// Help is shown below the flags.
func (mailboxAddCommand) Help() string {
	return "Write @ in user names as %40. Example:\n\n" +
		"  frontdesk mailbox add --name Support --address support@example.com --queue Inbox \\\n" +
		"    --imap imaps://support%40example.com@imap.example.com/INBOX \\\n" +
		"    --smtp smtp://support%40example.com@smtp.example.com --password-stdin < password.txt"
}

// Run stores the mailbox without connecting; a running server takes it up by itself. The operator may name private hosts.
func (c mailboxAddCommand) Run(ctx context.Context, s surroundings) error {
	m, err := c.mailbox()
	if err != nil {
		return err
	}
	password, err := s.readPassword(c.PasswordStdin)
	if err != nil {
		return err
	}
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.DB.InTx(ctx, func(tx *pg.Tx) error {
		seal, err := d.Sealer(ctx, tx)
		if err != nil {
			return err
		}
		if m.QueueID, err = queueNamed(ctx, tx, c.Queue); err != nil {
			return err
		}
		id, err := mailbox.Add(ctx, tx, m, mailbox.Secret(password), seal)
		if err != nil {
			return err
		}
		return desk.SendVia(ctx, tx, m.QueueID, id)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Added %s <%s>. Try it: frontdesk mailbox test '%s'\n", c.Name, c.Address, c.Name)
	return err
}
