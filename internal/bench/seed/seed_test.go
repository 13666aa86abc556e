package seed_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/bench/seed"
	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/ticket"
)

func options(t *testing.T) seed.Options {
	t.Helper()
	sealer, err := mailbox.NewSealer(fixture.Key)
	if err != nil {
		t.Fatal(err)
	}
	return seed.Options{Tickets: 600, Messages: 3000, Agents: 4, Password: fixture.Password, Sealer: sealer}
}

func enter(t *testing.T, db *pg.DB, n int) agent.Agent {
	t.Helper()
	var session string
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		id, err := pg.One[int64](t.Context(), tx, `SELECT id FROM agent WHERE email = $1`, seed.MailOf(n))
		if err == nil {
			session, err = agent.Enter(t.Context(), tx, id, "127.0.0.1", "test")
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	s, err := agent.BySession(t.Context(), db, session, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return s.Agent
}

func TestSeedMakesADeskThatHoldsTogether(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	before := schema(t, db)
	began, err := pg.One[time.Time](t.Context(), db, `SELECT now()`)
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.Fill(t.Context(), db, options(t)); err != nil {
		t.Fatal(err)
	}
	for what, sql := range map[string]string{
		"tickets":                                        `SELECT count(*) = 600 FROM ticket`,
		"messages":                                       `SELECT count(*) = 3000 FROM message`,
		"every message has a body":                       `SELECT count(*) = 3000 FROM message_body JOIN message ON id = message_id`,
		"a conversation of 20":                           `SELECT bool_or(n = 20) FROM (SELECT count(*) AS n FROM message GROUP BY ticket_id) x`,
		"a conversation of 500":                          `SELECT bool_or(n = 500) FROM (SELECT count(*) AS n FROM message GROUP BY ticket_id) x`,
		"every ticket begins with its customer":          `SELECT bool_and(kind = 'in') FROM (SELECT DISTINCT ON (ticket_id) kind FROM message ORDER BY ticket_id, id) x`,
		"last_in is the newest message of the customer":  `SELECT bool_and(last_in_id = (SELECT max(id) FROM message m WHERE m.ticket_id = ticket.id AND kind = 'in')) FROM ticket`,
		"numbers follow time":                            `SELECT bool_and(at >= before) FROM (SELECT at, lag(at) OVER (ORDER BY id) AS before FROM message) x`,
		"nothing lies in the future":                     `SELECT max(at) <= now() FROM (SELECT at FROM message UNION ALL SELECT changed_at FROM ticket UNION ALL SELECT at FROM event) x`,
		"changed with its last message or after":         `SELECT bool_and(changed_at >= (SELECT max(at) FROM message WHERE ticket_id = ticket.id)) FROM ticket`,
		"the kind is that of the status":                 `SELECT bool_and(t.kind = s.kind) FROM ticket t JOIN status s ON s.id = t.status_id`,
		"most are closed, some are open":                 `SELECT count(*) FILTER (WHERE kind = 'closed') > 500 AND count(*) FILTER (WHERE kind <> 'closed') > 0 FROM ticket`,
		"closed ones have a time":                        `SELECT bool_and((kind = 'closed') = (closed_at IS NOT NULL)) FROM ticket`,
		"next_due is the least running clock":            `SELECT bool_and(next_due IS NOT DISTINCT FROM (SELECT min(due_at) FROM ticket_clock WHERE ticket_id = id AND met_at IS NULL)) FROM ticket`,
		"crossings were told at their time":              `SELECT count(*) = 0 FROM ticket_clock WHERE met_at IS NULL AND crossed_at IS NULL AND due_at < '` + began.Format(time.RFC3339Nano) + `'`,
		"every letter of ours was sent":                  `SELECT bool_and(o.state = 'sent' AND r.state = 'accepted') FROM message m LEFT JOIN outbox o ON o.message_id = m.id LEFT JOIN outbox_recipient r ON r.outbox_id = o.id WHERE m.kind = 'out'`,
		"every message can be searched":                  `SELECT count(*) = 3000 FROM search_document JOIN message m ON m.id = message_id`,
		"every ticket has its heading":                   `SELECT count(*) = 600 FROM search_heading`,
		"every message has its event":                    `SELECT count(DISTINCT message_id) = 3000 FROM event WHERE kind IN ('opened', 'received', 'replied', 'commented')`,
		"the one who has a ticket works in its queue":    `SELECT bool_and(EXISTS (SELECT FROM agent_queue q WHERE q.agent_id = assignee_id AND q.queue_id = ticket.queue_id)) FROM ticket WHERE assignee_id IS NOT NULL`,
		"nobody has read what is not there":              `SELECT bool_and(message_id <= last_in_id) FROM ticket_seen JOIN ticket ON id = ticket_id`,
		"quotes begin where they say":                    `SELECT count(*) > 0 AND bool_and(substr(convert_from(substr(text::bytea, quote_at + 1), 'utf8'), 1, 1) ~ '[OAD]') FROM message_body WHERE quote_at IS NOT NULL AND text !~ '\\'`,
		"three languages":                                `SELECT count(DISTINCT language) = 3 FROM ticket`,
		"the next ticket's number has not been given":    `SELECT nextval('ticket_id_seq') > max(id) FROM ticket`,
		"the next message's number has not been given":   `SELECT nextval('message_id_seq') > max(id) FROM message`,
		"the next letter's number has not been given":    `SELECT nextval('outbox_id_seq') > max(id) FROM outbox`,
		"what was counted is known to the query planner": `SELECT bool_and(reltuples > 0) FROM pg_class WHERE oid IN ('ticket'::regclass, 'message'::regclass, 'event'::regclass)`,
	} {
		if ok, err := pg.One[*bool](t.Context(), db, sql); err != nil || ok == nil || !*ok {
			t.Errorf("%s: does not hold (%v)", what, err)
		}
	}
	if after := schema(t, db); after != before {
		t.Errorf("the schema is not as it was:\n%s\nbefore:\n%s", after, before)
	}
}

// schema is every index and constraint there is.
func schema(t *testing.T, db *pg.DB) string {
	t.Helper()
	s, err := pg.One[string](t.Context(), db, `
		SELECT string_agg(line, E'\n' ORDER BY line) FROM (
			SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || convalidated || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace) x`)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeededDeskIsShownCountedAndRead(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if err := seed.Fill(t.Context(), db, options(t)); err != nil {
		t.Fatal(err)
	}
	me := enter(t, db, 0)
	page, err := ticket.List(t.Context(), db, me, ticket.Filter{View: ticket.All})
	if err != nil || len(page.Lines) != ticket.PageSize || !page.Older {
		t.Errorf("the list shows %d, %v", len(page.Lines), err)
	}
	frame, err := ticket.ReadFrame(t.Context(), db, me, false)
	if c := frame.Counters; err != nil || c.Views[ticket.MyQueues] == 0 || c.Undelivered != 0 {
		t.Errorf("counters %+v, %v", c, err)
	}
	for _, word := range slices.Concat(seed.Words().Common, seed.Words().Middling[:3]) {
		found, err := ticket.List(t.Context(), db, me, ticket.Filter{View: ticket.All, Query: filter.Query{Text: word}})
		if err != nil || len(found.Lines) == 0 {
			t.Errorf("searching for %s finds %d, %v", word, len(found.Lines), err)
		}
	}
	longest, err := pg.One[int64](t.Context(), db, `SELECT ticket_id FROM message GROUP BY ticket_id HAVING count(*) = 500`)
	if err != nil {
		t.Fatal(err)
	}
	card, err := ticket.Read(t.Context(), db, me, longest, ticket.Mark{})
	if err != nil || len(card.Messages) != ticket.CardSize || len(card.Deliveries) == 0 || len(card.Events) == 0 || len(card.Participants) == 0 {
		t.Errorf("the card of %d holds %d messages, %d letters, %d events, %d participants, %v", longest, len(card.Messages), len(card.Deliveries), len(card.Events), len(card.Participants), err)
	}
}

func TestSeedLeavesADeskAloneUnlessAsked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	o := options(t)
	o.Tickets, o.Messages = 30, 40
	if err := seed.Fill(t.Context(), db, o); err != nil {
		t.Fatal(err)
	}
	if err := seed.Fill(t.Context(), db, o); !errors.Is(err, seed.ErrNotEmpty) {
		t.Errorf("filled a desk that was there: %v", err)
	}
	o.Add, o.Seed = true, 2
	if err := seed.Fill(t.Context(), db, o); err != nil {
		t.Fatal(err)
	}
	if got, err := pg.One[[]int](t.Context(), db, `SELECT ARRAY[(SELECT count(*) FROM ticket), (SELECT count(*) FROM message), (SELECT count(*) FROM agent)]::int[]`); err != nil || got[0] != 60 || got[1] != 80 || got[2] != 4 {
		t.Errorf("there are %v tickets, messages and agents, %v", got, err)
	}
}

func TestSeedThatIsStoppedLeavesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	before := schema(t, db)
	ctx, stop := context.WithCancel(t.Context())
	o := options(t)
	o.Say = func(what string) {
		if what[len(what)-len("customers"):] == "customers" {
			stop()
		}
	}
	if err := seed.Fill(ctx, db, o); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if left, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM agent`); err != nil || left != 0 || schema(t, db) != before {
		t.Errorf("%d agents were left, %v", left, err)
	}
}
