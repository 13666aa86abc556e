package main

import (
	"encoding/json"
	"strings"
	"testing"

	"frontdesk/internal/fixture/mailworld"
)

func addSupport(w *mailworld.World, more ...string) []string {
	return append([]string{"mailbox", "add", "--name", "Support", "--address", "support@desk.test", "--queue", "inbox", "--ca", w.CAFile,
		"--imap", w.IMAPURL("imaps", "support@desk.test", "INBOX"), "--smtp", w.SMTPURL("smtp", "support@desk.test"), "--password-stdin"}, more...)
}

func TestMailboxIsAddedTestedAndCounted(t *testing.T) {
	t.Parallel()
	env, world := database(t), mailworld.Start(t, mailworld.Options{})
	password := world.Password("support@desk.test") + "\n"
	if got := do(t, env, password, addSupport(world)...); got.code != done {
		t.Fatalf("%+v", got)
	}
	if got := do(t, env, "", "mailbox", "test", "Support"); got.code != done || strings.Count(got.out, "\n") != 10 {
		t.Errorf("test: %+v", got)
	}
	if got := do(t, env, password, addSupport(world)...); got.code != failed || !strings.Contains(got.err, "--name: ") || !strings.Contains(got.err, "--address: ") {
		t.Errorf("added twice: %+v", got)
	}
	var list []struct {
		Mailbox     string
		Received    *int
		States      map[string]int
		LastSuccess *string  `json:"last_success"`
		Lag         *float64 `json:"lag_seconds"`
		LastError   *string  `json:"last_error"`
	}
	status := do(t, env, "", "mailbox", "status", "--json")
	if err := json.Unmarshal([]byte(status.out), &list); err != nil || len(list) != 1 {
		t.Fatalf("%+v: %v", status, err)
	}
	if s := list[0]; s.Mailbox != "Support" || s.Received == nil || len(s.States) != 8 || s.LastSuccess != nil || s.Lag == nil || s.LastError == nil {
		t.Errorf("%s", status.out)
	}
	if got := do(t, env, "", "mailbox", "status"); got.code != done || !strings.Contains(got.out, "Support") {
		t.Errorf("%+v", got)
	}
}

func TestMailboxTestNamesTheStepThatFails(t *testing.T) {
	t.Parallel()
	env, world := database(t), mailworld.Start(t, mailworld.Options{NoExim: true})
	if got := do(t, env, "wrong\n", addSupport(world)...); got.code != done {
		t.Fatalf("%+v", got)
	}
	got := do(t, env, "", "mailbox", "test", "Support")
	for _, says := range []string{"FAILED  IMAP: sign in", "FAILED  SMTP: connect"} {
		if got.code != failed || !strings.Contains(got.out, says) || strings.Contains(got.out, "wrong\n") {
			t.Errorf("no %q: %+v", says, got)
		}
	}
}

func TestWrongMailboxFlagsAreRefusedByName(t *testing.T) {
	t.Parallel()
	env := database(t)
	base := []string{"mailbox", "add", "--name", "S", "--address", "s@desk.test", "--queue", "inbox", "--password-stdin"}
	servers := []string{"--imap", "imaps://s@localhost", "--smtp", "smtps://s@localhost"}
	for _, c := range []struct {
		more []string
		code int
		says string
	}{
		{[]string{"--imap", "pop3://s@localhost", "--smtp", "smtps://s@localhost"}, usage, "--imap: "},
		{[]string{"--imap", "imaps://s@localhost", "--smtp", "localhost:25"}, usage, "--smtp: "},
		{append(servers, "--sent", "append:"), usage, "--sent"},
		{append(servers, "--take", "some"), usage, "--take"},
		{append(servers, "--poll", "1s"), failed, "--poll: "},
		{append(servers, "--ca", "/no/such/file"), failed, "--ca: "},
		{append(servers, "--address", "nobody"), failed, "--address: "},
		{append(servers, "--queue", "Elsewhere"), failed, "Elsewhere"},
	} {
		got := do(t, env, "secret\n", append(base, c.more...)...)
		if got.code != c.code || !strings.Contains(got.err, c.says) {
			t.Errorf("%v: %+v", c.more, got)
		}
	}
	if got := do(t, env, "", "mailbox", "test", "Nobody's"); got.code != failed || !strings.Contains(got.err, "Nobody's") {
		t.Errorf("%+v", got)
	}
}
