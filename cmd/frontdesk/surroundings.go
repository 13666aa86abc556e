package main

import (
	"context"
	"io"
	"log/slog"

	"frontdesk/internal/app"
	"frontdesk/internal/config"
	"frontdesk/internal/pg/pgembed"
)

// surroundings are what a command may use of the outside.
type surroundings struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
}

// configure reads the environment and sets up the log.
func (s surroundings) configure() (config.Config, error) {
	cfg, err := config.Read(s.environ)
	if err != nil {
		return cfg, err
	}
	slog.SetDefault(slog.New(cfg.Log.Handler(s.err)))
	return cfg, nil
}

// open opens the installation for a command; the caller closes it.
func (s surroundings) open(ctx context.Context) (*app.Desk, error) {
	return s.openAs(ctx, pgembed.Command)
}

func (s surroundings) openAs(ctx context.Context, role pgembed.Role) (*app.Desk, error) {
	cfg, err := s.configure()
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, cfg, role)
}
