package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/clamd"
	"frontdesk/internal/clerk"
	"frontdesk/internal/clock"
	"frontdesk/internal/delivery"
	"frontdesk/internal/event"
	"frontdesk/internal/flow"
	"frontdesk/internal/intake"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/scan"
	"frontdesk/web"
)

// The whole stop takes at most stopTime: pages under way first, then the flows, then the pool.
const (
	stopTime  = 30 * time.Second
	pagesTime = 10 * time.Second
)

// Serve runs the product until ctx ends: the pages on cfg.Listen and every background flow. It returns when all of it has stopped in order.
// Any number of processes may serve one database.
func (d *Desk) Serve(ctx context.Context, version string) error {
	parts, err := d.build(ctx, version)
	if err != nil {
		return err
	}
	if _, err := pg.Guard(d.URL); err != nil {
		slog.Warn("database connection", "err", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.Config.Listen)
	if err != nil {
		return fmt.Errorf("FRONTDESK_LISTEN: %w", err)
	}
	slog.Info("serving", "address", d.Config.BaseURL.String(), "listen", listener.Addr().String())
	if err := parts.web.AnnounceSetUp(ctx); err != nil {
		slog.Error("the set-up page is not announced", "err", err)
	}
	return parts.run(ctx, listener)
}

// parts are what runs side by side.
type parts struct {
	db     *pg.DB
	rings  *event.Broker
	web    *web.Server
	intake *intake.Intake
	sender *delivery.Sender
	clock  clock.Clock
	clerk  clerk.Clerk
	key    keyWatch
	scan   *scan.Scanner // nil: files are not checked
}

// build makes the parts in order; nothing runs yet.
func (d *Desk) build(ctx context.Context, version string) (*parts, error) {
	sealer, err := mailbox.NewSealer(d.Keys.Seal())
	if err != nil {
		return nil, err
	}
	retired, err := mailbox.RetiredIDKeys(ctx, d.DB, sealer)
	if err != nil { // answers to letters of that time are told by the letters themselves
		slog.Error("a key of the past is lost", "err", err)
	}
	p := &parts{db: d.DB, rings: event.NewBroker(d.DB)}
	p.clock = clock.Clock{DB: d.DB, Machine: d.Machine(), Broker: p.rings}
	p.key = keyWatch{d, p.rings}
	policy := mailbox.Policy{PrivateHosts: d.Config.PrivateHosts}
	temp := filepath.Join(d.Config.DataDir, "tmp")
	p.intake, err = intake.New(intake.Options{DB: d.DB, IDKeys: append([][]byte{d.Keys.MessageID()}, retired...), Sealer: sealer, Policy: policy, TempDir: temp,
		Check: d.Config.Clamd.Given()})
	if err != nil {
		return nil, fmt.Errorf("prepare the intake: %w", err)
	}
	p.sender = &delivery.Sender{DB: d.DB, Sealer: sealer, Policy: policy, TempDir: temp, Broker: p.rings}
	if d.Config.Clamd.Given() {
		p.scan = &scan.Scanner{DB: d.DB, Clamd: clamd.Client(d.Config.Clamd), Broker: p.rings}
	}
	p.clerk = clerk.Clerk{DB: d.DB, TempDir: temp, Broker: p.rings}
	p.web = web.New(web.Options{DB: d.DB, Rings: p.rings, BaseURL: d.Config.BaseURL, SessionKey: d.Keys.Session(), MessageIDKey: d.Keys.MessageID(),
		TrustedProxies: d.Config.TrustedProxies, Version: version, TempDir: temp, Gallery: d.Gallery})
	return p, nil
}

// run starts all parts. When ctx ends, or a part fails, the pages stop first: what a person just sent is still taken by the flows.
func (p *parts) run(ctx context.Context, l net.Listener) error {
	server := p.web.HTTP()
	flows, stopFlows := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFlows()
	g, failed := errgroup.WithContext(flows)
	run := []func(context.Context) error{p.rings.Run, p.web.Run, p.intake.Run, p.sender.Run, p.clock.Run, p.clerk.Run, p.key.run}
	if p.scan != nil {
		run = append(run, p.scan.Run)
	}
	for _, part := range run {
		g.Go(func() error { return part(failed) })
	}
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	select {
	case <-ctx.Done():
		slog.Info("stopping")
	case <-failed.Done():
	}
	deadline := time.AfterFunc(stopTime, func() { slog.Error("not everything stopped in time"); server.Close() })
	defer deadline.Stop()
	p.stopPages(server)
	stopFlows()
	err := g.Wait()
	p.gone()
	return err
}

// stopPages lets requests under way finish and ends the live streams.
func (p *parts) stopPages(server *http.Server) {
	p.web.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), pagesTime)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		server.Close()
	}
}

// gone takes this process off the list of running flows.
func (p *parts) gone() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := p.db.InTx(ctx, func(tx *pg.Tx) error { return flow.Gone(ctx, tx) }); err != nil {
		slog.Warn("flow status not removed", "err", err)
	}
}
