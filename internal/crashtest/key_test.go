package crashtest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/app"
	"frontdesk/internal/config"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/internal/pg/pgtest"
)

// TestRepliesToLettersOfARotatedKeyFindTheirTicket lets the seal alone name the ticket: the customer's server wrote the Message-ID in other letters.
func TestRepliesToLettersOfARotatedKeyFindTheirTicket(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	h := openHouse(t, matrix.Of(t), func() string { return url }, "FRONTDESK_DATABASE_URL="+url, "FRONTDESK_DATA_DIR="+t.TempDir())
	rfcID := mail.NewMessageID(h.keys().MessageID(), "desk.test")
	h.tx(func(tx *pg.Tx) {
		for _, sql := range []string{
			`INSERT INTO message (ticket_id, kind, at, from_address, subject, rfc_id) SELECT id, 'out', created_at, 'support@desk.test', 'Printer', $1 FROM ticket`,
			`INSERT INTO ticket_participant (ticket_id, address, role, since) SELECT id, 'alice@customer.test', 'requester', created_at FROM ticket WHERE $1 <> ''`,
		} {
			_, err := pg.Exec(t.Context(), tx, sql, rfcID)
			h.ok(err)
		}
	})
	next := config.GenerateKeys()
	h.rotate(next)
	until(t, "the end of the server with the old key", h.over)
	if h.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(h.log(), "the secret key was rotated") {
		t.Errorf("it ended with %v: %s", h.cmd.ProcessState, h.log())
	}
	h.env = append(h.env, "FRONTDESK_SECRET_KEY="+next.Secret())
	h.flusher = spawn(t, "serve", h.env...)
	h.ready("the start with the new key")
	h.ok(h.world.Deliver(intakeAccount, fmt.Appendf(nil, "From: alice@customer.test\r\nTo: %s\r\nSubject: It works\r\nMessage-ID: <1@customer.test>\r\nIn-Reply-To: <%s>\r\n\r\nThanks.\r\n",
		intakeAccount, strings.ToUpper(rfcID))))
	until(t, "the reply", func() bool { return h.ask(`SELECT count(*) FROM inbound WHERE state <> 'pending'`) == 1 })
	if n := h.ask(`SELECT count(*) FROM inbound i JOIN ticket t ON t.id = i.ticket_id WHERE i.state = 'reply' AND t.subject = 'Printer'`); n != 1 {
		t.Error("the reply did not find its ticket")
	}
	h.stop()
}

// rotate does what frontdesk key rotate does, with the key of the environment.
func (h *house) rotate(next config.Keys) {
	h.Helper()
	cfg, err := config.Read(h.env)
	h.ok(err)
	d, err := app.Open(h.Context(), cfg, pgembed.Command)
	h.ok(err)
	defer d.Close()
	n, err := d.RotateKey(h.Context(), next)
	h.ok(err)
	if n != 1 {
		h.Errorf("%d passwords were sealed anew", n)
	}
}

// TestMailboxPasswordStandsNowhere uses two passwords, one that the servers take and one that they refuse, and looks for them in everything that
// leaves the process: the database as text, the log at its most talkative, every page an administrator can reach by links.
func TestMailboxPasswordStandsNowhere(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	h := openHouse(t, matrix.Of(t), func() string { return url }, "FRONTDESK_DATABASE_URL="+url, "FRONTDESK_DATA_DIR="+t.TempDir(), "FRONTDESK_LOG=debug")
	const good, wrong = mailboxPassword, "canary-budgerigar-0815"
	h.work(2)
	h.idle(2)
	h.password(wrong)
	until(t, "the refusal", func() bool { return h.ask(`SELECT count(*) FROM mailbox WHERE last_error <> ''`) == 1 })
	pages := h.crawl()
	h.rotate(config.GenerateKeys())
	until(t, "the end of the server", h.over)
	for name, text := range map[string]string{"the database": dump(t, url), "the log": h.log(), "the pages": pages} {
		for _, canary := range []string{good, wrong} {
			if spelled(text, canary) {
				t.Errorf("%s holds the password %s", name, canary)
			}
		}
	}
	if !spelled(dump(t, url), "Message-ID: <serial.1@customer.test>") || !strings.Contains(pages, "serial 1") || !strings.Contains(pages, "Support") || !strings.Contains(h.log(), "level=") {
		t.Error("the search would find nothing")
	}
}

// password gives the mailbox another, as a command would.
func (h *house) password(p mailbox.Secret) {
	h.Helper()
	seal, err := mailbox.NewSealer(h.keys().Seal())
	h.ok(err)
	h.tx(func(tx *pg.Tx) {
		m, err := mailbox.ByName(h.Context(), tx, "Support")
		h.ok(err)
		h.ok(mailbox.Change(h.Context(), tx, agent.Agent{}, m, p, seal))
	})
}

// dump is the whole database as pg_dump prints it.
func dump(t *testing.T, url string) string {
	t.Helper()
	c, err := pgembed.FindClient(pgembed.Options{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd, err := c.Command(t.Context(), url, "pg_dump")
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	return string(out)
}

// spelled tells whether a text holds a word, as it is, in hex or in base64 at any of its three offsets.
func spelled(text, word string) bool {
	forms := []string{word, hex.EncodeToString([]byte(word))}
	for offset := range 3 {
		code := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat(" ", offset) + word))
		forms = append(forms, code[(offset*8+5)/6:(offset+len(word))*8/6]) // the characters that only the word decides
	}
	return slices.ContainsFunc(forms, func(f string) bool { return strings.Contains(text, f) })
}

var link = regexp.MustCompile(`(?:href|src)="(/[^"#]*)`)

// crawl follows the links of every page from the list on and returns what they all say. Of a page that is asked for in many ways it takes three.
func (h *house) crawl() string {
	h.Helper()
	var all strings.Builder
	todo, seen, ways := []string{"/tickets"}, map[string]bool{}, map[string]int{}
	for ; len(todo) > 0; todo = todo[1:] {
		page, _, _ := strings.Cut(todo[0], "?")
		if seen[todo[0]] || ways[page] == 3 || strings.HasPrefix(page, "/static/") {
			continue
		}
		seen[todo[0]] = true
		ways[page]++
		_, body, _ := h.get(todo[0])
		all.WriteString(body)
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			todo = append(todo, html.UnescapeString(m[1]))
		}
	}
	h.Logf("%d pages: %v", len(seen), slices.Sorted(maps.Keys(ways)))
	return all.String()
}
