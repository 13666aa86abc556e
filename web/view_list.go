package web

import (
	"slices"

	"frontdesk/internal/agent"
	"frontdesk/internal/filter"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// listView prints one page of the list.
func (rd reader) listView(l listing, p ticket.Page, c ticket.Counters) ticketview.List {
	here := l.here()
	v := ticketview.List{Pick: rd.pick(l), View: here.View, Name: l.name(rd.l), Note: rd.listNote(l, c), Here: here.Href(), Base: here.First().Href(),
		PageRows: dec(ticket.PageSize), MostPages: dec(ticket.MostPages), Empty: rd.listEmpty(l, p, c), Filter: rd.filterView(l), Columns: rd.columns(l), Welcome: rd.welcome(here.Href()),
		Rows: make([]ticketview.Row, 0, len(p.Lines))}
	if rd.me.Can(agent.TicketExport) {
		v.Export = l.spelled()
	}
	at := here
	at.Pages = 0
	for i, line := range p.Lines {
		if i > 0 && i%ticket.PageSize == 0 { // so far down leads another page of the list
			at = here.First()
			at.Start = line.Key()
		}
		at.Place = line.Key()
		v.Rows = append(v.Rows, rd.row(at, line))
	}
	if n := len(p.Lines); n > 0 {
		v.Range = rd.l.N(text.ListRange, n)
		v.Searched = rd.searched(l, p)
		first := here.First()
		if p.Newer {
			first.Before = p.Lines[0].Key()
			v.Newer = first.Href()
		}
		if p.Older {
			first = here.First()
			first.After = p.Lines[n-1].Key()
			v.Older = first.Href()
		}
	} else if l.After != "" || l.Before != "" || l.Start != "" {
		v.Empty = rd.movedAway(here.First())
	}
	return v
}

func (rd reader) row(list href.List, l ticket.Line) ticketview.Row {
	row := ticketview.Row{ID: dec(l.ID), Key: l.Key(), Href: href.TicketFrom(l.ID, list.String()), Clock: rd.clock(l.Clocks()), Subject: l.Subject, Lang: rd.lang(l.Language),
		Customer: rd.sender(l.Customer, l.RequesterName, l.Requester), Company: l.Company, Status: rd.status(l.Kind, l.Status, l.Parent),
		Priority: rd.priority(l.Level, l.Priority), Queue: rd.word(l.Queue), Assignee: rd.person(l.AssigneeID, l.Assignee),
		Category: l.Category, Source: rd.value(filter.Source, l.Source),
		Created: rd.l.Stamp(l.CreatedAt, rd.now), Changed: rd.l.Stamp(l.ChangedAt, rd.now)}
	if row.Subject == "" {
		row.Subject, row.Lang = rd.l.T(text.ViewNoSubject), ""
	}
	if l.Unread {
		row.Unread = dec(l.LastIn)
	}
	row.Tags, row.TagsInSubject = l.Tags, !slices.Contains(rd.me.Columns, "tags")
	rd.found(&row, l)
	if l.Starred {
		row.Marks = append(row.Marks, ui.Mark{Icon: "star", Text: rd.l.T(text.ViewStarred), Kind: "star"})
	}
	if l.PostponedUntil != nil {
		row.Marks = append(row.Marks, ui.Mark{Icon: "moon", Text: rd.asleep(l.PostponedUntil)})
	}
	if l.HasFiles {
		row.Marks = append(row.Marks, ui.Mark{Icon: "paperclip", Text: rd.l.T(text.ListFiles)})
	}
	return row
}

// listNote says how many there are, where the counters know.
func (rd reader) listNote(l listing, c ticket.Counters) string {
	if !l.Query.Empty() {
		return ""
	}
	switch l.View {
	case ticket.Todo, ticket.Mine, ticket.Unassigned, ticket.MyQueues:
		return rd.l.T(text.ListNoteOpen, "open", rd.capped(c.Views[l.View]))
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

// howMany says how many lines wait; where not all are shown, that they are the newest of so many.
func (rd reader) howMany(note text.Key, shown, all int) string {
	if shown >= all {
		return rd.l.N(note, shown)
	}
	return rd.l.T(text.ListNewest, "shown", rd.l.Number(int64(shown)), "all", rd.capped(all))
}

func (rd reader) listEmpty(l listing, p ticket.Page, c ticket.Counters) ui.Empty {
	if !l.Query.Empty() {
		return rd.noneFound(l, p)
	}
	free := c.Views[ticket.Unassigned]
	switch l.View {
	case ticket.Todo:
		return ui.Empty{Icon: "coffee", Title: rd.l.T(text.ListEmptyTodo), Text: rd.l.T(text.ListEmptyTodoText)}
	case ticket.Mine:
		return ui.Empty{Icon: "user", Title: rd.l.T(text.ListEmptyMine), Text: rd.l.N(text.ListEmptyMineText, free, "count", rd.capped(free)), Action: rd.l.T(text.ListEmptyMineGo), Href: href.Tickets(string(ticket.Unassigned))}
	case ticket.Unassigned:
		return ui.Empty{Icon: "check-check", Title: rd.l.T(text.ListEmptyUnassigned), Text: rd.l.T(text.ListEmptyUnassignedText)}
	case ticket.MyQueues:
		return ui.Empty{Icon: "inbox", Title: rd.l.T(text.ListEmptyQueues), Text: rd.l.T(text.ListEmptyQueuesText)}
	case ticket.Observed:
		return ui.Empty{Icon: "eye", Title: rd.l.T(text.ListEmptyObserved), Text: rd.l.T(text.ListEmptyObservedText)}
	case ticket.Starred:
		return ui.Empty{Icon: "star", Title: rd.l.T(text.ListEmptyStarred), Text: rd.l.T(text.ListEmptyStarredText)}
	case ticket.Postponed:
		return ui.Empty{Icon: "moon", Title: rd.l.T(text.ListEmptyPostponed), Text: rd.l.T(text.ListEmptyPostponedText)}
	case ticket.Closed:
		return ui.Empty{Icon: "check-check", Title: rd.l.T(text.ListEmptyClosed), Text: rd.l.T(text.ListEmptyClosedText)}
	}
	return ui.Empty{Icon: "inbox", Title: rd.l.T(text.ListEmptyAll), Text: rd.l.T(text.ListEmptyAllText)}
}

// noneFound names what hides the tickets: the view, or the filter; or that not all were looked at.
func (rd reader) noneFound(l listing, p ticket.Page) ui.Empty {
	e := ui.Empty{Icon: "search-x", Title: rd.l.T(text.FilterNoneFound), Text: rd.l.T(text.FilterNoneFoundAll), Action: rd.l.T(text.FilterNoneFoundClear),
		Href: l.at(filter.Query{}, l.Order).Href()}
	if l.View != ticket.All {
		e.Text, e.Action = rd.l.T(text.FilterNoneFoundIn, "view", l.name(rd.l)), rd.l.T(text.FilterNoneFoundGo)
		e.Href = href.List{View: string(ticket.All), Query: l.Query.String()}.Href()
	}
	if p.Part {
		e.Title, e.Text = rd.l.T(text.SearchNoneOfPart), rd.l.T(text.SearchNoneOfPartText)
	}
	return e
}

// movedAway is a page of the past: its tickets have moved up since.
func (rd reader) movedAway(first href.List) ui.Empty {
	return ui.Empty{Icon: "inbox", Title: rd.l.T(text.ListEmptyPage), Text: rd.l.T(text.ListEmptyPageText), Action: rd.l.T(text.ListEmptyPageGo), Href: first.Href()}
}
