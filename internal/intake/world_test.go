package intake_test

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/intake"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// TestMain is the parse child too: intake starts this binary again with that argument.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "parse-child" {
		if err := intake.ParseChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var idKey = []byte("the key that signs Message-IDs in tests")

// desk is one database, one world of mail, and intakes on them.
type desk struct {
	t     *testing.T
	db    *pg.DB
	url   string
	world *mailworld.World
	in    *intake.Intake
}

// newDesk has the mailboxes support@ and sales@desk.test.
func newDesk(t *testing.T, w *mailworld.World) *desk {
	t.Helper()
	d := &desk{t: t, url: pgtest.URL(t), world: w}
	d.db = pgtest.Open(t, d.url, nil)
	d.mailbox("support@desk.test")
	d.in = d.intake(d.db)
	return d
}

func (d *desk) intake(db *pg.DB) *intake.Intake {
	d.t.Helper()
	in, err := intake.New(intake.Options{
		DB: db, IDKeys: [][]byte{idKey}, TempDir: d.t.TempDir(), ParseCommand: []string{os.Args[0], "parse-child"},
		Policy: mailbox.Policy{AllowPrivate: true}, Log: slog.New(slog.NewTextHandler(d.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Unseal: func(b []byte) (mailbox.Secret, error) { return mailbox.Secret(b), nil },
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(in.Close)
	return in
}

// mailbox adds one of the world's accounts.
func (d *desk) mailbox(address string, more ...string) int64 {
	d.t.Helper()
	var id int64
	name, _, _ := strings.Cut(address, "@")
	pgtest.Tx(d.t, d.db, func(tx *pg.Tx) {
		var err error
		id, err = pg.One[int64](d.t.Context(), tx, `
			INSERT INTO mailbox (name, address, imap_host, imap_port, imap_tls, imap_user, smtp_host, smtp_port, smtp_tls, smtp_user, secret, ca_pem, queue_id, created_at, poll_seconds)
			SELECT $1, $2, $3, $4, 'implicit', $2, $3, $4, 'implicit', $2, $5, $6, id, $7, 5 FROM queue WHERE key = 'inbox' RETURNING id`,
			name, address, mailworld.Host, d.world.IMAPSPort, []byte(d.world.Password(address)), d.world.CAPEM, tx.Now)
		if err != nil {
			d.t.Fatal(err)
		}
	})
	return id
}

// deliver puts mails into support@'s INBOX.
func (d *desk) deliver(raw ...string) {
	d.t.Helper()
	d.deliverTo("support@desk.test", raw...)
}

func (d *desk) deliverTo(address string, raw ...string) {
	d.t.Helper()
	for _, r := range raw {
		if err := d.world.Deliver(address, []byte(strings.ReplaceAll(r, "\n", "\r\n"))); err != nil {
			d.t.Fatal(err)
		}
	}
}

// once takes and settles everything.
func (d *desk) once() {
	d.t.Helper()
	if _, err := d.in.Once(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// ask reads one value.
func ask[T any](d *desk, sql string, args ...any) T {
	d.t.Helper()
	v, err := pg.One[T](d.t.Context(), d.db, sql, args...)
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// letter is a simple mail.
func letter(from, id, subject, more string) string {
	return "From: " + from + "\nTo: support@desk.test\nSubject: " + subject + "\nMessage-ID: <" + id + ">\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n" + more + "\nHello, " + subject + "\n"
}
