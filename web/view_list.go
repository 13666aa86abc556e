package web

import (
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// viewNames are the headings of the views.
var viewNames = map[ticket.View]text.Key{
	ticket.Mine:       text.ViewMine,
	ticket.Unassigned: text.ViewUnassigned,
	ticket.MyQueues:   text.ViewQueues,
	ticket.All:        text.ViewAll,
	ticket.Closed:     text.ViewClosed,
}

// listView prints one page of the list.
func (rd reader) listView(f ticket.Filter, p ticket.Page, c ticket.Counters) ticketview.List {
	v := ticketview.List{View: string(f.View), Name: rd.l.T(viewNames[f.View]), Note: rd.listNote(f.View, c), Here: href.Tickets(string(f.View)), Empty: rd.listEmpty(f.View, c)}
	switch {
	case f.After != "":
		v.Here = href.TicketsAfter(string(f.View), f.After)
	case f.Before != "":
		v.Here = href.TicketsBefore(string(f.View), f.Before)
	}
	for _, l := range p.Lines {
		v.Rows = append(v.Rows, rd.row(f.View, l))
	}
	if n := len(p.Lines); n > 0 {
		v.Range = rd.l.N(text.ListRange, n)
		if p.Newer {
			v.Newer = href.TicketsBefore(string(f.View), p.Lines[0].Key())
		}
		if p.Older {
			v.Older = href.TicketsAfter(string(f.View), p.Lines[n-1].Key())
		}
	} else if f.After != "" || f.Before != "" {
		v.Empty = rd.movedAway(f.View)
	}
	return v
}

func (rd reader) row(view ticket.View, l ticket.Line) ticketview.Row {
	row := ticketview.Row{ID: dec(l.ID), Href: href.TicketFrom(l.ID, string(view)), Clock: rd.clock(l.Clocks()), Unread: l.Unread, Subject: l.Subject,
		Customer: orElse(l.Customer, l.RequesterName, l.Requester), Company: l.Company, Status: rd.status(l.Kind, l.Status, l.Parent),
		Priority: rd.priority(l.Level, l.Priority), Queue: rd.word(l.Queue), Assignee: rd.person(l.AssigneeID, l.Assignee),
		Created: rd.l.Stamp(l.CreatedAt, rd.now), Changed: rd.l.Stamp(l.ChangedAt, rd.now)}
	if row.Subject == "" {
		row.Subject = rd.l.T(text.ViewNoSubject)
	}
	if l.HasFiles {
		row.Marks = append(row.Marks, ui.Mark{Icon: "paperclip", Text: rd.l.T(text.ListFiles)})
	}
	return row
}

// listNote says how many there are, where the counters know.
func (rd reader) listNote(v ticket.View, c ticket.Counters) string {
	switch v {
	case ticket.Mine:
		return rd.l.T(text.ListNoteOpen, "open", rd.capped(c.Views[ticket.Mine]))
	case ticket.Unassigned:
		return rd.l.T(text.ListNoteOpen, "open", rd.capped(c.Views[ticket.Unassigned]))
	case ticket.MyQueues:
		return rd.l.T(text.ListNoteOpen, "open", rd.capped(c.Views[ticket.MyQueues]))
	}
	return ""
}

// capped is a counter as it is printed: "", "14", "1,000+".
func (rd reader) capped(n int) string {
	if n > ticket.CountCap {
		return rd.l.Number(ticket.CountCap) + "+"
	}
	return rd.l.Number(int64(n))
}

func (rd reader) listEmpty(v ticket.View, c ticket.Counters) ui.Empty {
	switch v {
	case ticket.Mine:
		return ui.Empty{Icon: "user", Title: rd.l.T(text.ListEmptyMine), Text: rd.l.N(text.ListEmptyMineText, c.Views[ticket.Unassigned]), Action: rd.l.T(text.ListEmptyMineGo), Href: href.Tickets(string(ticket.Unassigned))}
	case ticket.Unassigned:
		return ui.Empty{Icon: "check-check", Title: rd.l.T(text.ListEmptyUnassigned), Text: rd.l.T(text.ListEmptyUnassignedText)}
	case ticket.MyQueues:
		return ui.Empty{Icon: "inbox", Title: rd.l.T(text.ListEmptyQueues), Text: rd.l.T(text.ListEmptyQueuesText)}
	case ticket.Closed:
		return ui.Empty{Icon: "check-check", Title: rd.l.T(text.ListEmptyClosed), Text: rd.l.T(text.ListEmptyClosedText)}
	}
	return ui.Empty{Icon: "inbox", Title: rd.l.T(text.ListEmptyAll), Text: rd.l.T(text.ListEmptyAllText)}
}

// movedAway is a page of the past: its tickets have moved up since.
func (rd reader) movedAway(v ticket.View) ui.Empty {
	return ui.Empty{Icon: "inbox", Title: rd.l.T(text.ListEmptyPage), Text: rd.l.T(text.ListEmptyPageText), Action: rd.l.T(text.ListEmptyPageGo), Href: href.Tickets(string(v))}
}
