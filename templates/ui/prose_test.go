package ui

import (
	"strings"
	"testing"
)

func TestAddressesInATextAreLinksAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"see https://x.test/a.":                   "https://x.test/a",
		"see (https://x.test/a)":                  "https://x.test/a",
		"https://x.test/Lamp_(light), please":     "https://x.test/Lamp_(light)",
		"(see https://x.test/Lamp_(light))":       "https://x.test/Lamp_(light)",
		"„https://x.test/a”":                      "https://x.test/a",
		"«https://x.test/ä»":                      "https://x.test/ä",
		"https://x.test/it's?a=b&c=d#e":           "https://x.test/it&#39;s?a=b&amp;c=d#e",
		"<https://x.test/a>":                      "https://x.test/a",
		"https://x.test/\"onx=1":                  "https://x.test/",
		"on www.x.test/a_(b): it is there":        "https://www.x.test/a_(b)",
		"www. and awww.x.test and http:// and x.": "",
	} {
		var b strings.Builder
		if err := Prose(text).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(b.String(), `<a href="`)
		if got, _, _ := strings.Cut(after, `"`); got != want {
			t.Errorf("%s leads to %q, want %q", text, got, want)
		}
	}
}
