package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

type mailboxSetCommand struct {
	Mailbox string `arg:"" help:"What people call the mailbox."`
	mailboxSettings
	PasswordStdin bool `help:"Read a new password, one line, from standard input."`
}

// mailboxSettings are what can change; nil stays.
type mailboxSettings struct {
	Name        *string        `help:"What people shall call it."`
	IMAP        *string        `name:"imap" help:"imaps://user@host:port/FOLDER, or imap:// with STARTTLS."`
	SMTP        *string        `name:"smtp" help:"smtps://user@host:port, or smtp:// with STARTTLS."`
	Queue       *string        `help:"Queue for its new tickets."`
	Poll        *time.Duration `help:"How often to look, 5s at least."`
	Sent        *string        `help:"Copy of sent letters: none, append:FOLDER, or provider[:FOLDER] when the provider files it."`
	Take        *mailbox.Take  `enum:"all,new" help:"Unread mail that lay there before: all makes tickets of it, new leaves it."`
	AlsoRead    *bool          `negatable:"" help:"Also take what another program has read since the mailbox was connected."`
	Active      *bool          `negatable:"" help:"Fetch its mail, or leave it at the server."`
	CA          *string        `name:"ca" help:"File of certificates to trust besides the system's; empty for none." placeholder:"FILE"`
	TLSInsecure *bool          `name:"tls-insecure" negatable:"" help:"Do not verify certificates."`
}

// Help is shown below the flags.
func (mailboxSetCommand) Help() string {
	return "What is not named stays. A running server goes by it at once. The address cannot change: letters that have left carry it. Example:\n\n" +
		"  frontdesk mailbox set Support --poll 10s --also-read"
}

// Run changes the mailbox without connecting, and lets its servers be tried again at once.
func (c mailboxSetCommand) Run(ctx context.Context, s surroundings) error {
	if c.mailboxSettings == (mailboxSettings{}) && !c.PasswordStdin {
		return wrongUsage("say what shall change")
	}
	password := ""
	if c.PasswordStdin {
		var err error
		if password, err = s.readPassword(true); err != nil {
			return err
		}
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
		m, err := mailboxNamed(ctx, tx, c.Mailbox)
		if err != nil {
			return err
		}
		if err := c.into(ctx, tx, &m); err != nil {
			return err
		}
		if err := mailbox.Change(ctx, tx, agent.Agent{}, m, mailbox.Secret(password), seal); err != nil {
			return err
		}
		if err := desk.SendVia(ctx, tx, m.QueueID, m.ID); err != nil {
			return err
		}
		return outbox.TryServerNow(ctx, tx, m.ID)
	})
	if err != nil {
		return err
	}
	name := c.Mailbox
	set(&name, c.Name)
	_, err = fmt.Fprintf(s.out, "Changed %s. Try it: frontdesk mailbox test '%s'\n", name, name)
	return err
}

// into puts the settings that were named into m.
func (c mailboxSettings) into(ctx context.Context, r pg.Reader, m *mailbox.Mailbox) (err error) {
	set(&m.Name, c.Name)
	set(&m.Take, c.Take)
	set(&m.AlsoRead, c.AlsoRead)
	set(&m.Active, c.Active)
	set(&m.TLSInsecure, c.TLSInsecure)
	if c.Poll != nil {
		m.PollSeconds = int(*c.Poll / time.Second)
	}
	if c.IMAP != nil {
		in, folder, err := readIMAP(*c.IMAP)
		if err != nil {
			return err
		}
		m.IMAPHost, m.IMAPPort, m.IMAPTLS, m.IMAPUser, m.Folders, m.TrustPrivate = in.Host, in.Port, in.TLS, in.User, []string{folder}, true
	}
	if c.SMTP != nil {
		out, err := readSMTP(*c.SMTP)
		if err != nil {
			return err
		}
		m.SMTPHost, m.SMTPPort, m.SMTPTLS, m.SMTPUser, m.TrustPrivate = out.Host, out.Port, out.TLS, out.User, true
	}
	if c.Sent != nil {
		if m.SentMode, m.SentFolder, err = readSent(*c.Sent); err != nil {
			return err
		}
	}
	if c.CA != nil {
		if m.CAPEM, err = readCA(*c.CA); err != nil {
			return err
		}
	}
	if c.Queue != nil {
		m.QueueID, err = queueNamed(ctx, r, *c.Queue)
	}
	return err
}

func set[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

func mailboxNamed(ctx context.Context, r pg.Reader, name string) (mailbox.Mailbox, error) {
	m, err := mailbox.ByName(ctx, r, name)
	if errors.Is(err, fault.NotFound) {
		err = fmt.Errorf("there is no mailbox %q", name)
	}
	return m, err
}

func queueNamed(ctx context.Context, r pg.Reader, name string) (int64, error) {
	id, err := desk.QueueByName(ctx, r, name)
	if errors.Is(err, fault.NotFound) {
		err = fmt.Errorf("there is no queue %q", name)
	}
	return id, err
}
