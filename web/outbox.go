package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"frontdesk/internal/agent"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
)

// What can be done with a letter that waits or failed. Each leads back to its ticket and says what came of it; the truth about a race with
// the sender or a colleague is what the database decided.

// cancelLetter takes a letter back; its text stands in the composer again.
func (s *Server) cancelLetter(w http.ResponseWriter, r *http.Request) error {
	return s.letterDeed(w, r, ticket.CancelReply, "cancelled", tooLate, func(id int64, list string) string { return href.ComposeFrom(id, href.ComposeReply, list) })
}

// sendLetterNow lets a waiting letter leave at once.
func (s *Server) sendLetterNow(w http.ResponseWriter, r *http.Request) error {
	return s.letterDeed(w, r, ticket.SendNow, "", tooLate, href.TicketFrom)
}

// retryLetter sends a failed or uncertain letter again.
func (s *Server) retryLetter(w http.ResponseWriter, r *http.Request) error {
	return s.letterDeed(w, r, ticket.RetryLetter, "retry", dealtWith, href.TicketFrom)
}

// settleLetter takes a sending error off the list.
func (s *Server) settleLetter(w http.ResponseWriter, r *http.Request) error {
	return s.letterDeed(w, r, ticket.SettleLetter, "settled", dealtWith, href.TicketFrom)
}

// tooLate names what is to be said of a letter that waits no longer.
func tooLate(is outbox.Past) string {
	switch outbox.State(is) {
	case outbox.Cancelled:
		return "taken-back"
	case outbox.Leased, outbox.Dot:
		return "under-way"
	case outbox.Failed:
		return "not-delivered"
	case outbox.Uncertain:
		return "in-doubt"
	}
	return "too-late"
}

// dealtWith is said of a sending error that is none any more.
func dealtWith(outbox.Past) string { return "dealt-with" }

// letterVerb is a deed to a letter. The ticket is 0 when it is not theirs to see any more.
type letterVerb func(ctx context.Context, tx *pg.Tx, by agent.Agent, outboxID int64) (ticketID int64, err error)

func (s *Server) letterDeed(w http.ResponseWriter, r *http.Request, deed letterVerb, done string, late func(outbox.Past) string, target func(ticketID int64, list string) string) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	var ticketID int64
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		ticketID, err = deed(r.Context(), tx, me(r), id)
		return err
	})
	to, list := href.TicketList, behind(r, ticketID)
	if ticketID != 0 {
		to = href.TicketFrom(ticketID, list)
	}
	var past outbox.Past
	switch {
	case errors.As(err, &past):
		http.Redirect(w, r, saidOf(to, late(past), id), http.StatusSeeOther)
		return nil
	case err != nil:
		return err
	case ticketID == 0:
		done = "cancelled-away"
	default:
		to = target(ticketID, list)
	}
	if done != "" {
		to = said(to, done)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// behind is the list that "back" is to lead to from the card of a ticket: the page itself whose script asks, where that is a list, else the one its
// card was opened from.
func behind(r *http.Request, ticketID int64) string {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil {
		return ""
	}
	q := cleaned(u.Query())
	at := href.ListOf(q.Get("from"))
	switch u.Path {
	case href.Ticket(ticketID):
		return q.Get("from")
	case href.TicketList:
		at = href.ListFrom(q)
		at.View = cmp.Or(at.View, firstView(r))
	}
	if at.View == "" {
		return ""
	}
	at.Open, at.Place = 0, "" // of another ticket
	return at.String()
}
