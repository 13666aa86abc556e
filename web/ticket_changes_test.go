package web

import (
	"net/http"
	"testing"

	"frontdesk/internal/pg/pgtest"
)

func TestDetailsComeBackAsTypedBesideAFieldThatIsRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	b := start(t, db).as(insider)
	card := "/tickets/" + dec(newTicket(t, db, inbox(t, db)))
	const details = "#side form[action$='/changes']"
	form := formOf(b.get(card).page(t).Find(details))
	closed := dec(one[int64](t, db, `SELECT id FROM status WHERE key = 'closed'`))
	was := form.Get("status_was")
	form.Set("status", closed)
	form.Set("cc", "no address")
	form.Set("tags", "vip")
	a := b.send(http.MethodPost, card+"/changes", form)
	page := a.page(t)
	back := formOf(page.Find(details))
	if a.StatusCode != http.StatusUnprocessableEntity || back.Get("status") != closed || back.Get("tags") != "vip" || back.Get("cc") != "no address" {
		t.Errorf("%s: %v", a.Status, back)
	}
	if back.Get("status_was") != was || back.Get("tags_was") != "" || back.Get("cc_was") != "" {
		t.Errorf("says that it showed what was typed: %v", back)
	}
	if chosen := page.Find("#compose [name=status] option[selected][value='" + closed + "']").Length(); chosen != 0 {
		t.Error("the composer shows what was chosen in the details")
	}
}

func TestATicketWhoseQueueIsShutShowsThatQueue(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	staffed(t, db)
	queue := inbox(t, db)
	card := "/tickets/" + dec(newTicket(t, db, queue))
	exec(t, db, `UPDATE queue SET active = false WHERE id = $1`, queue)
	form := formOf(start(t, db).as(insider).get(card).page(t).Find("#side form[action$='/changes']"))
	if form.Get("queue") != dec(queue) || form.Get("queue_was") != dec(queue) {
		t.Errorf("the details show queue %s over %s", form.Get("queue"), form.Get("queue_was"))
	}
}
