package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// What is done to a ticket from the bar of its card, each deed a small form of its own.

// starTicket stars a ticket for the agent, or takes the star off.
func (s *Server) starTicket(w http.ResponseWriter, r *http.Request) error {
	return s.switchTicket(w, r, ticket.Star)
}

// observeTicket begins or stops observing.
func (s *Server) observeTicket(w http.ResponseWriter, r *http.Request) error {
	return s.switchTicket(w, r, ticket.Observe)
}

func (s *Server) switchTicket(w http.ResponseWriter, r *http.Request, deed func(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, on bool) error) error {
	return s.ticketDeed(w, r, "", func(ctx context.Context, tx *pg.Tx, id int64, f url.Values) error {
		return deed(ctx, tx, me(r), id, f.Get("on") == "1")
	})
}

// postponeTicket puts a ticket off until a ready time or another one, which can be undone.
func (s *Server) postponeTicket(w http.ResponseWriter, r *http.Request) error {
	id, f, err := ticketForm(r)
	if err != nil {
		return err
	}
	at, err := untilOf(f, text.From(r.Context()).Zone())
	if err != nil {
		return s.refusePostponement(w, r, id, f, err)
	}
	until := ticket.To(at.Unix())
	if was, err := strconv.ParseInt(f.Get("until_was"), 10, 64); err == nil {
		until.Was = &was
	}
	var shown *int64
	if status, ok := choiceOf(f, "status_was"); ok {
		shown = &status
	}
	var deed int64
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		deed, err = ticket.Postpone(r.Context(), tx, me(r), id, until, shown)
		return err
	})
	if err != nil {
		return s.refusePostponement(w, r, id, f, err)
	}
	http.Redirect(w, r, saidOf(href.Ticket(id), "postponed", deed), http.StatusSeeOther)
	return nil
}

// refusePostponement shows the ticket as it is now, with what is wrong, and the time that was chosen in the field for another one.
func (s *Server) refusePostponement(w http.ResponseWriter, r *http.Request, id int64, f url.Values, why error) error {
	_, shell, card, code, err := s.refused(r, id, 0, why)
	if err != nil {
		return err
	}
	rd := s.reader(r)
	card.Notice = ui.Notice{Kind: "warn", Title: rd.l.T(text.ComposeConflictDetails), Text: rd.l.T(text.ComposeConflictDetailsText)}
	var bad fault.Invalid
	if errors.As(why, &bad) {
		card.Notice = ui.Notice{Kind: "warn", Title: sentences(rd.l, bad)}
	}
	card.Deeds.Postpone.At.Value = f.Get("until_at")
	if at, err := untilOf(f, rd.l.Zone()); err == nil {
		card.Deeds.Postpone.At.Value = rd.l.Field(at)
	}
	if shell.Toast = toasted(r, &card.Notice); fragments(r) {
		return s.show(w, r, code, ticketview.DeedsFragment(shell, card))
	}
	return s.show(w, r, code, ticketview.CardPage(shell, card))
}

// wakeTicket brings a postponed ticket back.
func (s *Server) wakeTicket(w http.ResponseWriter, r *http.Request) error {
	return s.ticketDeed(w, r, "", func(ctx context.Context, tx *pg.Tx, id int64, _ url.Values) error {
		return ticket.WakeNow(ctx, tx, me(r), id)
	})
}

// restoreTicket takes a deletion back.
func (s *Server) restoreTicket(w http.ResponseWriter, r *http.Request) error {
	return s.ticketDeed(w, r, "restored", func(ctx context.Context, tx *pg.Tx, id int64, _ url.Values) error {
		return ticket.Restore(ctx, tx, me(r), id)
	})
}

// deleteTicket deletes a ticket and leads back to the list, where it can be taken back.
func (s *Server) deleteTicket(w http.ResponseWriter, r *http.Request) error {
	id, f, err := ticketForm(r)
	if err != nil {
		return err
	}
	if err := s.db.InTx(r.Context(), func(tx *pg.Tx) error { return ticket.Delete(r.Context(), tx, me(r), id) }); err != nil {
		return err
	}
	http.Redirect(w, r, saidOf(href.ListOf(cmp.Or(f.Get("from"), string(ticket.MyQueues))).Href(), "deleted", id), http.StatusSeeOther)
	return nil
}

// ticketDeed runs one deed and shows the card again.
func (s *Server) ticketDeed(w http.ResponseWriter, r *http.Request, done string, deed func(ctx context.Context, tx *pg.Tx, id int64, f url.Values) error) error {
	id, f, err := ticketForm(r)
	if err != nil {
		return err
	}
	if err := s.db.InTx(r.Context(), func(tx *pg.Tx) error { return deed(r.Context(), tx, id, f) }); err != nil {
		return err
	}
	to := href.Ticket(id)
	if done != "" {
		to = saidOf(to, done, id)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// untilOf reads when a ticket is to come back.
func untilOf(f url.Values, zone *time.Location) (time.Time, error) {
	at, err := time.ParseInLocation("2006-01-02T15:04", f.Get("until_at"), zone)
	if n, e := strconv.ParseInt(f.Get("until"), 10, 64); e == nil {
		at, err = time.Unix(n, 0), nil
	}
	if err != nil || at.Unix() <= 0 {
		return time.Time{}, fault.Invalid{"until": fault.Because(text.RefusalUntilWrong)}
	}
	return at, nil
}
