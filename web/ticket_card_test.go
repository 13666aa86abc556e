package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
)

// On a phone the document itself begins with the newest event, and of more than six the first and the last three are seen.
func TestAPhoneReadsTheNewestFirst(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	exec(t, db, `DELETE FROM outbox`)
	exec(t, db, `DELETE FROM bounce`)
	exec(t, db, `UPDATE inbound SET message_id = NULL`)
	exec(t, db, `DELETE FROM message`)
	write := func(n int) {
		for range n {
			exec(t, db, `WITH m AS (INSERT INTO message (ticket_id, kind, at, author_id, excerpt)
				SELECT $1::bigint, 'comment', now() - (20 - n) * interval '14 hours', (SELECT id FROM agent WHERE email = $2), 'note ' || n
				FROM (SELECT count(*) AS n FROM message) x RETURNING id, excerpt) INSERT INTO message_body (message_id, text) SELECT id, excerpt FROM m`, all["tickets"], insider)
		}
	}
	card := "/tickets/" + all["tickets"]
	notes := func(s *goquery.Selection) (list []string) {
		s.Each(func(_ int, e *goquery.Selection) {
			list = append(list, strings.TrimPrefix(e.Find(".event-first").Text(), "note "))
		})
		return list
	}
	look := func(cookie string) *goquery.Selection {
		return b.get(card, "Cookie", "frontdesk-width="+cookie+"; "+b.cookie()).page(t).Find("#talk")
	}
	write(6)
	if got := notes(look("wide").Find(".event")); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5"}) {
		t.Errorf("at a desk: %v", got)
	}
	if got := look("narrow"); got.Find(".fold").Length() != 0 || !slices.Equal(notes(got.Find(".event")), []string{"5", "4", "3", "2", "1", "0"}) {
		t.Errorf("six on a phone: %v", notes(got.Find(".event")))
	}
	write(4)
	talk := look("narrow")
	if got := notes(talk.Find(".events").First().ChildrenFiltered(".event")); !slices.Equal(got, []string{"9", "8", "7", "2", "1", "0"}) {
		t.Errorf("seen of ten: %v", got)
	}
	fold := talk.Find(".fold")
	if got := notes(fold.Find(".event")); !slices.Equal(got, []string{"6", "5", "4", "3"}) || strings.TrimSpace(fold.Find(".fold-gap").Text()) != "+4 between" {
		t.Errorf("folded: %v under %q", got, fold.Find(".fold-gap").Text())
	}
	if _, open := fold.Attr("open"); open {
		t.Error("what was read is unfolded")
	}
	// Every event stands under the day it happened on, and no heading stands twice where it is seen.
	day, seen := "", map[string]bool{}
	talk.Find(".events").First().Children().Each(func(_ int, e *goquery.Selection) {
		if e.HasClass("event-day") {
			day = e.Text()
			if !regexp.MustCompile(` 20\d\d$`).MatchString(day) {
				t.Errorf("%q has no year on paper", day)
			}
			if seen[day] {
				t.Errorf("%s stands twice", day)
			}
			seen[day] = true
		} else if e.HasClass("event") && day == "" {
			t.Error("an event stands under no day")
		}
	})
	if talk.Find(".fold .events").Children().First().HasClass("event") && day == "" {
		t.Error("the folded ones have no day")
	}
	exec(t, db, `UPDATE message SET kind = 'in' WHERE excerpt = 'note 5'`)
	exec(t, db, fmt.Sprintf(`UPDATE ticket SET last_in_id = (SELECT id FROM message WHERE excerpt = 'note 5') WHERE id = %s`, all["tickets"]))
	if _, open := look("narrow").Find(".fold").Attr("open"); !open {
		t.Error("a new message is hidden")
	}
}

// What a page has no room for stands behind its link, of a ticket without messages too.
func TestTheLinkToWhatCameBeforeLeadsToTheOpening(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	id := newTicket(t, db, inbox(t, db))
	b := start(t, db).as(insider)
	exec(t, db, `INSERT INTO event (at, subject_kind, subject_id, kind, data)
		SELECT now() + n * interval '1 second', 'ticket', $1, 'changed', jsonb_build_object('changes', jsonb_build_array(jsonb_build_object('field', 'subject', 'old_name', 'x', 'new_name', 'Printer ' || n)))
		FROM generate_series(1, 450) n`, id)
	var lines []int
	for path := href.Ticket(id); path != ""; {
		talk := b.get(path).page(t).Find("#talk")
		more := talk.Find("#earlier a")
		lines = append(lines, talk.Find(".event").Length()-more.Length())
		if path = more.AttrOr("href", ""); len(lines) > 5 {
			break
		}
	}
	if want := []int{200, 200, 50}; !slices.Equal(lines, want) {
		t.Errorf("lines on the pages: %v, want %v", lines, want)
	}
	for before, want := range map[string]ticket.Mark{"": {}, "x": {}, "7": {Message: 7}, "7-9": {Message: 7, Event: 9}, "0-9": {Event: 9}} {
		if got := markOf(before); got != want {
			t.Errorf("%q is %v, want %v", before, got, want)
		}
	}
}

// At a desk one goes on with it at once; on a phone it would cover what is to be read, and is said to be there.
func TestADraftCoversNothingOnAPhone(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	exec(t, db, `INSERT INTO draft (agent_id, ticket_id, kind, fields, changed_at) SELECT id, $1::text::bigint, 'reply', '{"text": "We shall"}', now() FROM agent WHERE email = $2
		ON CONFLICT (agent_id, ticket_id, kind) DO UPDATE SET fields = excluded.fields`, all["tickets"], insider)
	exec(t, db, `DELETE FROM draft WHERE kind = 'comment'`)
	for width, open := range map[string]string{"wide": "reply", "narrow": ""} {
		c := b.get("/tickets/"+all["tickets"], "Cookie", "frontdesk-width="+width+"; "+b.cookie()).page(t).Find("#compose")
		hint := c.Find(".compose-shut").Text()
		if c.AttrOr("data-open", "?") != open || strings.Contains(hint, "Draft of") != (open == "") || c.Find("#reply-text").Text() != "We shall" {
			t.Errorf("%s: open %q, beside the buttons %q, in the form %q", width, c.AttrOr("data-open", "?"), strings.Join(strings.Fields(hint), " "), c.Find("#reply-text").Text())
		}
	}
}

// Whoever reads what was written long ago answers the customer's newest message all the same, and is told that there is more to read (PRODUCT C7).
func TestAReplyFromEarlierMessagesGoesToWhoWroteLast(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	exec(t, db, `
		WITH m AS (INSERT INTO message (ticket_id, kind, at, from_address, reply_to)
			SELECT $1::text::bigint, 'in', now(), CASE WHEN n < 10 THEN 'bob@old.test' ELSE 'ann@new.test' END, CASE WHEN n < 60 THEN '' ELSE 'desk@new.test' END FROM generate_series(0, 60) n RETURNING id)
		INSERT INTO message_body (message_id, text) SELECT id, 'hello' FROM m`, all["tickets"])
	exec(t, db, `UPDATE ticket SET last_in_id = (SELECT max(id) FROM message) WHERE id = $1::text::bigint`, all["tickets"])
	ids, err := pg.List[int64](t.Context(), db, `SELECT id FROM message WHERE from_address = 'ann@new.test' ORDER BY id`)
	must(t, err)
	last := ids[len(ids)-1]
	card := "/tickets/" + all["tickets"]
	form := b.get(card + "?before=" + dec(ids[0])).page(t).Find("#compose-reply")
	field := func(name string) string { return form.Find("[name="+name+"]").AttrOr("value", "") }
	_, base, _ := strings.Cut(field("version"), "-")
	if field("to") != "desk@new.test" || field("answer") != dec(last) || base != dec(ids[0]-1) {
		t.Errorf("a reply goes to %q and answers %q, having seen %q; want that %d is answered, and seen up to %d", field("to"), field("answer"), base, last, ids[0]-1)
	}
	a := b.post(card+"/replies", "text", "Thanks", "to", field("to"), "answer", field("answer"), "version", field("version"))
	if a.StatusCode != http.StatusConflict {
		t.Errorf("a reply by who has not seen the newest messages: %s", a.Status)
	}
}

// "Reply" on a message answers and quotes that one, on whatever page it stands.
func TestAReplyToAnEarlierMessageGoesToWhoWroteIt(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	writes(t, db, all["tickets"], "SELECT CASE WHEN n < 5 THEN 'bob@old.test' ELSE 'ann@new.test' END, '', 'words ' || n FROM generate_series(0, 60) n")
	old := one[int64](t, db, `SELECT min(id) FROM message WHERE from_address = 'bob@old.test'`)
	card := "/tickets/" + all["tickets"]
	link := b.get(card+"?before="+dec(old+6)).page(t).Find(fmt.Sprintf("a[data-answer][href*='answer=%d#']", old)).AttrOr("href", "")
	path, _, _ := strings.Cut(link, "#")
	form := b.get(path).page(t).Find("#compose-reply")
	to, answer := form.Find("[name=to]").AttrOr("value", ""), form.Find("[name=answer]").AttrOr("value", "")
	if said := form.Find("#reply-text").Text(); to != "bob@old.test" || answer != dec(old) || !strings.Contains(said, "> words 0") {
		t.Errorf("%q opens a reply to %q, answering %s and quoting %q; want bob@old.test, %d", link, to, answer, said, old)
	}
	foreign := newTicket(t, db, inbox(t, db))
	if text := b.get(href.Answer(foreign, old)).page(t).Find("#reply-text").Text(); strings.Contains(text, "words") {
		t.Errorf("another ticket quotes it: %q", text)
	}
}

// "Reply" on a message leaves what is half written where it stands, and quotes below it, once.
func TestAReplyToAMessageKeepsTheDraft(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	writes(t, db, all["tickets"], "VALUES ('bob@old.test', '', 'Where is it?'), ('ann@new.test', '', 'Never mind.')")
	old := one[int64](t, db, `SELECT id FROM message WHERE from_address = 'bob@old.test'`)
	card := "/tickets/" + all["tickets"]
	form := formOf(b.get(card).page(t).Find("#compose-reply"))
	form.Set("text", "Half an hour of work")
	form.Set("to", "ann@new.test, boss@new.test")
	form.Set("delay", "3600")
	for range 2 {
		b.send(http.MethodPost, card+"/drafts/reply", form)
		reply := b.get(card + "?compose=reply&answer=" + dec(old)).page(t).Find("#compose-reply")
		said := reply.Find("#reply-text").Text()
		form = formOf(reply)
		if strings.Count(said, "Half an hour of work\n\n") != 1 || strings.Count(said, "> Where is it?") != 1 || form.Get("to") != "bob@old.test" || form.Get("delay") != "3600" {
			t.Errorf("a reply to %q in %s seconds: %q", form.Get("to"), form.Get("delay"), said)
		}
		if _, hidden := reply.Find("[data-discard]").Attr("hidden"); hidden || reply.Find(".composer-state").Text() == "" {
			t.Error("nothing says that there is a draft")
		}
		form.Set("text", said)
	}
}

func TestADraftHeardBehindItsLetterIsNotShownAgain(t *testing.T) {
	t.Parallel()
	b, _, all := desked(t)
	card := "/tickets/" + all["tickets"]
	form := formOf(b.get(card).page(t).Find("#compose-reply"))
	form.Set("text", "Thank you.")
	form.Set("to", "agnieszka@example.test")
	if a := b.send(http.MethodPost, card+"/replies", form); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	b.send(http.MethodPost, card+"/drafts/reply", form, "Accept", "application/json")
	if text := b.get(card).page(t).Find("#reply-text").Text(); strings.Contains(text, "Thank you.") {
		t.Errorf("what was sent stands in the composer: %q", text)
	}
}

// The form says which version of the draft it knows. Another tab's is not overwritten and the form is told, in its own language, with 409; files raise no
// version; without a script the last one counts.
func TestATabOverwritesNoDraftItDoesNotKnow(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	card := "/tickets/" + all["tickets"]
	open := func() url.Values {
		page := b.get(card).page(t)
		form := formOf(page.Find("#compose-reply"))
		form.Set("draft_version", page.Find("#compose-reply").AttrOr("data-draft-version", ""))
		if page.Find("#words").AttrOr("data-newer-draft", "") == "" {
			t.Error("the script has no words for it")
		}
		return form
	}
	save := func(form url.Values, text string) answer {
		form.Set("text", text)
		a := b.send(http.MethodPost, card+"/drafts/reply", form, "Accept", "application/json")
		if a.StatusCode == http.StatusOK {
			var got struct {
				Saved   string
				Version int64
			}
			if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Saved == "" {
				t.Errorf("%v: %s", err, a.body)
			}
			form.Set("draft_version", dec(got.Version))
		}
		return a
	}
	kept := func() string { return one[string](t, db, `SELECT fields ->> 'text' FROM draft`) }
	first, second := open(), open()
	if a := save(first, "one"); first.Get("draft_version") == "0" || a.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", a.Status, a.body)
	}
	b.upload(card+"/drafts/reply/files", paper{files: [][2]string{{"photo.jpg", "small"}}})
	if a := save(first, "one two"); a.StatusCode != http.StatusOK {
		t.Errorf("after a file: %s", a.Status)
	}
	for _, text := range []string{"other", ""} {
		if a := save(second, text); a.StatusCode != http.StatusConflict || kept() != "one two" {
			t.Errorf("%q of the other tab: %s, kept is %q", text, a.Status, kept())
		}
	}
	third := open()
	third.Set("to", "nobody")
	third.Set("text", "one two three")
	back := b.send(http.MethodPost, card+"/replies", third).page(t).Find("#compose-reply")
	if version := back.AttrOr("data-draft-version", ""); version != third.Get("draft_version") {
		t.Errorf("the form that comes back knows %q, want %s", version, third.Get("draft_version"))
	}
	if a := save(third, "one two three"); a.StatusCode != http.StatusOK || kept() != "one two three" {
		t.Errorf("a page that shows the draft: %s, kept is %q", a.Status, kept())
	}
	second.Del("draft_version")
	if a := save(second, "other"); a.StatusCode != http.StatusOK || kept() != "other" {
		t.Errorf("a form that says nothing: %s, kept is %q", a.Status, kept())
	}
}

// Two places show the same draft: the second is told of the letter that the first has sent, and the first goes on.
func TestALetterSentFromOnePlaceIsShownInTheOther(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	card := "/tickets/" + all["tickets"]
	written := func() url.Values {
		form := formOf(b.get(card).page(t).Find("#compose-reply"))
		form.Set("text", "Thank you.")
		form.Set("to", "agnieszka@example.test")
		return form
	}
	first, second := written(), written()
	if a := b.send(http.MethodPost, card+"/replies", first); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	a := b.send(http.MethodPost, card+"/replies", second)
	if news := a.page(t).Find("#compose-reply .conflict .event"); a.StatusCode != http.StatusConflict || news.Length() != 1 || !strings.Contains(news.Text(), "Thank you.") {
		t.Errorf("%s, new: %q", a.Status, news.Text())
	}
	if a := b.send(http.MethodPost, card+"/replies", written()); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the next letter, from a page that shows the first: %s", a.Status)
	}
	if n := one[int](t, db, `SELECT count(*) FROM outbox WHERE state = 'queued'`); n != 2 {
		t.Errorf("%d letters leave, want 2", n)
	}
}

func TestACommentLeavesUnreadWhatCameBehindItsPage(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	card := "/tickets/" + all["tickets"]
	form := formOf(b.get(card).page(t).Find("#compose-comment"))
	writes(t, db, all["tickets"], "VALUES ('ann@new.test', '', 'It burns!')")
	form.Set("text", "Calm, no hurry.")
	if a := b.send(http.MethodPost, card+"/comments", form); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if !one[bool](t, db, `SELECT last_in_id > (SELECT message_id FROM ticket_seen s WHERE s.ticket_id = t.id AND agent_id = $2) FROM ticket t WHERE id = $1`, all["tickets"], agentID(t, db, insider)) {
		t.Error("a mail that its author has not seen counts as read")
	}
}

// The warning of a Reply-To that leads away speaks of the message that is answered, in the draft and in the form that comes back too.
func TestTheWarningIsOfTheMessageThatIsAnswered(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	writes(t, db, all["tickets"], "VALUES ('ann@new.test', 'thief@evil.test', 'one'), ('ann@new.test', '', 'two')")
	old := one[int64](t, db, `SELECT id FROM message WHERE reply_to <> ''`)
	card := "/tickets/" + all["tickets"]
	warned := func(page *goquery.Document) bool {
		return strings.Contains(page.Find("#compose-reply .composer-notice").Text(), "thief@evil.test")
	}
	page := b.get(card + "?compose=reply&answer=" + dec(old)).page(t)
	if !warned(page) {
		t.Error("nothing is said when it is begun")
	}
	form := formOf(page.Find("#compose-reply"))
	form.Set("text", "Here is your money.")
	b.send(http.MethodPost, card+"/drafts/reply", form)
	if again := b.get(card).page(t); !warned(again) || again.Find("#compose-reply [name=to]").AttrOr("value", "") != "thief@evil.test" {
		t.Error("nothing is said of the draft")
	}
	form.Set("text", "")
	if !warned(b.send(http.MethodPost, card+"/replies", form).page(t)) {
		t.Error("nothing is said of the form that comes back")
	}
	form.Set("text", "Here is your money.")
	form.Set("answer", "no number")
	b.send(http.MethodPost, card+"/drafts/reply", form)
	if a := b.get(card); a.StatusCode != http.StatusOK || warned(a.page(t)) {
		t.Errorf("a draft that answers nothing: %s", a.Status)
	}
}

// writes lets customers write to a ticket: From, Reply-To and text of each mail, one after the other.
func writes(t *testing.T, db *pg.DB, id, mails string) {
	t.Helper()
	exec(t, db, `
		WITH mail AS (SELECT nextval(pg_get_serial_sequence('message', 'id')) AS id, * FROM (`+mails+`) x (sender, reply_to, words)),
		m AS (INSERT INTO message (id, ticket_id, kind, at, from_address, reply_to, rfc_id) OVERRIDING SYSTEM VALUE SELECT id, $1::text::bigint, 'in', now(), sender, reply_to, id || '@mail.test' FROM mail),
		b AS (INSERT INTO message_body (message_id, text) SELECT id, words FROM mail)
		UPDATE ticket SET last_in_id = (SELECT max(id) FROM mail) WHERE id = $1::text::bigint`, id)
}

// A save that moves the ticket away leads to the list, where the letter can still be taken back (PRODUCT S1).
func TestAReplyThatMovesTheTicketAwayLeadsToTheListAndIsCancelledThere(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	second := secondQueue(t, db)
	exec(t, db, `UPDATE queue SET mailbox_id = (SELECT min(id) FROM mailbox)`)
	card := "/tickets/" + all["tickets"]
	a := b.post(card+"/replies", "text", "Bye", "to", "agnieszka@example.test", "version", version(t, b, card), "delay", "30", "queue", dec(second))
	if to := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || to != "/tickets" {
		t.Fatalf("%s to %s, want the list", a.Status, to)
	}
	cancel := b.get("/tickets").page(t).Find("form[action$='/cancellation']").AttrOr("action", "")
	a = b.post(cancel)
	if line := b.get(a.Header.Get("Location")).page(t).Find(".toast").Text(); a.StatusCode != http.StatusSeeOther || !strings.Contains(line, "which you do not see any more") {
		t.Errorf("%s answers %s and says %q", cancel, a.Status, line)
	}
	if state, err := pg.One[string](t.Context(), db, `SELECT state FROM outbox ORDER BY id DESC LIMIT 1`); err != nil || state != "cancelled" {
		t.Errorf("the letter is %s, %v", state, err)
	}
	id := dec(newTicket(t, db, inbox(t, db)))
	if to := b.post("/tickets/"+id+"/comments", "text", "Not ours", "queue", dec(second)).Header.Get("Location"); to != "/tickets" {
		t.Errorf("a comment that moves the ticket leads to %s", to)
	}
}

func TestAFormKeyNobodyMadeIsRefused(t *testing.T) {
	t.Parallel()
	b, _, all := desked(t)
	for _, path := range []string{"/comments", "/replies"} {
		if a := b.post("/tickets/"+all["tickets"]+path, "text", "x", "to", "agnieszka@example.test", "form_key", strings.Repeat("k", longestFormKey+1)); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
}

// The answer to a form may be lost. What its author wrote in it since comes back with what it became, and can be sent.
func TestAFormThatWasWrittenAlreadyComesBackWithWhatWasTypedSince(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	card := "/tickets/" + all["tickets"]
	for kind, path := range map[string]string{"reply": "/replies", "comment": "/comments"} {
		f := formOf(b.get(card).page(t).Find("#compose-" + kind))
		f.Set("text", "First "+kind+".")
		f.Set("to", "ann@customer.test")
		sends := func(f url.Values, want int) answer {
			a := b.send(http.MethodPost, card+path, f)
			if a.StatusCode != want {
				t.Fatalf("%s: %s, want %d", kind, a.Status, want)
			}
			return a
		}
		sends(f, http.StatusSeeOther)
		f.Set("text", "First "+kind+". And more.")
		draft := b.send(http.MethodPost, card+"/drafts/"+kind, f, "Accept", "application/json")
		if !strings.Contains(draft.body, `"written":true`) {
			t.Errorf("a draft of it: %s", draft.body)
		}
		page := sends(f, http.StatusConflict).page(t)
		back := formOf(page.Find("#compose-" + kind))
		if said := page.Find("#compose-" + kind + " .conflict").Text(); !strings.Contains(said, "First "+kind+".") || back.Get("text") != "First "+kind+". And more." {
			t.Errorf("%s: told %q, comes back as %v", kind, said, back)
		}
		sends(back, http.StatusSeeOther)
		if n := one[int](t, db, `SELECT count(*) FROM message_body WHERE text LIKE $1`, "First "+kind+"%"); n != 2 {
			t.Errorf("%s: %d are there", kind, n)
		}
	}
}

func TestTheHistoryNamesNoForeignTicket(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	near, foreign := newTicket(t, db, inbox(t, db)), newTicket(t, db, secondQueue(t, db))
	exec(t, db, `
		INSERT INTO event (at, subject_kind, subject_id, kind, data)
		SELECT now(), 'ticket', $1::text::bigint, kind, jsonb_build_object('other', other, 'reason', 'same_mail')
		FROM unnest(ARRAY[$2::bigint, $3::bigint]) other, unnest(ARRAY['linked', 'unknown_sender']) kind`, all["tickets"], near, foreign)
	card := "/tickets/" + all["tickets"]
	talk := b.get(card).page(t).Find("#talk").Text()
	if strings.Contains(talk, tagged(foreign)) || strings.Count(talk, tagged(near)) != 2 {
		t.Errorf("of %d, which they see, and %d, which they do not, the history says: %s", near, foreign, talk)
	}
	if talk := b.as(boss).get(card).page(t).Find("#talk").Text(); strings.Count(talk, tagged(foreign)) != 2 {
		t.Errorf("who sees all reads: %s", talk)
	}
}

func TestATicketIsNotPostponedUntilNothing(t *testing.T) {
	t.Parallel()
	b, _, all := desked(t)
	for _, fields := range [][]string{{"until", "0"}, {"until", "-1"}, {"until", "soon"}, {}} {
		if a := b.post("/tickets/"+all["tickets"]+"/postponement", fields...); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%v: %s to %s", fields, a.Status, a.Header.Get("Location"))
		}
	}
}

// A mail may name nobody: list, card and event say so where they would name the sender.
func TestAMailWithoutASenderSaysSo(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	exec(t, db, `UPDATE message SET from_name = '', from_address = '', to_list = '{}'`)
	exec(t, db, `UPDATE ticket SET customer_id = NULL, requester = '', requester_name = ''`)
	card := b.get("/tickets/" + all["tickets"]).page(t)
	for where, got := range map[string]*goquery.Selection{
		"the list": b.get("/tickets?view=all").page(t).Find("#t" + all["tickets"] + " [data-col=customer]"),
		"the card": card.Find("#customer .name"), "the event": card.Find(".event[data-kind=in] .event-who").First(),
	} {
		if text := strings.TrimSpace(got.Text()); text != "Sender unknown" {
			t.Errorf("%s says %q", where, text)
		}
	}
	if got := card.Find(".event[data-kind=in] .event-to"); got.Length() > 0 {
		t.Errorf("the event tells its way: %q", got.Text())
	}
}

// What people wrote is read out in the language they wrote it in, subject and text each in its own, not in that of the page; what the page says in
// their place is in its language.
func TestWhatPeopleWroteIsReadOutInItsLanguage(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	exec(t, db, `UPDATE ticket SET language = 'pl', subject = 'Nie działa kod rabatowy'`)
	exec(t, db, `UPDATE message SET language = 'de', kind = 'comment', excerpt = 'Der Code geht nicht.'`)
	exec(t, db, `UPDATE message_body SET html = '', text = 'Der Code geht nicht.'`)
	card := b.get("/tickets/" + all["tickets"]).page(t)
	for where, want := range map[*goquery.Selection]string{
		b.get("/tickets?view=all").page(t).Find(".subject span:not(.sr)").First(): "pl",
		card.Find(".talk-title h1"): "pl", card.Find(".event-first").First(): "de", card.Find(".event .prose").First(): "de",
	} {
		if got := where.AttrOr("lang", ""); got != want {
			t.Errorf("%q is read out as %q, not %q", strings.TrimSpace(where.Text()), got, want)
		}
	}

	exec(t, db, `UPDATE ticket SET subject = ''`)
	exec(t, db, `UPDATE message_body SET text = ''`)
	card = b.get("/tickets/" + all["tickets"]).page(t)
	for _, ours := range []*goquery.Selection{b.get("/tickets?view=all").page(t).Find(".subject:not(:has([lang]))").First(), card.Find(".talk-title h1"), card.Find(".event .prose").First()} {
		if got, ok := ours.Attr("lang"); ok || ours.Length() == 0 {
			t.Errorf("%q is read out as %q", strings.TrimSpace(ours.Text()), got)
		}
	}
}

// What is known of a message is compared and printed, so its moments have their day; of a customer's mail it does not claim to know when it was
// written, but what its sender says.
func TestTheMomentsOfAMessageHaveTheirDay(t *testing.T) {
	t.Parallel()
	b, db, all := desked(t)
	exec(t, db, `UPDATE message SET kind = 'in', author_id = NULL, dated_at = '2024-06-15 12:00Z' WHERE id = $1`, all["messages"])
	facts := b.get("/messages/" + all["messages"]).page(t).Find("dl.details").Text()
	if !strings.Contains(facts, "Dated by the sender") || !strings.Contains(facts, "2024") || strings.Contains(facts, "Written") {
		t.Errorf("the facts are %q", facts)
	}
}

func TestADeletedTicketIsTakenBackWhereItStood(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	id := newTicket(t, db, inbox(t, db))
	path := "/tickets/" + dec(id)
	s := start(t, db)
	if a := s.as(boss).post(path + "/deletion"); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("deletion answers %d", a.StatusCode)
	}
	const undo = `.empty form[action$="/restoration"]`
	if a := s.as(insider).get(path); a.StatusCode != http.StatusNotFound || a.page(t).Find(undo).Length() != 0 {
		t.Errorf("who may not delete is answered %d\n%s", a.StatusCode, a.body)
	}
	a := s.as(boss).get(path)
	if a.StatusCode != http.StatusNotFound || a.page(t).Find(undo).AttrOr("action", "") != path+"/restoration" {
		t.Fatalf("who may delete finds no way back: %d\n%s", a.StatusCode, a.body)
	}
	s.as(boss).post(path + "/restoration")
	if a := s.as(boss).get(path); a.StatusCode != http.StatusOK {
		t.Errorf("taken back it answers %d", a.StatusCode)
	}
}
