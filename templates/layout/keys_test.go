package layout

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/text"
)

var (
	deedsOf = regexp.MustCompile(`(?s)\nconst deeds = \{\n(.*?)\n\};`)
	deed    = regexp.MustCompile(`(?m)^  "?([^\s":]+)"?: \(`)
)

// The help lists every key that does something, and no other.
func TestTheHelpListsEveryKey(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../static/js/keys.js")
	if err != nil {
		t.Fatal(err)
	}
	inScript := map[string]bool{}
	for _, m := range deed.FindAllStringSubmatch(deedsOf.FindStringSubmatch(string(script))[1], -1) {
		inScript[strings.ToUpper(m[1])] = true
	}
	if len(inScript) < 15 {
		t.Fatalf("only %v were found in keys.js", inScript)
	}
	inHelp := map[string]bool{}
	for _, k := range keys {
		switch {
		case k.caps[0] == "Shift":
			inHelp["SHIFT+"+k.caps[1]] = true
		case slices.Contains([]string{"Ctrl", "Enter", "Esc"}, k.caps[0]):
			if name := map[string]string{"Ctrl": "ctrlKey", "Enter": `"Enter"`, "Esc": `"Escape"`}[k.caps[0]]; !mentioned(t, name) {
				t.Errorf("the help lists %v, of which no script knows", k.caps)
			}
		default:
			for _, c := range k.caps {
				if inHelp[c] {
					t.Errorf("%s stands in the help twice", c)
				}
				inHelp[c] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(inScript)) {
		if !inHelp[key] {
			t.Errorf("%s does something that the help does not tell", key)
		}
		delete(inHelp, key)
	}
	for key := range inHelp {
		t.Errorf("the help tells of %s, which does nothing", key)
	}
}

// mentioned tells whether a script names a key.
func mentioned(t *testing.T, name string) bool {
	t.Helper()
	for _, file := range []string{"keys.js", "composer.js", "palette.js"} {
		b, err := os.ReadFile("../../static/js/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), name) {
			return true
		}
	}
	return false
}

// A link of the rail that a letter leads to is in the help, and the help has no letter that leads nowhere: it lists the links themselves.
func TestTheHelpListsEveryView(t *testing.T) {
	t.Parallel()
	l := text.For("en")
	var out strings.Builder
	s := Shell{Views: []Link{{Name: "Mine", Href: "/tickets?view=mine", Key: "m"}, {Name: "Elsewhere", Href: "/elsewhere"}}}
	if err := Page(s).Render(text.With(t.Context(), l), &out); err != nil {
		t.Fatal(err)
	}
	if page := out.String(); !strings.Contains(page, `data-then="m"`) || !strings.Contains(page, "Go to: Mine") || strings.Contains(page, "Go to: Elsewhere") || strings.Count(page, "data-then") != 1 {
		t.Error("rail and help do not agree")
	}
}
