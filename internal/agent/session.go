package agent

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// How long a session lives: since the last request a person made, and since the sign-in whatever happens.
const (
	SessionIdle     = 12 * time.Hour
	SessionAbsolute = 7 * 24 * time.Hour
)

// seenEvery is how often a busy session writes its last use.
const seenEvery = time.Minute

// Session is a signed-in browser and who sits at it.
type Session struct {
	Agent     Agent
	CreatedAt time.Time
	SeenAt    time.Time
}

// BySession finds the agent of a session id, with permissions and queues of this moment, in one query. fault.NotFound when the session does
// not exist, has run out at now, or its agent may not work any more.
func BySession(ctx context.Context, r pg.Reader, id string, now time.Time) (Session, error) {
	row, err := pg.One[sessionRow](ctx, r, sessionSQL+` AND s.id_hash = $3`, now.Add(-SessionAbsolute), now.Add(-SessionIdle), HashSession(id))
	if err != nil {
		return Session{}, fmt.Errorf("find the session: %w", err)
	}
	return row.session(), nil
}

// BySessions is BySession for many, by HashSession of their ids; those that have ended are absent.
func BySessions(ctx context.Context, r pg.Reader, hashes [][]byte, now time.Time) (map[string]Session, error) {
	rows, err := pg.List[sessionRow](ctx, r, sessionSQL+` AND s.id_hash = ANY($3)`, now.Add(-SessionAbsolute), now.Add(-SessionIdle), hashes)
	if err != nil {
		return nil, fmt.Errorf("find sessions: %w", err)
	}
	found := make(map[string]Session, len(rows))
	for _, row := range rows {
		found[string(row.IDHash)] = row.session()
	}
	return found, nil
}

const sessionSQL = `
	SELECT s.id_hash, s.created_at, s.seen_at, ` + agentColumns + `
	FROM session s JOIN agent a ON a.id = s.agent_id JOIN profile p ON p.id = a.profile_id
	WHERE a.active AND s.created_at > $1 AND s.seen_at > $2`

// agentColumns are an agent's of this moment, as agentRow reads them.
const agentColumns = `a.id, a.email, a.name, a.language, a.time_zone, a.theme, a.density, a.single_keys, a.list_columns, a.list_layout, a.welcomed, a.signature, a.profile_id, p.permissions,
		ARRAY(SELECT q.queue_id FROM agent_queue q WHERE q.agent_id = a.id ORDER BY q.priority, q.queue_id) AS queues`

type sessionRow struct {
	IDHash    []byte
	CreatedAt time.Time
	SeenAt    time.Time
	agentRow
}

func (r sessionRow) session() Session {
	return Session{CreatedAt: r.CreatedAt, SeenAt: r.SeenAt, Agent: r.agent()}
}

// Stale tells whether the use at now is worth a Seen.
func (s Session) Stale(now time.Time) bool { return now.Sub(s.SeenAt) >= seenEvery }

// Seen notes that a person used the session. Requests the page makes by itself must not come here: they would keep it alive for ever.
func Seen(ctx context.Context, tx *pg.Tx, id string) error {
	_, err := pg.Exec(ctx, tx, `UPDATE session SET seen_at = $2 WHERE id_hash = $1 AND seen_at < $2`, HashSession(id), tx.Now)
	if err != nil {
		return fmt.Errorf("note the use of a session: %w", err)
	}
	return nil
}

// Enter begins a session and returns its id: 256 random bits that only the browser keeps. It asks for no password; that is for Check, and who has just
// been added needs none. What has run out is swept away on the way.
func Enter(ctx context.Context, tx *pg.Tx, agentID int64, address, userAgent string) (string, error) {
	id := newSecret()
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO session (id_hash, agent_id, created_at, seen_at, address, user_agent) VALUES ($1, $2, $3, $3, $4, $5)`,
		HashSession(id), agentID, tx.Now, printable(address, 64), printable(userAgent, 200))
	if err != nil {
		return "", fmt.Errorf("open a session: %w", err)
	}
	return id, sweep(ctx, tx)
}

func sweep(ctx context.Context, tx *pg.Tx) error {
	if _, err := pg.Exec(ctx, tx, `DELETE FROM session WHERE seen_at <= $1 OR created_at <= $2`, tx.Now.Add(-SessionIdle), tx.Now.Add(-SessionAbsolute)); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	if _, err := pg.Exec(ctx, tx, `DELETE FROM sign_in_failure WHERE at <= $1`, tx.Now.Add(-window)); err != nil {
		return fmt.Errorf("sweep refused sign-ins: %w", err)
	}
	return nil
}

// EndSession signs one browser out; its live stream ends with it. Ending what has ended is no error.
func EndSession(ctx context.Context, tx *pg.Tx, id string) error {
	ended, err := pg.List[int64](ctx, tx, `DELETE FROM session WHERE id_hash = $1 RETURNING agent_id`, HashSession(id))
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	for _, agentID := range ended {
		event.Ring(tx, event.AgentKey(agentID))
	}
	return nil
}

// HashSession is what the database keeps of a session id: a dump of it opens no session.
func HashSession(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}

func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// printable keeps what a log line and a page can show of a header a stranger wrote.
func printable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}
