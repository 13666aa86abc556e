// Package demo is the product on a small stage: the real program over a mail world in its own process, with a support mailbox, customers who
// keep writing in three languages and who answer what they are told. Nothing inside is faked; only the world outside is small.
package demo

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/app"
	"frontdesk/internal/config"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
)

// Run shows the product until ctx ends. Its data lies in the folder demo of the data directory and is found again the next time.
func Run(ctx context.Context, cfg config.Config, version string, pace Pace, out io.Writer) error {
	if cfg.DatabaseURL == "" {
		cfg.DataDir = filepath.Join(cfg.DataDir, "demo")
	}
	d, err := app.Open(ctx, cfg, pgembed.Serve)
	if err != nil {
		return err
	}
	defer d.Close()
	d.Gallery = true
	w, err := openWorld()
	if err != nil {
		return fmt.Errorf("open the demo's mail world: %w", err)
	}
	used, err := pg.One[int](ctx, d.DB, `SELECT COALESCE(max(uid), 0)::int FROM inbound`)
	if err == nil {
		err = w.numberBehind(used)
	}
	if err != nil {
		return fmt.Errorf("number the demo's mails: %w", err)
	}
	defer w.close()
	if err := furnish(ctx, d, w); err != nil {
		return fmt.Errorf("furnish the demo: %w", err)
	}
	greet(out, d.Config.BaseURL.String())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.Serve(ctx, version) })
	g.Go(func() error { return play(ctx, d.DB, w, pace) })
	g.Go(func() error { return colleagues(ctx, d.DB) })
	return g.Wait()
}

// greet says where to go and what to try.
func greet(out io.Writer, address string) {
	fmt.Fprintf(out, `
  Frontdesk demo: %s

  sign in as   %s      password  %s      (an agent)
        or     %s      password  %s      (the administrator)

  Try this:
    1. Customers write by themselves. Open a new mail in "My queues".
    2. Answer it (R), press Send (Ctrl Enter), cancel within thirty seconds (Z). The text comes back.
    3. Send it again and let it go. The customer answers into the same ticket.
    4. Open a second window and watch both change.

  Stop with Ctrl C; everything is still there the next time.

`, address, emma.email, emma.password, beata.email, beata.password)
}
