package desk

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/internal/pg"
	"frontdesk/internal/sla"
)

// Directory is what a desk calls things, and what a ticket can be given in the order it is offered, as it stood at one moment. Pages name things by
// it, so their statements only tell numbers. It is shared: nobody changes it.
type Directory struct {
	Statuses   []Status // each followed by those below it
	Priorities []Priority
	Queues     []Queue
	Categories []Category // each followed by those that grow from it
	People     []Person   // by name

	edition    string
	statuses   map[int64]Status
	priorities map[int64]Priority
	queues     map[int64]Queue
	categories map[int64]Category
	people     map[int64]Person
	mailboxes  map[int64]Mailbox
}

// Status is the status of an id, like the others below: without a name for one that there is not.
func (d *Directory) Status(id int64) Status { return d.statuses[id] }

// Priority finds a priority.
func (d *Directory) Priority(id int64) Priority { return d.priorities[id] }

// Queue finds a queue, in use or not.
func (d *Directory) Queue(id int64) Queue { return d.queues[id] }

// Category finds a category.
func (d *Directory) Category(id int64) Category { return d.categories[id] }

// Person finds who works here, or did.
func (d *Directory) Person(id int64) Person { return d.people[id] }

// Mailbox finds a mailbox.
func (d *Directory) Mailbox(id int64) Mailbox { return d.mailboxes[id] }

// Status is where a ticket stands. Name is what a person reads: for shipped rows ":" and the key, shown in the reader's language (package
// text), until somebody renames it. A sub-status carries its parent.
type Status struct {
	ID       int64
	Key      string
	Name     string
	Kind     string // new, open, waiting, postponed, merged, closed
	ParentID *int64
}

// Priority is how pressing a ticket is.
type Priority struct {
	ID    int64
	Name  string
	Level int // 1 is the most pressing
}

// Queue is where tickets wait.
type Queue struct {
	ID        int64
	Name      string
	Active    bool
	MailboxID int64 // through which its answers leave, 0 for none
	Calendar  sla.Calendar
}

// Person works here, or did.
type Person struct {
	ID     int64
	Name   string
	Email  string
	Active bool
	All    bool    // sees every queue
	Queues []int64 // works in these
}

// Sees tells whether tickets of a queue may be given to the person.
func (p Person) Sees(queueID int64) bool {
	return p.Active && (p.All || slices.Contains(p.Queues, queueID))
}

// Mailbox is what people outside see of one.
type Mailbox struct {
	ID         int64
	Name       string
	Address    string
	SenderName string
}

// ReadDirectory is the directory for who has nothing else to ask.
func ReadDirectory(ctx context.Context, r pg.Reader) (*Directory, error) {
	var b pg.Batch
	answer := AskDirectory(&b)
	if err := b.Run(ctx, r); err != nil {
		return nil, err
	}
	return answer(ctx, r)
}

// AskDirectory asks in a page's batch whether the directory that this process keeps still stands; answer reads it again where it does not. It is
// to be the last question of the batch: then the directory holds whatever the rows before it refer to.
func AskDirectory(b *pg.Batch) (answer func(ctx context.Context, r pg.Reader) (*Directory, error)) {
	var edition []string
	pg.Ask(b, &edition, editionSQL)
	return func(ctx context.Context, r pg.Reader) (*Directory, error) {
		kept := pg.Kept[Directory](r)
		if d := kept.Load(); d != nil && slices.Equal(edition, []string{d.edition}) {
			return d, nil
		}
		d, err := readDirectory(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("read what the desk calls things: %w", err)
		}
		kept.Store(d)
		return d, nil
	}
}

const editionSQL = `SELECT edition::text FROM directory`

// readDirectory asks for the edition first: what changes meanwhile is read once more then, and never kept as what it was.
func readDirectory(ctx context.Context, r pg.Reader) (*Directory, error) {
	var d Directory
	var b pg.Batch
	var edition []string
	var queues []queueRow
	var branches []branch
	var mailboxes []Mailbox
	pg.Ask(&b, &edition, editionSQL)
	pg.Ask(&b, &d.Statuses, `
		SELECT s.id, COALESCE(s.key, '') AS key, COALESCE(NULLIF(s.name, ''), ':' || s.key) AS name, s.kind, s.parent_id
		FROM status s LEFT JOIN status up ON up.id = s.parent_id
		ORDER BY COALESCE(up.position, s.position), COALESCE(up.id, s.id), s.parent_id IS NOT NULL, s.position, s.id`)
	pg.Ask(&b, &d.Priorities, `SELECT id, COALESCE(NULLIF(name, ''), ':' || key) AS name, level FROM priority ORDER BY position, id`)
	pg.Ask(&b, &queues, `
		SELECT q.id, COALESCE(NULLIF(q.name, ''), ':' || q.key) AS name, q.active, COALESCE(q.mailbox_id, 0) AS mailbox_id,
			c.time_zone AS zone, c.hours::text::bytea AS hours, c.special::text::bytea AS special
		FROM queue q JOIN calendar c ON c.id = q.calendar_id ORDER BY q.position, q.id`)
	pg.Ask(&b, &branches, `SELECT id, parent_id, name, active FROM category ORDER BY position, name COLLATE "und-x-icu", id`)
	pg.Ask(&b, &d.People, `
		SELECT a.id, a.name, a.email, a.active, 'queue.all' = ANY(p.permissions) AS all, ARRAY(SELECT queue_id FROM agent_queue q WHERE q.agent_id = a.id) AS queues
		FROM agent a JOIN profile p ON p.id = a.profile_id ORDER BY a.name COLLATE "und-x-icu", a.id`)
	pg.Ask(&b, &mailboxes, `SELECT id, name, address, sender_name FROM mailbox`)
	if err := b.Run(ctx, r); err != nil {
		return nil, err
	}
	d.edition = edition[0]
	for _, q := range queues {
		calendar, err := sla.ParseCalendar(q.Zone, q.Hours, q.Special)
		if err != nil {
			return nil, fmt.Errorf("calendar of queue %d: %w", q.ID, err)
		}
		d.Queues = append(d.Queues, Queue{q.ID, q.Name, q.Active, q.MailboxID, calendar})
	}
	d.Categories = grown(branches)
	d.statuses = byID(d.Statuses, func(s Status) int64 { return s.ID })
	d.priorities = byID(d.Priorities, func(p Priority) int64 { return p.ID })
	d.queues = byID(d.Queues, func(q Queue) int64 { return q.ID })
	d.categories = byID(d.Categories, func(c Category) int64 { return c.ID })
	d.people = byID(d.People, func(p Person) int64 { return p.ID })
	d.mailboxes = byID(mailboxes, func(m Mailbox) int64 { return m.ID })
	return &d, nil
}

type queueRow struct {
	ID             int64
	Name           string
	Active         bool
	MailboxID      int64
	Zone           string
	Hours, Special []byte
}

// QueuesInUse are the queues tickets can be put into.
func (d *Directory) QueuesInUse() []Queue {
	return slices.DeleteFunc(slices.Clone(d.Queues), func(q Queue) bool { return !q.Active })
}

// AtWork are the people tickets can be given to.
func (d *Directory) AtWork() []Person {
	return slices.DeleteFunc(slices.Clone(d.People), func(p Person) bool { return !p.Active })
}

func byID[T any](all []T, id func(T) int64) map[int64]T {
	out := make(map[int64]T, len(all))
	for _, x := range all {
		out[id(x)] = x
	}
	return out
}
