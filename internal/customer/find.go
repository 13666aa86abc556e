// Package customer knows persons and companies.
package customer

import "frontdesk/internal/pg"

// AskByAddress adds to a batch the question who has an e-mail address (lower case, domain in punycode). The answer, once the batch ran, is nil
// when nobody has it, and when several do: then a person chooses on the card.
func AskByAddress(b *pg.Batch, address string) (answer func() *int64) {
	ids := new([]int64)
	pg.Ask(b, ids, byAddress, address)
	return func() *int64 {
		if len(*ids) != 1 {
			return nil
		}
		return &(*ids)[0]
	}
}

// byAddress finds who has an address: one, nobody, or two of several.
const byAddress = `
	SELECT DISTINCT c.id FROM customer_address a JOIN customer c ON c.id = a.customer_id
	WHERE a.kind = 'email' AND a.value = $1 AND $1 <> '' AND c.deleted_at IS NULL LIMIT 2`
