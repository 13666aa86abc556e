package ticket

import (
	"slices"

	"frontdesk/internal/pg"
)

// AskAnswered reads a message of the customer for who answers it, on whatever page of its ticket it stands; 0 asks for none.
func AskAnswered(b *pg.Batch, into *[]Message, ticketID, messageID int64) {
	if messageID != 0 {
		pg.Ask(b, into, messagesSQLOf(`m.ticket_id = @ticket AND m.id = @message AND m.kind = 'in'`), named("ticket", ticketID, "message", messageID, "text", maxShownText))
	}
}

// Answer is the message that a reply with this number answers, as far as the card knows it: asked for, that of a draft, or what a reply answers by itself,
// which 0 stands for too.
func (c Card) Answer(messageID int64) *Message {
	if i := slices.IndexFunc(c.Asked, func(m Message) bool { return m.ID == messageID }); i >= 0 {
		return &c.Asked[i]
	}
	for _, d := range c.Drafts {
		if d.Answered != nil && d.Answered.ID == messageID {
			return d.Answered
		}
	}
	if a := c.Ticket.Answered; a != nil && (messageID == 0 || a.ID == messageID) {
		return a
	}
	return nil
}
