package web

import (
	"net/http"

	"frontdesk/templates/layout"
)

// showCounters is the rail's numbers alone, for a page that heard a ring; here is the path of that page.
func (s *Server) showCounters(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.frame(r, "", query(r).Get("here"))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, layout.CountersFragment(shell))
}
