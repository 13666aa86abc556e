//go:build bench

package bench

import (
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/agent"
	"frontdesk/internal/bench/seed"
	"frontdesk/internal/export"
	"frontdesk/internal/filter"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// TestExport writes the whole of the largest desk as a file, beside a bare COPY of the tickets. The statement that finds them has the bound of
// production.
func TestExport(t *testing.T) {
	all := sizes()
	size := all[len(all)-1]
	db := open(t, keptServer(t), kept(t, size[0], size[1]))
	defer db.Close()
	id, err := pg.One[int64](t.Context(), db, `SELECT id FROM agent WHERE email = $1`, seed.MailOf(0)) // an administrator, who sees every queue
	if err != nil {
		t.Fatal(err)
	}
	by, err := export.Exporter(t.Context(), db, id)
	if err != nil {
		t.Fatal(err)
	}
	var rows int
	var found time.Duration
	var grown uint64
	before := storeTime()
	ours := measure(func() { rows, found, grown = exported(t, db, by) })
	stored := storeTime() - before
	before = storeTime()
	bare := measure(func() {
		err = db.Pool().AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
			_, err := c.Conn().PgConn().CopyTo(t.Context(), io.Discard, `
				COPY (SELECT id, subject, requester, kind, created_at, changed_at, closed_at FROM ticket WHERE deleted_at IS NULL ORDER BY changed_at DESC, id DESC LIMIT 1000000)
				TO STDOUT WITH (FORMAT csv)`)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	bareStored := storeTime() - before
	line := func(name string, x took, store time.Duration) []string {
		return []string{name, thousands(int(float64(rows) / x.wall.Seconds())), fmt.Sprintf("%.3f", (x.cpu+store).Seconds()*1000/float64(rows)), fmt.Sprintf("%.2f", bare.wall.Seconds()/x.wall.Seconds())}
	}
	tell(sheet{title: fmt.Sprintf("Export of %s tickets", thousands(rows)), head: []string{"rows", "a second", "CPU ms each", "of bare"},
		rows:  [][]string{line("ours", ours, stored), line("COPY", bare, bareStored)},
		notes: []string{fmt.Sprintf("The tickets were found in %.1f s (goal: within the 30 s of any statement). The memory in use grew by %d MB at most.", found.Seconds(), grown/(1<<20))}})
}

// exported writes the file; found is how long its tickets were looked for, grown by how much the heap in use has grown meanwhile, at most.
func exported(t *testing.T, db *pg.DB, by agent.Agent) (rows int, found time.Duration, grown uint64) {
	t.Helper()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	start := m.HeapInuse
	began := time.Now()
	ids, err := ticket.Matching(t.Context(), db, by, ticket.Filter{View: ticket.All, Query: filter.Query{}, Order: ticket.ByChanged}, export.Most)
	if err != nil {
		t.Fatal(err)
	}
	found = time.Since(began)
	n := 0
	done, err := export.Write(t.Context(), db, io.Discard, text.For("en"), by.ID, ids, func(export.Written) error {
		if n++; n%100 == 0 {
			runtime.ReadMemStats(&m)
			grown = max(grown, m.HeapInuse-min(start, m.HeapInuse))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return done.Rows, found, grown
}
