package ticket_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// A draft may be heard behind the letter it became; another form of its author is another matter, and so is a letter that was taken back.
func TestADraftBehindItsLetterIsKeptNoMore(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	p := reply(l.MessageID)
	p.FormKey = "form-1"
	w, err := send(d, l.TicketID, p)
	if err != nil {
		t.Fatal(err)
	}
	keeps := func(form, text, want string) {
		t.Helper()
		d.Tx(func(tx *pg.Tx) error {
			_, err := ticket.SaveDraft(t.Context(), tx, d.Agent, l.TicketID, ticket.DraftReply, ticket.Typed{Fields: map[string]string{"text": text}, FormKey: form})
			return butWritten(err)
		})
		c := d.Card(d.Agent, l.TicketID)
		if want == "" && len(c.Drafts) != 0 || want != "" && (len(c.Drafts) != 1 || c.Drafts[0].Fields["text"] != want) {
			t.Errorf("after %q of %s: drafts %+v, want %q", text, form, c.Drafts, want)
		}
	}
	keeps("form-1", p.Text, "")
	keeps("form-2", "The next one.", "The next one.")
	keeps("form-1", p.Text, "The next one.")
	keeps("form-1", "", "The next one.")
	keeps("form-2", "", "")
	d.Tx(func(tx *pg.Tx) error { _, err := ticket.CancelReply(t.Context(), tx, d.Agent, w.OutboxID); return err })
	keeps("form-1", "We have looked at it.", "We have looked at it.")
}

// butWritten forgets that a form was written already, which its draft is told.
func butWritten(err error) error {
	var clash *fault.Conflict
	if errors.As(err, &clash) && clash.Written {
		return nil
	}
	return err
}

// Of two tabs or devices of one agent the one that knows the draft of the other goes on with it; the other is told, and nothing of either is lost.
func TestADraftOfAnotherFormIsNotOverwritten(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	save := func(form, text string, knows int) (version int, err error) {
		n := int64(knows)
		err = d.DB.InTx(t.Context(), func(tx *pg.Tx) (err error) {
			version, err = ticket.SaveDraft(t.Context(), tx, d.Agent, l.TicketID, ticket.DraftReply, ticket.Typed{Fields: map[string]string{"text": text}, FormKey: form, Version: &n})
			return err
		})
		return version, err
	}
	taken := func(form, text string, knows int) int {
		t.Helper()
		version, err := save(form, text, knows)
		if c := d.Card(d.Agent, l.TicketID); err != nil || text != "" && (c.Drafts[0].Fields["text"] != text || c.Drafts[0].Version != version) {
			t.Errorf("%q of %s, which knows %d: version %d, %v, drafts %+v", text, form, knows, version, err, c.Drafts)
		}
		return version
	}
	told := func(form, text string, knows int) {
		t.Helper()
		before := d.Card(d.Agent, l.TicketID).Drafts
		_, err := save(form, text, knows)
		if after := d.Card(d.Agent, l.TicketID).Drafts; !errors.As(err, new(*fault.Conflict)) || !cmp.Equal(before, after) {
			t.Errorf("%q of %s, which knows %d: %v\n%s", text, form, knows, err, cmp.Diff(before, after))
		}
	}
	attached(d, l.TicketID, ticket.DraftReply, "photo.jpg")
	first := taken("tab 1", "one", 0)
	taken("tab 1", "one two", 0) // the answer to the first was lost
	told("tab 2", "other", 0)
	told("tab 2", "other", first)
	told("tab 2", "", first)
	second := taken("tab 2", "one two three", d.Card(d.Agent, l.TicketID).Drafts[0].Version)
	attached(d, l.TicketID, ticket.DraftReply, "another.jpg")
	told("tab 1", "one", first)
	taken("tab 2", "", second)
	if again := taken("tab 1", "anew", 0); again == first || again == second {
		t.Error("a draft that is begun anew is taken for the one before")
	}
}

// However close the two come, a letter leaves no draft of itself behind.
func TestALetterAndItsDraftAtOnceLeaveOnlyTheLetter(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	for i := range 20 {
		p := reply(1 << 40)
		p.FormKey = fmt.Sprint("form-", i)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error {
					_, err := ticket.SaveDraft(t.Context(), tx, d.Agent, l.TicketID, ticket.DraftReply, ticket.Typed{Fields: map[string]string{"text": p.Text}, FormKey: p.FormKey})
					return butWritten(err)
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			if _, err := send(d, l.TicketID, p); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		if c := d.Card(d.Agent, l.TicketID); len(c.Drafts) != 0 {
			t.Fatalf("%s left %+v", p.FormKey, c.Drafts)
		}
	}
}
