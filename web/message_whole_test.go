package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestAMailThatWasTooLargeIsFetchedOnRequest(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	own := made(t, db, inbox(t, db))
	b := s.as(insider)
	fetch, card := "/messages/"+own["messages"]+"/fetch", "/tickets/"+own["tickets"]
	notice := func(b *browser) *goquery.Selection {
		t.Helper()
		return b.get(card).page(t).Find("#m" + own["messages"] + " > .event-notice .notice")
	}
	if n := notice(b); !strings.Contains(n.Text(), "lies in “INBOX” of the mailbox box"+own["tickets"]) || n.Find("form[action='"+fetch+"'] button").Length() != 1 {
		t.Errorf("before: %s", n.Text())
	}
	exec(t, db, `UPDATE profile SET permissions = array_remove(permissions, 'ticket.write') WHERE key = 'admin'`)
	if n := notice(s.as(boss)); n.Length() != 1 || n.Find("form").Length() != 0 {
		t.Errorf("who may only read has a button: %s", n.Text())
	}
	for range 2 {
		a := b.send(http.MethodPost, fetch, nil)
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != card+"#m"+own["messages"] {
			t.Fatalf("%s to %s", a.Status, a.Header.Get("Location"))
		}
	}
	got, err := pg.One[string](t.Context(), db, `SELECT count(*) || ' ' || (SELECT count(*) FROM event WHERE kind = 'whole_asked') FROM inbound_whole`)
	if must(t, err); got != "1 1" {
		t.Errorf("wishes and events: %s", got)
	}
	for _, c := range []struct{ set, says, button string }{
		{`state = 'waiting'`, "It will be fetched in a moment.", ""},
		{`state = 'waiting', reason = 'server', try_at = now() + interval '1 hour'`, "The mail server did not answer as it should. Next attempt: ", "Try now"},
		{`state = 'fetching', got = 30`, "30 B of 50 B are here.", ""},
		{`state = 'failed', reason = 'gone', settled_at = now()`, "Somebody deleted or moved it.", "Try again"},
	} {
		exec(t, db, `UPDATE inbound_whole SET `+c.set)
		if n := notice(b); !strings.Contains(spoken(n), c.says) || strings.TrimSpace(n.Find("button").Text()) != c.button {
			t.Errorf("%s: %q with the button %q", c.set, n.Find("p").Text(), n.Find("button").Text())
		}
	}
	exec(t, db, `UPDATE inbound SET size = 600000000`)
	exec(t, db, `DELETE FROM inbound_whole`)
	if n := notice(b); !strings.Contains(spoken(n), "At most 500 MB can be fetched.") || n.Find("button").Length() != 0 {
		t.Errorf("600 MB: %s", n.Text())
	}
	if a := b.send(http.MethodPost, fetch, nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("600 MB: %s", a.Status)
	}
}

func TestTheSourceOfAMailIsTheWholeOnceItIsHere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	own := made(t, db, inbox(t, db))
	whole := strings.Repeat("all of it\r\n", 100_000)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		_, err := pg.Exec(t.Context(), tx, `
			INSERT INTO inbound_whole (inbound_id, state, asked_at, try_at, settled_at, blob_id) SELECT inbound_id, 'fetched', $2, $2, $2, $3 FROM message WHERE id = $1`,
			own["messages"], tx.Now, stored(t, tx, []byte(whole)))
		must(t, err)
	})
	source := "/messages/" + own["messages"] + "/source"
	if a := s.as(insider).get(source); a.body != whole {
		t.Errorf("%s, %d bytes", a.Status, len(a.body))
	}
	if a := s.as(outsider).get(source); a.StatusCode != http.StatusNotFound {
		t.Errorf("a stranger: %s", a.Status)
	}
	for _, path := range []string{"/tickets/" + own["tickets"], "/messages/" + own["messages"]} {
		if n := s.as(insider).get(path).page(t).Find(fmt.Sprintf("a[href='%s']", source)).Length(); n != 1 {
			t.Errorf("%s leads to it %d times", path, n)
		}
	}
}

// spoken is what a thing says, with common spaces between numbers and their units.
func spoken(n *goquery.Selection) string { return strings.ReplaceAll(n.Text(), "\u00a0", " ") }
