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
	Version *int64 // of the draft that the form knows, 0 for none; nil when it does not say
}

// SaveDraft keeps what is typed, and returns the version it is from now on. It is no event and changes nothing that others see. An empty text removes
// the draft, unless it has files. What comes behind the letter of its form is kept no more, nor is a draft that another form wrote since
// overwritten: both are a *fault.Conflict.
func SaveDraft(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64, kind string, p Typed) (version int, err error) {
	if kind != DraftReply && kind != DraftComment {
		return 0, fault.NotFound
	}
	if err := mayWrite(ctx, tx, by, id, untilWritten); err != nil {
		return 0, err
	}
	raw, err := json.Marshal(p.Fields)
	if err != nil {
		return 0, fmt.Errorf("keep a draft: %w", err)
	}
	args := named("me", by.ID, "ticket", id, "kind", kind, "fields", raw, "form", p.FormKey, "version", p.Version, "now", tx.Now)
	sql := keepDraft
	if p.Fields["text"] == "" {
		sql = clearDraft
	}
	kept, err := pg.List[int](ctx, tx, sql, args)
	if err != nil {
		return 0, fmt.Errorf("keep a draft: %w", err)
	}
	if len(kept) == 0 {
		return 0, notKept(ctx, tx, args)
	}
	if p.Fields["text"] == "" {
		return 0, dropEmptyDraft(ctx, tx, by.ID, id, kind)
	}
	return kept[0], nil
}

// A draft has another version with each text, and one that is begun anew has none of those before it. The form that wrote it need not know its
// version: an answer may be lost. Files change nothing, nor is a draft of files alone anything that could be overwritten.
const (
	keepDraft = `
		INSERT INTO draft (agent_id, ticket_id, kind, fields, version, changed_at)
		SELECT @me, @ticket, @kind, @fields::jsonb || jsonb_build_object('form_key', @form::text), 1 + floor(random() * 1000000000), @now WHERE ` + unwritten + `
		ON CONFLICT (agent_id, ticket_id, kind) DO UPDATE SET fields = excluded.fields, version = excluded.version, changed_at = excluded.changed_at
		WHERE ` + knownDraft + ` RETURNING version`
	// Files of a draft stay when its text is taken out, and the draft with them.
	clearDraft = `
		UPDATE draft SET fields = '{}', changed_at = @now WHERE agent_id = @me AND ticket_id = @ticket AND kind = @kind AND ` + unwritten + ` AND ` + knownDraft + ` RETURNING version`
	knownDraft = `(@version::bigint IS NULL OR draft.version = @version OR draft.fields ->> 'form_key' = NULLIF(@form, '') OR COALESCE(draft.fields ->> 'text', '') = '')`
	// A form is unwritten until it has become a letter or a comment.
	unwritten = `NOT EXISTS (SELECT FROM message WHERE author_id = @me AND form_key = @form)`
)

// notKept is why a draft was not kept: its form was written, or there is one that it does not know; else nothing is lost.
func notKept(ctx context.Context, tx *pg.Tx, args any) error {
	why, err := pg.One[struct{ Written, Newer bool }](ctx, tx, `
		SELECT NOT `+unwritten+` AS written, EXISTS (SELECT FROM draft WHERE agent_id = @me AND ticket_id = @ticket AND kind = @kind AND NOT `+knownDraft+`) AS newer`, args)
	switch {
	case err != nil:
		return fmt.Errorf("look for a newer draft: %w", err)
	case why.Written:
		return &fault.Conflict{Written: true}
	case why.Newer:
		return &fault.Conflict{Fields: []string{"text"}}
	}
	return nil
}

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
