package mail

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddressesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]Address{
		`jane@example.org`:                         {{"", "jane@example.org", "jane@example.org"}},
		`Jane <Jane@Example.ORG>`:                  {{"Jane", "jane@example.org", "Jane@Example.ORG"}},
		`"Doe, Jane" <j@d.org>, b@d.org`:           {{"Doe, Jane", "j@d.org", "j@d.org"}, {"", "b@d.org", "b@d.org"}},
		`Doe, Jane <j@d.org>`:                      {{"Doe, Jane", "j@d.org", "j@d.org"}},
		`Doe, Jane <j@d.org>; Roe, Rick <r@d.org>`: {{"Doe, Jane", "j@d.org", "j@d.org"}, {"Roe, Rick", "r@d.org", "r@d.org"}},
		`a@d.org, Doe, Jane <j@d.org>`:             {{"", "a@d.org", "a@d.org"}, {"Doe, Jane", "j@d.org", "j@d.org"}},
		`j@d.org (Jane)`:                           {{"Jane", "j@d.org", "j@d.org"}},
		`Jane (work (day)) <j@d.org>`:              {{"Jane", "j@d.org", "j@d.org"}},
		`Friends: a@d.org, B <b@d.org>;, c@d.org`:  {{"", "a@d.org", "a@d.org"}, {"B", "b@d.org", "b@d.org"}, {"", "c@d.org", "c@d.org"}},
		`undisclosed-recipients:;`:                 nil,
		`<j@d.org.>`:                               {{"", "j@d.org", "j@d.org."}},
		`Jane j@d.org`:                             {{"Jane", "j@d.org", "j@d.org"}},
		`Jane <j@d.org>>`:                          {{"Jane", "j@d.org", "j@d.org"}},
		`Jane <j@d.org`:                            {{"Jane", "j@d.org", "j@d.org"}},
		`Jane <mailto:j@d.org>`:                    {{"Jane", "j@d.org", "mailto:j@d.org"}},
		`<@relay.org,@b.org:j@d.org>`:              {{"", "j@d.org", "@relay.org,@b.org:j@d.org"}},
		`'j@d.org' <j@d.org>`:                      {{"j@d.org", "j@d.org", "j@d.org"}},
		`"j@d.org"`:                                {{"", "j@d.org", "j@d.org"}},
		`j @ d.org`:                                {{"", "j@d.org", "j@d.org"}},
		`"john doe"@d.org`:                         {{"", `"john doe"@d.org`, `"john doe"@d.org`}},
		`"john.doe"@d.org`:                         {{"", `john.doe@d.org`, `"john.doe"@d.org`}},
		`<root>`:                                   {{"", "root", "root"}},
		`Whoever`:                                  {{"Whoever", "", ""}},
		`Jörg <j@bücher.example>`:                  {{"Jörg", "j@xn--bcher-kva.example", "j@bücher.example"}},
		`=?utf-8?q?J=C3=B6rg=2C_B=2E?= <j@d.org>`:  {{"Jörg, B.", "j@d.org", "j@d.org"}},
		`"=?utf-8?q?J=C3=B6rg?=" <j@d.org>`:        {{"Jörg", "j@d.org", "j@d.org"}},
		`=?utf-8?q?boss=40d.org?=`:                 {{"boss@d.org", "", ""}},
		`=?utf-8?q?=3Cboss=40d.org=3E?= <e@v.il>`:  {{"<boss@d.org>", "e@v.il", "e@v.il"}},
		`boss@d.org <e@v.il>`:                      {{"boss@d.org", "e@v.il", "e@v.il"}},
		`<a@d.org> <b@d.org>`:                      {{"", "a@d.org", "a@d.org"}, {"", "b@d.org", "b@d.org"}},
		"Jane\r\n\t<j@d.org>,\r\n b@d.org":         {{"Jane", "j@d.org", "j@d.org"}, {"", "b@d.org", "b@d.org"}},
		"J\x00ane <j\x00@d.org>":                   {{"Jane", "j@d.org", "j@d.org"}},
		`"Jane \"JD\" Doe" <j@d.org>`:              {{`Jane "JD" Doe`, "j@d.org", "j@d.org"}},
		`"unclosed <j@d.org>`:                      {{"unclosed", "j@d.org", "j@d.org"}},
		`j@[192.0.2.1]`:                            {{"", "j@[192.0.2.1]", "j@[192.0.2.1]"}},
		"J\xf6rg <j@d.org>":                        {{"Jörg", "j@d.org", "j@d.org"}},
		"a\u202egnp.exe <j@d.org>":                 {{"agnp.exe", "j@d.org", "j@d.org"}},
		`Support: Desk <j@d.org>`:                  {{"Desk", "j@d.org", "j@d.org"}},
		``:                                         nil,
		`,,;`:                                      nil,
	} {
		got, _ := (&decoder{}).addresses([]byte(in))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
}

func TestEqualAddressesAreEqualStrings(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" <Jane@Example.ORG.> ": "jane@example.org", "j@BÜCHER.example": "j@xn--bcher-kva.example", "": "", "@": "",
		"mailto:a@b.c": "a@b.c", "Jane jane@c.d": "jane@c.d", `"Jane Doe" jane@c.d`: "jane@c.d", `"a b"@c.d`: `"a b"@c.d`, "a @ c.d": "a@c.d", "a b@c.d": "b@c.d", "a@": "a", "a@b@c.d": "a@b@c.d", "j@xn--bcher-kva.example": "j@xn--bcher-kva.example",
	} {
		if got := NormalAddress(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestTheFirstOfTwoFromsIsTakenAndMarked(t *testing.T) {
	t.Parallel()
	m := Parse([]byte("From: a@example.org\nFrom: b@example.org\nSubject: s\n\nx"))
	if m.Author().Address != "a@example.org" || !m.ManyFrom || len(m.From) != 1 {
		t.Errorf("%v, marked %v", m.From, m.ManyFrom)
	}
}

func TestOnlyAFromThatReadsOneWayClaimsAnything(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"From: Jane <Jane@Example.ORG.>": "jane@example.org", "From: Doe, Jane <jane@x.org>": "jane@x.org", "From: jane@x.org, Jane <JANE@x.org>": "jane@x.org",
		"From: j@BÜCHER.example": "j@xn--bcher-kva.example", "From: j@bu\u0308cher.example": "j@xn--bcher-kva.example", "From: j@xn--bcher-kva.example": "j@xn--bcher-kva.example",
		"From: jané@x.org": "jané@x.org", "From: Jane\u200b <jane@x.org>": "jane@x.org", "From: jane@x.org <jane@x.org>": "jane@x.org", "From: 'JANE@x.org' <jane@x.org>": "jane@x.org",
		`From: "b@x.org" <a@x.org>`: "a@x.org", "From: =?utf-8?q?b=40x.org?= <a@x.org>": "a@x.org", "From: =?utf-8?q?b@x.org?= (b@x.org) <a@x.org>": "a@x.org",
		"From: Jane @ Acme <a@x.org>": "a@x.org", "From: Jane @Acme <a@x.org>": "a@x.org", "From: b @ y.org <a@x.org>": "", "From: b @y.org <a@x.org>": "",
		"From: a@x.org (b@x.org)": "a@x.org", "From: Jane a@x.org": "a@x.org", "From: < a@x.org >": "a@x.org", `From: <"a.b"@x.org>`: "a.b@x.org", `From: "john doe"@x.org`: `"john doe"@x.org`,
		"From: a@x.org, b@x.org": "", "From: <a@x.org> <b@x.org>": "", "From: a@x.org\nFrom: b@x.org": "", "From: Group: a@x.org, b@x.org;": "",
		"From: a@ｘ.org": "", "From: a@x。org": "", "From: a@\u00adx.org": "", "From: a@x\u200b.org": "", "From: a@x.org\u202e": "", "From: a\u2066@x.org": "",
		"From: a@ban\u212a.org": "", "From: \u212aay@x.org": "", "From: a@\u0130x.org": "",
		"From: <b@y.org a@x.org>": "", "From: a@x.org b@y.org": "", "From: <a@x.org>b@y.org": "", "From: <a@x.org> b@y.org": "", "From: b@y.org <a@x.org": "", "From: b@y.org <a@x.org>": "",
		"From: =?utf-8?q?b?=@y.org a@x.org": "", "From: =?utf-8?q?b?=@y.org, Jane <a@x.org>": "", `From: "b@y.org" a@x.org`: "", "From: b@y.org:a@x.org;": "", "From: Jane <a@x.org": "",
		"From: B <b@y.org (<a@x.org>)>": "", "From: a@x.org (b@y.org": "", "From: <@y.org:a@x.org>": "", "From: <@y.org,@z.org:a@x.org>": "", `From: "a@x.org"`: "", "From: 'a@x.org'": "",
		"From: b(@y.org,)@x.org": "", "From: a@x.org>": "", "From: b@y.org a @ x.org": "", "From: <a@x.org (b@y.org)>": "", `From: "b@y.org <a@x.org>`: "",
		"Sender: a@x.org": "", "From: Jane\nSender: a@x.org": "", "From: undisclosed:;\nReply-To: a@x.org": "", "Return-Path: <a@x.org>": "",
	} {
		m := Parse([]byte(head + "\nSubject: s\n\nx"))
		if got := m.Claimant(); got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
}

func TestAuthorFallsBackToWhoeverIsNamed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"From: a@x.org\nSender: b@x.org\n\n":                        "a@x.org",
		"From: Jane\nSender: b@x.org\n\n":                           "b@x.org",
		"Reply-To: c@x.org\nReturn-Path: <d@x.org>\n\n":             "c@x.org",
		"Return-Path: <d@x.org>\n\n":                                "d@x.org",
		"Subject: x\n\n":                                            "",
		"From: =?utf-8?q?boss=40d.org?=\nReturn-Path: <e@v.il>\n\n": "e@v.il",
	} {
		if got := Parse([]byte(in)).Author().Address; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
