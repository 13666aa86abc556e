package web

import (
	"errors"
	"net/http"
	"net/url"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
)

// createComment writes a comment with the changes of the same form. What cannot be taken comes back as typed.
func (s *Server) createComment(w http.ResponseWriter, r *http.Request) error {
	id, f, bad, err := s.composed(r, href.ComposeComment)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return s.refuseComment(w, r, id, f, bad)
	}
	p := ticket.Comment{Text: f.Get("text"), Base: basisMessage(f), Change: alsoChange(f), FormKey: f.Get("form_key")}
	p.Files, p.Dropped = filesOf(f)
	var done ticket.Written
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		done, err = ticket.CreateComment(r.Context(), tx, me(r), id, p)
		return err
	})
	if err != nil {
		return s.refuseComment(w, r, id, f, err)
	}
	http.Redirect(w, r, after(r, p.Change, href.TicketMessage(done.TicketID, done.MessageID)), http.StatusSeeOther)
	return nil
}

// refuseComment shows the form again with what was typed.
func (s *Server) refuseComment(w http.ResponseWriter, r *http.Request, id int64, f url.Values, why error) error {
	c, shell, card, code, err := s.refused(r, id, 0, why)
	if err != nil {
		return err
	}
	rd := s.reader(r)
	o := rd.offerFor(c)
	v := rd.comment(c, o, fields(f))
	v.Draft = draftOf(card.Compose.Comment.Draft, f)
	_, leftOut := filesOf(f)
	v.Files = rd.files(c, href.ComposeComment, leftOut)
	v.FormKey = keyAgain(f, v.FormKey, why)
	var bad fault.Invalid
	if errors.As(why, &bad) {
		v.Text.Error, v.Error = sentence(rd.l, bad, "text"), rd.l.T(text.ComposeNotTaken)
		v.Files.Error = sentence(rd.l, bad, "files")
		rd.alsoErrors(&v.Also, bad)
	}
	v.Conflict = rd.conflict(c, o, why, basisMessage(f), s.base.String())
	card.Compose.Comment, card.Compose.Open = v, href.ComposeComment
	if fragments(r) {
		return s.show(w, r, code, ticketview.CommentFragment(v))
	}
	return s.show(w, r, code, ticketview.CardPage(shell, card))
}
