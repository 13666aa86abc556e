// Package app builds the parts in order, runs them together and stops them; tests start the same thing.
package app

import (
	"context"
	"fmt"
	"path/filepath"

	"frontdesk/internal/alarm"
	"frontdesk/internal/config"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/migrations"
)

// Desk is an opened installation: its database, migrated, and its keys.
type Desk struct {
	Config config.Config
	Keys   config.Keys
	DB     *pg.DB
	URL    string // of the database

	Gallery bool // answer /gallery too (web.Options); set before Serve

	server *pgembed.Server // nil with FRONTDESK_DATABASE_URL
}

// Open reaches the database, brings the schema up, checks the key, and accounts for a restore. serve and demo own a private server as long as
// they run; a command attaches to theirs or owns it for seconds.
func Open(ctx context.Context, cfg config.Config, role pgembed.Role) (*Desk, error) {
	d, err := Reach(ctx, cfg, role)
	if err != nil {
		return nil, err
	}
	if d.Keys, err = cfg.Keys(); err != nil { // after the database: where there is none for a command, no key is made either
		d.Close()
		return nil, err
	}
	if err := d.prepare(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Reach reaches the database, the operator's or the private one, as it is: it may be empty, and Keys are not set.
func Reach(ctx context.Context, cfg config.Config, role pgembed.Role) (*Desk, error) {
	d := &Desk{Config: cfg, URL: cfg.DatabaseURL}
	var err error
	if d.URL == "" {
		if d.server, err = pgembed.Start(ctx, pgembed.Options{DataDir: cfg.DataDir, BinDir: cfg.PostgresBin, Role: role}); err != nil {
			return nil, err
		}
		d.URL = d.server.URL
	}
	if d.DB, err = pg.Open(ctx, pg.Options{URL: d.URL}); err != nil {
		d.Close()
		if cfg.DatabaseURL != "" {
			err = fmt.Errorf("FRONTDESK_DATABASE_URL: %w", err)
		}
		return nil, err
	}
	return d, nil
}

func (d *Desk) prepare(ctx context.Context) error {
	if err := pg.Migrate(ctx, d.DB, migrations.Files); err != nil {
		return err
	}
	if err := d.checkKey(ctx); err != nil {
		return err
	}
	return d.checkHome(ctx)
}

// Machine is where this process runs, with the disks that must not fill up: that of the data directory, and that of a private database, which may
// lie on one of its own.
func (d *Desk) Machine() alarm.Machine {
	m := alarm.Machine{Disks: []string{d.Config.DataDir}}
	if d.server != nil {
		clusters, _ := filepath.Glob(filepath.Join(d.Config.DataDir, "pg[0-9]*"))
		m.Disks = append(m.Disks, clusters...)
	}
	return m
}

// Close ends the pool, then the private server when this process owns it.
func (d *Desk) Close() {
	if d.DB != nil {
		d.DB.Close()
	}
	if d.server != nil {
		d.server.Stop()
	}
}
