// Package customer knows persons and companies.
package customer

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
)

// ByAddress finds the one customer with an e-mail address (lower case, domain in punycode). Nil when nobody has it, and when several do: then
// a person chooses on the card.
func ByAddress(ctx context.Context, r pg.Reader, address string) (*int64, error) {
	ids, err := pg.List[int64](ctx, r, `
		SELECT DISTINCT c.id FROM customer_address a JOIN customer c ON c.id = a.customer_id
		WHERE a.kind = 'email' AND a.value = $1 AND c.deleted_at IS NULL LIMIT 2`, address)
	if err != nil {
		return nil, fmt.Errorf("find the customer of an address: %w", err)
	}
	if len(ids) != 1 {
		return nil, nil
	}
	return &ids[0], nil
}
