package web

import (
	"errors"
	"net/http"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/templates/href"
	"frontdesk/templates/ui"
)

// saveView keeps a list under a name and leads to it.
func (s *Server) saveView(w http.ResponseWriter, r *http.Request) error {
	return s.keepView(w, r, 0)
}

// changeView gives a saved view another name, another audience, and the filter and order that are shown.
func (s *Server) changeView(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "view")
	if err != nil {
		return err
	}
	return s.keepView(w, r, id)
}

func (s *Server) keepView(w http.ResponseWriter, r *http.Request, id int64) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	l, err := s.meant(r, f.Get("list"))
	v := desk.SavedView{ID: id, Name: f.Get("name"), Shared: f.Get("shared") != "", Base: string(l.View), Query: l.Query.String(), Order: string(l.Order)}
	if err == nil {
		err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
			if id != 0 {
				return desk.ChangeView(r.Context(), tx, me(r), v)
			}
			v.ID, err = desk.SaveView(r.Context(), tx, me(r), v)
			return err
		})
	}
	var bad fault.Invalid
	if errors.As(err, &bad) {
		return s.showListAgain(w, r, href.ListOf(f.Get("list")), ui.Field{Value: v.Name}, v.Shared, bad)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, said(href.Tickets("s"+dec(v.ID)), "view-saved"), http.StatusSeeOther)
	return nil
}

// removeView takes a saved view away.
func (s *Server) removeView(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "view")
	if err != nil {
		return err
	}
	if err := s.db.InTx(r.Context(), func(tx *pg.Tx) error { return desk.RemoveView(r.Context(), tx, me(r), id) }); err != nil {
		return err
	}
	http.Redirect(w, r, said(href.TicketList, "view-removed"), http.StatusSeeOther)
	return nil
}
