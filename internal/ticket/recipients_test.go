package ticket_test

import (
	"testing"
	"time"

	"frontdesk/internal/fixture"
	"frontdesk/internal/mail"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// TestWhatTheFormTakesCanBeSent types addresses as customers have them: what is taken comes out in a letter that can be composed, and what cannot
// be sent is refused beside its field, in To and in Cc.
func TestWhatTheFormTakesCanBeSent(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	l := d.Open(ann, "Printer", "It prints nothing.")
	for typed, want := range map[string]string{
		"foo..bar@docomo.ne.jp": "foo..bar@docomo.ne.jp", `"foo..bar"@docomo.ne.jp`: "foo..bar@docomo.ne.jp", "foo.@docomo.ne.jp": "foo.@docomo.ne.jp", `"john doe"@x.org`: `"john doe"@x.org`,
		`"a,b"@x.org`: `"a,b"@x.org`, `"a\",b"@x.org`: `"a\",b"@x.org`, "a@bücher.example": "a@xn--bcher-kva.example", "O'Brien <o'brien@x.org>": "o'brien@x.org", "Jane Doe (Sales) <jd@x.org>": "jd@x.org",
	} {
		p := reply(1 << 40)
		p.To = typed
		w, err := send(d, l.TicketID, p)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
			continue
		}
		m, err := ticket.Letters(t.Context(), d.DB, []int64{w.OutboxID}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		to := m[w.OutboxID].To
		if len(to) != 1 || to[0].Address != want {
			t.Errorf("%s: to %v, want %s", typed, to, want)
		} else if _, ok := mail.Writable(to[0].Address); !ok {
			t.Errorf("%s was taken and cannot be sent", typed)
		}
	}
	for typed, why := range map[string]text.Key{
		"jörg@customer.test": text.RefusalAddressLetters, "Jörg <jörg@customer.test>": text.RefusalAddressLetters, "a@x": text.RefusalAddressWrong, "nobody": text.RefusalAddressWrong,
		"a@x.org b@x.org": text.RefusalAddressWrong, "<a@x.org>b@x.org": text.RefusalAddressWrong, "a@x..org": text.RefusalAddressWrong, "a b@x.org": text.RefusalAddressWrong,
	} {
		p := reply(1 << 40)
		p.To = typed
		if _, err := send(d, l.TicketID, p); refusal(err, "to") != why {
			t.Errorf("To %s: %v, want %s", typed, err, why)
		}
		p.To, p.Cc = ann, typed
		if _, err := send(d, l.TicketID, p); refusal(err, "cc") != why {
			t.Errorf("Cc %s: %v, want %s", typed, err, why)
		}
	}
}
