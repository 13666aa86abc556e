package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
)

func save(d *fixture.Desk, by agent.Agent, v desk.SavedView) (id int64, err error) {
	err = d.DB.InTx(d.Context(), func(tx *pg.Tx) error {
		id, err = desk.SaveView(d.Context(), tx, by, v)
		return err
	})
	return id, err
}

func views(d *fixture.Desk, by agent.Agent) (names []string) {
	var b pg.Batch
	var list []desk.SavedView
	desk.AskSavedViews(&b, &list, by)
	if err := b.Run(d.Context(), d.DB); err != nil {
		d.Fatal(err)
	}
	for _, v := range list {
		names = append(names, v.Name)
	}
	return names
}

func TestViewsAreTheirOwnersUntilShared(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	ctx := t.Context()
	own, err := save(d, d.Agent, desk.SavedView{Name: "  Broken   glass ", Base: "queues", Query: "tag:vip", Order: "created"})
	if err != nil {
		t.Fatal(err)
	}
	shared, err := save(d, d.Admin, desk.SavedView{Name: "A late one", Shared: true, Base: "all", Query: "is:late", Order: "due"})
	if err != nil {
		t.Fatal(err)
	}
	if got := views(d, d.Agent); !slices.Equal(got, []string{"Broken glass", "A late one"}) {
		t.Errorf("the owner opens %v", got)
	}
	if got := views(d, d.Stranger); !slices.Equal(got, []string{"A late one"}) {
		t.Errorf("another agent opens %v", got)
	}
	if v, err := desk.SavedViewOf(ctx, d.DB, d.Agent, own); err != nil || v != (desk.SavedView{ID: own, AgentID: d.Agent.ID, Name: "Broken glass", Base: "queues", Query: "tag:vip", Order: "created"}) {
		t.Errorf("kept as %+v, %v", v, err)
	}
	if _, err := desk.SavedViewOf(ctx, d.DB, d.Stranger, own); !errors.Is(err, fault.NotFound) {
		t.Errorf("another agent reads it: %v", err)
	}
	if _, err := save(d, d.Agent, desk.SavedView{Name: "For all", Shared: true}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("an agent without view.share shares: %v", err)
	}
	for id, by := range map[int64]agent.Agent{own: d.Admin, shared: d.Agent} {
		err := d.DB.InTx(ctx, func(tx *pg.Tx) error { return desk.RemoveView(ctx, tx, by, id) })
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s removes view %d: %v", by.Name, id, err)
		}
		err = d.DB.InTx(ctx, func(tx *pg.Tx) error { return desk.ChangeView(ctx, tx, by, desk.SavedView{ID: id, Name: "x"}) })
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s changes view %d: %v", by.Name, id, err)
		}
	}
	d.Tx(func(tx *pg.Tx) error {
		return desk.ChangeView(ctx, tx, d.Agent, desk.SavedView{ID: own, Name: "Glass", Base: "all", Query: "tag:glass", Order: "changed"})
	})
	if v, err := desk.SavedViewOf(ctx, d.DB, d.Agent, own); err != nil || v.Name != "Glass" || v.Query != "tag:glass" || v.Base != "all" || v.Order != "changed" {
		t.Errorf("changed to %+v, %v", v, err)
	}
	d.Tx(func(tx *pg.Tx) error { return desk.RemoveView(ctx, tx, d.Agent, own) })
	if got := views(d, d.Agent); !slices.Equal(got, []string{"A late one"}) {
		t.Errorf("after removing: %v", got)
	}
}

func TestViewsHaveNamesAndAnEnd(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	var bad fault.Invalid
	for _, name := range []string{"", "  ", strings.Repeat("x", desk.MaxViewName+1)} {
		if _, err := save(d, d.Agent, desk.SavedView{Name: name}); !errors.As(err, &bad) {
			t.Errorf("%q is taken as a name: %v", name, err)
		}
	}
	if _, err := save(d, d.Agent, desk.SavedView{Name: "long", Base: "all", Query: strings.Repeat("日", 2000)}); err != nil { // as long as a filter may be
		t.Error(err)
	}
	for i := range desk.MaxViews - 1 {
		if _, err := save(d, d.Agent, desk.SavedView{Name: fmt.Sprint("View ", i), Base: "all"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := save(d, d.Agent, desk.SavedView{Name: "one more", Base: "all"}); !errors.As(err, &bad) {
		t.Errorf("there is no end of views: %v", err)
	}
}
