package web

import (
	"net/http"

	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
)

// The steps from a card to its neighbours in the list it was opened from.
const (
	stepNext     = "next"
	stepPrevious = "previous"
)

// showNext leads to the card of the ticket below in the list the card was opened from.
func (s *Server) showNext(w http.ResponseWriter, r *http.Request) error {
	return s.beside(w, r, false, "list-end")
}

// showPrevious leads to the one above.
func (s *Server) showPrevious(w http.ResponseWriter, r *http.Request) error {
	return s.beside(w, r, true, "list-start")
}

func (s *Server) beside(w http.ResponseWriter, r *http.Request, back bool, none string) error {
	id, err := number(r, "ticket")
	if err != nil {
		return err
	}
	opened := query(r).Get("from")
	l, err := s.listing(r.Context(), me(r), href.ListOf(opened))
	if err != nil {
		return err
	}
	step, err := ticket.Beside(r.Context(), s.db, me(r), l.Filter, l.place, id, back)
	if err != nil {
		return err
	}
	to := said(href.TicketFrom(id, opened), none)
	if step.ID != 0 {
		at := l.at(l.Query, l.Order)
		at.Start, at.Place = step.Start, step.Key
		to = href.TicketFrom(step.ID, at.String())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
