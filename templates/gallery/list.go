package gallery

import (
	"strconv"
	"time"

	"frontdesk/internal/text"
	"frontdesk/templates/adminview"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

func statuses(l *text.Local) []ui.Status {
	return []ui.Status{
		{Kind: "new", Name: l.T(text.NameNew)}, {Kind: "open", Name: l.T(text.NameOpen)}, {Kind: "waiting", Name: l.T(text.NameWaiting)},
		{Kind: "postponed", Name: l.T(text.NamePostponed)}, {Kind: "closed", Name: l.T(text.NameClosed)},
	}
}

func priorities(l *text.Local) []ui.Priority {
	return []ui.Priority{{Level: "1", Name: l.T(text.NameHigh)}, {Level: "3", Name: l.T(text.NameNormal)}, {Level: "4", Name: l.T(text.NameLow)}}
}

func list(l *text.Local) ticketview.List {
	v := ticketview.List{Pick: pick, Export: "view=queues", View: "queues", Name: l.T(text.ViewQueues), Note: l.T(text.ListNoteOpen, "open", "87"), Here: "/tickets?view=queues", Base: "/tickets?view=queues", PageRows: "50", MostPages: "6", Range: l.N(text.ListRange, 32), Filter: filters(l), Columns: columns(l)}
	over := func(k text.Key, state string, d time.Duration) ui.Clock {
		return ui.Clock{State: state, Text: l.T(k, "by", l.Duration(d)), By: l.Brief(d)}
	}
	type line struct {
		subject, who, company string
		clock                 ui.Clock
		status, priority      int
		unread, mine, files   bool
	}
	lines := []line{
		{"Lamp arrived with a cracked glass shade, second time now", "Agnieszka Wiśniewska", "Pracownia AW", over(text.SlaExecutionOver, "late", 130*time.Minute), 0, 0, true, true, true},
		{"Rechnung 2026/11/0431: falsche USt-IdNr.", "Dr. Henrike Vogt", "Kanzlei Vogt", over(text.SlaExecutionOver, "late", 38*time.Minute), 0, 0, true, false, true},
		{"Gdzie jest moja paczka? Miała być wczoraj", "Tomasz Lewandowski", "", over(text.SlaExecutionNear, "near", 25*time.Minute), 0, 1, true, true, false},
		{"Kündigung der Bestellung #L-88213", "Jürgen Hoffmann", "", over(text.SlaReactionOver, "react", 65*time.Minute), 0, 1, true, false, false},
		{"Question about oak finish on the Halle desk", "Sophie Lindqvist", "", ui.Clock{}, 0, 1, true, false, false},
		{"Re: Replacement feet for armchair Brygida", "Katarzyna Dąbrowska", "", ui.Clock{}, 1, 1, false, true, true},
		{"Order for 24 desks: delivery to the third floor", "Markus Engel", "Engel Büro GmbH", over(text.SlaExecutionNear, "near", time.Hour), 1, 0, false, true, false},
		{"Bitte um Korrektur der Lieferadresse", "Ingrid Schäfer", "", ui.Clock{}, 2, 1, false, true, false},
		{"Faktura na firmę zamiast paragonu", "k.mazur@skrzynka.example", "", over(text.SlaReactionOver, "react", 22*time.Minute), 0, 1, true, false, false},
		{"Discount code HERBST26 not accepted at checkout", "Oliver Braun", "", ui.Clock{}, 1, 2, false, true, false},
		{"Re: Montageanleitung fehlt im Paket", "Petra Neumann", "", ui.Clock{}, 2, 1, false, true, true},
		{"Complaint: table top warped after four weeks", "Paweł Zieliński", "", over(text.SlaExecutionOver, "late", 3*time.Hour), 1, 0, false, true, true},
		{"Invitation to framework agreement 2027", "Beata Król", "Hotel Wald", ui.Clock{}, 0, 0, true, false, true},
		{"Czy mogę odebrać zamówienie osobiście w Poznaniu?", "Michał Wójcik", "", ui.Clock{}, 2, 1, false, true, false},
		{"Two invoices for one order", "Annika Becker", "", ui.Clock{}, 1, 2, false, true, false},
		{"Rezygnacja z newslettera i usunięcie danych", "Helen Marsh", "", ui.Clock{}, 3, 2, false, true, false},
	}
	for len(lines) < 32 {
		lines = append(lines, lines[5+len(lines)%10])
	}
	for i, n := range lines {
		when := now.Add(-time.Duration(i*i*7+5) * time.Minute)
		r := ticketview.Row{ID: strconv.Itoa(104817 - i*3), Href: "/tickets/" + strconv.Itoa(104817-i*3), Clock: n.clock, Unread: map[bool]string{true: "1"}[n.unread], Subject: n.subject, Customer: n.who, Company: n.company,
			Status: statuses(l)[n.status], Priority: priorities(l)[n.priority], Queue: "Inbox", TagsInSubject: true, Changed: l.Stamp(when, now), Created: l.Stamp(when.Add(-time.Duration(i*30)*time.Hour), now)}
		if n.files {
			r.Marks = []ui.Mark{{Icon: "paperclip", Text: l.T(text.ListFiles)}}
		}
		if n.mine {
			r.Assignee = ui.Person{Name: "Emma Clarke", Avatar: emma}
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

// columns are the usual ones, sorted by the last change.
func columns(l *text.Local) []ticketview.Column {
	return []ticketview.Column{
		{Name: "clock", Head: ticketview.Head{Name: l.T(text.ListDue), Href: "/tickets?order=due"}},
		{Name: "number", Head: ticketview.Head{Name: l.T(text.ListNumber)}, To: "840"},
		{Name: "subject", Head: ticketview.Head{Name: l.T(text.ListSubject)}},
		{Name: "customer", Head: ticketview.Head{Name: l.T(text.ListCustomer)}},
		{Name: "status", Head: ticketview.Head{Name: l.T(text.ListStatus)}},
		{Name: "priority", Head: ticketview.Head{Name: l.T(text.ListPriority), Href: "/tickets?order=priority"}, To: "1140"},
		{Name: "queue", Head: ticketview.Head{Name: l.T(text.ListQueue)}, To: "1080"},
		{Name: "assignee", Head: ticketview.Head{Name: l.T(text.ListAssignee)}, To: "720"},
		{Name: "created", Head: ticketview.Head{Name: l.T(text.ListCreated), Href: "/tickets?order=created"}, To: "1320"},
		{Name: "changed", Head: ticketview.Head{Name: l.T(text.ListChanged), Href: "/tickets?order=-changed", Sort: "descending"}},
	}
}

// filters is a bar with two conditions and a view to save.
func filters(l *text.Local) ticketview.Filter {
	is := l.T(text.FilterVerbIs)
	return ticketview.Filter{View: "queues", Clear: "/tickets?view=queues", Sorted: l.T(text.FilterSortChanged), Save: &ticketview.SaveView{List: "view=queues", MayShare: true},
		Add:  []ticketview.FilterField{{Name: l.T(text.ListStatus), Href: "/tickets/filter?field=status"}, {Name: l.T(text.ListCreated), Href: "/tickets/filter?field=created", Apart: true}},
		Sort: []ticketview.SortLink{{Name: l.T(text.FilterSortChanged), Href: "/tickets?order=changed", Current: true}, {Name: l.T(text.FilterSortDue), Href: "/tickets?order=due"}},
		Chips: []ticketview.Chip{
			{Field: l.T(text.ListStatus), Verb: is, Value: l.T(text.NameNew), Text: l.T(text.ListStatus) + " " + is + " " + l.T(text.NameNew), Edit: "/tickets/filter?field=status&at=0", Off: "/tickets?q=tag:vip"},
			{Field: l.T(text.FilterFieldTag), Verb: is, Value: "vip", Text: l.T(text.FilterFieldTag) + " " + is + " vip", Edit: "/tickets/filter?field=tag&at=1", Off: "/tickets?q=status:new"},
		}}
}

func undelivered(l *text.Local) ticketview.Undelivered {
	return ticketview.Undelivered{
		Note: l.N(text.UndeliveredNote, 2),
		Letters: []ticketview.Letter{
			{Ticket: "#104817", Href: "/tickets/104817#m8840", Subject: "Lamp arrived with a cracked glass shade, second time now", By: "Emma Clarke", Failure: refusedLetter(l)},
			{Ticket: "#104779", Href: "/tickets/104779#m8702", Subject: "Bitte um Korrektur der Lieferadresse", By: "Piotr Maj", Failure: ticketview.Failure{
				State: "uncertain", Title: l.T(text.LetterUncertainTitle), Text: l.T(text.LetterUncertainText), When: at(l, 19, 16, 2), Retry: "/outbox/3/retry", RetryText: l.T(text.CardRetryDoubt), Settle: "/outbox/3/settlement",
				Recipients: []ticketview.Recipient{{Address: "i.schaefer@post.example", Kind: l.T(text.ComposeTo), State: "warn", Text: l.T(text.LetterToUnknown)}}}},
		},
		Bounces: []ticketview.Bounce{{From: "mailer-daemon@mx.example · Support", Subject: "Undelivered Mail Returned to Sender", Text: "someone@gone.example: 550 5.1.1 User unknown", When: at(l, 18, 9, 12), Source: "/inbound/7/source", Settle: "/inbound/7/settlement"}},
	}
}

func refusedLetter(l *text.Local) ticketview.Failure {
	return ticketview.Failure{State: "refused", Title: l.T(text.LetterPartlyTitle), Text: l.T(text.LetterPartlyText), When: at(l, 17, 9, 4), Retry: "/outbox/2/retry", RetryText: l.T(text.CardRetry), Settle: "/outbox/2/settlement",
		Recipients: []ticketview.Recipient{
			{Address: "agnieszka@pracownia-aw.example", Kind: l.T(text.ComposeTo), State: "good", Text: l.T(text.LetterToAccepted)},
			{Address: "a.wisniewska@poczta.example", Kind: l.T(text.ComposeCc), State: "bad", Text: l.T(text.LetterToRefused), Answer: "552 5.2.2 The mailbox is over its quota"},
		}}
}

func quarantine(l *text.Local) adminview.Quarantine {
	state := func(k text.Key, kind, n string) adminview.SumState {
		return adminview.SumState{Name: l.T(k), Count: n, Kind: kind}
	}
	return adminview.Quarantine{
		Note: l.N(text.QuarantineNote, 4), RetryAll: "/admin/quarantine/retry", MayAct: true,
		Items: []adminview.QuarantineItem{
			{Href: "/admin/quarantine/1", Reason: "winmail.dat is cut off", Subject: "Angebot Beschläge 2027", From: "m.hartmann@beschlag-hartmann.example", When: at(l, 20, 10, 12), Current: true},
			{Href: "/admin/quarantine/2", Reason: "Charset “x-user-defined” is unknown", Subject: "Reklamacja zam. L-87990", From: "biuro@meblex-sklep.example", When: at(l, 20, 9, 37)},
			{Href: "/admin/quarantine/3", Reason: "Header longer than 256 kB", Subject: "Fwd: Fwd: Fwd: delivery note", From: "dispatch@spedycja-lis.example", When: at(l, 19, 22, 41)},
			{Href: "/admin/quarantine/4", Reason: "Nested 31 levels deep, limit is 12", Subject: "Re: Re: Sammelrechnung Oktober", From: "buchhaltung@hotel-wald.example", When: at(l, 18, 16, 5)},
		},
		Open: &adminview.QuarantineOpen{
			Subject: "Angebot Beschläge 2027", Reason: "The attachment winmail.dat ends in the middle.", Detail: l.T(text.QuarantineOthers),
			Facts: []ui.Fact{
				{Label: l.T(text.QuarantineFrom), Value: "Martin Hartmann, m.hartmann@beschlag-hartmann.example"},
				{Label: l.T(text.QuarantineMailbox), Value: "Business"},
				{Label: l.T(text.QuarantineFetched), When: at(l, 20, 10, 12), Value: l.N(text.QuarantineTried, 3)},
				{Label: l.T(text.QuarantineSize), Value: l.T(text.QuarantineWhole, "size", l.Size(1_800_000))},
			},
			Plain: "/x", Retry: "/x", Source: "/x", Discard: "/x",
			Head: "Return-Path: <m.hartmann@beschlag-hartmann.example>\nReceived: from mx2.beschlag-hartmann.example (mx2 [198.51.100.24])\nDate: Fri, 20 Nov 2026 10:11:51 +0100\nFrom: \"Martin Hartmann\" <m.hartmann@beschlag-hartmann.example>\nTo: <b2b@lindenwald.example>\nSubject: =?utf-8?Q?Angebot_Beschl=C3=A4ge_2027?=\nMIME-Version: 1.0\nContent-Type: application/ms-tnef; name=\"winmail.dat\"",
		},
		Sums: []adminview.Sum{
			{Mailbox: "Support", Received: l.Number(12_417), Last: "10:46:31", States: []adminview.SumState{
				state(text.QuarantineStatePending, "pending", "0"), state(text.QuarantineStateTicket, "ticket", l.Number(9120)), state(text.QuarantineStateReply, "reply", l.Number(3001)), state(text.QuarantineStateBounce, "bounce", "31"),
				state(text.QuarantineStateIgnored, "ignored", "208"), state(text.QuarantineStateDuplicate, "duplicate", "52"), state(text.QuarantineStateQuarantined, "quarantined", "4"), state(text.QuarantineStateRemoved, "removed", "1")}},
			{Mailbox: "Business", Received: l.Number(812), Lag: l.T(text.QuarantineLag, "by", l.Duration(12*time.Second)), Last: "10:46:02", Missed: l.N(text.QuarantineMissed, 3), Take: "/x", States: []adminview.SumState{
				state(text.QuarantineStatePending, "pending", "12"), state(text.QuarantineStateTicket, "ticket", "700"), state(text.QuarantineStateReply, "reply", "100")}},
		},
	}
}

func reconciled(l *text.Local) adminview.Reconcile {
	q := quarantine(l)
	term := func(k text.Key, kind, n string) adminview.SumState {
		return adminview.SumState{Name: l.T(k), Count: n, Kind: kind}
	}
	facts := func(last, lag, trouble, numbered string) []ui.Fact {
		return []ui.Fact{{Label: l.T(text.ReconcileLast), Value: last}, {Label: l.T(text.ReconcileLag), Value: lag}, {Label: l.T(text.ReconcileError), Value: trouble},
			{Label: l.T(text.ReconcileNumbering), Value: numbered}}
	}
	since := func(day, hour, minute int) string {
		return l.T(text.ReconcileSince, "time", at(l, day, hour, minute).Short)
	}
	note := l.T(text.ReconcileServerNote, "folder", "INBOX", "days", 7, "time", at(l, 20, 3, 12).Short)
	return adminview.Reconcile{
		Note: l.N(text.ReconcileNote, 4),
		Alarms: []adminview.Alarm{
			{Kind: "bad", What: l.T(text.AlarmDisk, "machine", "desk-1", "free", l.Size(812_000_000), "size", l.Size(40_000_000_000), "place", "/var/lib/frontdesk"), Do: l.T(text.AlarmDiskDo), Since: since(20, 9, 58)},
			{Kind: "bad", What: l.T(text.AlarmLate, "mailbox", "Business", "for", l.Duration(14*time.Minute)), Since: since(20, 10, 32),
				Do: l.T(text.AlarmSaid, "error", "imap.lindenwald.example:993: connection refused") + ". " + l.T(text.AlarmLateDo, "every", l.Duration(30*time.Second))},
			{Kind: "bad", What: l.N(text.AlarmMissed, 3, "mailbox", "Business", "folder", "INBOX"), Do: l.T(text.AlarmMissedDo), Since: l.T(text.ReconcileLooked, "time", at(l, 20, 3, 12).Short), Action: "/x", Button: l.T(text.QuarantineMissedTake)},
			{Kind: "warn", What: l.N(text.AlarmQuarantine, 4, "mailbox", "Support"), Do: l.T(text.AlarmQuarantineDo), Since: since(18, 16, 5), Href: "/admin/quarantine", Button: l.T(text.ReconcileOpenQuarantine)},
		},
		Accounts: []adminview.Account{
			{Mailbox: "Support", Health: ui.Health{State: "good", Text: l.T(text.ReconcileBalances)}, Taken: l.T(text.ReconcileTaken, "mailbox", "Support"), Sum: q.Sums[0],
				Folders: []adminview.Folder{{Name: l.T(text.ReconcileAtServer, "mailbox", "Support", "folder", "INBOX"), Note: note, Server: "412",
					States: []adminview.SumState{term(text.ReconcileLedger, "ledger", "411"), term(text.ReconcileUnread, "unread", "1"), term(text.ReconcileMissed, "missed", "0")}}},
				Facts: facts("10:46:31", l.T(text.ReconcileLagNone), l.T(text.ReconcileErrorNone), l.T(text.ReconcileNumbered, "folder", "INBOX", "number", 1_764_000_000, "time", at(l, 3, 9, 20).Short))},
			{Mailbox: "Business", Health: ui.Health{State: "slow", Text: l.N(text.ReconcileLeft, 3)}, Taken: l.T(text.ReconcileTaken, "mailbox", "Business"), Sum: q.Sums[1],
				Folders: []adminview.Folder{{Name: l.T(text.ReconcileAtServer, "mailbox", "Business", "folder", "INBOX"), Note: note, Server: "60",
					States: []adminview.SumState{term(text.ReconcileLedger, "ledger", "57"), term(text.ReconcileUnread, "unread", "0"), term(text.ReconcileMissed, "missed", "3")}}},
				Facts: facts("10:32:02", l.Duration(12*time.Second), "imap.lindenwald.example:993: connection refused", l.T(text.ReconcileNumbered, "folder", "INBOX", "number", 1_764_000_312, "time", at(l, 3, 9, 24).Short))},
		},
	}
}

// pick has several tickets of the list chosen at once.
var pick = ticketview.Pick{Action: "/tickets/bulk", List: "view=queues", AsOf: "1", Next: "/tickets?view=queues"}
