package web

import (
	"slices"
	"strconv"
	"strings"

	"frontdesk/internal/desk"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/ui"
)

// offer is what a ticket can be given: the fields of its forms that one chooses from, with what it has chosen in them.
type offer struct{ status, queue, assignee, category, priority ui.Choice }

// mostOffered is how many people a field offers at most.
const mostOffered = 500

// offerFor is what the ticket of a card can be given.
func (rd reader) offerFor(c ticket.Card) offer {
	people := c.Directory.AtWork()
	people = slices.DeleteFunc(people, func(p desk.Person) bool { return !p.Sees(c.Ticket.QueueID) })
	return rd.offer(c.Directory, people, c.Ticket)
}

// offerForMany is what tickets of different queues can be given; who may not see the queue of one is found out ticket by ticket.
func (rd reader) offerForMany(d *desk.Directory) offer { return rd.offer(d, d.AtWork(), ticket.Head{}) }

func (rd reader) offer(d *desk.Directory, people []desk.Person, now ticket.Head) offer {
	o := offer{rd.statusChoice(d, now.StatusID), rd.queueChoice(d, now.QueueID), rd.assigneeChoice(people, now), rd.categoryChoice(d, deref(now.CategoryID)), rd.priorityChoice(d, now.PriorityID)}
	for _, choice := range []*ui.Choice{&o.status, &o.queue, &o.assignee, &o.category, &o.priority} {
		choice.Was = choice.Chosen().Value
	}
	return o
}

// now says what these fields of the ticket hold: "Status → Closed, Queue → Sales".
func (o offer) now(fields []string) string {
	var list []string
	for _, choice := range []ui.Choice{o.status, o.queue, o.assignee, o.category, o.priority} {
		if slices.Contains(fields, choice.Field) {
			list = append(list, choice.Label+" → "+choice.Chosen().Name)
		}
	}
	return strings.Join(list, ", ")
}

// statusChoice leaves out merged, which no form can set.
func (rd reader) statusChoice(d *desk.Directory, now int64) ui.Choice {
	choice := ui.Choice{Field: "status", Label: rd.l.T(text.ListStatus), Options: make([]ui.Option, 0, len(d.Statuses)+1)}
	for _, s := range d.Statuses {
		if s.Kind == "merged" && s.ID != now {
			continue
		}
		choice.Options = append(choice.Options, ui.Option{Value: dec(s.ID), Name: rd.word(s.Name), Chosen: s.ID == now, Status: rd.status(s.Kind, s.Name, "")})
	}
	return choice
}

func (rd reader) queueChoice(d *desk.Directory, now int64) ui.Choice {
	choice := ui.Choice{Field: "queue", Label: rd.l.T(text.ListQueue), Options: make([]ui.Option, 0, len(d.Queues)+1)}
	for _, q := range d.Queues {
		if q.Active || q.ID == now {
			choice.Options = append(choice.Options, ui.Option{Value: dec(q.ID), Name: rd.word(q.Name), Chosen: q.ID == now})
		}
	}
	return choice
}

func (rd reader) priorityChoice(d *desk.Directory, now int64) ui.Choice {
	choice := ui.Choice{Field: "priority", Label: rd.l.T(text.ListPriority), Options: make([]ui.Option, 0, len(d.Priorities)+1)}
	for _, p := range d.Priorities {
		choice.Options = append(choice.Options, ui.Option{Value: dec(p.ID), Name: rd.word(p.Name), Chosen: p.ID == now, Priority: rd.priority(p.Level, p.Name)})
	}
	return choice
}

// assigneeChoice offers nobody, the reader first, then the others in order of name; who has the ticket is among them, whatever they may see.
func (rd reader) assigneeChoice(people []desk.Person, t ticket.Head) ui.Choice {
	now := deref(t.AssigneeID)
	choice := ui.Choice{Field: "assignee", Label: rd.l.T(text.ListAssignee), Options: make([]ui.Option, 0, min(len(people), mostOffered)+3)}
	choice.Options = append(choice.Options, ui.Option{Value: "none", Name: rd.l.T(text.NameNobody), Chosen: now == 0})
	add := func(id int64, name string) {
		choice.Options = append(choice.Options, ui.Option{Value: dec(id), Name: name, Chosen: id == now, Person: rd.person(&id, name)})
	}
	if slices.ContainsFunc(people, func(p desk.Person) bool { return p.ID == rd.me.ID }) {
		add(rd.me.ID, rd.me.Name)
	}
	known := now == 0 || now == rd.me.ID
	for _, p := range people[:min(len(people), mostOffered)] {
		if known = known || p.ID == now; p.ID != rd.me.ID {
			add(p.ID, p.Name)
		}
	}
	if !known {
		add(now, t.Assignee)
	}
	return choice
}

// categoryChoice offers none, then the tree.
func (rd reader) categoryChoice(d *desk.Directory, now int64) ui.Choice {
	choice := ui.Choice{Field: "category", Label: rd.l.T(text.CardCategory), Options: make([]ui.Option, 0, len(d.Categories)+2)}
	choice.Options = append(choice.Options, ui.Option{Value: "none", Name: rd.l.T(text.CardNoCategory), Chosen: now == 0})
	for _, k := range d.Categories {
		if k.Active || k.ID == now {
			choice.Options = append(choice.Options, categoryOption(k, now))
		}
	}
	return choice
}

func categoryOption(k desk.Category, now int64) ui.Option {
	return ui.Option{Value: dec(k.ID), Name: k.Name, Above: strings.TrimSuffix(k.Path, k.Name), Chosen: k.ID == now, Depth: depth(k.Depth)}
}

// depth is how far an option is moved in below those above it.
func depth(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(min(n, 4))
}
