package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestKeyIsRotatedFromAPipeOrMade(t *testing.T) {
	t.Parallel()
	env := database(t)
	add := do(t, env, "canary\n", "mailbox", "add", "--name", "S", "--address", "s@desk.test", "--queue", "inbox", "--imap", "imaps://s@localhost", "--smtp", "smtps://s@localhost",
		"--password-stdin")
	user := do(t, env, "correct horse battery\n", "user", "add", "--email", "a@b.example", "--name", "A", "--profile", "agent", "--password-stdin")
	if add.code != done || user.code != done {
		t.Fatalf("%+v %+v", add, user)
	}
	rotate := func(stdin string, more ...string) outcome {
		return do(t, env, stdin, append([]string{"key", "rotate"}, more...)...)
	}
	for _, c := range []struct {
		stdin string
		more  []string
		code  int
		says  string
	}{
		{"", nil, usage, "--key-stdin"},
		{"", []string{"--key-stdin", "--generate"}, usage, "can't be used together"},
		{"\n", []string{"--key-stdin"}, failed, "holds no key"},
		{"short\n", []string{"--key-stdin"}, failed, "at least 32 characters"},
		{strings.Repeat("k", 32) + "\n", []string{"--key-stdin"}, failed, "is the present one"},
		{strings.Repeat("n", 32) + "\n", []string{"--key-stdin"}, done, "Passwords sealed anew: 1."},
		{strings.Repeat("m", 32) + "\n", []string{"--key-stdin"}, failed, "FRONTDESK_SECRET_KEY is not the key"},
	} {
		if got := rotate(c.stdin, c.more...); got.code != c.code || !strings.Contains(got.out+got.err, c.says) {
			t.Errorf("%v: %+v", c.more, got)
		} else if strings.Contains(got.out, strings.Repeat("n", 32)) {
			t.Error("a key that was given is printed")
		}
	}
	env[1] = "FRONTDESK_SECRET_KEY=" + strings.Repeat("n", 32)
	got := rotate("", "--generate")
	line := regexp.MustCompile(`(?m)^FRONTDESK_SECRET_KEY=[0-9a-f]{64}$`).FindString(got.out)
	if got.code != done || line == "" {
		t.Fatalf("%+v", got)
	}
	env[1] = line
	if got := do(t, env, "", "doctor"); got.code != done || !strings.Contains(got.out, "ok     key") {
		t.Errorf("%+v", got)
	}
	db := pgtest.Open(t, strings.TrimPrefix(env[0], "FRONTDESK_DATABASE_URL="), nil)
	told, err := pg.List[string](t.Context(), db, `SELECT data->'changes'->0->>'new_name' FROM event WHERE data->>'name' = 'secret_key'`)
	if err != nil || !slices.Equal(told, []string{"changed", "changed"}) {
		t.Errorf("%v, %v", told, err)
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		_, err = pg.Exec(t.Context(), tx, `UPDATE mailbox SET secret = set_byte(secret, 20, 255 - get_byte(secret, 20))`)
	})
	if got := do(t, env, "", "doctor"); err != nil || got.code != failed || !strings.Contains(got.out, "WRONG  key          S: the sealed password cannot be opened") {
		t.Errorf("%v %+v", err, got)
	}
}
