package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

const ann = "ann@customer.test"

func reply(base int64) ticket.Reply {
	return ticket.Reply{To: ann, Text: "We will look at it.", Base: base, Delay: 30 * time.Second, IDKey: fixture.Key}
}

func send(d *fixture.Desk, id int64, p ticket.Reply) (ticket.Written, error) {
	return sendBy(d, d.Agent, id, p)
}

func sendBy(d *fixture.Desk, by agent.Agent, id int64, p ticket.Reply) (w ticket.Written, err error) {
	err = d.DB.InTx(d.Context(), func(tx *pg.Tx) error { w, err = ticket.CreateReply(d.Context(), tx, by, id, p); return err })
	return w, err
}

func TestReplySavesTextAndChangesAsOneEvent(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.Change = ticket.Change{Status: ticket.To(d.Status("waiting")), Assignee: ticket.To(d.Agent.ID)}
	w, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	c := d.Card(d.Agent, l.TicketID)
	if c.Ticket.Kind != "waiting" || c.Ticket.Assignee != d.Agent.Name {
		t.Errorf("ticket is %s of %q", c.Ticket.Kind, c.Ticket.Assignee)
	}
	last := c.Events[len(c.Events)-1]
	if last.Kind != event.Replied || len(last.Data.Changes) != 2 || last.MessageID == nil || *last.MessageID != w.MessageID {
		t.Errorf("last event is %+v, want one reply with two changes", last)
	}
	if len(c.Deliveries) != 1 || c.Deliveries[0].State != outbox.Queued || c.Deliveries[0].Recipients[0].Address != ann {
		t.Errorf("deliveries %+v, want one queued to %s", c.Deliveries, ann)
	}
	m := c.Messages[len(c.Messages)-1]
	if m.Text != p.Text || m.Author != d.Agent.Name || m.FromAddress != "support@desk.test" {
		t.Errorf("message %+v", m)
	}
}

func TestAReplyAnswersTheNewestMailAndItsReaderStaysWhoTheyWere(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	newest := d.Write(l.TicketID, ann, "Now it burns.")
	role := func() string {
		r, err := pg.One[string](t.Context(), d.DB, `SELECT role FROM ticket_participant WHERE ticket_id = $1 AND address = $2`, l.TicketID, ann)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	was := role()
	w, err := send(d, l.TicketID, reply(newest.MessageID))
	if err != nil {
		t.Fatal(err)
	}
	same, err := pg.One[bool](t.Context(), d.DB, `
		SELECT m.rfc_refs[cardinality(m.rfc_refs)] = a.rfc_id FROM message m, message a WHERE m.id = $1 AND a.id = $2`, w.MessageID, newest.MessageID)
	if err != nil || !same || role() != was {
		t.Errorf("it answers the newest mail: %t, %v; %s is %s now, was %s", same, err, ann, role(), was)
	}
}

func TestAReplyInALongConversationNamesItsFirstMail(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	m := d.Mail(ann, "Printer", "It prints nothing.")
	m.Refs = nil
	for i := range mail.MaxReferences {
		m.Refs = append(m.Refs, fmt.Sprintf("%d@customer.test", i))
	}
	l := d.OpenIn(d.Inbox, m)
	w, err := send(d, l.TicketID, reply(l.MessageID))
	if err != nil {
		t.Fatal(err)
	}
	refs, err := pg.One[[]string](t.Context(), d.DB, `SELECT rfc_refs FROM message WHERE id = $1`, w.MessageID)
	if want := slices.Concat(m.Refs[:1], m.Refs[2:], []string{m.RFCID}); err != nil || !slices.Equal(refs, want) {
		t.Errorf("%v\n%q", err, refs)
	}
}

func TestSameFormTwiceWritesOnce(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.FormKey = "form-1"
	var wg sync.WaitGroup
	got := make([]ticket.Written, 8)
	for i := range got {
		wg.Go(func() {
			w, err := send(d, l.TicketID, p)
			if err != nil {
				t.Errorf("post %d: %v", i, err)
			}
			got[i] = w
		})
	}
	wg.Wait()
	for _, w := range got {
		if w.MessageID != got[0].MessageID || w.OutboxID != got[0].OutboxID {
			t.Errorf("a second post wrote again: %+v and %+v", w, got[0])
		}
	}
	if n := len(d.Card(d.Agent, l.TicketID).Messages); n != 2 {
		t.Errorf("%d messages, want the customer's and one reply", n)
	}
	other := d.Open(ann, "Lamp", "It is dark.")
	var conflict *fault.Conflict
	if _, err := send(d, other.TicketID, p); !errors.As(err, &conflict) || !conflict.Elsewhere { // whatever else is wrong with it
		t.Errorf("the form in another ticket: %v", err)
	}
}

// Who did not hear that a form was taken, and goes on writing in it, loses no word of that and sends nothing twice unawares.
func TestTheSameFormWithAnotherTextIsToldThatItWasWritten(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.FormKey = "form-1"
	comment := ticket.Comment{Text: "Ask the maker.", FormKey: "form-2"}
	note := func() error {
		return d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
			_, err := ticket.CreateComment(t.Context(), tx, d.Agent, l.TicketID, comment)
			return err
		})
	}
	if _, err := send(d, l.TicketID, p); err != nil {
		t.Fatal(err)
	}
	if err := note(); err != nil {
		t.Fatal(err)
	}
	p.Text += " And one more thing."
	comment.Text += " They know."
	_, sent := send(d, l.TicketID, p)
	for what, err := range map[string]error{"reply": sent, "comment": note()} {
		var clash *fault.Conflict
		if !errors.As(err, &clash) || !clash.Written {
			t.Errorf("the %s with more words in it: %v", what, err)
		}
	}
	if n := len(d.Card(d.Agent, l.TicketID).Messages); n != 3 {
		t.Errorf("%d messages, want the customer's, a reply and a comment", n)
	}
}

// Who did not hear that a letter was taken, and then sends it to others or with other files, is told too; the same letter once more is the one that left.
func TestTheSameFormToOthersOrWithOtherFilesIsToldThatItWasWritten(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.FormKey, p.Cc = "form-1", "Bob <bob@example.test>"
	p.Files = []int64{attached(d, l.TicketID, "reply", "manual.pdf")}
	first, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	late := attached(d, l.TicketID, "reply", "photo.png")
	for what, change := range map[string]func(*ticket.Reply){
		"to somebody else":         func(p *ticket.Reply) { p.To = "carol@example.test" },
		"to one more":              func(p *ticket.Reply) { p.Cc += ", carol@example.test" },
		"to fewer":                 func(p *ticket.Reply) { p.Cc = "" },
		"to whom no letter can go": func(p *ticket.Reply) { p.Cc = "carol" },
		"with one file more":       func(p *ticket.Reply) { p.Files = []int64{p.Files[0], late} },
		"with another file":        func(p *ticket.Reply) { p.Files = []int64{late} },
		"without its file":         func(p *ticket.Reply) { p.Files = nil },
	} {
		other := p
		change(&other)
		var clash *fault.Conflict
		if _, err := send(d, l.TicketID, other); !errors.As(err, &clash) || !clash.Written {
			t.Errorf("%s: %v", what, err)
		}
	}
	sentAnew := p // by a browser without scripts, whose file comes along with the form
	sentAnew.Files = []int64{attached(d, l.TicketID, "reply", "manual.pdf")}
	for _, same := range []ticket.Reply{p, sentAnew} {
		if again, err := send(d, l.TicketID, same); err != nil || again != first {
			t.Errorf("the same again: %+v, %v, want %+v", again, err, first)
		}
	}
	c := d.Card(d.Agent, l.TicketID)
	if got := waiting(c); len(c.Messages) != 2 || !slices.Equal(got, []string{"photo.png"}) {
		t.Errorf("%d messages, and %v waits; want the customer's and one reply, and the file that did not go along", len(c.Messages), got)
	}
}

func TestReplyToAnOldStateIsHeldBack(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	d.Write(l.TicketID, ann, "Now it burns.")
	_, err := send(d, l.TicketID, reply(l.MessageID))
	var conflict *fault.Conflict
	if !errors.As(err, &conflict) || !conflict.Newer {
		t.Fatalf("err = %v, want a conflict with a newer message", err)
	}
}

func TestAReplyThatKnowsNothingOfAColleaguesWordIsHeldBack(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	for name, others := range map[string]func(id int64) error{
		"letter": func(id int64) error {
			p := reply(1 << 40)
			_, err := sendBy(d, d.Admin, id, p)
			return err
		},
		"comment": func(id int64) error {
			return d.DB.InTx(d.Context(), func(tx *pg.Tx) error {
				_, err := ticket.CreateComment(d.Context(), tx, d.Admin, id, ticket.Comment{Text: "I am on the phone with her."})
				return err
			})
		},
	} {
		l := d.Open(ann, "Printer", "It prints nothing.")
		if err := others(l.TicketID); err != nil {
			t.Fatal(name, err)
		}
		_, err := send(d, l.TicketID, reply(l.MessageID))
		var conflict *fault.Conflict
		if !errors.As(err, &conflict) || !conflict.Newer {
			t.Fatalf("after a %s: err = %v, want a conflict with something newer", name, err)
		}
		c := d.Card(d.Agent, l.TicketID)
		if _, err := send(d, l.TicketID, reply(c.Ticket.Newest)); err != nil {
			t.Errorf("once the %s was seen: %v", name, err)
		}
	}
}

// A draft may be open in two places: what was sent from one is not sent again from the other before its author has read it.
func TestAReplyThatKnowsNothingOfItsAuthorsLetterIsHeldBack(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	comments(d, l.TicketID, l.MessageID)
	w, err := send(d, l.TicketID, reply(l.MessageID))
	if err != nil {
		t.Fatalf("after a comment of one's own: %v", err)
	}
	_, err = send(d, l.TicketID, reply(l.MessageID))
	var conflict *fault.Conflict
	if !errors.As(err, &conflict) || !conflict.Newer {
		t.Errorf("after a letter of one's own: %v, want a conflict with something newer", err)
	}
	if _, err := send(d, l.TicketID, reply(w.MessageID)); err != nil {
		t.Errorf("once the letter was seen: %v", err)
	}
	d.Tx(func(tx *pg.Tx) error {
		_, err := pg.Exec(t.Context(), tx, `UPDATE message SET cancelled_at = $2 WHERE ticket_id = $1 AND kind = 'out'`, l.TicketID, tx.Now)
		return err
	})
	if _, err := send(d, l.TicketID, reply(l.MessageID)); err != nil {
		t.Errorf("after letters that were taken back: %v", err)
	}
}

func TestReplyRefusesBesideTheField(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	for name, c := range map[string]struct {
		spoil func(*ticket.Reply)
		field string
	}{
		"no text":         {func(p *ticket.Reply) { p.Text = " \n " }, "text"},
		"nobody":          {func(p *ticket.Reply) { p.To = "" }, "to"},
		"no address":      {func(p *ticket.Reply) { p.To = "Ann" }, "to"},
		"header in cc":    {func(p *ticket.Reply) { p.Cc = "x@y.test\r\nBcc: z@y.test" }, "cc"},
		"own mailbox":     {func(p *ticket.Reply) { p.Cc = "Support@desk.test" }, "cc"},
		"too many":        {func(p *ticket.Reply) { p.Cc = strings.Repeat("a", 1) + many(31) }, "to"},
		"past":            {func(p *ticket.Reply) { p.SendAt = time.Now().Add(-time.Hour) }, "send_at"},
		"too far":         {func(p *ticket.Reply) { p.SendAt = time.Now().Add(15 * 24 * time.Hour) }, "send_at"},
		"foreign status":  {func(p *ticket.Reply) { p.Change.Status = ticket.To[int64](999) }, "status"},
		"merged by hand":  {func(p *ticket.Reply) { p.Change.Status = ticket.To(d.Status("merged")) }, "status"},
		"foreign person":  {func(p *ticket.Reply) { p.Change.Assignee = ticket.To(d.Stranger.ID) }, "assignee"},
		"text of 2 MB":    {func(p *ticket.Reply) { p.Text = strings.Repeat("x", 2<<20) }, "text"},
		"foreign queue":   {func(p *ticket.Reply) { p.Change.Queue = ticket.To[int64](999) }, "queue"},
		"unknown urgency": {func(p *ticket.Reply) { p.Change.Priority = ticket.To[int64](999) }, "priority"},
	} {
		t.Run(name, func(t *testing.T) {
			p := reply(l.MessageID)
			c.spoil(&p)
			_, err := send(d, l.TicketID, p)
			var bad fault.Invalid
			if !errors.As(err, &bad) || bad[c.field].Key == "" {
				t.Errorf("err = %v, want a refusal beside %s", err, c.field)
			}
		})
	}
	if n := len(d.Card(d.Agent, l.TicketID).Messages); n != 1 {
		t.Errorf("%d messages after refusals only", n)
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("@y.test, " + string(rune('a'+i%26)) + strings.Repeat("b", i))
	}
	return b.String() + "@y.test"
}

func TestScheduledLetterStaysWhenTheCustomerWritesFirst(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.SendAt, p.UnlessAnswered = time.Now().Add(48*time.Hour), true
	if _, err := send(d, l.TicketID, p); err != nil {
		t.Fatal(err)
	}
	d.Write(l.TicketID, ann, "Never mind, it works.")
	c := d.Card(d.Agent, l.TicketID)
	if c.Deliveries[0].State != outbox.Cancelled || len(c.Drafts) != 1 {
		t.Errorf("letter %s, drafts %v; want it taken back", c.Deliveries[0].State, c.Drafts)
	}
}

func TestForeignTicketDoesNotExistForAnyVerb(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	w, err := send(d, l.TicketID, reply(l.MessageID))
	if err != nil {
		t.Fatal(err)
	}
	by := d.Stranger
	for name, deed := range map[string]func(tx *pg.Tx) error{
		"read": func(tx *pg.Tx) error {
			_, err := ticket.Read(t.Context(), tx, by, l.TicketID, ticket.Mark{})
			return err
		},
		"reply": func(tx *pg.Tx) error {
			_, err := ticket.CreateReply(t.Context(), tx, by, l.TicketID, reply(l.MessageID))
			return err
		},
		"comment": func(tx *pg.Tx) error {
			_, err := ticket.CreateComment(t.Context(), tx, by, l.TicketID, ticket.Comment{Text: "x"})
			return err
		},
		"update": func(tx *pg.Tx) error {
			return ticket.Update(t.Context(), tx, by, l.TicketID, ticket.Change{Subject: ticket.To("x")})
		},
		"draft": func(tx *pg.Tx) error {
			_, err := ticket.SaveDraft(t.Context(), tx, by, l.TicketID, "reply", ticket.Typed{Fields: map[string]string{"text": "x"}})
			return err
		},
		"seen":    func(tx *pg.Tx) error { return ticket.Seen(t.Context(), tx, by, l.TicketID, l.MessageID) },
		"cancel":  func(tx *pg.Tx) error { _, err := ticket.CancelReply(t.Context(), tx, by, w.OutboxID); return err },
		"now":     func(tx *pg.Tx) error { _, err := ticket.SendNow(t.Context(), tx, by, w.OutboxID); return err },
		"retry":   func(tx *pg.Tx) error { _, err := ticket.RetryLetter(t.Context(), tx, by, w.OutboxID); return err },
		"settle":  func(tx *pg.Tx) error { _, err := ticket.SettleLetter(t.Context(), tx, by, w.OutboxID); return err },
		"message": func(tx *pg.Tx) error { _, err := ticket.ReadMessage(t.Context(), tx, by, l.MessageID); return err },
		"body":    func(tx *pg.Tx) error { _, err := ticket.ReadBody(t.Context(), tx, by, l.MessageID); return err },
		"source":  func(tx *pg.Tx) error { _, err := ticket.SourceOf(t.Context(), tx, by, l.MessageID); return err },
	} {
		if err := d.DB.InTx(t.Context(), deed); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
	p, err := ticket.List(t.Context(), d.DB, by, ticket.Filter{View: ticket.All})
	if err != nil || len(p.Lines) != 0 {
		t.Errorf("list shows %d foreign tickets, %v", len(p.Lines), err)
	}
}
