package desk_test

import (
	"errors"
	"slices"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
)

func directory(t *testing.T, r pg.Reader) *desk.Directory {
	t.Helper()
	d, err := desk.ReadDirectory(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDirectoryIsReadOnceAndAgainWhenSomethingOfItChanges(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	other, err := pg.Open(t.Context(), pg.Options{URL: d.DB.Pool().Config().ConnString(), MaxConns: 1}) // as another process
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for table, change := range map[string]string{
		"status":      `UPDATE status SET name = 'Fresh' WHERE key = 'new'`,
		"sub-status":  `INSERT INTO status (name, kind, parent_id) SELECT 'Waits for parts', 'waiting', id FROM status WHERE key = 'waiting'`,
		"priority":    `UPDATE priority SET position = 9 WHERE key = 'high'`,
		"queue":       `UPDATE queue SET active = false WHERE key IS NULL`,
		"calendar":    `UPDATE calendar SET time_zone = 'Asia/Tokyo'`,
		"category":    `INSERT INTO category (name) VALUES ('Damage')`,
		"agent":       `UPDATE agent SET name = 'Renamed'`,
		"profile":     `UPDATE profile SET permissions = '{ticket.read,queue.all}' WHERE key = 'agent'`,
		"agent_queue": `DELETE FROM agent_queue`,
		"mailbox":     `UPDATE mailbox SET sender_name = 'The helpers'`,
	} {
		before := directory(t, d.DB)
		if again := directory(t, d.DB); again != before {
			t.Errorf("%s: nothing changed, and it was read again", table)
		}
		ctx, queries := pg.CountQueries(t.Context())
		if _, err := desk.ReadDirectory(ctx, d.DB); err != nil || queries() != 1 {
			t.Errorf("%s: %d queries for what is kept, want 1 (%v)", table, queries(), err)
		}
		if _, err := other.Pool().Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if after := directory(t, d.DB); after == before {
			t.Errorf("%s: another process changed it, and the old one is kept", table)
		}
	}
	if _, err := other.Pool().Exec(t.Context(), `UPDATE agent SET theme = 'dark'; UPDATE mailbox SET poll_seconds = 60`); err != nil {
		t.Fatal(err)
	}
	got := directory(t, d.DB)
	if got != directory(t, d.DB) || got.Status(got.Statuses[0].ID).Name != "Fresh" || got.Queue(d.Inbox).Calendar.Location.String() != "Asia/Tokyo" ||
		got.Mailbox(d.Mailbox).SenderName != "The helpers" || got.Person(d.Agent.ID).Name != "Renamed" {
		t.Errorf("it does not say what was written: %+v", got)
	}
}

func TestTheDirectoryOfATransactionIsKeptByNobody(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	before := directory(t, d.DB)
	err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
		if _, err := pg.Exec(t.Context(), tx, `UPDATE queue SET name = 'Never' WHERE id = $1`, d.Inbox); err != nil {
			return err
		}
		if name := directory(t, tx).Queue(d.Inbox).Name; name != "Never" {
			t.Errorf("the transaction does not see its own name: %s", name)
		}
		if outside := directory(t, d.DB); outside != before {
			t.Error("it is read again for what was not committed")
		}
		return errors.New("rolled back")
	})
	if err == nil || directory(t, d.DB) != before {
		t.Errorf("what never was is kept (%v)", err)
	}
}

func TestTheDirectoryStandsInItsOrder(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	d.Tx(func(tx *pg.Tx) error {
		damage, err := desk.AddCategory(t.Context(), tx, 0, "Damage")
		if err != nil {
			return err
		}
		transit, err := desk.AddCategory(t.Context(), tx, damage, "In transit")
		if err != nil {
			return err
		}
		if _, err := desk.AddCategory(t.Context(), tx, 0, "Returns"); err != nil {
			return err
		}
		if _, err := desk.AddCategory(t.Context(), tx, transit, "By the post"); err != nil {
			return err
		}
		_, err = pg.Exec(t.Context(), tx, `UPDATE category SET active = false WHERE name = 'In transit'`)
		if err != nil {
			return err
		}
		_, err = pg.Exec(t.Context(), tx, `INSERT INTO status (name, kind, parent_id, position) SELECT 'Waits for parts', 'waiting', id, 99 FROM status WHERE key = 'waiting'`)
		return err
	})
	got := directory(t, d.DB)
	var paths, statuses []string
	for _, c := range got.Categories {
		paths = append(paths, c.Path)
		if c.Active != (c.Depth == 0) {
			t.Errorf("%s may be chosen: %t; what grows from a branch that is out of use may not", c.Path, c.Active)
		}
	}
	for _, s := range got.Statuses {
		statuses = append(statuses, s.Name)
	}
	if want := []string{"Damage", "Damage › In transit", "Damage › In transit › By the post", "Returns"}; !slices.Equal(paths, want) {
		t.Errorf("the tree reads %v, want %v", paths, want)
	}
	if want := []string{":new", ":open", ":waiting", "Waits for parts", ":postponed", ":merged", ":closed"}; !slices.Equal(statuses, want) {
		t.Errorf("statuses read %v, want %v: a sub-status behind the one above it", statuses, want)
	}
}
