package web

import (
	"net/http"

	"frontdesk/internal/inbound"
	"frontdesk/internal/pg"
	"frontdesk/templates/href"
)

// fetchWhole asks for the whole of a mail that was too large to be taken; the flow of its mailbox brings it, and the card tells how it goes.
func (s *Server) fetchWhole(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "message")
	if err != nil {
		return err
	}
	var ticketID int64
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		ticketID, err = inbound.AskWhole(r.Context(), tx, me(r), id)
		return err
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, href.TicketMessage(ticketID, id), http.StatusSeeOther)
	return nil
}
