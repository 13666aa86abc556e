package mail

import (
	"strings"
	"testing"
)

func TestWhatCanBeWrittenToHasASpelling(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ann@customer.test": "ann@customer.test", "o'brien+x@a-b.c_d.test": "o'brien+x@a-b.c_d.test", "a@localhost": "a@localhost", "a@[192.0.2.1]": "a@[192.0.2.1]", "a@xn--bcher-kva.example": "a@xn--bcher-kva.example",
		"foo..bar@docomo.ne.jp": `"foo..bar"@docomo.ne.jp`, "foo.@docomo.ne.jp": `"foo."@docomo.ne.jp`, ".foo@docomo.ne.jp": `".foo"@docomo.ne.jp`,
		`"foo..bar"@docomo.ne.jp`: `"foo..bar"@docomo.ne.jp`, `"john doe"@x.org`: `"john doe"@x.org`, `"a\"b@c"@x.org`: `"a\"b@c"@x.org`,
		"": "", "ann": "", "@x.org": "", "a@": "", "jörg@x.org": "", "a@bücher.example": "", "a b@x.org": "", "a@x..org": "", "a@.x.org": "", "a@b@x.org": "", "a,b@x.org": "", `"a"b"@x.org`: "", `""@x.org`: "",
		`"a@x.org`: "", "a\r\n@x.org": "", "a@x.org\n": "", "a@x.org>": "", "<a@x.org": "", "\"a\x00\"@x.org": "", strings.Repeat("a", 320) + "@x.org": "",
	} {
		if got, ok := Writable(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", in, got, ok, want)
		}
	}
}

func TestTheHeaderQuotesAsTheEnvelopeDoes(t *testing.T) {
	t.Parallel()
	l := plainLetter()
	l.To = []Address{{Name: "Foo", Address: "foo..bar@docomo.ne.jp"}, {Address: `"john doe"@x.org`}}
	l.Cc = []Address{{Address: `"a\"b@c"@x.org`}, {Address: "o'brien@x.org"}}
	m := Parse(composed(t, l))
	for i, a := range append(m.To, m.Cc...) {
		if want, _ := Writable(append(l.To, l.Cc...)[i].Address); a.Written != want {
			t.Errorf("written %s, want %s", a.Written, want)
		}
	}
	if len(m.To) != 2 || len(m.Cc) != 2 {
		t.Errorf("To %v, Cc %v", m.To, m.Cc)
	}
	l.To = []Address{{Address: "ann@x.org"}, {Address: "jörg@x.org"}}
	if err := Compose(l, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "jörg@x.org") {
		t.Errorf("jörg@ was written to: %v", err)
	}
}

func TestTypedAddressesAreOneEach(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a@x.org": "a@x.org", " Jane Doe <A@X.org> ": "a@x.org", "Jane Doe (Sales) <a@x.org>": "a@x.org", "a@x.org (Doe)": "a@x.org", "O'Brien <o'brien@x.org>": "o'brien@x.org", "a@bücher.example": "a@xn--bcher-kva.example",
		"foo..bar@docomo.ne.jp": "foo..bar@docomo.ne.jp", `"foo..bar"@docomo.ne.jp`: "foo..bar@docomo.ne.jp", `"john doe"@x.org`: `"john doe"@x.org`, "müller@x.org": "müller@x.org", "a@x.org <a@x.org>": "a@x.org",
		"a@x.org b@x.org": "", "<a@x.org b@x.org>": "", "a@x.org <b@x.org>": "", "a@x.org, b@x.org": "", "Jane": "", "": "", "a@": "", "Jane <a@x.org": "", "a@x\u200b.org": "", "<a@x.org> b": "", "john doe@x.org": "", "Bcc: a@x.org": "", "a@x.org: b": "", "john doe@x.org (John)": "",
	} {
		if got, ok := ReadAddress(in); got.Address != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", in, got.Address, ok, want)
		}
	}
}
