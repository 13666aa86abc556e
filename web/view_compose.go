package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// delays are the choices of Send in seconds; "at" is the date field.
var delays = []struct {
	value string
	name  text.Key
}{{"0", text.ComposeNow}, {"30", text.ComposeIn30}, {"300", text.ComposeIn300}, {"3600", text.ComposeIn3600}, {"at", text.ComposeLater}}

// typed is what stands in a composer: from the form that came back, from the draft, or what a fresh one begins with.
type typed map[string]string

// whole is a field that holds a number, 0 when it holds none.
func (f typed) whole(field string) int64 {
	n, _ := strconv.ParseInt(f[field], 10, 64)
	return n
}

// compose is the place to write, with the agent's drafts in it.
func (rd reader) compose(c ticket.Card, o offer) ticketview.Compose {
	t := c.Ticket
	v := ticketview.Compose{Links: ticketview.ComposeLinks{Reply: href.Compose(t.ID, href.ComposeReply), Comment: href.Compose(t.ID, href.ComposeComment), Close: href.Ticket(t.ID)}}
	if !rd.me.Can(agent.TicketWrite) {
		v.Blocked = rd.l.T(text.CardReadOnly)
		return v
	}
	if t.MergedInto != nil {
		v.Blocked = text.Plain(rd.l.T(text.CardMergedInto, "other", tagged(*t.MergedInto)))
		return v
	}
	v.Reply = rd.reply(c, o, rd.begunReply(c))
	v.Comment = rd.comment(c, o, typed{})
	for _, d := range c.Drafts {
		saved := rd.l.T(text.ComposeSavedOn, "time", rd.l.Moment(d.ChangedAt, rd.now).Short)
		state := ticketview.Draft{Action: href.Draft(t.ID, d.Kind), Version: strconv.Itoa(d.Version), Remove: href.DraftRemoval(t.ID, d.Kind), State: saved}
		switch d.Kind {
		case ticket.DraftReply:
			v.Reply.Draft = state
		case ticket.DraftComment:
			v.Comment = rd.comment(c, o, d.Fields)
			v.Comment.Draft = state
		}
		if v.Open = d.Kind; rd.narrow { // it would cover what is to be read
			v.Open, v.Hint = "", saved
		}
	}
	return v
}

// begunReply is a reply as it stands: what a fresh one begins with, and over it the draft.
func (rd reader) begunReply(c ticket.Card) typed {
	f := rd.freshReply(c, c.Ticket.Answered)
	for _, d := range c.Drafts {
		if d.Kind == ticket.DraftReply {
			maps.Copy(f, d.Fields)
		}
	}
	return f
}

// freshReply begins a letter: to all of the answered message's Reply-To, else its From; Cc those who take part as Cc (DECISIONS, Recipients) and
// whom a letter can reach; the status that waits for the customer.
func (rd reader) freshReply(c ticket.Card, answered *ticket.Message) typed {
	f, to := typed{"delay": "30"}, []string{c.Ticket.Requester}
	if answered != nil {
		to, f["answer"] = answered.AnswersTo(), dec(answered.ID)
	}
	f["to"] = strings.Join(to, ", ")
	var cc []string
	for _, p := range c.Participants {
		if p.Role == "cc" && !slices.Contains(to, p.Address) && ticket.Reachable(p.Address) {
			cc = append(cc, p.Address)
		}
	}
	f["cc"] = strings.Join(cc, ", ")
	for _, s := range c.Directory.Statuses {
		if s.Key == "waiting" {
			f["status"] = dec(s.ID)
		}
	}
	if rd.me.Signature != "" {
		f["text"] = "\n\n" + rd.me.Signature
	}
	return f
}

func (rd reader) reply(c ticket.Card, o offer, f typed) ticketview.Reply {
	t := c.Ticket
	v := ticketview.Reply{Action: href.Replies(t.ID), FormKey: formKey(), Version: basis(t), Answer: f["answer"], From: from(t),
		To: ui.Field{Value: f["to"]}, Cc: ui.Field{Value: f["cc"]}, Text: ui.Field{Value: f["text"]}, Draft: ticketview.Draft{Action: href.Draft(t.ID, ticket.DraftReply), Version: "0"},
		Files: rd.files(c, ticket.DraftReply, nil), Also: rd.also(o, f), Send: rd.send(f)}
	if answered := c.Answer(f.whole("answer")); answered != nil {
		v.Warning = rd.otherDomain(*answered)
	}
	return v
}

// otherDomain warns of a Reply-To that leads away from where the mail came from.
func (rd reader) otherDomain(m ticket.Message) ui.Notice {
	away := slices.DeleteFunc(m.AnswersTo(), func(to string) bool { return domain(to) == domain(m.FromAddress) })
	if len(away) == 0 {
		return ui.Notice{}
	}
	return ui.Notice{Kind: "warn", Title: rd.l.T(text.ComposeOtherDomain), Text: rd.l.T(text.ComposeOtherDomainText, "from", text.Strong(m.FromAddress),
		"to", text.Strong(strings.Join(away, ", ")))}
}

func (rd reader) comment(c ticket.Card, o offer, f typed) ticketview.Comment {
	t := c.Ticket
	return ticketview.Comment{Action: href.Comments(t.ID), FormKey: formKey(), Version: basis(t), Text: ui.Field{Value: f["text"]},
		Files: rd.files(c, ticket.DraftComment, nil), Draft: ticketview.Draft{Action: href.Draft(t.ID, ticket.DraftComment), Version: "0"}, Also: rd.also(o, f)}
}

// also are the changes of the same save; each begins with "leave it".
func (rd reader) also(o offer, f typed) ticketview.Also {
	leave := func(choice ui.Choice, words text.Key) ui.Choice {
		now := f[choice.Field]
		choice.Options = slices.Concat([]ui.Option{{Value: "", Name: rd.l.T(words)}}, choice.Options)
		for i := range choice.Options {
			choice.Options[i].Chosen = choice.Options[i].Value == now
		}
		return choice
	}
	return ticketview.Also{Status: leave(o.status, text.ComposeLeave), More: []ui.Choice{leave(o.queue, text.ComposeLeaveOther), leave(o.assignee, text.ComposeLeaveOther),
		leave(o.category, text.ComposeLeaveOther), leave(o.priority, text.ComposeLeaveOther)},
		Tags: ui.Tags{Field: "tags", Label: rd.l.T(text.TagAdd), Names: desk.TagNames(f["tags"])}}
}

// send says when the letter leaves.
func (rd reader) send(f typed) ticketview.Send {
	last := rd.now.Add(ticket.MaxSchedule)
	v := ticketview.Send{At: ui.Field{Value: cmp.Or(f["send_at"], rd.l.Field(rd.tomorrow()))}, AtMin: rd.l.Field(rd.now), AtMax: rd.l.Field(last),
		AtHint: rd.l.T(text.ComposeAtHint, "last", rd.l.Stamp(last, rd.now).Short, "zone", rd.l.Zone().String()), Unless: f["unless_customer_writes"] != ""}
	for _, d := range delays {
		one := ticketview.Delay{Value: d.value, Name: rd.l.T(d.name), Chosen: d.value == f["delay"]}
		if d.value == "30" {
			one.Aside = rd.l.T(text.ComposeDefault)
		}
		if one.Chosen {
			v.Summary = one.Name
		}
		v.Delays = append(v.Delays, one)
	}
	return v
}

// tomorrow is the next day at eight, where the reader is.
func (rd reader) tomorrow() time.Time {
	t := rd.now.In(rd.l.Zone())
	return time.Date(t.Year(), t.Month(), t.Day()+1, 8, 0, 0, 0, rd.l.Zone())
}

func from(t ticket.Head) string {
	if t.FromName == "" {
		return t.From
	}
	return t.FromName + " <" + t.From + ">"
}

func domain(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
