package web

import (
	"strings"

	"frontdesk/internal/search"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
)

// found prints why a search lists a ticket; its row opens the message that says so.
func (rd reader) found(row *ticketview.Row, l ticket.Line) {
	h := l.Hit
	if h == nil {
		return
	}
	row.Hit = &ticketview.Hit{Subject: pieces(h.Subject), Who: h.Author, Comment: h.Kind == "comment", Text: pieces(h.Snippet)}
	if h.MessageID != 0 {
		row.Href += "#" + href.MessageAnchor(h.MessageID)
	}
}

func pieces(list []search.Part) []ticketview.Piece {
	out := make([]ticketview.Piece, len(list))
	for i, p := range list {
		out[i] = ticketview.Piece{Text: p.Text, Mark: p.Hit}
	}
	return out
}

// searched says that nothing fits exactly, that only a view was searched, or that not all of what fits is listed.
func (rd reader) searched(l listing, p ticket.Page) ticketview.Searched {
	if !l.Searches() || len(p.Lines) == 0 {
		return ticketview.Searched{}
	}
	var s ticketview.Searched
	var notes []string
	if l.View != ticket.All && !p.Near {
		notes = append(notes, rd.l.T(text.SearchInView, "view", l.name(rd.l)))
	}
	switch {
	case p.Near && p.Part:
		notes = append(notes, rd.l.T(text.SearchNearPart))
	case p.Near:
		notes = append(notes, rd.l.T(text.SearchNear))
	case p.Part:
		notes = append(notes, rd.l.T(text.SearchPart))
	}
	s.Note = strings.Join(notes, " ")
	if l.View != ticket.All {
		s.Action, s.Href = rd.l.T(text.SearchEverywhere), href.List{View: string(ticket.All), Query: l.Query.String()}.Href()
	}
	return s
}
