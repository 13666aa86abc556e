package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// tagsOf are the names of a ticket's tags in the order they were put on.
func tagsOf(d *fixture.Desk, id int64) []string {
	d.Helper()
	list, err := pg.List[string](d.Context(), d.DB, `SELECT tag.name FROM ticket, unnest(tag_ids) WITH ORDINALITY AS x (id, n) JOIN tag ON tag.id = x.id WHERE ticket.id = $1 ORDER BY x.n`, id)
	if err != nil {
		d.Fatal(err)
	}
	return list
}

func TestTagsOfTwoAgentsMerge(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "It is cracked.")
	for _, c := range []ticket.Change{{AddTags: []string{"damaged", "express"}}, {AddTags: []string{"Damaged", "vip"}}, {DropTags: []string{"EXPRESS", "nobody knows this"}}} {
		if err := update(d, d.Admin, l.TicketID, c); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := tagsOf(d, l.TicketID), []string{"damaged", "vip"}; !slices.Equal(got, want) {
		t.Errorf("tags %q, want %q", got, want)
	}
	events := d.Card(d.Agent, l.TicketID).Events
	if last := events[len(events)-1].Data.Changes; len(last) != 1 || last[0].Field != "tag" || last[0].OldName != "express" || last[0].New != 0 {
		t.Errorf("the last event tells %+v", last)
	}
}

func TestNewTagsNeedThePermission(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "It is cracked.")
	var bad fault.Invalid
	if err := update(d, d.Agent, l.TicketID, ticket.Change{AddTags: []string{"brand new"}}); !errors.As(err, &bad) || bad["tags"].Key == "" {
		t.Errorf("a new tag by an agent: %v, want it refused beside the field", err)
	}
	if n, _ := pg.One[int](t.Context(), d.DB, `SELECT count(*) FROM tag`); n != 0 {
		t.Errorf("%d tags exist", n)
	}
	if err := update(d, d.Admin, l.TicketID, ticket.Change{AddTags: []string{"brand new"}}); err != nil {
		t.Fatal(err)
	}
	other := d.Open(ann, "Chair", "It is loose.")
	if err := update(d, d.Agent, other.TicketID, ticket.Change{AddTags: []string{"Brand New"}}); err != nil || !slices.Equal(tagsOf(d, other.TicketID), []string{"brand new"}) {
		t.Errorf("an existing tag by an agent: %v, %q", err, tagsOf(d, other.TicketID))
	}
}

func TestNoTagIsCalledWhatMeansThatThereIsNone(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "It is cracked.")
	for _, name := range []string{"none", "None", "NONE"} {
		var bad fault.Invalid
		if err := update(d, d.Admin, l.TicketID, ticket.Change{AddTags: []string{"vip", name}}); !errors.As(err, &bad) || bad["tags"].Key != text.RefusalNamelessTag || fmt.Sprint(bad["tags"].Args) != "[name "+name+"]" {
			t.Errorf("%s: %v, want it refused beside the field", name, err)
		}
	}
	if got := tagsOf(d, l.TicketID); len(got) > 0 {
		t.Errorf("tags %q", got)
	}
	if err := update(d, d.Admin, l.TicketID, ticket.Change{AddTags: []string{"keine", "nonesuch"}}); err != nil {
		t.Errorf("names that no filter reads otherwise: %v", err)
	}
}

// TestATagIsKnownInWhateverCaseTheDatabaseSees: to Postgres İ is a great i, to Go it is not.
func TestATagIsKnownInWhateverCaseTheDatabaseSees(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "It is cracked.")
	for _, names := range [][]string{{"İzmir", "izmir"}, {"izmir"}, {"IZMIR"}} {
		if err := update(d, d.Admin, l.TicketID, ticket.Change{AddTags: names}); err != nil {
			t.Errorf("%q: %v", names, err)
		}
	}
	if got := tagsOf(d, l.TicketID); !slices.Equal(got, []string{"İzmir"}) {
		t.Errorf("tags %q", got)
	}
	for typed, lines := range map[string]int{"tag:izmir": 1, "tag:İZMİR": 1, "-tag:izmir": 0} {
		q, _ := filter.Parse(typed)
		if p := list(d, ticket.Filter{View: ticket.All, Query: q}); len(p.Lines) != lines || len(p.Problems) != 0 {
			t.Errorf("%s finds %d tickets, %v; want %d", typed, len(p.Lines), p.Problems, lines)
		}
	}
	var bad fault.Invalid
	if err := update(d, d.Agent, l.TicketID, ticket.Change{AddTags: []string{"izmir", "Ankara", "Adana"}}); !errors.As(err, &bad) || fmt.Sprint(bad["tags"].Args) != "[name Ankara]" {
		t.Errorf("refused because of %v, want the first tag that there is not", err)
	}
}

func TestTypedTagsAreCutAtCommas(t *testing.T) {
	t.Parallel()
	if got, want := desk.TagNames(" vip,,  spare   part , VIP,\texpress\n,a\x00\uFFFDb\x85\xff"), []string{"vip", "spare part", "express", "a b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCategoryIsSavedWithACommentAndClashesWithAnother(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "It is cracked.")
	var damage, transit int64
	d.Tx(func(tx *pg.Tx) (err error) {
		if damage, err = desk.AddCategory(t.Context(), tx, 0, "Damage"); err == nil {
			transit, err = desk.AddCategory(t.Context(), tx, damage, "In transit")
		}
		return err
	})
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.CreateComment(t.Context(), tx, d.Agent, l.TicketID, ticket.Comment{Text: "Seen.", Change: ticket.Change{Category: ticket.To(transit)}})
		return err
	})
	c := d.Card(d.Agent, l.TicketID)
	last := c.Events[len(c.Events)-1]
	if len(last.Data.Changes) != 1 || last.Data.Changes[0].NewName != "Damage › In transit" || last.MessageID == nil {
		t.Errorf("the comment's event tells %+v", last.Data.Changes)
	}
	var clash *fault.Conflict
	if err := update(d, d.Admin, l.TicketID, ticket.Change{Category: ticket.From[int64](0, damage)}); !errors.As(err, &clash) || !slices.Equal(clash.Fields, []string{"category"}) {
		t.Errorf("an old form: %v, want a conflict", err)
	}
}

func TestStarIsPrivateAndObservingIsTold(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "It is cracked.")
	count := func(table string) (n int) {
		t.Helper()
		n, err := pg.One[int](t.Context(), d.DB, `SELECT count(*) FROM `+table+` WHERE ticket_id = $1`, l.TicketID)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	events := func() int { return len(d.Card(d.Agent, l.TicketID).Events) }
	before := events()
	for _, on := range []bool{true, true, false, true} {
		d.Tx(func(tx *pg.Tx) error { return ticket.Star(t.Context(), tx, d.Agent, l.TicketID, on) })
	}
	if count("ticket_star") != 1 || events() != before {
		t.Errorf("%d stars, %d events more", count("ticket_star"), events()-before)
	}
	for _, on := range []bool{true, true, false, false} {
		d.Tx(func(tx *pg.Tx) error { return ticket.Observe(t.Context(), tx, d.Agent, l.TicketID, on) })
	}
	if count("ticket_observer") != 0 || events() != before+2 {
		t.Errorf("%d observers, %d events more, want 0 and 2", count("ticket_observer"), events()-before)
	}
	for name, deed := range map[string]func(tx *pg.Tx, by agent.Agent) error{
		"star":    func(tx *pg.Tx, by agent.Agent) error { return ticket.Star(t.Context(), tx, by, l.TicketID, true) },
		"observe": func(tx *pg.Tx, by agent.Agent) error { return ticket.Observe(t.Context(), tx, by, l.TicketID, true) },
	} {
		if err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error { return deed(tx, d.Stranger) }); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s by a stranger: %v", name, err)
		}
	}
}

func TestMoreTagsThanATicketMayHaveAreRefusedUnread(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "It is cracked.")
	var typed strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&typed, "%x,", i)
	}
	names := desk.TagNames(typed.String())
	if len(names) != desk.MostNames {
		t.Errorf("%d names were read of so many", len(names))
	}
	for _, c := range []ticket.Change{{AddTags: names}, {DropTags: names}} {
		var bad fault.Invalid
		if err := update(d, d.Admin, l.TicketID, c); !errors.As(err, &bad) || bad["tags"].Key != text.RefusalTooManyTags {
			t.Errorf("%d tags: %v, want it said beside the field", len(names), err)
		}
	}
	if err := update(d, d.Admin, l.TicketID, ticket.Change{AddTags: names[:ticket.MaxTags]}); err != nil {
		t.Errorf("%d tags: %v", ticket.MaxTags, err)
	}
}
