package agent

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
)

// Working finds an agent with the permissions and queues of this moment, for work that goes on when no browser asks. fault.NotFound when they do
// not work here any more.
func Working(ctx context.Context, r pg.Reader, id int64) (Agent, error) {
	row, err := pg.One[agentRow](ctx, r, `SELECT `+agentColumns+` FROM agent a JOIN profile p ON p.id = a.profile_id WHERE a.id = $1 AND a.active`, id)
	if err != nil {
		return Agent{}, fmt.Errorf("find agent %d at work: %w", id, err)
	}
	return row.agent(), nil
}

type agentRow struct {
	ID          int64
	Email       string
	Name        string
	Language    string
	TimeZone    string
	Theme       string
	Density     string
	SingleKeys  bool
	ListColumns []string
	ListLayout  string
	Welcomed    bool
	Signature   string
	ProfileID   int64
	Permissions []Permission
	Queues      []int64
}

func (r agentRow) agent() Agent {
	return Agent{ID: r.ID, Email: r.Email, Name: r.Name, Language: r.Language, TimeZone: r.TimeZone, Theme: r.Theme, Density: r.Density, SingleKeys: r.SingleKeys,
		Columns: columnsOf(r.ListColumns), Layout: r.ListLayout, Welcomed: r.Welcomed, Signature: r.Signature, ProfileID: r.ProfileID, Permissions: r.Permissions, Queues: r.Queues}
}
