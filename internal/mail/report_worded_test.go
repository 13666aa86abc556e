package mail

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const returned = "Received: from desk.example by mx\nFrom: Desk <support@desk.example>\nTo: someone\nSubject: Re: printer\nMessage-ID: <o.1@desk.example>\n\nHello\n"

// Reports as mail servers write them that follow no standard.
var wordedReports = map[string]struct {
	mail string
	want []BounceRecipient
}{
	"qmail": {"From: MAILER-DAEMON@mx.example.org\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n" +
		"This is a permanent error; I've given up. Sorry it didn't work out.\n\n<gone@example.org>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 5.1.1 No such user\nGiving up on 192.0.2.7.\n\n" +
		"<full@example.org>:\nuser is over quota\n\n--- Below this line is a copy of the message.\n\n" + returned,
		[]BounceRecipient{
			{"gone@example.org", "", "failed", "5.1.1", "192.0.2.7 does not like recipient. Remote host said: 550 5.1.1 No such user Giving up on 192.0.2.7."},
			{"full@example.org", "", "failed", "5.0.0", "user is over quota"},
		}},
	"Exim": {"From: Mail Delivery System <Mailer-Daemon@mx.example.org>\nX-Failed-Recipients: gone@example.org, other@example.org\nAuto-Submitted: auto-replied\nSubject: Mail delivery failed: returning message to sender\n\n" +
		"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its recipients. This is a permanent error. The following address(es) failed:\n\n" +
		"  gone@example.org\n    SMTP error from remote mail server after RCPT TO:<gone@example.org>:\n    host mx.example.org [192.0.2.7]: 550 5.1.1 <gone@example.org>:\n    Recipient address rejected\n\n" +
		"------ This is a copy of the message, including all the headers. ------\n\n" + returned,
		[]BounceRecipient{
			{"gone@example.org", "", "failed", "5.1.1", "SMTP error from remote mail server after RCPT TO:<gone@example.org>: host mx.example.org [192.0.2.7]: 550 5.1.1 <gone@example.org>: Recipient address rejected"},
			{"other@example.org", "", "failed", "5.0.0", ""},
		}},
	"Exim, delayed": {"From: Mail Delivery System <Mailer-Daemon@mx.example.org>\nSubject: Warning: message 1aB delayed 24 hours\n\nThis message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its recipients after more than 24 hours.\n\n" +
		"The address to which the message has not yet been delivered is:\n\n  slow@example.org\n    host mx.example.org [192.0.2.7]: 421 4.7.0 try again\n\nDelivery attempts will continue.\n\n" + returned,
		[]BounceRecipient{{"slow@example.org", "", "delayed", "4.7.0", "host mx.example.org [192.0.2.7]: 421 4.7.0 try again"}}},
	"sendmail of old": {"From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>\nSubject: Returned mail: User unknown\n\nThe original message was received at Mon, 2 Mar 2026 10:00:00 +0100\n\n   ----- The following addresses had permanent fatal errors -----\n" +
		"<gone@example.org>\n    (reason: 550 no such user)\n\n   ----- Transcript of session follows -----\n... while talking to mx.example.org.:\n>>> RCPT To:<gone@example.org>\n<<< 550 no such user\n\n   ----- Original message follows -----\n\n" + returned,
		[]BounceRecipient{{"gone@example.org", "", "failed", "5.0.0", "(reason: 550 no such user)"}}},
	"a German provider": {"From: Mail Delivery System <mailer-daemon@post.example.de>\nContent-Type: text/plain; charset=utf-8\nSubject: Mail delivery failed: returning message to sender\n\nDiese Nachricht wurde automatisch erzeugt.\n\nIhre E-Mail konnte nicht zugestellt werden:\n\n" +
		"weg@example.de:\nSMTP-Server antwortete: 554 Empfänger unbekannt\n\n--- Der Kopf der ursprünglichen Nachricht folgt ---\n\n" + returned,
		[]BounceRecipient{{"weg@example.de", "", "failed", "5.0.0", "SMTP-Server antwortete: 554 Empfänger unbekannt"}}},
	"a Polish provider": {"From: MAILER-DAEMON@poczta.example.pl (Mail Delivery System)\nContent-Type: text/plain; charset=utf-8\nSubject: Nie dostarczono\n\nNie udało się dostarczyć wiadomości do adresatów:\n\nnie.ma@example.pl (550 5.1.1 Nie ma takiego użytkownika)\n\n> From: support@desk.example\n> Message-ID: <o.1@desk.example>\n",
		[]BounceRecipient{{"nie.ma@example.pl", "", "failed", "5.1.1", "550 5.1.1 Nie ma takiego użytkownika"}}},
	"the mail attached": {"From: postmaster@mx.example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nSubject: Undeliverable\n\n--b\nContent-Type: text/plain\n\nThe following recipient could not be reached:\n\ngone@example.org - mailbox unavailable\n\n--b\nContent-Type: message/rfc822\n\n" + returned + "\n--b--\n",
		[]BounceRecipient{{"gone@example.org", "", "failed", "5.0.0", "mailbox unavailable"}}},
}

func TestReportsInAServersOwnWordsAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range wordedReports {
		m := Parse([]byte("Return-Path: <>\n" + c.mail))
		if diff := cmp.Diff(&Bounce{MessageID: "o.1@desk.example", Worded: true, Recipients: c.want}, m.Bounce); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatOnlySoundsLikeAReportIsNone(t *testing.T) {
	t.Parallel()
	body := "\n\nIt failed for:\n\n<gone@example.org>:\n550 no\n\n" + returned
	for name, mail := range map[string]string{
		"a person":            "Return-Path: <jane@example.org>\nFrom: jane@example.org\nSubject: failure notice" + body,
		"empty sender":        "Return-Path: <>\nFrom: jane@example.org\nSubject: out of office" + body,
		"another return path": "Return-Path: <jane@example.org>\nFrom: mailer-daemon@example.org\nSubject: x" + body,
		"no returned mail":    "Return-Path: <>\nFrom: mailer-daemon@example.org\nSubject: x\n\n<gone@example.org>:\n550 no\n",
		"no recipient":        "Return-Path: <>\nFrom: mailer-daemon@example.org\nSubject: x\n\nIt failed.\n\n" + returned,
	} {
		if b := Parse([]byte(mail)).Bounce; b != nil {
			t.Errorf("%s: %+v", name, b)
		}
	}
	if m := Parse([]byte("From: mailer-daemon@x.org\n\n" + strings.Repeat("a@b.test\n", 100_000) + returned)); m.Bounce == nil || len(m.Bounce.Recipients) != 1 {
		t.Errorf("one address many times: %+v", m.Bounce)
	}
}
