package ticket_test

import (
	"testing"

	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// A mail that came after the form was made stays unread; a form that does not say what it showed is taken to have shown all.
func TestACommentMarksAsReadWhatItsFormShowed(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	newer := d.Write(l.TicketID, ann, "Now it burns.").MessageID
	for _, c := range []struct{ base, seen int64 }{{l.MessageID, l.MessageID}, {newer, newer}, {l.MessageID, newer}} {
		comments(d, l.TicketID, c.base)
		if got := d.Card(d.Agent, l.TicketID).Ticket.Seen; got != c.seen {
			t.Errorf("a comment made at %d: seen up to %d, want %d", c.base, got, c.seen)
		}
	}
	other := d.Open(ann, "Lamp", "It is dark.")
	comments(d, other.TicketID, 0)
	if got := d.Card(d.Agent, other.TicketID).Ticket.Seen; got != other.MessageID {
		t.Errorf("a comment that does not say: seen up to %d, want %d", got, other.MessageID)
	}
}

func comments(d *fixture.Desk, id, base int64) {
	d.Helper()
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.CreateComment(d.Context(), tx, d.Agent, id, ticket.Comment{Text: "I have looked at it.", Base: base})
		return err
	})
}
