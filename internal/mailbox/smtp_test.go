package mailbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
)

func dial(t *testing.T, a mailbox.Account) *mailbox.SMTP {
	t.Helper()
	s, err := mailbox.DialSMTP(soon(t), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// sinkAccount is an account at a sink.
func sinkAccount(s *mailworld.Sink) mailbox.Account {
	return mailbox.Account{
		SMTP:     mailbox.Server{Host: mailworld.Host, Port: s.Port, TLS: mailbox.StartTLS, User: "support@desk.test"},
		Password: "secret-canary", CAPEM: s.CAPEM, Policy: local,
	}
}

func send(t *testing.T, s *mailbox.SMTP, raw []byte, to ...string) mailbox.Result {
	t.Helper()
	return s.Send(soon(t), mailbox.Envelope{From: "support@desk.test", To: to}, int64(len(raw)), bytes.NewReader(raw), committed)
}

func committed(context.Context, []mailbox.Recipient) error { return nil }

func TestEximTakesLettersAndAnswersEachRecipient(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{})
	for _, a := range []mailbox.Account{accountIn(w, "support@desk.test"), starttls(w, accountIn(w, "support@desk.test"))} {
		s := dial(t, a)
		if s.MaxSize() != 50<<20 {
			t.Errorf("SIZE %d", s.MaxSize())
		}
		r := send(t, s, letter(1, 0), "alice@customer.test", "nobody@customer.test", "bob@customer.test", "x@elsewhere.test", "two words@customer.test", "żółw@customer.test")
		if r.Outcome != mailbox.Sent || r.Err != nil || r.Code != 250 {
			t.Fatalf("one refused recipient of three: %+v", r)
		}
		want := []mailbox.Verdict{mailbox.Accepted, mailbox.Refused, mailbox.Accepted, mailbox.Refused, mailbox.Refused, mailbox.Refused}
		for i, to := range r.Recipients {
			if to.Verdict != want[i] || to.Code == 0 || to.Text == "" {
				t.Errorf("%s: %+v, want %s", to.Address, to, want[i])
			}
		}
		for n := range 20 {
			if r := send(t, s, letter(100+n, 500), "alice@customer.test"); r.Outcome != mailbox.Sent {
				t.Fatalf("letter %d over the same connection: %+v", n, r)
			}
		}
		if r := send(t, s, letter(3, 0), "nobody@customer.test"); r.Outcome != mailbox.Permanent || r.Phase != mailbox.PhaseRcpt || r.Recipients[0].Code != 550 {
			t.Errorf("nobody took it: %+v", r)
		}
		if r := send(t, s, letter(4, 0), "bob@customer.test"); r.Outcome != mailbox.Sent {
			t.Errorf("after a refused letter: %+v", r)
		}
	}
	arrived(t, w, "alice@customer.test", 42)
	arrived(t, w, "bob@customer.test", 4)
}

func arrived(t *testing.T, w *mailworld.World, account string, want int) {
	t.Helper()
	ctx := soon(t)
	for {
		n, err := w.Count(account, "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		if n == want {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s has %d messages, want %d", account, n, want)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestOutcomeByPhase is the table of RELIABILITY, section 3, and fault rows 25 and 26.
func TestOutcomeByPhase(t *testing.T) {
	t.Parallel()
	const acc, ref, def, pen = mailbox.Accepted, mailbox.Refused, mailbox.Deferred, mailbox.Pending
	type verdicts []mailbox.Verdict
	for _, c := range []struct {
		name    string
		fault   mailworld.Fault
		outcome mailbox.Outcome
		phase   mailbox.Phase
		to      verdicts // alice, bob, carol
		code    int
		kept    int // entries in the sink's ledger
	}{
		{"all well", mailworld.Fault{Phase: "none"}, mailbox.Sent, mailbox.PhaseDot, verdicts{acc, acc, acc}, 250, 1},
		{"421 at MAIL", mailworld.Fault{Phase: "mail", Code: 421}, mailbox.Temporary, mailbox.PhaseMail, verdicts{def, def, def}, 421, 0},
		{"451 at MAIL", mailworld.Fault{Phase: "mail", Code: 451}, mailbox.Temporary, mailbox.PhaseMail, verdicts{def, def, def}, 451, 0},
		{"550 at MAIL", mailworld.Fault{Phase: "mail", Code: 550}, mailbox.Permanent, mailbox.PhaseMail, verdicts{ref, ref, ref}, 550, 0},
		{"drop at MAIL", mailworld.Fault{Phase: "mail", Drop: true}, mailbox.Temporary, mailbox.PhaseMail, verdicts{pen, pen, pen}, 0, 0},
		{"hang at MAIL", mailworld.Fault{Phase: "mail", Hang: true}, mailbox.Temporary, mailbox.PhaseMail, verdicts{pen, pen, pen}, 0, 0},
		{"one refused", mailworld.Fault{Phase: "rcpt", To: "bob", Code: 550, Text: "5.1.1 no such user"}, mailbox.Sent, mailbox.PhaseDot, verdicts{acc, ref, acc}, 250, 1},
		{"one deferred", mailworld.Fault{Phase: "rcpt", To: "bob", Code: 450, Text: "4.2.0 greylisted"}, mailbox.Sent, mailbox.PhaseDot, verdicts{acc, def, acc}, 250, 1},
		{"552 means too many", mailworld.Fault{Phase: "rcpt", To: "carol", Code: 552}, mailbox.Sent, mailbox.PhaseDot, verdicts{acc, acc, def}, 250, 1},
		{"all refused", mailworld.Fault{Phase: "rcpt", Code: 550}, mailbox.Permanent, mailbox.PhaseRcpt, verdicts{ref, ref, ref}, 550, 0},
		{"all deferred", mailworld.Fault{Phase: "rcpt", Code: 450}, mailbox.Temporary, mailbox.PhaseRcpt, verdicts{def, def, def}, 450, 0},
		{"251 means that it is passed on", mailworld.Fault{Phase: "rcpt", To: "bob", Code: 251}, mailbox.Sent, mailbox.PhaseDot, verdicts{acc, acc, acc}, 250, 1},
		{"two codes at once at RCPT", mailworld.Fault{Phase: "rcpt", To: "bob", Raw: "250-ok\r\n550 no"}, mailbox.Temporary, mailbox.PhaseRcpt, verdicts{pen, pen, pen}, 0, 0},
		{"421 at the second RCPT", mailworld.Fault{Phase: "rcpt", To: "bob", Code: 421}, mailbox.Temporary, mailbox.PhaseRcpt, verdicts{def, def, pen}, 421, 0},
		{"drop at the second RCPT", mailworld.Fault{Phase: "rcpt", To: "bob", Drop: true}, mailbox.Temporary, mailbox.PhaseRcpt, verdicts{pen, pen, pen}, 0, 0},
		{"451 at DATA", mailworld.Fault{Phase: "data", Code: 451}, mailbox.Temporary, mailbox.PhaseData, verdicts{def, def, def}, 451, 0},
		{"554 at DATA", mailworld.Fault{Phase: "data", Code: 554, Text: "5.7.1 spam"}, mailbox.Permanent, mailbox.PhaseData, verdicts{ref, ref, ref}, 554, 0},
		{"drop at DATA", mailworld.Fault{Phase: "data", Drop: true}, mailbox.Temporary, mailbox.PhaseData, verdicts{pen, pen, pen}, 0, 0},
		{"drop in the body", mailworld.Fault{Phase: "body", After: 1000, Drop: true}, mailbox.Temporary, mailbox.PhaseBody, verdicts{pen, pen, pen}, 0, 0},
		{"452 at the dot", mailworld.Fault{Phase: "dot", Code: 452}, mailbox.Temporary, mailbox.PhaseDot, verdicts{def, def, def}, 452, 0},
		{"554 at the dot", mailworld.Fault{Phase: "dot", Code: 554}, mailbox.Permanent, mailbox.PhaseDot, verdicts{ref, ref, ref}, 554, 0},
		{"drop after the dot", mailworld.Fault{Phase: "dot", Drop: true}, mailbox.Ambiguous, mailbox.PhaseDot, verdicts{pen, pen, pen}, 0, 0},
		{"taken, then drop", mailworld.Fault{Phase: "dot", Drop: true, Keep: true}, mailbox.Ambiguous, mailbox.PhaseDot, verdicts{pen, pen, pen}, 0, 1},
		{"taken, then hang", mailworld.Fault{Phase: "dot", Hang: true, Keep: true}, mailbox.Ambiguous, mailbox.PhaseDot, verdicts{pen, pen, pen}, 0, 1},
		{"nonsense after the dot", mailworld.Fault{Phase: "dot", Code: 99}, mailbox.Ambiguous, mailbox.PhaseDot, verdicts{pen, pen, pen}, 0, 0},
		{"354 after the dot", mailworld.Fault{Phase: "dot", Code: 354}, mailbox.Ambiguous, mailbox.PhaseDot, verdicts{pen, pen, pen}, 0, 0},
		{"250, then drop on QUIT", mailworld.Fault{Phase: "quit", Drop: true}, mailbox.Sent, mailbox.PhaseDot, verdicts{acc, acc, acc}, 250, 1},
		{"250, then drop on RSET", mailworld.Fault{Phase: "rset", Drop: true}, mailbox.Sent, mailbox.PhaseDot, verdicts{acc, acc, acc}, 250, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sink := mailworld.StartSink(t)
			sink.Fail(c.fault)
			a := sinkAccount(sink)
			if c.fault.Hang { // for all others a busy machine has the time it needs
				a.Limits = mailbox.Limits{Command: 3 * time.Second, Dot: 3 * time.Second}
			}
			s := dial(t, a)
			raw := letter(1, 8<<20)
			if c.fault.Phase != "body" {
				raw = letter(1, 0)
			}
			r := send(t, s, raw, "alice@customer.test", "bob@customer.test", "carol@customer.test")
			got := verdicts{r.Recipients[0].Verdict, r.Recipients[1].Verdict, r.Recipients[2].Verdict}
			if r.Outcome != c.outcome || r.Phase != c.phase || r.Code != c.code || !slices.Equal(got, c.to) {
				t.Errorf("got %s in %s with %d %v (%v), want %s in %s with %d %v", r.Outcome, r.Phase, r.Code, got, r.Err, c.outcome, c.phase, c.code, c.to)
			}
			if (r.Outcome == mailbox.Sent) != (r.Err == nil) && r.Phase != mailbox.PhaseRcpt {
				t.Errorf("outcome %s with error %v", r.Outcome, r.Err)
			}
			if over := c.code == 0 || c.code == 421; s.Closed() != over {
				t.Errorf("the conversation is over: %t, want %t", s.Closed(), over)
			}
			s.Close()
			if kept := sink.Ledger(); len(kept) != c.kept || c.kept == 1 && !bytes.Equal(kept[0].Raw, raw) {
				t.Errorf("the sink has %d letters, want %d, byte for byte", len(kept), c.kept)
			}
		})
	}
}

func TestNothingIsSentWhenTheCommitBeforeTheDotFails(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	s := dial(t, sinkAccount(sink))
	down := errors.New("database down")
	raw := letter(1, 100)
	r := s.Send(soon(t), mailbox.Envelope{From: "support@desk.test", To: []string{"a@b.test"}}, int64(len(raw)), bytes.NewReader(raw),
		func(context.Context, []mailbox.Recipient) error { return down })
	if r.Outcome != mailbox.Temporary || !errors.Is(r.Err, down) || !s.Closed() {
		t.Errorf("%+v", r)
	}
	ctx, stop := context.WithCancel(soon(t))
	s = dial(t, sinkAccount(sink))
	r = s.Send(ctx, mailbox.Envelope{From: "support@desk.test", To: []string{"a@b.test"}}, int64(len(raw)), bytes.NewReader(raw),
		func(context.Context, []mailbox.Recipient) error { stop(); return nil })
	if r.Outcome != mailbox.Temporary || r.Phase != mailbox.PhaseBody || !s.Closed() {
		t.Errorf("stopped at that moment: %+v", r)
	}
	if n := len(sink.Ledger()); n != 0 {
		t.Errorf("%d letters at the sink", n)
	}
}

// TestTheWholeBodyHasLeftBeforeTheCommit: at the moment of the commit only the dot is missing, so a crash before it is no ambiguity.
func TestTheWholeBodyHasLeftBeforeTheCommit(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	got := make(chan int, 1000)
	sink.Watch(func(body int) { got <- body })
	s := dial(t, sinkAccount(sink))
	raw := letter(1, 100)
	r := s.Send(soon(t), mailbox.Envelope{From: "support@desk.test", To: []string{"a@b.test"}}, int64(len(raw)), bytes.NewReader(raw),
		func(ctx context.Context, _ []mailbox.Recipient) error {
			for {
				select {
				case n := <-got:
					if n == len(raw) {
						return nil
					}
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		})
	if r.Outcome != mailbox.Sent {
		t.Errorf("%+v", r)
	}
}

func TestOwnFailureNeverSendsAPartialLetter(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	broken := errors.New("blob is gone")
	for name, body := range map[string]io.Reader{"short": strings.NewReader("Subject: x\r\n\r\n"), "broken": iotest.ErrReader(broken)} {
		s := dial(t, sinkAccount(sink))
		r := s.Send(soon(t), mailbox.Envelope{From: "a@b.test", To: []string{"a@b.test"}}, 5000, body, committed)
		if r.Outcome != mailbox.Temporary || name == "broken" && !errors.Is(r.Err, broken) {
			t.Errorf("%s: %+v", name, r)
		}
		s.Close()
	}
	if n := len(sink.Ledger()); n != 0 {
		t.Errorf("%d letters at the sink", n)
	}
}

func TestKeptConnectionThatWentAwayIsSeenBeforeAnythingWasSent(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	s := dial(t, sinkAccount(sink))
	if r := send(t, s, letter(1, 0), "a@b.test"); r.Outcome != mailbox.Sent {
		t.Fatalf("%+v", r)
	}
	sink.DropAll()
	r := send(t, s, letter(2, 0), "a@b.test")
	if r.Outcome != mailbox.Temporary || r.Phase != mailbox.PhaseMail || r.Code != 0 || !s.Closed() {
		t.Errorf("%+v", r)
	}
}

func TestOddLinesArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	s := dial(t, sinkAccount(sink))
	raw := []byte("Subject: dots\r\n\r\n.\r\n..\r\n.start\r\n\r\n" + strings.Repeat("x", 3000) + "\r\n\xff\xfe\r\n.\r\n")
	if r := send(t, s, raw, "a@b.test"); r.Outcome != mailbox.Sent {
		t.Fatalf("%+v", r)
	}
	if got := sink.Ledger(); len(got) != 1 || !bytes.Equal(got[0].Raw, raw) {
		t.Errorf("sent %q, arrived %q", raw, got)
	}
}

func TestHostileAddressesNeverReachTheWire(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	s := dial(t, sinkAccount(sink))
	hostile := []string{"a@b.test>\r\nRCPT TO:<evil@x.test", "a@b.test\nDATA", "", "@", "a@", "@b", "a b@c.test", "a@b c", "<a@b.test>", "a@b.test\x00", "a@b.test,c@d.test", strings.Repeat("a", 400) + "@b.test"}
	r := send(t, s, letter(1, 0), append(hostile, "good@b.test")...)
	if r.Outcome != mailbox.Sent {
		t.Fatalf("%+v", r)
	}
	for _, to := range r.Recipients[:len(hostile)] {
		if to.Verdict != mailbox.Refused || to.Text == "" {
			t.Errorf("%q: %s", to.Address, to.Verdict)
		}
	}
	if got := sink.Ledger(); len(got) != 1 || !slices.Equal(got[0].To, []string{"good@b.test"}) {
		t.Errorf("ledger %v", got)
	}
	if r := send(t, s, letter(2, 0), hostile...); r.Outcome != mailbox.Permanent || r.Code != 553 || r.Text == "" {
		t.Errorf("to nobody else: %+v", r)
	}
	if r := s.Send(soon(t), mailbox.Envelope{From: "a@b>\r\nX", To: []string{"a@b.test"}}, 1, strings.NewReader("x"), committed); r.Outcome != mailbox.Permanent {
		t.Errorf("hostile sender: %+v", r)
	}
}

func TestSlowServerStillGetsTheLetter(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "dot", Delay: 2 * time.Second})
	p := mailworld.StartProxy(t, sink.Port)
	p.Set(mailworld.Spoil{Upstream: true, PerSec: 30_000})
	a := sinkAccount(sink)
	a.SMTP.Port, a.Limits = p.Port, mailbox.Limits{Command: 1500 * time.Millisecond, PerMiB: time.Hour} // neither the body nor the last answer keeps to a command's
	if r := send(t, dial(t, a), letter(1, 60_000), "a@b.test"); r.Outcome != mailbox.Sent {
		t.Errorf("%+v", r)
	}
}

func TestServerWordsAreMadeSafe(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "mail", Code: 550, Text: "5.7.1 no \x1b[31m\xff<script> secret-canary " + strings.Repeat("long ", 500)})
	r := send(t, dial(t, sinkAccount(sink)), letter(1, 0), "a@b.test")
	if r.Status != "5.7.1" || strings.Contains(r.Text+fmt.Sprint(r.Err), "canary") || strings.ContainsAny(r.Text, "\x1b\r\n") || len([]rune(r.Text)) > 300 {
		t.Errorf("%q %q %v", r.Status, r.Text, r.Err)
	}
}

func TestServersThatOfferLittleAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Offer("AUTH LOGIN", "SIZE -1")
	sink.Fail(mailworld.Fault{Phase: "rcpt", To: "bob", Raw: "550-5.1.1 no such user\r\n550-5.1.1 here\r\n550"})
	s := dial(t, sinkAccount(sink))
	r := send(t, s, letter(1, 0), "alice@customer.test", "bob@customer.test")
	if bob := r.Recipients[1]; r.Outcome != mailbox.Sent || bob.Verdict != mailbox.Refused || bob.Status != "5.1.1" || bob.Text != "no such user here" || s.MaxSize() != 0 {
		t.Errorf("%+v, at most %d bytes", r, s.MaxSize())
	}
	sink.Offer("SIZE 1000")
	if _, err := mailbox.DialSMTP(soon(t), sinkAccount(sink)); !errors.Is(err, mailbox.ErrRefused) || errors.Is(err, mailbox.ErrCredentials) {
		t.Errorf("no way to sign in: %v", err)
	}
}

func TestWhatIsSaidBeforeTheEncryptionIsNotBelieved(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "starttls", Raw: "220 go ahead\r\n250 AUTH PLAIN"})
	if _, err := mailbox.DialSMTP(soon(t), sinkAccount(sink)); !errors.Is(err, mailbox.ErrNonsense) || sink.Sessions() != 0 {
		t.Errorf("somebody spoke into it: %v, signed in %d times", err, sink.Sessions())
	}
}

func TestSignInMechanisms(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	a := sinkAccount(sink)
	a.Token = true
	s := dial(t, a)
	if r := send(t, s, letter(1, 0), "a@b.test"); r.Outcome != mailbox.Sent {
		t.Errorf("XOAUTH2: %+v", r)
	}
	a.Password = "wrong"
	if _, err := mailbox.DialSMTP(soon(t), a); !errors.Is(err, mailbox.ErrCredentials) {
		t.Errorf("expired token: %v", err)
	}
	a.Token = false
	if _, err := mailbox.DialSMTP(soon(t), a); !errors.Is(err, mailbox.ErrCredentials) {
		t.Errorf("wrong password: %v", err)
	}
	sink.Fail(mailworld.Fault{Phase: "auth", Code: 454, Text: "4.7.0 later"})
	if _, err := mailbox.DialSMTP(soon(t), a); err == nil || errors.Is(err, mailbox.ErrCredentials) {
		t.Errorf("a passing failure of sign-in: %v", err)
	}
}
