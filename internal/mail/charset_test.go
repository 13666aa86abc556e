package mail

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func encoded(t *testing.T, enc encoding.Encoding, s string) string {
	t.Helper()
	out, err := enc.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTextIsReadInTheCharsetItIsIn(t *testing.T) {
	t.Parallel()
	const german, polish, russian = "Die Hasen klagten einst über ihre mißliche Lage: wir müssen fürchten", "Proszę o pomoc, drukarka znów nie działa i świeci się żółta lampka", "Здравствуйте, принтер снова не печатает, помогите пожалуйста"
	const japaneseText, chinese, koreanText = "プリンターが動きません。助けてください。", "打印机又坏了，请帮助我们尽快修理，谢谢。", "프린터가 작동하지 않습니다. 도와주세요."
	for name, c := range map[string]struct{ label, data, want string }{
		"utf-8":                       {"utf-8", german, german},
		"utf-8 called us-ascii":       {"us-ascii", german, german},
		"utf-8 without a label":       {"", polish, polish},
		"utf-8 short, called ascii":   {"us-ascii", "été", "été"},
		"latin 1":                     {"iso-8859-1", encoded(t, charmap.ISO8859_1, german), german},
		"latin 1 without a label":     {"", encoded(t, charmap.ISO8859_1, german), german},
		"latin 1 called utf-8":        {"utf-8", encoded(t, charmap.ISO8859_1, german), german},
		"euro sign called latin 1":    {"iso-8859-1", "\x80 5", "€ 5"},
		"latin 2":                     {"iso-8859-2", encoded(t, charmap.ISO8859_2, polish), polish},
		"windows 1250":                {"cp1250", encoded(t, charmap.Windows1250, polish), polish},
		"windows 1251 no label":       {"", encoded(t, charmap.Windows1251, russian), russian},
		"koi8-r":                      {"KOI8-R", encoded(t, charmap.KOI8R, russian), russian},
		"code page 850":               {"ibm850", encoded(t, charmap.CodePage850, german), german},
		"iso-2022-jp":                 {"iso-2022-jp", encoded(t, japanese.ISO2022JP, japaneseText), japaneseText},
		"iso-2022-jp without a label": {"", encoded(t, japanese.ISO2022JP, japaneseText), japaneseText},
		"iso-2022-jp called us-ascii": {"us-ascii", encoded(t, japanese.ISO2022JP, japaneseText), japaneseText},
		"shift_jis":                   {"x-sjis", encoded(t, japanese.ShiftJIS, japaneseText), japaneseText},
		"shift_jis without a label":   {"", encoded(t, japanese.ShiftJIS, japaneseText), japaneseText},
		"gb18030 called gb2312":       {"gb2312", encoded(t, simplifiedchinese.GB18030, chinese+"㐀€"), chinese + "㐀€"},
		"gbk without a label":         {"", encoded(t, simplifiedchinese.GBK, chinese), chinese},
		"euc-kr":                      {"ks_c_5601-1987", encoded(t, korean.EUCKR, koreanText), koreanText},
		"iso-2022-kr":                 {"iso-2022-kr", "\x1b$)C\x0eGA7N\x0f ok", "프로 ok"},
		"utf-7":                       {"utf-7", "Hi Mom -+Jjo--+AGE-!", "Hi Mom -☺-a!"},
		"utf-16 with its mark":        {"utf-16", encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), german), german},
		"utf-16be":                    {"utf-16be", encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), german), german},
		"utf-16 without a label":      {"", encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), german), german},
		"utf-8 with its mark":         {"utf-8", "\ufeff" + german, german},
		"unknown label":               {"x-no-such", "plain", "plain"},
		"unknown label, utf-8":        {"x-no-such", polish, polish},
		"NUL":                         {"utf-8", "a\x00b", "ab"},
		"one broken byte in utf-8":    {"utf-8", "über \xff über", "über \ufffd über"},
	} {
		if got, _ := decodeCharset([]byte(c.data), c.label, ""); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestUndeclaredBytesFollowTheCharsetUsedElsewhere(t *testing.T) {
	t.Parallel()
	subject := encoded(t, simplifiedchinese.GBK, "打印机坏了")
	m := Parse([]byte("Subject: " + subject + "\nFrom: \"" + encoded(t, simplifiedchinese.GBK, "王") + "\" <w@example.cn>\nContent-Type: text/plain; charset=gb2312\n\n" + subject))
	if m.Subject != "打印机坏了" || m.Text != "打印机坏了" || m.From[0].Name != "王" {
		t.Errorf("subject %q, text %q, name %q", m.Subject, m.Text, m.From[0].Name)
	}
}

func TestSubjectsAreDecodedAsSendersEncodeThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain":                               "plain",
		"=?utf-8?q?a_b?=":                     "a b",
		"=?UTF-8?B?w7xiZXI=?=":                "über",
		"=?utf-8?q?a?= =?utf-8?q?b?=":         "ab",
		"=?utf-8?q?a?=\r\n =?utf-8?q?b?=":     "ab",
		"=?utf-8?q?a?= b =?utf-8?q?c?=":       "a b c",
		"=?utf-8?b?w7w=?= =?utf-8?q?=C3=9F?=": "üß",
		"=?utf-8?q?=C3?= =?utf-8?q?=BC?=":     "ü",
		"=?iso-8859-1*de?q?=FC?=":             "ü",
		"Re: =?utf-8?q?Are_you_there??=":      "Re: Are you there?",
		"x=?utf-8?q?y?=z":                     "xyz",
		"=?utf-8?q?never ends":                "=?utf-8?q?never ends",
		"=?utf-8?x?what?=":                    "=?utf-8?x?what?=",
		"a =? b":                              "a =? b",
		"=?iso-2022-jp?b?GyRCJDMbKEI=?=":      "こ",
		"\xfcber":                             "über",
		"raw über":                            "raw über",
		"a\r\n\tb\r\n c":                      "a b c",
		"tab\tand  blanks":                    "tab and blanks",
		"=?utf-8?q?line=0D=0Abreak?=":         "line break",
		"=?utf-8?q?nul=00?=":                  "nul",
		"=?utf-8?b?dW5wYWRkZWQ?=":             "unpadded",
		"=?gb2312?B?tPLTobv6?=":               "打印机",
	} {
		if got := Parse([]byte("Subject: " + in + "\n\n")).Subject; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
