package ui

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"frontdesk/internal/text"
)

func drawn(t *testing.T, c templ.Component, lang string) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(text.With(t.Context(), text.For(lang)), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAKeptPartSpeaksToItsReader: what was drawn for one reader is not shown to another of another language, however often.
func TestAKeptPartSpeaksToItsReader(t *testing.T) {
	t.Parallel()
	for range 2 {
		for _, lang := range []string{"en", "pl", "de"} {
			for name, got := range map[string][2]string{
				"nobody":   {drawn(t, ShowPerson(Person{}), lang), drawn(t, person(Person{}), lang)},
				"priority": {drawn(t, ShowPriority(Priority{"1", "A<b"}), lang), drawn(t, priority(Priority{"1", "A<b"}), lang)},
				"status":   {drawn(t, ShowStatus(Status{Kind: "open", Name: "A<b"}), lang), drawn(t, status(Status{Kind: "open", Name: "A<b"}), lang)},
			} {
				if got[0] != got[1] {
					t.Errorf("%s in %s: kept %q, drawn %q", name, lang, got[0], got[1])
				}
			}
		}
	}
}

// TestWhatIsKeptHasABound: each value is drawn once, and a store that is full begins anew.
func TestWhatIsKeptHasABound(t *testing.T) {
	t.Parallel()
	times := 0
	k := keep(func(v int) templ.Component { times++; return templ.Raw(strconv.Itoa(v)) })
	for range 2 {
		for v := range mostKept {
			if err := k.of(v).Render(t.Context(), io.Discard); err != nil {
				t.Fatal(err)
			}
		}
	}
	if times != mostKept || len(k.drawn) != mostKept {
		t.Fatalf("drew %d times and keeps %d, want %d", times, len(k.drawn), mostKept)
	}
	if got := drawn(t, k.of(-1), "en"); got != "-1" || len(k.drawn) != 1 {
		t.Errorf("one more is %q beside %d", got, len(k.drawn))
	}
}
