package web

import (
	"cmp"
	"net/http"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/inbound"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// undeliveredPage is how many lines the view shows; who has more trouble than that settles from the top.
const undeliveredPage = 100

func scope(a agent.Agent) outbox.Scope {
	return outbox.Scope{All: a.Can(agent.QueueAll), Queues: a.Queues}
}

// listUndelivered shows the letters that did not arrive or of which nobody knows, and reports that fit no letter.
func (s *Server) listUndelivered(w http.ResponseWriter, r *http.Request) error {
	list, err := outbox.Undelivered(r.Context(), s.db, scope(me(r)), undeliveredPage)
	if err != nil {
		return err
	}
	rd := s.reader(r)
	shell, all, err := s.counted(r, rd.l.T(text.ViewUndelivered), href.Undelivered)
	if err != nil {
		return err
	}
	v := rd.undelivered(list, all.Undelivered)
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.UndeliveredFragment(shell, v))
	}
	return s.show(w, r, http.StatusOK, ticketview.UndeliveredPage(shell, v))
}

// undelivered shows what is listed of all that is in trouble.
func (rd reader) undelivered(list []outbox.Trouble, all int) ticketview.Undelivered {
	v := ticketview.Undelivered{Empty: ui.Empty{Icon: "check-check", Title: rd.l.T(text.UndeliveredEmpty), Text: rd.l.T(text.UndeliveredEmptyText)}}
	if len(list) > 0 {
		v.Note = rd.howMany(text.UndeliveredNote, len(list), all)
	}
	for _, t := range list {
		if t.Report {
			v.Bounces = append(v.Bounces, rd.report(t))
			continue
		}
		d := outbox.Delivery{ID: t.ID, State: t.State, Code: t.Code, Text: t.Text, Twice: t.Twice, Restored: t.Restored, Trouble: true, Recipients: t.Recipients,
			FirstTryAt: t.FirstTryAt, SettledAt: &t.At}
		letter := ticketview.Letter{Ticket: tagged(t.TicketID), Href: href.Ticket(t.TicketID), Subject: cmp.Or(t.Subject, rd.l.T(text.ViewNoSubject)), By: t.Author}
		if f := rd.failure(d); f != nil {
			letter.Failure = *f
		}
		v.Letters = append(v.Letters, letter)
	}
	return v
}

func (rd reader) report(t outbox.Trouble) ticketview.Bounce {
	var said []string
	for _, to := range t.Recipients {
		said = append(said, strings.TrimSpace(to.Address+" "+to.Bounced+" "+to.Text))
	}
	b := ticketview.Bounce{From: cmp.Or(t.Sender, rd.l.T(text.QuarantineNoSender)) + " · " + t.Mailbox, Subject: cmp.Or(t.Subject, rd.l.T(text.QuarantineNoSubject)),
		Text: strings.Join(said, "; "), When: rd.l.Moment(t.Came, rd.now), Source: href.InboundSource(t.InboundID)}
	if rd.me.Can(agent.TicketWrite) {
		b.Settle = href.InboundSettle(t.ID)
	}
	return b
}

// downloadReport hands out the raw mail of an unmatched delivery report.
func (s *Server) downloadReport(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	if err := outbox.MaySeeReport(r.Context(), s.db, scope(me(r)), id); err != nil {
		return err
	}
	blobID, err := inbound.RawOf(r.Context(), s.db, id)
	if err != nil {
		return err
	}
	return s.download(w, r, blobID, "report-"+dec(id)+".eml")
}

// settleReport takes an unmatched delivery report off the list.
func (s *Server) settleReport(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) error { return outbox.DismissReport(r.Context(), tx, scope(me(r)), id) })
	if err != nil {
		return err
	}
	http.Redirect(w, r, said(href.Undelivered, "settled"), http.StatusSeeOther)
	return nil
}
