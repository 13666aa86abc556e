package web

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/filter"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

var named = regexp.MustCompile(`(?:Icon|Glyph|icon|v\.Glyph|p\.Icon)(?:: |, [a-z.]+, [a-z.]+ = | = | := )"([a-z0-9-]+)"`)

func TestEveryIconNamedHereIsInTheSprite(t *testing.T) {
	t.Parallel()
	sprite, err := os.ReadFile("../static/icons/sprite.svg")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllSubmatch(src, -1) {
			found++
			if !strings.Contains(string(sprite), `id="`+string(m[1])+`"`) {
				t.Errorf("%s names the icon %s, which the sprite does not hold", f, m[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d icons found; the pattern no longer fits the code", found)
	}
}

func TestEveryEventHasASentenceInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Languages {
		rd := reader{l: text.For(lang)}
		for _, kind := range event.Kinds {
			s := rd.sentence(event.Row{Kind: kind}, nil)
			if strings.HasPrefix(s, "event.") || strings.Contains(s, "<no value>") || strings.TrimSpace(s) == "" {
				t.Errorf("%s has no sentence for %s: %q", lang, kind, s)
			}
		}
	}
}

// What people call things is theirs, also where it looks like a key of ours.
func TestWordsOfPeopleAreNoKeys(t *testing.T) {
	t.Parallel()
	rd := reader{l: text.For("de")}
	for _, field := range []string{"subject", "tag", "cc", "assignee", "category"} {
		if s := strings.Join(rd.changes([]event.Change{{Field: field, OldName: ":waiting", New: 1, NewName: ":) thanks"}}), ""); !strings.Contains(s, ":) thanks") || strings.Contains(s, rd.word(":waiting")) {
			t.Errorf("%s: %s", field, s)
		}
	}
	if s := strings.Join(rd.changes([]event.Change{{Field: "status", OldName: ":waiting", NewName: ":closed"}}), ""); !strings.Contains(s, rd.word(":waiting")) {
		t.Errorf("status: %s", s)
	}
	for deed, want := range map[string]string{"assignee": ":closed", "status": rd.word(":closed")} {
		if s := rd.bulkToast(ticket.Done{Deed: deed, Target: ":closed", Tally: event.Tally{Done: 2}}).Text; !strings.Contains(s, want) {
			t.Errorf("one %s for many: %s", deed, s)
		}
	}
	d := &desk.Directory{Statuses: []desk.Status{{Name: ":open", Kind: "open"}}, Queues: []desk.Queue{{Name: "Open"}, {Name: ":inbox"}}, Priorities: []desk.Priority{{Name: "High"}}}
	for field, values := range map[filter.Field][2]string{filter.Queue: {"Open", "Open"}, filter.Priority: {"High", "High"}, filter.Status: {"open", rd.word(":open")}, filter.Tag: {"low", "low"}} {
		if s := rd.values(listing{directory: d}, filter.Term{Field: field, Values: values[:1]}); s != values[1] {
			t.Errorf("%s:%s reads %q, want %q", field, values[0], s, values[1])
		}
	}
	if s := rd.values(listing{directory: d}, filter.Term{Field: filter.Queue, Values: []string{"INBOX"}}); s != rd.word(":inbox") {
		t.Errorf("queue:INBOX reads %q", s)
	}
}

func TestAStretchBetweenTwoAgesEndsAtThem(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"en": "7 days ago to 1 hour ago", "pl": "sprzed 7 dni – sprzed 1 godziny", "de": "vor 7 Tagen bis vor 1 Stunde"} {
		rd := reader{l: text.For(lang)}
		if got := rd.dates("7d..1h"); got != want {
			t.Errorf("%s: 7d..1h reads %q, want %q", lang, got, want)
		}
	}
}

func TestInitialsOfAnyName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Emma Clarke": "EC", "Dr. Henrike Vogt": "DV", "ann@customer.test": "A", "": "?", "太郎": "太", "łucja": "Ł", "!!!": "?"} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSayingStandsBeforeTheFragment(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/a": "/a?said=x", "/a?b=c#d": "/a?b=c&said=x#d", "/a#d": "/a?said=x#d"} {
		if got := said(path, "x"); got != want {
			t.Errorf("said(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestFieldsOfAFormBecomeChanges(t *testing.T) {
	t.Parallel()
	f := map[string][]string{"status": {"3"}, "status_was": {"1"}, "queue": {"2"}, "queue_was": {"2"}, "assignee": {"none"}, "assignee_was": {"7"}, "priority": {"x"}}
	c := detailsChange(f)
	if c.Queue != nil || c.Priority != nil || c.Subject != nil {
		t.Errorf("unchanged fields became changes: %+v", c)
	}
	if c.Status == nil || c.Status.Is != 3 || *c.Status.Was != 1 || c.Assignee == nil || c.Assignee.Is != 0 || *c.Assignee.Was != 7 {
		t.Errorf("status %+v assignee %+v", c.Status, c.Assignee)
	}
	if a := alsoChange(map[string][]string{"status": {""}, "status_was": {"1"}, "queue": {"4"}, "queue_was": {"4"}}); a.Status != nil || a.Queue == nil || *a.Queue.Was != 4 {
		t.Errorf("also %+v", a)
	}
}

func TestTheGravestFlagOfAMessageIsTheOneItIsAbout(t *testing.T) {
	t.Parallel()
	rd := reader{l: text.For("en")}
	for want, flags := range map[string][]string{
		"":                                      nil,
		"This mail claims an address of ours":   {"our_address", "dmarc_fail", "forged"},
		"The sender could not be verified":      {"dmarc_fail", "forged"},
		"This mail names two senders":           {"limited", "two_from", "forged"},
		"The sender’s address is spelled oddly": {"odd_from", "forged"},
		"Shown in part":                         {"limited", "same_id"},
	} {
		if got := rd.warning(ticket.Message{Flags: flags}).Title; got != want {
			t.Errorf("%v: %q, want %q", flags, got, want)
		}
	}
}

func TestACountIsNoGreaterThanWhatWasCounted(t *testing.T) {
	t.Parallel()
	rd := reader{l: text.For("en")}
	for n, want := range map[int]string{1: "1 unassigned ticket is waiting.", 12: "12 unassigned tickets are waiting.", ticket.CountCap + 1: "1,000+ unassigned tickets are waiting."} {
		if got := rd.listEmpty(listing{Filter: ticket.Filter{View: ticket.Mine}}, ticket.Page{}, ticket.Counters{Views: map[ticket.View]int{ticket.Unassigned: n}}).Text; got != want {
			t.Errorf("of %d it is said %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{1: "A free ticket waits", ticket.CountCap + 1: "1,000+ free tickets wait"} {
		if got := rd.nothingNext(n, nil, nil).Empty.Title; got != want {
			t.Errorf("of %d free ones it is said %q, want %q", n, got, want)
		}
	}
}
