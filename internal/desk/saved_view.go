package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// The measures of saved views.
const (
	MaxViewName = 60  // characters
	MaxViews    = 30  // an agent may keep
	mostViews   = 200 // are shown, the reader's own first
)

// SavedView is a filter that somebody gave a name (PRODUCT L3). It gives no rights: who opens it sees of it what they may see.
type SavedView struct {
	ID      int64
	AgentID int64 // whose it is
	Name    string
	Shared  bool
	Base    string // the view it narrows
	Query   string // as package filter spells it, which bounds it
	Order   string
}

// AskSavedViews adds the views that by may open to a page's batch: the own ones, then those that others share, by name.
func AskSavedViews(b *pg.Batch, into *[]SavedView, by agent.Agent) {
	pg.Ask(b, into, `
		SELECT id, agent_id, name, shared, base, query, ordered AS order FROM saved_view WHERE agent_id = $1 OR shared
		ORDER BY agent_id <> $1, name COLLATE "und-x-icu", id LIMIT $2`, by.ID, mostViews)
}

// SavedViewOf is one view, fault.NotFound when there is none that by may open.
func SavedViewOf(ctx context.Context, r pg.Reader, by agent.Agent, id int64) (SavedView, error) {
	v, err := pg.One[SavedView](ctx, r, `
		SELECT id, agent_id, name, shared, base, query, ordered AS order FROM saved_view WHERE id = $1 AND (agent_id = $2 OR shared)`, id, by.ID)
	if err != nil {
		return v, fmt.Errorf("saved view %d: %w", id, err)
	}
	return v, nil
}

// SaveView keeps a new view and returns its id: one that is so already, down to its name, is not kept twice. Sharing asks for view.share.
func SaveView(ctx context.Context, tx *pg.Tx, by agent.Agent, v SavedView) (int64, error) {
	if err := checkView(by, &v); err != nil {
		return 0, err
	}
	if _, err := pg.Exec(ctx, tx, `SELECT FROM agent WHERE id = $1 FOR NO KEY UPDATE`, by.ID); err != nil { // a double click stands in a row
		return 0, fmt.Errorf("save view %q: %w", v.Name, err)
	}
	id, err := pg.One[int64](ctx, tx, `
		WITH same AS (
			SELECT id FROM saved_view WHERE (agent_id, name, shared, base, query, ordered) = ($1, $2, $3, $4, $5, $6) ORDER BY id LIMIT 1),
		fresh AS (
			INSERT INTO saved_view (agent_id, name, shared, base, query, ordered, changed_at)
			SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT FROM same) AND (SELECT count(*) FROM saved_view WHERE agent_id = $1) < $8 RETURNING id)
		SELECT id FROM same UNION ALL SELECT id FROM fresh`,
		by.ID, v.Name, v.Shared, v.Base, v.Query, v.Order, tx.Now, MaxViews)
	if errors.Is(err, fault.NotFound) {
		return 0, fault.Invalid{"name": fault.Because(text.ViewTooMany, "most", MaxViews)}
	}
	if err != nil {
		return 0, fmt.Errorf("save view %q: %w", v.Name, err)
	}
	return id, nil
}

// ChangeView changes a view: its owner may, and for a shared one whoever may share.
func ChangeView(ctx context.Context, tx *pg.Tx, by agent.Agent, v SavedView) error {
	if err := checkView(by, &v); err != nil {
		return err
	}
	n, err := pg.Exec(ctx, tx, `
		UPDATE saved_view SET name = $3, shared = $4, base = $5, query = $6, ordered = $7, changed_at = $8
		WHERE id = $1 AND (agent_id = $2 OR shared AND $9)`, v.ID, by.ID, v.Name, v.Shared, v.Base, v.Query, v.Order, tx.Now, by.Can(agent.ViewShare))
	return touched(n, err, "change", v.ID)
}

// RemoveView takes a view away, for those who may change it.
func RemoveView(ctx context.Context, tx *pg.Tx, by agent.Agent, id int64) error {
	n, err := pg.Exec(ctx, tx, `DELETE FROM saved_view WHERE id = $1 AND (agent_id = $2 OR shared AND $3)`, id, by.ID, by.Can(agent.ViewShare))
	return touched(n, err, "remove", id)
}

func touched(n int64, err error, deed string, id int64) error {
	if err == nil && n == 0 {
		err = fault.NotFound
	}
	if err != nil {
		return fmt.Errorf("%s saved view %d: %w", deed, id, err)
	}
	return nil
}

// MayChange tells whether by may change or remove the view.
func (v SavedView) MayChange(by agent.Agent) bool {
	return v.AgentID == by.ID || v.Shared && by.Can(agent.ViewShare)
}

func checkView(by agent.Agent, v *SavedView) error {
	v.Name = strings.Join(strings.Fields(v.Name), " ")
	bad := fault.Invalid{}
	switch {
	case v.Name == "":
		bad["name"] = fault.Because(text.ViewNameMissing)
	case len([]rune(v.Name)) > MaxViewName:
		bad["name"] = fault.Because(text.ViewNameLong, "most", MaxViewName)
	}
	if err := bad.Or(); err != nil {
		return err
	}
	if v.Shared && !by.Can(agent.ViewShare) {
		return fmt.Errorf("share view %q: %w", v.Name, fault.Forbidden)
	}
	return nil
}
