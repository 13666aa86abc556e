package ticket_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/fixture"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

func TestDeletedTicketIsNowhereAndComesBackWhole(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Forget it.")
	before := d.Card(d.Admin, l.TicketID)
	if err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error { return ticket.Delete(t.Context(), tx, d.Agent, l.TicketID) }); !errors.Is(err, fault.Forbidden) {
		t.Errorf("deleted without the permission: %v", err)
	}
	d.Tx(func(tx *pg.Tx) error { return ticket.Delete(t.Context(), tx, d.Admin, l.TicketID) })
	if _, err := ticket.Read(t.Context(), d.DB, d.Admin, l.TicketID, ticket.Mark{}); !errors.Is(err, fault.NotFound) {
		t.Errorf("the card: %v", err)
	}
	if _, err := ticket.ReadMessage(t.Context(), d.DB, d.Admin, l.MessageID); !errors.Is(err, fault.NotFound) {
		t.Errorf("the message: %v", err)
	}
	if err := update(d, d.Admin, l.TicketID, ticket.Change{Subject: ticket.To("x")}); !errors.Is(err, fault.NotFound) {
		t.Errorf("a change: %v", err)
	}
	f, err := ticket.ReadFrame(t.Context(), d.DB, d.Admin, false)
	if err != nil || f.Counters.Views[ticket.MyQueues] != 0 {
		t.Errorf("counted: %+v, %v", f.Counters, err)
	}
	if got := d.Write(l.TicketID, ann, "Are you there?"); !got.Opened || got.TicketID == l.TicketID {
		t.Errorf("a new mail went into ticket %d", got.TicketID)
	}
	foreign := d.Stranger
	foreign.Permissions = append(slices.Clone(foreign.Permissions), agent.TicketDelete)
	for _, c := range []struct {
		by   agent.Agent
		want error
	}{{d.Agent, fault.Forbidden}, {foreign, fault.NotFound}} {
		if err := d.DB.InTx(t.Context(), func(tx *pg.Tx) error { return ticket.Restore(t.Context(), tx, c.by, l.TicketID) }); !errors.Is(err, c.want) {
			t.Errorf("restored by %s: %v, want %v", c.by.Name, err, c.want)
		}
	}
	d.Tx(func(tx *pg.Tx) error { return ticket.Restore(t.Context(), tx, d.Admin, l.TicketID) })
	after := d.Card(d.Admin, l.TicketID)
	if len(after.Messages) != len(before.Messages) || len(after.Events) != len(before.Events)+2 || !after.Ticket.ChangedAt.Equal(before.Ticket.ChangedAt) {
		t.Errorf("came back with %d messages, %d events, changed %v", len(after.Messages), len(after.Events), after.Ticket.ChangedAt)
	}
}

func TestLettersOfADeletedTicketDoNotLeave(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Lamp", "Forget it.")
	var w ticket.Written
	d.Tx(func(tx *pg.Tx) (err error) {
		w, err = ticket.CreateReply(t.Context(), tx, d.Admin, l.TicketID, ticket.Reply{To: ann, Text: "We shall.", Base: l.MessageID, Delay: time.Minute, IDKey: fixture.Key})
		return err
	})
	d.Tx(func(tx *pg.Tx) error { return ticket.Delete(t.Context(), tx, d.Admin, l.TicketID) })
	if state, _ := pg.One[string](t.Context(), d.DB, `SELECT state FROM outbox WHERE id = $1`, w.OutboxID); state != "cancelled" {
		t.Errorf("the letter is %s", state)
	}
	if letters, err := ticket.LettersOf(t.Context(), d.DB, d.Admin, l.TicketID, event.Deleted); err != nil || letters != (event.Tally{Kept: 1}) {
		t.Errorf("told of its letters: %+v, %v", letters, err)
	}
}

// Whoever deletes by mistake finds the letters waiting as before. What should have left meanwhile does not leave late by itself, nor what was to leave only
// if the customer stays silent, and they did not: their texts come back.
func TestLettersWaitAgainWhenTheirTicketComesBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply     ticket.Reply
		meanwhile func(d *fixture.Desk)
		waits     bool
	}{
		"its time has not come": {ticket.Reply{Delay: time.Minute}, nil, true},
		"its time has passed": {ticket.Reply{Delay: time.Minute}, func(d *fixture.Desk) {
			d.Tx(func(tx *pg.Tx) error {
				_, err := pg.Exec(d.Context(), tx, `UPDATE outbox SET send_after = $1`, tx.Now)
				return err
			})
		}, false},
		"the customer was silent": {ticket.Reply{Delay: time.Minute, UnlessAnswered: true}, nil, true},
		"the customer wrote":      {ticket.Reply{Delay: time.Minute, UnlessAnswered: true}, func(d *fixture.Desk) { d.Open(ann, "Well?", "Say.") }, false},
		"the customer wrote, yet": {ticket.Reply{Delay: time.Minute}, func(d *fixture.Desk) { d.Open(ann, "Well?", "Say.") }, true},
		"another wrote":           {ticket.Reply{Delay: time.Minute, UnlessAnswered: true}, func(d *fixture.Desk) { d.Open("eve@elsewhere.test", "Well?", "Say.") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := fixture.New(t)
			l := d.Open(ann, "Lamp", "Forget it.")
			c.reply.To, c.reply.Text, c.reply.Base, c.reply.IDKey = ann, "We shall.", l.MessageID, fixture.Key
			w, err := send(d, l.TicketID, c.reply)
			if err != nil {
				t.Fatal(err)
			}
			letter := func() string {
				t.Helper()
				s, err := pg.One[string](t.Context(), d.DB, `
					SELECT concat_ws(', ', state, settled_at IS NULL, overtaken, cancelled_at IS NULL, EXISTS (SELECT FROM search_document s WHERE s.message_id = message.id), (SELECT fields ->> 'text' FROM draft))
					FROM outbox JOIN message ON message.id = message_id WHERE outbox.id = $1`, w.OutboxID)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			before := letter()
			for range 2 {
				d.Tx(func(tx *pg.Tx) error { return ticket.Delete(t.Context(), tx, d.Admin, l.TicketID) })
				if c.meanwhile != nil {
					c.meanwhile(d)
				}
				d.Tx(func(tx *pg.Tx) error { return ticket.Restore(t.Context(), tx, d.Admin, l.TicketID) })
				want, told := before, event.Tally{Waiting: 1}
				if !c.waits {
					want, told = "cancelled, f, deleted, f, f, We shall.", event.Tally{Kept: 1}
				}
				if got := letter(); got != want {
					t.Errorf("%s\nwant %s", got, want)
				}
				if letters, err := ticket.LettersOf(t.Context(), d.DB, d.Admin, l.TicketID, event.Restored); err != nil || letters != told {
					t.Errorf("told of its letters: %+v, %v; want %+v", letters, err, told)
				}
				if !c.waits {
					break
				}
			}
		})
	}
}

// Nobody can take a letter out of a conversation with the server; but when the server says later, it stays here and its text comes back.
func TestLetterUnderWayIsNotTriedAgainWhenItIsNotToLeaveAnyMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		overtake func(d *fixture.Desk, l ticket.Landed)
		reason   string
	}{
		"deleted": {func(d *fixture.Desk, l ticket.Landed) {
			d.Tx(func(tx *pg.Tx) error { return ticket.Delete(d.Context(), tx, d.Admin, l.TicketID) })
		}, "deleted"},
		"deleted and restored": {func(d *fixture.Desk, l ticket.Landed) {
			d.Tx(func(tx *pg.Tx) error { return ticket.Delete(d.Context(), tx, d.Admin, l.TicketID) })
			d.Tx(func(tx *pg.Tx) error { return ticket.Restore(d.Context(), tx, d.Admin, l.TicketID) })
		}, "deleted"},
		"the customer wrote": {func(d *fixture.Desk, l ticket.Landed) { d.Write(l.TicketID, ann, "I answer already.") }, "customer_wrote"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := fixture.New(t)
			l := d.Open(ann, "Lamp", "Forget it.")
			w, err := send(d, l.TicketID, ticket.Reply{To: ann, Text: "Please answer.", Base: l.MessageID, IDKey: fixture.Key, UnlessAnswered: true})
			if err != nil {
				t.Fatal(err)
			}
			var under []outbox.Lease
			d.Tx(func(tx *pg.Tx) (err error) {
				box, _ := pg.One[int64](t.Context(), tx, `SELECT mailbox_id FROM outbox`)
				under, err = outbox.Claim(t.Context(), tx, box, 5, time.Minute)
				return err
			})
			c.overtake(d, l)
			d.Tx(func(tx *pg.Tx) error {
				later := outbox.Answer{Address: ann, Verdict: outbox.Deferred, Code: 451, Text: "4.7.1 greylisted"}
				end, err := outbox.Answered(t.Context(), tx, under[0], outbox.Answers{To: []outbox.Answer{later}, Code: 451})
				if end.State != outbox.Cancelled {
					t.Errorf("the letter is %s", end.State)
				}
				return errors.Join(err, ticket.StayedHere(t.Context(), tx, []int64{end.ID}))
			})
			told, _ := pg.One[string](t.Context(), d.DB, `SELECT string_agg(data->>'reason', ', ') FROM event WHERE kind = 'send_cancelled' AND message_id = $1`, w.MessageID)
			text, _ := pg.One[string](t.Context(), d.DB, `
				SELECT fields->>'text' FROM draft WHERE agent_id = $1 AND EXISTS (SELECT FROM message WHERE id = $2 AND cancelled_at IS NOT NULL)`, d.Agent.ID, w.MessageID)
			if told != c.reason || text != "Please answer." {
				t.Errorf("told %q, the text came back as %q", told, text)
			}
		})
	}
}

// A letter that is sent once more may have arrived: kept here it is left to a person, and its text is no draft that would be sent under another id.
func TestALetterThatMayHaveArrivedIsNotGivenBack(t *testing.T) {
	t.Parallel()
	for name, overtake := range map[string]func(d *fixture.Desk, l ticket.Landed){
		"deleted": func(d *fixture.Desk, l ticket.Landed) {
			d.Tx(func(tx *pg.Tx) error { return ticket.Delete(d.Context(), tx, d.Admin, l.TicketID) })
		},
		"the customer wrote": func(d *fixture.Desk, l ticket.Landed) { d.Write(l.TicketID, ann, "I have it.") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := fixture.New(t)
			l := d.Open(ann, "Lamp", "Forget it.")
			w, err := send(d, l.TicketID, ticket.Reply{To: ann, Text: "Please answer.", Base: l.MessageID, IDKey: fixture.Key, UnlessAnswered: true})
			if err != nil {
				t.Fatal(err)
			}
			d.Tx(func(tx *pg.Tx) error {
				_, err := pg.Exec(t.Context(), tx, `UPDATE outbox SET twice = true`)
				return err
			})
			overtake(d, l)
			got, err := pg.One[string](t.Context(), d.DB, `
				SELECT (SELECT state FROM outbox) || ', ' || (SELECT count(*) FROM draft) || ' drafts, told ' || string_agg(kind || ' ' || (data->>'reason'), ', ')
				FROM event WHERE message_id = $1 AND kind LIKE 'send_%'`, w.MessageID)
			if err != nil || got != "uncertain, 0 drafts, told send_uncertain held" {
				t.Errorf("%s %v", got, err)
			}
		})
	}
}
