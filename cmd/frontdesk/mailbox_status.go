package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"frontdesk/internal/inbound"
)

type mailboxStatusCommand struct {
	JSON bool `name:"json" help:"Print a JSON list."`
}

// Run prints one reading of the ledger: received is the sum of the states.
func (c mailboxStatusCommand) Run(ctx context.Context, s surroundings) error {
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	list, err := inbound.Status(ctx, d.DB)
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		return e.Encode(list)
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MAILBOX\tRECEIVED\tPENDING\tTICKETS\tREPLIES\tBOUNCES\tIGNORED\tDUPLICATES\tQUARANTINED\tREMOVED\tALSO READ\tREAD ELSEWHERE\tLAST SUCCESS\tLAST ERROR")
	for _, m := range list {
		last, also := "never", "no"
		if m.AlsoRead {
			also = "yes"
		}
		if m.LastSuccess != nil {
			last = m.LastSuccess.UTC().Format(time.RFC3339)
		}
		n := m.States
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%d\t%s\t%s\n", m.Mailbox, m.Received, n.Pending, n.Ticket, n.Reply, n.Bounce, n.Ignored,
			n.Duplicate, n.Quarantined, n.Removed, also, m.Missed, last, m.LastError)
	}
	return w.Flush()
}
