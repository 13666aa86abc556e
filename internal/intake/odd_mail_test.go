package intake_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestOddMailBecomesATicketEach(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 18, 19, 21, 22)
	d := newDesk(t)
	head := "From: a@customer.test\r\nSubject: odd\r\n"
	var utf16 []byte
	for _, c := range head + "\r\nwide\r\n" {
		utf16 = append(utf16, byte(c), 0)
	}
	odd := map[string][]byte{
		"NUL":               []byte("From: a\x00@customer.test\r\nSubject: nu\x00l\r\nContent-Type: text/html\r\n\r\n<p>te\x00xt</p>\x00"),
		"broken UTF-8":      []byte("From: a@customer.test\r\nSubject: \xff\xfe\xc3\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xc3\x28 \xf0\x28\x8c\x28"),
		"8-bit header":      []byte("From: J\xfcrgen <a@customer.test>\r\nSubject: Gr\xfc\xdfe\r\n\r\nx"),
		"unknown charset":   []byte(head + "Content-Type: text/plain; charset=x-martian\r\n\r\n\xe4\xf6"),
		"UTF-7":             []byte(head + "Content-Type: text/plain; charset=utf-7\r\n\r\nHi +AOQ-"),
		"UTF-16 bare":       utf16,
		"BOM":               []byte("\xef\xbb\xbf" + head + "\r\nbom"),
		"CR only":           []byte("From: cr@customer.test\rSubject: cr\r\rtext\r"),
		"bare LF":           []byte("From: lf@customer.test\nSubject: lf\n\ntext\n"),
		"no header":         []byte("\r\njust text\r\n"),
		"text only":         []byte("no header at all"),
		"one byte":          []byte("x"),
		"no Message-ID":     []byte("From: a@customer.test\r\nSubject: no id\r\n\r\n1"),
		"no From":           []byte("Subject: nobody\r\nMessage-ID: <nofrom@c>\r\n\r\nx"),
		"no Date":           []byte(head + "Message-ID: <nodate@c>\r\n\r\nx"),
		"1970":              []byte(head + "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nMessage-ID: <1970@c>\r\n\r\nx"),
		"2099":              []byte(head + "Date: Thu, 1 Jan 2099 00:00:00 +0000\r\nMessage-ID: <2099@c>\r\n\r\nx"),
		"year 99999":        []byte(head + "Date: Thu, 1 Jan 99999 00:00:00 +0000\r\nMessage-ID: <99999@c>\r\n\r\nx"),
		"three Message-IDs": []byte(head + "Message-ID: <3a@c>\r\nMessage-ID: <3b@c>\r\nMessage-ID: <3c@c>\r\n\r\nx"),
		"1 MB subject":      []byte("From: a@customer.test\r\nSubject: " + strings.Repeat("long ", 200_000) + "\r\n\r\nx"),
		"1 MB references":   []byte(head + "References:" + strings.Repeat(" <abcdefghijklmnopqrstuvwxyz@nowhere.test>\r\n", 25_000) + "\r\nx"),
		"50,000 To":         []byte(head + "To: x@y.test" + strings.Repeat(",\r\n a@b.test", 50_000) + "\r\n\r\nx"),
		"10,000 parts":      []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: a/b\r\n\r\nx\r\n", 10_000) + "--b--\r\n"),
		"deep nesting":      []byte(head + nested(10_000)),
		"20,000 parameters": []byte(head + "Content-Type: text/plain" + strings.Repeat(";\r\n a=b", 20_000) + "\r\n\r\nx"),
		"one line of 3 MB":  []byte(head + "\r\n" + strings.Repeat("x", 3<<20)),
		"zip":               []byte(head + "Content-Type: application/zip; name=bomb.zip\r\nContent-Disposition: attachment; filename=\"../../bomb\x00.zip\"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBAo=\r\n"),
	}
	for name, raw := range odd {
		if err := d.world.Deliver(d.account["support@desk.test"], raw); err != nil {
			t.Fatal(name, err)
		}
	}
	d.once()
	row.Injected("%d odd mails: bytes, charsets, headers, sizes, nesting", len(odd))
	row.Counted("%d tickets, every source as it came", ask[int](d, `SELECT count(*) FROM inbound WHERE state = 'ticket'`))
	if n := ask[int](d, `SELECT count(*) FROM inbound WHERE state = 'ticket'`); n != len(odd) {
		t.Errorf("%d of %d are tickets; the others: %s", n, len(odd), ask[string](d, `SELECT string_agg(state || ' ' || reason || ' ' || error || seems_subject, E'\n') FROM inbound WHERE state <> 'ticket'`))
	}
	if n := ask[int](d, `SELECT count(*) FROM message WHERE rfc_id LIKE 'derived.%'`); n < 8 {
		t.Errorf("%d got a derived id", n)
	}
	if n := ask[int](d, `SELECT max(length(subject)) FROM ticket`); n > 1000 {
		t.Errorf("a subject of %d characters", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM message WHERE flags @> '{limited}'`); n < 3 {
		t.Errorf("%d say that they met a limit", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM message WHERE fetched_at IS NULL OR at < now() - interval '1 hour'`); n != 0 {
		t.Errorf("%d are sorted by their Date", n)
	}
	for name, raw := range odd {
		if !d.holds(raw) {
			t.Errorf("%s: the source is not what came", name)
		}
	}
}

func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return b.String() + "\r\nthe end"
}

// holds tells whether the ledger has these bytes, as Dovecot hands them out: lines end in CR LF, and a NUL, which IMAP cannot carry, is 0x80.
func (d *desk) holds(raw []byte) bool {
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	raw = bytes.ReplaceAll(raw, []byte{0}, []byte{0x80})
	sum := blob.Bytes(raw).SHA256
	return ask[bool](d, `SELECT EXISTS (SELECT FROM inbound JOIN blob b ON b.id = raw_blob_id WHERE b.sha256 = $1)`, sum[:])
}

func TestAnEmptyMailIsATicketToo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.world.Deliver(d.account["support@desk.test"], []byte{}); err != nil {
		t.Fatal(err)
	}
	d.once()
	if got := ask[string](d, `SELECT string_agg(state, ',') FROM inbound`); got != "ticket" {
		t.Error(got)
	}
}

func TestAnEmptyHTMLPartHidesNoText(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.deliver("From: ann@customer.test\nTo: support@desk.test\nSubject: Printer\nMessage-ID: <1@c>\nContent-Type: multipart/alternative; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nThe printer burns.\n--b\nContent-Type: text/html\n\n<html><head></head><body></body></html>\n--b--\n")
	d.once()
	if got := ask[string](d, `SELECT html || text FROM message_body`); got != "The printer burns." {
		t.Errorf("the card shows %q", got)
	}
}

// corpus is what real programs sent over the years.
func corpus(t *testing.T) [][]byte {
	var all [][]byte
	for _, dir := range []string{"mail-parser", "mime4j"} {
		root := filepath.Join("../../../shared/corpora", dir)
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case ".eml", ".msg", ".txt", "":
				raw, err := os.ReadFile(path)
				all = append(all, raw)
				return err
			}
			return nil
		})
		if err != nil && os.Getenv("CI") == "" {
			t.Skip("the corpora are not here")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestEveryMailOfTheCorporaIsATicketOrSeenInQuarantine(t *testing.T) {
	t.Parallel()
	mails := corpus(t)
	d := newDesk(t)
	if err := d.world.Deliver(d.account["support@desk.test"], mails...); err != nil {
		t.Fatal(err)
	}
	d.once()
	t.Logf("%d mails: %s", len(mails), ask[string](d, `SELECT string_agg(state || ' ' || n, ', ') FROM (SELECT state, count(*) n FROM inbound GROUP BY state) s`))
	if n := ask[int](d, `SELECT count(*) FROM inbound`); n != len(mails) {
		t.Errorf("%d of %d mails are in the ledger", n, len(mails))
	}
	if n := ask[int](d, `SELECT count(*) FROM inbound WHERE state IN ('pending','ignored','removed')`); n != 0 {
		t.Errorf("%d are neither", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM inbound WHERE state = 'quarantined'`); n > 0 {
		t.Errorf("in quarantine: %s", ask[string](d, `SELECT string_agg(error, E'\n') FROM inbound WHERE state = 'quarantined'`))
	}
	if n := d.unseen("support@desk.test"); n != 0 {
		t.Errorf("%d are unread", n)
	}
	for i, raw := range mails {
		if len(raw) > 0 && !d.holds(raw) {
			t.Errorf("mail %d: the source is not what came", i)
		}
	}
}

func TestDuplicatesCountOnceAndOtherBytesEach(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 23)
	row.Injected("5 times the same bytes, 5 times other bytes, each under one Message-ID")
	d := newDesk(t)
	for i := range 5 {
		d.deliver(fmt.Sprintf("Received: hop %d\nX-Spam: %d\n", i, i)+letter("a@customer.test", "same@c", "Same", ""), letter("a@customer.test", "other@c", fmt.Sprint("Other ", i), ""))
	}
	d.once()
	if got := ask[string](d, `SELECT count(*) FILTER (WHERE rfc_id = 'same@c') || ' ' || count(*) FILTER (WHERE rfc_id = 'other@c') || ' ' || count(*) FILTER (WHERE flags @> '{same_id}') FROM message`); got != "1 5 4" {
		t.Error(got)
	}
	row.Counted("%d messages of 10 mails", ask[int](d, `SELECT count(*) FROM message`))
	if got := ask[string](d, `SELECT string_agg(state || n, ' ' ORDER BY state) FROM (SELECT state, count(*) n FROM inbound GROUP BY state) s`); got != "duplicate4 ticket6" {
		t.Error(got)
	}
}

func TestAMailThatIsTooLargeIsATicketThatSaysSo(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 19)
	row.Injected("a mail just below the limit and one above")
	d := newDesk(t)
	d.set(`UPDATE parameter SET value = '3000000' WHERE name = 'max_message_bytes'`)
	file := func(n int) string {
		return "Content-Type: application/octet-stream; name=f\nContent-Disposition: attachment\n\n" + strings.Repeat(strings.Repeat("x", 98)+"\n", n/100)
	}
	d.deliver(letter("a@customer.test", "2@c", "Large enough", file(2_900_000)), letter("a@customer.test", "4@c", "Too large", file(4_000_000)))
	d.once()
	row.Counted("%d tickets, %d marked as too large", ask[int](d, `SELECT count(*) FROM ticket`), ask[int](d, `SELECT count(*) FROM message WHERE flags @> '{oversize}'`))
	if got := ask[string](d, `SELECT string_agg(m.subject || ' ' || array_to_string(m.flags, ',') || ' ' || (b.size > 2000000) || ' ' || (i.size > 3000000), '; ' ORDER BY m.subject)
		FROM message m JOIN inbound i ON i.id = m.inbound_id JOIN blob b ON b.id = i.raw_blob_id`); got != "Large enough  true false; Too large oversize false true" {
		t.Error(got)
	}
}

func TestRenumberedMailIsNeitherLostNorDoubled(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 13)
	d := newDesk(t)
	n := 10
	if os.Getenv("FRONTDESK_FAULTS") != "" {
		n = 140
	}
	for i := range n {
		d.deliver(letter("a@customer.test", fmt.Sprint("r", i, "@c"), fmt.Sprint("mail ", i), ""))
		if i%2 == 0 {
			if err := d.world.Renumber(d.account["support@desk.test"]); err != nil {
				t.Fatal(err)
			}
		}
		d.once()
	}
	row.Injected("%d times other numbers", n/2)
	row.Counted("%d mails, %d messages", n, ask[int](d, `SELECT count(*) FROM message`))
	if got := ask[string](d, `SELECT count(*) || ' ' || count(DISTINCT rfc_id) FROM message`); got != fmt.Sprint(n, " ", n) {
		t.Error(got)
	}
	// Within one second Dovecot may come to the same UIDVALIDITY again; then the numbers themselves are used anew.
	t.Logf("%d numberings", ask[int](d, `SELECT count(DISTINCT (epoch, uidvalidity)) FROM inbound`))
}

func TestMailUnreadAgainIsNotTakenTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	raw := letter("a@customer.test", "0@c", "Lamp", "")
	d.deliver(raw)
	d.once()
	if err := d.world.Empty(d.account["support@desk.test"], "INBOX"); err != nil {
		t.Fatal(err)
	}
	d.deliver(raw, raw) // copied back, unread, under new numbers
	d.once()
	if got := ask[string](d, `SELECT string_agg(state, ' ' ORDER BY id) FROM inbound`); got != "ticket duplicate duplicate" {
		t.Error(got)
	}
}

func TestTakeNewLeavesOldMailUnread(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.Take = mailbox.TakeNew })
	d.deliver(letter("a@customer.test", "old@c", "Old", ""))
	d.once()
	d.deliver(letter("a@customer.test", "new@c", "New", ""))
	d.once()
	if got := ask[string](d, `SELECT string_agg(subject, ' ') FROM ticket`); got != "New" {
		t.Error(got)
	}
	if n := d.unseen("support@desk.test"); n != 1 {
		t.Errorf("%d are unread", n)
	}
}

func TestPoisonStopsNobodyAndAPersonDecidesAboutIt(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 17)
	row.Injected("2 mails among 100 that end the parser")
	d := newDesk(t)
	hostile := d.intakeWith(d.db, "parse-child-that-dies")
	for i := range 100 {
		more := ""
		if i%50 == 25 {
			more = "X-Poison: yes\n"
		}
		d.deliver(letter("a@customer.test", fmt.Sprint("p", i, "@c"), fmt.Sprint("mail ", i), more))
	}
	if _, err := hostile.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	for ask[bool](d, `SELECT EXISTS (SELECT FROM inbound WHERE state = 'pending')`) {
		if _, err := hostile.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	row.Counted("%d tickets, %d in quarantine", ask[int](d, `SELECT count(*) FROM ticket`), ask[int](d, `SELECT count(*) FROM inbound WHERE state = 'quarantined'`))
	if got := ask[string](d, `SELECT string_agg(state || n, ' ' ORDER BY state) FROM (SELECT state, count(*) n FROM inbound GROUP BY state) s`); got != "quarantined2 ticket98" {
		t.Fatal(got)
	}
	list, err := inbound.List(t.Context(), d.db, 10)
	if err != nil || len(list) != 2 || list[0].SeemsSubject != "mail 75" || list[0].SeemsFrom != "a@customer.test" || list[0].Reason != inbound.ParseCrashed || list[0].Attempts != 3 {
		t.Fatalf("%+v %v", list, err)
	}
	keeper := agent.Agent{Permissions: []agent.Permission{agent.QuarantineManage}}
	d.set(`INSERT INTO agent (email, name, password_hash, profile_id, created_at) SELECT 'k@desk.test', 'K', '', id, now() FROM profile WHERE key = 'admin'`)
	keeper.ID = ask[int64](d, `SELECT id FROM agent`)
	pgtest.Tx(t, d.db, func(tx *pg.Tx) {
		if err := inbound.TakePlain(t.Context(), tx, keeper, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := inbound.Retry(t.Context(), tx, keeper, list[1].ID); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := d.in.Receive(t.Context()); err != nil { // the child that does not die of it: after an upgrade
		t.Fatal(err)
	}
	if got := ask[string](d, `SELECT string_agg(state || array_to_string(flags, ','), ' ' ORDER BY id) FROM inbound WHERE id IN ($1, $2)`, list[1].ID, list[0].ID); got != "ticket ticketplain" {
		t.Error(got)
	}
}

func TestMailReadElsewhereIsCountedAndTakenOnRequest(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 15)
	row.Injected("a mail marked as read by another program before the poll")
	d := newDesk(t)
	d.deliver(letter("a@customer.test", "0@c", "Taken", ""))
	d.once()
	d.deliver(letter("b@customer.test", "1@c", "Read elsewhere", ""))
	d.read("support@desk.test")
	d.set(`UPDATE inbound_folder SET missed_at = missed_at - interval '1 day', connected_at = connected_at - interval '1 minute'`)
	d.once()
	list, err := inbound.Status(t.Context(), d.db)
	if err != nil || len(list) != 1 || list[0].Missed != 1 || list[0].TakesMissed || list[0].Received != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	d.set(`INSERT INTO agent (email, name, password_hash, profile_id, created_at) SELECT 'k@desk.test', 'K', '', id, now() FROM profile WHERE key = 'admin'`)
	keeper := agent.Agent{ID: ask[int64](d, `SELECT id FROM agent`), Permissions: []agent.Permission{agent.QuarantineManage}}
	pgtest.Tx(t, d.db, func(tx *pg.Tx) {
		if err := inbound.TakeMissed(t.Context(), tx, keeper, list[0].MailboxID); err != nil {
			t.Fatal(err)
		}
	})
	if list, err = inbound.Status(t.Context(), d.db); err != nil || list[0].Missed != 1 || !list[0].TakesMissed {
		t.Errorf("asked for: %+v %v", list, err)
	}
	d.once()
	d.once()
	row.Counted("counted as 1, %d tickets of 2 mails once it was asked for", ask[int](d, `SELECT count(*) FROM ticket`))
	if got := ask[string](d, `SELECT string_agg(subject, ', ' ORDER BY id) || (SELECT missed FROM inbound_folder) FROM ticket`); got != "Taken, Read elsewhere0" {
		t.Error(got)
	}
}
