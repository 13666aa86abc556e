package web

import (
	"net/http"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// showMessage shows what is known of one message (PRODUCT C17).
func (s *Server) showMessage(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "message")
	if err != nil {
		return err
	}
	d, err := ticket.ReadMessage(r.Context(), s.db, me(r), id)
	if err != nil {
		return err
	}
	shell, err := s.frame(r, tagged(d.TicketID)+" "+d.TicketName, "")
	if err != nil {
		return err
	}
	v := s.reader(r).messageView(d)
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.MessageFragment(v))
	}
	return s.show(w, r, http.StatusOK, ticketview.MessagePage(shell, v))
}

func (rd reader) messageView(d ticket.Detail) ticketview.Message {
	v := ticketview.Message{Title: d.TicketName, Ticket: tagged(d.TicketID), Back: href.TicketMessage(d.TicketID, d.ID)}
	fact := func(label text.Key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Label: rd.l.T(label), Value: value})
		}
	}
	fact(text.CardMailbox, d.Mailbox)
	fact(text.CardFrom, address(d.FromName, d.FromAddress))
	fact(text.CardReplyTo, d.ReplyTo)
	for _, to := range d.ToList {
		fact(text.CardTo, to)
	}
	for _, cc := range d.CcList {
		fact(text.CardCc, cc)
	}
	moment := func(label text.Key, at *time.Time) {
		if at != nil {
			fact(label, rd.l.Full(*at)) // read alone and compared, so with its day and its seconds
		}
	}
	if d.Kind != "in" { // when its sender wrote it, the sender says below
		moment(text.CardWritten, &d.At)
	}
	moment(text.CardDated, d.DatedAt)
	moment(text.CardFetched, d.FetchedAt)
	if d.Size > 0 {
		fact(text.CardSize, rd.l.Size(d.Size))
	}
	fact(text.CardMessageId, d.RFCID)
	for _, o := range d.Deliveries {
		fact(text.CardState, rd.l.T(text.Key("letter."+stateWord(o))))
		v.Recipients = append(v.Recipients, rd.recipients(o.Recipients)...)
		if v.Failure = rd.failure(o); v.Failure != nil {
			v.Recipients = nil
		}
		if o.State == outbox.Queued {
			v.Pending = rd.pending(o)
		}
		if o.State == outbox.Sent {
			moment(text.CardSent, o.SettledAt)
		}
		v.Source = href.MessageSource(d.ID)
	}
	if d.InboundID != nil {
		v.Source = href.MessageSource(d.ID)
	}
	for _, f := range d.Held {
		v.Held = append(v.Held, rd.file(f))
	}
	if len(v.Held) > 0 && !rd.me.Can(agent.FileInfected) {
		v.Source = ""
	}
	if v.Whole = rd.whole(d.Message); v.Whole != nil && v.Whole.Source != "" {
		v.Source = "" // it stands there
	}
	return v
}

// stateWord is a letter's state as people name it: leased and dot are both sending.
func stateWord(d outbox.Delivery) string {
	switch {
	case d.State == outbox.Leased || d.State == outbox.Dot:
		return "sending"
	case d.State == outbox.Queued && d.SendAfter.Sub(d.CreatedAt) > scheduledBeyond:
		return "scheduled"
	}
	return string(d.State)
}

func address(name, address string) string {
	if name == "" {
		return address
	}
	return name + " <" + address + ">"
}

// showBody is the document in the frame of an HTML message: no script, nothing from outside, but pictures when they were asked for
// (DECISIONS, Message frame).
func (s *Server) showBody(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "message")
	if err != nil {
		return err
	}
	body, err := ticket.ReadBody(r.Context(), s.db, me(r), id)
	if err != nil {
		return err
	}
	html := body.HTML
	if html == "" {
		html = mail.FoldText(body.Text, body.QuoteAt)
	}
	html = mail.ResolveCID(html, func(cid string) (string, bool) {
		_, ok := body.Pictures[cid]
		return href.MessagePart(id, cid), ok
	})
	pictures := "img-src 'self' data:"
	if query(r).Get("pictures") == "1" {
		html, pictures = mail.ShowRemote(html), "img-src 'self' data: https:"
	}
	l := text.From(r.Context())
	h := w.Header()
	h.Set("Content-Security-Policy", "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "+pictures+
		"; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'")
	h.Del("X-Frame-Options")
	send(w, r, http.StatusOK, []byte(mail.Document(html, mail.Frame{Language: body.Language, QuotedLabel: l.T(text.CardShowQuoted)})))
	return nil
}

// gone forgets that the reader went away before the end: there is nobody to tell.
func gone(error) error { return nil }

// downloadSource hands out a message as it came or left.
func (s *Server) downloadSource(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "message")
	if err != nil {
		return err
	}
	f, err := ticket.SourceOf(r.Context(), s.db, me(r), id)
	if err != nil {
		return err
	}
	return s.handOut(w, r, f)
}

// download streams bytes as a file to keep, never to show.
func (s *Server) download(w http.ResponseWriter, r *http.Request, blobID int64, name string) error {
	src, err := blob.Open(r.Context(), s.db, blobID)
	if err != nil {
		return err
	}
	asDownload(w, name)
	http.ServeContent(patient{w}, r, "", zeroTime, src)
	return nil
}
