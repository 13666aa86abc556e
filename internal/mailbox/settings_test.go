package mailbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/fault"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func sealer(t *testing.T) *mailbox.Sealer {
	t.Helper()
	s, err := mailbox.NewSealer(mailbox.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plain(t *testing.T, r pg.Reader) mailbox.Mailbox {
	t.Helper()
	queue, err := pg.One[int64](t.Context(), r, `SELECT id FROM queue ORDER BY id LIMIT 1`)
	if err != nil {
		t.Fatal(err)
	}
	return mailbox.Mailbox{
		Name: "Support", Address: "support@desk.test", SenderName: "Desk", IMAPHost: "imap.desk.test", IMAPPort: 993, IMAPTLS: mailbox.Implicit,
		IMAPUser: "support@desk.test", Folders: []string{"INBOX"}, SMTPHost: "smtp.desk.test", SMTPPort: 587, SMTPTLS: mailbox.StartTLS,
		SMTPUser: "support@desk.test", PollSeconds: 30, Take: mailbox.TakeAll, SentMode: mailbox.SentNone, QueueID: queue, Active: true,
	}
}

func TestMailboxIsKeptAndItsPasswordOnlySealed(t *testing.T) {
	t.Parallel()
	db, seal := pgtest.New(t), sealer(t)
	m := plain(t, db)
	m.Address, m.TrustPrivate = "Support@DESK.żółw.test", true
	var id int64
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		if id, err = mailbox.Add(t.Context(), tx, m, "canary-password-1", seal); err != nil {
			t.Fatal(err)
		}
	})
	got, err := mailbox.Get(t.Context(), db, id)
	if err != nil {
		t.Fatal(err)
	}
	m.ID, m.Address, m.CreatedAt, m.Secret = id, "support@desk.xn--w-uga1v8h.test", got.CreatedAt, got.Secret
	if diff := cmp.Diff(m, got); diff != "" {
		t.Error(diff)
	}
	row, err := pg.One[string](t.Context(), db, `SELECT mailbox::text || encode(secret, 'escape') FROM mailbox`)
	if err != nil || strings.Contains(row, "canary") {
		t.Errorf("the row shows the password, or %v: %s", err, row)
	}
	a, err := got.Account(seal, mailbox.Policy{})
	if err != nil || a.Password != "canary-password-1" || !a.Policy.AllowPrivate || a.SMTP.Port != 587 {
		t.Errorf("account %+v, %v", a, err)
	}
	if _, err := got.Account(sealer(t), mailbox.Policy{}); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("another installation's key: %v", err)
	}
	byName, err := mailbox.ByName(t.Context(), db, "Support")
	if err != nil || byName.ID != id {
		t.Errorf("by name: %v", err)
	}
	if _, err := mailbox.ByName(t.Context(), db, "Nobody"); !errors.Is(err, fault.NotFound) {
		t.Errorf("an unknown name: %v", err)
	}
	all, err := mailbox.All(t.Context(), db)
	active, err2 := mailbox.Active(t.Context(), db)
	if err != nil || err2 != nil || len(all) != 1 || len(active) != 1 {
		t.Errorf("all %d, active %d: %v %v", len(all), len(active), err, err2)
	}
}

func TestBadSettingsAreToldAllAtOnce(t *testing.T) {
	t.Parallel()
	db, seal := pgtest.New(t), sealer(t)
	good := plain(t, db)
	add := func(m mailbox.Mailbox, pw mailbox.Secret) (err error) {
		pgtest.Tx(t, db, func(tx *pg.Tx) { _, err = mailbox.Add(t.Context(), tx, m, pw, seal) })
		return err
	}
	if err := add(good, "pw"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil  func(*mailbox.Mailbox)
		fields []string
	}{
		"taken": {func(*mailbox.Mailbox) {}, []string{"address", "imap", "name"}},
		"taken by one": {func(m *mailbox.Mailbox) {
			m.Name, m.Address, m.Folders = "Other", "SUPPORT@desk.test", []string{"Later"}
		}, []string{"address"}},
		"a folder that another fetches": {func(m *mailbox.Mailbox) {
			m.Name, m.Address, m.IMAPHost, m.IMAPPort, m.IMAPTLS = "Other", "other@desk.test", "IMAP.desk.test", 143, mailbox.StartTLS
			m.Folders = []string{"Later", "Inbox"}
		}, []string{"imap"}},
		"everything": {func(m *mailbox.Mailbox) {
			m.Name, m.Address, m.SenderName, m.IMAPHost, m.SMTPPort, m.PollSeconds, m.CAPEM = "a\nb", "no address", "x\r\nBcc: y", "", 70000, 4, "nonsense"
			m.SentMode, m.SentFolder = mailbox.SentAppend, ""
		}, []string{"address", "ca", "imap", "name", "poll", "sender_name", "sent", "smtp"}},
		"folder with a line break": {func(m *mailbox.Mailbox) { m.Name, m.Address, m.Folders = "n", "n@desk.test", []string{"a\r\nb"} }, []string{"imap"}},
	} {
		m := good
		c.spoil(&m)
		var wrong fault.Invalid
		if err := add(m, "pw"); !errors.As(err, &wrong) || !slices.Equal(slices.Sorted(maps.Keys(wrong)), c.fields) {
			t.Errorf("%s: %v, want %v", name, err, c.fields)
		}
	}
	m := good
	m.Name, m.Address, m.Active = "Other", "other@desk.test", false // it fetches nothing
	if err := add(m, "pw"); err != nil {
		t.Errorf("not active: %v", err)
	}
}

func TestHealthIsRememberedAndForgotten(t *testing.T) {
	t.Parallel()
	db, seal := pgtest.New(t), sealer(t)
	var id int64
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		if id, err = mailbox.Add(t.Context(), tx, plain(t, tx), "pw", seal); err != nil {
			t.Fatal(err)
		}
	})
	for n := range 2 {
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			if err := mailbox.Troubled(t.Context(), tx, id, "no\r\nanswer", time.Minute); err != nil {
				t.Fatal(err)
			}
		})
		m, err := mailbox.Get(t.Context(), db, id)
		if err != nil || m.Failures != n+1 || m.LastError != "no answer" || m.RetryAt == nil || m.RetryAt.Sub(*m.LastErrorAt) != time.Minute || m.LastSuccess != nil {
			t.Fatalf("after failure %d: %+v, %v", n+1, m, err)
		}
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		if err := mailbox.Worked(t.Context(), tx, id); err != nil {
			t.Fatal(err)
		}
	})
	m, err := mailbox.Get(t.Context(), db, id)
	if err != nil || m.Failures != 0 || m.LastError != "" || m.RetryAt != nil || m.LastSuccess == nil {
		t.Fatalf("after success: %+v, %v", m, err)
	}
}

func TestSecretPrintsAsStars(t *testing.T) {
	t.Parallel()
	a := mailbox.Account{Password: "canary"}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "account", a, "password", a.Password)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "account", a, "password", a.Password)
	j, err := json.Marshal(a)
	if all := fmt.Sprintf("%v %+v %#v %s %q ", a, a, a, a.Password, a.Password) + log.String() + string(j); err != nil || strings.Contains(all, "canary") {
		t.Errorf("printed: %s (%v)", all, err)
	}
}

func TestSealedPasswordsTellNothing(t *testing.T) {
	t.Parallel()
	s := sealer(t)
	for _, pw := range []mailbox.Secret{"a", "", mailbox.Secret(strings.Repeat("x", 63)), mailbox.Secret(strings.Repeat("x", 64)), "with \x80\x00 in it"} {
		one, two := s.Seal(pw), s.Seal(pw)
		if bytes.Equal(one, two) || len(one)%64 != (1+12+16)%64 {
			t.Errorf("%d bytes sealed into %d: equal or telling its length", len(pw), len(one))
		}
		if back, err := s.Open(one); err != nil || back != pw {
			t.Errorf("%q came back as %q, %v", string(pw), string(back), err)
		}
		for i := range one {
			bad := bytes.Clone(one)
			bad[i] ^= 1
			if _, err := s.Open(bad); err == nil {
				t.Fatalf("byte %d changed and it still opens", i)
			}
		}
	}
	for _, bad := range [][]byte{nil, {1}, {2, 3}, bytes.Repeat([]byte{1}, 29)} {
		if _, err := s.Open(bad); err == nil {
			t.Errorf("%v opens", bad)
		}
	}
	if _, err := mailbox.NewSealer([]byte("short")); err == nil {
		t.Error("a short key is taken")
	}
}

func TestConnectionTestNamesTheStepThatFails(t *testing.T) {
	t.Parallel()
	w := mailworld.Start(t, mailworld.Options{})
	good := accountIn(w, "support@desk.test")
	dead := mailworld.StartProxy(t, 1) // accepts, then closes: nothing listens behind it
	for name, c := range map[string]struct {
		spoil func(*mailbox.Account)
		want  string // the steps that failed
	}{
		"all well":          {func(*mailbox.Account) {}, ""},
		"STARTTLS":          {func(a *mailbox.Account) { *a = starttls(w, *a) }, ""},
		"unknown host":      {func(a *mailbox.Account) { a.IMAP.Host = "no-such-host.invalid" }, "imap_resolve"},
		"closed port":       {func(a *mailbox.Account) { a.SMTP.Port = 1 }, "smtp_connect"},
		"not a mail server": {func(a *mailbox.Account) { a.IMAP.Port, a.SMTP.Port = dead.Port, dead.Port }, "imap_tls smtp_tls"},
		"wrong TLS mode":    {func(a *mailbox.Account) { a.IMAP.Port, a.IMAP.TLS = w.IMAPPort, mailbox.Implicit }, "imap_tls"},
		"unknown authority": {func(a *mailbox.Account) { a.CAPEM = "" }, "imap_tls smtp_tls"},
		"wrong password":    {func(a *mailbox.Account) { a.Password = "canary" }, "imap_sign_in smtp_sign_in"},
		"not allowed":       {func(a *mailbox.Account) { a.Policy = mailbox.Policy{} }, "imap_resolve smtp_resolve"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := good
			c.spoil(&a)
			var failed []string
			steps := mailbox.Test(soon(t), a, "INBOX")
			for _, s := range steps {
				if !s.OK {
					failed = append(failed, string(s.Name))
					if s.Detail == "" || strings.Contains(s.Detail, "canary") || strings.Contains(s.Detail, "127.0.0.1") {
						t.Errorf("%s: %q", s.Name, s.Detail)
					}
				}
			}
			if got := strings.Join(failed, " "); got != c.want || mailbox.Passed(steps) != (c.want == "") {
				t.Errorf("failed %q, want %q: %+v", got, c.want, steps)
			}
		})
	}
	if steps := mailbox.Test(soon(t), good, "No such folder"); steps[len(steps)-1].Name != mailbox.StepSMTPSize || mailbox.Passed(steps) {
		t.Errorf("an unknown folder: %+v", steps)
	}
}

func TestBannersAreNotEchoed(t *testing.T) {
	t.Parallel()
	s := mailworld.StartOddIMAP(t, nil, func(c *mailworld.OddConn, _, cmd string) bool {
		if cmd == "GREETING" {
			c.Send("-ERR internal-banner-redis\r\n")
			c.Close()
		}
		return cmd == "GREETING"
	})
	a := odd(s)
	a.SMTP = a.IMAP
	for _, step := range mailbox.Test(soon(t), a, "INBOX") {
		if strings.Contains(step.Detail+fmt.Sprint(step.Err), "banner") {
			t.Errorf("%s echoes: %q", step.Name, step.Detail)
		}
	}
}
