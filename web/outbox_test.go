package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// written has a browser answer the customer of a ticket and returns the letter, which waits.
func written(t *testing.T, db *pg.DB, b *browser, card string) (outbox string) {
	t.Helper()
	letter := formOf(b.get(card).page(t).Find("#compose-reply"))
	letter.Set("text", "It is on its way.")
	letter.Set("to", "ann@customer.test")
	if got := b.send(http.MethodPost, card+"/replies", letter); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("the reply: %s", got.Status)
	}
	return "/outbox/" + dec(one[int64](t, db, `SELECT max(id) FROM outbox`))
}

// told follows a deed to the page it leads to and returns what is said there.
func told(t *testing.T, b *browser, a answer) string {
	t.Helper()
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("a deed: %s", a.Status)
	}
	return strings.Join(strings.Fields(b.get(a.Header.Get("Location")).page(t).Find("#passing .toast p").Text()), " ")
}

func TestADeedToALetterThatWaitsNoLongerSaysWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	all := made(t, db, inbox(t, db))
	b := start(t, db).as(insider)
	for _, c := range []struct{ state, said, dealt string }{
		{"leased", "Too late: the message is being sent right now", "Somebody has dealt with this already"},
		{"dot", "Too late: the message is being sent right now", "Somebody has dealt with this already"},
		{"sent", "Too late: the message has left already", "Somebody has dealt with this already"},
		{"failed", "Too late: the message was sent and could not be delivered", ""},
		{"uncertain", "Too late: the message was sent, and nobody knows whether it arrived", ""},
		{"cancelled", "The message was taken back already. It is not sent", "Somebody has dealt with this already"},
	} {
		exec(t, db, `UPDATE outbox SET state = $1, trouble = $1 IN ('failed', 'uncertain') WHERE id = $2`, c.state, all["outbox"])
		exec(t, db, `UPDATE outbox_recipient SET state = 'accepted' WHERE outbox_id = $1`, all["outbox"])
		for deed, want := range map[string]string{"cancellation": c.said, "departure": c.said, "retry": c.dealt, "settlement": c.dealt} {
			if want == "" {
				continue
			}
			if got := told(t, b, b.post("/outbox/"+all["outbox"]+"/"+deed)); got != want {
				t.Errorf("%s of a letter that is %s says %q, want %q", deed, c.state, got, want)
			}
		}
	}
}

// Its author sees a letter's countdown and takes it back; a colleague deletes its ticket just before, and takes that back later.
func TestALetterTakenBackWhileItsTicketIsDeletedDoesNotComeBackWithIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	card := "/tickets/" + made(t, db, inbox(t, db))["tickets"]
	s := start(t, db)
	author, other := s.as(insider), s.as(boss)
	letter := written(t, db, author, card)
	other.post(card + "/deletion")
	if got, want := told(t, author, author.post(letter+"/cancellation")), "Not sent. The text is kept in the ticket, which you do not see any more"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	if got, want := told(t, author, author.post(letter+"/cancellation")), "The message was taken back already. It is not sent"; got != want {
		t.Errorf("once more: told %q, want %q", got, want)
	}
	if other.post(letter+"/cancellation").StatusCode != http.StatusNotFound {
		t.Error("somebody else has a letter of a deleted ticket")
	}
	other.post(card + "/restoration")
	is := one[string](t, db, `SELECT state || ', ' || (SELECT fields ->> 'text' FROM draft WHERE kind = 'reply' AND agent_id = outbox.agent_id AND ticket_id = outbox.ticket_id) FROM outbox ORDER BY id DESC LIMIT 1`)
	if is != "cancelled, It is on its way." {
		t.Errorf("the letter is %s", is)
	}
}

func TestALetterTakenBackByAColleagueSaysByWhom(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	card := "/tickets/" + made(t, db, inbox(t, db))["tickets"]
	s := start(t, db)
	author, other := s.as(insider), s.as(colleague)
	letter := written(t, db, author, card)
	other.post(letter + "/cancellation")
	for _, deed := range []string{"/departure", "/cancellation"} {
		if got, want := told(t, author, author.post(letter+deed)), "Colleague has taken the message back already. It is not sent"; got != want {
			t.Errorf("%s says %q, want %q", deed, got, want)
		}
	}
	said := s.as(outsider).get("/tickets?said=taken-back&of=" + strings.TrimPrefix(letter, "/outbox/")).page(t).Find("#passing .toast p").Text()
	if strings.Contains(said, "Colleague") {
		t.Errorf("who does not see the ticket is told %q", said)
	}
}

func TestALetterTakenBackFromAListLeadsBackToThatList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	card := "/tickets/" + made(t, db, inbox(t, db))["tickets"]
	b := start(t, db).as(insider)
	const list = "/tickets?view=all&q=status%3Awaiting&order=created&open=7&said=bulk&of=7"
	for _, c := range []struct{ from, back string }{
		{list, "/tickets?view=all&q=status:waiting&order=created"},
		{"/tickets", "/tickets?view=queues"},
		{"/tickets/7?from=" + url.QueryEscape("view=starred&place=7"), "/tickets?view=starred"},
		{card + "?from=mine", "/tickets?view=mine"},
		{"/undelivered", "/tickets?view=queues"},
	} {
		letter := written(t, db, b, card)
		for _, deed := range []string{"taken back", "taken back again"} {
			to := b.send(http.MethodPost, letter+"/cancellation", url.Values{}, "HX-Current-URL", b.url+c.from).Header.Get("Location")
			back := b.get(to).page(t).Find("a[data-back]").AttrOr("href", "")
			if path, _, _ := strings.Cut(back, "#"); !strings.HasPrefix(to, card+"?") || path != c.back {
				t.Errorf("%s on %s it leads to %s and back to %s, want back to %s", deed, c.from, to, back, c.back)
			}
		}
		exec(t, db, `DELETE FROM draft`)
	}
}

func TestWhatIsNewSinceOneBeganToWriteHasNoButtonsOfALetter(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	card := "/tickets/" + made(t, db, inbox(t, db))["tickets"]
	s := start(t, db)
	first, second := s.as(boss), s.as(insider)
	begun := formOf(second.get(card).page(t).Find("#compose-reply"))
	letter := written(t, db, first, card)
	begun.Set("text", "Mine.")
	begun.Set("to", "ann@customer.test")
	page := second.send(http.MethodPost, card+"/replies", begun).page(t)
	held := page.Find("#compose-reply .conflict .event")
	if n := held.Find("form, button").Length(); held.Length() != 1 || !strings.Contains(held.Text(), "It is on its way.") || n != 0 {
		t.Errorf("%d new events with %d buttons: %s", held.Length(), n, held.Text())
	}
	if page.Find(`#talk form[action="`+letter+`/cancellation"]`).Length() != 1 {
		t.Error("the letter cannot be taken back on the card")
	}
}
