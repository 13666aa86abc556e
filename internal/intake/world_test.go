package intake_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/intake"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// TestMain is the parse child too: intake starts this binary again with that argument.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || !strings.HasPrefix(os.Args[1], "parse-child") {
		code := m.Run()
		endWorld()
		os.RemoveAll(parserDir)
		os.Exit(code)
	}
	stdin := io.Reader(os.Stdin)
	if os.Args[1] == "parse-child-that-dies" {
		stdin = io.TeeReader(stdin, poison{})
	}
	if err := intake.ParseChild(stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// poison ends the child when a mail is marked.
type poison struct{}

func (poison) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("X-Poison: yes")) {
		fmt.Fprintln(os.Stderr, "panic: poisoned")
		os.Exit(2)
	}
	return len(p), nil
}

var sealer, _ = mailbox.NewSealer(mailbox.NewKey())

var idKey = []byte("the key that signs Message-IDs in tests")

// One Dovecot serves all tests of this package; each takes accounts of its own.
var (
	sharedDir string
	shared    *mailworld.World
	startOnce sync.Once
	accounts  atomic.Int64
)

const accountsInWorld = 200

func world(t *testing.T) *mailworld.World {
	t.Helper()
	startOnce.Do(func() {
		o := mailworld.Options{NoExim: true}
		for i := range accountsInWorld {
			o.Accounts = append(o.Accounts, accountName(int64(i)))
		}
		var err error
		if sharedDir, err = os.MkdirTemp("", "mailworld-"); err == nil {
			shared, err = mailworld.Run(sharedDir, o)
		}
		if err != nil {
			t.Errorf("start the mail world: %v", err)
		}
	})
	if shared == nil {
		t.FailNow()
	}
	return shared
}

func accountName(n int64) string { return fmt.Sprintf("box%d@desk.test", n) }

func endWorld() {
	if shared != nil {
		shared.Stop()
		os.RemoveAll(sharedDir)
	}
}

// desk is one database, mailboxes in the world of mail, and intakes on them.
type desk struct {
	t       *testing.T
	db      *pg.DB
	url     string
	world   *mailworld.World
	account map[string]string // of a mailbox address: who reads it at the server
	in      *intake.Intake
}

// bareDesk has no mailbox yet.
func bareDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, url: pgtest.URL(t), world: world(t), account: map[string]string{}}
	d.db = pgtest.Open(t, d.url, nil)
	d.in = d.intake(d.db)
	return d
}

// newDesk has the mailbox support@desk.test.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := bareDesk(t)
	d.mailbox("support@desk.test")
	return d
}

func (d *desk) intake(db *pg.DB) *intake.Intake { return d.intakeWith(db, "parse-child") }

func (d *desk) intakeWith(db *pg.DB, child string) *intake.Intake {
	d.t.Helper()
	program, err := parser()
	if err != nil {
		d.t.Fatal(err)
	}
	in, err := intake.New(intake.Options{
		DB: db, IDKeys: [][]byte{idKey}, TempDir: d.t.TempDir(), ParseCommand: []string{program, child},
		Policy: mailbox.Policy{AllowPrivate: true}, Log: slog.New(slog.NewTextHandler(d.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Sealer: sealer,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(in.Close)
	return in
}

// mailbox adds one of the world's accounts; change may set it up otherwise.
func (d *desk) mailbox(address string, change ...func(*mailbox.Mailbox)) (id int64) {
	d.t.Helper()
	name, _, _ := strings.Cut(address, "@")
	n := accounts.Add(1)
	if n >= accountsInWorld {
		d.t.Fatal("the world has too few accounts")
	}
	user := accountName(n)
	d.account[address] = user
	pgtest.Tx(d.t, d.db, func(tx *pg.Tx) {
		queue, err := pg.One[int64](d.t.Context(), tx, `SELECT id FROM queue WHERE key = 'inbox'`)
		if err != nil {
			d.t.Fatal(err)
		}
		m := mailbox.Mailbox{Name: name, Address: address, IMAPHost: mailworld.Host, IMAPPort: d.world.IMAPSPort, IMAPTLS: mailbox.Implicit, IMAPUser: user,
			SMTPHost: mailworld.Host, SMTPPort: 25, SMTPTLS: mailbox.Implicit, Folders: []string{"INBOX"}, CAPEM: d.world.CAPEM, PollSeconds: 5,
			Take: mailbox.TakeAll, SentMode: mailbox.SentNone, QueueID: queue, Active: true}
		for _, c := range change {
			c(&m)
		}
		if id, err = mailbox.Add(d.t.Context(), tx, m, mailbox.Secret(d.world.Password(user)), sealer); err != nil {
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
		d.deliverRaw(address, []byte(strings.ReplaceAll(r, "\n", "\r\n")))
	}
}

func (d *desk) deliverRaw(address string, raw ...[]byte) {
	d.t.Helper()
	if err := d.world.Deliver(d.account[address], raw...); err != nil {
		d.t.Fatal(err)
	}
}

// read marks everything as read, as a person with another program does.
func (d *desk) read(address string) {
	d.t.Helper()
	d.other(address, func(m *mailbox.IMAP) error {
		if _, err := m.Select(d.t.Context(), "INBOX"); err != nil {
			return err
		}
		uids, err := m.Unseen(d.t.Context(), 1)
		if err != nil {
			return err
		}
		return m.MarkSeen(d.t.Context(), uids)
	})
}

// deliverRead puts a mail into the INBOX that is read from the start and came at a time: from another folder, for instance.
func (d *desk) deliverRead(address, raw string, at time.Time) {
	d.t.Helper()
	raw = strings.ReplaceAll(raw, "\n", "\r\n")
	d.other(address, func(m *mailbox.IMAP) error {
		_, err := m.Append(d.t.Context(), "INBOX", int64(len(raw)), strings.NewReader(raw), at)
		return err
	})
}

// other is another program that works on the same mailbox.
func (d *desk) other(address string, do func(*mailbox.IMAP) error) {
	d.t.Helper()
	user := d.account[address]
	m, err := mailbox.Connect(d.t.Context(), mailbox.Account{
		IMAP:     mailbox.Server{Host: mailworld.Host, Port: d.world.IMAPSPort, TLS: mailbox.Implicit, User: user},
		Password: mailbox.Secret(d.world.Password(user)), CAPEM: d.world.CAPEM, Policy: mailbox.Policy{AllowPrivate: true},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	defer m.Close()
	if err := do(m); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) unseen(address string) int {
	d.t.Helper()
	n, err := d.world.Unseen(d.account[address], "INBOX")
	if err != nil {
		d.t.Fatal(err)
	}
	return n
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

// await returns when a condition holds.
func (d *desk) await(sql string, args ...any) {
	d.t.Helper()
	for !ask[bool](d, sql, args...) {
		select {
		case <-d.t.Context().Done():
			d.t.Fatalf("never came true: %s", sql)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
