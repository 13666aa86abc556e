package gallery

import (
	"frontdesk/internal/text"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

func options(l *text.Local, leave text.Key) (status, queue, assignee, priority ui.Choice) {
	first := func(c *ui.Choice) {
		if leave != "" {
			c.Options = append(c.Options, ui.Option{Name: l.T(leave)})
			leave = text.ComposeLeaveOther
		}
	}
	status = ui.Choice{Field: "status", Label: l.T(text.ListStatus)}
	queue = ui.Choice{Field: "queue", Label: l.T(text.ListQueue)}
	assignee = ui.Choice{Field: "assignee", Label: l.T(text.ListAssignee)}
	priority = ui.Choice{Field: "priority", Label: l.T(text.ListPriority)}
	first(&status)
	first(&queue)
	first(&assignee)
	first(&priority)
	for _, s := range statuses(l) {
		status.Options = append(status.Options, ui.Option{Value: s.Kind, Name: s.Name, Status: s, Chosen: leave == "" && s.Kind == "new"})
	}
	queue.Options = append(queue.Options, ui.Option{Value: "1", Name: "Inbox", Chosen: leave == ""})
	assignee.Options = append(assignee.Options, ui.Option{Value: "none", Name: l.T(text.ListUnassigned)}, ui.Option{Value: "1", Name: "Emma Clarke", Person: ui.Person{Name: "Emma Clarke", Avatar: emma}, Chosen: leave == ""}, ui.Option{Value: "2", Name: "Piotr Maj", Person: ui.Person{Name: "Piotr Maj", Avatar: piotr}})
	for _, p := range priorities(l) {
		priority.Options = append(priority.Options, ui.Option{Value: p.Level, Name: p.Name, Priority: p, Chosen: leave == "" && p.Level == "1"})
	}
	return status, queue, assignee, priority
}

func card(l *text.Local, compose string) ticketview.Card {
	status, queue, assignee, priority := options(l, "")
	c := ticketview.Card{
		ID: "104817", Number: "#104817", Href: "/tickets/104817", Absolute: "https://desk.example/tickets/104817",
		Back:    ticketview.Back{Name: l.T(text.ViewQueues), Href: "/tickets?view=queues"},
		Subject: ticketview.Subject{Text: "Lamp arrived with a cracked glass shade, second time now", MayEdit: true, Action: "/tickets/104817/changes", Version: "12", Field: ui.Field{Value: "Lamp arrived with a cracked glass shade, second time now"}, Was: "Lamp arrived with a cracked glass shade, second time now"},
		Goals: ticketview.Goals{Hours: "Mon–Fri 8–18", List: []ticketview.Goal{
			{Name: l.T(text.SlaFirstResponse), State: "kept", Said: l.T(text.SlaKeptText, "by", "51 min"), Short: l.T(text.SlaKeptIn, "by", "51 min"), Text: l.T(text.SlaBar, "goal", l.T(text.SlaFirstResponse), "spent", "51 min", "limit", "4 h"), Value: "51", Max: "240"},
			{Name: l.T(text.SlaFirstClose), State: "late", Said: l.T(text.SlaExecutionOver, "by", "2 h 10 min"), Short: l.T(text.SlaOver, "by", "2 h 10 min"), Text: l.T(text.SlaBar, "goal", l.T(text.SlaFirstClose), "spent", "10 h 10 min", "limit", "8 h"), Value: "100", Max: "100"},
		}, Dates: []ui.Fact{{Label: l.T(text.SlaReactBy), When: at(l, 16, 22, 12)}, {Label: l.T(text.SlaAlarm), When: at(l, 20, 6, 30)}, {Label: l.T(text.SlaCloseBy), When: at(l, 20, 8, 30)}}},
		Beside: ticketview.Beside{Next: "/tickets/104817/next?from=view%3Dqueues", Previous: "/tickets/104817/previous?from=view%3Dqueues"},
		Write:  ticketview.Write{Reply: "/tickets/104817?compose=reply#compose", Comment: "/tickets/104817?compose=comment#compose"},
		Details: ticketview.Details{Action: "/tickets/104817/changes", Version: "12", MayEdit: true, Choices: []ui.Choice{status, queue, assignee, priority},
			Tags: ui.Tags{Field: "tags", Label: l.T(text.TagAdd), Names: []string{"damaged", "batch-2209", "express"}}, TagsWas: []string{"damaged", "batch-2209", "express"}},
		Deeds: ticketview.Deeds{Star: "/tickets/104817/star", Starred: true, Observe: "/tickets/104817/observation", Postpone: postpone(l), Delete: "/tickets/104817/deletion", From: "queues"},
		About: []ui.Fact{
			{Label: l.T(text.CardSourceLabel), Value: l.T(text.CardSourceMail, "address", "support@lindenwald.example")},
			{Label: l.T(text.CardCreated), When: at(l, 16, 18, 12)}, {Label: l.T(text.CardChanged), When: at(l, 20, 10, 44)},
		},
		Talk: talk(l),
		Compose: ticketview.Compose{Open: compose, Reply: reply(l, compose), Comment: comment(l),
			Links: ticketview.ComposeLinks{Reply: "/tickets/104817?compose=reply#compose", Comment: "/tickets/104817?compose=comment#compose", Close: "/tickets/104817"}},
		Customer: ticketview.Customer{Name: "Agnieszka Wiśniewska", Under: "Pracownia AW, Poznań", Avatar: lampBuy,
			Contact: []ticketview.Contact{{Icon: "mail", Text: "agnieszka@pracownia-aw.example", Href: "mailto:agnieszka@pracownia-aw.example"}, {Icon: "mail", Text: "a.wisniewska@poczta.example", Desc: "private"}, {Icon: "phone", Text: "+48 601 555 238", Desc: "mobile"}},
			Note:    "Interior designer, buys for clients. Prefers to be called before 9:00. Invoices always to the company.",
			Recent: []ticketview.Mini{
				{Status: statuses(l)[2], Subject: "Offer for six Olga chairs", Href: "/tickets/1", When: at(l, 12, 9, 0)},
				{Status: statuses(l)[4], Subject: "Invoice to the company, for the second time", Href: "/tickets/2", When: at(l, 1, 9, 0)},
			},
			Linked: []ticketview.Mini{{Status: statuses(l)[4], Subject: "Halle lamp: which bulb?", Href: "/tickets/3", When: at(l, 9, 9, 0)}}},
		Seen:   ticketview.Seen{Action: "/tickets/104817/seen", Message: "8841"},
		Glance: ticketview.Glance{Customer: "Agnieszka Wiśniewska", Clock: ui.Clock{State: "late", Text: l.T(text.SlaExecutionOver, "by", "2 h 10 min"), By: "2 h"}, Status: statuses(l)[0], Priority: priorities(l)[0], Assignee: ui.Person{Name: "Emma Clarke", Avatar: emma}, Queue: "Inbox"},
	}
	return c
}

func postpone(l *text.Local) ticketview.Postpone {
	return ticketview.Postpone{Action: "/tickets/104817/postponement", Choices: []ticketview.PostponeChoice{
		{Value: "1", Name: l.T(text.PostponeToday), When: at(l, 20, 14, 0).Short}, {Value: "2", Name: l.T(text.PostponeTomorrow), When: at(l, 21, 8, 0).Short},
		{Value: "3", Name: l.T(text.PostponeMonday), When: at(l, 23, 8, 0).Short}, {Value: "4", Name: l.T(text.PostponeWeek), When: at(l, 27, 8, 0).Short}},
		At: ui.Field{Value: "2026-11-21T08:00"}, AtMin: "2026-11-20T10:47", AtMax: "2027-11-21T10:47"}
}

func talk(l *text.Local) ticketview.Talk {
	tools := func(id string) ticketview.Tools {
		return ticketview.Tools{Reply: "/tickets/104817?compose=reply&answer=" + id + "#compose", Link: "https://desk.example/tickets/104817#m" + id, Details: "/messages/" + id}
	}
	failure := refusedLetter(l)
	first := ticketview.Event{Anchor: "m8839", Kind: "in", Avatar: lampBuy, Who: "Agnieszka Wiśniewska", Did: l.T(text.TalkWrote), First: "Dzień dobry, lampa Halle dotarła dziś rano. Po otwarciu kartonu zobaczyłam pęknięcie na kloszu…",
		Marks: []ui.Mark{{Icon: "paperclip", Text: "2 files", Count: "2"}}, When: at(l, 16, 18, 12), Body: ticketview.Body{Text: []ticketview.Block{{Text: "Dzień dobry, lampa Halle dotarła dziś rano. Po otwarciu kartonu zobaczyłam pęknięcie na kloszu…"}}}, Tools: tools("8839")}
	rule := ticketview.Event{Anchor: "e2", Kind: "system", Glyph: "route", Line: "Rule " + text.Strong("Damage by subject") + " put this ticket into " + text.Strong("Returns") + ", priority " + text.Strong("High"), When: at(l, 16, 18, 12)}
	sent := ticketview.Event{Anchor: "m8840", Kind: "out", State: "failed", Avatar: emma, Who: "Emma Clarke", Did: l.T(text.TalkToCustomer), First: "Dear Agnieszka, I am sorry about the glass. A new shade leaves our warehouse tomorrow with DHL, parcel…",
		Marks: []ui.Mark{{Icon: "triangle-alert", Text: l.T(text.TalkNotDelivered), Kind: "bad"}, {Icon: "sliders-horizontal", Text: "Status changed with this message", Kind: "change"}}, When: at(l, 17, 9, 3), Failure: &failure, Tools: tools("8840"),
		Body: ticketview.Body{Text: []ticketview.Block{{Text: "Dear Agnieszka,\n\nI am sorry about the glass. A new shade leaves our warehouse tomorrow with DHL, parcel 00340434161094."}}}, Changes: []string{"Status " + text.Strong("New → Waiting for customer")}}
	old := ticketview.Event{Anchor: "e9", Kind: "system", Glyph: "send", Line: text.Strong("Emma Clarke") + " sent the message again to " + text.Strong("agnieszka@pracownia-aw.example"), When: at(l, 17, 9, 20)}
	unread := ticketview.Event{Anchor: "m8841", Kind: "in", Open: true, Unread: true, Avatar: lampBuy, Who: "Agnieszka Wiśniewska", Did: l.T(text.TalkWrote), When: at(l, 20, 10, 41),
		Envelope: "From agnieszka@pracownia-aw.example to support@lindenwald.example · sender verified", Tools: tools("8841"),
		Body: ticketview.Body{Text: []ticketview.Block{
			{Text: "Dzień dobry,\n\nniestety druga lampa również przyszła z pękniętym kloszem. Karton był cały, więc szkło pękło jeszcze przed pakowaniem. Zdjęcia w załączniku i tu: https://zdjecia.example/klosz?nr=2&widok=1.\n\nLampa ma stać na otwarciu pracowni w sobotę 28 listopada. Czy jest szansa na wymianę do piątku?\n\nPozdrawiam serdecznie\nAgnieszka Wiśniewska"},
			{Text: "On Tue 17 Nov 2026, Emma Clarke wrote:\n> A new shade leaves our warehouse tomorrow with DHL…", Quoted: true}}},
		Files: []ui.File{{Icon: "image", Name: "klosz-pekniecie-1.jpg", Size: l.Size(2_400_000), Href: "/x"}, {Icon: "image", Name: "klosz-pekniecie-2.jpg", Size: l.Size(1_900_000), Href: "/x"}, {Icon: "file-text", Name: "list-przewozowy.pdf", Size: l.Size(118_000), Href: "/x"}}}
	letter := ticketview.Event{Anchor: "m8842", Kind: "in", Open: true, Avatar: lampBuy, Who: "Agnieszka Wiśniewska", Did: l.T(text.TalkWrote), When: at(l, 20, 10, 43), Tools: tools("8842"),
		Envelope: "From agnieszka@pracownia-aw.example to support@lindenwald.example",
		Warning:  ui.Notice{Kind: "warn", Title: l.T(text.TalkFlagDmarc), Text: l.T(text.TalkFlagDmarcText)},
		Body:     ticketview.Body{Frame: "/messages/8842/body", Title: "Message of Agnieszka Wiśniewska, 10:43", Pictures: "/messages/8842/body?pictures=1", Held: l.N(text.CardHeldPictures, 3)}}
	note := ticketview.Event{Anchor: "m8843", Kind: "comment", Open: true, Avatar: piotr, Who: "Piotr Maj", Did: l.T(text.TalkComment), When: at(l, 20, 10, 44), Tools: ticketview.Tools{Link: "https://desk.example/tickets/104817#m8843"},
		Body:    ticketview.Body{Text: []ticketview.Block{{Text: "Batch 2209 again. The packers found four more with hairline cracks. I have set one from batch 2214 aside, shelf C-14, checked by hand."}}},
		Changes: []string{"Priority " + text.Strong("Normal → High"), "Queue " + text.Strong("Inbox → Returns")}}
	later := ticketview.Event{Anchor: "m8844", Kind: "out", State: "scheduled", Avatar: emma, Who: "Emma Clarke", Did: l.T(text.TalkScheduledFor, "at", at(l, 23, 8, 0).Short), First: "Dear Agnieszka, your lamp comes this morning. Would you let me know…",
		Marks: []ui.Mark{{Icon: "calendar-clock", Text: l.T(text.ComposeUnless)}}, When: at(l, 20, 10, 45), Tools: tools("8844"),
		Body:    ticketview.Body{Text: []ticketview.Block{{Text: "Dear Agnieszka, your lamp comes this morning. Would you let me know…"}}},
		Pending: &ticketview.Pending{Text: l.T(text.LetterLeavesUnless, "time", at(l, 23, 8, 0).Short), Cancel: "/outbox/5/cancellation", SendNow: "/outbox/5/departure"}}
	return ticketview.Talk{Count: "13", Items: []ticketview.Item{
		{Event: &first}, {Event: &rule}, {Event: &sent},
		{Fold: &ticketview.Fold{Text: l.N(text.TalkBetween, 4), Items: []ticketview.Item{{Event: &old}}}},
		{Day: l.Day(now, now)}, {Event: &unread}, {Event: &letter}, {Event: &note}, {Event: &later},
	}}
}

func reply(l *text.Local, compose string) ticketview.Reply {
	status, queue, assignee, priority := options(l, text.ComposeLeave)
	r := ticketview.Reply{Files: files(l, "reply"), Action: "/tickets/104817/replies", FormKey: "k1", Version: "12", Answer: "8841", From: "Support <support@lindenwald.example>",
		To:   ui.Field{Value: "Agnieszka Wiśniewska <agnieszka@pracownia-aw.example>"},
		Also: ticketview.Also{Status: status, More: []ui.Choice{queue, assignee, priority}, Tags: ui.Tags{Field: "tags", Label: l.T(text.TagAdd)}},
		Send: ticketview.Send{Delays: []ticketview.Delay{{Value: "0", Name: l.T(text.ComposeNow)}, {Value: "30", Name: l.T(text.ComposeIn30), Aside: l.T(text.ComposeDefault), Chosen: true}, {Value: "300", Name: l.T(text.ComposeIn300)}, {Value: "3600", Name: l.T(text.ComposeIn3600)}, {Value: "at", Name: l.T(text.ComposeLater)}},
			AtMin: "2026-11-20T10:47", AtMax: "2026-12-04T10:46", AtHint: l.T(text.ComposeAtHint, "last", "4 Dec", "zone", "Europe/Warsaw"), Summary: l.T(text.ComposeIn30), Unless: true},
		Draft: ticketview.Draft{Action: "/tickets/104817/drafts/reply"}}
	if compose == "reply" {
		r.Text.Value = "Dear Agnieszka,\n\nI am truly sorry, this should not have happened twice. I have had one lamp from another batch checked by hand. It leaves with DHL Express today and reaches you on Monday before noon, well before your opening.\n\nEmma Clarke, Linden & Wald"
		r.Draft.State, r.Draft.Remove = l.T(text.ComposeSaved, "time", "10:46:31"), "/tickets/104817/drafts/reply/removal"
	}
	return r
}

// files are two that wait in a reply; a comment has none.
func files(l *text.Local, form string) ticketview.Files {
	f := ticketview.Files{Upload: "/tickets/104817/drafts/" + form + "/files", Most: 25_000_000, Hint: l.T(text.AttachHint, "limit", l.Size(25_000_000))}
	if form == "reply" {
		f.List = []ticketview.DraftFile{
			{File: ui.File{Icon: "image", Name: "klosz-partia-2214.jpg", Size: l.Size(1_200_000), Href: "/x"}, ID: "1", Remove: "/x"},
			{File: ui.File{Icon: "file-text", Name: "etykieta-dhl.pdf", Size: l.Size(86_000), Href: "/x"}, ID: "2", Remove: "/x"},
		}
	}
	return f
}

func comment(l *text.Local) ticketview.Comment {
	status, queue, assignee, priority := options(l, text.ComposeLeave)
	return ticketview.Comment{Files: files(l, "comment"), Action: "/tickets/104817/comments", FormKey: "k2", Version: "12", Also: ticketview.Also{Status: status, More: []ui.Choice{queue, assignee, priority}, Tags: ui.Tags{Field: "tags", Label: l.T(text.TagAdd)}}, Draft: ticketview.Draft{Action: "/tickets/104817/drafts/comment"}}
}

func refused(c ticketview.Card, l *text.Local) ticketview.Card {
	r := &c.Compose.Reply
	r.Text = ui.Field{Error: l.T(text.RefusalTextEmpty)}
	r.To = ui.Field{Value: "agnieszka at pracownia", Error: l.T(text.RefusalAddressWrong, "address", "agnieszka at pracownia")}
	r.Send.At.Error = l.T(text.RefusalSchedulePast)
	r.Error = l.T(text.ComposeNotTaken)
	r.Warning = ui.Notice{Kind: "warn", Title: l.T(text.ComposeOtherDomain), Text: l.T(text.ComposeOtherDomainText, "from", "a@b.example", "to", "c@d.example")}
	return c
}

func overtaken(c ticketview.Card, l *text.Local) ticketview.Card {
	n := c.Talk.Items[5]
	again := *n.Event
	again.Anchor, again.Tools, again.Files = "new-m8841", ticketview.Tools{}, nil
	c.Compose.Reply.Conflict = &ticketview.Conflict{Title: l.N(text.ComposeConflict, 1), Text: l.T(text.ComposeConflictText), Items: []ticketview.Item{{Event: &again}}}
	return c
}

func queued(c ticketview.Card, l *text.Local) ticketview.Card {
	e := *c.Talk.Items[len(c.Talk.Items)-1].Event
	e.Anchor, e.State, e.Open, e.Did = "m8845", "queued", true, l.T(text.TalkLeavesAt, "at", "10:47:12")
	e.Marks = []ui.Mark{{Icon: "hourglass", Text: l.T(text.LetterQueued)}}
	e.Pending = &ticketview.Pending{Text: l.T(text.LetterLeaves, "time", "10:47:12"), Cancel: "/outbox/77/cancellation"}
	c.Talk.Items = append(c.Talk.Items, ticketview.Item{Event: &e})
	return c
}

func message(l *text.Local) ticketview.Message {
	f := refusedLetter(l)
	return ticketview.Message{Title: "Lamp arrived with a cracked glass shade, second time now", Ticket: "#104817", Back: "/tickets/104817#m8840", Failure: &f, Source: "/messages/8840/source", Facts: []ui.Fact{
		{Label: l.T(text.CardMailbox), Value: "Support"}, {Label: l.T(text.CardFrom), Value: "Support <support@lindenwald.example>"}, {Label: l.T(text.CardTo), Value: "agnieszka@pracownia-aw.example"},
		{Label: l.T(text.CardCc), Value: "a.wisniewska@poczta.example"}, {Label: l.T(text.CardWritten), When: at(l, 17, 9, 3)}, {Label: l.T(text.CardSent), When: at(l, 17, 9, 4)}, {Label: l.T(text.CardMessageId), Value: "<o.mfrggzdfmztwq2lk.nbswy3dp@lindenwald.example>"}}}
}
