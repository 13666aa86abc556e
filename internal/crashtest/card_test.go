package crashtest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

var (
	anchorOfMessage = regexp.MustCompile(` id="m(\d+)"`)
	linkToEarlier   = regexp.MustCompile(`(?s) id="earlier".*?\?before=(\d+)`)
)

// TestThousandsOfMailsOnOneTicketAreReadPageByPage is fault row 24.
func TestThousandsOfMailsOnOneTicketAreReadPageByPage(t *testing.T) {
	t.Parallel()
	n := 300
	if alone() {
		n = 5000
	}
	h := simpleHouse(t, 24)
	list := [][]byte{answer(0, "")}
	for i := 1; i < n; i++ {
		refs := "<talk.0@customer.test>"
		if i%100 == 50 {
			refs = strings.Repeat("<nowhere."+fmt.Sprint(i)+"@customer.test>\r\n ", 1999) + refs
		}
		list = append(list, answer(i, "References: "+refs+"\r\n"))
	}
	h.ok(h.world.Deliver(intakeAccount, list[0]))
	settled := func() int { return h.ask(`SELECT count(*) FROM inbound WHERE state <> 'pending'`) }
	until(t, "the first mail", func() bool { return settled() == 1 })
	began := time.Now()
	h.ok(h.world.Deliver(intakeAccount, list[1:]...))
	h.until("all mails", func() bool { return settled() >= n })
	took := time.Since(began)
	if all := h.ask(`SELECT count(*) FROM message WHERE kind = 'in' AND subject LIKE 'talk %'`); all != n || h.ask(`SELECT count(DISTINCT ticket_id) FROM message WHERE kind = 'in'`) != 1 {
		t.Errorf("%d messages of %d mails, on %d tickets", all, n, h.ask(`SELECT count(DISTINCT ticket_id) FROM message WHERE kind = 'in'`))
	}
	pages, slowest := h.readCard(h.ask(`SELECT ticket_id FROM message WHERE kind = 'in' LIMIT 1`))
	h.row.Injected("%d mails to one ticket, every hundredth with 2,000 references", n)
	h.row.Counted("%d messages on 1 ticket, taken in %s; %d pages of at most %d, the slowest %s", n, took.Round(100*time.Millisecond), pages, ticket.CardSize, slowest.Round(time.Millisecond))
	h.stop()
}

func answer(i int, more string) []byte {
	return fmt.Appendf(nil, "From: talk@customer.test\r\nSubject: talk %d\r\nMessage-ID: <talk.%d@customer.test>\r\n%s\r\nHello %d\r\n", i, i, more, i)
}

// readCard goes from the newest page of a ticket to its oldest, and holds that each message stands on one of them.
func (h *house) readCard(id int) (pages int, slowest time.Duration) {
	h.Helper()
	var read []string
	for path := fmt.Sprintf("/tickets/%d", id); path != "" && pages < 1000; pages++ {
		code, body, took := h.get(path)
		slowest = max(slowest, took)
		messages := anchorOfMessage.FindAllStringSubmatch(body, -1)
		if code != http.StatusOK || len(messages) > ticket.CardSize || late(took, time.Second) {
			h.Errorf("%s answers %d with %d messages after %s", path, code, len(messages), took)
		}
		for _, m := range messages {
			read = append(read, m[1])
		}
		path = ""
		if earlier := linkToEarlier.FindStringSubmatch(body); earlier != nil && len(messages) > 0 {
			path = fmt.Sprintf("/tickets/%d?before=%s", id, earlier[1])
		}
	}
	want, err := pg.List[string](h.Context(), h.db, `SELECT id::text FROM message WHERE ticket_id = $1 ORDER BY id::text`, id)
	h.ok(err)
	slices.Sort(read)
	if !slices.Equal(read, want) {
		h.Errorf("%d messages on the pages, %d in the ticket", len(read), len(want))
	}
	return pages, slowest
}
