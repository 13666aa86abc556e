package mail

import "testing"

func TestSubjectTagIsCarriedOnce(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"":                                      "[#100001]",
		"Printer":                               "Printer [#100001]",
		"Printer [#100001]":                     "Printer [#100001]",
		"Re: [#100001] Printer":                 "Re: [#100001] Printer",
		"Re: [#100001] Printer [#100001]":       "Re: Printer [#100001]",
		"Re: Printer [#200002]":                 "Re: [#100001] Printer [#200002]",
		"Re: Printer [#200002] [#100001]":       "Re: [#100001] Printer [#200002]",
		"Printer [#1000012]":                    "[#100001] Printer [#1000012]",
		"Printer [#99999999999999999999999999]": "Printer [#99999999999999999999999999] [#100001]",
	} {
		got := WithTag(subject, 100001)
		if got != want {
			t.Errorf("WithTag(%q) = %q, want %q", subject, got, want)
		}
		if n, ok := TagIn(got); !ok || n != 100001 {
			t.Errorf("TagIn(%q) = %d, %v", got, n, ok)
		}
		if again := WithTag(got, 100001); again != got {
			t.Errorf("twice: %q", again)
		}
	}
}

func TestTagIn(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]int64{
		"Re: x [#100001]": 100001, "[#100001][#2]": 100001, "no": 0, "[#]": 0, "[#0]": 0, "#100001": 0, "[# 100001]": 0,
		"[#-5]": 0, "[#1000000000000000000000]": 0, "(#100001)": 0,
	} {
		if got, ok := TagIn(subject); got != want || ok != (want != 0) {
			t.Errorf("TagIn(%q) = %d, %v", subject, got, ok)
		}
	}
}

func TestReplySubjectHasOnePrefix(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"": "Re:", "Printer": "Re: Printer", "Re: Printer": "Re: Printer", "RE: AW: Odp.: x": "Re: Odp.: x",
		"AW: Re: Odp: Printer": "Re: Printer", "Re[2]: x": "Re: x", "Re^3: x": "Re: x", "re:x": "Re: x", "Antw: x": "Re: x",
		"Re : x": "Re: x", "Fwd: x": "Re: Fwd: x", "Re: Fwd: x": "Re: Fwd: x", "Regarding: x": "Re: Regarding: x",
		"R&D: x": "Re: R&D: x", "x\r\nBcc: y": "Re: x  Bcc: y",
	} {
		if got := ReplySubject(subject); got != want {
			t.Errorf("ReplySubject(%q) = %q, want %q", subject, got, want)
		}
	}
}
