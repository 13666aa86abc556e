package ticket

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/filter"
	"frontdesk/internal/pg"
)

// CountCap is where counting stops: a counter beside a view says "1,000+" beyond it (DECISIONS, Counters).
const CountCap = 1000

// Counters are the numbers beside the views, each at most CountCap+1.
type Counters struct {
	Views       map[View]int
	Queues      []QueueCount // those the agent works in
	Saved       []SavedCount // views the agent may open, the own ones first
	MineUnread  int          // unread ones on the first page of the agent's own
	FreeUnread  int          // the same of those in the agent's queues that nobody has
	Undelivered int
	Quarantined int // 0 for those who may not deal with it
	Alarms      int // the same; those that package alarm keeps
}

// QueueCount is how many open tickets wait in a queue.
type QueueCount struct {
	ID     int64
	Name   string
	Active bool
	Open   int
}

// SavedCount is how many tickets are on a saved view now; -1 where that is not counted: the rail is folded, many views stand before it, it asks for
// words, or the database could not say in time.
type SavedCount struct {
	desk.SavedView
	N int
}

// Undo is a letter of the agent that can still be taken back (PRODUCT S1).
type Undo struct {
	ID        int64
	TicketID  int64
	Customer  string
	CreatedAt time.Time
	SendAfter time.Time
}

// Frame is what stands around every page.
type Frame struct {
	Counters Counters
	Undos    []Undo
	Desk     string // its name
}

// ReadFrame reads the frame in one round trip. Counting stops at the cap, and where there is plenty it does not begin, so the cost does not grow with
// the desk. Who has saved views pays two small round trips more: what they name, and how many there are. A folded rail shows what is new and what is
// wrong; other numbers are then not counted, and are 0.
func ReadFrame(ctx context.Context, r pg.Reader, by agent.Agent, folded bool) (Frame, error) {
	var b pg.Batch
	answer := AskFrame(&b, r, by, folded)
	if err := b.Run(ctx, r); err != nil {
		return Frame{}, err
	}
	return answer(ctx)
}

// AskFrame is ReadFrame for a page that has questions of its own: what it asks travels with them in a batch that r runs, and answer asks more for
// saved views only.
func AskFrame(b *pg.Batch, r pg.Reader, by agent.Agent, folded bool) (answer func(ctx context.Context) (Frame, error)) {
	var f Frame
	var numbers []countedRow
	var name []string
	var saved []desk.SavedView
	known := knownPlenty(r, by)
	if !by.Can(agent.TicketRead) {
		by.Queues = nil // none of theirs is counted
	}
	args := named("me", by.ID, "queues", by.Queues, "closed", known[seenPile(Closed, by)], "free", known[queuePile(Unassigned, by.Queues...)],
		"unassigned", known[seenPile(Unassigned, by)])
	until := make([]int64, len(by.Queues))
	for i, id := range by.Queues {
		until[i] = known[queuePile(MyQueues, id)]
	}
	b.OnePlan()
	shown := unfolded(folded)
	pg.Ask(b, &numbers, countersSQL(by, args, shown), args)
	pg.Ask(b, &f.Counters.Queues, `
		SELECT id, COALESCE(NULLIF(name, ''), ':' || key) AS name, active, `+shown(orPlenty(`until`,
		`(SELECT count(*) FROM (SELECT FROM ticket WHERE queue_id = queue.id AND deleted_at IS NULL AND `+open+` LIMIT `+strconv.Itoa(deep)+`) x)`))+` AS open
		FROM unnest(@queues::bigint[], @until::bigint[]) AS q (id, until) JOIN queue USING (id) CROSS JOIN `+eventNow+` e
		ORDER BY position, id`, named("queues", by.Queues, "until", until))
	desk.AskSavedViews(b, &saved, by)
	pg.Ask(b, &f.Undos, `
		SELECT * FROM (
			SELECT o.id, o.ticket_id, COALESCE(NULLIF(t.requester_name, ''), t.requester) AS customer, o.created_at, o.send_after
			FROM outbox o JOIN ticket t ON t.id = o.ticket_id
			WHERE o.state = 'queued' AND o.agent_id = @me AND o.attempts = 0 AND o.send_after <= o.created_at + interval '1 hour'
			ORDER BY o.send_after DESC LIMIT 4) latest
		ORDER BY send_after`, named("me", by.ID))
	pg.Ask(b, &name, `SELECT value #>> '{}' FROM parameter WHERE name = 'desk_name'`)
	return func(ctx context.Context) (_ Frame, err error) {
		if len(name) > 0 {
			f.Desk = name[0]
		}
		known.note(r, numbers[0].Now, f.Counters.take(numbers[0].Counts, by))
		if folded {
			f.Counters.Saved = uncounted(saved)
			return f, nil
		}
		f.Counters.Saved, err = countSaved(ctx, r, by, saved)
		return f, err
	}
}

// countedRow is what countersSQL answers.
type countedRow struct {
	Counts []int
	Now    int64 // the last event
}

// unfolded writes a count into the statement, or 0 where the rail is folded.
func unfolded(folded bool) func(count string) string {
	return func(count string) string {
		if folded {
			return `0::bigint`
		}
		return count
	}
}

// uncapped is where a count ends that has passed the cap.
var uncapped = strconv.Itoa(CountCap + 1)

// counted are the views that are counted by themselves; what waits in the agent's queues is the sum of them, what is to do the sum of the agent's
// own and what nobody has there.
var counted = []View{Mine, Unassigned, All, Observed, Starred, Postponed, Closed}

// take puts the numbers of countersSQL into their places, as far as is counted, and tells the piles among them as they are.
func (c *Counters) take(n []int, by agent.Agent) (piles map[string]int) {
	const most = CountCap + 1
	piles = make(map[string]int)
	c.Views = make(map[View]int, len(Views))
	for i, v := range counted {
		c.Views[v] = min(n[i], most)
		if v == Closed || v == Unassigned {
			piles[seenPile(v, by)] = n[i]
		}
	}
	for i, q := range c.Queues {
		piles[queuePile(MyQueues, q.ID)] = q.Open
		c.Queues[i].Open = min(q.Open, most)
		c.Views[MyQueues] = min(c.Views[MyQueues]+q.Open, most)
	}
	n = n[len(counted):]
	piles[queuePile(Unassigned, by.Queues...)] = n[0]
	c.Views[Todo] = min(c.Views[Mine]+n[0], most)
	c.MineUnread, c.FreeUnread, c.Undelivered, c.Quarantined = n[1], n[2], n[3], n[4]
	c.Alarms = n[5]
	return piles
}

// countersSQL writes out what does not depend on the moment, so that its plan is made once for each kind of reader. shown writes what only an open
// rail shows.
func countersSQL(by agent.Agent, args pgx.NamedArgs, shown func(count string) string) string {
	limit := ` LIMIT ` + uncapped
	seen := ` AND queue_id = ANY(@queues)`
	if by.Can(agent.QueueAll) && by.Can(agent.TicketRead) {
		seen = ``
	}
	quarantined, alarms := `0`, `0`
	if by.Can(agent.QuarantineManage) {
		quarantined = `(SELECT count(*) FROM (SELECT FROM inbound WHERE state = 'quarantined'` + limit + `) x)`
		alarms = `(SELECT count(*) FROM alarm)`
	}
	newest := ` ORDER BY changed_at DESC, id DESC LIMIT ` + strconv.Itoa(PageSize)
	unread := func(list string) string {
		return `(SELECT count(*) FROM (` + list + newest + `) t LEFT JOIN ticket_seen s ON s.agent_id = @me AND s.ticket_id = t.id
			WHERE t.last_in_id > COALESCE(s.message_id, 0))`
	}
	marked := func(table string) string { // the marks know the queues of their tickets
		return `(SELECT count(*) FROM (SELECT FROM ` + table + ` WHERE agent_id = @me AND queue_id IS NOT NULL` + seen + limit + `) x)`
	}
	const ofOpen = `SELECT last_in_id, changed_at, id FROM ticket WHERE deleted_at IS NULL AND ` + open
	free := func(most string) string { // queue by queue: left to itself the planner reads what nobody has in all queues
		return `SELECT t.* FROM unnest(@queues::bigint[]) AS q (id) CROSS JOIN LATERAL (` + ofOpen + ` AND assignee_id IS NULL AND queue_id = q.id` + most + `) t`
	}
	view := func(v View) string { return newPage(by, v, args).count(CountCap + 1) }
	pile := func(v View) string { return newPage(by, v, args).count(deep) }
	unassigned := `free` // no other queues are seen
	if by.Can(agent.QueueAll) {
		unassigned = orPlenty(`@unassigned`, pile(Unassigned))
	}
	counts := []string{ // the views as counted has them
		view(Mine), unassigned,
		shown(`CASE WHEN closed > ` + strconv.Itoa(CountCap) + ` THEN closed ELSE ` + view(All) + ` END`), // where more are closed than are counted, so are all
		shown(marked(`ticket_observer`)), shown(marked(`ticket_star`)), shown(view(Postponed)), `closed`,
		`free`, unread(ofOpen + ` AND assignee_id = @me` + seen), unread(free(newest)),
		`(SELECT count(*) FROM (SELECT FROM outbox JOIN ticket ON ticket.id = outbox.ticket_id WHERE outbox.trouble AND deleted_at IS NULL` + seen + limit + `) x)
			+ (SELECT count(*) FROM (SELECT FROM bounce b JOIN inbound i ON i.id = b.inbound_id JOIN mailbox ON mailbox.id = i.mailbox_id
				WHERE b.outbox_id IS NULL AND b.settled_at IS NULL` + seen + limit + `) x)`, quarantined, alarms}
	most := ` LIMIT ` + strconv.Itoa(deep)
	return `SELECT ARRAY[` + strings.Join(counts, `, `) + `] AS counts, now
		FROM (SELECT now, ` + shown(orPlenty(`@closed`, pile(Closed))) + ` AS closed, ` + orPlenty(`@free`, `(SELECT count(*) FROM (`+free(most)+most+`) x)`) + ` AS free
			FROM ` + eventNow + ` e OFFSET 0) once`
}

// uncounted are saved views without their numbers.
func uncounted(views []desk.SavedView) []SavedCount {
	saved := make([]SavedCount, len(views))
	for i, v := range views {
		saved[i] = SavedCount{v, -1}
	}
	return saved
}

// countTime is how long the numbers of saved views are waited for, mostCounted of how many there are any.
const (
	countTime   = time.Second
	mostCounted = 40
)

// countSaved counts what is on saved views. Somebody's view that cannot be counted, or not in time, costs the numbers, not the page: they stand around
// everybody's work.
func countSaved(ctx context.Context, r pg.Reader, by agent.Agent, views []desk.SavedView) ([]SavedCount, error) {
	brief, stop := context.WithTimeout(ctx, countTime)
	defer stop()
	saved := uncounted(views)
	switch err := count(brief, r, by, saved[:min(len(saved), mostCounted)]); {
	case err != nil && ctx.Err() != nil:
		return nil, fmt.Errorf("count saved views: %w", err)
	case err != nil:
		slog.WarnContext(ctx, "saved views not counted", "agent", by.ID, "err", err)
	}
	return saved, nil
}

// count puts the numbers of saved views into their places, all or none, by one statement planned for their very values.
func count(ctx context.Context, r pg.Reader, by agent.Agent, saved []SavedCount) error {
	queries := make([]filter.Query, len(saved))
	for i, v := range saved {
		queries[i], _ = filter.Parse(v.Query)
	}
	found, err := find(ctx, r, by, queries...)
	if err != nil {
		return err
	}
	var counts []string
	var at []int
	args := pgx.NamedArgs{}
	for i, v := range saved {
		if queries[i].Text != "" {
			continue
		}
		p := newPage(by, View(v.Base), args)
		p.narrow(queries[i], found[i], time.Now().In(by.Location()))
		counts, at = append(counts, p.count(CountCap+1)), append(at, i)
	}
	if len(counts) == 0 {
		return nil
	}
	n, err := pg.One[[]int](ctx, r, `SELECT ARRAY[`+strings.Join(counts, `, `)+`]`, pgx.QueryExecModeExec, args)
	if err != nil {
		return err
	}
	for i, n := range n {
		saved[at[i]].N = n
	}
	return nil
}
