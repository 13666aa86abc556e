package ticket_test

import (
	"fmt"
	"slices"
	"testing"

	"frontdesk/internal/event"
	"frontdesk/internal/filter"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

func list(d *fixture.Desk, f ticket.Filter) ticket.Page {
	d.Helper()
	p, err := ticket.List(d.Context(), d.DB, d.Agent, f)
	if err != nil {
		d.Fatal(err)
	}
	return p
}

func ids(p ticket.Page) []int64 {
	var out []int64
	for _, l := range p.Lines {
		out = append(out, l.ID)
	}
	return out
}

func TestPagesMeetWithoutGapOrDouble(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	var want []int64
	for i := range 2*ticket.PageSize + 7 {
		want = append(want, d.Open(ann, fmt.Sprintf("Printer %d", i), "x").TicketID)
	}
	slices.Reverse(want)
	var got []int64
	f := ticket.Filter{View: ticket.MyQueues}
	pages := 0
	for {
		p := list(d, f)
		got = append(got, ids(p)...)
		pages++
		if p.Newer != (pages > 1) {
			t.Errorf("page %d says newer = %v", pages, p.Newer)
		}
		if !p.Older {
			break
		}
		f.After = p.Lines[len(p.Lines)-1].Key()
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages hold %d tickets, want %d in order", len(got), len(want))
	}
	back := list(d, ticket.Filter{View: ticket.MyQueues, Before: list(d, f).Lines[0].Key()})
	if !slices.Equal(ids(back), want[ticket.PageSize:2*ticket.PageSize]) || !back.Newer || !back.Older {
		t.Errorf("the page before the last holds %v", ids(back))
	}
}

// A page may be asked for from a row on; when that is the first of all, nothing is above it.
func TestAPageThatBeginsWithTheFirstRowHasNothingNewer(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	several(d, 3)
	inbox, _ := filter.Parse("queue:inbox")
	for _, query := range []filter.Query{{}, inbox} {
		for _, order := range ticket.Orders {
			f := ticket.Filter{View: ticket.MyQueues, Query: query, Order: order}
			all := list(d, f)
			for i, line := range all.Lines {
				f.Start = line.Key()
				if got := list(d, f); got.Newer != (i > 0) || !slices.Equal(ids(got), ids(all)[i:]) {
					t.Errorf("%s %q from row %d: %v, newer %v", order, query, i, ids(got), got.Newer)
				}
			}
		}
	}
}

// A filtered list finds its rows in one statement and reads them in a second: what changes between the two stands where it was found, so the pages meet.
func TestRowsStandWhereTheyWereFoundWhileOthersWork(t *testing.T) {
	t.Parallel()
	q, _ := filter.Parse("-is:vip")
	for _, order := range []ticket.Order{ticket.ByChangedUp, ticket.ByDue} {
		d := fixture.New(t)
		want := several(d, ticket.PageSize+5)
		f := ticket.Filter{View: ticket.All, Query: q, Order: order}
		first, err := ticket.List(t.Context(), d.DB, d.Agent, f, func(*pg.Batch) {
			if err := update(d, d.Agent, want[7], ticket.Change{Status: ticket.To(d.Status("waiting"))}); err != nil {
				t.Fatal(err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		f.After = first.Lines[len(first.Lines)-1].Key()
		got := ids(first)
		for _, id := range ids(list(d, f)) {
			if !slices.Contains(got, id) { // or it went on to the page that is read now
				got = append(got, id)
			}
		}
		if !slices.Equal(got, want) || first.Lines[7].Status != ":waiting" {
			t.Errorf("by %s the pages hold %v, want %v", order, got, want)
		}
	}
}

func TestViewsShowWhatTheySay(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	free, mine, closed, postponed := d.Open(ann, "free", "x").TicketID, d.Open(ann, "mine", "x").TicketID, d.Open(ann, "closed", "x").TicketID, d.Open(ann, "postponed", "x").TicketID
	foreign := d.OpenIn(d.Returns, d.Mail(ann, "foreign", "x")).TicketID
	for id, c := range map[int64]ticket.Change{mine: {Assignee: ticket.To(d.Agent.ID)}, closed: {Status: ticket.To(d.Status("closed"))}, postponed: {Status: ticket.To(d.Status("postponed"))}} {
		if err := update(d, d.Agent, id, c); err != nil {
			t.Fatal(err)
		}
	}
	for view, want := range map[ticket.View][]int64{ticket.Todo: {free, mine}, ticket.Mine: {mine}, ticket.Unassigned: {free}, ticket.MyQueues: {free, mine}, ticket.Closed: {closed},
		ticket.All: {free, mine, closed, postponed}} {
		got := ids(list(d, ticket.Filter{View: view}))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s shows %v, want %v (foreign is %d)", view, got, want, foreign)
		}
	}
	f, err := ticket.ReadFrame(t.Context(), d.DB, d.Agent, false)
	if err != nil {
		t.Fatal(err)
	}
	if c := f.Counters; c.Views[ticket.Mine] != 1 || c.Views[ticket.Unassigned] != 1 || c.Views[ticket.MyQueues] != 2 || c.MineUnread != 1 || c.FreeUnread != 1 {
		t.Errorf("counters %+v", c)
	}
	p, err := ticket.List(t.Context(), d.DB, d.Admin, ticket.Filter{View: ticket.All})
	if err != nil || len(p.Lines) != 5 {
		t.Errorf("the administrator sees %d of 5, %v", len(p.Lines), err)
	}
}

func TestOnlyCustomersMessagesMakeUnread(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "x")
	unread := func() bool { return list(d, ticket.Filter{View: ticket.All}).Lines[0].Unread }
	if !unread() {
		t.Error("a new mail is not unread")
	}
	d.Tx(func(tx *pg.Tx) error { return ticket.Seen(t.Context(), tx, d.Agent, l.TicketID, l.MessageID+1000) })
	if unread() {
		t.Error("seen but unread")
	}
	d.Tx(func(tx *pg.Tx) error {
		_, err := ticket.CreateComment(t.Context(), tx, d.Admin, l.TicketID, ticket.Comment{Text: "look"})
		return err
	})
	if unread() {
		t.Error("a colleague's comment made it unread")
	}
	d.Write(l.TicketID, ann, "more")
	if !unread() {
		t.Error("a new message did not make it unread")
	}
	d.Tx(func(tx *pg.Tx) error { return ticket.Seen(t.Context(), tx, d.Agent, l.TicketID, 1) })
	if !unread() {
		t.Error("the mark went back")
	}
}

func TestListAndCardAskAFixedNumberOfQueries(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	id := d.Open(ann, "Printer", "x").TicketID
	ask := func() (inList, inCard int) {
		d.KeepDirectory()
		ctx, n := pg.CountQueries(d.Context())
		if _, err := ticket.List(ctx, d.DB, d.Agent, ticket.Filter{View: ticket.MyQueues}); err != nil {
			t.Fatal(err)
		}
		inList = n()
		if _, err := ticket.ReadFrame(ctx, d.DB, d.Agent, false); err != nil {
			t.Fatal(err)
		}
		before := n()
		if _, err := ticket.Read(ctx, d.DB, d.Agent, id, ticket.Mark{}); err != nil {
			t.Fatal(err)
		}
		return inList, n() - before
	}
	list1, card1 := ask()
	for range 60 {
		d.Write(id, ann, "and another thing")
		d.Open(ann, "Scanner", "x")
	}
	list2, card2 := ask()
	if list1 != 3 || list2 != 3 {
		t.Errorf("the list asked %d, then %d queries; want 3: how it is planned, its rows, and whether the directory stands", list1, list2)
	}
	f := ticket.Filter{View: ticket.MyQueues}
	f.Start = list(d, f).Lines[10].Key()
	deep := list(d, f).Lines[3]
	ctx, n := pg.CountQueries(d.Context())
	if s, err := ticket.Beside(ctx, d.DB, d.Agent, f, deep.Key(), deep.ID, false); err != nil || s.ID == 0 || n() != 3 {
		t.Errorf("the way to the next card asked %d queries, want 3: may one see it, what is next, where that stands (%v)", n(), err)
	}
	if card1 != 13 || card2 != 13 {
		t.Errorf("the card asked %d, then %d queries; want 13 whatever the history", card1, card2)
	}
}

func TestCardOfALongTicketShowsTheNewestAndTheWayBack(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "first")
	if _, err := send(d, l.TicketID, reply(l.MessageID)); err != nil {
		t.Fatal(err)
	}
	for i := range ticket.CardSize + 9 {
		d.Write(l.TicketID, ann, fmt.Sprintf("message %d", i))
	}
	c := d.Card(d.Agent, l.TicketID)
	if len(c.Messages) != ticket.CardSize || c.Earlier == (ticket.Mark{}) || c.Messages[len(c.Messages)-1].Text != fmt.Sprintf("message %d", ticket.CardSize+8) {
		t.Fatalf("%d messages, earlier %v", len(c.Messages), c.Earlier)
	}
	old, err := ticket.Read(t.Context(), d.DB, d.Agent, l.TicketID, c.Earlier)
	if err != nil || len(old.Messages) != 11 || old.Messages[0].Text != "first" || old.Earlier != (ticket.Mark{}) {
		t.Errorf("%d earlier messages, more %v, %v", len(old.Messages), old.Earlier, err)
	}
	if len(c.Deliveries) != 0 || len(old.Deliveries) != 1 || len(old.Deliveries[0].Recipients) != 1 || old.Deliveries[0].MessageID != old.Messages[1].ID {
		t.Errorf("letters %+v stand with the newest messages, %+v with the earlier ones", c.Deliveries, old.Deliveries)
	}
}

// However much was changed between two messages, every change and the opening itself stand on one page, with what came with a message beside it.
func TestEveryChangeOfATicketIsReached(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "first")
	change := func(n int) {
		d.Tx(func(tx *pg.Tx) error {
			for i := range n {
				if err := ticket.Update(t.Context(), tx, d.Agent, l.TicketID, ticket.Change{Priority: ticket.To(d.Priority([]string{"high", "low"}[i%2]))}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	change(250)
	d.Write(l.TicketID, ann, "second")
	change(250)
	for i := range ticket.CardSize {
		d.Write(l.TicketID, ann, fmt.Sprintf("message %d", i))
	}
	change(450)
	var messages, changes []int
	var below ticket.Mark
	seen := map[int64]bool{}
	for range 20 {
		c, err := ticket.Read(t.Context(), d.DB, d.Agent, l.TicketID, below)
		if err != nil {
			t.Fatal(err)
		}
		alone := 0
		for _, e := range c.Events {
			if seen[e.ID] {
				t.Fatalf("event %d is told twice", e.ID)
			}
			seen[e.ID] = true
			if e.MessageID == nil {
				alone++
			}
		}
		messages, changes = append(messages, len(c.Messages)), append(changes, alone)
		if below = c.Earlier; below == (ticket.Mark{}) {
			break
		}
	}
	if want := []int{50, 2, 0, 0, 0}; !slices.Equal(messages, want) {
		t.Errorf("messages on the pages: %v, want %v", messages, want)
	}
	if want := []int{200, 200, 200, 200, 150}; !slices.Equal(changes, want) {
		t.Errorf("changes on the pages: %v, want %v", changes, want)
	}
	if n, err := pg.One[int](t.Context(), d.DB, `SELECT count(*) FROM event WHERE subject_kind = 'ticket' AND subject_id = $1`, l.TicketID); err != nil || n != len(seen) {
		t.Errorf("%d events on the pages of %d, %v", len(seen), n, err)
	}
}

// Each page of a long card tells what happened while its messages came: every event stands on one page, beside its message or its time.
func TestPagesOfALongCardTellTheWholeHistoryOnce(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "first")
	const pages = 5
	for i := range pages*ticket.CardSize - 1 {
		if i%60 == 30 {
			d.Tx(func(tx *pg.Tx) error {
				return ticket.Update(t.Context(), tx, d.Agent, l.TicketID, ticket.Change{Subject: ticket.To(fmt.Sprint("Printer ", i))})
			})
		}
		d.Write(l.TicketID, ann, fmt.Sprintf("message %d", i))
	}
	told, before := map[event.Kind]int{}, ticket.Mark{}
	for n := 0; n < pages; n++ {
		c, err := ticket.Read(t.Context(), d.DB, d.Agent, l.TicketID, before)
		if err != nil {
			t.Fatal(err)
		}
		of := map[int64]bool{}
		for _, e := range c.Events {
			told[e.Kind]++
			if e.MessageID != nil {
				of[*e.MessageID] = true
			}
		}
		for _, m := range c.Messages {
			if !of[m.ID] {
				t.Errorf("page %d: what came with %q is not told", n, m.Text)
			}
		}
		before = c.Earlier
	}
	if told[event.Changed] != 4 || told[event.Received]+told[event.Opened] != pages*ticket.CardSize {
		t.Errorf("told: %v", told)
	}
}
