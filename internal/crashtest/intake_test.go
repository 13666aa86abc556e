package crashtest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

// The phases of a mail on its way in, at each of which a kill must have hit.
var intakePhases = []string{"fetch", "before commit A", "after commit A", "before STORE", "after STORE", "claim", "parse", "before commit B", "after commit B"}

const (
	intakeMails   = 500
	intakeAccount = "support@desk.test"
)

// intakeRun is a mailbox that fills up while whoever takes from it is killed again and again.
type intakeRun struct {
	t         *testing.T
	row       *matrix.Share
	world     *mailworld.World
	db        *pg.DB
	env       []string
	binary    string
	mails     [][]byte
	delivered int
	kills     map[string]int
	random    *rand.Rand
}

func TestIntakeUnderKillLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	r := newIntakeRun(t, 1)
	kills := kills(t)
	// What is left after the random kills is enough for a kill in every phase.
	part := (intakeMails - 10*len(intakePhases)) / kills
	for done := 0; done < kills; {
		if r.unsettled() == 0 || done == 0 {
			r.deliver(part)
		}
		if r.killSoon() {
			done++
		}
	}
	for _, phase := range intakePhases {
		if r.kills[phase] == 0 {
			r.deliver(10)
			r.killAt(phase)
		}
	}
	r.finish()
}

// Two processes share one database: whichever works is killed and comes back, and the other goes on with what it left.
func TestTwoIntakesUnderKillLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	r := newIntakeRun(t, 2)
	pair := [2]*victim{r.start(""), r.start("")}
	for range 5 {
		r.deliver(50)
		who := 0
		for range 1 + r.random.IntN(60) {
			select {
			case <-pair[0].phases:
				who = 0
			case <-pair[1].phases:
				who = 1
			case <-time.After(5 * time.Minute):
				t.Fatalf("neither does anything: %s %s", pair[0].log.String(), pair[1].log.String())
			}
		}
		pair[who].end(syscall.SIGKILL)
		for range pair[who].phases {
		}
		r.kills[pair[who].last]++
		pair[who] = r.start("")
	}
	for _, v := range pair {
		v.end(syscall.SIGKILL)
	}
	r.finish()
}

// Two processes that nobody kills do the polling once, by the server's own count (fault row 2).
func TestTwoIntakesFetchEachMailOnce(t *testing.T) {
	t.Parallel()
	if !alone() {
		t.Skip("the kill test of two processes is enough here; make faults counts")
	}
	r := newIntakeRun(t, 2)
	pair := [2]*victim{r.start(""), r.start("")}
	for r.delivered < len(r.mails) {
		r.deliver(intakeMails / 5)
		before := r.unsettled()
		until(t, "some of them are settled", func() bool { return r.unsettled() < before })
	}
	r.settleAll(pair[0])
	for _, v := range pair {
		if code := v.end(syscall.SIGTERM); code != 0 {
			t.Errorf("the orderly end: exit code %d: %s", code, v.log.String())
		}
	}
	fetched := 0
	until(t, "Dovecot's account of the conversations", func() (done bool) {
		var err error
		if fetched, err = r.world.Fetched(); err != nil {
			t.Fatal(err)
		}
		return fetched >= intakeMails
	})
	r.row.Injected("two processes, no kill")
	r.row.Counted("%d bodies fetched for %d mails", fetched, intakeMails)
	if fetched > intakeMails*105/100 {
		t.Errorf("%d bodies were fetched for %d mails", fetched, intakeMails)
	}
	r.count()
}

// The database crashes under intake and comes back: the process stays and goes on by itself (fault row 5).
func TestIntakeSurvivesCrashesOfTheDatabase(t *testing.T) {
	t.Parallel()
	s := pgtest.Server(t)
	r := newIntakeRunOn(t, s.URL, 5)
	v := r.start("")
	defer v.end(syscall.SIGKILL)
	for range 3 {
		r.deliver(intakeMails / 5)
		for range 1 + r.random.IntN(60) {
			if _, ok := <-v.phases; !ok {
				t.Fatalf("the process ended by itself: %s", v.log.String())
			}
		}
		s.Kill()
		r.kills["the database"]++
	}
	r.deliver(intakeMails)
	r.settleAll(v)
	r.count()
	if n, err := pg.One[int](t.Context(), r.db, `SELECT (SELECT last_value FROM message_id_seq) - count(*) FROM message`); err == nil {
		t.Logf("%d numbers left out: of mails settled again, and up to 32 of each crash", n)
	}
}

func newIntakeRun(t *testing.T, row int) *intakeRun {
	t.Helper()
	return newIntakeRunOn(t, pgtest.URL(t), row)
}

func newIntakeRunOn(t *testing.T, url string, row int) *intakeRun {
	t.Helper()
	share := matrix.Of(t, row)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	key := mailbox.NewKey()
	r := &intakeRun{
		t: t, row: share, world: mailworld.Start(t, mailworld.Options{NoExim: true}), db: pgtest.Open(t, url, nil), binary: build(t, "intaker"),
		kills: map[string]int{}, random: rand.New(rand.NewPCG(seed, 0)),
		env: []string{"FRONTDESK_DATABASE_URL=" + url, "FRONTDESK_TEST_SEALING_KEY=" + hex.EncodeToString(key), "FRONTDESK_TEST_TMP=" + t.TempDir(),
			"FRONTDESK_PHASES=/dev/fd/3", "HOME=" + t.TempDir()},
	}
	sealer, err := mailbox.NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Tx(t, r.db, func(tx *pg.Tx) {
		queue, err := pg.One[int64](t.Context(), tx, `SELECT id FROM queue WHERE key = 'inbox'`)
		if err != nil {
			t.Fatal(err)
		}
		m := mailbox.Mailbox{Name: "support", Address: intakeAccount, IMAPHost: mailworld.Host, IMAPPort: r.world.IMAPSPort, IMAPTLS: mailbox.Implicit, IMAPUser: intakeAccount,
			SMTPHost: mailworld.Host, SMTPPort: 25, SMTPTLS: mailbox.Implicit, Folders: []string{"INBOX"}, CAPEM: r.world.CAPEM, PollSeconds: 5,
			Take: mailbox.TakeAll, SentMode: mailbox.SentNone, QueueID: queue, Active: true}
		if _, err := mailbox.Add(t.Context(), tx, m, mailbox.Secret(r.world.Password(intakeAccount)), sealer); err != nil {
			t.Fatal(err)
		}
	})
	for n := range intakeMails {
		r.mails = append(r.mails, serialMail(n, r.random))
	}
	return r
}

// serialMail carries its number in subject and body; every fifth answers the one before, some have a file.
func serialMail(n int, r *rand.Rand) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: customer%d@customer.test\r\nTo: %s\r\nSubject: serial %d\r\nMessage-ID: <serial.%d@customer.test>\r\n", n/5, intakeAccount, n, n)
	if n%5 > 0 {
		fmt.Fprintf(&b, "In-Reply-To: <serial.%d@customer.test>\r\n", n-1)
	}
	if n%7 == 0 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nserial %d\r\n--b\r\nContent-Type: application/octet-stream; name=f.bin\r\nContent-Disposition: attachment\r\n\r\n%s\r\n--b--\r\n",
			n, strings.Repeat(fmt.Sprintf("%016x\r\n", r.Uint64()), 20_000))
	} else {
		fmt.Fprintf(&b, "\r\nserial %d\r\n%s\r\n", n, strings.Repeat("words ", r.IntN(2000)))
	}
	return b.Bytes()
}

// build compiles a program of this folder with its failpoints.
func build(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", "build", "-tags", "failpoints", "-o", path, "./"+name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

func (r *intakeRun) deliver(n int) {
	r.t.Helper()
	n = min(n, len(r.mails)-r.delivered)
	if err := r.world.Deliver(intakeAccount, r.mails[r.delivered:r.delivered+n]...); err != nil {
		r.t.Fatal(err)
	}
	r.delivered += n
}

// unsettled counts mails that are delivered and have no message yet.
func (r *intakeRun) unsettled() int {
	r.t.Helper()
	n, err := pg.One[int](r.t.Context(), r.db, `SELECT count(*) FROM inbound WHERE state <> 'pending'`)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.delivered - n
}

// victim is a process that will be killed, and the phases it went through.
type victim struct {
	t      *testing.T
	cmd    *exec.Cmd
	log    bytes.Buffer
	phases chan string
	mu     sync.Mutex
	last   string
	ended  bool
}

func (r *intakeRun) start(failpoint string) *victim {
	r.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		r.t.Fatal(err)
	}
	v := &victim{t: r.t, cmd: exec.Command(r.binary), phases: make(chan string, 100_000)}
	v.cmd.Env = append(slices.Clone(r.env), "FRONTDESK_FAILPOINT="+failpoint)
	v.cmd.ExtraFiles = []*os.File{write}
	v.cmd.Stderr = &v.log
	if err := v.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	write.Close()
	go func() {
		defer read.Close()
		defer close(v.phases)
		for lines := bufio.NewScanner(read); lines.Scan(); {
			v.mu.Lock()
			v.last = lines.Text()
			v.mu.Unlock()
			v.phases <- lines.Text()
		}
	}()
	return v
}

// end signals the process, waits for its end and tells its exit code, -1 when it was killed.
func (v *victim) end(sig syscall.Signal) int {
	if !v.ended {
		v.ended = true
		_ = v.cmd.Process.Signal(sig)
		_ = v.cmd.Wait()
	}
	return v.cmd.ProcessState.ExitCode()
}

// killSoon starts a process and kills it at a random moment of its work: some phases after its first FETCH or claim, and some milliseconds. It
// counts only if work was left. There may be none from the start: the last commit of a process that was killed may have been on its way.
func (r *intakeRun) killSoon() bool {
	r.t.Helper()
	v := r.start("")
	defer v.end(syscall.SIGKILL)
	patience, look := time.After(5*time.Minute), time.NewTicker(100*time.Millisecond)
	defer look.Stop()
	for left := 1 + r.random.IntN(60); left > 0; {
		select {
		case _, ok := <-v.phases:
			if !ok {
				r.t.Fatalf("the process ended by itself: %s", v.log.String())
			}
			left--
		case <-look.C:
		case <-patience:
			r.t.Fatalf("the process does nothing: %s", v.log.String())
		}
		if r.unsettled() == 0 {
			return false
		}
	}
	<-time.After(time.Duration(r.random.Int64N(int64(4 * time.Millisecond))))
	left := r.unsettled()
	v.end(syscall.SIGKILL)
	if left == 0 {
		return false
	}
	for range v.phases { // to its end: what it last said stands in last
	}
	r.kills[v.last]++
	return true
}

// killAt lets a process kill itself in a phase, at the first time or, where every mail passes through it, a later one.
func (r *intakeRun) killAt(phase string) {
	r.t.Helper()
	nth := 1
	if phase == "parse" || phase == "before commit B" || phase == "after commit B" {
		nth += r.random.IntN(5)
	}
	v := r.start(fmt.Sprintf("%s:%d", phase, nth))
	defer v.end(syscall.SIGKILL)
	patience := time.After(5 * time.Minute)
	for {
		select {
		case _, ok := <-v.phases:
			if ok {
				continue
			}
			if v.end(syscall.SIGKILL); v.last != phase && v.cmd.ProcessState.ExitCode() != -1 {
				r.t.Fatalf("it was to die at %q: %s", phase, v.log.String())
			}
			r.kills[phase]++
			return
		case <-patience:
			r.t.Fatalf("it never came to %q: %s", phase, v.log.String())
		}
	}
}

// finish delivers the rest, lets one process work to the end and stop in order, and counts.
func (r *intakeRun) finish() {
	r.t.Helper()
	r.deliver(len(r.mails))
	v := r.start("")
	defer v.end(syscall.SIGKILL)
	r.settleAll(v)
	if code := v.end(syscall.SIGTERM); code != 0 {
		r.t.Errorf("the orderly end: exit code %d: %s", code, v.log.String())
	}
	r.count()
}

// settleAll waits until every mail is settled and read at the server.
func (r *intakeRun) settleAll(v *victim) {
	r.t.Helper()
	deadline := time.After(10 * time.Minute)
	for {
		settled, err := pg.One[int](r.t.Context(), r.db, `SELECT count(*) FROM inbound WHERE state <> 'pending'`)
		unseen, seenErr := r.world.Unseen(intakeAccount, "INBOX")
		if err == nil && seenErr == nil && settled >= r.delivered && unseen == 0 {
			return
		}
		select {
		case <-v.phases:
		case <-time.After(50 * time.Millisecond):
		case <-deadline:
			v.end(syscall.SIGKILL) // its log is whole then
			r.t.Fatalf("%d of %d mails are settled, %d are unread (%v): %s\n%s", settled, r.delivered, unseen, err,
				r.ask(`SELECT string_agg(id || ' ' || state || ' ' || attempts || ' ' || try_at || ' ' || error, E'\n') FROM inbound WHERE state = 'pending'`), v.log.String())
		}
	}
}

func (r *intakeRun) ask(sql string) string {
	r.t.Helper()
	s, err := pg.One[string](r.t.Context(), r.db, `SELECT COALESCE((`+sql+`)::text, '')`)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// count compares the three ledgers: what was sent, what the inbound ledger has, what stands in tickets.
func (r *intakeRun) count() {
	r.t.Helper()
	for _, phase := range slices.Sorted(maps.Keys(r.kills)) {
		r.row.Injected("kills %s: %d", phase, r.kills[phase])
		r.t.Logf("kills %s: %d", phase, r.kills[phase])
	}
	want := fmt.Sprint(intakeMails)
	r.row.Counted("%d mails, %s messages, %s distinct", intakeMails, r.ask(`SELECT count(*) FROM message`), r.ask(`SELECT count(DISTINCT rfc_id) FROM message`))
	for what, sql := range map[string]string{
		"messages":                         `SELECT count(*) FROM message`,
		"distinct messages":                `SELECT count(DISTINCT rfc_id) FROM message`,
		"distinct serials in subjects":     `SELECT count(DISTINCT subject) FROM message`,
		"bodies that hold their serial":    `SELECT count(*) FROM message m JOIN message_body b ON b.message_id = m.id WHERE b.text LIKE m.subject || '%'`,
		"ledger rows in ticket or reply":   `SELECT count(*) FROM inbound WHERE state IN ('ticket','reply') AND message_id IS NOT NULL`,
		"sum of the ledger but duplicates": `SELECT count(*) FROM inbound WHERE state <> 'duplicate'`,
		"opening and receiving events":     `SELECT count(*) FROM event WHERE kind IN ('opened','received')`,
	} {
		if got := r.ask(sql); got != want {
			r.t.Errorf("%s: %s, not %s", what, got, want)
		}
	}
	if got := r.ask(`SELECT count(*) FROM ticket`); got != fmt.Sprint(intakeMails/5) {
		r.t.Errorf("%s tickets, not %d", got, intakeMails/5)
	}
	if odd := r.ask(`SELECT string_agg(rfc_id || ' ' || state || ' ' || reason || ' ' || attempts || ' ' || error, E'\n') FROM inbound WHERE state NOT IN ('ticket','reply','duplicate')`); odd != "" {
		r.t.Errorf("went another way:\n%s", odd)
	}
	stored, err := pg.List[string](r.t.Context(), r.db, `SELECT encode(b.sha256, 'hex') FROM inbound i JOIN blob b ON b.id = i.raw_blob_id`)
	if err != nil {
		r.t.Fatal(err)
	}
	for n, m := range r.mails {
		if sum := sha256.Sum256(m); !slices.Contains(stored, hex.EncodeToString(sum[:])) {
			r.t.Errorf("the bytes of mail %d are not in the ledger", n)
		}
	}
}
