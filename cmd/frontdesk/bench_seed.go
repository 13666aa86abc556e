package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"frontdesk/internal/bench/seed"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg/pgembed"
)

type benchSeedCommand struct {
	Tickets  int  `default:"200000" help:"How many tickets (${default})."`
	Messages int  `default:"1000000" help:"How many messages they hold together (${default})."`
	Agents   int  `default:"20" help:"How many people work there (${default})."`
	Add      bool `help:"Put it beside what the database holds already; pages wait meanwhile."`
}

// Help is shown below the flags.
func (benchSeedCommand) Help() string {
	return "A desk that has worked for three years, made up: queues, people, customers, conversations in three languages. For measurements; never for a\n" +
		"database people work in. Example:\n\n  FRONTDESK_DATA_DIR=/tmp/bench frontdesk bench seed --tickets 1000000 --messages 5000000"
}

// Run fills the database and tells how to get in.
func (c benchSeedCommand) Run(ctx context.Context, s surroundings) error {
	if c.Tickets < 1 || c.Messages < c.Tickets || c.Agents < 1 {
		return wrongUsage("--tickets and --agents are at least 1, --messages at least as many as tickets")
	}
	d, err := s.openAs(ctx, pgembed.Founder)
	if err != nil {
		return err
	}
	defer d.Close()
	sealer, err := mailbox.NewSealer(d.Keys.Seal())
	if err != nil {
		return err
	}
	password := rand.Text()
	err = seed.Fill(ctx, d.DB, seed.Options{Tickets: c.Tickets, Messages: c.Messages, Agents: c.Agents, Password: password, Sealer: sealer, Add: c.Add,
		Say: func(what string) { fmt.Fprintln(s.out, what) }})
	if errors.Is(err, seed.ErrNotEmpty) {
		return err
	}
	if err != nil {
		return fmt.Errorf("fill the database: %w", err)
	}
	_, err = fmt.Fprintf(s.out, "Sign in as %s (administrator) to %s with the password %s\n", seed.MailOf(0), seed.MailOf(c.Agents-1), password)
	return err
}
