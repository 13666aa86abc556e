package customer

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// addressClass is the class of the advisory locks on addresses that nobody has yet.
const addressClass = 7263

// maxName is how much of what a sender calls themself is kept, in characters.
const maxName = 200

// Meet answers who has the address of a mail: the customer it belongs to, or a new person, called as the mail calls its sender, else by the
// address. nil when several have it: then a person chooses. Of two mails by one new sender the second waits for the first to be settled, so
// that they make one customer.
func Meet(ctx context.Context, tx *pg.Tx, name, address string) (*int64, error) {
	if _, err := pg.Exec(ctx, tx, `SELECT pg_advisory_xact_lock($1::integer, hashtext($2))`, addressClass, address); err != nil {
		return nil, fmt.Errorf("meet %s: %w", address, err)
	}
	have, err := pg.List[int64](ctx, tx, byAddress, address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("meet %s: %w", address, err)
	case len(have) == 1:
		return &have[0], nil
	case len(have) > 1:
		return nil, nil
	}
	id, err := add(ctx, tx, calledBy(name, address), address)
	if err != nil {
		return nil, fmt.Errorf("meet %s: %w", address, err)
	}
	return &id, nil
}

// add makes a person with one address; the system's doing, because a mail came.
func add(ctx context.Context, tx *pg.Tx, name, address string) (int64, error) {
	id, err := pg.One[int64](ctx, tx, `
		WITH new AS (INSERT INTO customer (kind, name, created_at) VALUES ('person', $1, $2) RETURNING id)
		INSERT INTO customer_address (customer_id, kind, value) SELECT id, 'email', $3 FROM new RETURNING customer_id`, name, tx.Now, address)
	if err != nil {
		return 0, err
	}
	err = event.Record(tx, event.Event{
		SubjectKind: event.OfCustomer, SubjectID: id, Kind: event.CustomerAdded, Data: event.Data{Name: name, Source: "email", Text: address},
	})
	return id, err
}

// calledBy is a name on one line and of bearable length.
func calledBy(name, address string) string {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		return address
	}
	if r := []rune(name); len(r) > maxName {
		return string(r[:maxName])
	}
	return name
}
