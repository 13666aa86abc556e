package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// changeTicket changes details or the subject without a message. One field of the details can be undone, as in the list.
func (s *Server) changeTicket(w http.ResponseWriter, r *http.Request) error {
	id, f, err := ticketForm(r)
	if err != nil {
		return err
	}
	c := detailsChange(f)
	var deed int64
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		deed, err = ticket.UpdateTold(r.Context(), tx, me(r), id, c)
		return err
	})
	if err != nil {
		return s.refuseChange(w, r, id, f, err)
	}
	to := after(r, c, href.Ticket(id))
	if deed != 0 {
		to = saidOf(to, "bulk", deed)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// after is where a save leads: on, or to the list for who moved the ticket to a queue they do not see.
func after(r *http.Request, c ticket.Change, on string) string {
	if c.Queue != nil && !me(r).Sees(c.Queue.Is) {
		return href.TicketList
	}
	return on
}

// refuseChange shows the ticket as it is now, with what is wrong beside the field, and the subject as it was typed.
func (s *Server) refuseChange(w http.ResponseWriter, r *http.Request, id int64, f url.Values, why error) error {
	_, shell, card, code, err := s.refused(r, id, 0, why)
	if err != nil {
		return err
	}
	rd := s.reader(r)
	if f.Has("subject") {
		card.Subject.Field.Value, card.Subject.Editing = f.Get("subject"), true
	}
	var bad fault.Invalid
	if errors.As(why, &bad) {
		card.Subject.Field.Error = sentence(rd.l, bad, "subject")
		card.Details.Tags.Error = sentence(rd.l, bad, "tags")
		if card.Details.Cc.Error = sentence(rd.l, bad, "cc"); card.Details.Cc.Error != "" {
			card.Details.Cc.Value = f.Get("cc")
		}
		for i, choice := range card.Details.Choices {
			card.Details.Choices[i].Error = sentence(rd.l, bad, choice.Field)
		}
	} else {
		card.Notice = ui.Notice{Kind: "warn", Title: rd.l.T(text.ComposeConflictDetails), Text: rd.l.T(text.ComposeConflictDetailsText)}
		shell.Toast = toasted(r, &card.Notice)
	}
	if fragments(r) { // a script saves each field by itself: what was refused does not stand there as if it were so
		return s.show(w, r, code, ticketview.DetailsFragment(shell, card))
	}
	if bad != nil {
		asTyped(&card.Details, f)
	}
	return s.show(w, r, code, ticketview.CardPage(shell, card))
}

// toasted takes a notice for a script, which says it where no ring of a colleague's change takes it away again.
func toasted(r *http.Request, n *ui.Notice) []layout.Toast {
	if !fragments(r) {
		return nil
	}
	defer func() { *n = ui.Notice{} }()
	return []layout.Toast{{Kind: "bad", Text: strings.TrimSpace(n.Title + " " + n.Text)}}
}

// asTyped brings back what was chosen in the details beside the field that was refused.
func asTyped(d *ticketview.Details, f url.Values) {
	for i, choice := range d.Choices {
		d.Choices[i] = choice.Choosing(f.Get(choice.Field))
	}
	if f.Has("tags") {
		d.Tags.Names = desk.TagNames(f.Get("tags"))
	}
	if f.Has("cc") {
		d.Cc.Value = f.Get("cc")
	}
}

// detailsChange reads the details form: a field is a change when it differs from what the form showed (its _was).
func detailsChange(f url.Values) ticket.Change {
	set := func(name string) *ticket.Set[int64] {
		s := given(f, name)
		if s != nil && s.Was != nil && s.Is == *s.Was {
			return nil
		}
		return s
	}
	c := ticket.Change{Status: set("status"), Queue: set("queue"), Priority: set("priority"), Assignee: set("assignee"), Category: set("category")}
	if f.Has("tags") && f.Has("tags_was") {
		was, is := desk.TagNames(f.Get("tags_was")), desk.TagNames(f.Get("tags"))
		c.AddTags, c.DropTags = without(is, was), without(was, is)
	}
	if f.Has("cc") && f.Has("cc_was") && f.Get("cc") != f.Get("cc_was") {
		c.Cc = ticket.From(f.Get("cc_was"), f.Get("cc"))
	}
	if f.Has("subject") && f.Get("subject") != f.Get("subject_was") {
		c.Subject = ticket.To(f.Get("subject"))
		if f.Has("subject_was") {
			c.Subject = ticket.From(f.Get("subject_was"), f.Get("subject"))
		}
	}
	return c
}

// alsoChange reads the changes of a composer: an empty field means "leave it". What was chosen is meant, also when it is what the form found.
func alsoChange(f url.Values) ticket.Change {
	set := func(name string) *ticket.Set[int64] { return given(f, name) }
	return ticket.Change{Status: set("status"), Queue: set("queue"), Priority: set("priority"), Assignee: set("assignee"), Category: set("category"), AddTags: desk.TagNames(f.Get("tags"))}
}

// given reads what a field was given, and what the form found there if it says so.
func given(f url.Values, name string) *ticket.Set[int64] {
	is, ok := choiceOf(f, name)
	if !ok {
		return nil
	}
	if was, ok := choiceOf(f, name+"_was"); ok {
		return ticket.From(was, is)
	}
	return ticket.To(is)
}

// choiceOf reads a chosen id; "none" is nobody.
func choiceOf(f url.Values, name string) (int64, bool) {
	s := f.Get(name)
	if s == "none" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n > 0
}
