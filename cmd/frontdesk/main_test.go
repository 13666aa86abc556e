package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/agent"
	"frontdesk/internal/pg/pgtest"
)

// outcome is what a command left behind.
type outcome struct {
	code     int
	out, err string
}

// do runs a command line with an environment of its own.
func do(t *testing.T, environ []string, stdin string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	code := run(t.Context(), args, surroundings{strings.NewReader(stdin), &out, &err, environ})
	return outcome{code, out.String(), err.String()}
}

// database is the environment of an installation with a database of its own.
func database(t *testing.T) []string {
	t.Helper()
	return []string{"FRONTDESK_DATABASE_URL=" + pgtest.URL(t), "FRONTDESK_SECRET_KEY=" + strings.Repeat("k", 32), "FRONTDESK_DATA_DIR=" + t.TempDir()}
}

func TestExitCodesSayDoneFailedOrWrongUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, done, "Exit codes"},
		{[]string{"--help"}, done, "user add"},
		{[]string{"user", "add", "--help"}, done, "--password-stdin"},
		{[]string{"version"}, done, "frontdesk"},
		{[]string{"fly"}, usage, "fly"},
		{[]string{"user", "add", "--email", "a@example.com"}, usage, "--profile"},
		{[]string{"user", "add", "--email", "a@b.example", "--name", "A", "--profile", "king"}, usage, "king"},
		{[]string{"user", "add", "--email", "a@b.example", "--name", "A", "--profile", "admin"}, usage, "--password-stdin"},
		{[]string{"mail", "parse", "/no/such/file"}, failed, "no such file"},
	} {
		got := do(t, nil, "", c.args...)
		if got.code != c.code || !strings.Contains(got.out+got.err, c.says) {
			t.Errorf("%v: %+v", c.args, got)
		}
	}
}

func TestWrongVariableStopsTheStartWithOneSentence(t *testing.T) {
	t.Parallel()
	got := do(t, []string{"FRONTDESK_LISTEN=nowhere"}, "", "migrate")
	if got.code != failed || strings.Count(got.err, "\n") != 1 || !strings.Contains(got.err, "FRONTDESK_LISTEN") {
		t.Errorf("%+v", got)
	}
}

func TestUserAddTakesOnOnePerson(t *testing.T) {
	t.Parallel()
	env := database(t)
	add := []string{"user", "add", "--email", "Ada@Example.com", "--name", "Ada", "--profile", "admin", "--password-stdin"}
	if got := do(t, env, "short\n", add...); got.code != failed || !strings.Contains(got.err, "At least") {
		t.Errorf("a short password: %+v", got)
	}
	if got := do(t, env, "correct horse battery\n", add...); got.code != done {
		t.Fatalf("%+v", got)
	}
	if got := do(t, env, "correct horse battery\n", add...); got.code != failed || !strings.Contains(got.err, "--email: ") {
		t.Errorf("the same address again: %+v", got)
	}
	db := pgtest.Open(t, strings.TrimPrefix(env[0], "FRONTDESK_DATABASE_URL="), nil)
	if there, err := agent.AnyExists(t.Context(), db); err != nil || !there {
		t.Errorf("nobody was added: %v", err)
	}
}

func TestAnotherKeyIsRefused(t *testing.T) {
	t.Parallel()
	env := database(t)
	if got := do(t, env, "", "migrate"); got.code != done {
		t.Fatalf("%+v", got)
	}
	env[1] = "FRONTDESK_SECRET_KEY=" + strings.Repeat("x", 32)
	if got := do(t, env, "", "migrate"); got.code != failed || !strings.Contains(got.err, "FRONTDESK_SECRET_KEY") {
		t.Errorf("%+v", got)
	}
}

func TestMailParseReadsFileAndStandardInput(t *testing.T) {
	t.Parallel()
	const letter = "From: Ada <ada@example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@x>\r\n\r\nHello\x00 there\r\n"
	path := filepath.Join(t.TempDir(), "letter.eml")
	if err := os.WriteFile(path, []byte(letter), 0o600); err != nil {
		t.Fatal(err)
	}
	fromFile, fromInput := do(t, nil, "", "mail", "parse", "--json", path), do(t, nil, letter, "mail", "parse", "--json", "-")
	if fromFile.code != done || fromFile.out != fromInput.out {
		t.Fatalf("%+v\n%+v", fromFile, fromInput)
	}
	var m struct {
		Subject string
		From    []struct{ Name, Address string }
		Text    string
		Bounce  any
	}
	if err := json.Unmarshal([]byte(fromFile.out), &m); err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Grüße" || len(m.From) != 1 || m.From[0].Address != "ada@example.com" || strings.Contains(m.Text, "\x00") || m.Bounce != nil {
		t.Errorf("%+v", m)
	}
	if got := do(t, nil, "\xff\x00 no mail at all", "mail", "parse", "-"); got.code != done || !strings.Contains(got.out, "Warning:") {
		t.Errorf("no mail: %+v", got)
	}
}

func TestDoctorFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	env := database(t)
	if got := do(t, env, "", "doctor"); got.code != failed || !strings.Contains(got.out, "WRONG  people") || !strings.Contains(got.out, "ok     database") {
		t.Errorf("%+v", got)
	}
	add := do(t, env, "correct horse battery\n", "user", "add", "--email", "a@b.example", "--name", "A", "--profile", "agent", "--password-stdin")
	if got := do(t, env, "", "doctor"); add.code != done || got.code != done {
		t.Errorf("%+v", got)
	}
	if got := do(t, []string{"FRONTDESK_DATABASE_URL=postgres://nobody@127.0.0.1:1/none", env[1], env[2]}, "", "doctor"); got.code != failed || !strings.Contains(got.out, "WRONG  database     FRONTDESK_DATABASE_URL: ") {
		t.Errorf("no database: %+v", got)
	}
}

func TestBenchSeedTellsHowToGetInAndLeavesADeskAlone(t *testing.T) {
	t.Parallel()
	env := database(t)
	small := []string{"bench", "seed", "--tickets", "20", "--messages", "60", "--agents", "2"}
	if got := do(t, env, "", "bench", "seed", "--tickets", "20", "--messages", "19"); got.code != usage || !strings.Contains(got.err, "--messages") {
		t.Errorf("fewer messages than tickets: %+v", got)
	}
	if got := do(t, env, "", small...); got.code != done || !strings.Contains(got.out, "60 of 60 messages") || !strings.Contains(got.out, "Sign in as agent1@bench.example") {
		t.Errorf("%+v", got)
	}
	if got := do(t, env, "", small...); got.code != failed || !strings.Contains(got.err, "--add") {
		t.Errorf("a second time: %+v", got)
	}
}
