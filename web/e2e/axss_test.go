package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// harm lists what must not stand in a document: framed is the message frame, else one of our own pages.
const harm = `function harm(doc, framed) {
	const found = [];
	const forbidden = framed ? "script, object, embed, base, link, form, svg, math, iframe, frame, input, button, textarea, select, video, audio, source, track, template, portal, :is(body, .mail) meta, :is(body, .mail) style"
		: "object, embed, base, frame, portal, video, audio, math, script:not([src^='/static/']), iframe:not(.letter), link:not([href^='/static/']), .prose :not(a, br, p, span, mark), form:not([action^='/'], [method=dialog])";
	for (const e of doc.querySelectorAll(forbidden)) found.push(e.outerHTML.slice(0, 200));
	for (const e of doc.querySelectorAll("*")) for (const a of e.attributes) {
		const value = a.value.replace(/[\u0000-\u0020]/g, "").toLowerCase();
		if (/^on|^(data-)?hx-on/i.test(a.name)) found.push(a.name + "=" + a.value.slice(0, 200));
		if (["href", "src", "action", "formaction", "xlink:href", "poster", "background", "srcset", "ping"].includes(a.name) && /^(javascript|vbscript|data:text|data:image\/svg|file|blob):?/.test(value)) found.push(a.name + "=" + a.value.slice(0, 200));
		if (/^hx-(get|post)$/.test(a.name) && !a.value.startsWith("/")) found.push(a.name + "=" + a.value);
		if (framed && a.name === "style" && /url\(|expression|position:(fixed|absolute)|@import|behavior/.test(value)) found.push("style=" + a.value.slice(0, 200));
		if (framed && ["src", "srcset", "background", "poster"].includes(a.name) && !/^(\/messages\/|data:image\/(png|jpe?g|gif|webp|bmp|avif|x-icon)[;,])/.test(value)) found.push(a.name + "=" + a.value.slice(0, 200));
	}
	return found;
}`

// clean fails for whatever of harm stands in the page and its frames.
func (b *browser) clean(where string) {
	b.t.Helper()
	found := Eval[[]string](b, `(() => { `+harm+`; const out = harm(document, false);
		for (const f of document.querySelectorAll("iframe.letter")) if (f.contentDocument) out.push(...harm(f.contentDocument, true).map(s => "in the frame: " + s));
		return out; })()`)
	for _, f := range found {
		b.t.Errorf("%s has %s", where, f)
	}
}

// Every payload, sent as real mail into every place a mail fills, does nothing in any page (RELIABILITY, A-XSS, C1, C10).
func TestHostileMailDoesNothing(t *testing.T) {
	journey(t)
	positiveControl(t)
	s := furnish(t)
	p := s.serve()
	ada, root := open(t, p.URL, "ada"), open(t, p.URL, "root")
	ada.signIn("ada@desk.test", password)
	root.signIn("root@desk.test", password)

	// The lists stand open while it comes: what is put into a page live is put by our scripts.
	tickets := hostileTickets(payloads(t))
	mails := 0
	for _, mail := range tickets {
		first := ""
		for _, m := range mail {
			m.answers = first
			raw, id := m.bytes()
			if first == "" {
				first = id
			}
			if err := s.Deliver(support, raw); err != nil {
				t.Fatal(err)
			}
			mails++
		}
	}
	if err := s.Deliver(support, strangeReport()); err != nil {
		t.Fatal(err)
	}
	db := pgtest.Open(t, s.db, nil)
	settled := func() bool {
		n, err := pg.One[int](t.Context(), db, `SELECT count(*)::int FROM inbound WHERE state <> 'pending'`)
		return err == nil && n == mails+1
	}
	if !eventually(t, settled) {
		t.Fatalf("not all of %d mails are settled; %s", mails+1, run(t, s.env, "", "mailbox", "status"))
	}
	s.quarantineSome(db)
	for _, b := range []*browser{ada, root} {
		b.Away()
		b.Wait("all tickets are listed", fmt.Sprintf(`document.querySelectorAll(".ticket-row").length === %d`, len(tickets)))
		b.clean("the list as it came live")
		b.Reload()
		b.clean("the list")
	}
	ada.Shot("list")
	ada.passes(axe(t), "a list of hostile mail")

	hrefs := Eval[[]string](ada, `[...document.querySelectorAll("a.subject")].map(a => a.getAttribute("href"))`)
	frames := 0
	for i, href := range hrefs {
		frames += ada.readWhole(href)
		if i == 0 {
			root.readWhole(href)
			ada.answerNobody()
		}
	}
	if want := mails - len(tickets); frames != want {
		t.Errorf("%d messages were shown in frames, not %d", frames, want)
	}
	ada.readDetails(mails)
	for _, b := range []*browser{ada, root} {
		b.findHostile()
	}
	for _, b := range []*browser{ada, root} {
		b.Goto("/undelivered")
		b.See("#undelivered .sheet", "nobody@customer.test")
		b.See("#undelivered .sheet", "550 <img src=x onerror=alert(1)>")
		b.clean("Undelivered")
	}
	root.Goto("/admin/quarantine")
	for _, href := range Eval[[]string](root, `[...document.querySelectorAll(".entries a")].map(a => a.getAttribute("href"))`) {
		root.Goto(href)
		root.See(".doc-part h2")
		root.clean("the quarantine")
	}
	root.Shot("quarantine")
}

// positiveControl proves that a payload that works is noticed: by a dialog, a foreign request, a broken policy, and in a document.
func positiveControl(t *testing.T) {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/bare":
			io.WriteString(w, `<body><img src=x onerror=alert(1)><img src="http://evil.test/p.png"><svg onload="alert(2)"></svg>`)
		case "/policy":
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			io.WriteString(w, `<body><script>alert(3)</script>`)
		case "/frame":
			io.WriteString(w, `<body><iframe class="letter" sandbox="allow-same-origin" src="/bare"></iframe>`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(site.Close)
	b := open(t, site.URL, "control")
	seen := func(what, path string, ok func() bool) {
		t.Helper()
		b.Goto(path)
		if !eventually(t, func() bool { b.mu.Lock(); defer b.mu.Unlock(); return ok() }) {
			t.Fatalf("the harness does not notice %s", what)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.dialogs, b.foreign, b.wrong = 0, nil, nil
	}
	complains := func(of string) func() bool {
		return func() bool { return strings.Contains(strings.Join(b.wrong, "\n"), of) }
	}
	seen("a payload that fires", "/bare", func() bool { return b.dialogs == 2 && len(b.foreign) == 1 })
	if found := Eval[[]string](b, `(() => { `+harm+`; return harm(document, true); })()`); len(found) < 4 {
		t.Fatalf("the harness sees only %q in a hostile document", found)
	}
	seen("a broken content policy", "/policy", complains("Content Security Policy"))
	seen("a script that a sandbox stops", "/frame", complains("sandboxed"))
	b.forgive()
}

// forgive leaves a browser out of the judgement from now on.
func (b *browser) forgive() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong, b.foreign, b.dialogs, b.forgiven = nil, nil, 0, true
}

// readWhole opens a card, unfolds everything, waits for every frame and looks into all of it. It returns the number of frames.
func (b *browser) readWhole(href string) int {
	b.t.Helper()
	b.Goto(href)
	b.See("#talk .event")
	const folded = `[...document.querySelectorAll("#talk details.event, #talk details.fold")].some(d => !d.open)`
	if Eval[bool](b, folded) {
		b.Press("e")
	}
	b.Wait("everything is unfolded", "!("+folded+")")
	n := Eval[int](b, `(() => { const all = document.querySelectorAll("iframe.letter"); for (const f of all) f.loading = "eager"; return all.length; })()`)
	b.Wait("every message is in its frame", `[...document.querySelectorAll("iframe.letter")].every(f => f.contentDocument?.readyState === "complete" && /\/body$/.test(f.contentDocument.URL) && f.contentDocument.querySelector(".mail"))`)
	b.clean("the card " + href)
	if n := Eval[int](b, `document.querySelectorAll("iframe.letter:not([sandbox='allow-same-origin allow-popups allow-popups-to-escape-sandbox'])").length`); n != 0 {
		b.t.Errorf("%d frames are not in the sandbox", n)
	}
	return n
}

// answerNobody quotes a hostile message and sends it to an address that the server refuses, so that it comes to Undelivered.
func (b *browser) answerNobody() {
	b.t.Helper()
	b.Click("#talk .event[data-kind=in] a[data-answer]")
	b.See("#reply-text")
	b.Wait("the message is quoted", `/^> /m.test(document.querySelector("#reply-text").value)`)
	b.clean("a reply that quotes")
	b.Fill("#reply-to", "nobody@customer.test")
	b.Click("#compose-reply button[popovertarget=m-send]")
	b.Click("#m-send label", "At once")
	b.Click("#compose-reply button[data-kind=primary]", "Send")
	b.See("#talk .event[data-state=failed]")
	b.clean("a card with a sending error")
}

// findHostile looks at what searching, the palette and the place beside the list show of it.
func (b *browser) findHostile() {
	b.t.Helper()
	b.Goto("/tickets?view=all&q=alert")
	b.See(".ticket-row mark")
	b.clean("what a search found")
	b.Press("Control+k")
	b.See("#palette[open]")
	b.Type("mallory")
	b.Wait("tickets and people are found", `document.querySelectorAll("#palette [role=option]").length > 2`)
	b.clean("the palette")
	b.Press("Escape")
	b.Goto("/tickets?view=all")
	b.Press("v")
	b.See("#preview")
	b.Away()
	for range 3 {
		b.Press("j")
		b.Wait("a ticket is shown beside the list", `document.querySelector("#preview").dataset.ticket === document.activeElement.closest(".ticket-row")?.id.slice(1)`)
		b.clean("a ticket beside the list")
	}
	b.Press("v")
	b.Gone("#preview")
}

// readDetails looks at every message's details: one as a page, one in the drawer, all as they are answered.
func (b *browser) readDetails(n int) {
	b.t.Helper()
	b.Click("#talk .event a[data-drawer]")
	b.See("#drawer .details")
	b.clean("the drawer")
	b.Goto("/messages/1")
	b.See(".doc .details")
	b.clean("a message's details")
	found := Eval[[]string](b, fmt.Sprintf(`(async () => { %s; const out = [];
		for (let id = 1; id <= %d; id++) {
			const answer = await fetch("/messages/" + id);
			if (answer.ok) out.push(...harm(new DOMParser().parseFromString(await answer.text(), "text/html"), false).map(s => id + ": " + s));
		}
		return out; })()`, harm, n))
	for _, f := range found {
		b.t.Errorf("the details of message %s", f)
	}
}

// strangeReport is a delivery report for no letter of ours, with a payload wherever it is shown.
func strangeReport() []byte {
	evil := `<img src=x onerror=alert(1)>`
	return []byte("From: " + word(evil) + " <mailer-daemon@customer.test>\r\nTo: " + support + "\r\nSubject: " + word("mallory "+evil) + "\r\nMessage-ID: <report@customer.test>\r\n" +
		"MIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" + evil +
		"\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; " + evil + "@x.test\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
		"Diagnostic-Code: smtp; 550 " + evil + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <nobody@knows>\r\nSubject: " + evil + "\r\n\r\nx\r\n--b--\r\n")
}

// quarantineSome puts copies of hostile mails into the quarantine, where no mail of these goes by itself.
func (s *stage) quarantineSome(db *pg.DB) {
	s.t.Helper()
	pgtest.Tx(s.t, db, func(tx *pg.Tx) {
		_, err := pg.Exec(s.t.Context(), tx, `
			INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, state, reason, error, try_at, settled_at,
				seems_from, seems_subject)
			SELECT mailbox_id, folder, epoch, uidvalidity, uid + 100000, size, internaldate, stored_at, raw_blob_id, decode(md5(id::text), 'hex'), 'quarantined', 'refused',
			       '<img src=x onerror=alert(1)>', try_at, settled_at, '"><script>alert(1)</script>', '</b><svg onload=alert(1)>'
			FROM inbound WHERE state IN ('ticket', 'bounce') ORDER BY id LIMIT 12`)
		if err != nil {
			s.t.Fatal(err)
		}
	})
}
