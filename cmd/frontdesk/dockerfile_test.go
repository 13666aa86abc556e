package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"frontdesk/internal/config"
)

// No engine builds the image where the tests run, so what can be known without one is held here.
func TestDockerfileFitsTheProject(t *testing.T) {
	t.Parallel()
	lines := read(t, "../../Dockerfile")
	first := func(pattern, in string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(in)
		if m == nil {
			t.Fatalf("no line like %s", pattern)
		}
		return m[1]
	}
	if image, module := first(`(?m)^FROM golang:(\d+\.\d+)`, lines), first(`(?m)^go (\d+\.\d+)`, read(t, "../../go.mod")); image != module {
		t.Errorf("the image builds with Go %s, go.mod wants %s", image, module)
	}
	flags := `(CGO_ENABLED=0 \S+ build -trimpath -ldflags) `
	if got, want := first(flags, lines), first(flags, read(t, "../../Makefile")); got != strings.Replace(want, "$(GO)", "go", 1) {
		t.Errorf("the image builds with %q, make with %q", got, want)
	}
	if user := first(`(?m)^USER (\d+):\d+$`, lines); user == "0" || !strings.Contains(lines, "chown -R "+user) {
		t.Errorf("user %s is root or does not own its directories", user)
	}
	if entry, built := first(`(?m)^ENTRYPOINT \["(.+)"\]$`, lines), first(`-o /root-of-image(\S+)`, lines); entry != built {
		t.Errorf("the image starts %s, built is %s", entry, built)
	}
	environ := append(strings.Fields(first(`(?m)^ENV (.+)$`, lines)), "FRONTDESK_BASE_URL=https://desk.example.com")
	if _, err := config.Read(environ); err != nil {
		t.Errorf("the image's environment with an https address: %v", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
