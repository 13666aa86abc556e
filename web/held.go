package web

import (
	"net/http"

	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// handOut streams a file to keep. One that is held shows first what it is, to who may have it all the same; they ask for it with a form, which no
// link from elsewhere can stand for.
func (s *Server) handOut(w http.ResponseWriter, r *http.Request, f ticket.Stored) error {
	if !f.Found.Held() || r.Method == http.MethodPost {
		if f.Found.Held() {
			s.log.InfoContext(r.Context(), "held file handed out", "file", f.HeldName, "found", string(f.Found), "ticket", f.TicketID, "agent", me(r).ID)
		}
		return s.download(w, r, f.BlobID, f.Name)
	}
	shell, err := s.frame(r, f.Name, "")
	if err != nil {
		return err
	}
	rd := s.reader(r)
	return s.show(w, r, http.StatusOK, ticketview.HeldPage(shell, ticketview.Held{Icon: rd.held(f.Found).Icon, Title: f.Name, Text: heldWhy(rd.l, f.HeldName, f.Found),
		Action: r.URL.EscapedPath(), Back: href.TicketMessage(f.TicketID, f.MessageID)}))
}

// held is the sign and the word of a file that is not handed out to everybody.
func (rd reader) held(f ticket.Found) ui.Mark {
	switch {
	case !f.Held():
		return ui.Mark{}
	case f == ticket.Waiting:
		return ui.Mark{Icon: "hourglass", Text: rd.l.T(text.HeldWaiting)}
	case f.Named():
		return ui.Mark{Icon: "shield-alert", Text: rd.l.T(text.HeldFound, "found", string(f)), Kind: "bad"}
	}
	return ui.Mark{Icon: "shield-alert", Text: rd.l.T(text.HeldUnknown), Kind: "warn"}
}

// heldWhy is the sentence about it.
func heldWhy(l *text.Local, name string, f ticket.Found) string {
	key := text.HeldFoundText
	switch f {
	case ticket.Waiting:
		key = text.HeldWaitingText
	case ticket.TooLargeToCheck:
		key = text.HeldTooLargeText
	case ticket.CheckFailed:
		key = text.HeldFailedText
	}
	return l.T(key, "name", name, "found", string(f))
}

// heldMark stands at a folded message: the gravest of its files.
func (rd reader) heldMark(files []ticket.File, messageID int64) (m ui.Mark) {
	rank := map[string]int{"": 1, "warn": 2, "bad": 3}
	for _, f := range files {
		if one := rd.held(f.Found); f.MessageID == messageID && f.Found.Held() && (m.Icon == "" || rank[one.Kind] > rank[m.Kind]) {
			m = one
		}
	}
	return m
}

// heldPictures counts the pictures that stand in the text of a message but for their check.
func heldPictures(files []ticket.File, messageID int64) (n int) {
	for _, f := range files {
		if f.MessageID == messageID && f.ContentID != "" && f.Found.Held() {
			n++
		}
	}
	return n
}
