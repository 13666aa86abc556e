package clock

import (
	"testing"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/event"
	"frontdesk/internal/fixture"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

func count(d *fixture.Desk, sql string, args ...any) int {
	d.Helper()
	n, err := pg.One[int](d.Context(), d.DB, sql, args...)
	if err != nil {
		d.Fatal(err)
	}
	return n
}

// received is a mail in the ledger with bytes and a file, that opened a ticket.
func received(d *fixture.Desk, text string) (l ticket.Landed, ledger int64) {
	d.Helper()
	m := d.Mail("ann@customer.test", "Lamp", text)
	d.Tx(func(tx *pg.Tx) (err error) {
		var blobs [2]int64
		for i, content := range []string{"raw of " + text, "picture of " + text} {
			if blobs[i], err = blob.Put(d.Context(), tx, blob.Bytes([]byte(content))); err != nil {
				return err
			}
		}
		ledger, err = pg.One[int64](d.Context(), tx, `
			INSERT INTO inbound (mailbox_id, folder, epoch, uidvalidity, uid, size, internaldate, stored_at, raw_blob_id, content_fp, rfc_id, try_at)
			VALUES ($1, 'INBOX', 1, 1, (SELECT count(*) + 1 FROM inbound), 9, $2, $2, $3, $4, $5, $2) RETURNING id`, d.Mailbox, tx.Now, blobs[0], []byte(text), m.RFCID)
		if err != nil {
			return err
		}
		m.InboundID = ledger
		m.Files = []ticket.IncomingFile{{BlobID: blobs[1], Name: "lamp.png", Type: "image/png", Size: 9}}
		if l, err = ticket.Open(d.Context(), tx, m, ticket.Place{QueueID: d.Inbox}); err != nil {
			return err
		}
		pg.Later(tx, `UPDATE inbound SET state = 'ticket', ticket_id = $2, message_id = $3 WHERE id = $1`, ledger, l.TicketID, l.MessageID)
		return nil
	})
	return l, ledger
}

func TestDeletedTicketsArePurgedAfterThirtyDaysWithTheirBytes(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	c := Clock{DB: d.DB}
	gone, ledger := received(d, "Forget it.")
	kept, keptRow := received(d, "Keep it.")
	d.Tx(func(tx *pg.Tx) error { return ticket.Delete(t.Context(), tx, d.Admin, gone.TicketID) })
	d.Clock.Advance(ticket.KeepDeleted - time.Hour)
	if n, err := c.purge(t.Context()); n != 0 || err != nil {
		t.Fatalf("purged %d an hour early: %v", n, err)
	}
	d.Clock.Advance(2 * time.Hour)
	if n, err := c.purge(t.Context()); n != 1 || err != nil {
		t.Fatalf("purged %d: %v", n, err)
	}
	if _, err := (&tidying{db: d.DB}).once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(d, `SELECT count(*) FROM inbound WHERE id = $1 AND state = 'removed' AND reason = 'ticket_deleted' AND ticket_id IS NULL AND raw_blob_id IS NULL`, ledger); n != 1 {
		t.Error("the ledger row is not removed, or keeps its bytes")
	}
	if n := count(d, `SELECT count(*) FROM inbound WHERE id = $1 AND state = 'ticket'`, keptRow); n != 1 {
		t.Error("the other ledger row was touched")
	}
	if n := count(d, `SELECT count(*) FROM blob`); n != 2 {
		t.Errorf("%d blobs are left, want the two of the other ticket", n)
	}
	if n := count(d, `SELECT count(*) FROM ticket`) + count(d, `SELECT count(*) FROM message`); n != 2 {
		t.Errorf("%d tickets and messages are left, want one each", n)
	}
	if n := count(d, `SELECT count(*) FROM event WHERE subject_kind = 'ticket' AND subject_id = $1`, gone.TicketID); n != 1 {
		t.Errorf("%d events are left of it, want the one that says it was purged", n)
	}
	if n := count(d, `SELECT count(*) FROM event WHERE subject_id = $1 AND kind = $2`, gone.TicketID, string(event.Purged)); n != 1 {
		t.Error("nothing says that it was purged")
	}
	if got := d.Card(d.Agent, kept.TicketID); len(got.Files) != 1 {
		t.Errorf("the other ticket has %d files", len(got.Files))
	}
}

func TestBytesThatNobodyUsesAreFoundHoweverManyAreUsedBefore(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	received(d, "Keep it.")
	d.Tx(func(tx *pg.Tx) error {
		if _, err := pg.Exec(t.Context(), tx, `SELECT setval(pg_get_serial_sequence('blob', 'id'), 100000)`); err != nil {
			return err
		}
		_, err := blob.Put(t.Context(), tx, blob.Bytes([]byte("nobody's")))
		return err
	})
	d.Clock.Advance(25 * time.Hour)
	if n, err := (&tidying{db: d.DB}).once(t.Context()); n != 1 || err != nil {
		t.Errorf("%d removed, %v", n, err)
	}
}

// What an older cleaner made is made anew once, of the HTML itself where the source is gone; what has no HTML, or that of today's cleaner, is left alone.
func TestBodiesOfAnOlderCleanerAreMadeAnew(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	c := Clock{DB: d.DB}
	old, _ := received(d, "Old.")
	plain, _ := received(d, "Plain.")
	gone, _ := received(d, "Gone.")
	hollow, _ := received(d, "Hollow.")
	received(d, "New.")
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE message_body SET html = CASE WHEN message_id = $4 THEN '<p onclick="x">of old</p>' WHEN message_id = $5 THEN '<div></div>' WHEN message_id <> $2 THEN '<p>kept</p>' ELSE '' END,
			cleaner = CASE WHEN message_id IN ($1, $2, $4, $5) THEN $3 - 1 ELSE $3 END`, old.MessageID, plain.MessageID, mail.Cleaner, gone.MessageID, hollow.MessageID)
		if err == nil {
			_, err = pg.Exec(t.Context(), tx, `UPDATE message SET inbound_id = NULL WHERE id IN ($1, $2)`, gone.MessageID, hollow.MessageID)
		}
		return err
	})
	for _, want := range []int{3, 0} {
		if n, err := c.clean(t.Context()); n != want || err != nil {
			t.Errorf("cleaned %d, want %d: %v", n, want, err)
		}
	}
	if n := count(d, `SELECT count(*) FROM message_body WHERE html = '<p>kept</p>' AND message_id <> $1`, old.MessageID); n != 1 {
		t.Error("a body of today's cleaner was made anew")
	}
	if n := count(d, `SELECT count(*) FROM message_body WHERE html = '' AND message_id = $1`, hollow.MessageID); n != 1 {
		t.Error("HTML that shows nothing still stands in front of a text")
	}
	if n := count(d, `SELECT count(*) FROM message_body WHERE html LIKE '%<p>of old</p>%' AND message_id = $1`, gone.MessageID); n != 1 {
		t.Error("a body without a source was not cleaned")
	}
}

func TestTheFlowWakesWhatIsDue(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 29)
	row.Injected("the database's clock an hour forward")
	row.Counted("asleep before, awake after")
	d := fixture.New(t)
	c := Clock{DB: d.DB}
	l := d.Open("ann@customer.test", "Lamp", "On Monday.")
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.Postpone(t.Context(), tx, d.Agent, l.TicketID, ticket.To(tx.Now.Add(time.Hour).Unix()), nil)
		return err
	})
	if n, err := c.wake(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d woke early: %v", n, err)
	}
	d.Clock.Advance(time.Hour)
	if n, err := c.wake(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d woke: %v", n, err)
	}
}
