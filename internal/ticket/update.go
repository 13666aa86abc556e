package ticket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/search"
	"frontdesk/internal/sla"
	"frontdesk/internal/text"
)

// MaxSubject is the longest subject kept, in characters.
const MaxSubject = 1000

// Set is the wish to give a field a value. Was is what the form showed: when the ticket holds neither Was nor Is any more, somebody else
// changed the same field and the save is a conflict. Nil Was means whatever it was.
type Set[T comparable] struct {
	Is  T
	Was *T
}

// To is a Set that does not ask what was there.
func To[T comparable](v T) *Set[T] { return &Set[T]{Is: v} }

// From is a Set by a form that showed was.
func From[T comparable](was, is T) *Set[T] { return &Set[T]{Is: is, Was: &was} }

// Change is what a save does to a ticket beside its text; nil fields stay. Assignee 0 = nobody, category 0 = none.
type Change struct {
	Status, Queue, Priority, Assignee, Category *Set[int64]
	Subject                                     *Set[string]
	AddTags, DropTags                           []string    // names; two who tag differently both get their way
	Until                                       *Set[int64] // postponed until this second (Unix); 0 = by hand or by the customer

	Cc *Set[string] // addresses as typed, and those the form showed

	add, drop []desk.Tag // the tags, found
	cc        ccChange   // the addresses, read
	closedAt  *time.Time // of a status that is put back, what it had beside it
	wakesTo   *int64
}

// Update changes fields of a ticket and records one event with every difference. A field that somebody else changed since the form was made
// is a *fault.Conflict; other fields merge (DECISIONS, Concurrent edits).
func Update(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, c Change) error {
	r, err := lock(ctx, tx, by, id)
	if err != nil {
		return err
	}
	e, err := update(ctx, tx, by, &r, c)
	return tell(tx, e, err)
}

// update is Update of a locked ticket: what to record, nil when nothing differs.
func update(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row, c Change) (*event.Event, error) {
	changes, err := change(ctx, tx, by, r, c)
	if err != nil || len(changes) == 0 {
		return nil, err
	}
	kind := event.Changed
	if slices.ContainsFunc(changes, func(d event.Change) bool { return d.Field == "until" && d.New != 0 }) {
		kind = event.Postponed
	}
	return r.happened(by, kind, event.Data{Changes: changes}), nil
}

// change is apply for a person: it refuses conflicts and values that make no sense first.
func change(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row, c Change) ([]event.Change, error) {
	if fields := clashes(r, c); len(fields) > 0 {
		return nil, &fault.Conflict{Fields: fields}
	}
	if err := sensible(ctx, tx, by, r, &c); err != nil {
		return nil, err
	}
	return apply(ctx, tx, r, c)
}

func clashes(r *row, c Change) []string {
	var out []string
	clash := func(field string, s *Set[int64], now int64) {
		if s != nil && s.Was != nil && *s.Was != now && s.Is != now {
			out = append(out, field)
		}
	}
	clash("status", c.Status, r.StatusID)
	clash("queue", c.Queue, r.QueueID)
	clash("priority", c.Priority, r.PriorityID)
	clash("assignee", c.Assignee, deref(r.AssigneeID))
	clash("category", c.Category, deref(r.CategoryID))
	clash("until", c.Until, seconds(r.PostponedUntil))
	if s := c.Subject; s != nil && s.Was != nil && *s.Was != r.Subject && s.Is != r.Subject {
		out = append(out, "subject")
	}
	return out
}

// sensible refuses values that do not exist, an assignee without access to the queue, and an empty subject. A move to a queue that the
// present assignee has no access to takes them off (PRODUCT C8).
func sensible(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row, c *Change) error {
	bad := fault.Invalid{}
	if err := sensibleUntil(ctx, tx, r, c, bad); err != nil {
		return err
	}
	if s := c.Status; s != nil && s.Is != r.StatusID {
		kind, err := pg.One[string](ctx, tx, `SELECT kind FROM status WHERE id = $1`, s.Is)
		if err := known(bad, "status", err); err != nil {
			return err
		}
		if kind == "merged" {
			bad["status"] = fault.Because(text.RefusalStatusMergedByHand)
		}
	}
	if s := c.Queue; s != nil && s.Is != r.QueueID {
		_, err := pg.One[int64](ctx, tx, `SELECT id FROM queue WHERE id = $1 AND active`, s.Is)
		if err := known(bad, "queue", err); err != nil {
			return err
		}
	}
	if s := c.Priority; s != nil && s.Is != r.PriorityID {
		_, err := pg.One[int64](ctx, tx, `SELECT id FROM priority WHERE id = $1`, s.Is)
		if err := known(bad, "priority", err); err != nil {
			return err
		}
	}
	if s := c.Category; s != nil && s.Is != 0 && s.Is != deref(r.CategoryID) {
		_, err := pg.One[int64](ctx, tx, `SELECT id FROM category WHERE id = $1 AND active`, s.Is)
		if err := known(bad, "category", err); err != nil {
			return err
		}
	}
	if s := c.Subject; s != nil {
		s.Is = clip(oneLine(s.Is), MaxSubject)
		if s.Is == "" {
			bad["subject"] = fault.Because(text.RefusalSubjectEmpty)
		}
	}
	if err := sensibleAssignee(ctx, tx, r, c, bad); err != nil {
		return err
	}
	if err := bad.Or(); err != nil {
		return err
	}
	if err := readCc(ctx, tx, r, c); err != nil {
		return err
	}
	return findTags(ctx, tx, by, r, c)
}

func known(bad fault.Invalid, field string, err error) error {
	if errors.Is(err, fault.NotFound) {
		bad[field] = fault.Because(text.RefusalNoSuchChoice)
		return nil
	}
	return err
}

func sensibleAssignee(ctx context.Context, tx *pg.Tx, r *row, c *Change, bad fault.Invalid) error {
	queue, who := r.QueueID, deref(r.AssigneeID)
	if c.Queue != nil {
		queue = c.Queue.Is
	}
	chosen := c.Assignee != nil && c.Assignee.Is != who
	if chosen {
		who = c.Assignee.Is
	}
	if who == 0 || !chosen && queue == r.QueueID {
		return nil
	}
	may, err := pg.One[bool](ctx, tx, `
		SELECT EXISTS (SELECT FROM agent JOIN profile ON profile.id = agent.profile_id
			WHERE agent.id = $1 AND agent.active AND ('queue.all' = ANY(permissions)
				OR EXISTS (SELECT FROM agent_queue WHERE agent_id = $1 AND queue_id = $2)))`, who, queue)
	switch {
	case err != nil:
		return fmt.Errorf("ask for the assignee's access: %w", err)
	case may:
	case chosen:
		bad["assignee"] = fault.Because(text.RefusalAssigneeNoAccess)
	default:
		c.Assignee = To[int64](0)
	}
	return nil
}

// apply writes the differences and what follows from them: kind and closing time, clocks, version. It answers with what differed, names
// included, and writes nothing when nothing does. The caller records the event.
func apply(ctx context.Context, tx *pg.Tx, r *row, c Change) ([]event.Change, error) {
	diff, err := differences(ctx, tx, r, c)
	if err != nil || len(diff) == 0 {
		return nil, err
	}
	before := *r
	for i, d := range diff {
		switch d.Field {
		case "status":
			diff[i].ClosedAt, diff[i].WakesTo = r.ClosedAt, r.WakesTo
			r.StatusID, r.ClosedAt, r.WakesTo = d.New, cmp.Or(c.closedAt, r.ClosedAt), cmp.Or(c.wakesTo, r.WakesTo)
		case "queue":
			r.QueueID = d.New
		case "priority":
			r.PriorityID = d.New
		case "assignee":
			r.AssigneeID = orNone64(d.New)
		case "category":
			r.CategoryID = orNone64(d.New)
		case "tag":
			r.TagIDs = retag(r.TagIDs, d.Old, d.New)
		case "until":
			r.PostponedUntil = moment(d.New)
		case "subject":
			r.Subject = d.NewName
		}
	}
	if err := write(ctx, tx, r); err != nil {
		return nil, err
	}
	if err := writeCc(ctx, tx, r.ID, c.cc); err != nil {
		return nil, err
	}
	if r.QueueID != before.QueueID { // the ticket's own ring reaches those who see it where it is now
		event.Ring(tx, event.QueueKey(before.QueueID))
	}
	if r.Subject != before.Subject {
		if err := search.Renew(ctx, tx, r.ID); err != nil {
			return nil, err
		}
	}
	if was := seconds(before.PostponedUntil); was != 0 && r.PostponedUntil == nil && c.Until == nil { // it came back before its time
		diff = append(diff, event.Change{Field: "until", Old: was})
	}
	return diff, followClocks(ctx, tx, before, r)
}

// differences pairs old and new values that differ with their names of today.
func differences(ctx context.Context, tx *pg.Tx, r *row, c Change) ([]event.Change, error) {
	var out []event.Change
	named := func(field, sql string, s *Set[int64], old int64) error {
		if s == nil || s.Is == old {
			return nil
		}
		names, err := pg.One[[]string](ctx, tx, `SELECT ARRAY[COALESCE((`+sql+`$1), ''), COALESCE((`+sql+`$2), '')]`, old, s.Is)
		if err != nil {
			return fmt.Errorf("name the %s: %w", field, err)
		}
		out = append(out, event.Change{Field: field, Old: old, New: s.Is, OldName: names[0], NewName: names[1]})
		return nil
	}
	err := errors.Join(
		named("status", `SELECT COALESCE(NULLIF(name, ''), ':' || key) FROM status WHERE id = `, c.Status, r.StatusID),
		named("queue", `SELECT COALESCE(NULLIF(name, ''), ':' || key) FROM queue WHERE id = `, c.Queue, r.QueueID),
		named("priority", `SELECT COALESCE(NULLIF(name, ''), ':' || key) FROM priority WHERE id = `, c.Priority, r.PriorityID),
		named("assignee", `SELECT name FROM agent WHERE id = `, c.Assignee, deref(r.AssigneeID)),
		named("category", desk.CategoryPath, c.Category, deref(r.CategoryID)))
	if s := c.Until; s != nil && s.Is != seconds(r.PostponedUntil) {
		out = append(out, event.Change{Field: "until", Old: seconds(r.PostponedUntil), New: s.Is})
	}
	if s := c.Subject; s != nil && s.Is != r.Subject {
		out = append(out, event.Change{Field: "subject", OldName: r.Subject, NewName: s.Is})
	}
	return append(append(out, tagged(r.TagIDs, c.add, c.drop)...), c.cc.differences()...), err
}

// write stores the row. Closing notes when, leaving closed forgets it; postponing notes which status to come back to, leaving it forgets that and
// the time.
func write(ctx context.Context, tx *pg.Tx, r *row) error {
	r.Version++
	r.ChangedAt = tx.Now
	got, err := pg.One[row](ctx, tx, `
		UPDATE ticket SET subject = @subject, queue_id = @queue, status_id = @status, priority_id = @priority, assignee_id = @assignee,
			category_id = @category, tag_ids = @tags, kind = status.kind, version = @version, changed_at = @now,
			postponed_until = CASE WHEN status.kind = 'postponed' THEN @until::timestamptz END,
			wakes_to = CASE WHEN status.kind = 'postponed' THEN COALESCE(@wakes, ticket.status_id) END,
			closed_at = CASE WHEN status.kind = 'closed' THEN COALESCE(@closed::timestamptz, @now) END
		FROM status WHERE ticket.id = @id AND status.id = @status
		RETURNING `+rowColumns,
		named("subject", r.Subject, "queue", r.QueueID, "status", r.StatusID, "priority", r.PriorityID, "assignee", r.AssigneeID,
			"category", r.CategoryID, "tags", orNone(r.TagIDs), "until", r.PostponedUntil, "wakes", r.WakesTo, "closed", r.ClosedAt, "version", r.Version, "now", tx.Now, "id", r.ID))
	if err != nil {
		return fmt.Errorf("write ticket %d: %w", r.ID, err)
	}
	*r = got
	return nil
}

// followClocks meets, pauses, resumes or recomputes the clocks after a change of status, queue or priority. What a closing has not met, it resumes.
func followClocks(ctx context.Context, tx *pg.Tx, before row, r *row) error {
	if r.Kind == "closed" && before.Kind != "closed" {
		if err := meetClosing(ctx, tx, r.ID); err != nil {
			return err
		}
	}
	if r.StatusID == before.StatusID && r.QueueID == before.QueueID && r.PriorityID == before.PriorityID {
		return nil
	}
	return carryClocks(ctx, tx, r, before.QueueID, before.PriorityID, sla.Reaction, sla.Alarm, sla.Execution)
}

func deref(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

// orNone64 is an id, nil for 0.
func orNone64(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
