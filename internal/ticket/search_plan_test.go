package ticket_test

import (
	"context"
	"fmt"
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
	for _, sql := range []string{`UPDATE ticket SET assignee_id = (SELECT id FROM agent WHERE email = '` + d.Agent.Email + `') WHERE id IN (SELECT id FROM ticket ORDER BY changed_at LIMIT 20)`, `VACUUM ANALYZE`} {
		if _, err := d.DB.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	mine := ticket.Filter{View: ticket.All, Query: filter.Query{Text: "gramophone", Terms: []filter.Term{{Field: filter.Assignee, Values: []string{filter.Me}}}}}
	if p := list(d, mine); len(p.Lines) != 20 || p.Part {
		t.Errorf("of 20 tickets in a filter a common word finds %d, and %t that there may be more", len(p.Lines), p.Part)
	}
	for _, words := range []string{"rare", "middling", "gramophone", "gramophone needle", "gramophone middling", "middlingform*", "gramophone -needle", "-middling", `"gramophone needle"`, `"needle gramophone"`, "matter 4711", "older:8d gramophone"} {
		q, _ := filter.Parse(words)
		seen := &tap{Reader: d.DB, part: "search_"}
		p, err := ticket.List(t.Context(), seen, d.Agent, ticket.Filter{View: ticket.All, Query: q})
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

func TestASearchAmongFewTicketsReadsThoseAndNoOthers(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	own := []int64{d.Open("anna@client.example", "Broken", "Two gramophones do not play.").TicketID, d.Open("anna@client.example", "Late", "The gramophone is late.").TicketID}
	multitude(d, 3_000, "gramophone")
	for _, id := range own {
		if err := update(d, d.Agent, id, ticket.Change{Assignee: ticket.To(d.Agent.ID)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		view  ticket.View
		query string
		few   bool
	}{{ticket.Mine, "gramophone", true}, {ticket.Unassigned, "gramophone", false}, {ticket.All, "gramophone", false},
		{ticket.All, fmt.Sprintf("id:%d,%d gramophone", own[0], own[1]), true}, {ticket.All, fmt.Sprintf("-id:%d gramophone", own[0]), false}} {
		words := &tap{Reader: d.DB, part: "words @@"}
		q, _ := filter.Parse(c.query)
		p, err := ticket.List(t.Context(), words, d.Agent, ticket.Filter{View: c.view, Query: q})
		if err != nil {
			t.Fatal(err)
		}
		if looks := len(words.seen); (looks == 0) != c.few {
			t.Errorf("%s, %s: the index of words was asked %d times", c.view, c.query, looks)
		}
		if found := len(p.Lines); c.few != (found == len(own)) {
			t.Errorf("%s, %s: %d tickets", c.view, c.query, found)
		}
	}
}
