package text

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nicksnyder/go-i18n/v2/i18n"
)

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func load(t *testing.T) map[string]map[string]*i18n.Message {
	t.Helper()
	all := map[string]map[string]*i18n.Message{"en": {}, "pl": {}, "de": {}}
	err := eachMessage(func(lang string, m *i18n.Message) error {
		all[lang][m.ID] = m
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryMessageStandsInThreeLanguagesWithTheSamePlaceholders(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, lang := range Languages {
		if diff := cmp.Diff(slices.Sorted(maps.Keys(all["en"])), slices.Sorted(maps.Keys(all[lang]))); diff != "" {
			t.Errorf("messages of %s (-en +%s):\n%s", lang, lang, diff)
		}
	}
	for id, english := range all["en"] {
		want := placeholders(english)
		for _, lang := range Languages {
			if m := all[lang][id]; m != nil && !slices.Equal(want, placeholders(m)) {
				t.Errorf("%s in %s has placeholders %v, want %v", id, lang, placeholders(m), want)
			}
		}
	}
}

func TestMessagesThatCountHaveEveryPluralForm(t *testing.T) {
	t.Parallel()
	want := map[string][]string{"en": {"one", "other"}, "de": {"one", "other"}, "pl": {"few", "many", "one", "other"}}
	for lang, messages := range load(t) {
		for id, m := range messages {
			forms := slices.Sorted(maps.Keys(pluralForms(m)))
			if len(forms) > 1 && !slices.Equal(forms, want[lang]) {
				t.Errorf("%s in %s has the forms %v, want %v", id, lang, forms, want[lang])
			}
		}
	}
}

// Some words are the same in two languages; a whole sentence is not.
func TestNoEnglishIsLeftInTheOthers(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, lang := range []string{"pl", "de"} {
		for id, m := range all[lang] {
			words := strings.Fields(placeholder.ReplaceAllString(m.Other, ""))
			if m.Other == all["en"][id].Other && len(words) > 1 {
				t.Errorf("%s in %s is English: %s", id, lang, m.Other)
			}
		}
	}
}

func TestNoMessagePleadsOrShouts(t *testing.T) {
	t.Parallel()
	banned := regexp.MustCompile(`(?i)\b(please|successfully|oops|simply|bitte|proszę|erfolgreich|pomyślnie)\b|!`)
	for lang, messages := range load(t) {
		for id, m := range messages {
			for _, s := range pluralForms(m) {
				if banned.MatchString(s) {
					t.Errorf("%s in %s: %s", id, lang, s)
				}
			}
		}
	}
}

func TestMessagesAreSetAsPrintIs(t *testing.T) {
	t.Parallel()
	straight, torn := regexp.MustCompile(`['"]`), regexp.MustCompile(`[0-9] [0-9]{3}|(?:[0-9]|\}\}) %`)
	foreign := map[string]*regexp.Regexp{"en": regexp.MustCompile(`[„]`), "pl": regexp.MustCompile(`[“’]`), "de": regexp.MustCompile(`[”’]`)}
	for lang, messages := range load(t) {
		for id, m := range messages {
			for _, s := range pluralForms(m) {
				if straight.MatchString(s) || torn.MatchString(s) || foreign[lang].MatchString(s) {
					t.Errorf("%s in %s: %s", id, lang, s)
				}
			}
		}
	}
}

func TestPolishCountsInItsFourWays(t *testing.T) {
	t.Parallel()
	pl := For("pl")
	for n, want := range map[int]string{
		0: "0 zgłoszeń", 1: "1 zgłoszenie", 2: "2 zgłoszenia", 4: "4 zgłoszenia", 5: "5 zgłoszeń", 12: "12 zgłoszeń",
		22: "22 zgłoszenia", 25: "25 zgłoszeń", 112: "112 zgłoszeń", 1024: "1024 zgłoszenia", 12345: "12\u00a0345 zgłoszeń",
	} {
		if got := pl.N(ExportCount, n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestAValueKeepsItsOwnSigns(t *testing.T) {
	t.Parallel()
	if got, want := For("en").T(LetterReplyTo, "name", "<b>{{.x}}"), "Reply to <b>{{.x}}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTimesAreReadAsTheDayAsks(t *testing.T) {
	t.Parallel()
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 20, 9, 46, 0, 0, time.UTC)
	early := time.Date(2026, 11, 19, 23, 30, 5, 0, time.UTC) // already the 20th in Warsaw
	monday := time.Date(2026, 11, 16, 17, 12, 0, 0, time.UTC)
	old := time.Date(2025, 11, 19, 9, 0, 0, 0, time.UTC)
	got := map[string][]string{}
	for _, lang := range Languages {
		l := For(lang).In(warsaw)
		got[lang] = []string{
			l.Stamp(early, now).Short, l.Stamp(monday, now).Short, l.Stamp(old, now).Short,
			l.Moment(monday, now).Short, l.Moment(old, now).Short, l.Exact(early, now).Short,
			l.Full(monday), l.Day(now, now), l.Day(monday, now), l.DayYear(monday, now), l.DayYear(old, now), l.Stamp(monday, now).Machine,
		}
	}
	want := map[string][]string{
		"en": {"00:30", "16 Nov", "19 Nov 2025", "Mon 16 Nov, 18:12", "19 Nov 2025, 10:00", "00:30:05",
			"Monday, 16 November 2026, 18:12:00", "Today, Friday 20 November", "Monday 16 November", "2026", "", "2026-11-16T17:12:00Z"},
		"pl": {"00:30", "16 lis", "19 lis 2025", "pon., 16 lis, 18:12", "19 lis 2025, 10:00", "00:30:05",
			"poniedziałek, 16 listopada 2026, 18:12:00", "Dziś, piątek, 20 listopada", "poniedziałek, 16 listopada", "2026", "", "2026-11-16T17:12:00Z"},
		"de": {"00:30", "16. Nov.", "19. Nov. 2025", "Mo., 16. Nov., 18:12", "19. Nov. 2025, 10:00", "00:30:05",
			"Montag, 16. November 2026, 18:12:00", "Heute, Freitag, 20. November", "Montag, 16. November", "2026", "", "2026-11-16T17:12:00Z"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAmountsAreWrittenAsTheLanguageDoes(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for _, lang := range Languages {
		l := For(lang)
		got[lang] = []string{
			l.Duration(2*time.Hour + 10*time.Minute), l.Duration(-40 * time.Second), l.Duration(76 * time.Hour), l.Brief(130 * time.Minute),
			l.Size(118_400), l.Size(2_400_000), l.Size(512), l.Number(2114), l.Number(1_234_567),
		}
		for i := range got[lang] {
			got[lang][i] = strings.ReplaceAll(got[lang][i], "\u00a0", "_")
		}
	}
	want := map[string][]string{
		"en": {"2_h 10_min", "40_s", "3_d 4_h", "2_h", "118_kB", "2.4_MB", "512_B", "2,114", "1,234,567"},
		"pl": {"2_godz. 10_min", "40_s", "3_dni 4_godz.", "2_godz.", "118_kB", "2,4_MB", "512_B", "2114", "1_234_567"},
		"de": {"2_Std. 10_Min.", "40_Sek.", "3_Tage 4_Std.", "2_Std.", "118_kB", "2,4_MB", "512_B", "2.114", "1.234.567"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A Duration says "3 Tage 4 Std.", "1 dzień 4 godz.": right by itself and as an object, wrong where a word before it asks for another case. A Moment is
// "10:41" or "Mo., 16. Nov., 18:12": no word before it may fit only one of them, as "um" and "vom" do.
func TestNoWordAsksATimeForAnotherForm(t *testing.T) {
	t.Parallel()
	const duration, moment = `\{\{\.(?:by|for|every|spent|limit)\}\}`, `\{\{\.(?:at|time)\}\}`
	for lang, bends := range map[string]*regexp.Regexp{
		"pl": regexp.MustCompile(`(?i)\b(?:(?:od|do|po|przed|z|bez|sprzed|zosta\S+) ` + duration + `|(?:o|w|z) ` + moment + `)`),
		"de": regexp.MustCompile(`(?i)\b(?:(?:in|nach|seit|vor|mit|von|binnen|innerhalb) ` + duration + `|(?:um|am|vom) ` + moment + `)`),
	} {
		for id, m := range load(t)[lang] {
			if bends.MatchString(m.Other) {
				t.Errorf("%s in %s: %s", id, lang, m.Other)
			}
		}
	}
}

// The day of the week stands in the nominative, as every Full date has it: "Dnia poniedziałek" would be none.
func TestTheLineAboveAQuoteIsASentence(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 16, 18, 12, 0, 0, time.UTC)
	for lang, want := range map[string]string{
		"en": "On Monday, 16 November 2026, 18:12:00, Jan Nowak wrote:",
		"pl": "poniedziałek, 16 listopada 2026, 18:12:00, Jan Nowak napisał(a):",
		"de": "Am Montag, 16. November 2026, 18:12:00 schrieb Jan Nowak:",
	} {
		l := For(lang)
		if got := l.T(QuotedIntro, "when", l.Full(at), "who", "Jan Nowak"); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

func TestTheBrowserWishFindsALanguage(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{"de-AT,en;q=0.5": "de", "pl": "pl", "fr,es;q=0.3": "en", "": "en", "x;;": "en"} {
		if got := Match(accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

func BenchmarkMessageWithValue(b *testing.B) {
	l := For("de")
	for b.Loop() {
		_ = l.T(SlaExecutionOver, "by", "2 Std.")
	}
}

func placeholders(m *i18n.Message) []string {
	found := map[string]bool{}
	for _, s := range pluralForms(m) {
		for _, p := range placeholder.FindAllStringSubmatch(s, -1) {
			found[p[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestEveryMessageHasItsConstant(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("keys_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	english := load(t)["en"]
	for id := range english {
		if !strings.Contains(string(source), strconv.Quote(id)) {
			t.Errorf("%s has no constant; run go generate", id)
		}
	}
	if n := strings.Count(string(source), " Key = "); n != len(english) {
		t.Errorf("%d constants for %d messages; run go generate", n, len(english))
	}
}
