package web

import (
	"strings"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// A fresh reply goes to the Reply-To of the answered message, else its From; in Cc stands who takes part so, but for those it goes to
// anyway and those no letter can reach (DECISIONS, Recipients).
func TestAFreshReplyNamesOnlyWhomALetterReaches(t *testing.T) {
	t.Parallel()
	rd := reader{l: text.For("en")}
	c := ticket.Card{Directory: &desk.Directory{}, Ticket: ticket.Head{Requester: "ann@customer.test"}, Participants: []ticket.Participant{
		{Address: "ann@customer.test", Role: "requester"}, {Address: "bob@customer.test", Role: "cc"}, {Address: "jörg@customer.test", Role: "cc"},
		{Address: "foo..bar@docomo.ne.jp", Role: "cc"}, {Address: `"john doe"@x.org`, Role: "cc"}, {Address: "root", Role: "cc"}, {Address: "carla@customer.test", Role: "added"},
	}}
	for _, one := range []struct {
		answered *ticket.Message
		to, cc   string
	}{
		{nil, "ann@customer.test", `bob@customer.test, foo..bar@docomo.ne.jp, "john doe"@x.org`},
		{&ticket.Message{FromAddress: "bob@customer.test"}, "bob@customer.test", `foo..bar@docomo.ne.jp, "john doe"@x.org`},
		{&ticket.Message{FromAddress: "ann@customer.test", ReplyTo: `bob@customer.test, "a,b"@x.org`}, `bob@customer.test, "a,b"@x.org`, `foo..bar@docomo.ne.jp, "john doe"@x.org`},
	} {
		if f := rd.freshReply(c, one.answered); f["to"] != one.to || f["cc"] != one.cc {
			t.Errorf("to %s, cc %s; want %s and %s", f["to"], f["cc"], one.to, one.cc)
		}
	}
}

func TestAnAnswerToAnotherDomainIsWarnedOf(t *testing.T) {
	t.Parallel()
	rd := reader{l: text.For("en")}
	for replyTo, want := range map[string]string{
		"": "", "team@customer.test, bob@customer.test": "", "eve@evil.test": "eve@evil.test", "team@customer.test, eve@evil.test, x@y.test": "eve@evil.test, x@y.test",
		`"eve@customer.test"@evil.test`: "@evil.test",
	} {
		got := rd.otherDomain(ticket.Message{FromAddress: "ann@customer.test", ReplyTo: replyTo}).Text
		if !strings.Contains(got, want) || (got == "") != (want == "") || strings.Contains(got, "team@") {
			t.Errorf("%s: %s", replyTo, got)
		}
	}
}
