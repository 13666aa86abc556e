package agent_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
	"frontdesk/internal/text"
)

const password = "blue paper boats"

func TestAddRefusesEveryWrongFieldAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		_, err := agent.Add(t.Context(), tx, agent.New{Email: "nobody", Name: " ", Profile: "boss", Password: "short", Language: "fr", TimeZone: "Mars/Base"})
		want := fault.Invalid{"email": reason("agent.email_wrong"), "name": reason("agent.name_missing"), "profile": reason("agent.profile_unknown"),
			"password": reason("agent.password_short"), "language": reason("agent.language_unknown"), "time_zone": reason("agent.zone_unknown")}
		if diff := cmp.Diff(error(want), err); diff != "" {
			t.Error(diff)
		}
		_, err = agent.Add(t.Context(), tx, agent.New{Email: "ewa@desk.test", Name: "Ewa\u202e", Profile: "agent", Password: password, TimeZone: "Local"})
		want = fault.Invalid{"name": reason("agent.name_wrong"), "time_zone": reason("agent.zone_unknown")}
		if diff := cmp.Diff(error(want), err); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAddKeepsOneSpellingOfAnAddress(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		id, err := agent.Add(t.Context(), tx, agent.New{Email: " Ewa@Żółw.PL ", Name: "Ewa  Nowak", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		got, err := pg.One[string](t.Context(), tx, `SELECT email || '|' || name FROM agent WHERE id = $1`, id)
		if err != nil || got != "ewa@xn--w-uga1v8h.pl|Ewa Nowak" {
			t.Errorf("kept %q %v", got, err)
		}
		_, err = agent.Add(t.Context(), tx, agent.New{Email: "EWA@żółw.pl", Name: "Other", Password: password})
		if diff := cmp.Diff(error(fault.Invalid{"email": reason("agent.email_taken")}), err); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, email := range []string{"", "@", "a@", "@b.pl", "a b@c.pl", "a@b@c.pl", "a\x00@b.pl", "a\r\n@b.pl", "<a@b.pl>", "a@-b-.pl-", "a@.pl",
		"a@b.pl.", strings.Repeat("a", 65) + "@b.pl", "a@" + strings.Repeat("b", 254), "\xff@b.pl", "a@b .pl"} {
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			_, err := agent.Add(t.Context(), tx, agent.New{Email: email, Name: "A", Password: password})
			var bad fault.Invalid
			if !errors.As(err, &bad) || bad["email"].Key == "" {
				t.Errorf("%q: %v", email, err)
			}
		})
	}
}

func TestPasswordsAnybodyWouldTryAreRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for pass, want := range map[string]string{
		"1234567": "agent.password_short", "ąęółż67": "agent.password_short", strings.Repeat("ą1b2", 33): "agent.password_long",
		strings.Repeat("x", 1<<20): "agent.password_long", "password": "agent.password_common", "Password2026!": "agent.password_common",
		"P@ssw0rd": "agent.password_common", "12345678": "agent.password_common", "9876543210": "agent.password_common",
		"aaaaaaaaab": "agent.password_common", "abcdefghij": "agent.password_common", "qwertyuiop": "agent.password_common",
		"ola.nowak": "agent.password_common", "Ola Nowak": "agent.password_common", "ola.nowak@desk.test": "agent.password_common",
		"frontdesk1": "agent.password_common", strings.Repeat("ą1b2", 32): "", "correct horse": "", "      ab": "agent.password_common",
	} {
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			_, err := agent.Add(t.Context(), tx, agent.New{Email: "ola.nowak@desk.test", Name: "Ola Nowak", Profile: "nobody", Password: pass})
			var bad fault.Invalid
			if !errors.As(err, &bad) || string(bad["password"].Key) != want {
				t.Errorf("%.20q: %v, want %q", pass, err, want)
			}
		})
	}
}

// What is stored is the PHC string of argon2id with at least 19 MiB and two passes (OWASP Password Storage Cheat Sheet), each with a salt of its own.
func TestPasswordsAreStoredAsArgon2id(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	add(t, db, "ewa@desk.test", "agent")
	add(t, db, "ola@desk.test", "agent")
	stored, err := pg.List[string](t.Context(), db, `SELECT password_hash FROM agent ORDER BY id`)
	must(t, err)
	salts := map[string]bool{}
	for _, s := range stored {
		p, salt, key, err := argon2id.DecodeHash(s)
		if err != nil || !strings.HasPrefix(s, "$argon2id$v=19$") || p.Memory < 19*1024 || p.Iterations < 2 || len(salt) < 16 || len(key) < 32 {
			t.Errorf("%s: %+v %v", s, p, err)
		}
		salts[string(salt)] = true
	}
	if len(stored) != 2 || len(salts) != 2 {
		t.Errorf("%d hashes, %d salts", len(stored), len(salts))
	}
}

func TestOnlyOneFirstAgent(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			errs[i] = db.InTx(t.Context(), func(tx *pg.Tx) error {
				_, err := agent.AddFirst(t.Context(), tx, agent.New{Email: fmt.Sprintf("a%d@desk.test", i), Name: "A", Password: password})
				return err
			})
		})
	}
	wg.Wait()
	var first, late int
	for _, err := range errs {
		switch {
		case err == nil:
			first++
		case errors.Is(err, fault.NotFound):
			late++
		}
	}
	if first != 1 || late != 3 {
		t.Errorf("%d first agents, %d too late: %v", first, late, errs)
	}
	got, err := pg.One[string](t.Context(), db, `
		SELECT p.key || ' of ' || count(q.*) || ' queue' FROM agent a JOIN profile p ON p.id = a.profile_id JOIN agent_queue q ON q.agent_id = a.id GROUP BY p.key`)
	if err != nil || got != "admin of 1 queue" {
		t.Errorf("%q %v", got, err)
	}
}

func TestSignInGivesPermissionsAndQueues(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	id := add(t, db, "ewa@desk.test", "manager")
	session, err := signIn(t, db, " EWA@desk.test", password, agent.Visitor{Address: "192.0.2.1", UserAgent: "Firefox\x00\r\nX"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, queries := pg.CountQueries(t.Context())
	s, err := agent.BySession(ctx, db, session, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if n := queries(); n != 1 {
		t.Errorf("%d queries", n)
	}
	if s.Agent.ID != id || !s.Agent.Can(agent.QueueAll) || s.Agent.Can(agent.AgentManage) || len(s.Agent.Queues) != 1 {
		t.Errorf("%+v", s.Agent)
	}
	visitor, err := pg.One[string](t.Context(), db, `SELECT address || ' ' || user_agent FROM session WHERE agent_id = $1`, id)
	if err != nil || visitor != "192.0.2.1 FirefoxX" {
		t.Errorf("%q %v", visitor, err)
	}
	stored, err := pg.One[bool](t.Context(), db, `SELECT EXISTS (SELECT FROM session s WHERE s::text LIKE '%' || $1 || '%')`, session)
	if err != nil || stored {
		t.Errorf("the id itself is stored: %v %v", stored, err)
	}
}

func TestWrongPasswordAndUnknownAccountAreOneAnswer(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	add(t, db, "ewa@desk.test", "agent")
	gone := add(t, db, "gone@desk.test", "agent")
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		if _, err := pg.Exec(t.Context(), tx, `UPDATE agent SET active = false WHERE id = $1`, gone); err != nil {
			t.Fatal(err)
		}
	})
	for email, pass := range map[string]string{"ewa@desk.test": "wrong", "nobody@desk.test": password, "gone@desk.test": password, "'; --": "x", "": "",
		"a\x00b@desk.test": "\xff", "ewa@desk.test ": strings.Repeat("x", 1<<20)} {
		if _, err := signIn(t, db, email, pass, agent.Visitor{Address: "192.0.2.1"}); !errors.Is(err, agent.ErrWrong) {
			t.Errorf("%q: %v", email, err)
		}
	}
}

func TestGuessesAreLimitedAndLockNobodyElseOut(t *testing.T) {
	t.Parallel()
	db, clock := pgtest.NewWithClock(t)
	add(t, db, "ewa@desk.test", "agent")
	guesser := agent.Visitor{Address: "203.0.113.9"}
	wrong, many := 0, 0
	for range 30 {
		switch err := knock(t, db, "ewa@desk.test", guesser); {
		case err == nil:
			wrong++
		case asTooMany(err):
			many++
		}
	}
	if wrong != 10 || many != 20 {
		t.Errorf("%d guesses taken, %d refused", wrong, many)
	}
	if _, err := signIn(t, db, "ewa@desk.test", password, guesser); !asTooMany(err) {
		t.Errorf("the guesser is still heard: %v", err)
	}
	if _, err := signIn(t, db, "ewa@desk.test", password, agent.Visitor{Address: "192.0.2.1"}); err != nil {
		t.Errorf("the owner elsewhere: %v", err)
	}
	if _, err := signIn(t, db, "ewa@desk.test", password, agent.Visitor{Address: "203.0.113.9", Device: "known"}); err != nil {
		t.Errorf("the owner in a known browser behind the same address: %v", err)
	}
	clock.Advance(15*time.Minute + time.Second)
	if _, err := signIn(t, db, "ewa@desk.test", password, guesser); err != nil {
		t.Errorf("after the window: %v", err)
	}
}

func TestGuessesFromManyAddressesAndAtManyAccountsAreLimited(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var oneAccount, oneAddress int
	for i := range 120 {
		if err := knock(t, db, "ewa@desk.test", agent.Visitor{Address: fmt.Sprintf("198.51.100.%d", i)}); err == nil {
			oneAccount++
		}
		if err := knock(t, db, fmt.Sprintf("a%d@desk.test", i), agent.Visitor{Address: fmt.Sprintf("2001:db8::%d", i)}); err == nil {
			oneAddress++
		}
	}
	if oneAccount != 50 || oneAddress != 50 {
		t.Errorf("%d at one account, %d from one address", oneAccount, oneAddress)
	}
}

func TestGuessesSentAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	from := agent.Visitor{Address: "203.0.113.9"}
	for range 9 {
		must(t, knock(t, db, "ewa@desk.test", from))
	}
	second := make(chan error, 1)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		_, err := agent.Knock(t.Context(), tx, "ewa@desk.test", from)
		must(t, err)
		go func() { second <- knock(t, db, "ewa@desk.test", from) }()
		for waits := false; !waits && len(second) == 0; { // till it waits for the first
			waits, err = pg.One[bool](t.Context(), db, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
			must(t, err)
		}
	})
	if err := <-second; !asTooMany(err) {
		t.Errorf("the eleventh, sent with the tenth: %v", err)
	}
}

func TestASuccessForgetsTheFailuresBeforeIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	add(t, db, "ewa@desk.test", "agent")
	from := agent.Visitor{Address: "192.0.2.1"}
	for range 2 {
		for range 9 {
			must(t, knock(t, db, "ewa@desk.test", from))
		}
		_, err := signIn(t, db, "ewa@desk.test", password, from)
		must(t, err)
	}
}

func TestSuccessIsNotCountedAgainstAnybody(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	add(t, db, "ewa@desk.test", "agent")
	for range 12 {
		if _, err := signIn(t, db, "ewa@desk.test", password, agent.Visitor{Address: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
	}
	n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM sign_in_failure`)
	if err != nil || n != 0 {
		t.Errorf("%d rows left, %v", n, err)
	}
}

func TestSessionsRunOut(t *testing.T) {
	t.Parallel()
	db, clock := pgtest.NewWithClock(t)
	add(t, db, "ewa@desk.test", "agent")
	session, err := signIn(t, db, "ewa@desk.test", password, agent.Visitor{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	there := func(at time.Duration) bool {
		_, err := agent.BySession(t.Context(), db, session, now.Add(at))
		if err != nil && !errors.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	if !there(12*time.Hour-time.Minute) || there(12*time.Hour+time.Minute) {
		t.Error("not ended by being idle for 12 h")
	}
	for range 20 {
		clock.Advance(10 * time.Hour)
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			if err := agent.Seen(t.Context(), tx, session); err != nil {
				t.Fatal(err)
			}
		})
	}
	if there(200*time.Hour+time.Minute) || !there(160*time.Hour) {
		t.Error("not ended after 7 days of use")
	}
	for _, idle := range []time.Duration{0, agent.SessionIdle} { // the one of 7 days of use, then the one of the first round
		clock.Advance(idle)
		_, err := signIn(t, db, "ewa@desk.test", password, agent.Visitor{})
		must(t, err)
		if n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM session`); n != 1 || err != nil {
			t.Errorf("%d sessions are kept, %v", n, err)
		}
	}
}

func TestEndedSessionsAreGone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	add(t, db, "ewa@desk.test", "agent")
	var sessions []string
	for range 3 {
		s, err := signIn(t, db, "ewa@desk.test", password, agent.Visitor{})
		if err != nil {
			t.Fatal(err)
		}
		sessions = append(sessions, s)
	}
	there := func() (left []bool) {
		for _, s := range sessions {
			_, err := agent.BySession(t.Context(), db, s, time.Now())
			left = append(left, err == nil)
		}
		return left
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) { must(t, agent.EndSession(t.Context(), tx, sessions[0])) })
	if diff := cmp.Diff([]bool{false, true, true}, there()); diff != "" {
		t.Error(diff)
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		_, err := pg.Exec(t.Context(), tx, `UPDATE agent SET active = false`)
		must(t, err)
	})
	if diff := cmp.Diff([]bool{false, false, false}, there()); diff != "" {
		t.Error(diff)
	}
}

func TestSettingsChangeOnlyWhatIsSent(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	id := add(t, db, "ewa@desk.test", "agent")
	pl, dark, off, bad := "pl", "dark", false, "pink"
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		must(t, agent.ChangeSettings(t.Context(), tx, agent.Agent{ID: id}, agent.Settings{Language: &pl}))
		must(t, agent.ChangeSettings(t.Context(), tx, agent.Agent{ID: id}, agent.Settings{Theme: &dark, SingleKeys: &off}))
		err := agent.ChangeSettings(t.Context(), tx, agent.Agent{ID: id}, agent.Settings{Theme: &bad, TimeZone: &bad, Density: &bad, Language: &bad})
		if got, ok := errors.AsType[fault.Invalid](err); !ok || len(got) != 4 {
			t.Errorf("%v", err)
		}
	})
	got, err := pg.One[string](t.Context(), db, `SELECT language || time_zone || theme || single_keys FROM agent WHERE id = $1`, id)
	if err != nil || got != "plUTCdarkfalse" {
		t.Errorf("%q %v", got, err)
	}
}

func TestQueuesComeInTheirOrderAndGo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	id := add(t, db, "ewa@desk.test", "agent")
	var second int64
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		second, err = pg.One[int64](t.Context(), tx, `INSERT INTO queue (name, calendar_id, default_priority_id) SELECT 'Second', calendar_id, default_priority_id FROM queue RETURNING id`)
		must(t, err)
		must(t, agent.GiveQueue(t.Context(), tx, 0, id, second, 0))
	})
	session, err := signIn(t, db, "ewa@desk.test", password, agent.Visitor{})
	must(t, err)
	s, err := agent.BySession(t.Context(), db, session, time.Now())
	must(t, err)
	if len(s.Agent.Queues) != 2 || s.Agent.Queues[0] != second {
		t.Errorf("%v", s.Agent.Queues)
	}
	pgtest.Tx(t, db, func(tx *pg.Tx) { must(t, agent.TakeQueue(t.Context(), tx, 0, id, second)) })
	s, err = agent.BySession(t.Context(), db, session, time.Now())
	must(t, err)
	if s.Agent.Sees(second) {
		t.Error("still seen")
	}
}

func add(t *testing.T, db *pg.DB, email, profile string) (id int64) {
	t.Helper()
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		var err error
		id, err = agent.Add(t.Context(), tx, agent.New{Email: email, Name: "Ewa", Profile: profile, Password: password})
		must(t, err)
		inbox, err := pg.One[int64](t.Context(), tx, `SELECT id FROM queue WHERE key = 'inbox'`)
		must(t, err)
		must(t, agent.GiveQueue(t.Context(), tx, 0, id, inbox, 1))
	})
	return id
}

func knock(t *testing.T, db *pg.DB, email string, v agent.Visitor) error {
	return db.InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := agent.Knock(t.Context(), tx, email, v)
		return err
	})
}

// signIn does what the web does.
func signIn(t *testing.T, db *pg.DB, email, pass string, v agent.Visitor) (session string, err error) {
	t.Helper()
	var try *agent.Try
	err = db.InTx(t.Context(), func(tx *pg.Tx) (err error) { try, err = agent.Knock(t.Context(), tx, email, v); return err })
	if err != nil {
		return "", err
	}
	if err := try.Check(t.Context(), pass); err != nil {
		return "", err
	}
	err = db.InTx(t.Context(), func(tx *pg.Tx) (err error) { session, err = agent.Admit(t.Context(), tx, try); return err })
	return session, err
}

func asTooMany(err error) bool {
	var many *agent.TooMany
	return errors.As(err, &many) && many.After > 0 && many.After <= 15*time.Minute
}

func reason(key text.Key) fault.Reason { return fault.Because(key) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
