// Command intaker is a Frontdesk that only takes in mail: what the crash tests kill. Built with the tag failpoints it tells its phases and can
// kill itself in any of them.
package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"frontdesk/internal/intake"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) > 1 && os.Args[1] == "parse-child" {
		return intake.ParseChild(os.Stdin, os.Stdout)
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	db, err := pg.Open(ctx, pg.Options{URL: os.Getenv("FRONTDESK_DATABASE_URL")})
	if err != nil {
		return err
	}
	defer db.Close()
	key, err := hex.DecodeString(os.Getenv("FRONTDESK_TEST_SEALING_KEY"))
	if err != nil {
		return err
	}
	sealer, err := mailbox.NewSealer(key)
	if err != nil {
		return err
	}
	in, err := intake.New(intake.Options{DB: db, Sealer: sealer, IDKeys: [][]byte{key}, TempDir: os.Getenv("FRONTDESK_TEST_TMP"), Policy: mailbox.Policy{AllowPrivate: true}})
	if err != nil {
		return err
	}
	return in.Run(ctx)
}
