// Command evidence runs the tests that show the rows of RELIABILITY (sections 4, 5 and 7), and no others, and writes docs/security.md: what
// is asked, how it is met, which tests show it, and what they said in this run. It ends with 1 when a row does not hold.
//
// It runs in the module's root: make evidence.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", "docs/security.md", "the page to write")
	flag.Parse()
	began, tested := time.Now(), commit()
	said := map[string]verdict{}
	for _, p := range packages(rows) {
		if err := run(p, said); err != nil {
			log.Fatalf("run the tests of %s: %v", p.dir, err)
		}
	}
	p := page{rows: rows, said: said, at: began.UTC(), took: time.Since(began), commit: tested}
	if err := os.WriteFile(*out, []byte(p.text()), 0o644); err != nil { //nolint:gosec // a page for everybody
		log.Fatal(err)
	}
	if bad := p.broken(); len(bad) > 0 {
		log.Fatalf("do not hold: %s", strings.Join(bad, ", "))
	}
	fmt.Printf("%s: %s\n", *out, p.counts())
}

// commit names what was tested: the commit, and whether files differ from it.
func commit() string {
	name, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "an unknown commit"
	}
	changed, err := exec.Command("git", "status", "--porcelain", "--", ".", ":!docs/security.md").Output()
	if err != nil || len(changed) > 0 {
		return "commit " + strings.TrimSpace(string(name)) + " with changes"
	}
	return "commit " + strings.TrimSpace(string(name))
}
