package ticket_test

import (
	"slices"
	"strconv"
	"testing"

	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

func TestTheBestTwoHundredComeOnPages(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	multitude(d, 230, "gramophone")
	f := ticket.Filter{View: ticket.All, Query: filter.Query{Text: "gramophone"}}
	seen := map[int64]bool{}
	var pages []ticket.Page
	for range 10 {
		p := list(d, f)
		pages = append(pages, p)
		for _, l := range p.Lines {
			seen[l.ID] = true
		}
		if !p.Older {
			break
		}
		f.After = p.Lines[len(p.Lines)-1].Key()
	}
	if len(pages) != 4 || len(seen) != ticket.BestHits {
		t.Fatalf("%d pages with %d tickets, want 4 with %d", len(pages), len(seen), ticket.BestHits)
	}
	if f.After = ""; !list(d, f).Part {
		t.Error("nothing says that there are more")
	}
	f.Query.Text = "gramophone middling"
	if list(d, f).Part {
		t.Error("of all that fits it is said that there may be more")
	}
	f.Query.Text = "gramophone"
	f.Before = pages[3].Lines[0].Key()
	if back := list(d, f); !slices.Equal(ids(back), ids(pages[2])) || !back.Newer || !back.Older {
		t.Error("the way back from the last page does not lead to the one before")
	}
	f.Before, f.Start = "", "200"
	last := list(d, f)
	f.Before, f.Start = last.Lines[0].Key(), ""
	if back := list(d, f); len(last.Lines) != 1 || back.Lines[len(back.Lines)-1].Key() != "199" {
		t.Errorf("before the last one stands %s", back.Lines[len(back.Lines)-1].Key())
	}
}

func TestASearchThatLookedAtAllSaysNothingOfMore(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	multitude(d, 100, "oboe")
	for _, view := range []ticket.View{ticket.All, ticket.Unassigned} {
		if p := list(d, ticket.Filter{View: view, Query: filter.Query{Text: "oboe"}}); p.Part || !p.Older {
			t.Errorf("%s: of a hundred tickets that were all looked at it is said that there may be more", view)
		}
	}
}

func TestWhatHoldsAWordAsItWasTypedIsNotCrowdedOutByItsOtherForms(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := d.Open(ann, "Orchestra", "We came with klarnetami.").TicketID
	multitude(d, 400, "klarnety")
	for _, view := range []ticket.View{ticket.All, ticket.Unassigned} { // by the index of words, and ticket by ticket
		p := list(d, ticket.Filter{View: view, Query: filter.Query{Text: "klarnetami"}})
		if len(p.Lines) < 50 || p.Lines[0].ID != id {
			t.Errorf("%s: the best of %d is not the one with the very word", view, len(p.Lines))
		}
	}
}

func TestTheNewestWithAnotherFormOfAWordAreFoundHoweverManyHaveIt(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	first := d.Open(ann, "Orchestra", "We came with klarnetami.").TicketID
	multitude(d, 100, "piano")
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `
			WITH old AS (INSERT INTO message (ticket_id, kind, at) SELECT id, 'in', now() - interval '1 year' FROM generate_series(1, 205), ticket RETURNING id, ticket_id)
			INSERT INTO search_document (message_id, ticket_id, words) SELECT id, ticket_id, search_vector(id, 'other', '', '', 'klarnety', '') FROM old`)
		if err == nil {
			_, err = pg.Exec(t.Context(), tx, `SELECT setval(pg_get_serial_sequence('message', 'id'), 300000)`)
		}
		return err
	})
	last := d.Open(ann, "Concert", "Two klarnety are missing.").TicketID
	if p := look(d, d.Agent, "klarnetami"); len(p.Lines) < 50 || p.Lines[0].ID != first || p.Lines[1].ID != last {
		t.Errorf("found %v, want %d and %d before all others", ids(p), first, last)
	}
}

// Of many that fit the newest are listed, and whenever some were not looked at it is told that there may be more.
func TestOfManyTheNewestAreListedAndItIsToldThatThereMayBeMore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tickets, mine, listed int
		part                  bool
	}{{900, 150, 150, false}, {900, 250, ticket.BestHits, true}, {5_100, 60, 60, true}} {
		d := fixture.New(t)
		multitude(d, c.tickets, "oboe")
		d.Tx(func(tx *pg.Tx) error {
			_, err := pg.Exec(t.Context(), tx, `UPDATE ticket SET assignee_id = $1 WHERE id IN (SELECT id FROM ticket ORDER BY id % 3, id DESC LIMIT $2)`, d.Agent.ID, c.mine)
			return err
		})
		newest, err := pg.List[int64](t.Context(), d.DB, `SELECT id FROM ticket WHERE assignee_id = $1 ORDER BY changed_at DESC LIMIT $2`, d.Agent.ID, c.listed)
		if err != nil {
			t.Fatal(err)
		}
		f := ticket.Filter{View: ticket.All, Query: filter.Query{Text: "oboe", Terms: []filter.Term{{Field: filter.Assignee, Values: []string{filter.Me}}}}}
		p := list(d, f)
		part, found := p.Part, ids(p)
		for p.Older {
			f.After = strconv.Itoa(len(found))
			p = list(d, f)
			found = append(found, ids(p)...)
		}
		slices.Sort(found)
		slices.Sort(newest)
		if part != c.part || !slices.Equal(found, newest) {
			t.Errorf("of %d with the word %d are mine: %d are found, and %t that there may be more", c.tickets, c.mine, len(found), part)
		}
	}
}

func TestWhereNoneOfTheNewestFitsItIsToldThatOlderOnesMay(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	multitude(d, 2_800, "oboe")
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `
			WITH mine AS (UPDATE ticket SET assignee_id = $1 WHERE id IN (SELECT id FROM ticket ORDER BY id LIMIT 600) RETURNING id)
			DELETE FROM search_document WHERE ticket_id IN (SELECT id FROM mine)`, d.Agent.ID)
		return err
	})
	mine := ticket.Filter{View: ticket.All, Query: filter.Query{Text: "oboe", Terms: []filter.Term{{Field: filter.Assignee, Values: []string{filter.Me}}}}}
	if p := list(d, mine); len(p.Lines) != 0 || !p.Part {
		t.Errorf("it finds %v, and %t that there may be more", ids(p), p.Part)
	}
	if p := look(d, d.Agent, "bassoon"); len(p.Lines) != 0 || p.Part {
		t.Errorf("of a word that nobody uses it finds %v, and %t that there may be more", ids(p), p.Part)
	}
}

// multitude fills the inbox in bulk; every message holds each of the words.
func multitude(d *fixture.Desk, tickets int, words string) {
	d.Helper()
	d.Tx(func(tx *pg.Tx) error {
		for _, sql := range []string{
			`INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, requester, created_at, changed_at, last_in_id)
				SELECT 'Matter ' || n, $2, s.id, s.kind, 1, 'user' || n || '@crowd.example', now() - n * interval '1 minute', now() - n * interval '1 minute', 0
				FROM generate_series($1::int, 1, -1) n, status s WHERE s.key = 'new' AND $3 <> ''`,
			`INSERT INTO message (ticket_id, kind, at) SELECT id, 'in', created_at FROM ticket WHERE subject LIKE 'Matter %' AND $1 > 0 AND $2 > 0 AND $3 <> '' ORDER BY id`,
			`INSERT INTO message_body (message_id, text) SELECT m.id, $3 FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE t.subject LIKE 'Matter %' AND $1 > 0 AND $2 > 0`,
			`INSERT INTO search_document (message_id, ticket_id, words)
				SELECT m.id, m.ticket_id, search_vector(m.id, 'other', t.subject, t.requester,
					$3 || CASE WHEN m.id % 100 = 0 THEN ' middling' ELSE '' END || CASE WHEN m.id % 2000 = 0 THEN ' rare' ELSE '' END || CASE WHEN m.id % 500 = 0 THEN ' middlingform' || m.id % 7 ELSE '' END, '')
				FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE t.subject LIKE 'Matter %' AND $1 > 0 AND $2 > 0`,
			`INSERT INTO search_heading SELECT id, search_plain(subject || ' ' || requester) FROM ticket WHERE subject LIKE 'Matter %' AND $1 > 0 AND $2 > 0 AND $3 <> ''`,
		} {
			if _, err := pg.Exec(d.Context(), tx, sql, tickets, d.Inbox, words); err != nil {
				return err
			}
		}
		return nil
	})
}
