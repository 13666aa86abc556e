package seed

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"frontdesk/internal/pg"
)

// crowd are the customers. Who the n-th is follows from n alone, so that nobody needs to be kept.
type crowd struct {
	seed               uint64
	companies, persons int
	firstCompany       int64 // ids; the persons follow the companies
}

// customer is one person who writes.
type customer struct {
	id            int64
	known         bool // stands among the customers; the others are only an address
	tongue        int
	name, address string
}

// perCompany is how many customers there are for each company; one in four persons belongs to one.
const perCompany = 12

var letters = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ó", "o", "ś", "s", "ź", "z", "ż", "z", " ", ".")

func (c crowd) person(n int) customer {
	rnd := rand.New(rand.NewPCG(c.seed^0x5eed, uint64(n)))
	w := customer{id: c.firstCompany + int64(c.companies+n), known: rnd.IntN(5) > 0, tongue: []int{0, 0, 1, 2, 0, 1, 2, 0, 1, 2}[rnd.IntN(10)]}
	t := tongues[w.tongue]
	w.name = t.first[zipf(rnd, len(t.first))] + " " + t.last[zipf(rnd, len(t.last))]
	w.address = fmt.Sprintf("%s%d@%s.example", letters.Replace(strings.ToLower(w.name)), n+1, []string{"post", "brief", "poczta"}[w.tongue])
	return w
}

// writes is who writes next: some write often.
func (c crowd) writes(rnd *rand.Rand) customer {
	if rnd.IntN(3) == 0 {
		return c.person(zipf(rnd, c.persons))
	}
	return c.person(rnd.IntN(c.persons))
}

// addCrowd writes the companies and the persons whom the desk knows.
func addCrowd(ctx context.Context, tx *pg.Tx, o Options, since time.Time) (crowd, error) {
	c := crowd{seed: o.Seed, persons: max(20, o.Tickets/6)}
	c.companies = max(1, c.persons/perCompany)
	next, err := nextID(ctx, tx, "customer")
	if err != nil {
		return c, err
	}
	c.firstCompany = next
	var rows [][]any
	for i := range c.companies {
		rows = append(rows, []any{next + int64(i), "company", model(i) + []string{" Ltd", " GmbH", " Sp. z o.o."}[i%3], nil, i%40 == 0, since})
	}
	columns := []string{"id", "kind", "name", "company_id", "vip", "created_at"}
	if err := pg.Copy(ctx, tx, "customer", columns, rows); err != nil {
		return c, fmt.Errorf("write companies: %w", err)
	}
	for n := 0; n < c.persons; {
		rows = rows[:0]
		var addresses [][]any
		for ; n < c.persons && len(rows) < chunk; n++ {
			w := c.person(n)
			if !w.known {
				continue
			}
			var company any
			if n%4 == 0 {
				company = next + int64(n/4%c.companies)
			}
			rows = append(rows, []any{w.id, "person", w.name, company, n%50 == 7, since})
			addresses = append(addresses, []any{w.id, "email", w.address})
			if n%3 == 0 {
				addresses = append(addresses, []any{w.id, "phone", fmt.Sprintf("+48 %d %03d %03d", 500+n%300, n/7%1000, n%1000)})
			}
		}
		if err := pg.Copy(ctx, tx, "customer", columns, rows); err != nil {
			return c, fmt.Errorf("write customers: %w", err)
		}
		if err := pg.Copy(ctx, tx, "customer_address", []string{"customer_id", "kind", "value"}, addresses); err != nil {
			return c, fmt.Errorf("write addresses: %w", err)
		}
	}
	return c, countOn(ctx, tx, "customer", next+int64(c.companies+c.persons)-1)
}
