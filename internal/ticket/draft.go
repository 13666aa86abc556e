package ticket

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Kinds of draft: an agent has at most one of each in a ticket.
const (
	DraftReply   = "reply"
	DraftComment = "comment"
)

// Draft is what an agent was writing, found again on another device. Fields are those of the form.
type Draft struct {
	Kind      string
	Fields    map[string]string
	Version   int
	ChangedAt time.Time
	Answered  *Message // by a reply, with its id, From and Reply-To
}

// Typed is a composer as it stands while somebody writes in it.
type Typed struct {
	Fields  map[string]string
	FormKey string
}

// SaveDraft keeps what is typed. It is no event and changes nothing that others see. An empty text removes the draft, unless it has files. What
// comes behind the letter of its form is kept no more.
func SaveDraft(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, kind string, p Typed) error {
	if kind != DraftReply && kind != DraftComment {
		return fault.NotFound
	}
	if err := mayWrite(ctx, tx, by, id, untilWritten); err != nil {
		return err
	}
	raw, err := json.Marshal(p.Fields)
	if err != nil {
		return fmt.Errorf("keep a draft: %w", err)
	}
	args := named("me", by.ID, "ticket", id, "kind", kind, "fields", raw, "form", p.FormKey, "now", tx.Now)
	if p.Fields["text"] == "" {
		return clearDraft(ctx, tx, by.ID, id, kind, args)
	}
	_, err = pg.Exec(ctx, tx, `
		INSERT INTO draft (agent_id, ticket_id, kind, fields, changed_at) SELECT @me, @ticket, @kind, @fields, @now WHERE `+unwritten+`
		ON CONFLICT (agent_id, ticket_id, kind) DO UPDATE SET fields = excluded.fields, version = draft.version + 1, changed_at = excluded.changed_at
		WHERE draft.fields <> excluded.fields`, args)
	if err != nil {
		return fmt.Errorf("keep a draft: %w", err)
	}
	return nil
}

// unwritten says that a form has not become a letter or a comment yet.
const unwritten = `NOT EXISTS (SELECT FROM message WHERE author_id = @me AND form_key = @form)`

// DropDraft throws the agent's own draft away.
func DropDraft(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, kind string) error {
	if err := mayWrite(ctx, tx, by, id, ""); err != nil {
		return err
	}
	return dropDraft(ctx, tx, by.ID, id, kind)
}

func dropDraft(ctx context.Context, tx *pg.Tx, agentID, ticketID int64, kind string) error {
	_, err := pg.Exec(ctx, tx, `DELETE FROM draft WHERE agent_id = $1 AND ticket_id = $2 AND kind = $3`, agentID, ticketID, kind)
	if err != nil {
		return fmt.Errorf("drop a draft: %w", err)
	}
	return nil
}

// clearDraft empties a draft whose text was taken out; its files stay, and the draft with them.
func clearDraft(ctx context.Context, tx *pg.Tx, agentID, ticketID int64, kind string, args any) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE draft SET fields = '{}', version = version + 1, changed_at = @now
		WHERE agent_id = @me AND ticket_id = @ticket AND kind = @kind AND fields <> '{}' AND `+unwritten, args)
	if err != nil {
		return fmt.Errorf("empty a draft: %w", err)
	}
	return dropEmptyDraft(ctx, tx, agentID, ticketID, kind)
}

// untilWritten has mayWrite wait for a letter that is being written in the ticket just now, and for nobody who writes a draft.
const untilWritten = ` FOR KEY SHARE`

// mayWrite asks for access without keeping others from the ticket: drafts come every second and change nothing.
func mayWrite(ctx context.Context, r pg.Reader, by agent.Agent, id int64, wait string) error {
	if _, err := pg.One[int64](ctx, r, `SELECT id FROM ticket WHERE id = @id AND `+visible+wait, seeing(by, named("id", id))); err != nil {
		return fmt.Errorf("ticket %d: %w", id, err)
	}
	if !by.Can(agent.TicketWrite) {
		return fault.Forbidden
	}
	return nil
}
