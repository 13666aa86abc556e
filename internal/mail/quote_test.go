package mail

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The fixtures in testdata/quotes say in themselves what is right: words
// NEW1, NEW2 … are new and must be seen, OLD1 … must be folded, OPEN1 … are
// quoted but must be seen because the answers stand between them.
var quoteWords = regexp.MustCompile(`\b(?:NEW|OLD|OPEN)[0-9]+\b`)

func quoteFixtures(t *testing.T, ext string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/quotes/*" + ext)
	if err != nil || len(paths) < 15 {
		t.Fatalf("%d fixtures, %v", len(paths), err)
	}
	fixtures := map[string]string{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fixtures[filepath.Base(path)] = string(raw)
	}
	return fixtures
}

func checkFold(t *testing.T, name, all, seen, folded string) {
	t.Helper()
	words := quoteWords.FindAllString(all, -1)
	if len(words) == 0 {
		t.Errorf("%s says nothing", name)
	}
	for _, word := range words {
		in := regexp.MustCompile(`\b` + word + `\b`)
		switch old := strings.HasPrefix(word, "OLD"); {
		case !in.MatchString(seen + " " + folded):
			t.Errorf("%s: %s is lost", name, word)
		case old && !in.MatchString(folded):
			t.Errorf("%s: %s is not folded", name, word)
		case !old && !in.MatchString(seen):
			t.Errorf("%s: %s is folded away", name, word)
		}
	}
}

func TestQuotedHistoryOfTextsIsFound(t *testing.T) {
	t.Parallel()
	for name, text := range quoteFixtures(t, ".txt") {
		for _, variant := range []string{text, strings.ReplaceAll(text, "\n", "\r\n"), text + "\n\n"} {
			at := QuoteAt(variant)
			if at < 0 {
				checkFold(t, name, variant, variant, "")
				continue
			}
			checkFold(t, name, variant, variant[:at], variant[at:])
			if at > 0 && variant[at-1] != '\n' {
				t.Errorf("%s: the fold starts within a line", name)
			}
		}
	}
}

func TestQuotedHistoryOfHTMLIsFolded(t *testing.T) {
	t.Parallel()
	for name, source := range quoteFixtures(t, ".html") {
		clean := Clean(source).HTML
		seen, folded := splitFolds(clean)
		checkFold(t, name, source, seen, folded)
		checkHarmless(t, name, source)
	}
}

func TestAFoldIsOpenedOnce(t *testing.T) {
	t.Parallel()
	for name, source := range quoteFixtures(t, ".html") {
		for i, fold := range strings.Split(Clean(source).HTML, "<details")[1:] {
			if !strings.Contains(fold, "</details>") {
				t.Errorf("%s: there is a fold within fold %d", name, i+1)
			}
		}
	}
}

// splitFolds gives the words outside and inside <details>.
func splitFolds(clean string) (seen, folded string) {
	var out, in strings.Builder
	depth := 0
	z := html.NewTokenizer(strings.NewReader(clean))
	for z.Next() != html.ErrorToken {
		switch token := z.Token(); {
		case token.Type == html.StartTagToken && token.Data == "details":
			depth++
		case token.Type == html.EndTagToken && token.Data == "details":
			depth--
		case token.Type == html.TextToken && depth > 0:
			in.WriteString(token.Data + " ")
		case token.Type == html.TextToken:
			out.WriteString(token.Data + " ")
		}
	}
	return out.String(), in.String()
}

func TestFoldingKeepsEveryWord(t *testing.T) {
	t.Parallel()
	for name, source := range quoteFixtures(t, ".html") {
		want := strings.Fields(HTMLToText(source))
		got := strings.Fields(HTMLToText(Clean(source).HTML))
		if strings.Join(want, " ") != strings.Join(got, " ") {
			t.Errorf("%s\nbefore %q\nafter  %q", name, want, got)
		}
	}
	for name, text := range quoteFixtures(t, ".txt") {
		got := HTMLToText(FoldText(text, QuoteAt(text)))
		for _, word := range quoteWords.FindAllString(text, -1) {
			if !strings.Contains(got, word) {
				t.Errorf("%s: %s is lost", name, word)
			}
		}
	}
}

func TestQuoteAtOfOddTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", ">", "> \n>", "x", ":", "\n:\n", "From:", "-----Original Message-----", strings.Repeat("\n", 1000)} {
		if at := QuoteAt(text); at != -1 {
			t.Errorf("QuoteAt(%q) = %d", text, at)
		}
	}
}
