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
	if page.StatusCode != http.StatusOK || !strings.Contains(page.body, "No free ticket is left") || !strings.Contains(page.body, href.TicketFrom(own, "mine")) {
		t.Errorf("%s without the sentence or the agent's own ticket", page.Status)
	}
}
