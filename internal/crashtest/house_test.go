package crashtest

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/app"
	"frontdesk/internal/config"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/internal/pg/pgtest"
)

func init() { children["serve"] = serve }

// serve is the child: the whole product.
func serve(ctx context.Context) error {
	cfg, err := config.Read(os.Environ())
	if err != nil {
		return err
	}
	slog.SetDefault(slog.New(cfg.Log.Handler(os.Stderr)))
	d, err := app.Open(ctx, cfg, pgembed.Serve)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Serve(ctx, "crashtest")
}

// house is the whole product at work in a process of its own, with mail coming in and letters to send, while its surroundings fail.
type house struct {
	*testing.T
	*flusher        // the process
	db       *pg.DB // past whatever stands before the database
	world    *mailworld.World
	sink     *mailworld.Sink
	env      []string // of the process
	address  string
	browser  *http.Client
	seal     *mailbox.Sealer
	came     int // mails delivered
	letters  int
	row      *matrix.Share
}

// openHouse starts it; row is what the test writes into the matrix. reach gives the database's address as this test sees it once the process serves;
// env is how the process finds it.
func openHouse(t *testing.T, row *matrix.Share, reach func() string, env ...string) *house {
	t.Helper()
	h := &house{T: t, row: row, world: mailworld.Start(t, mailworld.Options{NoExim: true}), sink: mailworld.StartSink(t)}
	h.ok(h.world.SetPassword(intakeAccount, mailboxPassword))
	for range 2000 { // the server takes 0 to 12 ms for a letter
		h.sink.Fail(mailworld.Fault{Phase: "dot", Delay: time.Duration(rand.IntN(12_000)) * time.Microsecond, Keep: true, Times: 1})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.address = "http://" + l.Addr().String()
	l.Close()
	h.env = append(env, "FRONTDESK_LISTEN="+strings.TrimPrefix(h.address, "http://"), "FRONTDESK_SECRET_KEY="+strings.Repeat("k", 32))
	h.flusher = spawn(t, "serve", h.env...)
	h.ready("the start")
	h.db = pgtest.Open(t, reach(), nil)
	h.furnish(h.keys())
	h.signIn()
	return h
}

// keys are those of its environment.
func (h *house) keys() config.Keys {
	h.Helper()
	cfg, err := config.Read(h.env)
	h.ok(err)
	keys, err := cfg.Keys()
	h.ok(err)
	return keys
}

// mailboxPassword is a word that stands nowhere else.
const mailboxPassword = "canary-parakeet-4711"

const housePassword = "blue paper boats"

// furnish adds a mailbox, a ticket and somebody who works there.
func (h *house) furnish(keys config.Keys) {
	h.Helper()
	var err error
	h.seal, err = mailbox.NewSealer(keys.Seal())
	h.ok(err)
	h.tx(func(tx *pg.Tx) {
		_, err := agent.AddFirst(h.Context(), tx, agent.New{Email: "ada@desk.test", Name: "Ada", Password: housePassword})
		h.ok(err)
		queue, err := pg.One[int64](h.Context(), tx, `SELECT id FROM queue WHERE key = 'inbox'`)
		h.ok(err)
		_, err = mailbox.Add(h.Context(), tx, mailbox.Mailbox{Name: "Support", Address: intakeAccount, QueueID: queue, Active: true, TrustPrivate: true,
			IMAPHost: mailworld.Host, IMAPPort: h.world.IMAPSPort, IMAPTLS: mailbox.Implicit, IMAPUser: intakeAccount, Folders: []string{"INBOX"},
			SMTPHost: mailworld.Host, SMTPPort: h.sink.Port, SMTPTLS: mailbox.StartTLS, SMTPUser: "support", CAPEM: h.world.CAPEM + h.sink.CAPEM,
			PollSeconds: 5, Take: mailbox.TakeAll, SentMode: mailbox.SentNone}, mailbox.Secret(h.world.Password(intakeAccount)), h.seal)
		h.ok(err)
		_, err = pg.Exec(h.Context(), tx, `
			INSERT INTO ticket (subject, queue_id, status_id, kind, priority_id, created_at, changed_at)
			SELECT 'Printer', q.id, s.id, s.kind, q.default_priority_id, $2, $2 FROM queue q, status s WHERE q.id = $1 AND s.key = 'new'`, queue, tx.Now)
		h.ok(err)
	})
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatalf("%v\n%s", err, h.log())
	}
}

func (h *house) tx(fn func(tx *pg.Tx)) {
	h.Helper()
	pgtest.Tx(h, h.db, fn)
}

// work brings n mails and n letters.
func (h *house) work(n int) {
	h.Helper()
	h.deliver(n)
	h.write(n)
}

// deliver puts n more mails into the mailbox.
func (h *house) deliver(n int) {
	h.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	var list [][]byte
	for i := range n {
		list = append(list, serialMail(h.came+i, r))
	}
	h.ok(h.world.Deliver(intakeAccount, list...))
	h.came += n
}

// write puts n more letters into the outbox, due now.
func (h *house) write(n int) {
	h.Helper()
	h.writeFor(n, 0)
}

// writeFor puts n more letters into the outbox, due after a while.
func (h *house) writeFor(n int, after time.Duration) {
	h.Helper()
	h.tx(func(tx *pg.Tx) {
		for range n {
			rfc := mail.NewMessageID([]byte("key"), "desk.test")
			m, err := pg.One[struct{ Message, Ticket, Mailbox int64 }](h.Context(), tx, `
				INSERT INTO message (ticket_id, kind, at, mailbox_id, from_address, subject, rfc_id)
				SELECT (SELECT min(id) FROM ticket), 'out', $1, id, address, 'Printer', $2 FROM mailbox
				RETURNING id AS message, ticket_id AS ticket, mailbox_id AS mailbox`, tx.Now, rfc)
			h.ok(err)
			_, err = pg.Exec(h.Context(), tx, `INSERT INTO message_body (message_id, text) VALUES ($1, 'Hello')`, m.Message)
			h.ok(err)
			_, err = outbox.Put(h.Context(), tx, outbox.Letter{TicketID: m.Ticket, MessageID: m.Message, MailboxID: m.Mailbox, RFCID: rfc, SendAfter: tx.Now.Add(after),
				Recipients: []outbox.Recipient{{Address: "alice@customer.test", Kind: "to"}}})
			h.ok(err)
		}
	})
	h.letters += n
}

// get asks for a page and tells the code, the body and how long it took. No answer within a minute is no answer.
func (h *house) get(path string) (code int, body string, took time.Duration) {
	began := time.Now()
	a, err := h.browser.Get(h.address + path)
	if err != nil {
		return 0, err.Error(), time.Since(began)
	}
	defer a.Body.Close()
	b, _ := io.ReadAll(a.Body)
	return a.StatusCode, string(b), time.Since(began)
}

func (h *house) signIn() {
	h.Helper()
	a, err := h.browser.PostForm(h.address+"/sign-in", url.Values{"email": {"ada@desk.test"}, "password": {housePassword}})
	h.ok(err)
	a.Body.Close()
	if code, body, _ := h.get("/tickets"); code != http.StatusOK || !strings.Contains(body, "Printer") {
		h.Fatalf("signed in, the list answers %d: %s", code, body)
	}
}

// ready waits until the process can serve.
func (h *house) ready(what string) {
	h.Helper()
	if h.browser == nil {
		jar, _ := cookiejar.New(nil)
		h.browser = &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	until(h.T, what+": ready", func() bool {
		if h.over() {
			h.Fatalf("the process ended: %s", h.log())
		}
		code, _, _ := h.get("/readyz")
		return code == http.StatusOK
	})
}

// unwell holds while the database cannot be used: every page says so within the given time, the process lives and says that it is not ready. One that
// dies again and again may answer between two deaths: then it is asked once more.
func (h *house) unwell(within time.Duration) {
	h.Helper()
	var all sync.WaitGroup
	for path, want := range map[string]int{"/tickets": 503, "/tickets/100001": 503, "/readyz": 503, "/healthz": 200} {
		all.Go(func() {
			began := time.Now()
			code, body, took := h.get(path)
			for code == http.StatusOK && code != want && time.Since(began) < within {
				code, body, took = h.get(path)
			}
			if code != want || late(took, within) || path == "/tickets" && !strings.Contains(body, "<h1") {
				h.Errorf("%s answers %d after %s: %.300s", path, code, took.Round(time.Millisecond), body)
			}
		})
	}
	all.Wait()
	if h.over() {
		h.Errorf("the process ended: %s", h.log())
	}
}

// begun waits until mails have become tickets and letters have left: what fails now fails in the middle of it.
func (h *house) begun() {
	h.Helper()
	until(h.T, "mail moves", func() bool {
		return len(h.sink.Ledger()) > 0 && h.ask(`SELECT count(*) FROM inbound WHERE state <> 'pending'`) > 0
	})
}

func (h *house) ask(sql string) int {
	h.Helper()
	n, err := pg.One[int](h.Context(), h.db, sql)
	h.ok(err)
	return n
}

func (h *house) unread() int {
	h.Helper()
	n, err := h.world.Unseen(intakeAccount, "INBOX")
	h.ok(err)
	return n
}

// until waits while the process works on the same two cores: it looks now and then, and no longer when the process has ended.
func (h *house) until(what string, is func() bool) {
	h.Helper()
	wait(h.T, 20*time.Millisecond, what, func() bool {
		if h.over() {
			h.Fatalf("the process ended before %s", what)
		}
		return is()
	})
}

// recovers waits until everything is done, without any help, and counts the three ledgers.
func (h *house) recovers() {
	h.Helper()
	began := time.Now()
	h.ready("recovery")
	up := time.Since(began)
	h.until("all mail in and out", func() bool {
		return h.unread() == 0 && h.ask(`SELECT count(*) FROM inbound WHERE state <> 'pending'`) >= h.came &&
			h.ask(`SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased', 'dot')`) == 0
	})
	h.Logf("ready after %s, all done after %s", up.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	if code, _, _ := h.get("/tickets"); code != http.StatusOK {
		h.Errorf("the list answers %d", code)
	}
	h.count()
	h.stop()
}

// count compares what was sent with what is there: nothing lost, nothing doubled, nothing in quarantine, no attempt charged to a mail.
func (h *house) count() {
	h.Helper()
	for what, sql := range map[string]string{
		"messages":                   `SELECT count(*) FROM message WHERE kind = 'in'`,
		"distinct messages":          `SELECT count(DISTINCT subject) FROM message WHERE kind = 'in'`,
		"mails in ticket or reply":   `SELECT count(*) FROM inbound WHERE state IN ('ticket', 'reply')`,
		"mails of the first attempt": `SELECT count(*) FROM inbound WHERE attempts = 1`,
		"mails but duplicates":       `SELECT count(*) FROM inbound WHERE state <> 'duplicate'`,
	} {
		if n := h.ask(sql); n != h.came {
			h.Errorf("%s: %d of %d", what, n, h.came)
		}
	}
	at := map[string]int{}
	for _, l := range h.sink.Ledger() {
		at[mail.Parse(l.Raw).MessageID]++
	}
	rows, err := pg.List[flushRow](h.Context(), h.db, `SELECT rfc_id, state, twice FROM outbox`)
	h.ok(err)
	uncertain := 0
	for _, l := range rows {
		switch n := at[l.RFCID]; {
		case l.State == outbox.Sent && n == 1:
		case l.State == outbox.Uncertain && n < 2:
			uncertain++
		default:
			h.Errorf("%s is %s and there %d times", l.RFCID, l.State, n)
		}
	}
	h.row.Counted("%d mails, %d messages; %d letters, %d distinct at the server, %d uncertain", h.came, h.ask(`SELECT count(*) FROM message WHERE kind = 'in'`), h.letters, len(at), uncertain)
	if len(rows) != h.letters || uncertain > 0 {
		h.Errorf("%d letters of %d, %d uncertain", len(rows), h.letters, uncertain)
	}
}
