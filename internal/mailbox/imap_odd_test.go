package mailbox_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mailbox"
)

// session is what a poller does in one round; it returns the bodies it would store.
func session(t *testing.T, a mailbox.Account) (stored [][]byte, err error) {
	ctx := soon(t)
	m, err := mailbox.Connect(ctx, a)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	if _, err := m.Select(ctx, "INBOX"); err != nil {
		return nil, err
	}
	uids, err := m.Unseen(ctx, 1)
	if err != nil {
		return nil, err
	}
	metas, err := m.Envelopes(ctx, uids)
	if err != nil {
		return nil, err
	}
	var batch [][]byte
	if _, err := m.FetchBatch(ctx, metas, func(_ mailbox.Meta, body io.Reader) error {
		raw, err := io.ReadAll(body)
		batch = append(batch, raw)
		return err
	}); err != nil {
		return nil, err
	}
	for _, meta := range metas {
		var one bytes.Buffer
		if _, err := m.Fetch(ctx, meta.UID, meta.Size, &one); err != nil {
			return batch, err
		}
		if !slices.ContainsFunc(batch, func(b []byte) bool { return bytes.Equal(b, one.Bytes()) }) {
			return batch, fmt.Errorf("message %d differs in batch and alone", meta.UID)
		}
	}
	return batch, m.MarkSeen(ctx, uids)
}

// TestOddServersEndInAnErrorNotInAHang covers fault rows 10 and 11 on one connection.
func TestOddServersEndInAnErrorNotInAHang(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 10, 11)
	on := func(prefix string, do func(c *mailworld.OddConn, tag, cmd string)) func(*mailworld.OddConn, string, string) bool {
		return func(c *mailworld.OddConn, tag, cmd string) bool {
			if !strings.HasPrefix(cmd, prefix) {
				return false
			}
			do(c, tag, cmd)
			return true
		}
	}
	body := func(do func(c *mailworld.OddConn, tag, cmd string)) func(*mailworld.OddConn, string, string) bool {
		return func(c *mailworld.OddConn, tag, cmd string) bool {
			if !strings.Contains(cmd, "BODY") {
				return false
			}
			do(c, tag, cmd)
			return true
		}
	}
	silent := func(c *mailworld.OddConn, _, _ string) { c.Hang() }
	servers := map[string]struct {
		on   func(*mailworld.OddConn, string, string) bool
		want error
	}{
		"silent before the greeting": {on("GREETING", silent), mailbox.ErrSilent},
		"silent after sign-in":       {on("AUTHENTICATE", silent), mailbox.ErrSilent},
		"silent after SELECT":        {on("SELECT", silent), mailbox.ErrSilent},
		"silent after SEARCH":        {on("UID SEARCH", silent), mailbox.ErrSilent},
		"silent after STORE":         {on("UID STORE", silent), mailbox.ErrSilent},
		"silent in a literal":        {body(func(c *mailworld.OddConn, _, _ string) { c.Send("* 1 FETCH (UID 1 BODY[] {500}\r\nhalf"); c.Hang() }), mailbox.ErrSilent},
		"drips for ever":             {on("SELECT", func(c *mailworld.OddConn, _, _ string) { dripUntilClosed(c) }), mailbox.ErrSilent},
		"a body nobody asked for": {on("UID FETCH", func(c *mailworld.OddConn, tag, _ string) {
			c.Send("* 1 FETCH (UID 1 BODY[] {4}\r\nhalf)\r\n%s OK\r\n", tag)
		}), mailbox.ErrNonsense},
		"half a body nobody asked for": {on("UID FETCH", func(c *mailworld.OddConn, _, _ string) { c.Send("* 1 FETCH (UID 1 BODY[] {400}\r\nhalf"); c.Close() }), nil},
		"cut in a literal":             {body(func(c *mailworld.OddConn, _, _ string) { c.Send("* 1 FETCH (UID 1 BODY[] {500}\r\nhalf"); c.Close() }), nil},
		"cut after the literal":        {body(func(c *mailworld.OddConn, _, _ string) { c.Send("* 1 FETCH (UID 1 BODY[] {4}\r\nhalf)\r\n"); c.Close() }), nil},
		"NO after the literal": {body(func(c *mailworld.OddConn, tag, _ string) {
			c.Send("* 1 FETCH (UID 1 BODY[] {4}\r\nhalf)\r\n%s NO failed\r\n", tag)
		}), mailbox.ErrRefused},
		"BYE":                       {on("SELECT", func(c *mailworld.OddConn, _, _ string) { c.Send("* BYE shutting down\r\n"); c.Close() }), nil},
		"BYE as greeting":           {on("GREETING", func(c *mailworld.OddConn, _, _ string) { c.Send("* BYE too many\r\n"); c.Close() }), nil},
		"garbage":                   {on("SELECT", func(c *mailworld.OddConn, _, _ string) { c.Send("HTTP/1.1 200 OK\r\n\r\n\x00\xff\xfe{}{}((((\r\n") }), nil},
		"NO to SELECT":              {on("SELECT", func(c *mailworld.OddConn, tag, _ string) { c.Send("%s NO secret-canary\r\x01\r\n", tag) }), nil},
		"BAD to SEARCH":             {on("UID SEARCH", func(c *mailworld.OddConn, tag, _ string) { c.Send("%s BAD no\r\n", tag) }), mailbox.ErrRefused},
		"unknown FETCH item":        {on("UID FETCH", func(c *mailworld.OddConn, tag, _ string) { c.Send("* 1 FETCH (UID 1 X-GM-NEW 5)\r\n%s OK\r\n", tag) }), nil},
		"OK without data to SELECT": {on("SELECT", func(c *mailworld.OddConn, tag, _ string) { c.Send("%s OK done\r\n", tag) }), mailbox.ErrNonsense},
		"search of everything":      {on("UID SEARCH", func(c *mailworld.OddConn, tag, _ string) { c.Send("* SEARCH 0\r\n%s OK done\r\n", tag) }), mailbox.ErrNonsense},
		"search of four billion": {on("UID SEARCH", func(c *mailworld.OddConn, tag, _ string) {
			c.Send("* ESEARCH (TAG \"%s\") UID ALL 1:4294967294\r\n%s OK done\r\n", tag, tag)
		}), mailbox.ErrTooMuch},
		"99 GB literal": {body(func(c *mailworld.OddConn, _, _ string) {
			c.Send("* 1 FETCH (UID 1 BODY[] {99000000000}\r\n")
			c.Flood(1 << 30)
		}), mailbox.ErrTooMuch},
		"99 GB string in a flag list": {on("UID FETCH", func(c *mailworld.OddConn, _, _ string) { c.Send("* LIST () \"/\" {99000000000}\r\n"); c.Flood(1 << 30) }), mailbox.ErrTooMuch},
		"endless line":                {on("SELECT", func(c *mailworld.OddConn, _, _ string) { c.Send("* OK "); c.Flood(1 << 30) }), mailbox.ErrTooMuch},
		"more messages than asked":    {body(func(c *mailworld.OddConn, tag, _ string) { floodOfMessages(c, tag) }), mailbox.ErrTooMuch},
	}
	row.Injected("%d kinds of silence and nonsense, from the greeting to the mark", len(servers))
	row.Counted("each an error in time, nothing stored that was not sent")
	for name, c := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailworld.StartOddIMAP(t, [][]byte{letter(1, 500)}, c.on)
			a := odd(s)
			if c.want == nil || errors.Is(c.want, mailbox.ErrSilent) { // others fail at once, and a busy machine has the time it needs for it
				a.Limits.Idle, a.Limits.Command = 500*time.Millisecond, 5*time.Second
			}
			stored, err := session(t, a)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			for _, b := range stored {
				if !bytes.Equal(b, letter(1, 500)) {
					t.Errorf("something else was stored: %q", b)
				}
			}
			if strings.ContainsAny(err.Error(), "\r\n\x01") || strings.Contains(err.Error(), "canary") {
				t.Errorf("the error holds what it must not: %q", err)
			}
		})
	}
}

// dripUntilClosed sends a byte at a time, each within the idle limit: only the command's limit ends it.
func dripUntilClosed(c *mailworld.OddConn) {
	c.Send("* OK ")
	for range 1000 {
		if c.Drip() != nil {
			return
		}
	}
}

func floodOfMessages(c *mailworld.OddConn, tag string) {
	part := strings.Repeat("y", 4000)
	for range 10_000 {
		c.Send("* 2 FETCH (UID 2 BODY[] {4000}\r\n%s)\r\n", part)
	}
	c.Send("%s OK done\r\n", tag)
}

// TestFloodStaysSmallInMemory holds row 11's memory promise for the worst of them.
func TestFloodStaysSmallInMemory(t *testing.T) {
	row := matrix.Of(t, 11)
	s := mailworld.StartOddIMAP(t, [][]byte{letter(1, 500)}, func(c *mailworld.OddConn, _, cmd string) bool {
		if strings.HasPrefix(cmd, "UID FETCH") {
			c.Send("* LIST () \"/\" {99000000000}\r\n")
			c.Flood(1 << 30)
			return true
		}
		return false
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := session(t, odd(s))
	runtime.ReadMemStats(&after)
	row.Injected("a literal of 99 GB")
	row.Counted("memory grew by %d MiB", (after.Sys-before.Sys)>>20)
	if grown := after.Sys - before.Sys; err == nil || grown > 200<<20 {
		t.Errorf("error %v, memory grew by %d MiB", err, grown>>20)
	}
}

func TestUIDBehindTheBodyIsRecovered(t *testing.T) {
	t.Parallel()
	all := letters(5, 400)
	all = append(all, letter(9, 1<<20+5))
	s := mailworld.StartOddIMAP(t, all, func(c *mailworld.OddConn, tag, cmd string) bool {
		if !strings.Contains(cmd, "BODY") {
			return false
		}
		f := strings.Fields(strings.TrimPrefix(cmd, "UID "))
		for _, n := range mailworld.Numbers(f[1]) {
			name, part := mailworld.Section(cmd, all[n-1])
			c.Send("* %d FETCH (BODY[]%s {%d}\r\n%s UID %d)\r\n", n, name, len(part), part, n)
		}
		c.Send("%s OK done\r\n", tag)
		return true
	})
	stored, err := session(t, odd(s))
	if err != nil || len(stored) != len(all) {
		t.Fatalf("recovered %d of %d: %v", len(stored), len(all), err)
	}
}

func TestFlagsToldInPassingDoNotHideAMessage(t *testing.T) {
	t.Parallel()
	all := letters(3, 400)
	told := false
	s := mailworld.StartOddIMAP(t, all, func(c *mailworld.OddConn, _, cmd string) bool {
		if strings.Contains(cmd, "BODY") && !told {
			told = true
			c.Send("* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\n")
		}
		return false
	})
	stored, err := session(t, odd(s))
	if err != nil || len(stored) != len(all) {
		t.Fatalf("stored %d of %d: %v", len(stored), len(all), err)
	}
}

func TestServerThatLiesAboutSizeStillGivesTheWholeMail(t *testing.T) {
	t.Parallel()
	raw := letter(1, 1<<20+77)
	for _, claimed := range []int{len(raw) - 40_000, len(raw) + 40_000} {
		s := mailworld.StartOddIMAP(t, [][]byte{raw}, func(c *mailworld.OddConn, tag, cmd string) bool {
			if strings.Contains(cmd, "RFC822.SIZE") {
				c.Send("* 1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE \"22-Nov-2026 10:00:00 +0000\" FLAGS ())\r\n%s OK done\r\n", claimed, tag)
				return true
			}
			return false
		})
		stored, err := session(t, odd(s))
		if err != nil || len(stored) != 1 || !bytes.Equal(stored[0], raw) {
			t.Errorf("claimed %d of %d bytes: %d stored, %v", claimed, len(raw), len(stored), err)
		}
	}
}

// TestCutConnectionsStoreNothingTruncated is fault row 9: the connection ends at a random byte, again and again.
func TestCutConnectionsStoreNothingTruncated(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 9)
	w := mailworld.Start(t, mailworld.Options{NoExim: true})
	all := append(letters(20, 2000), letter(30, 1_200_000))
	if err := w.Deliver("support@desk.test", all...); err != nil {
		t.Fatal(err)
	}
	p := mailworld.StartProxy(t, w.IMAPSPort)
	a := accountIn(w, "support@desk.test")
	a.IMAP.Port = p.Port
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	broken, times := 0, 60
	if os.Getenv("FRONTDESK_FAULTS") != "" {
		times = 200
	}
	for range times {
		p.Set(mailworld.Spoil{Cut: 1000 + dice.Int64N(1_300_000)})
		bodies, err := fetchAll(t, a)
		for _, b := range bodies {
			if !slices.ContainsFunc(all, func(s []byte) bool { return bytes.Equal(s, b) }) {
				t.Fatalf("a message of %d bytes is none of those delivered", len(b))
			}
		}
		if err != nil {
			broken++
		} else if len(bodies) != len(all) {
			t.Fatalf("no error, but %d of %d messages", len(bodies), len(all))
		}
	}
	row.Injected("%d connections that end at a random byte", times)
	row.Counted("%d broke, every mail accepted was one of those delivered", broken)
	if broken < times/2 {
		t.Errorf("only %d of %d connections broke", broken, times)
	}
}

// fetchAll takes each mail alone and returns those that were accepted, also when it ends in an error.
func fetchAll(t *testing.T, a mailbox.Account) (out [][]byte, err error) {
	ctx := soon(t)
	m, err := mailbox.Connect(ctx, a)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	if _, err := m.Select(ctx, "INBOX"); err != nil {
		return nil, err
	}
	uids, err := m.Unseen(ctx, 1)
	if err != nil {
		return nil, err
	}
	metas, err := m.Envelopes(ctx, uids)
	if err != nil {
		return nil, err
	}
	for _, meta := range metas {
		var b bytes.Buffer
		if _, err := m.Fetch(ctx, meta.UID, meta.Size, &b); err != nil {
			return out, err
		}
		out = append(out, b.Bytes())
	}
	return out, nil
}

func TestOwnErrorComesBackAsItIs(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	s := mailworld.StartOddIMAP(t, letters(3, 400), nil)
	m := inbox(t, odd(s))
	if _, err := m.Fetch(soon(t), 1, 400, failing{full}); !errors.Is(err, full) {
		t.Errorf("fetch: %v", err)
	}
	m = inbox(t, odd(s))
	_, err := m.FetchBatch(soon(t), []mailbox.Meta{{UID: 1, Size: 400}, {UID: 2, Size: 400}}, func(mailbox.Meta, io.Reader) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("batch: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestSlowConnectionDeliversALargeMail is fault row 12 in small: the whole takes longer than a command may, but bytes keep coming.
func TestSlowConnectionDeliversALargeMail(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 12)
	row.Injected("1 MiB at 300 KiB a second, with three seconds for a command")
	raw := letter(1, 1<<20)
	s := mailworld.StartOddIMAP(t, [][]byte{raw}, nil)
	p := mailworld.StartProxy(t, s.Port)
	p.Set(mailworld.Spoil{PerSec: 300 << 10})
	a := odd(s)
	a.IMAP.Port, a.Limits = p.Port, mailbox.Limits{Command: 3 * time.Second}
	bodies, err := fetchAll(t, a)
	row.Counted("%d mail of 1", len(bodies))
	if err != nil || len(bodies) != 1 || !bytes.Equal(bodies[0], raw) {
		t.Errorf("%d bodies, %v", len(bodies), err)
	}
}

// TestMailTakenAwayUnderUsIsNoCrash is fault row 15: a second client deletes while we are between search and fetch.
func TestMailTakenAwayUnderUsIsNoCrash(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 15)
	row.Injected("2 of 10 mails deleted by another program between search and fetch")
	w := mailworld.Start(t, mailworld.Options{NoExim: true})
	all := letters(10, 400)
	if err := w.Deliver("support@desk.test", all...); err != nil {
		t.Fatal(err)
	}
	ctx, a := soon(t), accountIn(w, "support@desk.test")
	m := inbox(t, a)
	uids, err := m.Unseen(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	metas, err := m.Envelopes(ctx, uids)
	if err != nil {
		t.Fatal(err)
	}
	if err := expunge(w, a, 3, 7); err != nil {
		t.Fatal(err)
	}
	kept := 0
	gone, err := m.FetchBatch(ctx, metas, func(_ mailbox.Meta, body io.Reader) error {
		raw, err := io.ReadAll(body)
		if !slices.ContainsFunc(all, func(s []byte) bool { return bytes.Equal(s, raw) }) {
			t.Errorf("a message that was never delivered: %q", raw)
		}
		kept++
		return err
	})
	t.Logf("kept %d, gone %v, %v", kept, gone, err)
	if err == nil && kept+len(gone) != len(all) {
		t.Errorf("%d kept and %v gone of %d", kept, gone, len(all))
	}
	stored, err := session(t, a)
	row.Counted("%d fetched and %d told as gone; the next round stored %d", kept, len(gone), len(stored))
	if err != nil || len(stored) != len(all)-2 {
		t.Errorf("the next round stored %d of %d: %v", len(stored), len(all)-2, err)
	}
}

// expunge deletes messages as another mail program would.
func expunge(w *mailworld.World, a mailbox.Account, uids ...imap.UID) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(w.CAPEM))
	c, err := imapclient.DialTLS(a.IMAP.Address(), &imapclient.Options{TLSConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
	if err != nil {
		return err
	}
	defer c.Close()
	set := imap.UIDSetNum(uids...)
	if err := c.Login(a.IMAP.User, string(a.Password)).Wait(); err != nil {
		return err
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		return err
	}
	if err := c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
		return err
	}
	return c.UIDExpunge(set).Close()
}

// TestMailTakenAwayBetweenChunksIsNotStoredInPart: the second chunk of an expunged message is an empty OK.
func TestMailTakenAwayBetweenChunksIsNotStoredInPart(t *testing.T) {
	t.Parallel()
	raw := letter(1, 3<<20)
	taken := false
	s := mailworld.StartOddIMAP(t, [][]byte{raw}, func(c *mailworld.OddConn, tag, cmd string) bool {
		switch {
		case strings.Contains(cmd, "BODY") && strings.Contains(cmd, "]<1048576."):
			taken = true
			c.Send("* 1 FETCH (UID 1 BODY[]<1048576> NIL)\r\n%s OK [EXPUNGEISSUED] done\r\n", tag)
			return true
		case taken && cmd == "NOOP":
			c.Send("* 1 EXPUNGE\r\n%s OK done\r\n", tag)
			return true
		case taken && strings.HasPrefix(cmd, "UID FETCH"):
			c.Send("%s OK done\r\n", tag)
			return true
		}
		return false
	})
	m := inbox(t, odd(s))
	if n, err := m.Fetch(soon(t), 1, int64(len(raw)), io.Discard); !errors.Is(err, mailbox.ErrGone) {
		t.Errorf("%d of %d bytes and %v, want ErrGone", n, len(raw), err)
	}
}

func TestEmptyAnswerForAMessageThatIsThereIsNotStored(t *testing.T) {
	t.Parallel()
	all := letters(3, 300)
	s := mailworld.StartOddIMAP(t, all, func(c *mailworld.OddConn, tag, cmd string) bool {
		f := strings.Fields(cmd)
		if !strings.Contains(cmd, "BODY") || !slices.Contains(mailworld.Numbers(f[2]), 2) {
			return false
		}
		for _, n := range mailworld.Numbers(f[2]) {
			name, part := mailworld.Section(cmd, all[n-1])
			if n == 2 {
				part = nil
			}
			c.Send("* %d FETCH (UID %d BODY[]%s {%d}\r\n%s)\r\n", n, n, name, len(part), part)
		}
		c.Send("%s OK done\r\n", tag)
		return true
	})
	m := inbox(t, odd(s))
	metas, err := m.Envelopes(soon(t), []mailbox.UID{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	var got []mailbox.UID
	gone, err := m.FetchBatch(soon(t), metas, func(meta mailbox.Meta, _ io.Reader) error { got = append(got, meta.UID); return nil })
	if err != nil || len(gone) > 0 || !slices.Equal(got, []mailbox.UID{1, 3}) {
		t.Errorf("stored %v, gone %v, %v; want 1 and 3 stored, 2 left for the next round", got, gone, err)
	}
}

func TestAServerThatRefusesToIdleIsAskedOnceAndPolled(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"NO not now", "BAD unknown command"} {
		var asked, signedIn atomic.Int64
		m := inbox(t, odd(mailworld.StartOddIMAP(t, letters(2, 300), func(c *mailworld.OddConn, tag, cmd string) bool {
			switch {
			case strings.HasPrefix(cmd, "AUTHENTICATE"):
				signedIn.Add(1)
			case cmd == "IDLE":
				asked.Add(1)
				c.Send("%s %s\r\n", tag, answer)
				return true
			}
			return false
		})))
		for range 3 { // as a poller does
			if uids, err := m.Unseen(soon(t), 1); err != nil || len(uids) != 2 {
				t.Fatalf("%s: found %v, %v", answer, uids, err)
			}
			began := time.Now()
			if changed, err := m.Idle(soon(t), 10*time.Millisecond); changed || err != nil || time.Since(began) < 10*time.Millisecond {
				t.Fatalf("%s: changed %v, %v, after %s", answer, changed, err, time.Since(began))
			}
		}
		if asked.Load() != 1 || signedIn.Load() != 1 {
			t.Errorf("%s: asked %d times, signed in %d times", answer, asked.Load(), signedIn.Load())
		}
	}
}

// A server says good-bye when it is stopped, and when the folder is deleted under us; that is told as what it is, whoever waits for it.
func TestAServerThatSaysGoodByeIsNotSaidToTalkNonsense(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"IDLE", "UID SEARCH"} {
		s := mailworld.StartOddIMAP(t, [][]byte{letter(1, 500)}, func(c *mailworld.OddConn, tag, cmd string) bool {
			if !strings.HasPrefix(cmd, at) {
				return false
			}
			c.Send("* BYE shutting down\r\n")
			c.Close()
			return true
		})
		m, err := mailbox.Connect(soon(t), odd(s))
		if err == nil {
			_, err = m.Select(soon(t), "INBOX")
		}
		if err == nil && at == "IDLE" {
			_, err = m.Idle(soon(t), time.Minute)
		} else if err == nil {
			_, err = m.Unseen(soon(t), 1)
		}
		if err == nil || errors.Is(err, mailbox.ErrNonsense) || !strings.Contains(err.Error(), "the server ended the connection") {
			t.Errorf("%s: %v", at, err)
		}
	}
}
