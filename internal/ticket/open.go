package ticket

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
)

// Place is where a new ticket goes.
type Place struct {
	QueueID    int64
	Beginning  *Beginning // when it is known already
	CustomerID *int64
	Links      []Link // tickets it has to do with
}

// Beginning is what a new ticket gets: its number, that of its first message, and what its queue gives it.
type Beginning struct {
	TicketID  int64
	MessageID int64
	First     desk.First `db:"-"`
}

// AskBeginning adds to a batch the question for a new ticket's Beginning. The numbers are drawn for good: asked in vain, they are left out.
func AskBeginning(b *pg.Batch, queueID int64) (answer func() (Beginning, error)) {
	var drawn []Beginning
	pg.Ask(b, &drawn, `SELECT nextval('ticket_id_seq') AS ticket_id, nextval('message_id_seq') AS message_id`)
	first := desk.AskFirst(b, queueID)
	return func() (g Beginning, err error) {
		g = drawn[0]
		g.First, err = first()
		return g, err
	}
}

// Link is another ticket and why: reopened_late, unknown_sender, same_mail.
type Link struct {
	Other  int64
	Reason string
}

// Landed is where a mail ended.
type Landed struct {
	TicketID  int64
	MessageID int64
	Opened    bool // a new ticket
}

// Open begins a ticket with a customer's mail: status New, the queue's default priority and its three times, the sender and the Cc taking part.
// It is written with the commit of tx: tx itself cannot read it back.
func Open(ctx context.Context, tx *pg.Tx, m Incoming, p Place) (Landed, error) {
	if p.Beginning == nil {
		var b pg.Batch
		answer := AskBeginning(&b, p.QueueID)
		if err := b.Run(ctx, tx); err != nil {
			return Landed{}, fmt.Errorf("open a ticket: %w", err)
		}
		g, err := answer()
		if err != nil {
			return Landed{}, fmt.Errorf("open a ticket: %w", err)
		}
		p.Beginning = &g
	}
	insertTicket(tx, m, p)
	l := Landed{TicketID: p.Beginning.TicketID, MessageID: p.Beginning.MessageID, Opened: true}
	if err := record(tx, l.TicketID, 0, l.MessageID, event.Opened, event.Data{Source: "email", Mailbox: m.Mailbox}); err != nil {
		return Landed{}, err
	}
	for i, k := range p.Links {
		if slices.ContainsFunc(p.Links[:i], func(o Link) bool { return o.Other == k.Other }) {
			continue
		}
		if err := link(tx, l.TicketID, k); err != nil {
			return Landed{}, err
		}
	}
	return l, nil
}

// insertTicket writes ticket, clocks, message, body, files and participants in one statement: the numbers are drawn first, so that the ticket
// is written once, complete with its newest message and its next due time.
func insertTicket(tx *pg.Tx, m Incoming, p Place) {
	args, g, c := m.args(tx, true), p.Beginning, clocksFrom(tx.Now, p.Beginning.First.Promise)
	args["ticket"], args["message"] = g.TicketID, g.MessageID
	args["queue"], args["priority"], args["customer"], args["has_files"] = p.QueueID, g.First.PriorityID, p.CustomerID, m.hasFiles()
	args["heading"] = search.Heading(m.Subject, m.From.Name, m.From.Address)
	m.document(m.Subject, p.CustomerID, true).Into(args)
	m.ringUnchecked(tx)
	args["goals"], args["minutes"], args["dues"], args["next_due"] = c.goals, c.minutes, c.dues, c.next
	pg.Later(tx, `
		WITH `+messageIn+`,
		new_ticket AS (
			INSERT INTO ticket (id, subject, queue_id, status_id, kind, priority_id, customer_id, requester, requester_name, source, mailbox_id,
				language, last_in_id, has_files, next_due, created_at, changed_at)
			OVERRIDING SYSTEM VALUE
			SELECT ids.ticket, @subject, @queue, s.id, s.kind, @priority, @customer, @from, @from_name, 'email', @mailbox,
				@language, ids.message, @has_files, @next_due, @now, @now
			FROM ids, status s WHERE s.key = 'new'),
		new_clocks AS (
			INSERT INTO ticket_clock (ticket_id, goal, minutes, due_at)
			SELECT ids.ticket, c.goal, c.minutes, c.due_at
			FROM ids, unnest(@goals::text[], @minutes::integer[], @dues::timestamptz[]) AS c (goal, minutes, due_at))
		`+search.AddHeading, args)
}

type newClocks struct {
	goals   []string
	minutes []int
	dues    []*time.Time
	next    *time.Time
}

// clocksFrom is what a promise means when it begins at now (PRODUCT P1).
func clocksFrom(now time.Time, p desk.Promise) newClocks {
	c := newClocks{goals: []string{}, minutes: []int{}, dues: []*time.Time{}}
	for _, g := range goalsOf(p) {
		due := orNull(p.Calendar.Add(now, time.Duration(g.minutes)*time.Minute))
		c.goals, c.minutes, c.dues = append(c.goals, string(g.goal)), append(c.minutes, g.minutes), append(c.dues, due)
		if due != nil && (c.next == nil || due.Before(*c.next)) {
			c.next = due
		}
	}
	return c
}

// participants are the sender, when the mail begins the ticket, and the first 30 of its Cc, each address once. A forged mail brings nobody in: who takes
// part gets into the ticket without a warning.
func (m Incoming) participants(first bool) (addresses, names, roles []string) {
	addresses, names, roles = []string{}, []string{}, []string{}
	have := map[string]bool{"": true}
	add := func(a mail.Address, role string) {
		if !have[a.Address] {
			have[a.Address] = true
			addresses, names, roles = append(addresses, a.Address), append(names, a.Name), append(roles, role)
		}
	}
	if first {
		add(m.From, "requester")
	}
	if slices.Contains(m.Flags, "forged") {
		return addresses, names, roles
	}
	for _, a := range m.Cc[:min(len(m.Cc), MaxCc)] {
		add(a, "cc")
	}
	return addresses, names, roles
}
