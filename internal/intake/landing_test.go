package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// set changes rows by hand, where the verb belongs to a later page.
func (d *desk) set(sql string, args ...any) {
	d.t.Helper()
	pgtest.Tx(d.t, d.db, func(tx *pg.Tx) {
		if _, err := pg.Exec(d.t.Context(), tx, sql, args...); err != nil {
			d.t.Fatal(err)
		}
	})
}

func (d *desk) status(key, more string) {
	d.t.Helper()
	d.set(`UPDATE ticket SET kind = s.kind, status_id = s.id `+more+` FROM status s WHERE s.key = $1`, key)
}

func TestACustomersMailMakesTheTicketNew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	from := "alice@customer.test"
	d.deliver(letter(from, "0@c", "Lamp", ""))
	d.once()
	first := ask[int64](d, `SELECT id FROM ticket`)
	for i, c := range []struct {
		status, more string
		opened       bool
	}{
		{"open", "", false}, {"waiting", "", false}, {"postponed", "", false},
		{"closed", ", closed_at = now() - interval '13 days'", false},
		{"closed", ", closed_at = now() - interval '15 days'", true},
	} {
		d.status(c.status, c.more)
		d.deliver(letter(from, fmt.Sprint(i+1, "@c"), "Re: Lamp", "In-Reply-To: <0@c>\n"))
		d.once()
		got := ask[int64](d, `SELECT ticket_id FROM message ORDER BY id DESC LIMIT 1`)
		if (got != first) != c.opened {
			t.Errorf("%s%s: the mail is in ticket %d, the first is %d", c.status, c.more, got, first)
		}
		if kind := ask[string](d, `SELECT kind FROM ticket WHERE id = $1`, got); kind != "new" {
			t.Errorf("%s%s: the ticket is %s", c.status, c.more, kind)
		}
	}
	if reason := ask[string](d, `SELECT reason FROM ticket_link`); reason != "reopened_late" {
		t.Error(reason)
	}
	if n := ask[int](d, `SELECT count(*) FROM event WHERE kind = 'received' AND data->'changes' @> '[{"field":"status"}]'`); n != 4 {
		t.Errorf("%d events tell of a new status", n)
	}
}

func TestAMergedTicketHandsOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.deliver(letter("alice@customer.test", "old@c", "One", ""), letter("alice@customer.test", "new@c", "Two", ""))
	d.once()
	d.set(`UPDATE ticket SET merged_into = (SELECT id FROM ticket WHERE subject = 'Two'), kind = 'merged', status_id = (SELECT id FROM status WHERE key = 'merged') WHERE subject = 'One'`)
	d.deliver(letter("alice@customer.test", "answer@c", "Re: One", "In-Reply-To: <old@c>\n"))
	d.once()
	if got := ask[string](d, `SELECT t.subject FROM ticket t JOIN message m ON m.ticket_id = t.id WHERE m.rfc_id = 'answer@c'`); got != "Two" {
		t.Error(got)
	}
}

func TestAnAutomaticReplyChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.deliver(letter("alice@customer.test", "0@c", "Lamp", ""))
	d.once()
	d.status("closed", ", closed_at = now() - interval '100 days'")
	seen := ask[int64](d, `SELECT last_in_id FROM ticket`)
	d.deliver(letter("alice@customer.test", "1@c", "I am away", "In-Reply-To: <0@c>\nAuto-Submitted: auto-replied\n"))
	d.once()
	if got := ask[string](d, `SELECT kind || ' ' || (SELECT count(*) FROM message WHERE automatic) FROM ticket`); got != "closed 1" {
		t.Error(got)
	}
	if ask[int64](d, `SELECT last_in_id FROM ticket`) != seen {
		t.Error("it makes the ticket unread")
	}
}

// TestAnAnswerOfAMachineIsNotTheCustomerWriting sends what Exchange answers for who is away, and a read receipt: a closed ticket stays closed,
// and a letter that is not to leave once the customer writes goes on waiting (PRODUCT M6, S2).
func TestAnAnswerOfAMachineIsNotTheCustomerWriting(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	d.set(`UPDATE ticket SET status_id = (SELECT id FROM status WHERE key = 'closed'), kind = 'closed', closed_at = now() WHERE requester = 'victim@customer.test'`)
	d.set(`UPDATE outbox SET state = 'queued', unless_answered = true, send_after = now() + interval '3 days'`)
	d.set(`INSERT INTO message_body (message_id, text) SELECT message_id, 'reminder' FROM outbox`)
	answer := func(id, head, body string) string {
		return "From: Victim <victim@customer.test>\nTo: support@desk.test\nSubject: Automatic reply: Secret matter\nMessage-ID: <" + id + ">\nIn-Reply-To: <" + ourID + ">\n" + head + "\n" + body
	}
	is := func() string {
		return ask[string](d, `SELECT t.kind || ' ' || o.state || ' ' || (SELECT count(*) FROM message m WHERE m.ticket_id = t.id AND m.kind = 'in') FROM outbox o JOIN ticket t ON t.id = o.ticket_id`)
	}
	d.deliver(
		answer("rules@c", "auto-submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: victim@customer.test\n", "I am away.\n"),
		answer("agent@c", "auto-submitted: auto-generated\nx-ms-exchange-generated-message-source: Mailbox Rules Agent\n", "I am away.\n"),
		answer("null@c", "Return-Path: <>\nAuto-Submitted: auto-generated\n", "I am away.\n"),
		answer("receipt@c", "Return-Path: <victim@customer.test>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n",
			"--b\n\nYour message was read.\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n"))
	d.once()
	if got := is(); got != "closed queued 5" {
		t.Errorf("after four of them: %s", got)
	}
	d.deliver(answer("herself@c", "", "It is urgent after all.\n"))
	d.once()
	if got := is(); got != "new cancelled 6" {
		t.Errorf("after the customer wrote: %s", got)
	}
}

// TestAnAnswerThatARuleSentOnIsTheCustomerWriting: Exchange marks what a rule of an inbox redirects or forwards like what it answers.
func TestAnAnswerThatARuleSentOnIsTheCustomerWriting(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.deliver(letter("ann@customer.test", "0@c", "Printer", ""))
	d.once()
	const byRule = "In-Reply-To: <0@c>\nX-MS-Exchange-Inbox-Rules-Loop: support@corp.test\nAuto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n"
	for id, m := range map[string]struct{ subject, more string }{"redirected@c": {"Re: Printer", "Resent-From: <support@corp.test>\n"}, "forwarded@c": {"FW: Printer", ""}} {
		d.status("waiting", "")
		d.deliver(letter("ann@customer.test", id, m.subject, m.more+byRule))
		d.once()
		if got := ask[string](d, `SELECT kind || ', unread: ' || (last_in_id = (SELECT max(id) FROM message)) FROM ticket`); got != "new, unread: true" {
			t.Errorf("%s: %s", id, got)
		}
	}
}

func TestOurOwnLetterComingBackIsIgnored(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	d.deliver(letter("Support <support@desk.test>", ourID, "Re: Secret matter", "In-Reply-To: <question@customer.test>\n"))
	d.once()
	if got := ask[string](d, `SELECT state || ' ' || reason FROM inbound WHERE rfc_id = $1`, ourID); got != "ignored our_own" {
		t.Error(got)
	}
}

// Some servers write a Message-ID in letters of another case.
func TestOurLetterIsKnownByItsIDInCapitals(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	shouted := strings.ToUpper(ourID)
	d.deliver(letter("Support <support@desk.test>", shouted, "Re: Secret matter", ""),
		"Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nTo: support@desk.test\nSubject: Undelivered Mail\nMessage-ID: <formal@mx.test>\nMIME-Version: 1.0\n"+
			"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"+
			"Final-Recipient: rfc822; victim@customer.test\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <"+shouted+">\n\n--b--\n",
		"Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nTo: support@desk.test\nSubject: failure notice\nMessage-ID: <worded@mx.test>\n\n<victim@customer.test>:\n550 no such user\n\n"+
			"Message-ID: <"+shouted+">\n")
	d.once()
	if got := ask[string](d, `SELECT string_agg(state, ', ' ORDER BY state) FROM inbound WHERE rfc_id IN ($1, 'formal@mx.test', 'worded@mx.test')`, shouted); got != "bounce, bounce, ignored" {
		t.Error(got)
	}
	if n := ask[int](d, `SELECT count(*) FROM bounce WHERE outbox_id IS NOT NULL`); n != 2 {
		t.Errorf("%d of 2 reports were attached to their letter", n)
	}
}

func TestABounceIsAttachedToItsLetterAndOpensNoTicket(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	bounce := func(about string) string {
		return "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.test>\nTo: support@desk.test\nSubject: Undelivered Mail\nMessage-ID: <b." + about +
			">\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n" +
			"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; victim@customer.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b\n" +
			"Content-Type: text/rfc822-headers\n\nMessage-ID: <" + about + ">\nSubject: Re: Secret matter\n\n--b--\n"
	}
	tickets := ask[int](d, `SELECT count(*) FROM ticket`)
	d.deliver(bounce(ourID), bounce("unknown@desk.test"))
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM ticket`); n != tickets {
		t.Errorf("%d more tickets", n-tickets)
	}
	if got := ask[string](d, `SELECT string_agg(state || COALESCE(' ' || (SELECT requester FROM ticket WHERE id = ticket_id), ''), ', ' ORDER BY id) FROM inbound WHERE rfc_id LIKE 'b.%'`); got != "bounce victim@customer.test, bounce" {
		t.Error(got)
	}
	if got := ask[string](d, `SELECT data->'recipients'->0->>'status' FROM event WHERE kind = 'bounced'`); got != "5.1.1" {
		t.Error(got)
	}
	if got := ask[string](d, `SELECT string_agg(sender || ', ' || subject, '; ') FROM bounce WHERE outbox_id IS NULL`); got != "mailer-daemon@mx.test, Undelivered Mail" {
		t.Error("reports without a letter:", got)
	}
}

func TestAReportInAServersOwnWordsCountsOnlyForALetterOfOurs(t *testing.T) {
	t.Parallel()
	d, ourID := victimDesk(t)
	bounce := func(about string) string {
		return "Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nTo: support@desk.test\nSubject: failure notice\nMessage-ID: <b." + about + ">\n\nI have given up.\n\n<victim@customer.test>:\n550 5.1.1 no such user\n\n" +
			"--- Below this line is a copy of the message.\n\nMessage-ID: <" + about + ">\nSubject: Re: Secret matter\n"
	}
	d.deliver(bounce(ourID), bounce("unknown@desk.test"))
	d.once()
	if got := ask[string](d, `SELECT string_agg(state || COALESCE(' ' || (SELECT requester FROM ticket WHERE id = ticket_id), ''), ', ' ORDER BY id) FROM inbound WHERE rfc_id LIKE 'b.%'`); got != "bounce victim@customer.test, ticket mailer-daemon@mx.test" {
		t.Error(got)
	}
	if got := ask[string](d, `SELECT data->'recipients'->0->>'status' FROM event WHERE kind = 'bounced'`); got != "5.1.1" {
		t.Error(got)
	}
}

// Who gives up after timeouts says so with the status of a passing failure, and a letter that arrived may be reported too.
func TestAReportIsASendingErrorWhenItSaysThatTheLetterFailed(t *testing.T) {
	t.Parallel()
	form := func(action, status string) string {
		return "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nA report.\n--b\nContent-Type: message/delivery-status\n\n" +
			"Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; victim@customer.test\nAction: " + action + "\nStatus: " + status + "\n\n--b\n" +
			"Content-Type: text/rfc822-headers\n\nMessage-ID: <%[1]s>\n\n--b--\n"
	}
	for name, c := range map[string]struct{ report, want string }{
		"failed after timeouts": {form("failed", "4.4.1"), "true 4.4.1 1"},
		"qmail gave up": {"\n<victim@customer.test>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.\n\n" +
			"--- Below this line is a copy of the message.\n\nMessage-ID: <%[1]s>\n", "true 4.4.1 1"},
		"delayed":   {form("delayed", "4.4.1"), "false  1"},
		"delivered": {form("delivered", "2.0.0"), "false  0"},
		"relayed":   {form("relayed", "2.0.0"), "false  0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, ourID := victimDesk(t)
			d.set(`INSERT INTO outbox_recipient (outbox_id, address, kind, position, state) SELECT id, 'victim@customer.test', 'to', 1, 'accepted' FROM outbox`)
			d.deliver("Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nTo: support@desk.test\nSubject: A report\nMessage-ID: <report@mx.test>\n" + fmt.Sprintf(c.report, ourID))
			d.once()
			if got := ask[string](d, `SELECT state FROM inbound WHERE rfc_id = 'report@mx.test'`); got != "bounce" {
				t.Error(got)
			}
			if got := ask[string](d, `SELECT trouble || ' ' || bounced || ' ' || (SELECT count(*) FROM event WHERE kind = 'bounced') FROM outbox, outbox_recipient`); got != c.want {
				t.Errorf("trouble, mark, told: %q, want %q", got, c.want)
			}
		})
	}
}

func TestOneMailToTwoMailboxesMakesTwoLinkedTickets(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.mailbox("sales@desk.test")
	mail := letter("alice@customer.test", "0@c", "Lamp", "")
	d.deliverTo("support@desk.test", "Received: by a; now\n"+mail)
	d.deliverTo("sales@desk.test", "Received: by b; later\n"+mail)
	d.once()
	if got := ask[string](d, `SELECT count(*) || ' ' || (SELECT string_agg(reason, ',') FROM ticket_link) FROM ticket`); got != "2 same_mail" {
		t.Error(got)
	}
	answer := letter("alice@customer.test", "1@c", "Re: Lamp", "In-Reply-To: <0@c>\n")
	d.deliverTo("support@desk.test", answer)
	d.deliverTo("sales@desk.test", answer)
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM message WHERE rfc_id = '1@c'`); n != 1 {
		t.Errorf("the answer stands %d times", n)
	}
	if got := ask[string](d, `SELECT string_agg(state || reason, ' ' ORDER BY state) FROM inbound WHERE rfc_id = '1@c'`); got != "ignoredsame_mail reply" {
		t.Error(got)
	}
}

func TestAKnownCustomerIsAttached(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.set(`WITH c AS (INSERT INTO customer (kind, name, created_at) VALUES ('person', 'Alice', now()) RETURNING id)
		INSERT INTO customer_address (customer_id, kind, value) SELECT id, 'email', x FROM c, unnest(ARRAY['alice@customer.test','alice@home.test']) x`)
	d.deliver(letter("Alice <Alice@Customer.test>", "0@c", "Lamp", ""))
	d.once()
	d.deliver(letter("alice@home.test", "1@c", "Re: Lamp", "In-Reply-To: <0@c>\n")) // the same customer by another address
	d.once()
	if got := ask[string](d, `SELECT c.name || ' ' || (SELECT count(*) FROM message) FROM ticket JOIN customer c ON c.id = customer_id`); got != "Alice 2" {
		t.Error(got)
	}
}

func TestAnIncomingCcIsKeptUpToThirty(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var cc []string
	for i := range 1000 {
		cc = append(cc, fmt.Sprintf("Person %d <p%d@customer.test>", i, i))
	}
	cc[3] = "support@desk.test"
	d.deliver(letter("alice@customer.test", "0@c", "Lamp", "Cc: "+strings.Join(cc, ",\n ")+"\n"))
	d.once()
	if got := ask[string](d, `SELECT count(*) FILTER (WHERE role = 'requester') || ' ' || count(*) FILTER (WHERE role = 'cc') FROM ticket_participant`); got != "1 29" {
		t.Error(got)
	}
	if n := ask[int](d, `SELECT count(*) FROM customer`); n != 0 {
		t.Errorf("%d customers were made", n)
	}
}

func TestANewTicketHasItsThreeTimes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.deliver(letter("alice@customer.test", "0@c", "Lamp", ""))
	d.once()
	if got := ask[string](d, `SELECT string_agg(goal || minutes, ' ' ORDER BY minutes) FROM ticket_clock WHERE due_at > now()`); got != "reaction240 alarm1200 execution1440" {
		t.Error(got)
	}
	if !ask[bool](d, `SELECT next_due = (SELECT min(due_at) FROM ticket_clock) FROM ticket`) {
		t.Error("the next due time is not the least")
	}
	if at := ask[time.Time](d, `SELECT dated_at FROM message`); !at.Equal(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) {
		t.Error(at)
	}
}

// TestAnAnswerGoesToAllOfReplyTo leaves out our own mailboxes and what no letter can go to; without anybody left, From is answered.
func TestAnAnswerGoesToAllOfReplyTo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.mailbox("sales@desk.test")
	want := map[string]string{
		"": "", "a@customer.test": "", "A@Customer.Test": "", "a@customer.test, team@customer.test": "a@customer.test, team@customer.test",
		"One <one@customer.test>, two@customer.test, ONE@customer.test": "one@customer.test, two@customer.test", "support@desk.test": "", "Sales@Desk.test, a@customer.test": "",
		"sales@desk.test, team@customer.test": "team@customer.test", "noreply": "", `"x, y"@customer.test`: `"x, y"@customer.test`,
		"web@localhost": "", "jörg@customer.test": "", "x@": "", "jörg@customer.test, team@customer.test": "team@customer.test", "team@münchen.test": "team@xn--mnchen-3ya.test",
	}
	for to := range want {
		more := ""
		if to != "" {
			more = "Reply-To: " + to + "\n"
		}
		d.deliver(letter("a@customer.test", fmt.Sprintf("%x@c", to), to, more))
	}
	d.once()
	got, err := pg.List[struct{ Subject, ReplyTo string }](t.Context(), d.db, `SELECT subject, reply_to FROM message`)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d of %d: %v", len(got), len(want), err)
	}
	for _, m := range got {
		if m.ReplyTo != want[m.Subject] {
			t.Errorf("Reply-To: %s: answers go to %q, want %q", m.Subject, m.ReplyTo, want[m.Subject])
		}
	}
}

func TestOnlyAnAnswerHasEarlierMailBelowItsHeaderBlock(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	below := "\nplease look\n\nFrom: Carl <carl@customer.test>\nSent: Monday, March 2, 2026 10:15 AM\nTo: Ann\nSubject: broken\n\nThe machine is broken.\n"
	booking := "\nPlease book:\n\nFrom: Warsaw airport\nTo: Hotel Bristol\nDate: 12 May, 10:00\n\nThree people with a wheelchair.\n"
	mails := map[string]string{"form@c": "Inquiry", "answer@c": "Re: Inquiry", "on@c": "FW: Inquiry", "booking@c": "Re: Taxi"}
	for id, subject := range mails {
		more, body := "", below
		if id != "form@c" {
			more = "In-Reply-To: <0@c>\n"
		}
		if id == "booking@c" {
			body = booking
		}
		head, _, _ := strings.Cut(letter("ann@customer.test", id, subject, more), "\n\n")
		d.deliver(head + "\n" + body)
	}
	d.once()
	if n := ask[int](d, `SELECT count(*) FROM message`); n != len(mails) {
		t.Errorf("%d messages", n)
	}
	if folded := ask[string](d, `SELECT string_agg(m.rfc_id, ',') FROM message m JOIN message_body b ON b.message_id = m.id WHERE b.quote_at IS NOT NULL`); folded != "answer@c" {
		t.Errorf("earlier mail is seen in %s", folded)
	}
	if !ask[bool](d, `SELECT EXISTS (SELECT FROM search_document WHERE words @@ 'wheelchair'::tsquery)`) {
		t.Error("a booking is not found by its words")
	}
}
