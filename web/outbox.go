package web

import (
	"context"
	"errors"
	"net/http"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
)

// What can be done with a letter that waits or failed. Each leads back to its ticket and says what came of it; the truth about a race with
// the sender is what the database decided.

// cancelLetter takes a letter back; its text stands in the composer again.
func (s *Server) cancelLetter(w http.ResponseWriter, r *http.Request) error {
	return s.letterDeed(w, r, ticket.CancelReply, "cancelled", func(id int64) string { return href.Compose(id, href.ComposeReply) })
}

// sendLetterNow lets a waiting letter leave at once.
func (s *Server) sendLetterNow(w http.ResponseWriter, r *http.Request) error {
	return s.letterDeed(w, r, ticket.SendNow, "", href.Ticket)
}

// retryLetter sends a failed or uncertain letter again.
func (s *Server) retryLetter(w http.ResponseWriter, r *http.Request) error {
	return s.letterDeed(w, r, ticket.RetryLetter, "retry", href.Ticket)
}

// settleLetter takes a sending error off the list.
func (s *Server) settleLetter(w http.ResponseWriter, r *http.Request) error {
	return s.letterDeed(w, r, ticket.SettleLetter, "settled", href.Ticket)
}

// letterVerb is a deed to a letter. The ticket is 0 when it is not theirs to see any more.
type letterVerb func(ctx context.Context, tx *pg.Tx, by agent.Agent, outboxID int64) (ticketID int64, err error)

func (s *Server) letterDeed(w http.ResponseWriter, r *http.Request, deed letterVerb, done string, target func(ticketID int64) string) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	var ticketID int64
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		ticketID, err = deed(r.Context(), tx, me(r), id)
		return err
	})
	to := href.TicketList
	if ticketID != 0 {
		to = href.Ticket(ticketID)
	}
	switch {
	case errors.Is(err, fault.TooLate):
		done = "too-late"
	case err != nil:
		return err
	case ticketID == 0:
		done = "cancelled-away"
	default:
		to = target(ticketID)
	}
	if done != "" {
		to = said(to, done)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
