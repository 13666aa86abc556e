package web

import (
	"net/http"

	"frontdesk/internal/pg"
	"frontdesk/templates/layout"
)

// showCounters is the rail's numbers alone, for a page that heard a ring: here is the path of that page, rail how it shows them.
func (s *Server) showCounters(w http.ResponseWriter, r *http.Request) error {
	var b pg.Batch
	q := query(r)
	ask, frame := s.frameAlong(r, q.Get("rail") == layout.Folded)
	ask(&b)
	if err := b.Run(r.Context(), s.db); err != nil {
		return err
	}
	f, err := frame()
	if err != nil {
		return err
	}
	shell, err := s.framed(r, f, "", q.Get("here"))
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, layout.CountersFragment(shell))
}
