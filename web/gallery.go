package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"frontdesk/templates/gallery"
)

// showGallery answers every component and page with made-up content, for whoever works on them (Options.Gallery).
func (s *Server) showGallery(w http.ResponseWriter, r *http.Request) error {
	found, err := gallery.Show(w, r, chi.URLParam(r, "page"))
	if err == nil && !found {
		return errNoRoute
	}
	return err
}
