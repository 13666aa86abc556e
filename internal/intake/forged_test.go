package intake_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// victimDesk has a ticket of the victim with a letter of ours in it, and one of another customer in another queue.
func victimDesk(t *testing.T) (d *desk, ourID string) {
	d = newDesk(t)
	second := ask[int64](d, `INSERT INTO queue (name, calendar_id, default_priority_id) SELECT 'Sales', calendar_id, default_priority_id FROM queue WHERE key = 'inbox' RETURNING id`)
	d.mailbox("sales@desk.test", func(m *mailbox.Mailbox) { m.AuthHost, m.QueueID = "mx.desk.test", second })
	ourID = mail.NewMessageID(idKey, "desk.test")
	d.deliver(letter("Victim <victim@customer.test>", "question@customer.test", "Secret matter", "Cc: partner@customer.test\n"))
	d.deliverTo("sales@desk.test", letter("other@elsewhere.test", "other@elsewhere.test", "Other matter", ""))
	d.once()
	pgtest.Tx(t, d.db, func(tx *pg.Tx) {
		_, err := pg.Exec(t.Context(), tx, `
			WITH a AS (INSERT INTO agent (email, name, password_hash, profile_id, created_at) SELECT 'agent@desk.test', 'Agent', '', id, $1 FROM profile WHERE key = 'admin' RETURNING id),
			m AS (INSERT INTO message (ticket_id, kind, at, author_id, mailbox_id, rfc_id)
				SELECT ticket.id, 'out', $1, a.id, mailbox_id, $2 FROM ticket, a WHERE requester = 'victim@customer.test' RETURNING id, ticket_id, mailbox_id)
			INSERT INTO outbox (ticket_id, message_id, mailbox_id, rfc_id, send_after, state, created_at) SELECT ticket_id, id, mailbox_id, $2, $1, 'sent', $1 FROM m`, tx.Now, ourID)
		if err != nil {
			t.Fatal(err)
		}
	})
	return d, ourID
}

// forgery is a mail that claims something; each is named by its trick.
type forgery struct {
	trick, from, subject, more string

	to    string // a mailbox other than support@
	raw   string // the whole mail, when the trick is not in From, subject or further fields
	state string // what becomes of it, "ticket" when it says nothing
}

// TestForgedMailGetsNowhere sends them all (RELIABILITY 4, C8): none is taken for an agent's, none gets into a ticket its sender takes no part in,
// nothing is sent on, and the tickets they name stay as they were.
func TestForgedMailGetsNowhere(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	number := ask[int64](d, `SELECT id FROM ticket WHERE requester = 'victim@customer.test'`)
	other := ask[int64](d, `SELECT id FROM ticket WHERE requester = 'other@elsewhere.test'`)
	all := forgeries(ourID, number, other)
	tricks := map[string]bool{}
	for _, f := range all {
		tricks[f.trick] = true
	}
	if len(tricks) != len(all) || len(all) < 40 {
		t.Fatalf("%d forged mails by %d tricks", len(all), len(tricks))
	}
	before, last := footprint(d, number, other), ask[int64](d, `SELECT max(id) FROM inbound`)
	for i, f := range all {
		raw := f.raw
		if raw == "" {
			raw = letter(f.from, fmt.Sprintf("forged%d@evil.test", i), f.subject, f.more)
		}
		at := "support@desk.test"
		if f.to != "" {
			at = f.to
		}
		raw = strings.ReplaceAll(raw, "eve@evil.test", fmt.Sprintf("eve%d@evil.test", i)) // so that none hides in the ticket of another
		d.deliverTo(at, fmt.Sprintf("X-Trick: %d\n%s", i, raw))
	}
	d.once()
	landed, err := pg.List[struct {
		Trick, State, Sender, Requester string
		Ticket                          int64
		Agents                          bool
		Flags                           []string
	}](t.Context(), d.db, `
		SELECT substring(convert_from(c.bytes, 'LATIN1') FROM 'X-Trick: ([0-9]+)') AS trick, i.state, COALESCE(m.from_address, '') AS sender,
			COALESCE(t.requester, '') AS requester, COALESCE(i.ticket_id, 0) AS ticket, COALESCE(m.author_id IS NOT NULL OR m.kind <> 'in', false) AS agents,
			COALESCE(m.flags, '{}') AS flags
		FROM inbound i JOIN blob_chunk c ON c.blob_id = i.raw_blob_id AND c.n = 0
			LEFT JOIN message m ON m.id = i.message_id AND m.kind = 'in' LEFT JOIN ticket t ON t.id = i.ticket_id
		WHERE i.id > $1 ORDER BY i.id`, last)
	if err != nil || len(landed) != len(all) {
		t.Fatalf("%d of %d came in: %v", len(landed), len(all), err)
	}
	for _, l := range landed {
		n, err := strconv.Atoi(l.Trick)
		if err != nil {
			t.Fatal(err)
		}
		f := all[n]
		want := f.state
		if want == "" {
			want = "ticket"
		}
		if l.State != want && (l.State != "reply" || want != "ticket") {
			t.Errorf("%s: %s, want %s", f.trick, l.State, want)
		}
		// Whoever forges may go on in the tickets they opened themselves, and nowhere else.
		if l.Ticket == number || l.Ticket == other || l.Sender != l.Requester {
			t.Errorf("%s: from %q it got into ticket %d of %q", f.trick, l.Sender, l.Ticket, l.Requester)
		}
		if l.Agents {
			t.Errorf("%s: taken for an agent's", f.trick)
		}
		if strings.HasSuffix(l.Sender, "@desk.test") && (!slices.Contains(l.Flags, "our_address") || !slices.Contains(l.Flags, "forged")) {
			t.Errorf("%s: from an address of ours without a warning: %v", f.trick, l.Flags)
		}
	}
	if diff := cmp.Diff(before, footprint(d, number, other)); diff != "" {
		t.Errorf("the tickets they named changed: %s", diff)
	}
	if n := ask[int](d, `SELECT count(*) FROM outbox WHERE rfc_id <> $1`, ourID); n != 0 {
		t.Errorf("%d letters went out", n)
	}
	if n := ask[int](d, `
		SELECT count(*) FROM ticket t JOIN status s ON s.id = t.status_id JOIN queue q ON q.id = t.queue_id
		WHERE t.id NOT IN ($1, $2) AND (s.key <> 'new' OR t.assignee_id IS NOT NULL OR t.priority_id <> q.default_priority_id OR t.tag_ids <> '{}')`, number, other); n != 0 {
		t.Errorf("%d new tickets are as a header wanted them", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM ticket_link WHERE reason = 'unknown_sender' AND ticket_id = $1`, number); n < 15 {
		t.Errorf("%d new tickets are linked to the one they named", n)
	}
}

// footprint is all that stands in tickets, but for the links that lead away from them.
func footprint(d *desk, tickets ...int64) (all []string) {
	d.t.Helper()
	for _, sql := range []string{
		`SELECT (to_jsonb(t) - 'changed_at' - 'version')::text FROM ticket t WHERE id = ANY($1) ORDER BY id`,
		`SELECT x::text FROM ticket_participant x WHERE ticket_id = ANY($1) ORDER BY 1`, `SELECT x::text FROM message x WHERE ticket_id = ANY($1) ORDER BY 1`,
		`SELECT x::text FROM ticket_clock x WHERE ticket_id = ANY($1) ORDER BY 1`, `SELECT x::text FROM outbox x WHERE ticket_id = ANY($1) ORDER BY 1`,
		`SELECT x::text FROM ticket_observer x WHERE ticket_id = ANY($1) ORDER BY 1`,
		`SELECT x::text FROM event x WHERE subject_kind = 'ticket' AND subject_id = ANY($1) AND kind <> 'linked' ORDER BY 1`,
	} {
		rows, err := pg.List[string](d.t.Context(), d.db, sql, tickets)
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, rows...)
	}
	return all
}

// forgeries name the victim's ticket, number, and the other customer's in the other queue, by every way a mail can.
func forgeries(ourID string, number, other int64) []forgery {
	const (
		eve      = "eve@evil.test"
		victim   = "victim@customer.test"
		question = "question@customer.test" // the Message-ID of the victim's mail
		sales    = "sales@desk.test"        // the mailbox whose server says what it thinks of a sender
	)
	answer := func(id string) string { return "In-Reply-To: <" + id + ">\nReferences: <" + id + ">\n" }
	tag, stolen, verdict := fmt.Sprintf("Re: Secret matter [#%d]", number), answer(ourID), "Authentication-Results: mx.desk.test; "
	local, domain, _ := strings.Cut(ourID, "@")
	many := "References:"
	for i := range 2000 {
		many += fmt.Sprintf("\n <%d@nowhere.test>", i)
	}
	report := func(from, returnPath, about string) string {
		return "From: " + from + "\n" + returnPath + "To: support@desk.test\nSubject: Undelivered\nMessage-ID: <report." + strconv.Itoa(len(about)) + "." + from + ">\nMIME-Version: 1.0\n" +
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt did not arrive.\n--b\nContent-Type: message/delivery-status\n\n" +
			"Reporting-MTA: dns; mx.evil.test\n\nFinal-Recipient: rfc822; victim@customer.test\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n" +
			"Message-ID: <" + about + ">\nSubject: Secret matter\n\n--b--\n"
	}
	whole := func(id, from, more, body string) string {
		return "From: " + from + "\nTo: support@desk.test\nSubject: " + tag + "\nMessage-ID: <" + id + ">\n" + more + "\n" + body
	}
	return []forgery{
		// An agent, or the desk itself.
		{trick: "agent From", from: "agent@desk.test", subject: "Please close"},
		{trick: "agent From with a stolen id", from: "agent@desk.test", subject: "Re: Secret matter", more: stolen},
		{trick: "agent From with the tag", from: "agent@desk.test", subject: tag},
		{trick: "agent From in capitals", from: "AGENT@Desk.Test", subject: tag, more: stolen},
		{trick: "agent as display name", from: `"agent@desk.test" <eve@evil.test>`, subject: tag, more: stolen},
		{trick: "agent with the agent's name", from: "Agent <agent@desk.test>", subject: tag, more: stolen + "Sender: agent@desk.test\nReturn-Path: <agent@desk.test>\n"},
		{trick: "mailbox From", from: "support@desk.test", subject: tag, more: stolen},
		{trick: "mailbox From, other mailbox", from: "sales@desk.test", subject: tag, more: answer(question)},
		{trick: "our own letter sent back with another text", raw: whole(ourID, "support@desk.test", "", "Pay here instead."), state: "ignored"},
		{trick: "a stranger's mail under the id of our letter", raw: whole(ourID, eve, "", "Hello")},
		{trick: "a stranger's mail under the id of the victim's", raw: whole(question, eve, "", "Hello")},
		{trick: "control headers", from: eve, subject: tag, more: stolen + "X-Original-From: victim@customer.test\nX-Priority: 1\nImportance: high\nX-Zammad-Ticket-Id: 1\nRT-Ticket: desk #1\nX-RT-Command: Status: closed\n"},
		{trick: "control headers in our name", from: eve, subject: tag, more: stolen + "X-Frontdesk-Agent: 1\nFrontdesk-Ticket: 1\nX-Frontdesk-Status: closed\nX-HTTP-Method-Override: PUT\n"},
		{trick: "commands in the text", raw: whole("commands@evil.test", "agent@desk.test", "", "#close\nStatus: closed\nOwner: agent@desk.test\n%priority: urgent\n/assign agent@desk.test\n")},

		// A stranger who knows an id or the number.
		{trick: "stranger with our id", from: eve, subject: "Re: Secret matter", more: stolen},
		{trick: "stranger with the customer's id", from: eve, subject: "Re: Secret matter", more: answer(question)},
		{trick: "stranger with the tag", from: eve, subject: tag},
		{trick: "stranger with everything", from: eve, subject: tag, more: stolen},
		{trick: "stranger, our id in capitals", from: eve, subject: tag, more: answer(strings.ToUpper(ourID))},
		{trick: "stranger, id without brackets", from: eve, subject: "Re", more: "In-Reply-To: " + ourID + "\n"},
		{trick: "stranger, id in a comment", from: eve, subject: "Re", more: "In-Reply-To: (about <" + ourID + ">) <x@evil.test>\n"},
		{trick: "stranger, Thread-Index", from: eve, subject: "Re: Secret matter", more: "Thread-Topic: Secret matter\nThread-Index: AQHZ\n"},
		{trick: "stranger, Resent-Message-ID", from: eve, subject: "Fwd: Secret matter", more: "Resent-Message-ID: <" + ourID + ">\n"},
		{trick: "tag in an encoded word", from: eve, subject: fmt.Sprintf("=?utf-8?q?Re=3A_=5B=23%d=5D?=", number)},
		{trick: "two tags", from: eve, subject: fmt.Sprintf("Re: [#%d] [#%d]", number, other)},
		{trick: "2,000 references", from: eve, subject: "Re: Secret matter", more: many + "\n <" + ourID + ">\n"},
		{trick: "2,000 references behind the stolen one", from: eve, subject: "Re: Secret matter", more: strings.Replace(many, "References:", "References: <"+ourID+">", 1) + "\n"},
		{trick: "Cc the victim", from: eve, subject: tag, more: stolen + "Cc: victim@customer.test\n"},
		{trick: "list post", from: eve, subject: tag, more: stolen + "List-Id: <customer.test>\nX-BeenThere: victim@customer.test\n"},

		// Seals.
		{trick: "seal cut off", from: eve, subject: tag, more: answer(local[:len(local)-1] + "@" + domain)},
		{trick: "seal wrong", from: eve, subject: tag, more: answer(local[:len(local)-4] + "aaaa@" + domain)},
		{trick: "seal missing", from: eve, subject: tag, more: answer("o.abc@" + domain)},
		{trick: "seal of another desk", from: "other@elsewhere.test", subject: "Re: Secret matter", more: answer(mail.NewMessageID([]byte("the key of another desk"), domain))},
		{trick: "our seal under another domain", from: "other@elsewhere.test", subject: "Re: Secret matter", more: answer(local + "@evil.test")},
		{trick: "old format", from: eve, subject: tag, more: answer(fmt.Sprintf("ticket-%d@desk.test", number))},
		{trick: "number as id", from: eve, subject: "Re", more: answer(fmt.Sprint(number, "@desk.test"))},

		// The customer of one ticket at the door of another.
		{trick: "customer of another ticket", from: "other@elsewhere.test", subject: tag, more: stolen},
		{trick: "id of another queue's ticket", from: victim, subject: "Re: Other matter", more: answer("other@elsewhere.test")},
		{trick: "tag of another queue's ticket", from: victim, subject: fmt.Sprintf("Re: Other matter [#%d]", other)},
		{trick: "partner at another ticket", from: "partner@customer.test", subject: fmt.Sprintf("[#%d]", other), more: answer("other@elsewhere.test")},

		// Whose From is it?
		{trick: "two From, victim first", from: "victim@customer.test\nFrom: eve@evil.test", subject: tag, more: stolen},
		{trick: "two From, victim last", from: "eve@evil.test\nFrom: victim@customer.test", subject: tag, more: stolen},
		{trick: "two From, one in capitals", from: "victim@customer.test\nFROM: eve@evil.test", subject: tag, more: stolen},
		{trick: "two From, a blank before the colon", from: "victim@customer.test\nFrom : eve@evil.test", subject: tag, more: stolen},
		{trick: "two addresses, victim first", from: "victim@customer.test, eve@evil.test", subject: tag, more: stolen},
		{trick: "two addresses, victim last", from: "eve@evil.test, victim@customer.test", subject: tag, more: stolen},
		{trick: "two addresses without a comma", from: "<victim@customer.test> <eve@evil.test>", subject: tag, more: stolen},
		{trick: "two addresses, folded", from: "victim@customer.test,\n eve@evil.test", subject: tag, more: stolen},
		{trick: "two addresses, semicolon", from: "victim@customer.test; eve@evil.test", subject: tag, more: stolen},
		{trick: "group syntax", from: "Friends: victim@customer.test, eve@evil.test;\nFrom: eve@evil.test", subject: tag, more: stolen},
		{trick: "group of two", from: "Friends: victim@customer.test, eve@evil.test;", subject: tag, more: stolen},
		{trick: "empty group", from: "undisclosed:;", subject: tag, more: stolen},
		{trick: "no From", subject: tag, more: stolen},
		{trick: "victim as display name", from: `"victim@customer.test" <eve@evil.test>`, subject: tag, more: stolen},
		{trick: "victim as display name, bare", from: "victim@customer.test <eve@evil.test>", subject: tag, more: stolen},
		{trick: "victim behind the brackets", from: "<eve@evil.test> victim@customer.test", subject: tag, more: stolen},
		{trick: "two addresses in the brackets", from: "<eve@evil.test victim@customer.test>", subject: tag, more: stolen},
		{trick: "two addresses in words", from: "victim@customer.test eve@evil.test", subject: tag, more: stolen},
		{trick: "victim with a word glued to the brackets", from: "<victim@customer.test>eve@evil.test", subject: tag, more: stolen},
		{trick: "brackets that never close", from: "eve@evil.test <victim@customer.test", subject: tag, more: stolen},
		{trick: "brackets behind an address", from: "eve@evil.test <victim@customer.test>", subject: tag, more: stolen},
		{trick: "an encoded local part, then the victim", from: "=?utf-8?q?eve?=@evil.test victim@customer.test", subject: tag, more: stolen},
		{trick: "a quoted address, then the victim without brackets", from: `"eve@evil.test" victim@customer.test`, subject: tag, more: stolen},
		{trick: "a group named like an address", from: "eve@evil.test:victim@customer.test;", subject: tag, more: stolen},
		{trick: "brackets in a comment", from: "Eve <eve@evil.test (<victim@customer.test>)>", subject: tag, more: stolen},
		{trick: "a route", from: "<@evil.test:victim@customer.test>", subject: tag, more: stolen},
		{trick: "an address in quotes alone", from: `"victim@customer.test"`, subject: tag, more: stolen},
		{trick: "brackets in a quoted name", from: `"Victim <victim@customer.test>" <eve@evil.test>`, subject: tag, more: stolen},
		{trick: "a quote that never ends", from: `"Victim <victim@customer.test> <eve@evil.test>`, subject: tag, more: stolen},
		{trick: "victim in a comment", from: "eve@evil.test (victim@customer.test)", subject: tag, more: stolen},
		{trick: "a comment in the address", from: "eve(victim@customer.test)@evil.test", subject: tag, more: stolen},
		{trick: "victim in an encoded word", from: "=?utf-8?q?victim=40customer.test?= <eve@evil.test>", subject: tag, more: stolen},
		{trick: "address in an encoded word", from: "=?utf-8?q?Victim_=3Cvictim=40customer.test=3E?= <eve@evil.test>", subject: tag, more: stolen},
		{trick: "an encoded word alone", from: "=?utf-8?q?victim=40customer.test?=", subject: tag, more: stolen},
		{trick: "an encoded word in the brackets", from: "Victim <=?utf-8?q?victim=40customer.test?=>", subject: tag, more: stolen},
		{trick: "an encoded word as local part", from: "=?utf-8?q?victim?=@customer.test", subject: tag, more: stolen},
		{trick: "an encoded word as domain", from: "victim@=?utf-8?q?customer.test?=", subject: tag, more: stolen},
		{trick: "an encoded word with a NUL", from: "=?utf-8?q?victim=40customer.test=00?= <eve@evil.test>", subject: tag, more: stolen},
		{trick: "an encoded word with line ends", from: "=?utf-8?q?x=0D=0AFrom=3A_victim=40customer.test?= <eve@evil.test>", subject: tag, more: stolen},
		{trick: "UTF-7", from: "=?utf-7?q?victim+AEA-customer.test?= <eve@evil.test>", subject: tag, more: stolen},
		{trick: "quoted local part", from: `"victim@customer.test"@evil.test`, subject: tag, more: stolen},
		{trick: "percent", from: "victim%customer.test@evil.test", subject: tag, more: stolen},
		{trick: "bang path", from: "customer.test!victim@evil.test", subject: tag, more: stolen},
		{trick: "a domain that goes on", from: "<victim@customer.test\n .evil.test>", subject: tag, more: stolen},
		{trick: "a blank in the domain", from: "<victim@customer.test evil.test>", subject: tag, more: stolen},
		{trick: "victim's subdomain", from: "victim@customer.test.evil.test", subject: tag, more: stolen},
		{trick: "victim with plus", from: "victim+x@customer.test", subject: tag, more: stolen},
		{trick: "victim with a NUL behind", from: "victim@customer.test\x00.evil.test", subject: tag, more: stolen},
		{trick: "victim with a NUL within", from: "victim@customer\x00.test", subject: tag, more: stolen},
		{trick: "victim with a NUL in the local part", from: "vic\x00tim@customer.test", subject: tag, more: stolen},

		// What only looks like the victim's domain, or becomes it when spelling is made even.
		{trick: "Cyrillic letter", from: "victim@custоmer.test", subject: tag, more: stolen},
		{trick: "Cyrillic letter, punycode", from: "victim@xn--custmer-c7f.test", subject: tag, more: stolen},
		{trick: "full-width letter", from: "victim@ｃustomer.test", subject: tag, more: stolen},
		{trick: "full-width at", from: "victim＠customer.test", subject: tag, more: stolen},
		{trick: "ideographic full stop", from: "victim@customer。test", subject: tag, more: stolen},
		{trick: "long s", from: "victim@cuſtomer.test", subject: tag, more: stolen},
		{trick: "soft hyphen", from: "victim@cus\u00adtomer.test", subject: tag, more: stolen},
		{trick: "zero-width blank in the domain", from: "victim@cus\u200btomer.test", subject: tag, more: stolen},
		{trick: "zero-width blank in the local part", from: "vic\u200btim@customer.test", subject: tag, more: stolen},
		{trick: "direction turned round", from: "victim@customer.test\u202e", subject: tag, more: stolen},
		{trick: "overlong UTF-8", from: "victim\xc1\x80customer.test", subject: tag, more: stolen},

		// Other fields with an address.
		{trick: "Reply-To the mailbox", from: eve, subject: tag, more: stolen + "Reply-To: support@desk.test\n"},
		{trick: "Reply-To the victim", from: eve, subject: tag, more: stolen + "Reply-To: victim@customer.test\n"},
		{trick: "Reply-To an agent", from: eve, subject: tag, more: stolen + "Reply-To: agent@desk.test\n"},
		{trick: "Sender the victim", from: eve, subject: tag, more: stolen + "Sender: victim@customer.test\n"},
		{trick: "Return-Path the victim", from: eve, subject: tag, more: "Return-Path: <victim@customer.test>\n" + stolen},
		{trick: "no From, Sender the victim", raw: "Sender: victim@customer.test\nSubject: " + tag + "\nMessage-ID: <sender@evil.test>\n" + stolen + "\nHello\n"},
		{trick: "no From, Reply-To the victim", raw: "Reply-To: victim@customer.test\nSubject: " + tag + "\nMessage-ID: <replyto@evil.test>\n" + stolen + "\nHello\n"},
		{trick: "no From, Return-Path the victim", raw: "Return-Path: <victim@customer.test>\nSubject: " + tag + "\nMessage-ID: <returnpath@evil.test>\n" + stolen + "\nHello\n"},
		{trick: "From without an address, Sender the victim", from: "Undisclosed:;\nSender: victim@customer.test", subject: tag, more: stolen},
		{trick: "Resent-From the victim", from: eve, subject: tag, more: stolen + "Resent-From: victim@customer.test\n"},
		{trick: "X-Sender and X-Google-Original-From", from: eve, subject: tag, more: stolen + "X-Sender: victim@customer.test\nX-Google-Original-From: victim@customer.test\nX-Envelope-From: victim@customer.test\n"},
		{trick: "a receipt wanted", from: eve, subject: tag, more: stolen + "Disposition-Notification-To: everybody@evil.test\nReturn-Receipt-To: everybody@evil.test\nX-Confirm-Reading-To: everybody@evil.test\n"},
		{trick: "victim in a forwarded mail", raw: whole("nested@evil.test", eve, stolen+"Content-Type: message/rfc822\n", "From: victim@customer.test\nSubject: x\n\nHello\n")},
		{trick: "protected headers of the victim", raw: whole("protected@evil.test", eve, stolen+"Content-Type: multipart/mixed; boundary=b; protected-headers=\"v1\"\n",
			"--b\nContent-Type: text/plain; protected-headers=\"v1\"\nFrom: victim@customer.test\n\nHello\n--b--\n")},
		{trick: "a header at the head of the text", raw: whole("intext@evil.test", eve, stolen, "From: victim@customer.test\n\nHello\n")},
		{trick: "bare CR ends a field", from: eve, subject: "x\rFrom: victim@customer.test", more: stolen},

		// What the server says of the sender.
		{trick: "tag of the victim, DMARC failed", from: victim, subject: tag, more: verdict + "dmarc=fail\n", to: sales},
		{trick: "a second verdict below the server's", from: victim, subject: tag, more: verdict + "dmarc=fail\n" + verdict + "dmarc=pass\n", to: sales},
		{trick: "a verdict of another server above", from: victim, subject: tag, more: "Authentication-Results: mx.evil.test; dmarc=pass\n" + verdict + "dmarc=fail\n", to: sales},
		{trick: "a verdict in ARC", from: victim, subject: tag, more: "ARC-Authentication-Results: i=1; mx.desk.test; dmarc=pass\n" + verdict + "dmarc=fail\n", to: sales},
		{trick: "a verdict in the quoted sender", from: victim, subject: tag, more: verdict + `spf=none smtp.mailfrom="x; dmarc=pass"@evil.test; dmarc=fail` + "\n", to: sales},
		{trick: "a verdict in a comment", from: victim, subject: tag, more: verdict + "spf=none (domain of x; dmarc=pass does not say); dmarc=fail\n", to: sales},

		// Machines.
		{trick: "an automatic reply", from: eve, subject: tag, more: stolen + "Auto-Submitted: auto-replied\n"},
		{trick: "a loop", from: "support@desk.test", subject: tag, more: stolen + "X-Loop: support@desk.test\nPrecedence: bulk\n"},
		{trick: "a report about the victim's mail", raw: report("mailer-daemon@evil.test", "Return-Path: <>\n", question), state: "bounce"},
		{trick: "a report about a seal that is wrong", raw: report("postmaster@evil.test", "Return-Path: <>\n", local[:len(local)-4]+"aaaa@"+domain), state: "bounce"},
		{trick: "a report about the other ticket's mail", raw: report("mailer-daemon@customer.test", "", "other@elsewhere.test"), state: "bounce"},
		{trick: "a report by a person", raw: report(eve, "Return-Path: <eve@evil.test>\n", ourID)},
		{trick: "words of a daemon without a report", from: "MAILER-DAEMON@evil.test", subject: "Undelivered Mail Returned to Sender", more: "Return-Path: <>\n" + stolen},
		{trick: "a read receipt", raw: whole("receipt@evil.test", eve, stolen+"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n",
			"--b\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <"+ourID+">\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n")},
		{trick: "an answer to an invitation", raw: whole("calendar@evil.test", eve, stolen+"Content-Type: text/calendar; method=REPLY\n",
			"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nATTENDEE:mailto:victim@customer.test\nEND:VEVENT\nEND:VCALENDAR\n")},
	}
}

// TestAForgedTicketDrawsNoAnswersAway: a stranger who saw a letter names it in a mail of their own and puts the victim into its Cc. The victim takes
// part in both tickets then; what the victim answers still goes where the letter came from.
func TestAForgedTicketDrawsNoAnswersAway(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	number := ask[int64](d, `SELECT id FROM ticket WHERE requester = 'victim@customer.test'`)
	const cc = "Cc: victim@customer.test\n"
	for i, id := range []string{ourID, "question@customer.test"} {
		d.deliver(
			letter(fmt.Sprintf("eve%d@evil.test", i), fmt.Sprintf("refers%d@evil.test", i), "Re: Secret matter", "In-Reply-To: <"+id+">\nReferences: <"+id+">\n"+cc),
			letter(fmt.Sprintf("mallory%d@evil.test", i), id, "Re: Secret matter", cc))
	}
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM ticket_participant WHERE address = 'victim@customer.test' AND role = 'cc'`); n != 4 {
		t.Fatalf("the victim was put into %d forged tickets", n)
	}
	for i, refs := range []string{"<question@customer.test> <" + ourID + ">", "<" + ourID + ">", "<question@customer.test>"} {
		d.deliver(letter("victim@customer.test", fmt.Sprintf("answer%d@customer.test", i), "Re: Secret matter", "References: "+refs+"\n"))
		d.once()
		if got := ask[int64](d, `SELECT ticket_id FROM message WHERE rfc_id = $1`, fmt.Sprintf("answer%d@customer.test", i)); got != number {
			t.Errorf("what answers %s went into ticket %d, of %s", refs, got, ask[string](d, `SELECT requester FROM ticket WHERE id = $1`, got))
		}
	}
}

// TestAForgedMailBringsNobodyIn: a mail that the server calls forged joins by a known id, with a warning; whom it names in Cc stays a stranger.
func TestAForgedMailBringsNobodyIn(t *testing.T) {
	t.Parallel()
	d := bareDesk(t)
	d.mailbox("support@desk.test", func(m *mailbox.Mailbox) { m.AuthHost = "mx.desk.test" })
	d.deliver(letter("ann@bank.test", "1@bank.test", "Printer", ""))
	d.once()
	d.deliver("Authentication-Results: mx.desk.test; dmarc=fail header.from=bank.test\n" + letter("ann@bank.test", "2@evil.test", "Re: Printer", "Cc: eve@evil.test\nIn-Reply-To: <1@bank.test>\n"))
	d.once()
	d.deliver(letter("eve@evil.test", "3@evil.test", "Re: Printer", "In-Reply-To: <1@bank.test>\n"))
	d.once()
	if got := ask[string](d, `SELECT string_agg(t.requester || ' ' || (SELECT string_agg(address || ' ' || role, ', ') FROM ticket_participant WHERE ticket_id = t.id), ' and ' ORDER BY t.id) FROM ticket t`); got != "ann@bank.test ann@bank.test requester and eve@evil.test eve@evil.test requester" {
		t.Error(got)
	}
}

func TestThoseWhoTakePartLandInTheTicket(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	number := ask[int64](d, `SELECT id FROM ticket WHERE requester = 'victim@customer.test'`)
	d.deliver(
		letter("victim@customer.test", "a1@customer.test", "Re", "In-Reply-To: <"+ourID+">\n"),
		letter("Partner <PARTNER@customer.test>", "a2@customer.test", "Re", "References: <question@customer.test>\n"),
		letter("victim@customer.test", "a3@customer.test", fmt.Sprintf("AW: Secret matter [#%d]", number), ""),
	)
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM message WHERE ticket_id = $1`, number); n != 5 {
		t.Errorf("%d messages", n)
	}
}
