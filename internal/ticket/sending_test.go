package ticket_test

import (
	"errors"
	"fmt"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

func TestCancelGivesTheTextBackAndKeepsTheChanges(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.Change.Status = ticket.To(d.Status("waiting"))
	w, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	d.Tx(func(tx *pg.Tx) error { _, err := ticket.CancelReply(t.Context(), tx, d.Agent, w.OutboxID); return err })
	c := d.Card(d.Agent, l.TicketID)
	if len(c.Drafts) != 1 || c.Drafts[0].Fields["text"] != p.Text || c.Drafts[0].Fields["to"] != ann {
		t.Errorf("drafts %+v, want the text back", c.Drafts)
	}
	if c.Ticket.Kind != "waiting" || c.Deliveries[0].State != outbox.Cancelled || c.Messages[1].CancelledAt == nil {
		t.Errorf("ticket %s, letter %s", c.Ticket.Kind, c.Deliveries[0].State)
	}
	err = d.DB.InTx(t.Context(), func(tx *pg.Tx) error { _, err := ticket.CancelReply(t.Context(), tx, d.Agent, w.OutboxID); return err })
	if !errors.Is(err, fault.TooLate) {
		t.Errorf("second cancel: %v, want too late", err)
	}
}

// Letters that are due and wait for a mailbox that rests do not stand before the one that was just written.
func TestTheLetterJustSentCanBeTakenBackWhateverElseWaits(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	var last ticket.Written
	for range 6 {
		var err error
		if last, err = send(d, d.Open(ann, "Printer", "It prints nothing.").TicketID, reply(1<<40)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := ticket.ReadFrame(t.Context(), d.DB, d.Agent, false)
	if err != nil || len(f.Undos) == 0 || f.Undos[len(f.Undos)-1].ID != last.OutboxID {
		t.Errorf("%+v, %v; want letter %d at the end", f.Undos, err, last.OutboxID)
	}
}

func TestALetterTakenBackAnswersWhatItAnswered(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	d.Write(l.TicketID, ann, "Now it burns.")
	c := d.Card(d.Agent, l.TicketID)
	p := reply(c.Ticket.Newest)
	p.Answers = l.MessageID
	w, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	d.Tx(func(tx *pg.Tx) error { _, err := ticket.CancelReply(t.Context(), tx, d.Agent, w.OutboxID); return err })
	c = d.Card(d.Agent, l.TicketID)
	if len(c.Drafts) != 1 || c.Drafts[0].Fields["answer"] != fmt.Sprint(l.MessageID) || c.Drafts[0].Answered == nil || c.Drafts[0].Answered.ID != l.MessageID {
		t.Errorf("drafts %+v, want one that answers message %d", c.Drafts, l.MessageID)
	}
}

// Whoever goes back to the form of a letter that was cancelled, mends it and sends it again, means it.
func TestAFormWhoseLetterWasCancelledSendsAgain(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.FormKey = "form-1"
	first, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.CancelReply(t.Context(), tx, d.Agent, first.OutboxID)
		return err
	})
	p.Text = "We have looked at it."
	second, err := send(d, l.TicketID, p)
	if err != nil || second.MessageID == first.MessageID {
		t.Fatalf("the mended letter is message %d, %v; the cancelled one was %d", second.MessageID, err, first.MessageID)
	}
	if again, err := send(d, l.TicketID, p); err != nil || again.MessageID != second.MessageID {
		t.Errorf("posted twice it is message %d, %v, want %d", again.MessageID, err, second.MessageID)
	}
}

func TestALetterOfATicketThatWentAwayIsStillItsAuthors(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.FormKey, p.Change.Queue = "form-1", ticket.To(d.Returns)
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE queue SET mailbox_id = (SELECT min(id) FROM mailbox)`)
		return err
	})
	w, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := send(d, l.TicketID, p); err != nil || again.MessageID != w.MessageID {
		t.Errorf("the same form again: %+v, %v", again, err)
	}
	var id int64
	cancel := func() error {
		return d.DB.InTx(t.Context(), func(tx *pg.Tx) (err error) {
			id, err = ticket.CancelReply(t.Context(), tx, d.Agent, w.OutboxID)
			return err
		})
	}
	if err := cancel(); err != nil || id != 0 {
		t.Errorf("cancelled in ticket %d, %v; want it cancelled in one they do not see", id, err)
	}
	if err := cancel(); !errors.Is(err, fault.TooLate) || id != 0 {
		t.Errorf("a second time: ticket %d, %v, want too late", id, err)
	}
	if c := d.Card(d.Stranger, l.TicketID); c.Deliveries[0].State != outbox.Cancelled {
		t.Errorf("the letter is %s", c.Deliveries[0].State)
	}
}

func TestCancelDoesNotOverwriteWhatTheAuthorIsWriting(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	w, err := send(d, l.TicketID, reply(l.MessageID))
	if err != nil {
		t.Fatal(err)
	}
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.SaveDraft(t.Context(), tx, d.Agent, l.TicketID, ticket.DraftReply, ticket.Typed{Fields: map[string]string{"text": "the next one"}})
		return err
	})
	d.Tx(func(tx *pg.Tx) error { _, err := ticket.CancelReply(t.Context(), tx, d.Admin, w.OutboxID); return err })
	if c := d.Card(d.Agent, l.TicketID); c.Drafts[0].Fields["text"] != "the next one" {
		t.Errorf("draft is %q", c.Drafts[0].Fields["text"])
	}
}
