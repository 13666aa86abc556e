package main

import (
	"context"
	"fmt"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/pg"
)

type userAddCommand struct {
	Email         string `required:"" help:"Address to sign in with." placeholder:"ADDRESS"`
	Name          string `required:"" help:"Name that colleagues and customers see."`
	Profile       string `required:"" enum:"admin,manager,agent" help:"What the person may do: ${enum}."`
	PasswordStdin bool   `help:"Read the password, one line, from standard input."`
}

// Help is shown below the flags.
func (userAddCommand) Help() string {
	return "The person works in every queue. Example:\n\n" +
		"  frontdesk user add --email ada@example.com --name 'Ada Lovelace' --profile admin --password-stdin < password.txt"
}

// Run adds the person and gives all queues.
func (c userAddCommand) Run(ctx context.Context, s surroundings) error {
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
		id, err := agent.Add(ctx, tx, agent.New{Email: c.Email, Name: c.Name, Profile: c.Profile, Password: password})
		if err != nil {
			return err
		}
		return giveQueues(ctx, tx, id)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Added %s <%s> as %s.\n", c.Name, c.Email, c.Profile)
	return err
}

func giveQueues(ctx context.Context, tx *pg.Tx, agentID int64) error {
	d, err := desk.ReadDirectory(ctx, tx)
	if err != nil {
		return err
	}
	for i, q := range d.QueuesInUse() {
		if err := agent.GiveQueue(ctx, tx, 0, agentID, q.ID, i); err != nil {
			return err
		}
	}
	return nil
}
