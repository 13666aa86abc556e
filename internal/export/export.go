// Package export is a list as a file (PRODUCT L10): what stands in it, and the files that are too long to be made while somebody waits. Such a
// file is a row that any process may work on under a lease; its bytes lie in package blob for a day.
//
// Nobody gets more out of a file than out of the list. Rights are asked again while it is written, and once more when it is fetched: who may not
// see one of its queues any more gets nothing of it.
package export

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// The measures of exports.
const (
	Direct  = 10_000         // tickets that are written while the browser waits
	Most    = 1_000_000      // that a file holds: a little less than the rows of a spreadsheet
	KeepFor = 24 * time.Hour // how long a file can be fetched
	Listed  = 20             // are shown
	tellFor = 30 * 24 * time.Hour
	mostAt  = 5 // unfinished ones of one agent
)

// State is where an export stands.
type State string

// The states. The first two are unfinished.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Ready     State = "ready"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Expired   State = "expired"
)

// Why an export failed.
const (
	Trouble = "trouble" // it was tried three times
	Rights  = "rights"  // the agent may not export any more
)

// Export is a file that is or was made in the background.
type Export struct {
	ID         int64
	Name       string // of the list
	View       string
	Query      string
	Order      string
	AskedAt    time.Time
	State      State
	Reason     string
	Total      *int64 // tickets; nil until they are looked up
	Done       int64  // of them
	Queues     []int64
	BlobID     *int64
	Size       int64
	FinishedAt *time.Time
}

const columns = `id, name, view, query, ordered AS order, asked_at, state, reason, total, done, queues, blob_id, size, finished_at`

// Unfinished tells whether it is still waited for.
func (e Export) Unfinished() bool { return e.State == Waiting || e.State == Running }

// Until is when the file of a ready export is thrown away.
func (e Export) Until() time.Time {
	if e.FinishedAt == nil {
		return time.Time{}
	}
	return e.FinishedAt.Add(KeepFor)
}

// Gone tells whether the time of a ready file is over, swept away or not.
func (e Export) Gone(now time.Time) bool {
	return e.State == Expired || e.State == Ready && !now.Before(e.Until())
}

// Withheld tells whether by has lost access to some of what a file holds.
func (e Export) Withheld(by agent.Agent) bool {
	for _, q := range e.Queues {
		if !by.Sees(q) {
			return true
		}
	}
	return !by.Can(agent.TicketRead) || !by.Can(agent.TicketExport)
}

// Of lists the exports of an agent, the newest first.
func Of(ctx context.Context, r pg.Reader, by agent.Agent) ([]Export, error) {
	list, err := pg.List[Export](ctx, r, `SELECT `+columns+` FROM export WHERE agent_id = $1 ORDER BY id DESC LIMIT $2`, by.ID, Listed)
	if err != nil {
		return nil, fmt.Errorf("exports of agent %d: %w", by.ID, err)
	}
	return list, nil
}

// File is an export that by may fetch now: the own one, ready, not too old, of queues that by still sees. Anything else is fault.NotFound.
func File(ctx context.Context, r pg.Reader, by agent.Agent, id int64, now time.Time) (Export, error) {
	e, err := pg.One[Export](ctx, r, `SELECT `+columns+` FROM export WHERE id = $1 AND agent_id = $2 AND state = 'ready'`, id, by.ID)
	if err == nil && (e.Gone(now) || e.Withheld(by) || e.BlobID == nil) {
		err = fault.NotFound
	}
	if err != nil {
		return Export{}, fmt.Errorf("file of export %d: %w", id, err)
	}
	return e, nil
}

// What rings of exports begin with; the agent's number follows.
const (
	Ring         = "x:" // one began or ended
	ProgressRing = "p:" // one got on
)

// RingTo is the ring of an agent whose exports began or ended, ProgressTo of one that got on.
func RingTo(agentID int64) string     { return Ring + strconv.FormatInt(agentID, 10) }
func ProgressTo(agentID int64) string { return ProgressRing + strconv.FormatInt(agentID, 10) }
