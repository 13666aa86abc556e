package mail

import "testing"

func TestEnrichedTextIsReadAsText(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"<bold>Now</bold> is\nthe time":               "Now is the time",
		"one\n\ntwo\n\n\nthree":                       "one\ntwo\n\nthree",
		"<color><param>red</param>Red</color> a << b": "Red a < b",
		"<nofill>a\n\nb</nofill>\nc":                  "a\n\nb c",
		"<Comment>x</Comment>a<nl>b <lt>c> d":         "a\nb <c> d",
		"a <b@c.test> 1 < 2 <":                        "a <b@c.test> 1 < 2 <",
		"a</param>b":                                  "ab",
		"":                                            "",
	} {
		if got := unenrich(source); got != want {
			t.Errorf("%q is read as %q, want %q", source, got, want)
		}
	}
}
