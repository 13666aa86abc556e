package web

import (
	"cmp"
	"net/http"

	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// handleNext takes the next free ticket and opens it; when none is free it leads to the page that says so.
func (s *Server) handleNext(w http.ResponseWriter, r *http.Request) error {
	if _, err := form(r); err != nil {
		return err
	}
	var id int64
	err := s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		id, err = ticket.Next(r.Context(), tx, me(r))
		return err
	})
	if err != nil {
		return err
	}
	to := href.Next
	if id != 0 {
		to = said(href.TicketFrom(id, string(ticket.Mine)), "taken-next")
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// showNothingNext says that no ticket is free and offers the nearest ones; or that some are, when it is loaded again or a ticket came meanwhile.
func (s *Server) showNothingNext(w http.ResponseWriter, r *http.Request) error {
	free, own, asleep, err := ticket.Nearest(r.Context(), s.db, me(r))
	if err != nil {
		return err
	}
	rd := s.reader(r)
	shell, err := s.frame(r, rd.l.T(text.NextTitle), href.Next)
	if err != nil {
		return err
	}
	v := rd.nothingNext(free, own, asleep)
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.NothingNextFragment(shell, v))
	}
	return s.show(w, r, http.StatusOK, ticketview.NothingNextPage(shell, v))
}

func (rd reader) nothingNext(free int, own, asleep []ticket.Near) ticketview.NothingNext {
	v := ticketview.NothingNext{Empty: ui.Empty{Icon: "coffee", Title: rd.l.T(text.NextNone), Text: rd.l.T(text.NextNoneText)}}
	switch {
	case free > 0:
		v.Free, v.Empty = true, ui.Empty{Icon: "inbox", Title: rd.l.N(text.NextFree, free, "count", rd.capped(free)), Text: rd.l.T(text.NextFreeText)}
	case len(rd.me.Queues) == 0:
		v.Empty.Title, v.Empty.Text = rd.l.T(text.NextNoQueues), rd.l.T(text.NextNoQueuesText)
	}
	for _, n := range own {
		m := rd.near(n)
		if n.Due != nil {
			m.When = rd.l.Moment(*n.Due, rd.now)
		}
		v.Own = append(v.Own, m)
	}
	for _, n := range asleep {
		m := rd.near(n)
		m.When = rd.l.Moment(*n.Wakes, rd.now)
		v.Asleep = append(v.Asleep, m)
	}
	return v
}

func (rd reader) near(n ticket.Near) ticketview.Mini {
	return ticketview.Mini{Status: rd.status(n.Kind, n.Status, ""), Subject: cmp.Or(n.Subject, rd.l.T(text.ViewNoSubject)), Href: href.TicketFrom(n.ID, string(ticket.Mine)), Note: n.Customer}
}
