package export_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/export"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// many puts n bare tickets into a queue.
func many(d *fixture.Desk, queue int64, n int) {
	d.Helper()
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(d.Context(), tx, `
			INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
			SELECT 'Ticket ' || n, $1, s.id, s.kind, p.id, $3, $3 FROM generate_series(1, $2::int) n, status s, priority p WHERE s.key = 'new' AND p.key = 'normal'`, queue, n, tx.Now)
		return err
	})
}

func whole(d *fixture.Desk, by agent.Agent) []int64 {
	d.Helper()
	ids, err := ticket.Matching(d.Context(), d.DB, by, ticket.Filter{View: ticket.All}, export.Most)
	if err != nil {
		d.Fatal(err)
	}
	return ids
}

func run(d *fixture.Desk, sql string, args ...any) {
	d.Helper()
	d.Tx(func(tx *pg.Tx) error { _, err := pg.Exec(d.Context(), tx, sql, args...); return err })
}

// pipe knows how large the largest piece was that was written at once.
type pipe struct {
	bytes.Buffer
	largest int
}

func (p *pipe) Write(b []byte) (int, error) {
	p.largest = max(p.largest, len(b))
	return p.Buffer.Write(b)
}

// What is written leaves before more is read, and every batch is read with the rights of its moment: tickets that are deleted or moved out of
// sight while a file is being written do not come into it.
func TestFilesAreStreamedWithTheRightsOfTheMoment(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	many(d, d.Inbox, 1700)
	ids := whole(d, d.Admin)
	if len(ids) != 1700 {
		t.Fatal(len(ids))
	}
	var out pipe
	var sizes []int
	done, err := export.Write(t.Context(), d.DB, &out, text.For("en"), d.Admin.ID, ids, func(w export.Written) error {
		sizes = append(sizes, out.Len())
		switch len(sizes) {
		case 1:
			run(d, `UPDATE ticket SET deleted_at = now() WHERE id = $1`, ids[600])
			run(d, `UPDATE ticket SET queue_id = $2 WHERE id = $1`, ids[1200], d.Returns)
		case 2:
			run(d, `UPDATE profile SET permissions = array_remove(permissions, 'queue.all')`)
			run(d, `DELETE FROM agent_queue WHERE agent_id = $1 AND queue_id = $2`, d.Admin.ID, d.Returns)
		}
		return nil
	})
	if err != nil || done.Looked != 1700 || done.Rows != 1698 || len(done.Queues) != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	if n := strings.Count(out.String(), "\r\n"); n != 1+1698 {
		t.Errorf("%d lines", n)
	}
	for _, gone := range []int64{ids[600], ids[1200]} {
		if strings.Contains(out.String(), fmt.Sprintf("\n%d,", gone)) {
			t.Errorf("ticket %d is in the file", gone)
		}
	}
	if len(sizes) != 4 || sizes[0] < 20_000 || sizes[1] < 2*20_000 || out.largest > 16<<10 {
		t.Errorf("the file grew to %v bytes in pieces of at most %d", sizes, out.largest)
	}

	// Without the permission nothing more is written.
	out.Reset()
	_, err = export.Write(t.Context(), d.DB, &out, text.For("en"), d.Admin.ID, ids, func(export.Written) error {
		run(d, `UPDATE profile SET permissions = array_remove(permissions, 'ticket.export')`)
		return nil
	})
	if n := strings.Count(out.String(), "\r\n"); !errors.Is(err, fault.Forbidden) || n != 1+500 {
		t.Errorf("%d lines, %v", n, err)
	}
	for _, sql := range []string{`UPDATE profile SET permissions = permissions || '{ticket.export}'::text[]`, `UPDATE agent SET active = false`} {
		run(d, sql)
	}
	if _, err := export.Exporter(t.Context(), d.DB, d.Admin.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("who left: %v", err)
	}
}

func TestAskingTwiceIsAskingOnce(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ask := func(by agent.Agent, e export.Export) (id int64, err error) {
		err = d.DB.InTx(t.Context(), func(tx *pg.Tx) error { id, err = export.Ask(t.Context(), tx, by, e); return err })
		return id, err
	}
	first, err := ask(d.Admin, export.Export{Name: "All", View: "all"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ask(d.Admin, export.Export{Name: "All", View: "all"}); err != nil || again != first {
		t.Errorf("%d, then %d, %v", first, again, err)
	}
	if _, err := ask(d.Agent, export.Export{Name: "All", View: "all"}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("without the permission: %v", err)
	}
	for i := range 4 {
		if _, err := ask(d.Admin, export.Export{Name: "All", View: "all", Query: fmt.Sprintf("older:%dd", i+1)}); err != nil {
			t.Fatal(err)
		}
	}
	var bad fault.Invalid
	if _, err := ask(d.Admin, export.Export{Name: "All", View: "all", Query: "older:9d"}); !errors.As(err, &bad) {
		t.Errorf("a sixth at a time: %v", err)
	}
}

func TestExportsBelongToWhoAskedForThem(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	var id int64
	d.Tx(func(tx *pg.Tx) (err error) {
		id, err = export.Ask(t.Context(), tx, d.Admin, export.Export{Name: "All", View: "all"})
		return err
	})
	other := d.Agent
	other.Permissions = d.Admin.Permissions
	for name, deed := range map[string]func(tx *pg.Tx) error{
		"cancel": func(tx *pg.Tx) error { return export.Cancel(t.Context(), tx, other, id) },
		"retry":  func(tx *pg.Tx) error { return export.Retry(t.Context(), tx, other, id) },
		"fetch":  func(tx *pg.Tx) error { _, err := export.File(t.Context(), tx, other, id, tx.Now); return err },
	} {
		if err := d.DB.InTx(t.Context(), deed); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s by a colleague: %v", name, err)
		}
	}
	if list, err := export.Of(t.Context(), d.DB, other); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if _, err := export.File(t.Context(), d.DB, d.Admin, id, time.Now()); !errors.Is(err, fault.NotFound) {
		t.Errorf("before it is ready: %v", err)
	}
	if err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error { return export.Retry(t.Context(), tx, d.Admin, id) }); !errors.Is(err, fault.TooLate) {
		t.Errorf("made anew while it waits: %v", err)
	}
}
