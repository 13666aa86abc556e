package mail

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const deliveryReport = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
	"--b\r\n\r\nYour mail did not arrive.\r\n" +
	"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n" +
	"Final-Recipient: rfc822; Gone@Example.org\r\nOriginal-Recipient: rfc822;jane@example.org\r\nAction: failed\r\nStatus: 5.1.1 (no such user)\r\nDiagnostic-Code: smtp; 550 5.1.1 no\r\n  such user\r\n\r\n" +
	"Final-Recipient: rfc822; full@example.org\r\nAction: delayed\r\nStatus: 4.2.2\r\n\r\n" +
	"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <o.1@desk.example>\r\nSubject: Re: printer\r\n\r\n--b--\r\n"

func TestADeliveryReportIsABounce(t *testing.T) {
	t.Parallel()
	want := &Bounce{MessageID: "o.1@desk.example", Recipients: []BounceRecipient{
		{"gone@example.org", "jane@example.org", "failed", "5.1.1", "550 5.1.1 no such user"},
		{"full@example.org", "", "delayed", "4.2.2", ""},
	}}
	for _, sender := range []string{"Return-Path: <>\r\nFrom: x@y\r\n", "From: Mail Delivery <MAILER-DAEMON@mx.example.org>\r\n", "From: postmaster@mx.example.org\r\nReturn-Path: < >\r\n",
		"From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>\r\n"} {
		m := Parse([]byte(sender + deliveryReport))
		if diff := cmp.Diff(want, m.Bounce); diff != "" {
			t.Errorf("%q: %s", sender, diff)
		}
		if !m.Automatic.NoReply() || !strings.Contains(m.Text, "did not arrive") || len(m.Attachments) != 2 {
			t.Errorf("%q: %+v", sender, m)
		}
	}
}

func TestAnActionThatIsMissingIsReadFromTheStatus(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"Action: failed\r\nStatus: 4.4.1\r\n": "failed", "Action: delivered\r\nStatus: 2.0.0\r\n": "delivered",
		"Status: 5.1.1\r\n": "failed", "Status: 4.4.1\r\n": "delayed", "Status: 2.0.0\r\n": "delivered", "": "failed", "Action: gone\r\nStatus: 4.0.0\r\n": "delayed",
	} {
		m := Parse([]byte("Return-Path: <>\r\n" + strings.Replace(deliveryReport, "Action: delayed\r\nStatus: 4.2.2\r\n", said, 1)))
		if got := m.Bounce.Recipients[1].Action; got != want {
			t.Errorf("%q: %s, want %s", said, got, want)
		}
	}
}

func TestAnybodyElsesReportIsNoBounce(t *testing.T) {
	t.Parallel()
	for _, mail := range []string{
		"From: jane@example.org\r\nReturn-Path: <jane@example.org>\r\n" + deliveryReport,
		"From: jane@example.org\r\n" + deliveryReport,
		"From: mailer-daemon@example.org\r\nReturn-Path: <jane@example.org>\r\n" + deliveryReport,
		"Return-Path: <>\r\nSubject: Undelivered Mail\r\n\r\nFinal-Recipient: rfc822; x@y\r\n",
		"Return-Path: <>\r\n" + strings.Replace(deliveryReport, "multipart/report", "multipart/mixed", 1),
		"Return-Path: <>\r\n" + strings.Replace(deliveryReport, "message/delivery-status", "message/disposition-notification", 1),
	} {
		if b := Parse([]byte(mail)).Bounce; b != nil {
			t.Errorf("%.80q: %+v", mail, b)
		}
	}
}

func TestMachinesGetNoAutomaticReply(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]struct{ noReply, isReply bool }{
		"From: jane@x.org":                                  {false, false},
		"Auto-Submitted: no":                                {false, false},
		"Auto-Submitted: auto-generated":                    {true, false},
		"Auto-Submitted: Auto-Replied; owner-email=\"a@b\"": {true, true},
		"Precedence: bulk":                                  {true, false},
		"Precedence: List":                                  {true, false},
		"Precedence: auto_reply":                            {true, true},
		"Precedence: first-class":                           {false, false},
		"List-Id: <x.example.org>":                          {true, false},
		"List-Unsubscribe: <mailto:x@y>":                    {true, false},
		"X-Auto-Response-Suppress: All":                     {true, false},
		"X-Auto-Response-Suppress: None":                    {false, false},
		"Return-Path: <>":                                   {true, false},
		"Return-Path: <jane@x.org>":                         {false, false},
		"From: MAILER-DAEMON@x.org":                         {true, false},
		"From: No-Reply <no-reply@x.org>":                   {true, false},
		"From: nora.reply@x.org":                            {false, false},
		"X-Loop: a@b":                                       {true, false},
		"X-Autoreply: yes":                                  {true, true},

		"Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: a@b": {true, true},
		"auto-submitted: auto-generated\nx-ms-exchange-generated-message-source: Mailbox Rules Agent":        {true, true},
		"Auto-Submitted: auto-generated\nX-MS-Exchange-Inbox-Rules-Loop: a@x\nResent-From: <s@x.org>":        {true, false}, // redirected
		"Auto-Submitted: auto-generated\nX-MS-Exchange-Inbox-Rules-Loop: a@x\nSubject: [x] FW: lamp":         {true, false}, // sent on
		"Auto-Submitted: auto-generated\nReturn-Path: <>\nIn-Reply-To: <a@x>\nSubject: WG: Lampe":            {true, false},
		"Auto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Antispam":                   {true, false},
		"Auto-Submitted: auto-generated\nReturn-Path: <>\nIn-Reply-To: <o.1@desk.test>":                      {true, true},
		"Auto-Submitted: auto-generated\nReturn-Path: <>":                                                    {true, false},
		"Auto-Submitted: auto-generated\nIn-Reply-To: <o.1@desk.test>":                                       {true, false},
		"X-MS-Exchange-Inbox-Rules-Loop: a@b\nIn-Reply-To: <o.1@desk.test>":                                  {false, false},
		"Content-Type: multipart/report; report-type=disposition-notification; boundary=b":                   {true, true},
		"Content-Type: Multipart/Report; boundary=b;\n\tReport-Type=\"Disposition-Notification\"":            {true, true},
		"Content-Type: multipart/report; report-type=feedback-report; boundary=b":                            {false, false},
		"Content-Type: multipart/mixed; report-type=disposition-notification; boundary=b":                    {false, false},
	} {
		a := Parse([]byte(head + "\n\nx")).Automatic
		if a.NoReply() != want.noReply || a.IsReply() != want.isReply {
			t.Errorf("%s: NoReply %v, IsReply %v", head, a.NoReply(), a.IsReply())
		}
	}
}

func TestTheSummaryIsWhatTheCommandPrints(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(Parse([]byte("Subject: \xff\x00s\n\n\x00t")))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"message_id":"","in_reply_to":"","references":[],"date":"","from":[],"reply_to":[],"to":[],"cc":[],"subject":"ÿs","text":"t","html":"","attachments":[],"auto_submitted":"","bounce":null,"warnings":["no Message-ID","no From"]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got, _ = json.Marshal(Parse([]byte("Return-Path: <>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\nMessage-ID: <1@x>\r\nFrom: MTA <mailer-daemon@x>\r\nAuto-Submitted: auto-replied\r\n" + deliveryReport)))
	for _, part := range []string{`"date":"2026-03-02T10:00:00+01:00"`, `"from":[{"name":"MTA","address":"mailer-daemon@x"}]`, `"auto_submitted":"auto-replied"`,
		`"bounce":{"message_id":"o.1@desk.example","recipients":[{"address":"gone@example.org","status":"5.1.1","diagnostic":"550 5.1.1 no such user"},`,
		`{"name":"","type":"message/delivery-status","size":`, `"content_id":"","inline":false}`} {
		if !strings.Contains(string(got), part) {
			t.Errorf("%s is not in %s", part, got)
		}
	}
}
