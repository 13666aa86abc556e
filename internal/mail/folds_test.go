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
		"EXTERNAL: FW: broken", "*EXT* FW: broken", "{Spam?} FW: broken", "[EXT: c@x.test] FW: broken", "***SPAM*** [x] Fwd: broken", "External email - WG: kaputt", "(Extern) WG: kaputt",
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
			{Subject: "RE: FW: broken"}, {Subject: "AW: kaputt"}, {Subject: "[EXTERNAL] Odp: awaria"}, {Subject: "broken [#100001]"}, {Subject: "EXT: RE: broken"}, {Subject: "{Spam?} AW: kaputt"},
			{Subject: "another matter", InReplyTo: "a@b"}, {References: []string{"a@b"}},
		},
		false: {{Subject: "Neue Anfrage"}, {Subject: "broken"}, {}, {Subject: "Extra: broken"}, {Subject: "External: broken"}},
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

func TestAQuoteThatQuotesNobodyNeedsAMailThatAnswers(t *testing.T) {
	t.Parallel()
	const button = `<div>Hello, the display says:</div><blockquote class="gmail_quote" style="border-left:1px solid rgb(204,204,204)">0x80 the fuser burns</blockquote>`
	for name, html := range map[string]string{
		"Gmail's button": button, "another button": `<p>The display says</p><blockquote style="border-left:2px solid"><p>0x80</p></blockquote>`,
		"a wrapper": `<div>Look</div><div class="gmail_quote"><blockquote type="cite">From: 0x80</blockquote></div>`,
	} {
		if strings.Contains((&Message{Subject: "Printer", HTML: html}).Clean().HTML, foldStart) {
			t.Errorf("%s: folded, though nobody is quoted", name)
		}
	}
	if !strings.Contains((&Message{Subject: "Re: Printer", HTML: button}).Clean().HTML, foldStart) {
		t.Error("a quote in an answer does not fold")
	}
	for name, html := range map[string]string{
		"an attribution above": `<div>yes</div><div>On Mon, Feb 3, 2025 at 10:15 AM S &lt;s@desk.test&gt; wrote:</div><blockquote type="cite">Shall we?</blockquote>`,
		"one below an answer":  `<div>yes<br><br>On Mon, Feb 3, 2025 at 10:15 AM Support wrote:<br></div><blockquote type="cite">Shall we?</blockquote>`,
		"one within":           `<div>yes</div><blockquote type="cite"><div>On 3 Feb 2025, at 10:15, S &lt;s@desk.test&gt; wrote:</div><div>Shall we?</div></blockquote>`,
		"one a program marked": `<div>jah</div><div class="gmail_quote"><div class="gmail_attr">Kuupäev 3. veebr 2025 kirjutas Support</div><blockquote class="gmail_quote">Shall we?</blockquote></div>`,
		"a header within":      `<div>yes</div><div id="mail-editor-reference-message-container"><b>From:</b> S &lt;s@desk.test&gt;<br><b>Sent:</b> Monday<br><b>To:</b> D<br><b>Subject:</b> x<br>Shall we?</div>`,
	} {
		if !strings.Contains((&Message{Subject: "Printer", HTML: html}).Clean().HTML, foldStart) {
			t.Errorf("%s: not folded", name)
		}
	}
}
