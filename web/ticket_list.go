package web

import (
	"net/http"

	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
)

// listTickets shows one page of a view; without one, the queues the agent works in.
func (s *Server) listTickets(w http.ResponseWriter, r *http.Request) error {
	q := query(r)
	f := ticket.Filter{View: ticket.View(q.Get("view")), After: q.Get("after"), Before: q.Get("before")}
	if _, ok := viewNames[f.View]; !ok {
		f.View = ticket.MyQueues
	}
	page, err := ticket.List(r.Context(), s.db, me(r), f)
	if err != nil {
		return err
	}
	shell, frame, err := s.frame(r, s.reader(r).l.T(viewNames[f.View]), href.Tickets(string(f.View)))
	if err != nil {
		return err
	}
	list := s.reader(r).listView(f, page, frame.Counters)
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.ListFragment(shell, list))
	}
	return s.show(w, r, http.StatusOK, ticketview.ListPage(shell, list))
}
