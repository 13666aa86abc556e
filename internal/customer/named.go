package customer

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"frontdesk/internal/pg"
)

// shortest is how many characters of a name or address are needed to look for it: fewer are found everywhere.
const shortest = 3

// Found is a customer as a picker shows them.
type Found struct {
	ID      int64
	Name    string
	Kind    string // person, company
	Company string // of a person
	Address string // the first e-mail address
}

// mostNamed is how many customers of each kind Named chooses from: a first name that thousands have is typed on.
const mostNamed = 300

// Named finds customers by a part of their name or e-mail address, whatever the accents; names that begin with it come first. At most most, none for
// words that are too short.
func Named(ctx context.Context, r pg.Reader, words string, most int) ([]Found, error) {
	words = strings.TrimSpace(words)
	if len([]rune(words)) < shortest {
		return nil, nil
	}
	plain := pg.Literal(`search_plain($1)`)
	some := ` LIMIT ` + strconv.Itoa(mostNamed)
	list, err := pg.List[Found](ctx, r, `
		WITH begin AS MATERIALIZED (SELECT id FROM customer WHERE search_plain(name) LIKE `+plain+` || '%'),
		hold AS MATERIALIZED (SELECT id FROM customer WHERE search_plain(name) LIKE '%' || `+plain+` || '%'),
		write AS MATERIALIZED (SELECT customer_id AS id FROM customer_address WHERE kind = 'email' AND lower(value) LIKE '%' || `+pg.Literal(`lower($1)`)+` || '%')
		SELECT c.id, c.name, c.kind, COALESCE(co.name, '') AS company,
			COALESCE((SELECT value FROM customer_address WHERE customer_id = c.id AND kind = 'email' ORDER BY id LIMIT 1), '') AS address
		FROM customer c LEFT JOIN customer co ON co.id = c.company_id
		WHERE c.deleted_at IS NULL AND c.id IN ((SELECT id FROM begin`+some+`) UNION (SELECT id FROM hold`+some+`) UNION (SELECT id FROM write`+some+`))
		ORDER BY search_plain(c.name) LIKE `+plain+` || '%' DESC, c.name COLLATE "und-x-icu", c.id LIMIT $2`, words, most)
	if err != nil {
		return nil, fmt.Errorf("find customers by name: %w", err)
	}
	return list, nil
}
