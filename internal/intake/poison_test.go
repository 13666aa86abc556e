package intake_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fixture/matrix"
)

// poisons are mails that cost whoever reads them carelessly time or memory out of proportion. size is that of the longest line and field.
func poisons(size int) map[string]string {
	const from = "From: poison@customer.test\r\n"
	list := map[string]string{
		"50,000 parts":      from + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 50_000) + "--b--\r\n",
		"20,000 parameters": from + "Content-Type: text/plain" + strings.Repeat(";\r\n a=b", 20_000) + "\r\n\r\nx\r\n",
		"long line":         from + "\r\n" + strings.Repeat("x", 10*size) + "\r\n",
		"long subject":      from + "Subject: " + strings.Repeat("long ", size/5) + "\r\n\r\nx\r\n",
		"long references":   from + "References:" + strings.Repeat(" <a.b.c.d.e@nowhere.test>\r\n", size/27) + "\r\nx\r\n",
		"long To":           from + "To: x@y.test" + strings.Repeat(",\r\n \"A, B\" <a@b.test>", size/22) + "\r\n\r\nx\r\n",
	}
	for _, depth := range []int{10, 25, 100, 10_000} {
		list[fmt.Sprint(depth, " deep, never closed")] = from + nested(depth)
	}
	return list
}

// TestAPoisonedMailAmongAHundredHoldsUpNone is fault row 17 with real poison and the real parser: each kind at place 50 of a hundred mails, or in small
// all kinds among as many.
func TestAPoisonedMailAmongAHundredHoldsUpNone(t *testing.T) {
	t.Parallel()
	row := matrix.Of(t, 17)
	if os.Getenv("FRONTDESK_FAULTS") == "" {
		row.Injected("all kinds of poison among a hundred mails")
		row.Counted("%s", amongAHundred(t, poisons(1<<17)))
		return
	}
	for name, raw := range poisons(1 << 20) {
		t.Run(name, func(t *testing.T) {
			row.Injected("%s", name)
			row.Counted("%s", amongAHundred(t, map[string]string{name: raw}))
		})
	}
}

// amongAHundred tells what became of the poisons and how long it took.
func amongAHundred(t *testing.T, list map[string]string) string {
	d := newDesk(t)
	box := d.account["support@desk.test"]
	harmless := 100 - len(list)
	deliver := func(from, to int) {
		for i := from; i < to; i++ {
			d.deliver(letter(fmt.Sprintf("a%d@customer.test", i), fmt.Sprint("h", i, "@c"), fmt.Sprint("mail ", i), ""))
		}
	}
	deliver(0, 49)
	for name, raw := range list {
		if err := d.world.Deliver(box, []byte("Message-ID: <"+strings.ReplaceAll(name, " ", "-")+"@poison>\r\n"+raw)); err != nil {
			t.Fatal(err)
		}
	}
	deliver(49, harmless)
	began := time.Now()
	d.once()
	for ask[bool](d, `SELECT EXISTS (SELECT FROM inbound WHERE state = 'pending')`) { // a second attempt comes a second later
		if _, err := d.in.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	if n := ask[int](d, `SELECT count(*) FROM ticket WHERE subject LIKE 'mail %'`); n != harmless {
		t.Errorf("%d of %d harmless mails are tickets", n, harmless)
	}
	if n := ask[int](d, `SELECT count(*) FROM inbound WHERE rfc_id LIKE '%@poison' AND state IN ('ticket', 'quarantined')`); n != len(list) {
		t.Errorf("%d of %d poisons are a ticket or in quarantine", n, len(list))
	}
	if os.Getenv("FRONTDESK_FAULTS") != "" && took > time.Minute {
		t.Errorf("the batch took %s", took)
	}
	return fmt.Sprintf("%d tickets, %d in quarantine, %.1f s", ask[int](d, `SELECT count(*) FROM ticket`), ask[int](d, `SELECT count(*) FROM inbound WHERE state = 'quarantined'`), took.Seconds())
}
