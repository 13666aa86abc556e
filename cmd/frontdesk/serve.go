package main

import (
	"context"
	"log/slog"

	"frontdesk/internal/app"
	"frontdesk/internal/pg/pgembed"
)

type serveCommand struct{}

// Help is shown below the flags.
func (serveCommand) Help() string {
	return "Several processes may serve one FRONTDESK_DATABASE_URL. The first signal (SIGTERM, Ctrl-C) stops in order within 30 seconds, the second at once."
}

// Run serves until it is told to stop.
func (serveCommand) Run(ctx context.Context, s surroundings) error {
	cfg, err := s.configure()
	if err != nil {
		return err
	}
	if len(cfg.Unknown) > 0 {
		slog.Warn("variables that nothing reads", "names", cfg.Unknown)
	}
	d, err := app.Open(ctx, cfg, pgembed.Serve)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Serve(ctx, version)
}
