//go:build bench

package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/jhillyerd/enmime/v2"

	"frontdesk/internal/desk"
	"frontdesk/internal/fixture/mailgen"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/intake"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// TestIntake takes 10,000 generated mails from Dovecot, beside fetch, parse and insert without product logic.
func TestIntake(t *testing.T) {
	const count = 10_000
	var accounts []string
	for i := range 2 * rounds {
		accounts = append(accounts, fmt.Sprintf("box%d@desk.test", i))
	}
	w := mailworld.Start(t, mailworld.Options{Accounts: accounts, NoExim: true})
	pgs := server(t)
	var ours, bare []took
	beside, replies := 0, 0
	for i := range rounds {
		fill(t, w, accounts[2*i], count)
		fill(t, w, accounts[2*i+1], count)
		db := database(t, pgs, fmt.Sprintf("bare%d", i))
		bare = append(bare, measure(func() { bareIntake(t, w, accounts[2*i], db, count) }))
		db = database(t, pgs, fmt.Sprintf("ours%d", i))
		ours = append(ours, measure(func() { ourIntake(t, w, accounts[2*i+1], db, count) }))
		beside, replies = misplaced(t, db)
	}
	report("intake, mails", count, median(ours), median(bare), ">= 0.5, CPU <= 2 ms",
		fmt.Sprintf("%d of %d replies landed beside their ticket (goal 0). Peak memory %d MB, the other side of the measurement included.", beside, replies, peak()))
}

func fill(t *testing.T, w *mailworld.World, account string, count int) {
	t.Helper()
	if err := w.Deliver(account, mailgen.Make(mailgen.Usual(count, account))...); err != nil {
		t.Fatal(err)
	}
}

// bareIntake fetches in batches of 200, parses on four workers and inserts each mail in a transaction of its own.
func bareIntake(t *testing.T, w *mailworld.World, account string, db *pg.DB, count int) {
	ctx := t.Context()
	if _, err := db.Pool().Exec(ctx, `CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, raw bytea, subject text, sender text, body text, html text)`); err != nil {
		t.Fatal(err)
	}
	raw := make(chan []byte, 400)
	var wg sync.WaitGroup
	parser := enmime.NewParser(enmime.DisableCharacterDetection(true))
	for range 4 {
		wg.Go(func() {
			for m := range raw {
				e, err := parser.ReadEnvelope(bytes.NewReader(m))
				if err != nil {
					continue
				}
				clean := func(s string) string {
					return string(bytes.ReplaceAll(bytes.ToValidUTF8([]byte(s), nil), []byte{0}, nil))
				}
				if _, err := db.Pool().Exec(ctx, `INSERT INTO bare (raw, subject, sender, body, html) VALUES ($1, $2, $3, $4, $5)`,
					m, clean(e.GetHeader("Subject")), clean(e.GetHeader("From")), clean(e.Text), clean(e.HTML)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	fetchAll(t, w, account, raw)
	close(raw)
	wg.Wait()
}

func fetchAll(t *testing.T, w *mailworld.World, account string, to chan<- []byte) {
	c, err := imapclient.DialInsecure(fmt.Sprintf("127.0.0.1:%d", w.IMAPPort), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(account, w.Password(account)).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	uids := found.AllUIDs()
	for len(uids) > 0 {
		n := min(200, len(uids))
		set := imap.UIDSetNum(uids[:n]...)
		list, err := c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			to <- m.BodySection[0].Bytes
		}
		if err := c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close(); err != nil {
			t.Fatal(err)
		}
		uids = uids[n:]
	}
}

// ourIntake is the product's flow from the first connection until every mail is settled.
func ourIntake(t *testing.T, w *mailworld.World, account string, db *pg.DB, count int) {
	key := mailbox.NewKey()
	sealer, err := mailbox.NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(tx *pg.Tx) error {
		queue, err := desk.QueueByName(t.Context(), tx, "inbox")
		if err != nil {
			return err
		}
		_, err = mailbox.Add(t.Context(), tx, mailbox.Mailbox{Name: "Bench", Address: account, IMAPHost: mailworld.Host, IMAPPort: w.IMAPPort, IMAPTLS: mailbox.StartTLS, IMAPUser: account,
			Folders: []string{"INBOX"}, SMTPHost: mailworld.Host, SMTPPort: 25, SMTPTLS: mailbox.StartTLS, CAPEM: w.CAPEM, TrustPrivate: true, PollSeconds: 5, Take: mailbox.TakeAll,
			SentMode: mailbox.SentNone, QueueID: queue, Active: true}, mailbox.Secret(w.Password(account)), sealer)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	in, err := intake.New(intake.Options{DB: db, IDKeys: [][]byte{key}, Sealer: sealer, TempDir: t.TempDir(), ParseCommand: []string{os.Args[0], "parse-child"}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx) }()
	for {
		n, err := pg.One[int](t.Context(), db, `SELECT CASE WHEN EXISTS (SELECT FROM inbound WHERE state = 'pending') THEN 0 ELSE count(*) END FROM inbound`)
		if err != nil {
			t.Fatal(err)
		}
		if n >= count {
			break
		}
		time.Sleep(200 * time.Millisecond) // a measurement, not a test: asking is work too
	}
	stop()
	<-done
}

// misplaced counts replies that opened a ticket of their own although what they answer is in another.
func misplaced(t *testing.T, db *pg.DB) (beside, replies int) {
	t.Helper()
	got, err := pg.One[[]int](t.Context(), db, `
		SELECT ARRAY[count(*) FILTER (WHERE m.ticket_id <> first.ticket_id), count(*)]::int[]
		FROM message m JOIN message first ON first.rfc_id = m.rfc_refs[1] WHERE cardinality(m.rfc_refs) > 0`)
	if err != nil {
		t.Fatal(err)
	}
	return got[0], got[1]
}

// peak is the most memory this process has held, in MB.
func peak() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	var kb int64
	if i := bytes.Index(status, []byte("VmHWM:")); i >= 0 {
		fmt.Sscanf(string(status[i+6:]), "%d", &kb)
	}
	return kb / 1024
}
