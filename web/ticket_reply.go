package web

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
)

// createReply writes a letter to the customer with the changes of the same form. What cannot be taken comes back as typed.
func (s *Server) createReply(w http.ResponseWriter, r *http.Request) error {
	id, f, bad, err := s.composed(r, href.ComposeReply)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return s.refuseReply(w, r, id, f, bad)
	}
	p := ticket.Reply{To: f.Get("to"), Cc: f.Get("cc"), Text: f.Get("text"), Answers: whole(f, "answer"), Base: basisMessage(f), Change: alsoChange(f),
		UnlessAnswered: f.Get("unless_customer_writes") != "", FormKey: f.Get("form_key"), IDKey: s.messageIDKey}
	p.Files, p.Dropped = filesOf(f)
	if f.Get("delay") == "at" {
		p.SendAt, err = time.ParseInLocation("2006-01-02T15:04", f.Get("send_at"), text.From(r.Context()).Zone())
		if err != nil {
			return s.refuseReply(w, r, id, f, fault.Invalid{"send_at": fault.Because(text.RefusalScheduleWrong)})
		}
	} else {
		p.Delay = delayOf(f.Get("delay"))
	}
	var done ticket.Written
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		done, err = ticket.CreateReply(r.Context(), tx, me(r), id, p)
		return err
	})
	if err != nil {
		return s.refuseReply(w, r, id, f, err)
	}
	http.Redirect(w, r, after(r, p.Change, href.TicketMessage(done.TicketID, done.MessageID)), http.StatusSeeOther)
	return nil
}

// delayOf reads the chosen delay; what was not offered is the default.
func delayOf(s string) time.Duration {
	for _, d := range delays {
		if d.value == s {
			n, _ := strconv.Atoi(s)
			return time.Duration(n) * time.Second
		}
	}
	return 30 * time.Second
}

// refuseReply shows the form again with what was typed: what is wrong beside its field (422), or what is new above it (409).
func (s *Server) refuseReply(w http.ResponseWriter, r *http.Request, id int64, f url.Values, why error) error {
	c, shell, card, code, err := s.refused(r, id, whole(f, "answer"), why)
	if err != nil {
		return err
	}
	rd := s.reader(r)
	o := rd.offerFor(c)
	v := rd.reply(c, o, fields(f))
	v.Draft = draftOf(card.Compose.Reply.Draft, f)
	_, leftOut := filesOf(f)
	v.Files = rd.files(c, href.ComposeReply, leftOut)
	v.FormKey, v.Version = keyAgain(f, v.FormKey, why), basis(c.Ticket)
	var bad fault.Invalid
	if errors.As(why, &bad) {
		v.To.Error, v.Cc.Error, v.Text.Error, v.Send.At.Error = sentence(rd.l, bad, "to"), sentence(rd.l, bad, "cc"), sentence(rd.l, bad, "text"), sentence(rd.l, bad, "send_at")
		v.Files.Error = sentence(rd.l, bad, "files")
		rd.alsoErrors(&v.Also, bad)
		v.Error = rd.l.T(text.ComposeNotTaken)
	}
	v.Conflict = rd.conflict(c, o, why, basisMessage(f), s.base.String())
	card.Compose.Reply, card.Compose.Open = v, href.ComposeReply
	if fragments(r) {
		return s.show(w, r, code, ticketview.ReplyFragment(v))
	}
	return s.show(w, r, code, ticketview.CardPage(shell, card))
}

// refused reads the ticket again for a form that was not taken, and what it answers, with the code to answer with; errors that no form can show go on.
func (s *Server) refused(r *http.Request, id, answer int64, why error) (c ticket.Card, shell layout.Shell, card ticketview.Card, code int, err error) {
	var bad fault.Invalid
	var conflict *fault.Conflict
	code = http.StatusUnprocessableEntity
	switch {
	case errors.As(why, &bad):
	case errors.As(why, &conflict):
		code = http.StatusConflict
	default:
		return c, shell, card, 0, why
	}
	c, shell, card, err = s.card(r, id, ticket.Mark{}, answer)
	return c, shell, card, code, err
}

// conflict is what is new since the form was made: messages of others and letters of one's own, or fields somebody else changed.
func (rd reader) conflict(c ticket.Card, o offer, why error, since int64, base string) *ticketview.Conflict {
	var clash *fault.Conflict
	if !errors.As(why, &clash) {
		return nil
	}
	if clash.Elsewhere {
		return &ticketview.Conflict{Title: rd.l.T(text.ComposeConflictElsewhere), Text: text.Plain(rd.l.T(text.ComposeConflictElsewhereText))}
	}
	if len(clash.Fields) > 0 {
		return &ticketview.Conflict{Title: rd.l.T(text.ComposeConflictDetails), Text: text.Plain(rd.l.T(text.ComposeConflictAlsoText, "now", o.now(clash.Fields)))}
	}
	v := &ticketview.Conflict{Text: rd.l.T(text.ComposeConflictText)}
	c.Deliveries = nil // this stays as it is while one writes: what becomes of a letter, and what can be done about it, stands on the card
	for _, m := range c.Messages {
		if m.ID > since && m.CancelledAt == nil && (clash.Written || m.Kind != "comment" || deref(m.AuthorID) != rd.me.ID) {
			e := rd.message(c, m, base)
			e.Open, e.Anchor = true, "new-"+e.Anchor
			v.Items = append(v.Items, ticketview.Item{Event: &e})
		}
	}
	v.Title = rd.l.N(text.ComposeConflict, len(v.Items))
	return v
}

// keyAgain is the key of a form that comes back: its own, by which a second post of it is known, or a fresh one where that is used up.
func keyAgain(f url.Values, fresh string, why error) string {
	var clash *fault.Conflict
	if errors.As(why, &clash) && (clash.Elsewhere || clash.Written) {
		return fresh
	}
	return cmp.Or(f.Get("form_key"), fresh)
}

func (rd reader) alsoErrors(a *ticketview.Also, bad fault.Invalid) {
	a.Status.Error, a.Tags.Error = sentence(rd.l, bad, a.Status.Field), sentence(rd.l, bad, "tags")
	for i := range a.More {
		a.More[i].Error = sentence(rd.l, bad, a.More[i].Field)
	}
}

// ticketForm reads the number of the path and the form.
func ticketForm(r *http.Request) (int64, url.Values, error) {
	id, err := number(r, "ticket")
	if err != nil {
		return 0, nil, err
	}
	f, err := form(r)
	return id, f, err
}

// fields is a form as it was typed, the first value of each.
func fields(f url.Values) typed {
	out := typed{}
	for name := range f {
		out[name] = f.Get(name)
	}
	return out
}

func whole(f url.Values, field string) int64 {
	n, _ := strconv.ParseInt(f.Get(field), 10, 64)
	return n
}

// longestFormKey is more than formKey ever makes; an index holds them.
const longestFormKey = 64

// formKey names one form, so that posting it twice writes once.
func formKey() string { return rand.Text() }
