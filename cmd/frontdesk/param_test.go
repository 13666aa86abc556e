package main

import (
	"strings"
	"testing"

	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestParametersAreListedAndSetWithinTheirBounds(t *testing.T) {
	t.Parallel()
	env := database(t)
	if got := do(t, env, "", "param", "list"); got.code != done || !strings.Contains(got.out, "create_customers") || !strings.Contains(got.out, "false") || strings.Contains(got.out, "key_check") {
		t.Errorf("%+v", got)
	}
	for _, c := range []struct {
		name, value string
		code        int
		says        string
	}{
		{"create_customers", "true", done, "create_customers is true"}, {"create_customers", "on", done, ""}, {"create_customers", "perhaps", failed, "VALUE: "},
		{"reopen_days", "7", done, ""}, {"reopen_days", "-1", usage, ""}, {"reopen_days", "4000", failed, "from 0 to 3650"}, {"reopen_days", "seven", failed, "VALUE: "},
		{"max_message_bytes", "1", failed, "VALUE: "}, {"max_message_bytes", "1000000", done, ""},
		{"desk_name", " Lamps & more ", done, ""}, {"desk_name", "", failed, "VALUE: "}, {"desk_name", strings.Repeat("x", 101), failed, "VALUE: "}, {"desk_name", "a\nb", failed, "VALUE: "},
		{"key_check", "x", failed, "there is no parameter"}, {"no_such", "x", failed, "param list"},
	} {
		if got := do(t, env, "", "param", "set", c.name, c.value); got.code != c.code || !strings.Contains(got.out+got.err, c.says) {
			t.Errorf("%s = %q: %+v", c.name, c.value, got)
		}
	}
	db := pgtest.Open(t, strings.TrimPrefix(env[0], "FRONTDESK_DATABASE_URL="), nil)
	stored, err := pg.One[string](t.Context(), db, `SELECT string_agg(name || ' ' || value, ', ' ORDER BY name) FROM parameter WHERE name IN ('create_customers', 'desk_name', 'max_message_bytes', 'reopen_days')`)
	if err != nil || stored != `create_customers true, desk_name "Lamps & more", max_message_bytes 1000000, reopen_days 7` {
		t.Errorf("%s, %v", stored, err)
	}
	told, err := pg.One[string](t.Context(), db, `SELECT string_agg(concat_ws(' ', data->>'name', data->'changes'->0->>'old_name', data->'changes'->0->>'new_name'), ', ' ORDER BY id) FROM event WHERE kind = 'admin_changed'`)
	if err != nil || told != "create_customers false true, reopen_days 14 7, max_message_bytes 41943040 1000000, desk_name Frontdesk Lamps & more" {
		t.Errorf("%s, %v", told, err)
	}
}
