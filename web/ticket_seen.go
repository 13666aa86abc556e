package web

import (
	"net/http"

	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// markSeen notes that the agent has read the ticket up to a message.
func (s *Server) markSeen(w http.ResponseWriter, r *http.Request) error {
	id, f, err := ticketForm(r)
	if err != nil {
		return err
	}
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) error { return ticket.Seen(r.Context(), tx, me(r), id, whole(f, "message")) })
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
