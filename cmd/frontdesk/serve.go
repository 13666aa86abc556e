package main

import (
	"context"

	"frontdesk/internal/app"
	"frontdesk/internal/pg/pgembed"
)

type serveCommand struct{}

// Run serves until the process is told to stop.
func (serveCommand) Run(ctx context.Context, s surroundings) error {
	cfg, err := s.configure()
	if err != nil {
		return err
	}
	d, err := app.Open(ctx, cfg, pgembed.Serve)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Serve(ctx, version)
}
