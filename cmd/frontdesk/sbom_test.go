package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
)

// The list is held against what the go command reads out of a program that was built for it: a test binary has another set of modules.
func TestSBOMNamesAllThatIsBuiltIn(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "frontdesk")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	said, err := exec.Command(program, "version", "--sbom").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(strings.NewReader(string(said)), cyclonedx.BOMFileFormatJSON).Decode(&list); err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, c := range *list.Components {
		if c.Version == "" || c.PackageURL == "" {
			t.Errorf("%s says neither version nor where it is from: %+v", c.Name, c)
		}
		listed[c.Name] = c.Version
	}
	modules, err := exec.Command("go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(modules)) {
		if f := strings.Fields(line); len(f) >= 3 && f[0] == "dep" {
			found++
			if listed[f[1]] != f[2] {
				t.Errorf("%s %s is built in and listed as %q", f[1], f[2], listed[f[1]])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d modules were read out of the program", found)
	}
	for _, name := range []string{"std", "htmx.org", "@github/hotkey", "lucide-static", "@fontsource-variable/inter"} {
		if listed[name] == "" {
			t.Errorf("%s is not listed", name)
		}
	}
}
