package mail

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Real and malformed mails from elsewhere, as intake cleans them.
func TestRealMailComesOutHarmlessAndReadable(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, corpus := range []string{"mail-parser", "mime4j"} {
		err := filepath.WalkDir(mailCorpus(t, corpus), func(path string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".eml" && ext != ".msg" {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			m := Parse(raw)
			checkHarmless(t, path+" text", TextToHTML(m.Text))
			if at := QuoteAt(m.Text); at == 0 || at >= len(m.Text) && at > 0 {
				t.Errorf("%s: QuoteAt is %d of %d", path, at, len(m.Text))
			}
			if m.HTML == "" {
				return nil
			}
			seen++
			checkHarmless(t, path, m.HTML)
			want := strings.Join(strings.Fields(HTMLToText(m.HTML)), " ")
			if got := strings.Join(strings.Fields(HTMLToText(Clean(m.HTML).HTML)), " "); len(got) < len(want)*9/10 {
				t.Errorf("%s: %d bytes of words became %d", path, len(want), len(got))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 20 {
		t.Errorf("only %d mails with HTML", seen)
	}
}
