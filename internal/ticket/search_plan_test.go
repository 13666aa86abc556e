package ticket_test

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// tap remembers the statements that have a part.
type tap struct {
	pg.Reader
	part string
	seen []*pgx.QueuedQuery
}

func (t *tap) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		if strings.Contains(q.SQL, t.part) {
			t.seen = append(t.seen, &pgx.QueuedQuery{SQL: q.SQL, Arguments: q.Arguments})
		}
	}
	return t.Reader.SendBatch(ctx, b)
}

var read8k = regexp.MustCompile(`Buffers: shared hit=(\d+)(?: read=(\d+))?`)

func TestSearchReadsLittleWhateverTheWords(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	multitude(d, 12_000, "gramophone needle")
	if _, err := d.DB.Pool().Exec(t.Context(), `VACUUM ANALYZE`); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"rare", "middling", "gramophone", "gramophone needle", "gramophone middling", "middlingform*", "gramophone -needle", "-middling", `"gramophone needle"`, "matter 4711"} {
		seen := &tap{Reader: d.DB, part: "search_"}
		p, err := ticket.List(t.Context(), seen, d.Agent, ticket.Filter{View: ticket.All, Query: filter.Query{Text: words}})
		if err != nil || words != "gramophone -needle" && len(p.Lines) == 0 {
			t.Fatalf("%s finds %d, %v", words, len(p.Lines), err)
		}
		pages := 0
		for _, q := range seen.seen {
			plan, err := pg.List[string](t.Context(), d.DB, `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) `+q.SQL, q.Arguments...)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(plan, "\n")
			for _, table := range []string{"search_document", "search_heading", "ticket", "message"} {
				if regexp.MustCompile(`Seq Scan on ` + table + `\b`).MatchString(all) {
					t.Errorf("%s reads all of %s:\n%s", words, table, all)
				}
			}
			m := read8k.FindStringSubmatch(all)
			if m == nil {
				t.Fatalf("%s: the plan tells no pages:\n%s", words, all)
			}
			hit, _ := strconv.Atoi(m[1])
			pages += hit
		}
		// 5,000 messages held against the filter are the most: their rows, and the pages to find the ticket of each, and for an excluded word its
		// messages.
		if len(seen.seen) == 0 || pages > 50_000 {
			t.Errorf("%s: %d statements read %d pages", words, len(seen.seen), pages)
		}
	}
}
