package ticket

import (
	"context"
	"fmt"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// maxShownText is how much text of one message a card carries; the whole stands behind its details.
const maxShownText = 64 << 10

// Card is everything the ticket's page shows.
type Card struct {
	Ticket       Head
	Clocks       []sla.Clock
	Calendar     sla.Calendar
	Participants []Participant
	Messages     []Message   // oldest first
	Events       []event.Row // oldest first: those that came with a message (MessageID) and those that stand alone
	Files        []File
	Deliveries   []outbox.Delivery // of these messages, newest first
	Recent       []Neighbour       // other tickets of the same customer or address, newest change first
	Linked       []Neighbour
	Contacts     []Contact
	Drafts       []Draft
	Waiting      []DraftFile // in those drafts
	Asked        []Message   // of AskAnswered
	Earlier      Mark        // where older messages and events go on; zero when there are none

	Directory *desk.Directory // what stands in it by number, and what the ticket can be given
}

// Head is the ticket itself, with the names of what it refers to.
type Head struct {
	ID            int64
	Subject       string
	QueueID       int64
	Queue         string `db:"-"` // like all names here: ":" and the key for shipped things
	StatusID      int64
	Status        string `db:"-"`
	Kind          string
	PriorityID    int64
	Priority      string `db:"-"`
	Level         int    `db:"-"`
	AssigneeID    *int64
	Assignee      string `db:"-"`
	CategoryID    *int64
	Tags          []string
	CustomerID    *int64
	Customer      string
	CustomerKind  string
	Company       string
	VIP           bool
	Note          string
	Requester     string
	RequesterName string
	Source        string
	Language      string // of what began it: en, pl, de or other
	MailboxID     *int64
	Mailbox       string `db:"-"` // name of the one it came by
	From          string `db:"-"` // address answers leave from; "" when the queue has no mailbox
	FromName      string `db:"-"`
	Version       int
	LastInID      int64    // newest message of the customer; on a page of earlier messages the newest one there, if that is older
	Answered      *Message // what a reply answers by itself, with its id, From and Reply-To: the newest a person wrote as customer, wherever it stands
	Newest        int64    `db:"-"` // message on this page, whoever wrote it
	Seen          int64    // newest message of the customer the asking agent has seen
	MergedInto    *int64
	CreatedAt     time.Time
	ChangedAt     time.Time
	ClosedAt      *time.Time
	Starred       bool // by the asking agent
	Observed      bool
	Until         *time.Time // when a postponed ticket wakes
}

// Participant takes part in the ticket: their mail lands in it.
type Participant struct {
	Address string
	Display string
	Role    string // requester, cc, added
}

// Message is one thing said. Text is cut at 65,536 characters; HasHTML says that the frame has more to show than the text.
type Message struct {
	ID             int64
	Kind           string // in, out, comment
	At             time.Time
	AuthorID       *int64
	Author         string `db:"-"`
	FromAddress    string
	FromName       string
	ReplyTo        string // addresses with commas between; "" when the answer goes to FromAddress
	ToList         []string
	CcList         []string
	Subject        string
	Excerpt        string
	Language       string // en, pl, de or other
	Automatic      bool
	Flags          []string
	DatedAt        *time.Time
	FetchedAt      *time.Time
	InboundID      *int64
	CancelledAt    *time.Time
	MailboxID      *int64
	Mailbox        string `db:"-"`
	Text           string
	QuoteAt        *int
	HasHTML        bool
	RemotePictures int
	Size           int64 // of the mail, as the server said; 0 for what we wrote
	Folder         string
	Whole          *Whole // the wish for a mail that was too large; nil when nobody has it
}

// AnswersTo are the addresses an answer goes to: those of Reply-To, else From.
func (m Message) AnswersTo() []string {
	if m.ReplyTo == "" {
		return []string{m.FromAddress}
	}
	to := split(m.ReplyTo)
	for i := range to {
		to[i] = strings.TrimSpace(to[i])
	}
	return to
}

// Whole is how the fetching of a mail goes of which only the header was taken (package inbound).
type Whole struct {
	State     string // waiting, fetching, fetched, failed
	Reason    string // of the closed list of inbound, "" for none
	Got       int64  // bytes that are here
	TryAt     time.Time
	SettledAt *time.Time
	Off       bool // its mailbox is switched off
	Trouble   bool // its mailbox cannot be reached
}

// File is an attachment of a message.
type File struct {
	ID        int64
	MessageID int64
	Name      string
	Type      string
	Size      int64
	ContentID string
	Inline    bool
	Found     Found
}

// Neighbour is another ticket in one line.
type Neighbour struct {
	ID        int64
	Subject   string
	Kind      string
	StatusID  int64
	Status    string `db:"-"`
	ChangedAt time.Time
	Reason    string // why it is linked
}

// Contact is an address or number of the customer.
type Contact struct {
	Kind        string
	Value       string
	Description string
}

// Read is the card of a ticket by may see, the page below a mark, in one round trip, two when the directory changed, and a fixed number of queries
// whatever the history. also asks what else the page wants to know.
func Read(ctx context.Context, r pg.Reader, by agent.Agent, id int64, below Mark, also ...func(*pg.Batch)) (Card, error) {
	var c Card
	var heads []Head
	var clocks []clockLine
	var b pg.Batch
	args := seeing(by, named("id", id, "me", by.ID, "before", below.Message, "mark", below.Event, "limit", CardSize+1, "alone", maxAlone+1, "text", maxShownText))
	pg.Ask(&b, &heads, headSQL, args)
	pg.Ask(&b, &clocks, `SELECT goal, minutes, due_at, left_minutes, met_at FROM ticket_clock WHERE ticket_id = @id ORDER BY goal DESC`, args)
	pg.Ask(&b, &c.Participants, `SELECT address, display, role FROM ticket_participant WHERE ticket_id = @id ORDER BY role = 'requester' DESC, since, address`, args)
	pg.Ask(&b, &c.Messages, messagesSQLOf(`m.ticket_id = @id AND (@before::bigint = 0 OR m.id < @before) ORDER BY m.id DESC LIMIT @limit`), args)
	pg.Ask(&b, &c.Events, eventsSQL, args)
	pg.Ask(&b, &c.Files, `
		SELECT f.id, f.message_id, f.name, f.type, f.size, f.content_id, f.inline, `+foundSQL+`
		FROM message_file f JOIN (SELECT m.id FROM message m WHERE m.ticket_id = @id AND (@before::bigint = 0 OR m.id < @before) ORDER BY m.id DESC LIMIT @limit) m ON m.id = f.message_id
		ORDER BY f.message_id, f.position LIMIT 1000`, args)
	outbox.AskDeliveries(&b, &c.Deliveries, id, below.Message, CardSize+1)
	pg.Ask(&b, &c.Recent, `
		SELECT t.id, t.subject, t.kind, t.status_id, t.changed_at, '' AS reason
		FROM (SELECT requester FROM ticket WHERE id = @id) me,
			LATERAL (SELECT * FROM ticket WHERE requester = me.requester AND requester <> '' AND id <> @id AND `+visible+` ORDER BY changed_at DESC, id DESC LIMIT 3) t
		ORDER BY t.changed_at DESC, t.id DESC`, args)
	pg.Ask(&b, &c.Linked, `
		SELECT ticket.id, ticket.subject, ticket.kind, ticket.status_id, ticket.changed_at, l.reason
		FROM ticket_link l JOIN ticket ON ticket.id = CASE WHEN l.ticket_id = @id THEN l.other_id ELSE l.ticket_id END
		WHERE (l.ticket_id = @id OR l.other_id = @id) AND `+visible+` ORDER BY l.at DESC LIMIT 20`, args)
	pg.Ask(&b, &c.Contacts, `
		SELECT a.kind, a.value, a.description FROM customer_address a JOIN ticket t ON t.customer_id = a.customer_id WHERE t.id = @id ORDER BY a.kind, a.id LIMIT 20`, args)
	pg.Ask(&b, &c.Drafts, `
		SELECT kind, fields, version, changed_at, (SELECT `+answeredSQL+` FROM message m WHERE m.ticket_id = @id AND m.kind = 'in'
			AND m.id = CASE WHEN fields ->> 'answer' ~ '^[0-9]{1,18}$' THEN (fields ->> 'answer')::bigint END) AS answered
		FROM draft WHERE agent_id = @me AND ticket_id = @id`, args)
	pg.Ask(&b, &c.Waiting, `SELECT id, kind, name, type, size FROM draft_file WHERE agent_id = @me AND ticket_id = @id ORDER BY id`, args)
	for _, ask := range also {
		ask(&b)
	}
	directory := desk.AskDirectory(&b)
	if err := b.Run(ctx, r); err != nil {
		return Card{}, fmt.Errorf("ticket %d: %w", id, err)
	}
	if len(heads) == 0 {
		return Card{}, fmt.Errorf("ticket %d: %w", id, fault.NotFound)
	}
	c.Ticket = heads[0]
	d, err := directory(ctx, r)
	if err != nil {
		return Card{}, fmt.Errorf("ticket %d: %w", id, err)
	}
	c.name(d)
	for _, k := range clocks {
		c.Clocks = append(c.Clocks, sla.Clock{Goal: k.Goal, Minutes: k.Minutes, DueAt: k.DueAt, Left: k.LeftMinutes, MetAt: k.MetAt})
	}
	c.finish(below)
	c.Ticket.Newest = c.newest()
	if below != (Mark{}) {
		c.Ticket.LastInID = min(c.Ticket.LastInID, c.newest())
	}
	return c, nil
}

// name writes the names of the directory beside the numbers.
func (c *Card) name(d *desk.Directory) {
	t := &c.Ticket
	queue, priority, mailbox := d.Queue(t.QueueID), d.Priority(t.PriorityID), d.Mailbox(deref(t.MailboxID))
	t.Queue, t.Status, t.Priority, t.Level, t.Assignee = queue.Name, d.Status(t.StatusID).Name, priority.Name, priority.Level, d.Person(deref(t.AssigneeID)).Name
	t.Mailbox, t.From, t.FromName = mailbox.Name, mailbox.Address, mailbox.SenderName
	if queue.MailboxID != 0 {
		via := d.Mailbox(queue.MailboxID)
		t.From, t.FromName = via.Address, via.SenderName
	}
	for _, near := range [][]Neighbour{c.Recent, c.Linked} {
		for i := range near {
			near[i].Status = d.Status(near[i].StatusID).Name
		}
	}
	for i := range c.Messages {
		c.Messages[i].name(d)
	}
	c.Directory, c.Calendar = d, queue.Calendar
}

func (m *Message) name(d *desk.Directory) {
	m.Author, m.Mailbox = d.Person(deref(m.AuthorID)).Name, d.Mailbox(deref(m.MailboxID)).Name
}

type clockLine struct {
	Goal        sla.Goal
	Minutes     int
	DueAt       *time.Time
	LeftMinutes *int
	MetAt       *time.Time
}

const headSQL = `
	SELECT ticket.id, ticket.subject, ticket.queue_id, ticket.status_id, ticket.kind, ticket.priority_id, ticket.assignee_id, ticket.category_id,
		ARRAY(SELECT tag.name FROM unnest(ticket.tag_ids) WITH ORDINALITY AS x (id, n) JOIN tag ON tag.id = x.id ORDER BY x.n) AS tags,
		EXISTS (SELECT FROM ticket_star WHERE agent_id = @me AND ticket_id = ticket.id) AS starred,
		EXISTS (SELECT FROM ticket_observer WHERE agent_id = @me AND ticket_id = ticket.id) AS observed, ticket.postponed_until AS until,
		COALESCE((SELECT message_id FROM ticket_seen WHERE agent_id = @me AND ticket_id = ticket.id), 0) AS seen,
		ticket.customer_id, COALESCE(c.name, '') AS customer, COALESCE(c.kind, '') AS customer_kind, COALESCE(co.name, '') AS company,
		COALESCE(c.vip, false) AS vip, COALESCE(c.note, '') AS note, ticket.requester, ticket.requester_name, ticket.source, ticket.language, ticket.mailbox_id,
		ticket.version, ticket.last_in_id, ticket.merged_into, ticket.created_at, ticket.changed_at, ticket.closed_at,
		(SELECT ` + answeredSQL + ` FROM message m
			WHERE m.ticket_id = ticket.id AND m.id <= ticket.last_in_id AND m.kind = 'in' AND NOT m.automatic ORDER BY m.id DESC LIMIT 1) AS answered
	FROM ticket
	LEFT JOIN customer c ON c.id = ticket.customer_id
	LEFT JOIN customer co ON co.id = c.company_id
	WHERE ticket.id = @id AND ` + visible

// answeredSQL is as much of a message as a reply needs to know of what it answers.
const answeredSQL = `jsonb_build_object('ID', m.id, 'FromAddress', m.from_address, 'ReplyTo', m.reply_to)`

// messagesSQLOf reads messages with their bodies; the condition speaks of m.
func messagesSQLOf(condition string) string {
	return `
	SELECT m.id, m.kind, m.at, m.author_id, m.from_address, m.from_name, m.reply_to, m.to_list, m.cc_list, m.subject,
		m.excerpt, m.language, m.automatic, m.flags, m.dated_at, m.fetched_at, m.inbound_id, m.cancelled_at, m.mailbox_id,
		left(COALESCE(x.text, ''), @text) AS text, x.quote_at, COALESCE(x.html, '') <> '' AS has_html, COALESCE(x.remote_pictures, 0) AS remote_pictures, COALESCE(i.size, 0) AS size,
		COALESCE(i.folder, '') AS folder, CASE WHEN w.inbound_id IS NOT NULL THEN jsonb_build_object('State', w.state, 'Reason', w.reason, 'Got', w.got,
			'TryAt', w.try_at, 'SettledAt', w.settled_at,
			'Off', (SELECT NOT active FROM mailbox WHERE id = m.mailbox_id), 'Trouble', (SELECT failures > 0 FROM mailbox WHERE id = m.mailbox_id)) END AS whole
	FROM message m
	LEFT JOIN message_body x ON x.message_id = m.id
	LEFT JOIN inbound i ON i.id = m.inbound_id
	LEFT JOIN inbound_whole w ON w.inbound_id = m.inbound_id
	WHERE ` + condition
}
