package ticket_test

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/fixture"
	"frontdesk/internal/mail"
)

func TestTheRelevanceSet(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	mails := map[string]int64{}
	for _, language := range []string{"en", "pl", "de"} {
		for _, m := range relevanceMails(t, language) {
			in := d.Mail(m.from.Address, m.subject, m.text)
			in.From, in.Language = m.from, mail.Language(m.subject+"\n"+m.text)
			mails[m.key] = d.OpenIn(d.Inbox, in).TicketID
		}
	}
	hits, asked := map[string]int{}, map[string]int{}
	for _, q := range lines(t, "questions.txt") {
		field := strings.Split(q, "\t")
		asked[field[0]]++
		p := look(d, d.Agent, field[1])
		if len(p.Lines) > 0 && p.Lines[0].ID == mails[field[2]] {
			hits[field[0]]++
			continue
		}
		t.Logf("missed: %s %q: %d tickets, the right one is at %d", field[0], field[1], len(p.Lines), 1+slices.Index(ids(p), mails[field[2]]))
	}
	all, right := 0, 0
	for _, language := range []string{"en", "pl", "de"} {
		fmt.Printf("relevance: %s %d of %d questions have the right ticket first\n", language, hits[language], asked[language])
		all, right = all+asked[language], right+hits[language]
	}
	if all < 60 || right < floor {
		t.Errorf("%d of %d questions have the right ticket first, want at least %d", right, all, floor)
	}
}

// floor is what the relevance set reached; it may only rise.
const floor = 59

type relevanceMail struct {
	key, subject, text string
	from               mail.Address
}

var headLine = regexp.MustCompile(`^# ([epd]\d+) \| (.+) <(.+)> \| (.+)$`)

func relevanceMails(t *testing.T, language string) []relevanceMail {
	t.Helper()
	var out []relevanceMail
	for _, line := range read(t, language+".txt") {
		if m := headLine.FindStringSubmatch(line); m != nil {
			out = append(out, relevanceMail{key: m[1], subject: m[4], from: mail.Address{Name: m[2], Address: m[3]}})
		} else if len(out) > 0 {
			out[len(out)-1].text += line + "\n"
		}
	}
	return out
}

// lines are those that are no comments.
func lines(t *testing.T, name string) []string {
	t.Helper()
	return slices.DeleteFunc(read(t, name), func(s string) bool { return s == "" || s[0] == '#' })
}

func read(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open("testdata/relevance/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		out = append(out, s.Text())
	}
	return out
}
