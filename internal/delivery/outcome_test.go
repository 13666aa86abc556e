package delivery

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/alarm"
	"frontdesk/internal/event"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
)

// What there is no room for waits; nothing is wrong with it.
func TestLetterWaitsForRoom(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	id := d.write(written{text: strings.Repeat("A line of a long answer.\n", 60_000), to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	s := d.sender()
	s.TempDir = filepath.Join(s.TempDir, "full")
	d.once(s)
	if v := d.delivery(id); v.State != outbox.Queued || v.Attempts != 0 || d.events(id, event.SendFailed) != 0 {
		t.Fatalf("%+v", v)
	}
	if err := os.Mkdir(s.TempDir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.once(s)
	if v := d.delivery(id); v.State != outbox.Sent || len(sink.Ledger()) != 1 {
		t.Errorf("%+v", v)
	}
}

// A local part that is no row of atoms goes in quotes, in the envelope and in the header, and keeps its own answer.
func TestOddLocalPartsTravelInQuotes(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "rcpt", To: "john", Code: 550, Text: "5.1.1 no such user"})
	d := atSink(t, sink)
	id := d.put(alice, "foo..bar@customer.test", `"john doe"@customer.test`)
	d.once(d.sender())
	kept := sink.Ledger()
	if len(kept) != 1 || !slices.Equal(kept[0].To, []string{alice, `"foo..bar"@customer.test`}) || !strings.Contains(string(kept[0].Raw), `<"foo..bar"@customer.test>`) {
		t.Fatalf("the sink has %+v", kept)
	}
	var got []string
	for _, r := range d.delivery(id).Recipients {
		got = append(got, fmt.Sprint(r.Address, " ", r.State))
	}
	if want := []string{alice + " accepted", "foo..bar@customer.test accepted", `"john doe"@customer.test refused`}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestOutcomeByPhase is fault rows 25 and 26: whatever the server does in whatever phase, the row tells what is known, and the letter is at
// the server exactly when it says sent.
func TestOutcomeByPhase(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 25, 26)
	type outcome struct {
		fault mailworld.Fault
		state outbox.State
		code  int
		sink  int // copies at the server
	}
	table := map[string]outcome{
		"nothing": {mailworld.Fault{Phase: "none"}, outbox.Sent, 250, 1},

		"greet 421":  {mailworld.Fault{Phase: "greet", Code: 421, Text: "busy"}, outbox.Queued, 0, 0},
		"greet 554":  {mailworld.Fault{Phase: "greet", Code: 554, Text: "no service"}, outbox.Queued, 0, 0},
		"greet drop": {mailworld.Fault{Phase: "greet", Drop: true}, outbox.Queued, 0, 0},
		"auth 454":   {mailworld.Fault{Phase: "auth", Code: 454, Text: "4.7.0 later"}, outbox.Queued, 0, 0},
		"auth 535":   {mailworld.Fault{Phase: "auth", Code: 535, Text: "5.7.8 wrong"}, outbox.Queued, 0, 0},

		"mail 421":  {mailworld.Fault{Phase: "mail", Code: 421, Text: "4.3.2 closing"}, outbox.Queued, 421, 0},
		"mail 452":  {mailworld.Fault{Phase: "mail", Code: 452, Text: "4.3.1 full"}, outbox.Queued, 452, 0},
		"mail 550":  {mailworld.Fault{Phase: "mail", Code: 550, Text: "5.7.1 not you"}, outbox.Failed, 550, 0},
		"mail drop": {mailworld.Fault{Phase: "mail", Drop: true}, outbox.Queued, 0, 0},

		"rcpt 450":  {mailworld.Fault{Phase: "rcpt", Code: 450, Text: "4.2.1 greylisted"}, outbox.Queued, 450, 0},
		"rcpt 550":  {mailworld.Fault{Phase: "rcpt", Code: 550, Text: "5.1.1 no such user"}, outbox.Failed, 550, 0},
		"rcpt drop": {mailworld.Fault{Phase: "rcpt", Drop: true}, outbox.Queued, 0, 0},

		"data 451":  {mailworld.Fault{Phase: "data", Code: 451, Text: "4.3.0 later"}, outbox.Queued, 451, 0},
		"data 554":  {mailworld.Fault{Phase: "data", Code: 554, Text: "5.6.0 no"}, outbox.Failed, 554, 0},
		"data drop": {mailworld.Fault{Phase: "data", Drop: true}, outbox.Queued, 0, 0},

		"body drop": {mailworld.Fault{Phase: "body", Drop: true, After: 100}, outbox.Queued, 0, 0},

		"dot 451":           {mailworld.Fault{Phase: "dot", Code: 451, Text: "4.3.0 later"}, outbox.Queued, 451, 0},
		"dot 554":           {mailworld.Fault{Phase: "dot", Code: 554, Text: "5.7.1 spam"}, outbox.Failed, 554, 0},
		"dot drop, kept":    {mailworld.Fault{Phase: "dot", Drop: true, Keep: true}, outbox.Uncertain, 0, 1},
		"dot drop, lost":    {mailworld.Fault{Phase: "dot", Drop: true}, outbox.Uncertain, 0, 0},
		"dot hang, kept":    {mailworld.Fault{Phase: "dot", Hang: true, Keep: true}, outbox.Uncertain, 0, 1},
		"250 slowly":        {mailworld.Fault{Phase: "dot", Delay: 300 * time.Millisecond}, outbox.Sent, 250, 1},
		"250, drop at QUIT": {mailworld.Fault{Phase: "quit", Drop: true}, outbox.Sent, 250, 1},
		"250, hang at QUIT": {mailworld.Fault{Phase: "quit", Hang: true}, outbox.Sent, 250, 1},
	}
	row.Injected("%d faults from the greeting to QUIT", len(table))
	row.Counted("each letter as the phase says, at the server exactly when it is sent or uncertain, and told on its ticket")
	for name, c := range table {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := mailworld.StartSink(t)
			sink.Fail(c.fault)
			d := atSink(t, sink)
			s := d.sender()
			if c.fault.Phase == "dot" && c.fault.Hang { // for all others a busy machine has the time it needs
				s.Limits.Dot = 3 * time.Second
			}
			text := "short"
			if c.fault.Phase == "body" {
				text = strings.Repeat("more than the buffers between us hold\n", 200_000)
			}
			id := d.write(written{text: text, to: []outbox.Recipient{{Address: alice, Kind: "to"}, {Address: "bob@customer.test", Kind: "to"}}})
			d.once(s)
			v := d.delivery(id)
			if v.State != c.state || v.Code != c.code || len(sink.Ledger()) != c.sink {
				t.Fatalf("state %s, code %d, %d at the server, text %q; want %s, %d, %d", v.State, v.Code, len(sink.Ledger()), v.Text, c.state, c.code, c.sink)
			}
			if strings.Contains(v.Text, "canary-pw") {
				t.Errorf("the password shows: %q", v.Text)
			}
			if v.Trouble != (c.state == outbox.Failed || c.state == outbox.Uncertain) {
				t.Errorf("listed as undelivered: %v", v.Trouble)
			}
			d.follows(id, c.state, sink)
		})
	}
}

// follows checks what the ticket was told, and that the server's recovery ends it well where nothing was decided yet.
func (d *desk) follows(id int64, state outbox.State, sink *mailworld.Sink) {
	d.Helper()
	want := map[outbox.State]event.Kind{outbox.Sent: event.Sent, outbox.Failed: event.SendFailed, outbox.Uncertain: event.SendUncertain}
	for _, k := range []event.Kind{event.Sent, event.SendFailed, event.SendUncertain} {
		n := 0
		if want[state] == k {
			n = 1
		}
		if got := d.events(id, k); got != n {
			d.Errorf("%d events %s, want %d", got, k, n)
		}
	}
	before := len(sink.Ledger())
	sink.Heal()
	d.clock.Advance(2 * time.Minute)
	d.once(d.sender())
	v, n := d.delivery(id), len(sink.Ledger())-before
	if again := state == outbox.Queued; again && (v.State != outbox.Sent || n != 1) || !again && (v.State != state || n != 0) {
		d.Errorf("afterwards %s, %d more at the server, text %q", v.State, n, v.Text)
	}
}

func TestOneOfThreeRefusedAndOneDeferred(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 25)
	row.Injected("one recipient of three refused, one deferred")
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "rcpt", To: "no@", Code: 550, Text: "5.1.1 no such user"})
	sink.Fail(mailworld.Fault{Phase: "rcpt", To: "later@", Code: 451, Text: "4.2.0 later", Times: 1})
	d := atSink(t, sink)
	id := d.put(alice, "no@customer.test", "later@customer.test")
	s := d.sender()
	d.once(s)
	if v := d.delivery(id); v.State != outbox.Queued || !v.Partly || v.Cancellable() {
		t.Fatalf("%+v", v)
	}
	d.clock.Advance(time.Minute)
	d.once(s)
	v := d.delivery(id)
	if v.State != outbox.Sent || !v.Trouble || v.Recipients[1].Text != "5.1.1 no such user" || d.events(id, event.SendFailed) != 1 {
		t.Errorf("%+v", v)
	}
	l := sink.Ledger()
	row.Counted("%d copies, the third told as refused", len(l))
	if len(l) != 2 || fmt.Sprint(l[0].To, l[1].To) != "[alice@customer.test] [later@customer.test]" || string(l[0].Raw) != string(l[1].Raw) {
		t.Errorf("%d at the server", len(l))
	}
}

// 452 behind some recipients says that the others come with the next letter (RFC 5321, 4.5.3.1.10): as long as each attempt serves somebody, the next
// one does not wait longer.
func TestAServerThatTakesOneRecipientAtATimeHasServedAllWithinMinutes(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	to := []string{alice}
	for n := range 4 {
		to = append(to, fmt.Sprintf("cc%d@customer.test", n))
		sink.Fail(mailworld.Fault{Phase: "rcpt", To: to[n+1], Code: 452, Text: "4.5.3 too many recipients", Times: n + 1})
	}
	d := atSink(t, sink)
	id := d.put(to...)
	s := d.sender()
	for range to {
		d.once(s)
		d.clock.Advance(time.Minute)
	}
	var served []string
	for _, l := range sink.Ledger() {
		served = append(served, l.To...)
	}
	if v := d.delivery(id); v.State != outbox.Sent || v.Trouble || !slices.Equal(served, to) {
		t.Errorf("%s, served %v: %+v", v.State, served, v.Recipients)
	}
}

// A server that puts strangers off is kept to by the attempts, and nobody is told of it.
func TestGreylistingOfTwentyMinutesIsWaitedOutAndIsNoAlarm(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "rcpt", Code: 450, Text: "4.2.0 greylisted, come back in 20 minutes"})
	d := atSink(t, sink)
	d.must(func(tx *tx) error { return mailbox.Worked(t.Context(), tx, d.mailbox) })
	id := d.put(alice)
	s := d.sender()
	for minute := range 23 {
		if minute == 20 {
			sink.Heal()
		}
		d.once(s)
		d.must(func(tx *tx) error {
			list, err := alarm.Find(t.Context(), tx, tx.Now)
			if i := slices.IndexFunc(list, func(a alarm.Alarm) bool { return a.Kind == alarm.Unsent }); i >= 0 {
				t.Errorf("minute %d: %+v", minute, list[i])
			}
			return err
		})
		d.clock.Advance(time.Minute)
	}
	if v := d.delivery(id); v.State != outbox.Sent || v.Trouble || len(sink.Ledger()) != 1 {
		t.Errorf("%+v", v)
	}
}

// What happened to the ticket meanwhile is asked whenever a letter comes back, and told.
func TestOvertakenLetterIsNotSentAgainAndItsTicketIsTold(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(d *desk, s *Sender, l outbox.Lease) error{
		"the server says later": func(d *desk, s *Sender, l outbox.Lease) error {
			return s.settle(d.Context(), l, mailbox.Result{Outcome: mailbox.Temporary, Code: 451, Recipients: []mailbox.Recipient{{Address: alice, Verdict: mailbox.Deferred, Code: 451}}})
		},
		"the lane gives it back": func(d *desk, s *Sender, l outbox.Lease) error { return s.release(d.Context(), []outbox.Lease{l}) },
		"its lease runs out": func(d *desk, s *Sender, _ outbox.Lease) error {
			d.clock.Advance(outbox.LeaseFor + time.Second)
			return s.expire(d.Context())
		},
	} {
		for twice, want := range map[bool]struct {
			state outbox.State
			told  event.Kind
		}{false: {outbox.Cancelled, event.SendCancelled}, true: {outbox.Uncertain, event.SendUncertain}} {
			t.Run(fmt.Sprint(name, ", may have arrived before: ", twice), func(t *testing.T) {
				t.Parallel()
				sink := mailworld.StartSink(t)
				d := atSink(t, sink)
				id := d.put(alice)
				d.must(func(tx *tx) error { d.exec(tx, `UPDATE outbox SET twice = $1`, twice); return nil })
				s := d.sender()
				s.prepare()
				batch, err := s.claim(t.Context(), d.mailbox, 1)
				if err != nil {
					t.Fatal(err)
				}
				d.must(func(tx *tx) error {
					_, _, err := outbox.Overtake(t.Context(), tx, d.ticket, outbox.Deleted)
					return err
				})
				if err := back(d, s, batch[0]); err != nil {
					t.Fatal(err)
				}
				d.clock.Advance(time.Hour)
				d.once(s)
				if v := d.delivery(id); v.State != want.state || len(sink.Ledger()) != 0 || d.events(id, want.told) != 1 {
					t.Errorf("%+v", v)
				}
			})
		}
	}
}

func TestEveryAttemptSendsTheSameBytes(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "dot", Code: 451, Text: "later", Keep: true, Times: 3})
	d := atSink(t, sink)
	id := d.put(alice)
	for range 4 {
		d.once(d.sender()) // another process each time
		d.clock.Advance(2 * time.Hour)
		d.must(func(tx *tx) error { // what it would be made of changes meanwhile
			d.exec(tx, `UPDATE message SET subject = 'other', from_name = 'Other'`)
			d.exec(tx, `UPDATE message_body SET text = 'other'`)
			return nil
		})
	}
	l := sink.Ledger()
	if len(l) != 4 || d.delivery(id).State != outbox.Sent {
		t.Fatalf("%d attempts, %s", len(l), d.delivery(id).State)
	}
	for i := range l {
		if string(l[i].Raw) != string(l[0].Raw) {
			t.Errorf("attempt %d differs", i+1)
		}
	}
	if !strings.Contains(string(l[0].Raw), "Printer jams") {
		t.Error("not the first bytes")
	}
}

func TestAnswerToAMailLeavesWithTheNullSender(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	d.write(written{kind: outbox.AutoReply, to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	d.put(alice)
	d.once(d.sender())
	for _, l := range sink.Ledger() {
		auto := strings.Contains(string(l.Raw), "Auto-Submitted: auto-replied\r\n")
		if auto != (l.From == "") || !auto && l.From != support {
			t.Errorf("from %q, automatic %v", l.From, auto)
		}
	}
	if n := one[int](d, d.db, `SELECT count(*) FROM ticket_clock WHERE met_at IS NOT NULL`); n != 1 {
		t.Error("the reply met no goal")
	}
}

func TestAutomaticReplyIsNoReaction(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	d.write(written{kind: outbox.AutoReply, to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	d.once(d.sender())
	if n := one[int](d, d.db, `SELECT count(*) FROM ticket_clock WHERE met_at IS NOT NULL`); len(sink.Ledger()) != 1 || n != 0 {
		t.Errorf("%d sent, %d goals met", len(sink.Ledger()), n)
	}
}

func TestNoFieldAddsAHeader(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	plain := d.write(written{to: []outbox.Recipient{{Address: alice, Display: "Alice", Kind: "to"}}})
	for _, evil := range []string{"a\r\nBcc: evil@x.test", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\u2028X-Evil: 1", "a\r\n\r\nbody", "a\u0085X-Evil: 1"} {
		d.write(written{subject: evil, to: []outbox.Recipient{{Address: alice, Display: evil, Kind: "to"}}})
	}
	d.once(d.sender())
	names := func(raw []byte) (out []string) {
		head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
		for _, line := range strings.Split(head, "\r\n") {
			if name, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
				out = append(out, name)
			}
		}
		return out
	}
	l := sink.Ledger()
	if len(l) != 7 {
		t.Fatalf("%d sent", len(l))
	}
	var want string
	for _, x := range l {
		if messageID(x.Raw) == d.rfc(plain) {
			want = fmt.Sprint(names(x.Raw))
		}
	}
	for _, x := range l {
		if got := fmt.Sprint(names(x.Raw)); got != want || len(x.To) != 1 {
			t.Errorf("headers %s, want %s", got, want)
		}
	}
}

func TestLetterThatCannotBeMadeFailsAlone(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	bad := d.put("not an address")
	good := d.put(alice)
	d.once(d.sender())
	if b, g := d.delivery(bad), d.delivery(good); b.State != outbox.Failed || b.Text == "" || g.State != outbox.Sent || d.events(bad, event.SendFailed) != 1 {
		t.Errorf("%+v\n%+v", b, g)
	}
}

func TestAConnectionThatTheServerClosedBetweenLettersCostsNoAttempt(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "mail", Times: 1}) // the first is answered
	sink.Fail(mailworld.Fault{Phase: "mail", Drop: true, Times: 1})
	d := atSink(t, sink)
	d.put(alice)
	second := d.put(alice)
	d.once(d.sender())
	if v := d.delivery(second); v.State != outbox.Sent || v.Attempts != 1 || sink.Sessions() != 2 {
		t.Errorf("over %d connections: %+v", sink.Sessions(), v)
	}
}

func TestAServerThatBreaksOffNowAndThenIsGivenNoRest(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "dot", To: "carol", Drop: true})
	d := atSink(t, sink)
	for range maxLost + 1 {
		d.put("carol@customer.test")
		d.put(alice)
	}
	s := d.sender()
	s.Lanes = 1
	d.once(s)
	if sent := one[int](d, d.db, `SELECT count(*) FROM outbox WHERE state = 'sent'`); sent != maxLost+1 || one[bool](d, d.db, `SELECT retry_at IS NOT NULL FROM outbox_server`) {
		t.Errorf("%d are sent, want %d, and the server rests", sent, maxLost+1)
	}
}

func TestLetterTooLargeForTheServerFailsWithItsWords(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.SetSize(2000)
	d := atSink(t, sink)
	id := d.write(written{text: strings.Repeat("long ", 1000), to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	d.once(d.sender())
	if v := d.delivery(id); v.State != outbox.Failed || v.Code != 552 || v.Recipients[0].Code != 552 || !v.TooLarge() || len(sink.Ledger()) != 0 {
		t.Errorf("%+v", v)
	}
	if n := one[int64](d, d.db, `SELECT max_size FROM outbox_server`); n != 2000 {
		t.Errorf("the server takes %d bytes", n)
	}
}

func TestWrongPasswordHoldsTheLetters(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	d.password("wrong")
	ids := []int64{d.put(alice), d.put(alice)}
	s := d.sender()
	for range 60 { // an hour
		d.once(s)
		d.clock.Advance(time.Minute)
	}
	failures, said := one[int](d, d.db, `SELECT failures FROM outbox_server`), one[string](d, d.db, `SELECT error FROM outbox_server`)
	if failures > 6 || failures < 3 || said == "" || strings.Contains(said, "canary") {
		t.Errorf("%d failures: %s", failures, said)
	}
	for _, id := range ids {
		if v := d.delivery(id); v.State != outbox.Queued || !v.Cancellable() {
			t.Errorf("%+v", v)
		}
	}
	d.password("canary-pw")
	d.must(func(tx *tx) error { return outbox.TryServerNow(t.Context(), tx, d.mailbox) })
	d.once(s)
	if len(sink.Ledger()) != 2 {
		t.Errorf("%d sent after the password was set right", len(sink.Ledger()))
	}
}

func (d *desk) password(p mailbox.Secret) {
	d.must(func(tx *tx) error { d.exec(tx, `UPDATE mailbox SET secret = $1`, d.seal.Seal(p)); return nil })
}
