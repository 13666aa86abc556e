package ticket_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// deeds are what may happen to a ticket; $1 are the tickets it happens to, $2 a number by chance.
var deeds = []string{
	`UPDATE ticket SET status_id = s.id, kind = s.kind FROM (SELECT id, kind FROM status ORDER BY id OFFSET $2 % 7 LIMIT 1) s WHERE ticket.id = ANY($1)`,
	`UPDATE ticket SET assignee_id = CASE WHEN $2 % 3 > 0 THEN (SELECT id FROM agent ORDER BY id OFFSET $2 % 3 LIMIT 1) END WHERE id = ANY($1)`,
	`UPDATE ticket SET queue_id = (SELECT id FROM queue ORDER BY id OFFSET $2 % 3 LIMIT 1) WHERE id = ANY($1)`,
	`UPDATE ticket SET changed_at = changed_at + ($2 % 1000) * interval '1 second' WHERE id = ANY($1)`,
	`UPDATE ticket SET deleted_at = CASE WHEN $2 % 3 = 0 THEN changed_at END WHERE id = ANY($1)`,
	`UPDATE ticket SET tag_ids = CASE WHEN $2 % 2 = 0 THEN ARRAY(SELECT id FROM tag ORDER BY id LIMIT $2 % 4) ELSE '{}' END WHERE id = ANY($1)`,
	`UPDATE ticket SET last_in_id = last_in_id + $2 % 2 WHERE id = ANY($1)`,
	`INSERT INTO ticket_star SELECT (SELECT id FROM agent ORDER BY id OFFSET $2 % 3 LIMIT 1), x FROM unnest($1::bigint[]) x ON CONFLICT DO NOTHING`,
	`DELETE FROM ticket_star WHERE ticket_id = ANY($1) AND agent_id % 3 = $2 % 3`,
	`INSERT INTO ticket_observer SELECT (SELECT id FROM agent ORDER BY id OFFSET $2 % 3 LIMIT 1), x FROM unnest($1::bigint[]) x ON CONFLICT DO NOTHING`,
	`DELETE FROM ticket_observer WHERE ticket_id = ANY($1) AND agent_id % 3 = $2 % 3`,
	`INSERT INTO ticket_seen SELECT (SELECT id FROM agent ORDER BY id OFFSET $2 % 3 LIMIT 1), id, last_in_id FROM ticket WHERE id = ANY($1)
		ON CONFLICT (agent_id, ticket_id) DO UPDATE SET message_id = excluded.message_id`,
}

func TestCountersEqualARecountAfterTenThousandChanges(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	all := crowd(d, 600)
	saved := []desk.SavedView{{Name: "a", Base: "queues", Query: "tag:vip"}, {Name: "b", Base: "all", Query: "-queue:inbox is:unread"}, {Name: "c", Base: "all", Query: "lamp"}}
	dice := rand.New(rand.NewPCG(3, 60))
	for range 10 {
		d.Tx(func(tx *pg.Tx) error {
			for range 100 {
				var some []int64
				for range 10 {
					some = append(some, all[dice.IntN(len(all))].ID)
				}
				slices.Sort(some)
				if _, err := pg.Exec(d.Context(), tx, deeds[dice.IntN(len(deeds))], slices.Compact(some), dice.IntN(1<<20)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, v := range saved {
		d.Tx(func(tx *pg.Tx) error {
			v.Shared = true
			_, err := desk.SaveView(d.Context(), tx, d.Admin, v)
			return err
		})
	}
	all = facts(d)
	for name, by := range readers(d) {
		f, err := ticket.ReadFrame(d.Context(), d.DB, by, false)
		if err != nil {
			t.Fatal(err)
		}
		c := f.Counters
		for _, v := range ticket.Views {
			want := 0
			for _, f := range all {
				if f.in(v, by) {
					want++
				}
			}
			if c.Views[v] != want {
				t.Errorf("%s: %s counts %d, there are %d", name, v, c.Views[v], want)
			}
		}
		if !by.Can(agent.TicketRead) && c.MineUnread+c.FreeUnread > 0 {
			t.Errorf("%s: %d and %d are new to who may read none", name, c.MineUnread, c.FreeUnread)
		}
		recount(t, name, by, c, all)
	}
}

// recount holds the counters of queues and saved views against the judge.
func recount(t *testing.T, name string, by agent.Agent, c ticket.Counters, all []fact) {
	t.Helper()
	if by.Can(agent.TicketRead) && len(c.Queues) != len(by.Queues) {
		t.Errorf("%s: %d queues are counted, the agent works in %d", name, len(c.Queues), len(by.Queues))
	}
	for _, q := range c.Queues {
		want := 0
		for _, f := range all {
			if f.QueueID == q.ID && f.open() && !f.Deleted {
				want++
			}
		}
		if q.Open != want {
			t.Errorf("%s: queue %s counts %d, there are %d", name, q.Name, q.Open, want)
		}
	}
	if len(c.Saved) != 3 {
		t.Fatalf("%s: %d saved views", name, len(c.Saved))
	}
	for _, s := range c.Saved {
		q, _ := filter.Parse(s.Query)
		want := 0
		for _, f := range all {
			if f.in(ticket.View(s.Base), by) && f.fits(q, by) {
				want++
			}
		}
		if q.Text != "" {
			want = -1 // words are not counted
		}
		if s.N != want {
			t.Errorf("%s: saved view %q counts %d, there are %d", name, s.Query, s.N, want)
		}
	}
}

func TestCountingStopsAtTheCap(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	crowd(d, 6*ticket.CountCap)
	f, err := ticket.ReadFrame(t.Context(), d.DB, d.Admin, false)
	if err != nil {
		t.Fatal(err)
	}
	if n := f.Counters.Views[ticket.All]; n != ticket.CountCap+1 {
		t.Errorf("all tickets count %d, want one more than %d", n, ticket.CountCap)
	}
	if n := f.Counters.Views[ticket.MyQueues]; n != ticket.CountCap+1 {
		t.Errorf("the tickets of all queues count %d, want one more than %d", n, ticket.CountCap)
	}
}

func TestTheFrameIsOneRoundTripWithoutSavedViews(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ask := func() int {
		ctx, n := pg.CountQueries(d.Context())
		if _, err := ticket.ReadFrame(ctx, d.DB, d.Agent, false); err != nil {
			t.Fatal(err)
		}
		return n()
	}
	if n := ask(); n != 6 {
		t.Errorf("the frame asked %d queries, want 6 with the one that keeps their plan", n)
	}
	for range 5 {
		d.Tx(func(tx *pg.Tx) error {
			_, err := desk.SaveView(d.Context(), tx, d.Agent, desk.SavedView{Name: "VIP", Base: "queues", Query: "tag:vip -tag:spam"})
			return err
		})
	}
	if n := ask(); n != 8 {
		t.Errorf("with five saved views the frame asked %d queries, want 8: what they name, and all counts", n)
	}
}

func TestAFoldedRailKnowsWhatIsNewAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	crowd(d, 200)
	d.Tx(func(tx *pg.Tx) error {
		_, err := desk.SaveView(d.Context(), tx, d.Admin, desk.SavedView{Name: "VIP", Base: "queues", Query: "tag:vip", Shared: true})
		return err
	})
	unread := 0
	for name, by := range readers(d) {
		whole, err := ticket.ReadFrame(t.Context(), d.DB, by, false)
		if err != nil {
			t.Fatal(err)
		}
		ctx, asked := pg.CountQueries(t.Context())
		folded, err := ticket.ReadFrame(ctx, d.DB, by, true)
		if err != nil {
			t.Fatal(err)
		}
		if n := asked(); n != 6 {
			t.Errorf("%s: folded, the frame asked %d queries, want 6 with a saved view too", name, n)
		}
		unread += folded.Counters.MineUnread + folded.Counters.FreeUnread
		for _, v := range []ticket.View{ticket.Todo, ticket.Mine, ticket.Unassigned} {
			if folded.Counters.Views[v] != whole.Counters.Views[v] {
				t.Errorf("%s: folded, %s counts %d, else %d", name, v, folded.Counters.Views[v], whole.Counters.Views[v])
			}
		}
		got, want := folded.Counters, whole.Counters
		got.Views, got.Queues, got.Saved, want.Views, want.Queues, want.Saved = nil, nil, nil, nil, nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: folded %+v, else %+v", name, got, want)
		}
	}
	if unread == 0 {
		t.Error("nobody has anything unread: this test shows nothing")
	}
}

// uncountable is a database that answers other statements in place of those that look up the customers of saved views, and that count them.
type uncountable struct {
	*pg.DB
	customers, counts string
}

func (r uncountable) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		if r.customers != "" && strings.Contains(q.SQL, "customer_address") {
			q.SQL, q.Arguments = r.customers, nil
		}
	}
	return r.DB.SendBatch(ctx, b)
}

func (r uncountable) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if r.counts != "" && len(args) > 0 && args[0] == pgx.QueryExecModeExec {
		sql, args = r.counts, nil
	}
	return r.DB.Query(ctx, sql, args...)
}

func TestASavedViewThatCannotBeCountedLeavesThePageWhole(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Tx(func(tx *pg.Tx) error {
		_, err := desk.SaveView(d.Context(), tx, d.Admin, desk.SavedView{Name: "Old", Base: "all", Query: "older:9y -customer:nobody", Shared: true})
		return err
	})
	const fails, sleeps = `SELECT ARRAY[1 / 0]`, `SELECT ARRAY[1] FROM pg_sleep(20)`
	for want, dbs := range map[int][]uncountable{0: {{}}, -1: {{customers: fails}, {customers: sleeps}, {counts: fails}, {counts: sleeps}}} {
		for _, db := range dbs {
			db.DB = d.DB
			began := time.Now()
			f, err := ticket.ReadFrame(t.Context(), db, d.Agent, false)
			if err != nil || len(f.Counters.Saved) != 1 || f.Counters.Saved[0].N != want {
				t.Errorf("%+v: saved views %+v, %v, want one that counts %d", db, f.Counters.Saved, err, want)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("%+v: the page waits %s for numbers", db, took)
			}
		}
	}
}

func TestEverySavedViewIsInTheRailAndTheFirstAreCounted(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Tx(func(tx *pg.Tx) error {
		for i := range desk.MaxViews {
			for _, by := range []agent.Agent{d.Agent, d.Admin} {
				if _, err := desk.SaveView(d.Context(), tx, by, desk.SavedView{Name: fmt.Sprintf("View %02d", i), Base: "all", Query: "is:open", Shared: by.ID == d.Admin.ID}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	f, err := ticket.ReadFrame(t.Context(), d.DB, d.Agent, false)
	if err != nil {
		t.Fatal(err)
	}
	counted := 0
	for _, v := range f.Counters.Saved {
		if v.N >= 0 {
			counted++
		}
	}
	if len(f.Counters.Saved) != 2*desk.MaxViews || counted != 40 {
		t.Errorf("%d views are shown and %d counted, want %d and 40", len(f.Counters.Saved), counted, 2*desk.MaxViews)
	}
}
