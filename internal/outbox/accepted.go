package outbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// End is an attempt and its answers.
type End struct {
	Lease
	Answers
}

// AcceptedByAll writes the usual end of many letters in one round trip: everybody who was left has the letter, and nobody refused it before. The
// letters it settled come back; the others are for Answered.
func AcceptedByAll(ctx context.Context, tx *pg.Tx, list []End) ([]Settled, error) {
	var letters, codes, owners, answers []int64
	var tokens []Token
	var texts, addresses, words []string
	for _, e := range list {
		if len(e.Answers.To) != len(e.Lease.To) || slices.ContainsFunc(e.Answers.To, func(t Answer) bool { return t.Verdict != Accepted }) {
			continue
		}
		letters, tokens, codes, texts = append(letters, e.ID), append(tokens, e.Token), append(codes, int64(e.Code)), append(texts, e.Text)
		for _, t := range e.Answers.To {
			owners, addresses, answers, words = append(owners, e.ID), append(addresses, t.Address), append(answers, int64(t.Code)), append(words, t.Text)
		}
	}
	if len(letters) == 0 {
		return nil, nil
	}
	out, err := pg.List[Settled](ctx, tx, acceptedSQL, pgx.NamedArgs{"letters": letters, "tokens": tokens, "codes": codes, "texts": texts,
		"owners": owners, "addresses": addresses, "answers": answers, "words": words, "now": tx.Now, "open": []string{"leased", "dot", "uncertain"}})
	if err != nil {
		return nil, fmt.Errorf("settle %d letters: %w", len(letters), err)
	}
	return out, nil
}

const acceptedSQL = `
	WITH sent AS (
		UPDATE outbox SET state = 'sent', lease = NULL, lease_until = NULL, resolve_at = NULL, code = x.code, text = x.text, partly = true,
			settled_at = @now, trouble = false, trouble_at = NULL,
			sent_copy = CASE WHEN ` + wantsCopy + ` THEN 'pending' ELSE sent_copy END,
			copy_after = CASE WHEN ` + wantsCopy + ` THEN @now ELSE copy_after END
		FROM unnest(@letters::bigint[], @tokens::uuid[], @codes::int[], @texts::text[]) AS x (id, lease, code, text), mailbox m
		WHERE outbox.id = ANY(@letters) AND outbox.id = x.id AND m.id = outbox.mailbox_id AND outbox.lease = x.lease AND state = ANY(@open)
			AND NOT EXISTS (SELECT FROM outbox_recipient r WHERE r.outbox_id = x.id AND r.state = 'refused')
		RETURNING outbox.id, outbox.state, outbox.ticket_id, outbox.message_id, outbox.kind, outbox.created_at, outbox.sent_copy),
	served AS (
		UPDATE outbox_recipient r SET state = 'accepted', code = x.code, text = x.text, at = @now
		FROM sent, unnest(@owners::bigint[], @addresses::text[], @answers::int[], @words::text[]) AS x (id, address, code, text)
		WHERE x.id = sent.id AND r.outbox_id = sent.id AND r.address = x.address AND r.state IN ('pending', 'deferred'))
	SELECT id, state, ticket_id, message_id, kind, created_at AS clicked, sent_copy = 'pending' AS copy FROM sent`
