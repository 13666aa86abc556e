package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// verdict is what a test said: the words of go test.
type verdict string

const (
	passed  verdict = "pass"
	failed  verdict = "fail"
	skipped verdict = "skip"
)

// suite is the tests that one package is asked for.
type suite struct {
	dir   string // from the module's root
	tests []string
}

// packages are the suites of all rows, each test once, in the order of the rows.
func packages(rows []row) (all []suite) {
	for _, r := range rows {
		for _, name := range r.names() {
			dir, test := split(name)
			at := slices.IndexFunc(all, func(s suite) bool { return s.dir == dir })
			if at < 0 {
				at, all = len(all), append(all, suite{dir: dir})
			}
			if !slices.Contains(all[at].tests, test) {
				all[at].tests = append(all[at].tests, test)
			}
		}
	}
	return all
}

// split tells the folder and the test of a name such as ticket.TestX or web/e2e.TestX: what is not below web, cmd, static or templates is below internal.
func split(name string) (dir, test string) {
	pkg, test, _ := strings.Cut(name, ".")
	first, _, _ := strings.Cut(pkg, "/")
	if !slices.Contains([]string{"web", "cmd", "static", "templates", "internal"}, first) {
		pkg = "internal/" + pkg
	}
	return pkg, test
}

// run asks one package for its tests and notes what each said, under folder.Test. A test that says nothing, because its package does not
// build for instance, is missing from the notes.
func run(s suite, said map[string]verdict) error {
	cmd := exec.Command("go", "test", "-json", "-count=1", "-timeout=20m", "-run", "^("+strings.Join(s.tests, "|")+")$", "./"+s.dir)
	cmd.Env = append(os.Environ(), "FRONTDESK_EVIDENCE=1") // tests that guess try more
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return err
	}
	return note(s.dir, out, said)
}

// note reads the events of go test (cmd/test2json); of a test that failed it prints what it said.
func note(dir string, events []byte, said map[string]verdict) error {
	in, words := json.NewDecoder(bytes.NewReader(events)), map[string]string{}
	for in.More() {
		var e struct{ Action, Test, Output string }
		if err := in.Decode(&e); err != nil {
			return fmt.Errorf("read an event: %w", err)
		}
		top, _, _ := strings.Cut(e.Test, "/")
		words[top] += e.Output
		switch v := verdict(e.Action); {
		case e.Test == "" || strings.Contains(e.Test, "/"):
		case v == passed || v == failed || v == skipped:
			said[dir+"."+e.Test] = v
			fmt.Println(v, dir+"."+e.Test)
			if v == failed {
				fmt.Print(words[top])
			}
		}
	}
	return nil
}
