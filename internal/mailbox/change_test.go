package mailbox_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func TestSettingsChangeAndTheDifferenceIsRecorded(t *testing.T) {
	t.Parallel()
	db, seal := pgtest.New(t), sealer(t)
	var id int64
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		if id, err = mailbox.Add(t.Context(), tx, plain(t, tx), "canary-old", seal); err == nil {
			err = mailbox.Troubled(t.Context(), tx, id, "no answer", time.Hour)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	m, err := mailbox.Get(t.Context(), db, id)
	if err != nil {
		t.Fatal(err)
	}
	change := func(password mailbox.Secret) (err error) {
		pgtest.Tx(t, db, func(tx *pg.Tx) { err = mailbox.Change(t.Context(), tx, agent.Agent{}, m, password, seal) })
		return err
	}
	m.PollSeconds, m.AlsoRead, m.Name, m.Address, m.SMTPPort = 10, true, "Help", "other@desk.test", 465
	if err := change("canary-new"); err != nil {
		t.Fatal(err)
	}
	got, err := mailbox.Get(t.Context(), db, id)
	if err != nil {
		t.Fatal(err)
	}
	m.Address, m.Secret, m.LastError, m.Failures, m.RetryAt = "support@desk.test", got.Secret, "", 0, nil
	if diff := cmp.Diff(m, got); diff != "" {
		t.Error(diff)
	}
	if a, err := got.Account(seal, mailbox.Policy{}); err != nil || a.Password != "canary-new" {
		t.Errorf("the password is %q, %v", string(a.Password), err)
	}
	if err := change(""); err != nil {
		t.Fatal(err)
	}
	if got, _ = mailbox.Get(t.Context(), db, id); !slices.Equal(got.Secret, m.Secret) {
		t.Error("no new password, and yet another secret")
	}
	told, err := pg.List[string](t.Context(), db, `
		SELECT concat_ws(' ', c->>'field', c->>'old_name', c->>'new_name') FROM event, jsonb_array_elements(data->'changes') c WHERE kind = 'admin_changed'`)
	want := []string{"name Support Help", "smtp support@desk.test@smtp.desk.test:587 starttls support@desk.test@smtp.desk.test:465 starttls", "password  changed", "poll 30s 10s", "also_read false true"}
	if diff := cmp.Diff(want, told); err != nil || diff != "" || strings.Contains(strings.Join(told, ""), "canary") {
		t.Errorf("%v\n%s", err, diff)
	}
	m.PollSeconds, m.SentMode, m.IMAPHost = 1, mailbox.SentAppend, ""
	var wrong fault.Invalid
	if err := change(""); !errors.As(err, &wrong) || !slices.Equal(slices.Sorted(maps.Keys(wrong)), []string{"imap", "poll", "sent"}) {
		t.Errorf("%v", err)
	}
	m.ID = 999
	if err := change(""); !errors.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

// Mailboxes from before that was refused: what is wrong with them is no reason to keep a password that has run out.
func TestTwoMailboxesThatFetchFromOneFolderSinceLongCanBeChanged(t *testing.T) {
	t.Parallel()
	db, seal := pgtest.New(t), sealer(t)
	var ids []int64
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		for _, folder := range []string{"INBOX", "Sales"} {
			m := plain(t, tx)
			m.Name, m.Address, m.Folders = folder, strings.ToLower(folder)+"@desk.test", []string{folder}
			id, err := mailbox.Add(t.Context(), tx, m, "pw", seal)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		if _, err := pg.Exec(t.Context(), tx, `UPDATE mailbox SET folders = '{INBOX}'`); err != nil {
			t.Fatal(err)
		}
	})
	m, err := mailbox.Get(t.Context(), db, ids[1])
	if err != nil {
		t.Fatal(err)
	}
	change := func() (err error) {
		pgtest.Tx(t, db, func(tx *pg.Tx) { err = mailbox.Change(t.Context(), tx, agent.Agent{}, m, "new", seal) })
		return err
	}
	if err := change(); err != nil {
		t.Errorf("another password: %v", err)
	}
	m.Active = false
	if err := change(); err != nil {
		t.Errorf("switched off: %v", err)
	}
	m.Active = true
	var wrong fault.Invalid
	if err := change(); !errors.As(err, &wrong) || len(wrong) != 1 {
		t.Errorf("switched on again: %v", err)
	}
}
