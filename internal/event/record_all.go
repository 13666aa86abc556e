package event

import (
	"encoding/json"
	"fmt"

	"frontdesk/internal/pg"
)

// RecordAll is Record for many events of flows, in one statement; each subject rings once.
func RecordAll(tx *pg.Tx, list []Event) error {
	n := len(list)
	kinds, subjects, data, rings := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	ids, agents, rules, messages, causes := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, e := range list {
		raw, err := json.Marshal(e.Data)
		if err != nil {
			return fmt.Errorf("record %s: %w", e.Kind, err)
		}
		kinds[i], subjects[i], data[i], rings[i] = string(e.Kind), e.SubjectKind, string(raw), ringKey(e.SubjectKind, e.SubjectID)
		ids[i], agents[i], rules[i], messages[i], causes[i] = e.SubjectID, e.ByAgent, e.ByRule, e.MessageID, e.Cause
	}
	pg.Later(tx, `
		WITH new AS (
			INSERT INTO event (at, by_agent, by_rule, subject_kind, subject_id, kind, data, message_id, cause)
			SELECT $1, NULLIF(x.agent, 0), NULLIF(x.rule, 0), x.subject, x.id, x.kind, x.data::jsonb, NULLIF(x.message, 0), NULLIF(x.cause, 0)
			FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::bigint[])
				AS x (agent, rule, subject, id, kind, data, message, cause))
		SELECT pg_notify($10, ring) FROM (SELECT DISTINCT ring FROM unnest($11::text[]) AS r (ring)) AS rings`,
		tx.Now, agents, rules, subjects, ids, kinds, data, messages, causes, Channel, rings)
	return nil
}
