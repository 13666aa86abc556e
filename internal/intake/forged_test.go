package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// victimDesk has a ticket of the victim with a letter of ours in it, and one of another customer in another queue.
func victimDesk(t *testing.T) (d *desk, ourID string) {
	d = newDesk(t)
	d.mailbox("sales@desk.test", func(m *mailbox.Mailbox) { m.AuthHost = "mx.desk.test" })
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

func TestForgedMailGetsNowhere(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	number := ask[int64](d, `SELECT id FROM ticket WHERE requester = 'victim@customer.test'`)
	tag := fmt.Sprintf("Re: Secret matter [#%d]", number)
	local, domain, _ := strings.Cut(ourID, "@")
	cutSeal := local[:len(local)-1] + "@" + domain
	badSeal := local[:len(local)-4] + "aaaa@" + domain
	answer := func(id string) string { return "In-Reply-To: <" + id + ">\nReferences: <" + id + ">\n" }
	many := "References:"
	for i := range 2000 {
		many += fmt.Sprintf("\n <%d@nowhere.test>", i)
	}
	many += "\n <" + ourID + ">\n"
	const eve = "eve@evil.test"
	forged := []struct{ name, from, subject, more string }{
		{"agent From", "agent@desk.test", "Please close", ""},
		{"agent From with a stolen id", "agent@desk.test", "Re: Secret matter", answer(ourID)},
		{"agent From with the tag", "agent@desk.test", tag, ""},
		{"agent From in capitals", "AGENT@Desk.Test", tag, answer(ourID)},
		{"agent as display name", `"agent@desk.test" <eve@evil.test>`, tag, answer(ourID)},
		{"mailbox From", "support@desk.test", tag, answer(ourID)},
		{"mailbox From, other mailbox", "sales@desk.test", tag, answer("question@customer.test")},
		{"stranger with our id", eve, "Re: Secret matter", answer(ourID)},
		{"stranger with the customer's id", eve, "Re: Secret matter", answer("question@customer.test")},
		{"stranger with the tag", eve, tag, ""},
		{"stranger with everything", eve, tag, answer(ourID)},
		{"stranger, our id in capitals", eve, tag, answer(strings.ToUpper(ourID))},
		{"seal cut off", eve, tag, answer(cutSeal)},
		{"seal wrong", eve, tag, answer(badSeal)},
		{"seal missing", eve, tag, answer("o.abc@" + domain)},
		{"old format", eve, tag, answer(fmt.Sprintf("ticket-%d@desk.test", number))},
		{"number as id", eve, "Re", answer(fmt.Sprint(number, "@desk.test"))},
		{"2,000 references", eve, "Re: Secret matter", many},
		{"two From, victim first", "victim@customer.test\nFrom: eve@evil.test", tag, answer(ourID)},
		{"two From, victim last", "eve@evil.test\nFrom: victim@customer.test", tag, answer(ourID)},
		{"group syntax", "Friends: victim@customer.test, eve@evil.test;\nFrom: eve@evil.test", tag, answer(ourID)},
		{"empty group", "undisclosed:;", tag, answer(ourID)},
		{"no From", "", tag, answer(ourID)},
		{"victim as display name", `"victim@customer.test" <eve@evil.test>`, tag, answer(ourID)},
		{"victim in a comment", "eve@evil.test (victim@customer.test)", tag, answer(ourID)},
		{"victim in an encoded word", "=?utf-8?q?victim=40customer.test?= <eve@evil.test>", tag, answer(ourID)},
		{"address in an encoded word", "=?utf-8?q?Victim_=3Cvictim=40customer.test=3E?= <eve@evil.test>", tag, answer(ourID)},
		{"victim with a null", "victim@customer.test\x00.evil.test", tag, answer(ourID)},
		{"victim's look-alike", "victim@custоmer.test", tag, answer(ourID)},
		{"victim's subdomain", "victim@customer.test.evil.test", tag, answer(ourID)},
		{"victim with plus", "victim+x@customer.test", tag, answer(ourID)},
		{"Reply-To the mailbox", eve, tag, answer(ourID) + "Reply-To: support@desk.test\n"},
		{"Reply-To the victim", eve, tag, answer(ourID) + "Reply-To: victim@customer.test\n"},
		{"Sender the victim", eve, tag, answer(ourID) + "Sender: victim@customer.test\n"},
		{"Return-Path the victim", eve, tag, "Return-Path: <victim@customer.test>\n" + answer(ourID)},
		{"X-Original-From", eve, tag, answer(ourID) + "X-Original-From: victim@customer.test\nX-Priority: 1\nX-Zammad-Ticket-Id: 1\nRT-Ticket: desk #1\n"},
		{"customer of another ticket", "other@elsewhere.test", tag, answer(ourID)},
		{"tag of the victim, DMARC failed", "victim@customer.test", tag, "Authentication-Results: mx.desk.test; dmarc=fail\n"},
		{"Cc the victim", eve, tag, answer(ourID) + "Cc: victim@customer.test\n"},
		{"Resent-From the victim", eve, tag, answer(ourID) + "Resent-From: victim@customer.test\n"},
	}
	if len(forged) != 40 {
		t.Fatalf("%d forged mails", len(forged))
	}
	for i, f := range forged {
		to := "support@desk.test"
		if strings.Contains(f.name, "DMARC") {
			to = "sales@desk.test"
		}
		d.deliverTo(to, letter(f.from, fmt.Sprintf("forged%d@evil.test", i), f.subject, f.more+"X-Case: "+f.name+"\n"))
	}
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM message WHERE ticket_id = $1`, number); n != 2 {
		t.Errorf("%d forged mails got into the ticket: %s", n-2, ask[string](d, `SELECT string_agg(rfc_id, ' ') FROM message WHERE ticket_id = $1 AND rfc_id LIKE 'forged%'`, number))
	}
	// Whoever forges may go on in the tickets they opened themselves, and nowhere else.
	if n := ask[int](d, `SELECT count(*) FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE m.rfc_id LIKE 'forged%' AND t.requester <> m.from_address`); n != 0 {
		t.Errorf("%d forged mails got into a foreign ticket", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM inbound WHERE rfc_id LIKE 'forged%' AND state IN ('ticket','reply')`); n != 40 {
		t.Errorf("%d of 40 are in a ticket", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM message WHERE rfc_id LIKE 'forged%' AND (author_id IS NOT NULL OR kind <> 'in')`); n != 0 {
		t.Errorf("%d were taken for an agent's", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM message WHERE from_address IN ('agent@desk.test','support@desk.test','sales@desk.test') AND kind = 'in' AND NOT flags @> '{our_address,forged}'`); n != 0 {
		t.Errorf("%d from our addresses carry no warning", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM outbox WHERE rfc_id <> $1`, ourID); n != 0 {
		t.Errorf("%d letters went out", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM ticket_participant WHERE ticket_id = $1`, number); n != 2 {
		t.Errorf("%d take part in the victim's ticket", n)
	}
	if n := ask[int](d, `SELECT count(*) FROM ticket_link WHERE reason = 'unknown_sender' AND ticket_id = $1`, number); n < 15 {
		t.Errorf("%d new tickets are linked to the one they named", n)
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
