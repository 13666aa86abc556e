package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/ticket"
)

// walk goes from ticket to ticket through a list, from its first line to the end, or back from its last one.
func walk(d *fixture.Desk, f ticket.Filter, from ticket.Line, back bool) []int64 {
	d.Helper()
	at, key := from.ID, from.Key()
	all := []int64{at}
	for {
		s, err := ticket.Beside(d.Context(), d.DB, d.Agent, f, key, at, back)
		if err != nil {
			d.Fatal(err)
		}
		if s.ID == 0 || len(all) > 1000 {
			return all
		}
		shown := f
		shown.Start = s.Start
		if p := list(d, shown); !slices.Contains(ids(p), s.ID) {
			d.Errorf("the page at %q does not show ticket %d", s.Start, s.ID)
		}
		at, key = s.ID, s.Key
		all = append(all, at)
	}
}

func TestFromCardToCardThroughTheListAndBack(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	for i := range ticket.PageSize + 7 {
		id := d.Open(ann, fmt.Sprintf("Printer %d", i), "the drum is worn").TicketID
		if i%3 == 0 {
			if err := update(d, d.Agent, id, ticket.Change{Priority: ticket.To(d.Priority("high"))}); err != nil {
				t.Fatal(err)
			}
		}
		if i%9 == 0 {
			d.OpenIn(d.Returns, d.Mail(ann, "foreign", "the drum is worn")) // between them, and not to be seen
		}
	}
	words, _ := filter.Parse("drum")
	for name, f := range map[string]ticket.Filter{"changed": {View: ticket.MyQueues}, "priority": {View: ticket.All, Order: ticket.ByPriority}, "due": {View: ticket.MyQueues, Order: ticket.ByDue},
		"oldest": {View: ticket.MyQueues, Order: ticket.ByCreatedUp}, "search": {View: ticket.All, Query: words}} {
		t.Run(name, func(t *testing.T) {
			whole := f
			whole.Pages = 2
			p := list(d, whole)
			want := ids(p)
			if len(want) != ticket.PageSize+7 {
				t.Fatalf("two pages hold %d tickets", len(want))
			}
			if got := walk(d, f, p.Lines[0], false); !slices.Equal(got, want) {
				t.Errorf("down leads through %v, want %v", got, want)
			}
			slices.Reverse(want)
			if got := walk(d, f, p.Lines[len(want)-1], true); !slices.Equal(got, want) {
				t.Errorf("up leads through %v, want %v", got, want)
			}
		})
	}
}

func TestTheNextTicketIsTheOneThatStoodBelow(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	for i := range 4 {
		d.Open(ann, fmt.Sprintf("Printer %d", i), "x")
	}
	f := ticket.Filter{View: ticket.MyQueues}
	was := list(d, f).Lines
	if err := update(d, d.Agent, was[1].ID, ticket.Change{Priority: ticket.To(d.Priority("high"))}); err != nil { // now it stands on top
		t.Fatal(err)
	}
	for _, c := range []struct {
		back bool
		want int64
	}{{false, was[2].ID}, {true, was[0].ID}} {
		s, err := ticket.Beside(t.Context(), d.DB, d.Agent, f, was[1].Key(), was[1].ID, c.back)
		if err != nil || s.ID != c.want {
			t.Errorf("back %v: ticket %d, want %d (%v)", c.back, s.ID, c.want, err)
		}
	}
	for _, key := range []string{"", "nonsense", "zz-zz.created.0"} {
		if s, err := ticket.Beside(t.Context(), d.DB, d.Agent, f, key, was[0].ID, false); err != nil || s.ID != 0 {
			t.Errorf("from %q one gets to ticket %d (%v)", key, s.ID, err)
		}
	}
	foreign := d.OpenIn(d.Returns, d.Mail(ann, "foreign", "x")).TicketID
	if _, err := ticket.Beside(t.Context(), d.DB, d.Agent, f, was[0].Key(), foreign, false); !errors.Is(err, fault.NotFound) {
		t.Errorf("from a foreign ticket: %v", err)
	}
}

// A list that was scrolled is read again in one piece: from a row on, which may have moved away since, and so many pages.
func TestPagesAreReadAgainAsOne(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	for i := range 3*ticket.PageSize + 20 {
		d.Open(ann, fmt.Sprintf("Printer %d", i), "x")
	}
	f := ticket.Filter{View: ticket.MyQueues, Pages: 3}
	first := list(d, f)
	if len(first.Lines) != 3*ticket.PageSize || first.Newer || !first.Older {
		t.Fatalf("three pages hold %d tickets, newer %v, older %v", len(first.Lines), first.Newer, first.Older)
	}
	f.Pages, f.Start = 2, first.Lines[30].Key()
	got := list(d, f)
	if want := ids(first)[30 : 30+2*ticket.PageSize]; !slices.Equal(ids(got), want) || !got.Newer || !got.Older {
		t.Errorf("from row 30 two pages hold %v, want %v", ids(got), want)
	}
	if err := update(d, d.Agent, first.Lines[30].ID, ticket.Change{Priority: ticket.To(d.Priority("high"))}); err != nil {
		t.Fatal(err)
	}
	if want := ids(first)[31 : 31+2*ticket.PageSize]; !slices.Equal(ids(list(d, f)), want) {
		t.Error("a row that moved away takes its place with it")
	}
}
