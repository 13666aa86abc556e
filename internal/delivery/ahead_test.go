package delivery

import (
	"fmt"
	"testing"

	"frontdesk/internal/event"
	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/outbox"
)

// While a server is fast the rows of letters say that their dots leave before their turn has come. What happens then counts all the same: who is
// refused is written with its dot at the latest, and a conversation that breaks before the dot is simply held again.
func TestALetterMarkedAheadOfItsTurnEndsAsTheServerSays(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	sink.Fail(mailworld.Fault{Phase: "rcpt", To: "nobody", Code: 550, Text: "5.1.1 no such user"})
	sink.Fail(mailworld.Fault{Phase: "rcpt", To: "broken", Drop: true})
	sink.Fail(mailworld.Fault{Phase: "dot", To: "doubt", Drop: true})
	d := atSink(t, sink)
	var ids []int64
	for i := range 2*firstBatch + 10 {
		switch i {
		case 10:
			ids = append(ids, d.put(alice, "nobody@customer.test"))
		case 12:
			ids = append(ids, d.put("broken@customer.test"))
		case 14:
			ids = append(ids, d.put("doubt@customer.test", "nobody@customer.test"))
		default:
			ids = append(ids, d.put(fmt.Sprintf("ann%d@customer.test", i)))
		}
	}
	s := d.sender()
	s.Lanes = 1
	d.once(s)
	for i, id := range ids {
		v := d.delivery(id)
		switch i {
		case 10:
			if v.State != outbox.Sent || len(v.Recipients) != 2 || v.Recipients[0].State != outbox.Accepted || v.Recipients[1].State != outbox.Refused || d.events(id, event.SendFailed) != 1 {
				t.Errorf("partly refused: %+v", v)
			}
		case 12:
			if v.State != outbox.Queued || v.Attempts != 1 || d.events(id, event.SendUncertain) != 0 {
				t.Errorf("broken off before the dot: %+v", v)
			}
		case 14:
			if v.State != outbox.Uncertain || v.Recipients[0].State != outbox.Pending || v.Recipients[1].State != outbox.Refused {
				t.Errorf("no answer to its dot: %+v", v)
			}
		default:
			if v.State != outbox.Sent {
				t.Errorf("letter %d: %+v", i, v)
			}
		}
	}
	if n := len(sink.Ledger()); n != len(ids)-2 {
		t.Errorf("%d letters came", n)
	}
}
