package ticket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// KeepDeleted is how long a deleted ticket can be taken back (DECISIONS, Deletion).
const KeepDeleted = 30 * 24 * time.Hour

// Delete hides a ticket from everybody (PRODUCT C16). Letters of it that have not left do not leave, nor those under way that come back, unless
// somebody has them; a customer who writes again opens a new ticket. What became of the letters that waited is decided by Restore. A
// ticket that is deleted stays so.
func Delete(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	r, err := lock(ctx, tx, by, id)
	if errors.Is(err, fault.NotFound) {
		if already, lost := Deleted(ctx, tx, by, id); already || lost != nil {
			return lost
		}
	}
	if err != nil {
		return err
	}
	e, err := remove(ctx, tx, by, &r)
	return tell(tx, e, err)
}

func remove(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row) (*event.Event, error) {
	if !by.Can(agent.TicketDelete) {
		return nil, fmt.Errorf("delete ticket %d: %w", r.ID, fault.Forbidden)
	}
	kept, err := keepHere(ctx, tx, r, outbox.Deleted)
	if err != nil {
		return nil, err
	}
	_, err = pg.Exec(ctx, tx, `UPDATE ticket SET deleted_at = $2, deleted_by = $3, version = version + 1 WHERE id = $1`, r.ID, tx.Now, by.ID)
	if err != nil {
		return nil, fmt.Errorf("delete ticket %d: %w", r.ID, err)
	}
	return r.happened(by, event.Deleted, event.Data{Tally: letters(len(kept), 0)}), nil
}

// letters are what became of those of a ticket; nil where it had none.
func letters(kept, waiting int) *event.Tally {
	if kept+waiting == 0 {
		return nil
	}
	return &event.Tally{Kept: kept, Waiting: waiting}
}

// Restore takes a deletion back. A ticket that is not deleted stays as it is. Letters that it kept here wait again if their time has not come; the texts of
// the others are given back to their authors.
func Restore(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	r, err := lockAny(ctx, tx, id)
	if err == nil && (!by.Can(agent.TicketRead) || !by.Sees(r.QueueID)) {
		err = fault.NotFound
	}
	if err != nil {
		return fmt.Errorf("restore ticket %d: %w", id, err)
	}
	e, err := restore(ctx, tx, by, &r)
	return tell(tx, e, err)
}

func restore(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row) (*event.Event, error) {
	if !by.Can(agent.TicketDelete) {
		return nil, fmt.Errorf("restore ticket %d: %w", r.ID, fault.Forbidden)
	}
	n, err := pg.Exec(ctx, tx, `UPDATE ticket SET deleted_at = NULL, deleted_by = NULL, version = version + 1 WHERE id = $1 AND deleted_at IS NOT NULL`, r.ID)
	if err != nil || n == 0 {
		return nil, err
	}
	r.Version++
	silent, err := silentSince(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	stay, waiting, err := outbox.Resume(ctx, tx, r.ID, silent)
	if err != nil {
		return nil, err
	}
	return r.happened(by, event.Restored, event.Data{Tally: letters(len(stay), waiting)}), stayHere(ctx, tx, r, stay)
}

// silentSince tells whether the customer of a deleted ticket wrote nothing since: what they write opens another one.
func silentSince(ctx context.Context, tx *pg.Tx, r *row) (bool, error) {
	silent, err := pg.One[bool](ctx, tx, `
		SELECT NOT EXISTS (SELECT FROM ticket t JOIN message m ON m.id = t.last_in_id
			WHERE t.requester = $1 AND t.changed_at >= $2 AND t.deleted_at IS NULL AND m.at >= $2)`, r.Requester, r.DeletedAt)
	if err != nil {
		return false, fmt.Errorf("look whether the customer of ticket %d wrote: %w", r.ID, err)
	}
	return silent, nil
}

// LettersOf tells what became of the letters of a ticket when by did this to it the last time: event.Deleted or event.Restored.
func LettersOf(ctx context.Context, r pg.Reader, by agent.Agent, id int64, did event.Kind) (event.Tally, error) {
	list, err := pg.List[event.Row](ctx, r, `
		SELECT id, at, by_agent, by_rule, kind, data, message_id FROM event
		WHERE subject_kind = 'ticket' AND subject_id = $1 AND kind = $2 AND by_agent = $3 ORDER BY id DESC LIMIT 1`, id, did, by.ID)
	if err != nil {
		return event.Tally{}, fmt.Errorf("letters of ticket %d: %w", id, err)
	}
	if len(list) == 0 || list[0].Data.Tally == nil {
		return event.Tally{}, nil
	}
	return *list[0].Data.Tally, nil
}

// Deleted tells whether a ticket is deleted that by may take back.
func Deleted(ctx context.Context, r pg.Reader, by agent.Agent, id int64) (bool, error) {
	if !by.Can(agent.TicketDelete) {
		return false, nil
	}
	queue, err := pg.List[int64](ctx, r, `SELECT queue_id FROM ticket WHERE id = $1 AND deleted_at IS NOT NULL`, id)
	if err != nil {
		return false, fmt.Errorf("look whether ticket %d is deleted: %w", id, err)
	}
	return len(queue) == 1 && by.Can(agent.TicketRead) && by.Sees(queue[0]), nil
}

// Purgeable locks tickets deleted longer ago than KeepDeleted, at most limit. Their mails leave the ledger before Purge (inbound.Forget).
func Purgeable(ctx context.Context, tx *pg.Tx, limit int) ([]int64, error) {
	ids, err := pg.List[int64](ctx, tx, `
		SELECT id FROM ticket WHERE deleted_at IS NOT NULL AND deleted_at <= $1 ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED`, tx.Now.Add(-KeepDeleted), limit)
	if err != nil {
		return nil, fmt.Errorf("look for tickets to purge: %w", err)
	}
	return ids, nil
}

// Purge removes tickets for good with all that was said in them and what happened to them; one event says that they were. Bytes nobody refers to
// any more go with blob.Collect.
func Purge(ctx context.Context, tx *pg.Tx, ids []int64) error {
	if err := event.Forget(ctx, tx, event.OfTicket, ids); err != nil {
		return err
	}
	if _, err := pg.Exec(ctx, tx, `UPDATE ticket SET merged_into = NULL WHERE merged_into = ANY($1)`, ids); err != nil {
		return fmt.Errorf("purge tickets: %w", err)
	}
	if _, err := pg.Exec(ctx, tx, `DELETE FROM ticket WHERE id = ANY($1)`, ids); err != nil {
		return fmt.Errorf("purge tickets: %w", err)
	}
	events := make([]event.Event, len(ids))
	for i, id := range ids {
		events[i] = event.Event{SubjectKind: event.OfTicket, SubjectID: id, Kind: event.Purged}
	}
	return event.RecordAll(tx, events)
}
