package web

import (
	"net/http"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg"
)

// changeSettings changes what the agent chose for itself; only the fields that were sent.
func (s *Server) changeSettings(w http.ResponseWriter, r *http.Request) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	c := agent.Settings{Language: sent(f, "language"), Theme: sent(f, "theme"), TimeZone: sent(f, "time_zone"), Density: sent(f, "density"), Layout: sent(f, "layout")}
	if keys := sent(f, "keys"); keys != nil {
		on := *keys == "on"
		c.SingleKeys = &on
	}
	if f.Has("welcomed") {
		c.Welcomed = new(true)
	}
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) error { return agent.ChangeSettings(r.Context(), tx, me(r), c) })
	if err != nil {
		return err
	}
	http.Redirect(w, r, next(f.Get("next")), http.StatusSeeOther)
	return nil
}
