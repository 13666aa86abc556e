package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// New is a person who shall work here.
type New struct {
	Email    string
	Name     string
	Profile  string // key of a shipped profile: agent, manager, admin
	Password string
	Language string // "" is English
	TimeZone string // "" is UTC
	By       int64  // agent who adds; 0 for the command line and the set-up page
}

// Add takes a person on and returns the id. What is wrong with the fields (email, name, profile, password, language, time_zone) comes back
// together as fault.Invalid. The person sees no queue until GiveQueue.
func Add(ctx context.Context, tx *pg.Tx, n New) (int64, error) {
	n.tidy()
	if err := n.check(); err != nil {
		return 0, err
	}
	h, err := hash(ctx, n.Password)
	if err != nil {
		return 0, err
	}
	id, err := pg.One[int64](ctx, tx, `
		INSERT INTO agent (email, name, password_hash, profile_id, language, time_zone, created_at)
		SELECT $1, $2, $3, id, $4, $5, $6 FROM profile WHERE key = $7
		ON CONFLICT (email) DO NOTHING
		RETURNING id`, n.Email, n.Name, h, n.Language, n.TimeZone, tx.Now, n.Profile)
	if errors.Is(err, fault.NotFound) {
		return 0, fault.Invalid{"email": fault.Because(text.AgentEmailTaken)}
	}
	if err != nil {
		return 0, fmt.Errorf("add an agent: %w", err)
	}
	return id, audit(tx, n.By, id, event.Change{Field: "agent", New: id, NewName: n.Name})
}

// AddFirst takes on the first person, as administrator of every queue. When somebody works here already it is fault.NotFound, also when two
// visitors send the form at the same moment.
func AddFirst(ctx context.Context, tx *pg.Tx, n New) (int64, error) {
	if _, err := pg.Exec(ctx, tx, `LOCK TABLE agent IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return 0, fmt.Errorf("add the first agent: %w", err)
	}
	if there, err := AnyExists(ctx, tx); err != nil || there {
		return 0, cmp.Or(err, fault.NotFound)
	}
	n.Profile, n.By = "admin", 0
	id, err := Add(ctx, tx, n)
	if err != nil {
		return 0, err
	}
	_, err = pg.Exec(ctx, tx, `INSERT INTO agent_queue (agent_id, queue_id) SELECT $1, id FROM queue`, id)
	return id, err
}

// AnyExists tells whether somebody works here; until then the set-up page is open.
func AnyExists(ctx context.Context, r pg.Reader) (bool, error) {
	return pg.One[bool](ctx, r, `SELECT EXISTS (SELECT FROM agent)`)
}

// GiveQueue lets an agent work in a queue. pressing orders the agent's queues, smaller first; giving a queue again changes only that.
func GiveQueue(ctx context.Context, tx *pg.Tx, by, agentID, queueID int64, pressing int) error {
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO agent_queue (agent_id, queue_id, priority) VALUES ($1, $2, $3)
		ON CONFLICT (agent_id, queue_id) DO UPDATE SET priority = excluded.priority`, agentID, queueID, pressing)
	if err != nil {
		return fmt.Errorf("give queue %d to agent %d: %w", queueID, agentID, err)
	}
	return audit(tx, by, agentID, event.Change{Field: "queue", New: queueID})
}

// TakeQueue ends an agent's work in a queue; open streams learn of it within 5 s.
func TakeQueue(ctx context.Context, tx *pg.Tx, by, agentID, queueID int64) error {
	_, err := pg.Exec(ctx, tx, `DELETE FROM agent_queue WHERE agent_id = $1 AND queue_id = $2`, agentID, queueID)
	if err != nil {
		return fmt.Errorf("take queue %d from agent %d: %w", queueID, agentID, err)
	}
	return audit(tx, by, agentID, event.Change{Field: "queue", Old: queueID})
}

// audit records an administrative change of a person and rings "a:<id>", on which live streams look at their rights again.
func audit(tx *pg.Tx, by, agentID int64, c event.Change) error {
	return event.Record(tx, event.Event{SubjectKind: event.OfAgent, SubjectID: agentID, Kind: event.AdminChanged, ByAgent: by,
		Data: event.Data{Changes: []event.Change{c}}})
}

func (n *New) tidy() {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	if n.Language == "" {
		n.Language = "en"
	}
	if n.TimeZone == "" {
		n.TimeZone = "UTC"
	}
	if n.Profile == "" {
		n.Profile = "agent"
	}
}

func (n *New) check() error {
	bad := fault.Invalid{}
	if email, ok := normalEmail(n.Email); ok {
		n.Email = email
	} else {
		bad["email"] = fault.Because(text.AgentEmailWrong)
	}
	if key := badName(n.Name); key != "" {
		bad["name"] = fault.Because(key)
	}
	if key := refusal(n.Password, n.Email, n.Name); key != "" {
		bad["password"] = fault.Because(key)
	}
	if n.Profile != "agent" && n.Profile != "manager" && n.Profile != "admin" {
		bad["profile"] = fault.Because(text.AgentProfileUnknown)
	}
	checkLanguage(bad, n.Language)
	checkZone(bad, n.TimeZone)
	return bad.Or()
}

// maxName is in characters.
const maxName = 100

func badName(name string) text.Key {
	switch {
	case name == "":
		return text.AgentNameMissing
	case utf8.RuneCountInString(name) > maxName:
		return text.AgentNameLong
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return text.AgentNameWrong
	}
	return ""
}

func checkLanguage(bad fault.Invalid, lang string) {
	if !slices.Contains(text.Languages, lang) {
		bad["language"] = fault.Because(text.AgentLanguageUnknown)
	}
}

func checkZone(bad fault.Invalid, zone string) {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" || len(zone) > 64 {
		bad["time_zone"] = fault.Because(text.AgentZoneUnknown)
	}
}
