package gallery

import (
	"slices"

	"frontdesk/internal/text"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
)

// onPhone is the frame of a page made for a phone.
func onPhone(s layout.Shell, l *text.Local) layout.Shell {
	s.Narrow = true
	for i := range s.Views {
		s.Views[i].Current = false
	}
	s.Views = slices.Insert(s.Views, 0, layout.Link{Icon: "circle-dot", Name: l.T(text.ViewTodo), Href: "/tickets?view=todo", Count: "37", New: true, Current: true})
	return s
}

// phoneList is what a phone begins with: what is the agent's own, and what nobody has, without filters.
func phoneList(l *text.Local) ticketview.List {
	v := list(l)
	v.View, v.Name, v.Here = "todo", l.T(text.ViewTodo), "/tickets?view=todo"
	v.Filter.Chips, v.Filter.Typed, v.Filter.Clear, v.Filter.Save = nil, "", "", nil
	return v
}

// phoneCard is the card as a phone reads it: the newest event first, the first and the last three, the others behind one line.
func phoneCard(l *text.Local) ticketview.Card {
	c := card(l, "")
	c.Share = true
	var events []ticketview.Item
	var fold []ticketview.Item
	for _, it := range c.Talk.Items {
		switch {
		case it.Event != nil:
			events = append(events, it)
		case it.Fold != nil:
			fold = it.Fold.Items
		}
	}
	slices.Reverse(events)
	events[0].Event.Open = false
	between := slices.Concat(events[3:4], fold)
	c.Talk = ticketview.Talk{Count: c.Talk.Count, NewestFirst: true, Items: slices.Concat([]ticketview.Item{{Day: l.Day(now, now)}}, events[:3],
		[]ticketview.Item{{Fold: &ticketview.Fold{Text: l.N(text.TalkBetween, 7), Items: between}}}, events[4:])}
	return c
}
