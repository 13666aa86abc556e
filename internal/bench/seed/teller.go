package seed

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"frontdesk/internal/event"
)

// chunk is about how many messages are written at once.
const chunk = 20_000

// table is what goes into one table by COPY; columns left out get what the schema gives them.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

// The tables of the story, in the order in which they are written.
const (
	tickets = iota
	messages
	bodies
	files
	participants
	clocks
	letterRows
	recipients
	seen
	stars
	observers
	events
)

func tables() []table {
	list := make([]table, events+1)
	for i, s := range map[int]string{
		tickets: `ticket id subject queue_id status_id kind priority_id assignee_id customer_id requester requester_name mailbox_id language version last_in_id has_files
			next_due created_at changed_at closed_at deleted_at deleted_by tag_ids category_id postponed_until wakes_to`,
		messages: `message id ticket_id kind at author_id mailbox_id from_address from_name to_list subject rfc_id rfc_refs excerpt language dated_at fetched_at`,
		bodies:   `message_body message_id text html quote_at cleaner`,
		files:    `message_file message_id blob_id name type size position`, participants: `ticket_participant ticket_id address display role since`,
		clocks:     `ticket_clock ticket_id goal minutes due_at paused_at left_minutes met_at crossed_at`,
		letterRows: `outbox id ticket_id message_id mailbox_id agent_id rfc_id state send_after attempts first_try_at settled_at code created_at`,
		recipients: `outbox_recipient outbox_id address display kind position state code at`, seen: `ticket_seen agent_id ticket_id message_id`,
		stars: `ticket_star agent_id ticket_id`, observers: `ticket_observer agent_id ticket_id`,
		events: `event at by_agent subject_kind subject_id kind data message_id`,
	} {
		parts := strings.Fields(s)
		list[i] = table{name: parts[0], columns: parts[1:]}
	}
	return list
}

// teller turns deeds into rows.
type teller struct {
	*furniture
	crowd     crowd
	seed      uint64
	rnd       *rand.Rand
	now       time.Time
	ticketID  int64 // the next ones
	messageID int64
	letterID  int64
	cleaner   int
	batch     []table
	send      func([]table) error
}

func (s *teller) add(to int, values ...any) { s.batch[to].rows = append(s.batch[to].rows, values) }

// flush hands over what was told, when it is enough or the story is over.
func (s *teller) flush(last bool) error {
	if !last && len(s.batch[messages].rows) < chunk {
		return nil
	}
	full := s.batch
	s.batch = tables()
	return s.send(full)
}

func (w writer) subject() string { return w.sentence(w.pick(w.subjects)) }

// incoming is a mail of the customer: the first opens the ticket.
func (s *teller) incoming(l *life) {
	id, first := s.number(l, 'i')
	t := tongues[l.who.tongue]
	w := write(s.seed, id, t)
	text := w.letter(t.writes, l.who.name)
	var quoteAt any
	html := ""
	if w.rnd.IntN(5) < 2 {
		html = page(text)
	}
	if l.quoted != 0 && html == "" && w.rnd.IntN(2) == 0 {
		quoteAt = len(text) + 2
		earlier := write(s.seed, l.quoted, t).letter(t.answers, l.assignee.name)
		text += "\n\n" + w.sentence(t.quote) + "\n> " + strings.ReplaceAll(earlier, "\n", "\n> ")
	}
	if w.rnd.IntN(12) == 0 {
		l.files = true
		n := w.rnd.IntN(len(s.blobs))
		s.add(files, id, s.blobs[n], fileNames[n], "application/octet-stream", int64(len("What would be "+fileNames[n]+".\n")), 1)
	}
	l.lastIn = id
	s.message(l, id, "in", nil, text, l.who.address, l.who.name, []string{boxAddress}, l.at.Add(-time.Minute))
	s.add(bodies, id, text, html, quoteAt, s.cleaner)
	kind, data := event.Received, event.Data{}
	if first {
		kind, data = event.Opened, event.Data{Source: "email", Mailbox: boxName}
		s.add(participants, l.id, l.who.address, l.who.name, "requester", l.at)
		if other := s.crowd.writes(w.rnd); w.rnd.IntN(8) == 0 && other.address != l.who.address {
			s.add(participants, l.id, other.address, other.name, "cc", l.at)
		}
	} else if l.last != 'c' {
		data.Changes = []event.Change{s.becomes("waiting", "new")}
	}
	s.happened(l, id, nil, kind, data)
	l.last = 'i'
}

// reply is an agent's letter, which left after half a minute.
func (s *teller) reply(l *life) {
	id, _ := s.number(l, 'o')
	by, changes := s.by(l)
	t := tongues[l.who.tongue]
	text := write(s.seed, id, t).letter(t.answers, by.name)
	rfc := s.message(l, id, "out", by.id, text, boxAddress, "Linden & Wald", []string{l.who.name + " <" + l.who.address + ">"}, time.Time{})
	s.add(bodies, id, text, "", nil, 0)
	left := l.at.Add(30 * time.Second)
	if left.After(s.now) {
		left = l.at
	}
	s.add(letterRows, s.letterID, l.id, id, s.mailbox, by.id, rfc, "sent", left, 1, left, left, 250, l.at)
	s.add(recipients, s.letterID, l.who.address, l.who.name, "to", 1, "accepted", 250, left)
	s.happened(l, id, by.id, event.Replied, event.Data{Changes: append(changes, s.becomes("new", "waiting"))})
	s.add(events, left, nil, event.OfTicket, l.id, string(event.Sent), fmt.Appendf(nil, `{"outbox":%d}`, s.letterID), id)
	s.letterID++
	if l.replied.IsZero() {
		l.replied = l.at
	}
	if l.quoted = id; by != l.assignee {
		l.quoted = 0
	}
	l.last = 'o'
}

func (s *teller) comment(l *life) {
	id, _ := s.number(l, 'c')
	by, changes := s.by(l)
	text := write(s.seed, id, tongues[l.who.tongue]).note()
	s.message(l, id, "comment", by.id, text, "", "", nil, time.Time{})
	s.add(bodies, id, text, "", nil, 0)
	s.happened(l, id, by.id, event.Commented, event.Data{Changes: changes})
	l.last = 'c'
}

// number draws the number of the ticket's next message; first tells whether it opens the ticket.
func (s *teller) number(l *life, kind byte) (id int64, first bool) {
	id, first = s.messageID, l.count == 0
	s.messageID++
	l.count++
	l.left--
	l.changed = l.at
	return id, first
}

// by is the agent who acts: whoever has the ticket, or takes it now; sometimes a colleague. What is there is read by then.
func (s *teller) by(l *life) (person, []event.Change) {
	var changes []event.Change
	team := s.mine[s.queues[l.queue]]
	by := l.assignee
	switch {
	case by.id == 0:
		by = team[s.rnd.IntN(len(team))]
		l.assignee = by
		changes = []event.Change{{Field: "assignee", New: by.id, NewName: by.name}}
	case s.rnd.IntN(10) == 0:
		by = team[s.rnd.IntN(len(team))]
	}
	l.read(by.id)
	return by, changes
}

// read notes that an agent has read all that is there.
func (l *life) read(agent int64) {
	for i := range l.watchers {
		if l.watchers[i].agent == agent {
			l.watchers[i].message = l.lastIn
			return
		}
	}
	l.watchers = append(l.watchers, mark{agent, l.lastIn})
}

func (s *teller) becomes(old, fresh string) event.Change {
	return event.Change{Field: "status", Old: s.status[old], New: s.status[fresh], OldName: ":" + old, NewName: ":" + fresh}
}

// message adds the row and returns its Message-ID.
func (s *teller) message(l *life, id int64, kind string, author any, text, from, name string, to []string, dated time.Time) string {
	rfc, subject := fmt.Sprintf("%012d.%x@bench.example", id, s.seed), l.subject
	if l.count > 1 {
		subject = "Re: " + subject
	}
	var rfcID, box any = rfc, s.mailbox
	refs := l.rfc
	if kind == "comment" {
		rfcID, box, refs, subject = nil, nil, nil, ""
	} else {
		l.rfc = append(l.rfc[max(0, len(l.rfc)-4):len(l.rfc):len(l.rfc)], rfc)
	}
	s.add(messages, id, l.id, kind, l.at, author, box, from, name, some(to), subject, rfcID, some(refs), excerpt(text), tongues[l.who.tongue].code, orNil(dated), orNil(dated))
	return rfc
}

func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (s *teller) happened(l *life, message int64, by any, kind event.Kind, d event.Data) {
	data, err := json.Marshal(d)
	if err != nil {
		panic(err) // numbers and strings
	}
	var with any
	if message != 0 {
		with = message
	}
	s.add(events, l.at, by, event.OfTicket, l.id, string(kind), data, with)
}

// closed ends the ticket's story at its time.
func (s *teller) closed(l *life) {
	by, changes := s.by(l)
	l.changed = l.at
	s.happened(l, 0, by.id, event.Changed, event.Data{Changes: append(changes, s.becomes("waiting", "closed"))})
	s.ticket(l, "closed", l.at)
}

// stands leaves the ticket where it is now.
func (s *teller) stands(l *life, now time.Time) {
	state := map[byte]string{'i': "new", 'o': "waiting", 'c': "open"}[l.last]
	switch n := s.rnd.IntN(10); {
	case n == 0 && l.last == 'o':
		state = "postponed"
	case n < 4 && l.assignee.id != 0:
		state = "open"
	}
	s.ticket(l, state, time.Time{})
}

// ticket writes the ticket as it stands at the end, its clocks and what agents remember of it.
func (s *teller) ticket(l *life, state string, closed time.Time) {
	var assignee, customer, category, until, wakes, deleted, deletedBy any
	if l.assignee.id != 0 {
		assignee = l.assignee.id
	}
	if l.who.known {
		customer = l.who.id
	}
	if l.category != 0 {
		category = l.category
	}
	if state == "postponed" {
		until, wakes = s.now.Add(time.Duration(1+s.rnd.IntN(400))*time.Hour), s.status["open"]
	}
	if age := s.now.Sub(closed); !closed.IsZero() && age < 25*24*time.Hour && s.rnd.IntN(100) == 0 {
		deleted, deletedBy = closed.Add(time.Duration(s.rnd.Float64()*float64(age))), s.agents[0].id
	}
	goals, due := l.clocks(s.promise(l.queue, l.priority), closed, state == "waiting" || state == "postponed", s.now)
	s.batch[clocks].rows = append(s.batch[clocks].rows, goals...)
	if l.tags == nil {
		l.tags = []int64{}
	}
	s.add(tickets, l.id, l.subject, s.queues[l.queue], s.status[state], state, s.priorities[l.priority].ID, assignee, customer, l.who.address, l.who.name, s.mailbox,
		tongues[l.who.tongue].code, l.count, l.lastIn, l.files, due, l.opened, l.changed, orNil(closed), deleted, deletedBy, l.tags, category, until, wakes)
	team := s.mine[s.queues[l.queue]]
	if s.rnd.IntN(3) == 0 {
		l.read(team[s.rnd.IntN(len(team))].id)
	}
	for _, m := range l.watchers {
		s.add(seen, m.agent, l.id, m.message)
	}
	if s.rnd.IntN(100) == 0 {
		s.add(stars, team[s.rnd.IntN(len(team))].id, l.id)
	}
	if s.rnd.IntN(100) == 0 {
		s.add(observers, team[s.rnd.IntN(len(team))].id, l.id)
	}
}
