package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
)

// showTicket shows the card: its newest page, or the one below the mark in ?before=. ?compose= opens the composer, ?answer=
// quotes a message in it.
func (s *Server) showTicket(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "ticket")
	if err != nil {
		return err
	}
	q := query(r)
	c, shell, card, err := s.card(r, id, markOf(q.Get("before")), whole(q, "answer"))
	if errors.Is(err, fault.NotFound) {
		return s.missingTicket(r, id, err)
	}
	if err != nil {
		return err
	}
	rd := s.reader(r)
	if kind := q.Get("compose"); kind == href.ComposeReply || kind == href.ComposeComment {
		card.Compose.Open = kind
	}
	rd.quote(&card.Compose, c)
	if fragments(r) && q.Has("preview") {
		return s.show(w, r, http.StatusOK, ticketview.PreviewFragment(card))
	}
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.CardFragment(shell, card))
	}
	return s.show(w, r, http.StatusOK, ticketview.CardPage(shell, card))
}

// missingTicket is why there is no card. Whoever may take a deletion back finds that here, for as long as it can be.
func (s *Server) missingTicket(r *http.Request, id int64, why error) error {
	deleted, err := ticket.Deleted(r.Context(), s.db, me(r), id)
	if err != nil {
		return err
	}
	if deleted {
		return deletedTicket{why, id}
	}
	return why
}

// markOf reads the mark of href.TicketBefore; what is none is the newest page.
func markOf(before string) (m ticket.Mark) {
	message, alone, _ := strings.Cut(before, "-")
	m.Message, _ = strconv.ParseInt(message, 10, 64)
	m.Event, _ = strconv.ParseInt(alone, 10, 64)
	return m
}

// card reads a ticket, the page below a mark and the message that is answered, and prints it with the frame of its page.
func (s *Server) card(r *http.Request, id int64, below ticket.Mark, answer int64) (c ticket.Card, shell layout.Shell, v ticketview.Card, err error) {
	along, frame := s.frameAlong(r, true)
	var asked []ticket.Message
	answered := func(b *pg.Batch) { ticket.AskAnswered(b, &asked, id, answer) }
	if c, err = ticket.Read(r.Context(), s.db, me(r), id, below, along, answered); err != nil {
		return c, shell, v, err
	}
	c.Asked = asked
	f, err := frame()
	if err != nil {
		return c, shell, v, err
	}
	from, err := s.listing(r.Context(), me(r), href.ListOf(cmp.Or(openedFrom(r), firstView(r))))
	if err != nil {
		return c, shell, v, err
	}
	shell, err = s.framed(r, f, tagged(id)+" "+c.Ticket.Subject, from.inRail())
	shell.Rail = layout.Folded
	return c, shell, s.cardOf(r, c, from, openedFrom(r)), err
}

// cardOf prints a ticket that was opened from a list: from, spelled opened.
func (s *Server) cardOf(r *http.Request, c ticket.Card, from listing, opened string) ticketview.Card {
	v := s.reader(r).cardView(c, from, s.base.String())
	id := c.Ticket.ID
	v.Href = href.TicketFrom(id, opened)
	if from.place != "" {
		v.Beside = ticketview.Beside{Next: href.Neighbour(id, stepNext, opened), Previous: href.Neighbour(id, stepPrevious, opened)}
	}
	v.Write = ticketview.Write{Reply: href.ComposeFrom(id, href.ComposeReply, opened), Comment: href.ComposeFrom(id, href.ComposeComment, opened)}
	return v
}

// openedFrom is the list a card was opened from, as its address says, or that of the page whose script asks.
func openedFrom(r *http.Request) string {
	if from := query(r).Get("from"); from != "" {
		return from
	}
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil {
		return ""
	}
	return u.Query().Get("from")
}

// quote has the reply answer the message that was asked for, and puts what it said below what is written already, under a line that says who said
// it (PRODUCT C3).
func (rd reader) quote(v *ticketview.Compose, c ticket.Card) {
	if v.Blocked != "" {
		return
	}
	for i, m := range c.Asked {
		f := rd.begunReply(c)
		if f.whole("answer") != m.ID {
			fresh := rd.freshReply(c, &c.Asked[i])
			f["answer"], f["to"], f["cc"] = fresh["answer"], fresh["to"], fresh["cc"]
		}
		if said := rd.quoted(m); !strings.Contains(f["text"], said) {
			f["text"] += "\n\n" + said
		}
		draft := v.Reply.Draft
		v.Reply = rd.reply(c, rd.offerFor(c), f)
		v.Reply.Draft, v.Open = draft, href.ComposeReply
	}
}

// quoted is what was new in a message, as a reply quotes it.
func (rd reader) quoted(m ticket.Message) string {
	said := m.Text
	if m.QuoteAt != nil && *m.QuoteAt > 0 && *m.QuoteAt < len(said) {
		said = said[:*m.QuoteAt]
	}
	return rd.l.T(text.QuotedIntro, "when", rd.l.Full(m.At), "who", cmp.Or(m.FromName, m.FromAddress)) + "\n> " +
		strings.ReplaceAll(strings.TrimSpace(said), "\n", "\n> ")
}

// basis is what a form was made from: the ticket's version and the newest message on the page. It travels as one word.
func basis(t ticket.Head) string { return strconv.Itoa(t.Version) + "-" + dec(t.Newest) }

// basisMessage is the newest message a form knew of.
func basisMessage(f url.Values) int64 {
	_, last, _ := strings.Cut(f.Get("version"), "-")
	n, _ := strconv.ParseInt(last, 10, 64)
	return n
}
