package crashtest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/backup"
	"frontdesk/internal/delivery"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/migrations"
)

// TestDeskIsRestoredFromABackup is fault row 39: the mailbox moves on behind a backup, letters too, then the database is lost.
func TestDeskIsRestoredFromABackup(t *testing.T) {
	t.Parallel()
	lost := pgtest.URL(t)
	h := openHouse(t, matrix.Of(t, 39), func() string { return lost }, "FRONTDESK_DATABASE_URL="+lost, "FRONTDESK_DATA_DIR="+t.TempDir())
	// The switch that sends uncertain letters once more is on: it shall not count for these.
	h.exec(`UPDATE mailbox SET sent_mode = 'append', sent_folder = 'Sent', resend = true`)
	h.work(20)
	h.idle(20)
	h.writeFor(4, 24*time.Hour) // they wait in the backup
	waiting := h.list(`SELECT rfc_id FROM outbox WHERE send_after > now() ORDER BY id`)
	if len(waiting) != 4 {
		t.Fatalf("%d letters wait", len(waiting))
	}
	before := h.came

	until(t, "another second than that of the connection, for a mail of the same one counts as older", func() bool {
		return h.ask(`SELECT count(*) FROM inbound_folder WHERE connected_at > now() - interval '1 second'`) == 0
	})
	h.deliver(10) // while the backup is made
	file := filepath.Join(t.TempDir(), "desk.fd")
	n, err := backup.Make(t.Context(), backup.Source{DB: h.db, URL: lost, Key: h.keys().Check()}, file, false)
	h.ok(err)
	if n.Counts.Ledger < int64(before) || n.Counts.Ledger > int64(h.came) || n.Counts.Tickets == 0 {
		t.Errorf("the backup holds %+v of %d to %d mails", n.Counts, before, h.came)
	}
	h.deliver(15)
	h.write(5) // of which the backup knows nothing
	for _, id := range h.list(`SELECT id::text FROM outbox WHERE send_after > now() ORDER BY id LIMIT 2`) {
		h.press("/outbox/" + id + "/departure")
	}
	h.press("/outbox/" + h.list(`SELECT id::text FROM outbox WHERE state = 'queued' AND send_after > now() + interval '1 hour' ORDER BY id LIMIT 1`)[0] + "/cancellation")
	h.idle(h.came)
	until(t, "the copies in Sent", func() bool {
		return h.ask(`SELECT count(*) FROM outbox WHERE state = 'sent' AND sent_copy <> 'done'`) == 0
	})
	left := len(h.sink.Ledger())
	if want := 20 + 5 + 2; left != want {
		t.Fatalf("%d letters have left, want %d", left, want)
	}
	h.kill()

	found := emptyDatabase(t)
	newest, err := migrations.Newest()
	h.ok(err)
	_, err = backup.Restore(t.Context(), backup.Target{DB: pgtest.Open(t, found, nil), URL: found, Schema: newest, Key: h.keys().Check()}, file)
	h.ok(err)
	h.env = append(h.env, "FRONTDESK_DATABASE_URL="+found)
	h.flusher = spawn(t, "serve", h.env...)
	h.ready("the start with the restored desk")
	h.db = pgtest.Open(t, found, nil)
	if code, _, _ := h.get("/tickets"); code != http.StatusSeeOther {
		t.Errorf("who was signed in to the lost desk is let in: %d", code)
	}
	h.signIn()
	h.mailIsFound(int(n.Counts.Ledger))
	h.lettersAreHeld(found, waiting, left)
	h.stop()
}

// mailIsFound holds that what was taken behind the backup is counted, and comes in by the button of the pages Reconcile and Quarantine, once.
func (h *house) mailIsFound(inBackup int) {
	h.Helper()
	until(h.T, "the safety net", func() bool { return h.ask(`SELECT sum(missed) FROM inbound_folder`) == h.came-inBackup })
	_, page, _ := h.get("/admin/quarantine")
	if !strings.Contains(page, fmt.Sprintf("%d messages were read in another program first", h.came-inBackup)) || !strings.Contains(page, "/admin/quarantine/missed/1") {
		h.Errorf("the page Quarantine does not offer them: %s", page)
	}
	h.press("/admin/quarantine/missed/1")
	h.idle(h.came)
	for what, sql := range map[string]string{
		"mails in ticket or reply": `SELECT count(*) FROM inbound WHERE state IN ('ticket', 'reply')`,
		"mails in the ledger":      `SELECT count(*) FROM inbound`,
		"messages":                 `SELECT count(*) FROM message WHERE kind = 'in'`,
		"distinct messages":        `SELECT count(DISTINCT subject) FROM message WHERE kind = 'in'`,
	} {
		if n := h.ask(sql); n != h.came {
			h.Errorf("%s: %d of %d", what, n, h.came)
		}
	}
	h.row.Injected("the database lost, restored from a backup behind which mail came and letters left")
	h.row.Counted("%d mails, %d in the backup, %d found by the net and taken by the button, %d messages", h.came, inBackup, h.came-inBackup, h.ask(`SELECT count(*) FROM message WHERE kind = 'in'`))
}

// lettersAreHeld holds that of the letters that waited in the backup those that have left since are found in Sent, and the others left to a person.
func (h *house) lettersAreHeld(url string, waiting []string, left int) {
	h.Helper()
	clock := new(pgtest.Clock)
	seal, err := mailbox.NewSealer(h.keys().Seal())
	h.ok(err)
	later := &delivery.Sender{DB: pgtest.Open(h.T, url, clock), Sealer: seal, TempDir: h.TempDir(), Policy: mailbox.Policy{AllowPrivate: true}}
	for range 8 { // they would have been due within a day
		h.ok(later.Once(h.Context()))
		clock.Advance(4 * time.Hour)
	}
	if n := len(h.sink.Ledger()); n != left {
		h.Errorf("%d letters have left by themselves since the restore", n-left)
	}
	states := h.list(`SELECT concat_ws(' ', state, trouble, twice, restored) FROM outbox WHERE rfc_id = ANY(string_to_array('` + strings.Join(waiting, ",") + `', ',')) ORDER BY id`)
	if want := []string{"sent f f f", "sent f f f", "uncertain t f t", "uncertain t f t"}; !slices.Equal(states, want) {
		h.Errorf("the letters that waited are %q, want %q", states, want)
	}
	if _, page, _ := h.get("/undelivered"); strings.Count(page, "The desk was restored from a backup") != 2 {
		h.Errorf("the page Undelivered does not say why: %s", page)
	}
	id := h.list(`SELECT id::text FROM outbox WHERE state = 'uncertain' ORDER BY id DESC LIMIT 1`)[0]
	h.press("/outbox/" + id + "/retry")
	until(h.T, "the letter a person sent again", func() bool { return h.ask(`SELECT count(*) FROM outbox WHERE state = 'sent' AND twice`) == 1 })
	at := map[string]int{}
	for _, l := range h.sink.Ledger() {
		at[mail.Parse(l.Raw).MessageID]++
	}
	if len(at) != left+1 || len(h.sink.Ledger()) != left+1 {
		h.Errorf("%d letters arrived under %d Message-IDs, want %d", len(h.sink.Ledger()), len(at), left+1)
	}
	h.row.Counted("%d letters left before, none by itself since; of 4 that waited %q; one sent again by a person, marked", left, states)
	if n := h.ask(`SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased', 'dot')`); n != 0 {
		h.Errorf("%d letters wait still", n)
	}
}

// idle waits until so many mails are in and nothing is on its way, but for letters of another day.
func (h *house) idle(mails int) {
	h.Helper()
	h.until(fmt.Sprintf("%d mails in and the letters out", mails), func() bool {
		return h.unread() == 0 && h.ask(`SELECT count(*) FROM inbound WHERE state <> 'pending'`) == mails &&
			h.ask(`SELECT count(*) FROM outbox WHERE state IN ('leased', 'dot') OR state = 'queued' AND send_after < now() + interval '1 hour'`) == 0
	})
}

func (h *house) exec(sql string) {
	h.Helper()
	h.tx(func(tx *pg.Tx) {
		_, err := pg.Exec(h.Context(), tx, sql)
		h.ok(err)
	})
}

func (h *house) list(sql string) []string {
	h.Helper()
	list, err := pg.List[string](h.Context(), h.db, sql)
	h.ok(err)
	return list
}

// press presses a button.
func (h *house) press(path string) {
	h.Helper()
	a, err := h.browser.PostForm(h.address+path, url.Values{})
	h.ok(err)
	a.Body.Close()
	if a.StatusCode >= 400 {
		h.Fatalf("POST %s answers %s", path, a.Status)
	}
}

// emptyDatabase is the address of a database without any table.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	url := pgtest.URL(t)
	db := pgtest.Open(t, url, nil)
	for _, sql := range []string{`DROP SCHEMA public CASCADE`, `CREATE SCHEMA public`} {
		if _, err := db.Pool().Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return url
}
