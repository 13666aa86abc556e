package web

import (
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/pg/pgtest"
)

// A customer of the palette leads to their own tickets, not to those of everybody whose name holds theirs; the chip calls them by name.
func TestThePaletteLeadsToTheTicketsOfThatVeryCustomer(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	for _, name := range []string{"Anna", "Joanna"} {
		exec(t, db, `WITH c AS (INSERT INTO customer (kind, name, created_at) VALUES ('person', $2, now()) RETURNING id)
			UPDATE ticket SET subject = 'Of ' || $2, customer_id = (SELECT id FROM c) WHERE id = $1`, newTicket(t, db, inbox(t, db)), name)
	}
	b := start(t, db).as(insider)
	found := b.get("/palette?q=@anna", "HX-Request", "true").page(t).Find("[role=option]")
	if found.Length() != 2 || !strings.Contains(found.First().Text(), "Anna") {
		t.Fatalf("found are %s", found.Text())
	}
	list := listOf(t, b, found.First().AttrOr("data-href", "")).page(t)
	if subjects := list.Find(".ticket-row a.subject"); subjects.Length() != 1 || !strings.Contains(subjects.Text(), "Of Anna") {
		t.Errorf("%s leads to %q", found.First().AttrOr("data-href", ""), subjects.Text())
	}
	if chip := list.Find(".chip").AttrOr("aria-label", ""); chip != "Customer is Anna" {
		t.Errorf("the chip says %q", chip)
	}
}

// A line that is pasted into the palette is sought, also where it begins as no filter does.
func TestThePaletteFindsWhatLooksLikeAFilter(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	heard(t, db, newTicket(t, db, inbox(t, db)), "AW:Rechnung 2026")
	b := start(t, db).as(insider)
	for _, typed := range []string{"AW:Rechnung", "aw: rechnung"} {
		if found := b.get("/palette?q="+url.QueryEscape(typed), "HX-Request", "true").page(t).Find("[role=option]").First().Text(); !strings.Contains(found, "Printer") {
			t.Errorf("%s finds %q", typed, found)
		}
	}
}
