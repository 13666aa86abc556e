package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

type paramListCommand struct{}

// Run prints every parameter with its value and what it means.
func (paramListCommand) Run(ctx context.Context, s surroundings) error {
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	list, err := desk.Parameters(ctx, d.DB)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tVALUE\tMEANS")
	for _, p := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\n", p.Name, p.Value, p.Means)
	}
	return w.Flush()
}

type paramSetCommand struct {
	Name  string `arg:"" help:"Name, as param list shows it."`
	Value string `arg:"" help:"What it shall be."`
}

// Run changes one parameter; running servers go by it at once.
func (c paramSetCommand) Run(ctx context.Context, s surroundings) error {
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.DB.InTx(ctx, func(tx *pg.Tx) error { return desk.ChangeParameter(ctx, tx, agent.Agent{}, c.Name, c.Value) })
	if errors.Is(err, fault.NotFound) {
		return fmt.Errorf("there is no parameter %q; frontdesk param list shows them", c.Name)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s is %s.\n", c.Name, c.Value)
	return err
}
