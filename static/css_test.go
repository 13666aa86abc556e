package static

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	notSelectors = regexp.MustCompile(`(?s)/\*.*?\*/|url\([^)]*\)|"[^"]*"`)
	classes      = regexp.MustCompile(`\.([a-z][a-z0-9]*(?:-[a-z0-9]+)*)`)
	attribute    = regexp.MustCompile(`class="([a-z0-9 -]+)"`)
	quoted       = regexp.MustCompile("\"[^\"\n]*\"|`[^`]*`|'[^'\n]*'")
	word         = regexp.MustCompile(`[a-z][a-z0-9]*(?:-[a-z0-9]+)*`)
)

// Nothing is styled that no page has, and no page wears a class that means nothing: what one reads in a template or a sheet is there for a reason.
func TestEveryClassIsStyledAndWorn(t *testing.T) {
	t.Parallel()
	styled, worn, named := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, name := range sources(t, "css", ".css") {
		for _, m := range classes.FindAllStringSubmatch(notSelectors.ReplaceAllString(content(t, name), ""), -1) {
			styled[m[1]] = name
		}
	}
	for _, name := range append(sources(t, "../templates", ".templ"), append(sources(t, "../templates", ".go"), sources(t, "js", ".js")...)...) {
		if strings.HasSuffix(name, "_templ.go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		body := content(t, name)
		for _, m := range attribute.FindAllStringSubmatch(body, -1) {
			for class := range strings.FieldsSeq(m[1]) {
				worn[class] = name
			}
		}
		for _, text := range quoted.FindAllString(body, -1) {
			for _, w := range word.FindAllString(text, -1) {
				named[w] = true
			}
		}
	}
	for _, class := range slices.Sorted(maps.Keys(styled)) {
		if !named[class] {
			t.Errorf(".%s of %s is on no page", class, styled[class])
		}
	}
	scripts := ""
	for _, name := range sources(t, "js", ".js") {
		scripts += content(t, name)
	}
	for _, class := range slices.Sorted(maps.Keys(worn)) {
		if styled[class] == "" && !strings.Contains(scripts, "."+class) {
			t.Errorf("class %q of %s means nothing", class, worn[class])
		}
	}
}

func sources(t *testing.T, dir, ext string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(name) == ext {
			found = append(found, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func content(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
