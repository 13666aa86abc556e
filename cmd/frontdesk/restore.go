package main

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/app"
	"frontdesk/internal/backup"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/migrations"
)

type restoreCommand struct {
	File   string `arg:"" help:"File that backup made." placeholder:"FILE"`
	Verify bool   `help:"Only try it: restore into a database made for it, count, read every mail and file, drop it."`
}

// Help is shown below the flags.
func (restoreCommand) Help() string {
	return "Restores into an empty database: a new FRONTDESK_DATA_DIR, or a new database named by FRONTDESK_DATABASE_URL. Bring the secret key of the desk\n" +
		"first (FRONTDESK_SECRET_KEY, or secret.key in the data directory). Letters that were waiting in the backup are held, for they may have been sent since;\n" +
		"mail taken since the backup is found by the safety net, and a button of the page Reconcile takes it. Examples:\n\n" +
		"  frontdesk restore --verify /backup/desk.fd\n  FRONTDESK_DATA_DIR=/var/lib/frontdesk-new frontdesk restore /backup/desk.fd"
}

// Run restores or tries the backup, and says what it held.
func (c restoreCommand) Run(ctx context.Context, s surroundings) error {
	cfg, err := s.configure()
	if err != nil {
		return err
	}
	keys, there, err := cfg.KeysThere()
	if err != nil {
		return err
	}
	newest, err := migrations.Newest()
	if err != nil {
		return err
	}
	d, err := app.Reach(ctx, cfg, pgembed.Founder)
	if err != nil {
		return err
	}
	defer d.Close()
	t := backup.Target{DB: d.DB, URL: d.URL, Programs: pgembed.Options{BinDir: cfg.PostgresBin}, Schema: newest}
	if there {
		t.Key = keys.Check()
	}
	began := time.Now()
	if c.Verify {
		n, err := backup.Verify(ctx, t, c.File)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "%s is whole; verified in %s. %s.\n", c.File, time.Since(began).Round(10*time.Millisecond), held(n))
		return err
	}
	n, err := backup.Restore(ctx, t, c.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Restored in %s. %s.\n", time.Since(began).Round(10*time.Millisecond), held(n))
	if !there {
		fmt.Fprintf(s.out, "Before you start the server, put the desk's secret key %.8s into %s.\n", n.Key, cfg.KeyFile())
	}
	_, err = fmt.Fprint(s.out, "Next: start the server. Letters that waited in the backup stand under Undelivered, each for a person to look at, unless it is found in the Sent folder.\n"+
		"Mail that was taken since is counted on the page Reconcile as never fetched; its button takes it.\n")
	return err
}
