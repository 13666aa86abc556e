package web

import (
	"net/http"
	"strings"
	"testing"

	"frontdesk/internal/pg/pgtest"
)

// The number in the rail and the lines of the view come from two statements of two packages: they must not part.
func TestUndeliveredShowsAsManyLinesAsItCounts(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	s := start(t, db)
	all := made(t, db, inbox(t, db))
	made(t, db, secondQueue(t, db))
	exec(t, db, `UPDATE bounce SET sender = 'mailer@mx.test', subject = 'Returned to sender' WHERE id = `+all["bounce"])
	exec(t, db, `UPDATE inbound SET internaldate = '2026-03-02 10:15+00' WHERE id = `+all["inbound"])
	sees := func(email, badge string, lines int) string {
		t.Helper()
		page := s.as(email).get("/undelivered").page(t)
		rail := page.Find("a.rail-link[href='/undelivered'] .count").Text()
		if shown := page.Find("li.sheet").Length(); rail != badge || shown != lines {
			t.Errorf("%s: %q in the rail, %d lines", email, rail, shown)
		}
		return page.Find("#undelivered").Text()
	}
	exec(t, db, `UPDATE outbox SET agent_id = (SELECT id FROM agent WHERE email = $1) WHERE id = `+all["outbox"], boss)
	exec(t, db, `UPDATE agent SET name = 'Olga Oak' WHERE email = $1`, boss)
	exec(t, db, `UPDATE ticket SET subject = '' WHERE id = (SELECT ticket_id FROM outbox WHERE id = `+all["outbox"]+`)`)
	sees(outsider, "", 0)
	sees(boss, "4", 4)
	said := sees(insider, "2", 2)
	for _, part := range []string{"Returned to sender", "mailer@mx.test", "2 Mar", "No subject", "Olga Oak"} {
		if !strings.Contains(said, part) {
			t.Errorf("the page does not say %q: %s", part, said)
		}
	}
	if strings.Count(sees(boss, "4", 4), "No subject") != 2 {
		t.Error("a letter without a subject, or a report from before its subject was kept, is blank")
	}
	b := s.as(insider)
	for _, deed := range []string{"/inbound/" + all["bounce"] + "/settlement", "/outbox/" + all["outbox"] + "/settlement"} {
		if a := b.post(deed); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s", deed, a.Status)
		}
	}
	sees(insider, "", 0)
	sees(boss, "2", 2)
}

func TestALetterThatWasTriedForThreeDaysSaysSo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	b := start(t, db).as(boss)
	all := made(t, db, inbox(t, db))
	const words = "Tried for three days without success."
	for _, tried := range []struct {
		ago  string
		says bool
	}{{"71 hours", false}, {"72 hours", true}} {
		exec(t, db, `UPDATE outbox SET first_try_at = settled_at - interval '`+tried.ago+`' WHERE id = `+all["outbox"])
		for path, part := range map[string]string{"/undelivered": "#undelivered", "/tickets/" + all["tickets"]: "#talk"} {
			if said := b.get(path).page(t).Find(part).Text(); strings.Contains(said, words) != tried.says {
				t.Errorf("%s after %s: %s", path, tried.ago, said)
			}
		}
	}
}

func TestALetterThatWasTooLargeSaysWhatToDo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	b := start(t, db).as(boss)
	all := made(t, db, inbox(t, db))
	exec(t, db, `DELETE FROM outbox_recipient WHERE outbox_id = `+all["outbox"])
	exec(t, db, `INSERT INTO outbox_recipient (outbox_id, address, kind, position, state) VALUES (`+all["outbox"]+`, 'ann@customer.test', 'to', 1, 'pending')`)
	const words = "It is too large for the server. Send fewer or smaller files, or a link to them."
	for set, says := range map[string]bool{
		`state = 'refused', code = 552, text = '5.3.4 message size 9 exceeds the server''s limit of 5 bytes', bounced = ''`: true,
		`state = 'accepted', code = 250, text = '2.0.0 queued', bounced = '5.2.3'`:                                          true,
		`state = 'refused', code = 552, text = '5.2.2 mailbox full', bounced = ''`:                                          false,
		`state = 'refused', code = 550, text = 'no', bounced = ''`:                                                          false,
	} {
		exec(t, db, `UPDATE outbox_recipient SET `+set)
		for path, part := range map[string]string{"/undelivered": "#undelivered", "/tickets/" + all["tickets"]: "#talk"} {
			if said := b.get(path).page(t).Find(part).Text(); strings.Contains(said, words) != says {
				t.Errorf("%s with %s: %s", path, set, said)
			}
		}
	}
}

// Both pages show the newest hundred; how many wait says the rail, and so do they.
func TestALongListSaysThatItIsTheNewestOfMore(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	crewed(t, db)
	b := start(t, db).as(boss)
	made(t, db, inbox(t, db))
	note := func(path string) string {
		t.Helper()
		return strings.TrimSpace(b.get(path).page(t).Find(".bar-note").Text())
	}
	for path, want := range map[string]string{"/undelivered": "2 messages need you", "/admin/quarantine": "1 message waits for a decision"} {
		if got := note(path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	exec(t, db, `
		INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, state, reason, try_at, settled_at)
		SELECT mailbox_id, folder, epoch, uidvalidity, 100 + n, size, internaldate, stored_at, raw_blob_id, sha256(n::text::bytea), state, reason, try_at, settled_at
		FROM inbound, generate_series(1, 100) n WHERE state = 'quarantined'`)
	exec(t, db, `INSERT INTO bounce (inbound_id, at) SELECT id, stored_at FROM inbound WHERE uid > 100`)
	for path, want := range map[string]string{"/undelivered": "The 100 newest of 102", "/admin/quarantine": "The 100 newest of 101"} {
		if got := note(path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}
