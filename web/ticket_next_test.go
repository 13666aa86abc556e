package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/pg/pgtest"
	"frontdesk/templates/href"
)

func TestHandleNextOpensTheTicketOrSaysThatNoneIsLeft(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	s := start(t, db)
	b := s.as(insider)
	own := newTicket(t, db, inbox(t, db))
	first := b.send(http.MethodPost, href.Next, url.Values{})
	if to := first.Header.Get("Location"); first.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, href.Ticket(own)+"?") {
		t.Fatalf("%s to %q, want ticket %d", first.Status, to, own)
	}
	if card := b.send(http.MethodGet, first.Header.Get("Location"), nil); !strings.Contains(card.body, "The ticket is yours") {
		t.Error("the card does not say that the ticket was taken")
	}
	second := b.send(http.MethodPost, href.Next, url.Values{})
	if to := second.Header.Get("Location"); to != href.Next {
		t.Fatalf("nothing is free, and yet it leads to %q", to)
	}
	page := b.send(http.MethodGet, href.Next, nil)
	if page.page(t).Find(".next [data-kind=primary]").Length() != 0 {
		t.Error("the button asks to be pressed for nothing")
	}
	if page.StatusCode != http.StatusOK || !strings.Contains(page.body, "No free ticket is left") || !strings.Contains(page.body, href.TicketFrom(own, "mine")) {
		t.Errorf("%s without the sentence or the agent's own ticket", page.Status)
	}
}

func TestThePageWithoutAFreeTicketSaysWhenThereIsOne(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	newTicket(t, db, secondQueue(t, db))
	if page := b.get(href.Next); !strings.Contains(page.body, "No free ticket is left") || page.page(t).Find("#main[data-refresh]").Length() != 1 {
		t.Error("a ticket of another queue is said to be free, or the page does not follow what comes")
	}
	for _, said := range []string{"A free ticket waits", "2 free tickets wait"} {
		newTicket(t, db, inbox(t, db))
		for _, live := range [][]string{nil, {"HX-Request", "true", "Frontdesk-Live", "1"}} {
			page := b.get(href.Next, live...).page(t)
			if got := page.Find("#main .empty h2").Text(); got != said || page.Find("#next-button .next [data-kind=primary]").Length() != 1 {
				t.Errorf("asked with %v it says %q, want %q with the button", live, got, said)
			}
		}
	}
	if n := one[int](t, db, `SELECT count(*) FROM ticket WHERE assignee_id IS NOT NULL`); n != 0 {
		t.Errorf("to ask has taken %d tickets", n)
	}
}
