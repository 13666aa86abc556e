package seed

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
)

// filled are the tables that get many rows.
var filled = []string{"customer", "customer_address", "ticket", "message", "message_body", "message_file", "ticket_participant", "ticket_clock", "outbox", "outbox_recipient",
	"ticket_seen", "ticket_star", "ticket_observer", "event"}

// searched are those that package search fills when the others are there.
var searched = []string{"search_document", "search_heading"}

// part is an index or a foreign key that rests: how it goes and how it comes back.
type part struct {
	Name, Away, Back string
}

// rest takes the foreign keys and the plain indexes off tables to be filled, and returns what puts them back: writing each row into each index is
// ten times the work of building the index once. What the catalogue says now is what stands there in the end, whichever migrations have run.
func rest(ctx context.Context, tx *pg.Tx, tables []string) (back func(say func(string)) error, err error) {
	keys, err := pg.List[part](ctx, tx, `
		SELECT conname AS name, 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname) AS away,
			'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) AS back
		FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY($1::text[]::regclass[]) ORDER BY conrelid::regclass::text, conname`, tables)
	if err != nil {
		return nil, fmt.Errorf("look for foreign keys: %w", err)
	}
	indexes, err := pg.List[part](ctx, tx, `
		SELECT indexrelid::regclass::text AS name, 'DROP INDEX ' || indexrelid::regclass AS away, pg_get_indexdef(indexrelid) AS back
		FROM pg_index i WHERE indrelid = ANY($1::text[]::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
		ORDER BY indrelid::regclass::text, indexrelid::regclass::text`, tables)
	if err != nil {
		return nil, fmt.Errorf("look for indexes: %w", err)
	}
	parts := append(indexes, keys...)
	for _, p := range parts {
		if _, err := pg.Exec(ctx, tx, p.Away); err != nil {
			return nil, fmt.Errorf("let %s rest: %w", p.Name, err)
		}
	}
	return func(say func(string)) error {
		if _, err := pg.Exec(ctx, tx, `SET LOCAL maintenance_work_mem = '512MB'`); err != nil {
			return err
		}
		say(fmt.Sprintf("%d indexes and %d foreign keys", len(indexes), len(keys)))
		for _, p := range parts {
			if _, err := pg.Exec(ctx, tx, p.Back); err != nil {
				return fmt.Errorf("put %s back: %w", p.Name, err)
			}
		}
		for _, t := range tables {
			if _, err := pg.Exec(ctx, tx, `ANALYZE `+t); err != nil {
				return fmt.Errorf("count %s: %w", t, err)
			}
		}
		return nil
	}, nil
}
