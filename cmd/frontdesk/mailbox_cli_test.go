package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
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

func TestAnotherAddressOfAnAccountOnlySends(t *testing.T) {
	t.Parallel()
	env := database(t)
	add := func(name string, more ...string) outcome {
		return do(t, env, "pw\n", append([]string{"mailbox", "add", "--name", name, "--address", name + "@desk.test", "--queue", "inbox",
			"--imap", "imaps://support@localhost/INBOX", "--smtp", "smtps://support@localhost", "--password-stdin"}, more...)...)
	}
	if got := add("support"); got.code != done {
		t.Fatalf("%+v", got)
	}
	if got := add("sales"); got.code != failed || !strings.Contains(got.err, "--imap: ") || !strings.Contains(got.err, "--no-active") {
		t.Errorf("of each mail two tickets: %+v", got)
	}
	if got := add("sales", "--no-active"); got.code != done {
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

func TestMailboxTestSaysWhatToDoOnTheFirstDay(t *testing.T) {
	t.Parallel()
	env, world := database(t), mailworld.Start(t, mailworld.Options{NoExim: true})
	none := filepath.Join(t.TempDir(), "none.pem") // an authority that signed nothing here
	if err := os.WriteFile(none, []byte(mailworld.NewCA().PEM), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := do(t, env, world.Password("support@desk.test")+"\n", addSupport(world)...); got.code != done {
		t.Fatalf("%+v", got)
	}
	imaps, imap := world.IMAPURL("imaps", "support@desk.test", "INBOX"), world.IMAPURL("imap", "support@desk.test", "INBOX")
	for _, c := range []struct {
		set  []string
		says string
	}{
		{[]string{"--ca", none}, "--ca FILE"},
		{[]string{"--ca", world.CAFile, "--imap", strings.Replace(imap, "imap:", "imaps:", 1)}, "for STARTTLS"},
		{[]string{"--imap", imaps, "--sent", "append:Gesendet"}, `open folder "Gesendet"`},
	} {
		do(t, env, "", append([]string{"mailbox", "set", "Support"}, c.set...)...)
		if got := do(t, env, "", "mailbox", "test", "Support"); got.code != failed || !strings.Contains(got.out, c.says) {
			t.Errorf("%v: %+v", c.set, got)
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

func TestMailboxSettingsChangeOneByOne(t *testing.T) {
	t.Parallel()
	env, world := database(t), mailworld.Start(t, mailworld.Options{})
	if got := do(t, env, "wrong\n", addSupport(world, "--also-read")...); got.code != done {
		t.Fatalf("%+v", got)
	}
	set := func(stdin string, more ...string) outcome {
		return do(t, env, stdin, append([]string{"mailbox", "set", "Support"}, more...)...)
	}
	for _, c := range []struct {
		more []string
		code int
		says string
	}{
		{nil, usage, "say what shall change"},
		{[]string{"--poll", "1s"}, failed, "--poll: "},
		{[]string{"--take", "some"}, usage, "--take"},
		{[]string{"--sent", "append:"}, usage, "--sent"},
		{[]string{"--imap", "pop3://s@localhost"}, usage, "--imap: "},
		{[]string{"--queue", "Elsewhere"}, failed, "Elsewhere"},
		{[]string{"--ca", "/no/such/file"}, failed, "--ca: "},
		{[]string{"--address", "new@desk.test"}, usage, "--address"},
		{[]string{"--poll", "10s", "--sent", "append:Sent", "--take", "new", "--no-also-read"}, done, "Changed Support"},
		{[]string{"--name", "Help"}, done, "mailbox test 'Help'"},
	} {
		if got := set("", c.more...); got.code != c.code || !strings.Contains(got.out+got.err, c.says) {
			t.Errorf("%v: %+v", c.more, got)
		}
	}
	if got := set("", "--poll", "5s"); got.code != failed || !strings.Contains(got.err, `no mailbox "Support"`) {
		t.Errorf("by its old name: %+v", got)
	}
	db := pgtest.Open(t, strings.TrimPrefix(env[0], "FRONTDESK_DATABASE_URL="), nil)
	kept, err := pg.One[string](t.Context(), db, `SELECT concat_ws(' ', name, address, poll_seconds, sent_mode, sent_folder, take, also_read, active) FROM mailbox`)
	if err != nil || kept != "Help support@desk.test 10 append Sent new f t" {
		t.Errorf("%s, %v", kept, err)
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) { // its letters rest because of the wrong password
		err = outbox.ServerFailed(t.Context(), tx, 1, "no", true)
	})
	if got := do(t, env, "", "mailbox", "test", "Help"); err != nil || got.code != failed {
		t.Errorf("%v %+v", err, got)
	}
	rests := func() bool {
		rest, err := pg.One[bool](t.Context(), db, `SELECT EXISTS (SELECT FROM outbox_server WHERE retry_at IS NOT NULL)`)
		return err != nil || rest
	}
	if !rests() {
		t.Error("a test that failed ended the rest of the server")
	}
	if got := do(t, env, world.Password("support@desk.test")+"\n", "mailbox", "set", "Help", "--password-stdin"); got.code != done || rests() {
		t.Errorf("%+v; still rests: %v", got, rests())
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) { err = outbox.ServerFailed(t.Context(), tx, 1, "no", true) })
	if got := do(t, env, "", "mailbox", "test", "Help"); err != nil || got.code != done || rests() {
		t.Errorf("%v %+v; still rests: %v", err, got, rests())
	}
}

func TestMailboxStatusSaysWhatWasReadElsewhere(t *testing.T) {
	t.Parallel()
	env := database(t)
	if got := do(t, env, "secret\n", "mailbox", "add", "--name", "S", "--address", "s@desk.test", "--queue", "inbox", "--imap", "imaps://s@localhost", "--smtp", "smtps://s@localhost",
		"--also-read", "--password-stdin"); got.code != done {
		t.Fatalf("%+v", got)
	}
	db := pgtest.Open(t, strings.TrimPrefix(env[0], "FRONTDESK_DATABASE_URL="), nil)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		if _, err := pg.Exec(t.Context(), tx, `
			WITH watched AS (UPDATE mailbox SET folders = '{A,B}')
			INSERT INTO inbound_folder (mailbox_id, folder, uidvalidity, connected_at, missed) VALUES (1, 'A', 1, now(), 3), (1, 'B', 1, now(), -4)`); err != nil {
			t.Fatal(err)
		}
	})
	var list []struct {
		Received int
		AlsoRead bool `json:"also_read"`
		Missed   int
	}
	got := do(t, env, "", "mailbox", "status", "--json")
	if err := json.Unmarshal([]byte(got.out), &list); err != nil || len(list) != 1 || !list[0].AlsoRead || list[0].Missed != 7 || list[0].Received != 0 {
		t.Errorf("%s, %v", got.out, err)
	}
	if got := do(t, env, "", "mailbox", "status"); !strings.Contains(got.out, "ALSO READ") || !regexp.MustCompile(`yes +7 `).MatchString(got.out) {
		t.Error(got.out)
	}
	// What was asked for, B, is no alarm.
	if got := do(t, env, "", "doctor"); got.code != failed || !strings.Contains(got.out, "WRONG  alarm        S, A: 3 messages were read in another program first") || strings.Contains(got.out, "S, B") {
		t.Error(got.out)
	}
}
