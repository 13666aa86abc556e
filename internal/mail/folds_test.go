package mail

import (
	"strings"
	"testing"
)

const (
	outlookText = "please handle this\n\nFrom: C <c@x.test>\nSent: Monday, February 3, 2025 10:15 AM\nTo: D\nSubject: broken\n\nThe machine is broken.\n"
	outlookHTML = `<div>please handle this</div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> C &lt;c@x.test&gt;<br><b>Sent:</b> Monday<br>` +
		`<b>To:</b> D<br><b>Subject:</b> broken</p></div><p>The machine is broken.</p>`
	markedText = "yes\n\nOn Mon, Feb 3, 2025 at 10:15 AM Support <s@desk.test> wrote:\n\n> Shall we?\n"
	markedHTML = `<div>yes</div><div class="gmail_quote"><div class="gmail_attr">On Mon, Support wrote:</div><blockquote class="gmail_quote">Shall we?</blockquote></div>`
)

// foldsBoth says whether text and HTML of a mail fold, which must agree.
func foldsBoth(t *testing.T, m Message, text, html string) bool {
	t.Helper()
	m.Text, m.HTML = text, html
	inText, inHTML := m.QuoteAt() >= 0, strings.Contains(m.Clean().HTML, foldStart)
	if inText != inHTML {
		t.Errorf("%q: the text folds: %v, the HTML: %v", m.Subject, inText, inHTML)
	}
	return inText
}

func TestWhatWasSentOnStaysOpen(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{
		"FW: broken", "Fwd: broken", "WG: kaputt", "PD: awaria", "TR: panne", "RV: roto", "ENC: quebrado", "I: rotto", "FW: RE: broken", "fw[2]: broken",
		"[#100001] FW: broken", "[EXTERNAL] [x] Fwd: broken", "[Fwd: broken]", " WG : kaputt",
	} {
		m := Message{Subject: subject, References: []string{"a@b"}}
		if foldsBoth(t, m, outlookText, outlookHTML) || foldsBoth(t, m, markedText, markedHTML) {
			t.Errorf("%q folds what was sent on", subject)
		}
	}
}

func TestHistoryWithoutMarksNeedsAMailThatAnswers(t *testing.T) {
	t.Parallel()
	for want, mails := range map[bool][]Message{
		true: {
			{Subject: "RE: FW: broken"}, {Subject: "AW: kaputt"}, {Subject: "[EXTERNAL] Odp: awaria"}, {Subject: "broken [#100001]"},
			{Subject: "another matter", InReplyTo: "a@b"}, {References: []string{"a@b"}},
		},
		false: {{Subject: "Neue Anfrage"}, {Subject: "broken"}, {}},
	} {
		for _, m := range mails {
			if got := foldsBoth(t, m, outlookText, outlookHTML); got != want {
				t.Errorf("%+v: a header block folds: %v", m, got)
			}
			if !foldsBoth(t, m, markedText, markedHTML) {
				t.Errorf("%+v: a marked quote does not fold", m)
			}
		}
	}
}
