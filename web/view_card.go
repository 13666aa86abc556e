package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/sla"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// cardView prints a ticket. from is the list it was opened from; base is the address people reach us by.
func (rd reader) cardView(c ticket.Card, from listing, base string) ticketview.Card {
	t, o := c.Ticket, rd.offerFor(c)
	v := ticketview.Card{ID: dec(t.ID), Number: tagged(t.ID), Share: rd.narrow, Href: href.Ticket(t.ID), Absolute: base + href.Ticket(t.ID), Back: rd.back(from, t.ID),
		Deeds: rd.deeds(t, from), Subject: rd.subject(t), Goals: rd.goals(c), Details: rd.details(c, o), About: rd.about(t), Talk: rd.talk(c, base),
		Compose: rd.compose(c, o), Customer: rd.customer(c),
		Glance: ticketview.Glance{Customer: rd.sender(t.Customer, t.RequesterName, t.Requester), Clock: rd.clock(c.Clocks), Status: rd.status(t.Kind, t.Status, ""),
			Priority: rd.priority(t.Level, t.Priority), Assignee: rd.person(t.AssigneeID, t.Assignee), Queue: rd.word(t.Queue)}}
	if t.LastInID > t.Seen {
		v.Seen = ticketview.Seen{Action: href.Seen(t.ID), Message: dec(t.LastInID)}
	}
	return v
}

// back leads to the list the card was opened from, where it was opened.
func (rd reader) back(from listing, id int64) ticketview.Back {
	return ticketview.Back{Name: from.name(rd.l), Href: href.TicketRow(from.here().Href(), id)}
}

func (rd reader) subject(t ticket.Head) ticketview.Subject {
	v := ticketview.Subject{Text: t.Subject, Lang: rd.lang(t.Language), MayEdit: rd.me.Can(agent.TicketWrite), Action: href.Changes(t.ID),
		Version: basis(t), Field: ui.Field{Value: t.Subject}, Was: t.Subject}
	if t.Subject == "" {
		v.Text, v.Lang = rd.l.T(text.ViewNoSubject), ""
	}
	return v
}

func (rd reader) details(c ticket.Card, o offer) ticketview.Details {
	return ticketview.Details{Action: href.Changes(c.Ticket.ID), Version: basis(c.Ticket), MayEdit: rd.me.Can(agent.TicketWrite),
		Choices: []ui.Choice{o.status, o.queue, o.assignee, o.category, o.priority},
		Tags:    ui.Tags{Field: "tags", Label: rd.l.T(text.TagAdd), Names: c.Ticket.Tags}, TagsWas: c.Ticket.Tags,
		Cc: ui.Field{Value: strings.Join(ccOf(c), ", ")}, CcWas: strings.Join(ccOf(c), ", ")}
}

// ccOf are the addresses on the ticket's Cc.
func ccOf(c ticket.Card) (list []string) {
	for _, p := range c.Participants {
		if p.Role == "cc" {
			list = append(list, p.Address)
		}
	}
	return list
}

func (rd reader) about(t ticket.Head) []ui.Fact {
	source := rd.l.T(text.CardSourceMail, "address", t.Mailbox)
	facts := []ui.Fact{{Label: rd.l.T(text.CardSourceLabel), Value: source}, {Label: rd.l.T(text.CardCreated), When: rd.l.Moment(t.CreatedAt, rd.now)},
		{Label: rd.l.T(text.CardChanged), When: rd.l.Moment(t.ChangedAt, rd.now)}}
	if t.Kind == "postponed" && t.Until != nil {
		facts = append(facts, ui.Fact{Label: rd.l.T(text.PostponeWakes), When: rd.l.Moment(*t.Until, rd.now)})
	}
	if t.ClosedAt != nil {
		facts = append(facts, ui.Fact{Label: rd.l.T(text.CardClosed), When: rd.l.Moment(*t.ClosedAt, rd.now)})
	}
	if t.MergedInto != nil {
		facts = append(facts, ui.Fact{Label: rd.l.T(text.NameMerged), Value: tagged(*t.MergedInto), Href: href.Ticket(*t.MergedInto)})
	}
	return facts
}

// goals is the panel of promised times (PRODUCT C9): first response and first close, and the exact dates.
func (rd reader) goals(c ticket.Card) ticketview.Goals {
	var g ticketview.Goals
	labels := map[sla.Goal]text.Key{sla.Reaction: text.SlaReactBy, sla.Alarm: text.SlaAlarm, sla.Execution: text.SlaCloseBy}
	for _, goal := range []sla.Goal{sla.Reaction, sla.Alarm, sla.Execution} {
		i := slices.IndexFunc(c.Clocks, func(k sla.Clock) bool { return k.Goal == goal })
		if i < 0 {
			continue
		}
		k := c.Clocks[i]
		if k.DueAt != nil {
			g.Dates = append(g.Dates, ui.Fact{Label: rd.l.T(labels[goal]), When: rd.l.Moment(*k.DueAt, rd.now)})
		}
		switch goal {
		case sla.Reaction:
			g.List = append(g.List, rd.goal(c, k, text.SlaFirstResponse))
		case sla.Execution:
			g.List = append(g.List, rd.goal(c, k, text.SlaFirstClose))
		}
	}
	if len(g.List) > 0 {
		g.Hours = rd.hours(c.Calendar)
	}
	return g
}

// goal is one promised time: how much of it is used, kept or missed.
func (rd reader) goal(c ticket.Card, k sla.Clock, name text.Key) ticketview.Goal {
	total := time.Duration(k.Minutes) * time.Minute
	g := ticketview.Goal{Name: rd.l.T(name), Max: strconv.Itoa(k.Minutes)}
	var used time.Duration
	switch {
	case k.MetAt != nil:
		used = c.Calendar.Between(c.Ticket.CreatedAt, *k.MetAt)
		g.State, g.Short = "kept", rd.l.T(text.SlaKeptIn, "by", rd.l.Duration(used))
		g.Said = rd.l.T(text.SlaKeptText, "by", rd.l.Duration(used))
		if k.DueAt != nil && k.MetAt.After(*k.DueAt) {
			g.State, g.Short = "late", rd.l.T(text.SlaOver, "by", rd.l.Duration(k.MetAt.Sub(*k.DueAt)))
			g.Said = g.Short
		}
	case k.Left != nil:
		used = total - time.Duration(*k.Left)*time.Minute
		g.State, g.Short = "paused", rd.l.T(text.SlaPaused)
	case k.DueAt != nil:
		used = total - c.Calendar.Between(rd.now, *k.DueAt)
		g.Short = rd.l.T(text.SlaLeft, "by", rd.l.Duration(k.DueAt.Sub(rd.now)))
	}
	if over, yes := k.Over(rd.now); yes {
		g.Short = rd.l.T(text.SlaOver, "by", rd.l.Duration(over))
		g.State, g.Said = "late", rd.l.T(text.SlaExecutionOver, "by", rd.l.Duration(over))
		if k.Goal == sla.Reaction {
			g.State, g.Said = "react", rd.l.T(text.SlaReactionOver, "by", rd.l.Duration(over))
		}
	} else if state, _ := sla.Colour(c.Clocks, rd.now); state == sla.Near && k.Goal == sla.Execution {
		g.State, g.Said = "near", rd.clock(c.Clocks).Text
	}
	g.Value = strconv.Itoa(max(0, min(int(used.Minutes()), k.Minutes)))
	g.Text = rd.l.T(text.SlaBar, "goal", g.Name, "spent", rd.l.Duration(used), "limit", rd.l.Duration(total))
	return g
}

// hours says a plain week in short, "Mon–Fri 8–18"; nothing for one that is not plain.
func (rd reader) hours(c sla.Calendar) string {
	first, last := -1, -1
	for i, day := range c.Week {
		if len(day) == 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		if len(day) != 1 || day[0] != c.Week[first][0] || last >= 0 && i != last+1 {
			return ""
		}
		last = i
	}
	if first < 0 {
		return ""
	}
	span := c.Week[first][0]
	return rd.l.Days(first, last) + " " + hour(span.From) + "–" + hour(span.To)
}

func hour(minutes int) string {
	s := strconv.Itoa(minutes / 60)
	if m := minutes % 60; m != 0 {
		s += ":" + strconv.Itoa(100 + m)[1:]
	}
	return s
}

// customer is the right column: the customer's card, or what the mail says of its sender.
func (rd reader) customer(c ticket.Card) ticketview.Customer {
	t := c.Ticket
	v := ticketview.Customer{Name: rd.sender(t.Customer, t.RequesterName, t.Requester), Under: t.Company, Note: t.Note, Unknown: t.CustomerID == nil}
	v.Avatar = customerAvatar(cmp.Or(t.Customer, t.RequesterName, t.Requester), t.CustomerKind)
	if v.Unknown && t.Requester != "" {
		v.Under = rd.l.T(text.CardUnknownCustomer)
	}
	if t.Requester != "" && !slices.ContainsFunc(c.Contacts, func(x ticket.Contact) bool { return x.Value == t.Requester }) {
		v.Contact = append(v.Contact, ticketview.Contact{Icon: "mail", Text: t.Requester, Href: "mailto:" + t.Requester})
	}
	for _, x := range c.Contacts {
		icon, scheme := "mail", "mailto:"
		if x.Kind == "phone" {
			icon, scheme = "phone", "tel:"
		}
		v.Contact = append(v.Contact, ticketview.Contact{Icon: icon, Text: x.Value, Href: scheme + strings.ReplaceAll(x.Value, " ", ""), Desc: x.Description})
	}
	for _, n := range c.Recent {
		v.Recent = append(v.Recent, rd.mini(n))
	}
	for _, n := range c.Linked {
		v.Linked = append(v.Linked, rd.mini(n))
	}
	return v
}

func (rd reader) mini(n ticket.Neighbour) ticketview.Mini {
	m := ticketview.Mini{Status: rd.status(n.Kind, n.Status, ""), Subject: cmp.Or(n.Subject, rd.l.T(text.ViewNoSubject)), Href: href.Ticket(n.ID), When: rd.l.Stamp(n.ChangedAt, rd.now)}
	if n.Reason != "" {
		m.Note = rd.l.T(text.Key("talk.linked_" + n.Reason))
	}
	return m
}
