package crashtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/fixture/matrix"
	"frontdesk/internal/mailbox"
)

// misdeed is what a mail server does to those who fetch from it.
type misdeed struct {
	at    string // command, or BODY in one
	do    func(c *mailworld.OddConn, tag string)
	boxes int // mailboxes on it in make faults, 0 for one
}

// silences are servers that stop answering.
var silences = map[string]misdeed{
	"before the greeting": {at: "GREETING", do: silent},
	"after sign-in":       {at: "AUTHENTICATE", do: silent},
	"after SELECT":        {at: "SELECT", do: silent, boxes: 6},
	"after SEARCH":        {at: "UID SEARCH", do: silent, boxes: 6},
	"after FETCH":         {at: "UID FETCH", do: silent, boxes: 3},
	"in a literal": {at: "BODY", boxes: 6, do: func(c *mailworld.OddConn, _ string) {
		c.Send("* 1 FETCH (UID 1 BODY[] {500}\r\nhalf")
		c.Hang()
	}},
	"a byte at a time": {at: "SELECT", do: func(c *mailworld.OddConn, _ string) {
		for c.Drip() == nil {
		}
	}},
}

func silent(c *mailworld.OddConn, _ string) { c.Hang() }

// nonsenses are servers that say what cannot be.
var nonsenses = map[string]misdeed{
	"garbage": {at: "SELECT", do: func(c *mailworld.OddConn, _ string) { c.Send("HTTP/1.1 200 OK\r\n\r\n\x00\xff\xfe{}{}((((\r\n") }},
	"BYE":     {at: "SELECT", do: func(c *mailworld.OddConn, _ string) { c.Send("* BYE shutting down\r\n"); c.Close() }},
	"BYE as greeting": {at: "GREETING", do: func(c *mailworld.OddConn, _ string) {
		c.Send("* BYE too many\r\n")
		c.Close()
	}},
	"NO":                 {at: "SELECT", do: func(c *mailworld.OddConn, tag string) { c.Send("%s NO not now\r\n", tag) }},
	"BAD":                {at: "UID SEARCH", do: func(c *mailworld.OddConn, tag string) { c.Send("%s BAD no\r\n", tag) }},
	"OK without data":    {at: "SELECT", do: func(c *mailworld.OddConn, tag string) { c.Send("%s OK done\r\n", tag) }},
	"unknown FETCH item": {at: "UID FETCH", do: func(c *mailworld.OddConn, tag string) { c.Send("* 1 FETCH (UID 1 X-GM-NEW 5)\r\n%s OK\r\n", tag) }},
	"a body nobody asked for": {at: "UID FETCH", do: func(c *mailworld.OddConn, tag string) {
		c.Send("* 1 FETCH (UID 1 BODY[] {4}\r\nhalf)\r\n%s OK\r\n", tag)
	}},
	"99 GB literal": {at: "BODY", do: func(c *mailworld.OddConn, _ string) {
		c.Send("* 1 FETCH (UID 1 BODY[] {99000000000}\r\n")
		c.Flood(1 << 30)
	}},
	"99 GB string": {at: "UID FETCH", do: func(c *mailworld.OddConn, _ string) {
		c.Send("* LIST () \"/\" {99000000000}\r\n")
		c.Flood(1 << 30)
	}},
	"endless line": {at: "SELECT", do: func(c *mailworld.OddConn, _ string) { c.Send("* OK "); c.Flood(1 << 30) }},
}

// oddBoxes are the mailboxes on one server that does its misdeed until it is told to be honest.
type oddBoxes struct {
	name   string
	server *mailworld.OddIMAP
	ids    []int64
	said   map[int64]bool // mailboxes that have said what is wrong
	met    atomic.Int64   // how often the misdeed was done
	honest atomic.Bool
}

const mailsAtOdd = 2

func (h *house) odd(kind, name string, d misdeed) *oddBoxes {
	h.Helper()
	o := &oddBoxes{name: kind + " " + name, said: map[int64]bool{}}
	var mails [][]byte
	for i := range mailsAtOdd {
		mails = append(mails, fmt.Appendf(nil, "From: odd%d@customer.test\r\nSubject: %s\r\nMessage-ID: <%x.%d@customer.test>\r\n\r\n%s\r\n", i, o.name, o.name, i, strings.Repeat("words ", 200)))
	}
	o.server = mailworld.StartOddIMAP(h, mails, func(c *mailworld.OddConn, tag, command string) bool {
		if o.honest.Load() || !strings.HasPrefix(command, d.at) && !(d.at == "BODY" && strings.Contains(command, "BODY")) {
			return false
		}
		o.met.Add(1)
		d.do(c, tag)
		return true
	})
	if !alone() {
		d.boxes = 1
	}
	for i := range max(d.boxes, 1) {
		o.ids = append(o.ids, h.mailbox(fmt.Sprint(o.name, " ", i), "secret", func(m *mailbox.Mailbox) {
			m.IMAPPort, m.CAPEM, m.IMAPUser = o.server.Port, o.server.CAPEM, fmt.Sprint("user", i) // each with its own INBOX, which hold the same
		}))
	}
	return o
}

// TestBadServersHoldUpNoOtherMailbox is fault rows 10, 11 and 12 for the whole product: beside a mailbox on an honest server stand many on servers
// that fall silent or talk nonsense, and one that is slow. When they turn honest all mail comes; of itself, when the test has the machine to itself.
func TestBadServersHoldUpNoOtherMailbox(t *testing.T) {
	t.Parallel()
	silence, slowness := matrix.Of(t, 10), matrix.Of(t, 12)
	h := simpleHouse(t, 11)
	memory := h.watchMemory()
	size, rate := 1_500_000, 1_000_000
	if alone() {
		size, rate = 25_000_000, 600_000
	}
	slow, arrived := h.slow(size, int64(rate))
	mute := h.oddAll("silent", silences)
	wild := h.oddAll("nonsense:", nonsenses)
	until(t, "every server has done what it does", func() bool {
		return !slices.ContainsFunc(slices.Concat(mute, wild), func(o *oddBoxes) bool { return int(o.met.Load()) < len(o.ids) })
	})
	n, slowest := h.promptly(func(n int) bool { return n >= 10 && (!alone() || arrived() && h.told(mute, mailbox.ErrSilent.Error())) })
	h.onTime(slowest)
	until(t, "the mail of the slow server", arrived)
	if h.taken(slow) != 1 {
		t.Errorf("%d mails of the slow server", h.taken(slow))
	}
	until(t, "the trouble with nonsense told", func() bool { return h.told(wild, "") })
	boxes, came := 0, 0
	for _, o := range slices.Concat(mute, wild) {
		o.honest.Store(true)
		o.server.HangUp()
		boxes += len(o.ids)
	}
	if !alone() { // what was refused again and again rests for minutes, unless somebody says that it is mended
		for _, o := range slices.Concat(mute, wild) {
			for _, id := range o.ids {
				h.set(id, "", func(*mailbox.Mailbox) {})
			}
		}
	}
	h.until("the mail of servers that turned honest", func() bool {
		came = 0
		for _, o := range slices.Concat(mute, wild) {
			for _, id := range o.ids {
				came += h.taken(id)
			}
		}
		return came >= boxes*mailsAtOdd
	})
	until(t, "the trouble is over", func() bool {
		return h.ask(`SELECT count(*) FROM mailbox WHERE last_error <> '' OR last_success IS NULL`) == 0
	})
	if came != boxes*mailsAtOdd {
		t.Errorf("%d mails of %d", came, boxes*mailsAtOdd)
	}
	own, child := memory.check(h)
	lag := fmt.Sprintf("%d mails beside them took %s at most", n, slowest.Round(10*time.Millisecond))
	silence.Injected("%d mailboxes on servers that fall silent in %d ways", count(mute), len(mute))
	silence.Counted("%s; then every mail taken once", lag)
	h.row.Injected("%d servers that talk nonsense in as many ways", len(wild))
	h.row.Counted("%d MB resident, %d MB a child; %s; then every mail taken once", own, child, lag)
	slowness.Injected("a mail of %d kB at %d kB a second", size/1000, rate/1000)
	slowness.Counted("it arrived; %s", lag)
	h.stop()
}

func (h *house) oddAll(kind string, all map[string]misdeed) (list []*oddBoxes) {
	h.Helper()
	for name, d := range all {
		list = append(list, h.odd(kind, name, d))
	}
	return list
}

func count(list []*oddBoxes) (n int) {
	for _, o := range list {
		n += len(o.ids)
	}
	return n
}

// told tells whether every one of the mailboxes has said what is wrong, in these words: while the mails rest that its server does not hand out, a mailbox
// is well.
func (h *house) told(list []*oddBoxes, words string) bool {
	h.Helper()
	for _, o := range list {
		for _, id := range o.ids {
			if m := h.standing(id); m.LastError != "" && strings.Contains(m.LastError, words) {
				o.said[id] = true
			}
		}
	}
	return !slices.ContainsFunc(list, func(o *oddBoxes) bool { return len(o.said) < len(o.ids) })
}

// slow adds a mailbox with one mail, whose connection brings so many bytes a second.
func (h *house) slow(size int, rate int64) (id int64, arrived func() bool) {
	h.Helper()
	const account = "sales@desk.test"
	h.ok(h.world.Deliver(account, withFile("slow", "slow.bin", noise(size*3/4))))
	p := mailworld.StartProxy(h, h.world.IMAPSPort)
	p.Set(mailworld.Spoil{PerSec: rate})
	id = h.mailbox("slow", h.world.Password(account), func(m *mailbox.Mailbox) { m.IMAPPort, m.IMAPUser = p.Port, account })
	return id, func() bool {
		return h.ask(fmt.Sprintf(`SELECT count(*) FROM inbound WHERE mailbox_id = %d AND state <> 'pending'`, id)) > 0
	}
}

// noise is so many bytes that cannot be packed.
func noise(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

// withFile is a mail with that file, in base64.
func withFile(subject, name string, file []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(file)*4/3 + len(file)/25 + 1000)
	fmt.Fprintf(&b, "From: files@customer.test\r\nSubject: %s\r\nMessage-ID: <%x@customer.test>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nThe text\r\n--b\r\n"+
		"Content-Type: application/octet-stream; name=%s\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n", subject, subject, name)
	for line := range slices.Chunk(file, 57) {
		b.WriteString(base64.StdEncoding.EncodeToString(line) + "\r\n")
	}
	b.WriteString("--b--\r\n")
	return b.Bytes()
}
