package web

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"image"
	"image/png"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// things are what the numbers in paths stand for: one of each in one queue. The key is the word of the path before the number.
type things map[string]string

// absent exists nowhere.
var absent = things{"tickets": "999999999", "messages": "999999999", "attachments": "999999999", "outbox": "999999999", "inbound": "999999999",
	"quarantine": "999999999", "missed": "999999999", "reconcile": "999999999", "views": "999999999", "bounce": "999999999", "drafts": "reply", "parts": "pic@x", "name": "a.txt", "bulk": "999999999", "exports": "999999999",
	"files": "999999999"}

// owner is whose alone a kind of thing is: drafts' files, saved views, deeds and exports are for nobody else, whatever they may see. "" when the queue decides.
func (all things) owner(kind string) string {
	switch kind {
	case "files", "views", "bulk":
		return either(all["queue"] == "inbox", insider, boss)
	case "exports":
		return either(all["queue"] == "inbox", boss, manager)
	}
	return ""
}

// ownerOf is whose alone it is what a path leads to.
func (all things) ownerOf(path string) string {
	owner := ""
	parts := strings.Split(path, "/")
	for i, part := range parts[1:] {
		if inPath.MatchString(part) {
			owner = all.owner(parts[i])
		}
	}
	return owner
}

var inPath = regexp.MustCompile(`\{([a-z]+)\}`)

// filled puts the things into a path. A path with a new kind of number fails every test of routes until it is made here.
func filled(t *testing.T, path string, all things) string {
	t.Helper()
	parts := strings.Split(path, "/")
	before := ""
	for i, part := range parts {
		if inPath.MatchString(part) {
			key := before
			switch {
			case key == "inbound" && strings.HasSuffix(path, "/settlement"):
				key = "bounce"
			case strings.HasPrefix(before, "{"):
				key = strings.Trim(part, "{}")
			}
			value, ok := all[key]
			if !ok {
				t.Fatalf("nothing is made for %s in %s: add it to things_test.go", part, path)
			}
			parts[i] = url.PathEscape(value)
		}
		before = part
	}
	return strings.Join(parts, "/")
}

// form is what a POST needs to get as far as its access check, and through it.
func (all things) form(rt route) url.Values {
	f := url.Values{"version": {"1"}, "form_key": {rand.Text()}}
	switch {
	case strings.HasSuffix(rt.path, "/replies"), strings.HasSuffix(rt.path, "/comments"), strings.Contains(rt.path, "/drafts/"):
		f.Set("text", "It has been repaired.")
		f.Set("to", "agnieszka@example.test")
		f.Set("answer", all["messages"])
		f.Set("delay", "30")
		f.Set("version", "1-999999999999") // made when all that is there was seen
	case strings.HasSuffix(rt.path, "/changes"):
		f.Set("subject", "Printer on fire")
	case strings.HasSuffix(rt.path, "/postponement"):
		f.Set("until", fmt.Sprint(time.Now().Add(time.Hour).Unix()))
	case rt.path == "/tickets/bulk":
		f.Set("ticket", all["tickets"])
		f.Set("star", "1")
	case rt.path == "/me/columns":
		f["order"], f["show"] = []string{"status", "subject"}, []string{"status"}
	case rt.path == "/views", rt.path == "/views/{view}":
		f.Set("list", "view=all&q=is:unread")
		f.Set("name", "Unread ones")
	case rt.path == "/exports":
		f.Set("list", "view=all&q=status:new")
	case strings.HasSuffix(rt.path, "/seen"):
		f.Set("message", all["messages"])
	}
	return f
}

// made puts one of everything into a queue: a ticket with a mail that was too large and has a picture and a file, a letter that failed, a delivery report that
// fits no letter, a mail in quarantine.
func made(t *testing.T, db *pg.DB, queue int64) things {
	t.Helper()
	ctx := t.Context()
	ticket := newTicket(t, db, queue)
	all := things{"tickets": fmt.Sprint(ticket), "drafts": "reply", "parts": "pic@x", "name": "a.txt", "queue": "second"}
	if queue == inbox(t, db) {
		all["queue"] = "inbox"
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		one := func(sql string, args ...any) int64 {
			t.Helper()
			id, err := pg.One[int64](ctx, tx, sql, args...)
			must(t, err)
			return id
		}
		name := fmt.Sprintf("box%d", ticket)
		mailbox := one(`
			INSERT INTO mailbox (name, address, imap_host, imap_port, imap_tls, imap_user, smtp_host, smtp_port, smtp_tls, smtp_user, secret, queue_id, created_at)
			VALUES ($1, $1 || '@desk.test', 'h', 1, 'implicit', 'u', 'h', 1, 'implicit', 'u', '', $2, $3) RETURNING id`, name, queue, tx.Now)
		one(`UPDATE queue SET mailbox_id = COALESCE(mailbox_id, $1) WHERE id = $2 RETURNING id`, mailbox, queue)
		raw := stored(t, tx, []byte("From: a@example.test\r\nMessage-ID: <"+name+"@x>\r\n\r\nHello\r\n"))
		var picture bytes.Buffer
		must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 1, 1))))
		inbound := func(uid int, state, reason string) int64 {
			return one(`
				INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, state, reason, try_at, settled_at)
				VALUES ($1, 'INBOX', 1, 1, $2, 50, $3, $3, $4, $5, $6, $7, $3, $3) RETURNING id`, mailbox, uid, tx.Now, raw, []byte(rand.Text()), state, reason)
		}
		mail := inbound(1, "ticket", "")
		message := one(`
			INSERT INTO message (ticket_id, kind, at, mailbox_id, from_address, to_list, rfc_id, inbound_id, flags)
			VALUES ($1, 'in', $2, $3, 'agnieszka@example.test', '{desk@desk.test}', $4, $5, '{oversize}') RETURNING id`, ticket, tx.Now, mailbox, name+"@x", mail)
		one(`UPDATE inbound SET ticket_id = $1, message_id = $2, flags = '{oversize}' WHERE id = $3 RETURNING id`, ticket, message, mail)
		one(`INSERT INTO message_body (message_id, text, html) VALUES ($1, 'Hello', '<p>Hello <img src="cid:pic@x"></p>') RETURNING message_id`, message)
		one(`INSERT INTO ticket_participant (ticket_id, address, role, since) VALUES ($1, 'agnieszka@example.test', 'requester', $2) RETURNING ticket_id`, ticket, tx.Now)
		file := `INSERT INTO message_file (message_id, blob_id, name, type, size, content_id, inline, position) VALUES ($1, $2, $3, 'text/plain', 5, $4, $5, $6) RETURNING id`
		one(file, message, stored(t, tx, picture.Bytes()), "pic.png", "pic@x", true, 1)
		all["attachments"] = fmt.Sprint(one(file, message, stored(t, tx, []byte("hello")), "a.txt", "", false, 2))
		answer := one(`
			INSERT INTO message (ticket_id, kind, at, mailbox_id, from_address, rfc_id) VALUES ($1, 'out', $2, $3, 'desk@desk.test', $4) RETURNING id`,
			ticket, tx.Now, mailbox, "o."+name+"@x")
		one(`INSERT INTO message_body (message_id, text) VALUES ($1, 'Thank you') RETURNING message_id`, answer)
		letter := one(`
			INSERT INTO outbox (ticket_id, message_id, mailbox_id, rfc_id, state, send_after, raw_blob_id, trouble, trouble_at, code, text, created_at, settled_at)
			VALUES ($1, $2, $3, $4, 'failed', $5, $6, true, $5, 550, 'no', $5, $5) RETURNING id`, ticket, answer, mailbox, "o."+name+"@x", tx.Now, raw)
		one(`INSERT INTO outbox_recipient (outbox_id, address, kind, position, state) VALUES ($1, 'agnieszka@example.test', 'to', 1, 'refused') RETURNING outbox_id`, letter)
		report := inbound(2, "bounce", "")
		all["bounce"] = fmt.Sprint(one(`INSERT INTO bounce (inbound_id, at) VALUES ($1, $2) RETURNING id`, report, tx.Now))
		all["missed"], all["reconcile"] = fmt.Sprint(mailbox), fmt.Sprint(mailbox)
		all["bulk"] = fmt.Sprint(one(`
			INSERT INTO event (at, by_agent, subject_kind, subject_id, kind, data)
			SELECT $1, a.id, 'agent', a.id, 'bulk_done', jsonb_build_object('reason', 'star', 'tickets', jsonb_build_array($2::bigint), 'tally', '{"done": 1}'::jsonb)
			FROM agent a WHERE a.email = $3 RETURNING id`, tx.Now, ticket, all.owner("bulk")))
		all["views"] = fmt.Sprint(one(`
			INSERT INTO saved_view (agent_id, name, base, query, ordered, changed_at)
			SELECT a.id, 'Unread', 'all', 'is:unread', 'changed', $1 FROM agent a WHERE a.email = $2 RETURNING id`, tx.Now, all.owner("views")))
		all["exports"] = fmt.Sprint(one(`
			INSERT INTO export (agent_id, name, view, asked_at, try_at, state, total, done, queues, blob_id, size, finished_at)
			SELECT a.id, 'All tickets', 'all', $1, $1, 'ready', 1, 1, ARRAY[$2::bigint], $3, 5, $1 FROM agent a WHERE a.email = $4 RETURNING id`,
			tx.Now, queue, stored(t, tx, []byte("hello")), all.owner("exports")))
		one(`
			INSERT INTO draft (agent_id, ticket_id, kind, fields, changed_at)
			SELECT a.id, $1, 'reply', '{"text": "Well"}', $2 FROM agent a WHERE a.email = $3 RETURNING ticket_id`, ticket, tx.Now, all.owner("files"))
		all["files"] = fmt.Sprint(one(`
			INSERT INTO draft_file (agent_id, ticket_id, kind, blob_id, name, type, size, created_at)
			SELECT agent_id, ticket_id, kind, $2, 'draft.txt', 'text/plain', 5, $3 FROM draft WHERE ticket_id = $1 RETURNING id`, ticket, stored(t, tx, []byte("draft")), tx.Now))
		all["quarantine"] = fmt.Sprint(inbound(3, "quarantined", "refused"))
		all["messages"], all["outbox"], all["inbound"] = fmt.Sprint(message), fmt.Sprint(letter), fmt.Sprint(report)
	})
	return all
}

func stored(t *testing.T, tx *pg.Tx, b []byte) int64 {
	t.Helper()
	id, err := blob.Put(t.Context(), tx, blob.Bytes(b))
	must(t, err)
	return id
}
