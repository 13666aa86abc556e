package mail

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThreadingIsReadFromBytesAlone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Threading{
		"Message-ID: <a@b>\r\nIn-Reply-To: <c@d>\r\nReferences: <e@f>\r\n <c@d>\r\n\r\nMessage-ID: <no@no>": {"a@b", "c@d", []string{"e@f", "c@d"}},
		"message-id:<a@b>\n\n":                                                  {"a@b", "", []string{}},
		"Message-ID : <a@b>\n\n":                                                {"a@b", "", []string{}},
		"Message-ID: <<a@b>>\n\n":                                               {"a@b", "", []string{}},
		"Message-ID: a@b\n\n":                                                   {"a@b", "", []string{}},
		"Message-ID: <a.long\n .id@b>\n\n":                                      {"a.long.id@b", "", []string{}},
		"In-Reply-To: Your message of \"Mon\" <a@b>\n\n":                        {"", "a@b", []string{}},
		"References: <a@b><c@d>,<e@f>\n\n":                                      {"", "", []string{"a@b", "c@d", "e@f"}},
		"References: <a@b>\nReferences: <c@d> <a@b>\n\n":                        {"", "", []string{"c@d", "a@b"}},
		"Content-Type: multipart/mixed; boundary=x\n\n--x\nMessage-ID: <a@b>\n": {"", "", []string{}},
		"": {"", "", []string{}},
	} {
		if diff := cmp.Diff(want, References([]byte(in))); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
}

func TestOfManyReferencesTheFirstAndTheNewestAreUsed(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("References:")
	for i := range 40_000 {
		fmt.Fprintf(&b, " <%d.abcdefghij@example.org>", i)
	}
	got := References([]byte(b.String() + "\n\nx")).References
	if len(got) != MaxReferences || got[0] != "0.abcdefghij@example.org" || got[1] != "39951.abcdefghij@example.org" || got[49] != "39999.abcdefghij@example.org" {
		t.Errorf("%d: %q", len(got), got)
	}
	if m := Parse([]byte(b.String() + "\n\nx")); !cmp.Equal(m.References, got) {
		t.Errorf("Parse has %q", m.References)
	}
}

func fingerprint(mail string) [sha256.Size]byte {
	sum, err := Fingerprint(strings.NewReader(mail))
	if err != nil {
		panic(err) // a string can be read
	}
	return sum
}

func TestCopiesByOtherWaysHaveOneFingerprint(t *testing.T) {
	t.Parallel()
	const mail = "Message-ID: <a@b>\r\nSubject: x\r\n\r\nbody\r\nX-In-Body: y\r\n"
	sum := fingerprint(mail)
	for _, trace := range []string{"Received: from a\r\n\tby b\r\n", "Return-Path: <x@y>\r\n", "Delivered-To: z\r\n", "X-Spam: no\r\n", "ARC-Seal: i=1\r\n", "Authentication-Results: m; dkim=pass\r\n"} {
		if fingerprint(trace+mail) != sum {
			t.Errorf("%q changes the fingerprint", trace)
		}
	}
	for _, other := range []string{"Message-ID: <a@b>\r\nSubject: y\r\n\r\nbody\r\nX-In-Body: y\r\n", strings.Replace(mail, "X-In-Body", "X-Other", 1), "To: a@b\r\n" + mail} {
		if fingerprint(other) == sum {
			t.Errorf("%q has the fingerprint of another mail", other)
		}
	}
}

func TestWithoutMessageIDAllBytesCount(t *testing.T) {
	t.Parallel()
	const mail = "Subject: x\r\n\r\nbody\r\n"
	if fingerprint(mail) == fingerprint("X-Spam: no\r\n"+mail) {
		t.Error("a trace field was left out")
	}
}

func TestTheEndOfALargeMailCounts(t *testing.T) {
	t.Parallel()
	mail := "Message-ID: <a@b>\r\nReceived: x\r\n\r\n" + strings.Repeat("line\r\n", 500_000)
	if fingerprint(mail+"a") == fingerprint(mail+"b") {
		t.Error("two mails have one fingerprint")
	}
}

func TestDerivedMessageIDIsTheSameForTheSameBytes(t *testing.T) {
	t.Parallel()
	a, b := DerivedMessageID([]byte("x")), DerivedMessageID([]byte("y"))
	if a == b || a != DerivedMessageID([]byte("x")) || len(messageIDs([]byte("<"+a+">"))) != 1 {
		t.Errorf("%q, %q", a, b)
	}
}
