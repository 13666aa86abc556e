package web

import (
	"net/http"

	"frontdesk/internal/ticket"
	"frontdesk/templates/layout"
)

// showCounters is the rail's numbers alone, for a page that heard a ring: here is the path of that page, rail how it shows them.
func (s *Server) showCounters(w http.ResponseWriter, r *http.Request) error {
	q := query(r)
	f, err := ticket.ReadFrame(r.Context(), s.db, me(r), q.Get("rail") == layout.Folded)
	if err != nil {
		return err
	}
	shell, err := s.framed(r, f, "", q.Get("here"))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, layout.CountersFragment(shell))
}
