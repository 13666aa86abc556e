package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"frontdesk/internal/pg"
)

type doctorCommand struct{}

// errUnwell is the whole message: the findings stand above it.
var errUnwell = errors.New("something above needs attention")

// Run looks at everything it can reach and fails when something is wrong.
func (doctorCommand) Run(ctx context.Context, s surroundings) error {
	var r report
	examine(ctx, s, &r)
	if _, err := fmt.Fprint(s.out, r.lines.String()); err != nil {
		return err
	}
	if r.unwell {
		return errUnwell
	}
	return nil
}

func examine(ctx context.Context, s surroundings, r *report) {
	cfg, err := s.configure()
	settings := fmt.Sprintf("listens on %s, reached as %s", cfg.Listen, cfg.BaseURL)
	if len(cfg.Unknown) > 0 {
		settings += "; nothing reads " + strings.Join(cfg.Unknown, ", ")
	}
	r.note("settings", settings, err)
	if err != nil {
		return
	}
	r.note("data", cfg.DataDir, writable(cfg.DataDir))
	d, err := s.open(ctx)
	if err != nil {
		r.note("database", "", err)
		return
	}
	defer d.Close()
	version, err := pg.One[string](ctx, d.DB, `SELECT split_part(version(), ' on ', 1)`)
	r.note("database", version+", schema up to date, key fits", err)
	guard, err := pg.Guard(d.URL)
	r.note("connection", guard, err)
	people(ctx, d, r)
	flows(ctx, d, r)
	mailboxes(ctx, d, r)
	sealed(ctx, d, r)
	alarms(ctx, d, r)
	scanner(ctx, d, r)
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return fmt.Errorf("write into the data directory: %w", err)
	}
	defer f.Close()
	_, err = f.Write(make([]byte, 1<<20)) // an empty file fits on a full disk
	if err = errors.Join(err, f.Sync(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("write into the data directory: %w", err)
	}
	return nil
}
