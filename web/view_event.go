package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// openAtEnd is how many of the newest messages are unfolded when a card is opened.
const openAtEnd = 2

// standAlone are the events shown as a line of their own; the others belong to a message.
var standAlone = []event.Kind{event.Changed, event.Postponed, event.Woken, event.Deleted, event.Restored, event.SendCancelled, event.SendRetried, event.SendSettled, event.Linked, event.UnknownSender, event.RuleApplied, event.FileInfected, event.FileUnchecked}

// On a phone, of more than mostAtOnce events the first and the last edgeOfTalk are seen, the others on request (PRODUCT V2).
const (
	mostAtOnce = 6
	edgeOfTalk = 3
)

// dated is an event with its moment.
type dated struct {
	at    time.Time
	event ticketview.Event
}

// talk is the conversation: messages and the events between them, under the heading of each day. At a desk the oldest stands first and the card
// opens at its end. On a phone the newest stands first, and it does so in the document: who tabs or listens goes the way the eye goes.
func (rd reader) talk(c ticket.Card, base string) ticketview.Talk {
	var all []dated
	for i, m := range c.Messages {
		e := rd.message(c, m, base)
		e.Open = e.State == "failed" || e.State == "uncertain" || e.Unread || i >= len(c.Messages)-openAtEnd
		all = append(all, dated{m.At, e})
	}
	for _, e := range c.Events {
		if slices.Contains(standAlone, e.Kind) {
			all = append(all, dated{e.At, rd.line(c, e)})
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.at.Compare(b.at) })
	t := ticketview.Talk{Count: dec(int64(len(all))), NewestFirst: rd.narrow}
	var earlier []ticketview.Item
	if c.Earlier != (ticket.Mark{}) {
		earlier = []ticketview.Item{{Event: &ticketview.Event{Anchor: "earlier", Kind: "system", Glyph: "chevrons-up", Line: rd.l.T(text.TalkEarlier),
			More: href.TicketBefore(c.Ticket.ID, c.Earlier.Message, c.Earlier.Event)}}}
	}
	day := ""
	if !rd.narrow {
		t.Items = append(earlier, rd.days(all, &day)...)
		return t
	}
	slices.Reverse(all)
	if len(all) <= mostAtOnce {
		t.Items = append(rd.days(all, &day), earlier...)
		return t
	}
	newest, between, first := all[:edgeOfTalk], all[edgeOfTalk:len(all)-edgeOfTalk], all[len(all)-edgeOfTalk:]
	t.Items = rd.days(newest, &day)
	seen := day
	fold := &ticketview.Fold{Text: rd.l.N(text.TalkBetween, len(between)), Items: rd.days(between, &day),
		Open: slices.ContainsFunc(between, func(d dated) bool { return d.event.Unread })} // nothing new is ever hidden
	t.Items = append(t.Items, ticketview.Item{Fold: fold})
	t.Items = append(t.Items, rd.days(first, &seen)...)
	t.Items = append(t.Items, earlier...)
	return t
}

// days puts its day above the events of each; *day is the one they begin under.
func (rd reader) days(all []dated, day *string) []ticketview.Item {
	var items []ticketview.Item
	for _, d := range all {
		if next := rd.l.Day(d.at, rd.now); next != *day {
			*day = next
			items = append(items, ticketview.Item{Day: next, Year: rd.l.DayYear(d.at, rd.now)})
		}
		items = append(items, ticketview.Item{Event: &d.event})
	}
	return items
}

// message is one thing said, with what changed together with it and what became of it.
func (rd reader) message(c ticket.Card, m ticket.Message, base string) ticketview.Event {
	e := ticketview.Event{Anchor: href.MessageAnchor(m.ID), Kind: m.Kind, Unread: m.Kind == "in" && m.ID > c.Ticket.Seen, First: m.Excerpt, When: rd.l.Moment(m.At, rd.now),
		Body: rd.body(m), Changes: rd.changesOf(c, m.ID),
		Tools: ticketview.Tools{Link: base + href.TicketMessage(c.Ticket.ID, m.ID), Details: href.Message(m.ID)}}
	if n := heldPictures(c.Files, m.ID); n > 0 && e.Body.Frame != "" {
		e.Body.Unsafe = strconv.Itoa(n)
	}
	for _, f := range c.Files {
		if f.MessageID == m.ID && (!f.Inline || e.Body.Frame == "" || f.Found.Held()) { // a picture that is held is not within the text
			e.Files = append(e.Files, rd.file(f))
		}
	}
	if n := len(e.Files); n > 0 {
		e.Marks = append(e.Marks, ui.Mark{Icon: "paperclip", Text: rd.l.N(text.TalkPictures, n), Count: dec(int64(n))})
	}
	if m := rd.heldMark(c.Files, m.ID); m.Icon != "" {
		e.Marks = append(e.Marks, m)
	}
	if len(e.Changes) > 0 {
		e.Marks = append(e.Marks, ui.Mark{Icon: "sliders-horizontal", Text: text.Plain(strings.Join(e.Changes, ", ")), Kind: "change"})
	}
	switch m.Kind {
	case "in":
		rd.incoming(c, m, &e)
	case "out":
		rd.outgoing(c, m, &e)
	default:
		e.Who, e.Did, e.Avatar = m.Author, rd.l.T(text.TalkComment), agentAvatar(deref(m.AuthorID), m.Author)
	}
	return e
}

func (rd reader) incoming(c ticket.Card, m ticket.Message, e *ticketview.Event) {
	e.Who = rd.sender(m.FromName, m.FromAddress)
	e.Avatar = customerAvatar(cmp.Or(m.FromName, m.FromAddress), "")
	e.Did = rd.l.T(text.TalkWrote)
	if m.Automatic {
		e.Did = rd.l.T(text.TalkWroteAutomatic)
	}
	if m.FromAddress != "" || len(m.ToList) > 0 {
		e.Envelope = rd.l.T(text.TalkFromTo, "from", cmp.Or(m.FromAddress, "—"), "to", cmp.Or(strings.Join(m.ToList, ", "), "—"))
	}
	if len(m.CcList) > 0 {
		e.Envelope += " · " + rd.l.T(text.TalkCc, "cc", strings.Join(m.CcList, ", "))
	}
	e.Warning = rd.warning(m)
	if e.Whole = rd.whole(m); e.Whole != nil && m.Text == "" {
		e.Body = ticketview.Body{} // nobody knows whether it has a text
	}
	e.Tools.Reply = href.Answer(c.Ticket.ID, m.ID)
	if m.InboundID != nil {
		e.Tools.Source = href.MessageSource(m.ID)
	}
}

// warning is the gravest of a message's flags in words.
func (rd reader) warning(m ticket.Message) ui.Notice {
	for _, w := range []struct {
		flag, kind  string
		title, text text.Key
	}{{"our_address", "bad", text.TalkFlagForged, text.TalkFlagForgedText}, {"dmarc_fail", "bad", text.TalkFlagDmarc, text.TalkFlagDmarcText},
		{"two_from", "bad", text.TalkFlagTwoFrom, text.TalkFlagTwoFromText}, {"odd_from", "bad", text.TalkFlagOddFrom, text.TalkFlagOddFromText},
		{"limited", "warn", text.TalkFlagLimited, text.TalkFlagLimitedText}} {
		if slices.Contains(m.Flags, w.flag) {
			return ui.Notice{Kind: w.kind, Title: rd.l.T(w.title), Text: rd.l.T(w.text)}
		}
	}
	return ui.Notice{}
}

// body is the frame of an HTML mail, or its text with what was quoted set apart.
func (rd reader) body(m ticket.Message) ticketview.Body {
	if m.HasHTML {
		b := ticketview.Body{Lang: rd.lang(m.Language), Frame: href.MessageBody(m.ID), Title: rd.l.T(text.CardFrameTitle, "who", cmp.Or(m.FromName, m.FromAddress, m.Author), "when", rd.l.Moment(m.At, rd.now).Short)}
		if m.RemotePictures > 0 {
			b.Pictures, b.Held = href.MessagePictures(m.ID), rd.l.N(text.CardHeldPictures, m.RemotePictures)
		}
		return b
	}
	if strings.TrimSpace(m.Text) == "" {
		return ticketview.Body{Text: []ticketview.Block{{Text: rd.l.T(text.TalkNoText)}}}
	}
	return ticketview.Body{Lang: rd.lang(m.Language), Text: blocks(m.Text, m.QuoteAt)}
}

func blocks(s string, quoteAt *int) []ticketview.Block {
	if quoteAt == nil || *quoteAt < 0 || *quoteAt >= len(s) {
		return []ticketview.Block{{Text: strings.TrimSpace(s)}}
	}
	var out []ticketview.Block
	if said := strings.TrimSpace(s[:*quoteAt]); said != "" {
		out = append(out, ticketview.Block{Text: said})
	}
	return append(out, ticketview.Block{Text: strings.TrimSpace(s[*quoteAt:]), Quoted: true})
}

func (rd reader) file(f ticket.File) ui.File {
	icon := "file"
	switch {
	case strings.HasPrefix(f.Type, "image/"):
		icon = "image"
	case strings.HasPrefix(f.Type, "text/"), f.Type == "application/pdf":
		icon = "file-text"
	}
	v := ui.File{Icon: icon, Name: f.Name, Size: rd.l.Size(f.Size), Href: href.Attachment(f.ID, f.Name), Held: rd.held(f.Found)}
	if f.Found.Held() && !rd.me.Can(agent.FileInfected) {
		v.Href = ""
	}
	return v
}

// line is an event that stands alone, as one sentence.
func (rd reader) line(c ticket.Card, e event.Row) ticketview.Event {
	v := ticketview.Event{Anchor: "e" + dec(e.ID), Kind: "system", Glyph: "sliders-horizontal", Line: rd.sentence(e, c.Directory), When: rd.l.Moment(e.At, rd.now)}
	switch e.Kind {
	case event.SendCancelled:
		v.Glyph = "ban"
	case event.Postponed, event.Woken:
		v.Glyph = "moon"
	case event.Deleted, event.Restored:
		v.Glyph = "trash-2"
	case event.Linked, event.UnknownSender:
		v.Glyph = "link"
		v.More = href.Ticket(e.Data.Other)
	case event.SendRetried, event.SendSettled:
		v.Glyph = "send"
	case event.FileInfected:
		v.Kind = "error"
		v.Glyph = "shield-alert"
	case event.FileUnchecked:
		v.Glyph = "shield-alert"
	}
	return v
}

// sentence says what happened in the reader's language (DECISIONS, Journal).
func (rd reader) sentence(e event.Row, d *desk.Directory) string {
	who := rd.l.T(text.NameSystem)
	if e.ByAgent != nil {
		who = cmp.Or(d.Person(*e.ByAgent).Name, who)
	}
	key := text.Key("event." + string(e.Kind))
	changes, until := rd.changes(e.Data.Changes), ""
	if e.Kind == event.Postponed { // the status says nothing more than the word, the time stands in the sentence
		var rest []event.Change
		for _, c := range e.Data.Changes {
			if c.Field == "until" {
				until = strings.Join(rd.changes([]event.Change{c}), "")
			} else if c.Field != "status" || c.NewName != ":postponed" {
				rest = append(rest, c)
			}
		}
		if changes = rd.changes(rest); len(changes) > 0 {
			key = text.EventPostponedWith
		}
	}
	address := ""
	for i, r := range e.Data.Recipients {
		if i > 0 {
			address += ", "
		}
		address += r.Address
	}
	switch {
	case e.Kind == event.SendCancelled && e.Data.Reason == "customer_wrote":
		key = text.EventSendCancelledAnswered
	case e.Kind == event.SendCancelled && e.Data.Reason == "deleted":
		key = text.EventSendCancelledDeleted
	case e.Kind == event.Linked && e.Data.Reason == "reopened_late":
		key = text.EventLinkedReopenedLate
	case e.Kind == event.Linked && e.Data.Reason == "same_mail":
		key = text.EventLinkedSameMail
	case e.Kind == event.FileUnchecked && e.Data.Reason == "failed":
		key = text.EventFileUncheckedFailed
	}
	line := rd.l.T(key, "who", text.Strong(who), "changes", strings.Join(changes, ", "), "until", until, "other", text.Strong(tagged(e.Data.Other)),
		"mailbox", text.Strong(e.Data.Mailbox), "address", text.Strong(address), "name", text.Strong(e.Data.Name), "text", text.Strong(e.Data.Text))
	if e.Data.Tally != nil {
		line = rd.tally(line, *e.Data.Tally)
	}
	return line
}

// changesOf are the changes saved with a message.
func (rd reader) changesOf(c ticket.Card, messageID int64) []string {
	var out []string
	for _, e := range c.Events {
		if e.MessageID != nil && *e.MessageID == messageID && !slices.Contains(standAlone, e.Kind) {
			out = append(out, rd.changes(e.Data.Changes)...)
		}
	}
	return out
}

func (rd reader) changes(list []event.Change) []string {
	var out []string
	for _, c := range list {
		was, is := rd.called(c.Field, c.OldName), rd.called(c.Field, c.NewName)
		switch c.Field {
		case "assignee", "customer":
			was, is = cmp.Or(was, rd.l.T(text.ChangeNobody)), cmp.Or(is, rd.l.T(text.ChangeNobody))
		case "category":
			was, is = cmp.Or(was, rd.l.T(text.ChangeNone)), cmp.Or(is, rd.l.T(text.ChangeNone))
		case "cc":
			key := text.ChangeCcOn
			if c.NewName == "" {
				key = text.ChangeCcOff
			}
			out = append(out, rd.l.T(key, "old", text.Strong(was), "new", text.Strong(is)))
			continue
		case "tag":
			key := text.ChangeTagOn
			if c.New == 0 {
				key = text.ChangeTagOff
			}
			out = append(out, rd.l.T(key, "old", text.Strong(was), "new", text.Strong(is)))
			continue
		case "until":
			if c.New != 0 {
				out = append(out, rd.l.T(text.ChangeUntil, "new", text.Strong(rd.l.Moment(time.Unix(c.New, 0), rd.now).Short)))
			}
			continue
		}
		out = append(out, rd.l.T(text.ChangeFromTo, "field", rd.l.T(text.Key("change."+c.Field)), "old", text.Strong(was), "new", text.Strong(is)))
	}
	return out
}

func deref(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
