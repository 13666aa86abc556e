package ticket

import (
	"slices"

	"frontdesk/internal/event"
)

// CardSize is how many messages a card shows at once, maxAlone how many events beside those that came with its messages; older ones follow on request.
const (
	CardSize = 50
	maxAlone = 4 * CardSize
)

// Mark is where a page of a card ends: below a message and, when the page before had room for no more of them, below an event that stands alone. The
// zero Mark is the newest page.
type Mark struct{ Message, Event int64 }

// eventsSQL are the events of a page, newest first: those of its messages, and those that stand alone between the event that brought its oldest message,
// when there are older ones, and the mark. One index leads to either end, so a page costs the same however long the history.
const eventsSQL = `
	WITH page AS MATERIALIZED (SELECT m.id FROM message m WHERE m.ticket_id = @id AND (@before::bigint = 0 OR m.id < @before) ORDER BY m.id DESC LIMIT @limit),
	span AS MATERIALIZED (SELECT
		(SELECT min(id) FROM event WHERE message_id = (SELECT id FROM page ORDER BY id DESC OFFSET @limit - 2 LIMIT 1) AND (SELECT count(*) FROM page) = @limit) AS since,
		COALESCE(NULLIF(@mark::bigint, 0), (SELECT min(id) FROM event WHERE message_id = @before)) AS until)
	(SELECT e.id, at, by_agent, by_rule, kind, data, message_id FROM page CROSS JOIN LATERAL (SELECT * FROM event WHERE message_id = page.id OFFSET 0) e
		WHERE subject_kind = 'ticket' AND subject_id = @id AND kind <> 'sent'` + knownOther + ` ORDER BY e.id DESC LIMIT 20 * @limit)
	UNION ALL
	(SELECT id, at, by_agent, by_rule, kind, data, message_id FROM event
		WHERE subject_kind = 'ticket' AND subject_id = @id AND message_id IS NULL
			AND id > COALESCE((SELECT since FROM span), 0) AND id < COALESCE((SELECT until FROM span), 9223372036854775807)` + knownOther + ` ORDER BY id DESC LIMIT @alone)
	ORDER BY id DESC`

// knownOther leaves an event that is about another ticket to those who see that one.
const knownOther = `
			AND (kind NOT IN ('linked','unknown_sender') OR EXISTS (SELECT FROM ticket WHERE ticket.id = (data ->> 'other')::bigint AND ` + visible + `))`

// finish takes off what was read to know that there is more, and turns what was read newest first.
func (c *Card) finish(below Mark) {
	var next int64 // the first message of the next page
	if len(c.Messages) > CardSize {
		next = c.Messages[CardSize].ID
		c.Messages = c.Messages[:CardSize]
		c.Earlier.Message = c.Messages[CardSize-1].ID
	}
	alone, last := 0, int64(0)
	c.Events = slices.DeleteFunc(c.Events, func(e event.Row) bool {
		if e.MessageID != nil {
			return *e.MessageID == next
		}
		if alone++; alone <= maxAlone {
			last = e.ID
		}
		return alone > maxAlone
	})
	if alone > maxAlone {
		c.Earlier = Mark{below.Message, last}
		if n := len(c.Messages); n > 0 {
			c.Earlier.Message = c.Messages[n-1].ID
		}
	}
	slices.Reverse(c.Messages)
	slices.Reverse(c.Events)
}

// newest is the last message on the page, 0 when there is none.
func (c *Card) newest() int64 {
	if len(c.Messages) == 0 {
		return 0
	}
	return c.Messages[len(c.Messages)-1].ID
}
