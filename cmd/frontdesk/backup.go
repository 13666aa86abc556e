package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"frontdesk/internal/backup"
	"frontdesk/internal/pg/pgembed"
)

type backupCommand struct {
	File  string `arg:"" help:"File to write." placeholder:"FILE"`
	Force bool   `help:"Write over a file of that name."`
}

// Help is shown below the flags.
func (backupCommand) Help() string {
	return "The whole desk at one moment: tickets, mails, files, settings. The server works on meanwhile. The file appears when it is whole; pg_restore can read\n" +
		"it, too. The secret key is not in it. Try a backup with frontdesk restore --verify. Example:\n\n  frontdesk backup /backup/desk-$(date +%F).fd"
}

// Run makes the backup and says how large it is and how long it took.
func (c backupCommand) Run(ctx context.Context, s surroundings) error {
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	began := time.Now()
	n, err := backup.Make(ctx, backup.Source{DB: d.DB, URL: d.URL, Programs: pgembed.Options{BinDir: d.Config.PostgresBin}, Key: d.Keys.Check()}, c.File, c.Force)
	if err != nil {
		return err
	}
	st, err := os.Stat(c.File)
	if err != nil {
		return fmt.Errorf("look at the backup: %w", err)
	}
	fmt.Fprintf(s.out, "%s: %s in %s. %s.\n", c.File, size(st.Size()), time.Since(began).Round(10*time.Millisecond), held(n))
	where := "FRONTDESK_SECRET_KEY"
	if file := d.Config.KeyFile(); file != "" {
		where = file
	}
	_, err = fmt.Fprintf(s.out, "The secret key is not in it: keep %s (key %s) as well, in another place. Without it no mailbox password can be opened.\n", where, d.Keys.ID())
	return err
}

// held are the contents of a backup, as the operator reads them.
func held(n backup.Note) string {
	c := n.Counts
	return fmt.Sprintf("%d tickets, %d messages, %d mails in the ledger, %d raw mails and files, as of %s", c.Tickets, c.Messages, c.Ledger, c.Blobs,
		n.At.Format(time.RFC3339))
}

// size is a number of bytes in the unit that suits it.
func size(n int64) string {
	switch {
	case n < 1<<20:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.2f GB", float64(n)/(1<<30))
}
