package web

import (
	"net/http"
	"testing"

	"frontdesk/internal/pg/pgtest"
)

func TestANewcomerIsWelcomedUntilItIsRead(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	form := listOf(t, b, "/tickets?view=mine").page(t).Find(".welcome form")
	if form.Length() != 1 {
		t.Fatalf("a newcomer is not welcomed")
	}
	if keys := form.Parent().Parent().Find("li:has(p:contains('J and K'))"); keys.Length() != 1 || keys.AttrOr("data-needs-js", "no") == "no" {
		t.Error("who has no script is told of keys that are not there")
	}
	a := b.post(form.AttrOr("action", ""), "welcomed", "1", "next", form.Find("[name=next]").AttrOr("value", ""))
	if to := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || to != "/tickets?view=mine" {
		t.Errorf("read, it leads to %s (%d)", to, a.StatusCode)
	}
	if listOf(t, b, "/tickets?view=mine").page(t).Find(".welcome").Length() != 0 {
		t.Error("who has read it is welcomed again")
	}
}
