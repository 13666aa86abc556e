package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/config"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/internal/pg/pgtest"
)

// keyFile is an installation that keeps its key in a file, with a mailbox.
func keyFile(t *testing.T) (*Desk, config.Config) {
	t.Helper()
	cfg, err := config.Read([]string{"FRONTDESK_DATA_DIR=" + t.TempDir(), "FRONTDESK_LISTEN=127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	cfg.DatabaseURL = pgtest.URL(t) // not the private one, which takes seconds to make
	d := open(t, cfg)
	pgtest.Tx(t, d.DB, func(tx *pg.Tx) {
		seal, err := d.Sealer(t.Context(), tx)
		if err != nil {
			t.Fatal(err)
		}
		queue, err := pg.One[int64](t.Context(), tx, `SELECT id FROM queue WHERE key = 'inbox'`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = mailbox.Add(t.Context(), tx, mailbox.Mailbox{Name: "Support", Address: "support@desk.test", IMAPHost: "localhost", IMAPPort: 1, IMAPTLS: mailbox.Implicit,
			IMAPUser: "support", Folders: []string{"INBOX"}, SMTPHost: "localhost", SMTPPort: 1, SMTPTLS: mailbox.Implicit, PollSeconds: 30, Take: mailbox.TakeAll,
			SentMode: mailbox.SentNone, QueueID: queue}, password, seal); err != nil {
			t.Fatal(err)
		}
	})
	return d, cfg
}

const password = "purple paper boats"

func open(t *testing.T, cfg config.Config) *Desk {
	t.Helper()
	d, err := Open(t.Context(), cfg, pgembed.Command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// works fails unless the desk opens its password and knows the Message-IDs of all the keys.
func works(t *testing.T, what string, d *Desk, keys ...config.Keys) {
	t.Helper()
	seal, err := mailbox.NewSealer(d.Keys.Seal())
	if err != nil {
		t.Fatal(err)
	}
	m, err := mailbox.ByName(t.Context(), d.DB, "Support")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := seal.Open(m.Secret); err != nil || got != password {
		t.Errorf("%s: the password is %q, %v", what, got, err)
	}
	retired, err := mailbox.RetiredIDKeys(t.Context(), d.DB, seal)
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	for i, k := range keys {
		if !mail.OurMessageID(append(retired, d.Keys.MessageID()), mail.NewMessageID(k.MessageID(), "desk.test")) {
			t.Errorf("%s: a Message-ID of key %d is a stranger's", what, i)
		}
	}
}

// opensNothing fails when a key opens something of what the database holds.
func opensNothing(t *testing.T, d *Desk, k config.Keys) {
	t.Helper()
	seal, err := mailbox.NewSealer(k.Seal())
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := pg.List[[]byte](t.Context(), d.DB, `SELECT secret FROM mailbox`)
	if err != nil || len(secrets) == 0 {
		t.Fatal(secrets, err)
	}
	if slices.ContainsFunc(secrets, func(s []byte) bool { _, err := seal.Open(s); return err == nil }) {
		t.Error("an old key opens a password")
	}
	if keys, err := mailbox.RetiredIDKeys(t.Context(), d.DB, seal); len(keys) > 0 || err == nil {
		t.Errorf("an old key opens %d retired keys, %v", len(keys), err)
	}
}

func TestRotationLeavesNothingToTheOldKey(t *testing.T) {
	t.Parallel()
	d, cfg := keyFile(t)
	first, second, third := d.Keys, config.GenerateKeys(), config.GenerateKeys()
	other := open(t, cfg) // had opened before and works on
	for _, next := range []config.Keys{second, third} {
		if n, err := d.RotateKey(t.Context(), next); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	works(t, "rotated twice", d, first, second, third)
	opensNothing(t, d, first)
	opensNothing(t, d, second)
	again := open(t, cfg)
	if again.Keys != third {
		t.Error("the key file does not hold the new key")
	}
	works(t, "opened again", again, first, second, third)
	for _, old := range []config.Keys{first, second} {
		b, err := os.ReadFile(config.OldKeyFile(cfg.KeyFile(), old))
		if err != nil || strings.TrimSpace(string(b)) != old.Secret() {
			t.Errorf("the key before is not kept for the backups made with it: %v", err)
		}
	}
	err := other.DB.InTx(t.Context(), func(tx *pg.Tx) error { _, err := other.Sealer(t.Context(), tx); return err })
	if !errors.Is(err, errRotated) {
		t.Errorf("a process with the key of the past may seal on: %v", err)
	}
	if _, err := other.RotateKey(t.Context(), config.GenerateKeys()); !errors.Is(err, errRotated) {
		t.Errorf("and rotate: %v", err)
	}
	if _, err := d.RotateKey(t.Context(), third); !errors.Is(err, errSameKey) {
		t.Errorf("to the present key: %v", err)
	}
}

func TestRotationThatBreaksOffLosesNothing(t *testing.T) {
	t.Parallel()
	d, cfg := keyFile(t)
	first, second, third := d.Keys, config.GenerateKeys(), config.GenerateKeys()
	// A crash before the database's commit: the next key lies there for nothing.
	if err := cfg.StageKeys(second); err != nil {
		t.Fatal(err)
	}
	works(t, "before the commit", open(t, cfg), first)
	// A crash right behind the commit: the file still holds the key before.
	err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error { _, err := d.rotate(t.Context(), tx, third); return err })
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(cfg.KeyFile()); err != nil || strings.TrimSpace(string(b)) != first.Secret() {
		t.Fatalf("the file was changed before its time: %v", err)
	}
	opened := make(chan *Desk, 4) // several come back at once
	for range cap(opened) {
		go func() {
			d, err := Open(context.Background(), cfg, pgembed.Command)
			if err != nil {
				t.Error(err)
			}
			opened <- d
		}()
	}
	for range cap(opened) {
		if d := <-opened; d != nil {
			works(t, "behind the commit", d, first, third)
			d.Close()
		}
	}
	opensNothing(t, d, first)
	if left, _ := filepath.Glob(cfg.KeyFile() + ".*"); len(left) != 1 || left[0] != config.OldKeyFile(cfg.KeyFile(), first) {
		t.Errorf("beside the key lies %v", left)
	}
}

func TestPasswordThatCannotBeOpenedStopsTheRotation(t *testing.T) {
	t.Parallel()
	d, cfg := keyFile(t)
	first := d.Keys
	pgtest.Tx(t, d.DB, func(tx *pg.Tx) {
		if _, err := pg.Exec(t.Context(), tx, `
			INSERT INTO mailbox (name, address, imap_host, imap_port, imap_tls, imap_user, smtp_host, smtp_port, smtp_tls, smtp_user, secret, queue_id, created_at)
			SELECT 'Damaged', 'damaged@desk.test', imap_host, imap_port, imap_tls, imap_user, smtp_host, smtp_port, smtp_tls, smtp_user, '\x01ff', queue_id, created_at FROM mailbox`); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := d.RotateKey(t.Context(), config.GenerateKeys()); err == nil || !strings.Contains(err.Error(), "mailbox Damaged") {
		t.Errorf("%v", err)
	}
	works(t, "after the refusal", open(t, cfg), first)
}

func TestServerWhoseKeyWasRotatedEnds(t *testing.T) {
	t.Parallel()
	d, cfg := keyFile(t)
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(t.Context(), "test") }()
	command := open(t, cfg)
	if _, err := command.RotateKey(t.Context(), config.GenerateKeys()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, errRotated) {
		t.Errorf("it ended with %v", err)
	}
}
