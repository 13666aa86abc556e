package web

import (
	"errors"
	"net/http"

	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// listTickets shows one page of a list; without a view, the one the reader begins with.
func (s *Server) listTickets(w http.ResponseWriter, r *http.Request) error {
	at, asked := listAt(query(r))
	if at.View == "" {
		at.View = firstView(r)
	}
	if asked {
		http.Redirect(w, r, at.Href(), http.StatusSeeOther)
		return nil
	}
	shell, list, err := s.list(r, at)
	if err != nil {
		return err
	}
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.ListFragment(shell, list))
	}
	if list.Split && at.Open != 0 {
		if list.Preview, err = s.previewOf(r, at); err != nil {
			return err
		}
	}
	return s.show(w, r, http.StatusOK, ticketview.ListPage(shell, list))
}

// previewOf is the ticket a list's address shows beside it; nothing when there is none for this agent.
func (s *Server) previewOf(r *http.Request, at href.List) (*ticketview.Card, error) {
	c, err := ticket.Read(r.Context(), s.db, me(r), at.Open, ticket.Mark{})
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	at.Open = 0
	from, err := s.listing(r.Context(), me(r), at)
	if err != nil {
		return nil, err
	}
	card := s.cardOf(r, c, from, at.String())
	return &card, nil
}

// list reads and prints a page of a list with the frame around it.
func (s *Server) list(r *http.Request, at href.List) (layout.Shell, ticketview.List, error) {
	l, err := s.listing(r.Context(), me(r), at)
	if err != nil {
		return layout.Shell{}, ticketview.List{}, err
	}
	along, frame := s.frameAlong(r, false)
	page, err := ticket.List(r.Context(), s.db, me(r), l.Filter, along)
	if err != nil {
		return layout.Shell{}, ticketview.List{}, err
	}
	f, err := frame()
	if err != nil {
		return layout.Shell{}, ticketview.List{}, err
	}
	l.problems, l.directory, l.customers = append(l.problems, page.Problems...), page.Directory, page.Customers
	rd := s.reader(r)
	shell, err := s.framed(r, f, l.name(rd.l), l.inRail())
	if err != nil {
		return layout.Shell{}, ticketview.List{}, err
	}
	v := rd.listView(l, page, f.Counters)
	v.Split = me(r).Layout == "split" && !narrow(r)
	return shell, v, nil
}

// showPicker shows the list with one term of its filter to choose.
func (s *Server) showPicker(w http.ResponseWriter, r *http.Request) error {
	q := query(r)
	at := href.ListFrom(q).First()
	l, err := s.listing(r.Context(), me(r), at)
	if err != nil {
		return err
	}
	if _, ok := fieldNames[filter.Field(q.Get("field"))]; !ok {
		http.Redirect(w, r, at.Href(), http.StatusSeeOther)
		return nil
	}
	picker, err := s.picker(r, l, q.Get("field"), q.Get("at"))
	if err != nil {
		return err
	}
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.PickerFragment(ticketview.Filter{Picker: picker}))
	}
	shell, list, err := s.list(r, at)
	if err != nil {
		return err
	}
	list.Filter.Picker = picker
	for i := range list.Filter.Chips {
		list.Filter.Chips[i].Open = dec(int64(i)) == picker.At
	}
	return s.show(w, r, http.StatusOK, ticketview.ListPage(shell, list))
}

// showListAgain answers a form about a list that was not taken, beside the field that was wrong.
func (s *Server) showListAgain(w http.ResponseWriter, r *http.Request, at href.List, name ui.Field, shared bool, bad fault.Invalid) error {
	shell, list, err := s.list(r, at)
	if err != nil {
		return err
	}
	name.Error = sentences(s.reader(r).l, bad)
	switch form := &list.Filter; {
	case form.Edit != nil:
		form.Edit.Name, form.Edit.Shared = name, shared
	case form.Save != nil:
		form.Save.Name, form.Save.Shared = name, shared
	default:
		return bad // the list that stands there now has no such form
	}
	return s.show(w, r, http.StatusUnprocessableEntity, ticketview.ListPage(shell, list))
}
